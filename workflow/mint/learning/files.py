"""Tables and JSON that rules of learning leave, each whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mint.core.atomic import atomic_path, write_text
from mint.dataset import parquet
from mint.dataset.schema import TableSchema

Rows = Iterable[Mapping[str, Any]]


def write_table(schema: TableSchema, rows: Rows, path: Path) -> None:
    """Write a table to a file. Raises ValueError for rows that are not of the table."""
    with atomic_path(path) as temporary:
        parquet.write_table(schema.arrow(rows), temporary, "zstd")


def write_tables(tables: Mapping[TableSchema, Rows], folder: Path) -> None:
    """Write `<table>.parquet` of each."""
    for schema, rows in tables.items():
        write_table(schema, rows, folder / f"{schema.name}.parquet")


def write_json(path: Path, value: Any) -> None:
    """Write a value so that equal ones give equal files."""
    write_text(path, json.dumps(value, indent=1, sort_keys=True) + "\n")
