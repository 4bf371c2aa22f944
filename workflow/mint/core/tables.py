"""One table per fact: the files of `resources/`, each read in one place."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

RESOURCES = Path(__file__).resolve().parents[3] / "resources"


def checkout_files(names: Iterable[str]) -> list[str]:
    """Where files of the checkout lie, by their paths relative to it."""
    return [str(RESOURCES.parent / name) for name in names]


@cache
def table(name: str) -> pd.DataFrame:
    """A CSV of `resources/` (path relative to it, without suffix). Lines that start with `#` are comments."""
    return pd.read_csv(RESOURCES / f"{name}.csv", comment="#", skipinitialspace=True)


@cache
def _beginnings(name: str, column: str) -> tuple[tuple[str, Any], ...]:
    rows = table(name).fillna({"beginning": ""})
    return tuple(zip(rows["beginning"].astype(str), rows[column], strict=True))


def by_beginning(name: str, column: str, text: str) -> Any:
    """Value of a column of table `name` in the first row whose `beginning` the text has; None if there is none."""
    return next((value for beginning, value in _beginnings(name, column) if text.startswith(beginning)), None)


def mint_columns() -> list[str]:
    """The 402 muscle columns in MinT's order: 80 `LU_`, then 322 `TL_`."""
    return [str(name) for name in table("muscles_402")["mint_column"]]


def muscle_subset(name: str) -> pd.DataFrame:
    """Rows `mint_column, label, side` of a muscle subset that papers show. Raises ValueError for an unknown one."""
    rows = table("muscle_subsets")
    found = rows[rows["subset"] == name]
    if not len(found):
        known = ", ".join(sorted(set(rows["subset"])))
        raise ValueError(f"muscle_subset is {name!r}; resources/muscle_subsets.csv has {known}")
    return found
