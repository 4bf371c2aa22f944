"""All tables of a release as CSV, for programs that read nothing else; in a folder of their own, never below the root
that MinT's reader opens, because it takes every .csv it finds for metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from mint.publish.tables import fact

# Separates the texts of a list within a cell.
SEPARATOR = ";"


def write_sheets(folder: Path, tables: Mapping[str, pa.Table], dataset: Path, data_paths: list[str]) -> None:
    """`<table>.csv` and `<data_path>/<table>.csv`, and `columns.csv` with the unit and meaning of every column.

    Text is quoted; a cell without a value is empty, in tables over time also where a strand is not in the model.
    """
    known: dict[str, pa.Schema] = {}
    for name, table in tables.items():
        known[f"{name}.csv"] = table.schema
        write_sheet(table, folder / f"{name}.csv")
    for data_path in data_paths:
        for path in sorted((dataset / data_path).glob("*.parquet")):
            table = pq.read_table(path)
            known.setdefault(f"<data_path>/{path.stem}.csv", table.schema)
            write_sheet(table, folder / data_path / f"{path.stem}.csv")
    rows = [
        {
            "file": file,
            "column": field.name,
            "type": str(field.type),
            "unit": fact(field, "unit"),
            "description": fact(field, "description"),
        }
        for file, schema in known.items()
        for field in schema
    ]
    names = ("file", "column", "type", "unit", "description")
    write_sheet(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in names])), folder / "columns.csv")


def write_sheet(table: pa.Table, path: Path) -> None:
    """Write one table as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.csv.write_csv(pa.table([_plain(column) for column in table.columns], names=table.column_names), path)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as CSV can hold it: lists of texts as one text, no `nan`."""
    if pa.types.is_list(column.type):
        return pc.binary_join(column, SEPARATOR)
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return column
