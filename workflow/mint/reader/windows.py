"""Windows of a dataset: one of them, and all that a question gives as a sequence with random access."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mint.reader.sampling import Floats

if TYPE_CHECKING:
    from mint.reader.reader import MintReader

Columns = Sequence[str] | Mapping[str, Sequence[str] | None] | None


@dataclass(frozen=True, eq=False)
class DataWindow:
    """A window of one sequence: n samples of some tables.

    `times (n,)` s from the start of the motion file; `arrays` table -> (n, c) float32, `columns` table -> the c names;
    `present (n,)` is False for samples that a gap has made NaN (never with `min_coverage` 1); `split` and `activities`
    are those of the sequence.
    """

    sequence_id: str
    data_path: str
    start_s: float
    times: NDArray[np.float64]
    arrays: dict[str, Floats]
    columns: dict[str, tuple[str, ...]]
    present: NDArray[np.bool_]
    split: str
    activities: tuple[str, ...]


class Windows(Sequence[DataWindow]):
    """The windows that `MintReader.windows` found, in the order of `rows`, each read when it is asked for.

    `rows` has a row per window (see `MintReader.window_index`). A torch `DataLoader` takes the object as it is, as a
    dataset of the style of maps, with a `collate_fn` or a transform that picks the arrays.
    """

    def __init__(
        self,
        reader: MintReader,
        rows: pd.DataFrame,
        tables: str | Sequence[str],
        columns: Columns,
        chunk_quality: str | None,
    ) -> None:
        self.reader, self.rows = reader, rows
        self._ask = (tables_of(tables), columns, chunk_quality)
        self._names, self._starts = list(rows["sequence_id"]), rows["start_frame"].to_numpy()
        # The same for all rows.
        self._samples, self._rate, self._antialias = (
            (int(rows["samples"].iloc[0]), float(rows["rate_hz"].iloc[0]), bool(rows["antialias"].iloc[0]))
            if len(rows)
            else (0, 0.0, False)
        )

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, at: int) -> DataWindow: ...

    @overload
    def __getitem__(self, at: slice) -> Windows: ...

    def __getitem__(self, at: int | slice) -> DataWindow | Windows:
        if isinstance(at, slice):
            return Windows(self.reader, self.rows.iloc[at], *self._ask)
        return self.reader.window_at(
            self._names[at], int(self._starts[at]), self._samples, self._rate, self._antialias, *self._ask
        )

    def __iter__(self) -> Iterator[DataWindow]:
        return (self[i] for i in range(len(self)))


def tables_of(tables: str | Sequence[str]) -> tuple[str, ...]:
    """Names of tables; one may be given as it is."""
    return (tables,) if isinstance(tables, str) else tuple(tables)


def columns_of(table: str, tables: Sequence[str], columns: Columns) -> tuple[str, ...] | None:
    """Columns asked for of one table, None for all. Raises ValueError where it is not said of which table they are."""
    if columns is None:
        return None
    if isinstance(columns, str):
        raise ValueError(f"columns is the text {columns!r}: give a list of names")
    if isinstance(columns, Mapping):
        if unknown := sorted(set(columns) - set(tables)):
            raise ValueError(f"columns names {', '.join(unknown)}, but tables has {', '.join(tables)}")
        chosen = columns.get(table)
        return None if chosen is None else tuple(chosen)
    if len(tables) > 1:
        raise ValueError(f"columns of which of {', '.join(tables)}? Give a mapping of tables to lists of columns")
    return tuple(columns)
