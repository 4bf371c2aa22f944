"""Rows of scalars as Parquet tables: one type per column, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mint.core.atomic import atomic_path

TEXT_COLUMNS = ("sequence_id", "status", "reason", "flags", "warnings", "remedy", "detail")


def tidy(rows: list[dict[str, Any]], first: Iterable[str]) -> pd.DataFrame:
    """A table of scalars: `first` columns, then the others by name; lists and mappings become JSON text."""
    columns = list(first)
    columns += sorted({key for row in rows for key in row} - set(columns))
    flat = [{key: _scalar(value) for key, value in row.items()} for row in rows]
    frame = pd.DataFrame(flat, columns=columns)
    for name in columns:
        kinds = {type(value) for value in frame[name] if value is not None and value == value}
        if len(kinds - {int, float}) and len(kinds) > 1:
            # Mixed types cannot share a column.
            frame[name] = [None if value is None else str(value) for value in frame[name]]
        elif not kinds and name not in TEXT_COLUMNS:
            frame[name] = frame[name].astype("float64")
    return frame


def _scalar(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return json.dumps(value, sort_keys=True, default=str) if isinstance(value, list | dict | tuple) else value


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a Parquet table atomically."""
    with atomic_path(path) as temporary:
        frame.to_parquet(temporary, index=False)


def read_table(path: Path) -> pd.DataFrame:
    """A Parquet table, empty where it is missing or damaged: figures and pages about failures must not fail on one."""
    try:
        return pd.read_parquet(path)
    except Exception:
        # Damaged Parquet raises whatever its decoder raises.
        return pd.DataFrame()
