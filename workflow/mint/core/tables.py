"""One table per fact: the files of `resources/`, each read in one place."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

RESOURCES = Path(__file__).resolve().parents[3] / "resources"


@cache
def table(name: str) -> pd.DataFrame:
    """A CSV of `resources/` (path relative to it, without suffix). Lines that start with `#` are comments."""
    return pd.read_csv(RESOURCES / f"{name}.csv", comment="#", skipinitialspace=True)


def mint_columns() -> list[str]:
    """The 402 muscle columns in MinT's order: 80 `LU_`, then 322 `TL_`."""
    return [str(name) for name in table("muscles_402")["mint_column"]]
