"""From the muscles of a model to MinT's 402 columns, and what has no column there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mint.core.tables import mint_columns, table
from mint.trunk.table import TABLES

Float = NDArray[np.float64]
Region = Literal["lower_limb", "trunk"]
# Columns of resources/muscles_402.csv that hold the muscle names of a model.
MODEL_COLUMNS = ("pose2sim_model", "allaire_full_body_model")
_COLUMN_OF_TABLE = dict(zip(TABLES, MODEL_COLUMNS, strict=True))


@dataclass(frozen=True)
class Strands:
    """`values (n, 402)` in MinT's order (NaN where absent), `present` columns, and what has no column."""

    values: Float
    present: list[str]
    extra_muscles: list[str]
    extra_values: Float


@cache
def mint_name_of(region: Region) -> dict[str, str]:
    """Model muscle name -> MinT column of one region, for all known models together."""
    rows = table("muscles_402")
    rows = rows[rows["region"] == region]
    out: dict[str, str] = {}
    for column in MODEL_COLUMNS:
        named = rows[rows[column].notna()]
        out.update(zip(named[column].astype(str), named["mint_column"].astype(str), strict=True))
    return out


def missing_strands(muscles: Collection[str], coordinate_table: str) -> list[str]:
    """Trunk columns of MinT whose muscle the model of a coordinate table has, and this one lacks."""
    rows = table("muscles_402")
    expected = rows[(rows["region"] == "trunk") & rows[_COLUMN_OF_TABLE[coordinate_table]].notna()]
    return [
        str(column)
        for column, name in zip(expected["mint_column"], expected[_COLUMN_OF_TABLE[coordinate_table]], strict=True)
        if name not in muscles
    ]


def strand_names(muscles: Sequence[str], region: Region) -> dict[str, str]:
    """Those of `muscles` (model names, any model) that MinT has in `region` -> MinT column.

    A strand that differs from the model's name only by `-` and `_` counts as the same.
    """
    known = mint_name_of(region)
    return {name: known[name] for name in muscles if name in known}


def to_mint(muscles: Sequence[str], values: Float, region: Region) -> Strands:
    """Put `values (n, m)` of model `muscles (m,)` into MinT's 402 columns of a region.

    Muscles of the model that MinT does not name go to `extra_muscles`, `extra_values (n, k)`. Raises
    ValueError when two muscles claim one column.
    """
    names = strand_names(muscles, region)
    columns = {name: i for i, name in enumerate(mint_columns())}
    targets = list(names.values())
    if len(set(targets)) != len(targets):
        twice = sorted({t for t in targets if targets.count(t) > 1})
        raise ValueError(f"two muscles of one model are {', '.join(twice)}")
    out = np.full((len(values), len(columns)), np.nan)
    extra = [i for i, name in enumerate(muscles) if name not in names]
    for i, name in enumerate(muscles):
        if name in names:
            out[:, columns[names[name]]] = values[:, i]
    present = [column for column in columns if column in set(targets)]
    return Strands(out, present, [muscles[i] for i in extra], np.asarray(values)[:, extra])
