"""Which sequences: by what is known of them, and by their quality."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mint.reader.files import listed


def holds(table: pd.DataFrame, question: str, name: str) -> NDArray[np.bool_]:
    """Rows (n,) of a table that meet a question in the words of `pandas.DataFrame.query`; a missing value does not.

    Raises KeyError for a column that is not there, ValueError for a question that is none; both name the table.
    """
    try:
        answer = table.eval(question, engine="python")
    except (NameError, KeyError) as error:
        # pandas names the column within quotes only.
        wanted = next(iter(re.findall("'(.+?)'", str(error))), str(error))
        there = listed([str(column) for column in table.columns], wanted)
        raise KeyError(f"{name} has no column {wanted} (asked: {question}); it has {there}") from None
    except (SyntaxError, TypeError, ValueError) as error:
        raise ValueError(f"{name}: {question!r} is no question that pandas can answer: {error}") from None
    if not isinstance(answer, pd.Series) or not pd.api.types.is_bool_dtype(answer.dtype):
        raise ValueError(f"{name}: {question!r} is no question of yes or no")
    return answer.fillna(False).to_numpy(bool)


def one_of(values: pd.Series, wanted: str | Iterable[str], what: str) -> NDArray[np.bool_]:
    """Rows (n,) whose value is one of those wanted. Raises ValueError for one that no row has."""
    asked = [wanted] if isinstance(wanted, str) else list(wanted)
    several = values.map(lambda value: set(value) if isinstance(value, tuple) else {value})
    there = sorted(set().union(*several)) if len(several) else []
    if unknown := [name for name in asked if name not in there]:
        raise ValueError(f"no sequence has {what} {', '.join(unknown)}; there are {listed(there, unknown[0])}")
    return np.array([not each.isdisjoint(asked) for each in several], dtype=bool)


def named(sequences: pd.DataFrame, wanted: Any) -> list[str]:
    """Ids in the order of `sequences`, its index, of what `wanted` says.

    None: all. A table or an index of ids (what `select` returns), a mask of its length, names or one name: id,
    `data_path`, or `path_id`. Raises KeyError for a name that no sequence has, ValueError for a mask of another length.
    """
    if wanted is None:
        return list(sequences.index)
    if isinstance(wanted, pd.DataFrame):
        wanted = wanted.index
    values = [wanted] if isinstance(wanted, str) else list(wanted)
    if values and all(isinstance(value, bool | np.bool_) for value in values):
        if len(values) != len(sequences):
            raise ValueError(f"a mask of {len(values)} for {len(sequences)} sequences")
        if isinstance(wanted, pd.Series) and set(wanted.index) == set(sequences.index):
            values = list(wanted.reindex(sequences.index))
        return [name for name, chosen in zip(sequences.index, values, strict=True) if chosen]
    chosen = {sequence_id(sequences, str(value)) for value in values}
    return [name for name in sequences.index if name in chosen]


def sequence_id(sequences: pd.DataFrame, name: str) -> str:
    """Id of the sequence that `name` is the id, the `data_path` or the `path_id` of."""
    if name in sequences.index:
        return name
    for column in ("data_path", "path_id"):
        found = sequences.index[(sequences[column] == name).to_numpy(bool)]
        if len(found):
            return str(found[0])
    raise KeyError(f"no sequence {name} in sequences.parquet; there are {listed(list(sequences.index), name)}")
