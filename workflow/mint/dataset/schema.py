"""Tables of the dataset: every column with type, unit, meaning and limits; checked by pandera, written by pyarrow."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa

from mint.dataset.frames import read_table
from mint.dataset.parquet import METADATA_KEY, write_table

Kind = Literal["text", "texts", "int", "float", "bool"]
_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "int": pa.int32(),
    "float": pa.float64(),
    "bool": pa.bool_(),
}
# Nullable types of pandas, so that an integer that is not known does not become a float.
_PANDAS: dict[str, Any] = {"text": "string", "texts": object, "int": "Int32", "float": "Float64", "bool": "boolean"}


@dataclass(frozen=True)
class Column:
    """A column: `unit` as text ("1" for shares and names), limits inclusive, `allowed` values of a text."""

    name: str
    kind: Kind
    unit: str
    description: str
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()

    def check(self) -> pandera.Column:
        """What pandera asks of the column."""
        checks = []
        if self.low is not None:
            checks.append(pandera.Check.ge(self.low))
        if self.high is not None:
            checks.append(pandera.Check.le(self.high))
        if self.allowed:
            checks.append(pandera.Check.isin(self.allowed))
        return pandera.Column(None if self.kind == "texts" else _PANDAS[self.kind], checks, nullable=self.nullable)


@dataclass(frozen=True)
class TableSchema:
    """A table: its name (the file's stem), what a row is, its columns and the columns that no two rows share."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Names of the columns in order."""
        return [column.name for column in self.columns]

    def frame(self, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
        """Rows as a checked table; a key that a row lacks is null, one that is no column is an error.

        Raises ValueError naming table, column, check and row.
        """
        rows = list(rows)
        unknown = sorted({key for row in rows for key in row} - set(self.names))
        if unknown:
            raise ValueError(f"table {self.name}: no such columns: {', '.join(unknown)}")
        data = {c.name: pd.Series([row.get(c.name) for row in rows], dtype=_PANDAS[c.kind]) for c in self.columns}
        frame = pd.DataFrame(data, columns=self.names)
        schema = pandera.DataFrameSchema(
            {c.name: c.check() for c in self.columns},
            strict=True,
            ordered=True,
            unique=list(self.key) or None,
            name=self.name,
        )
        try:
            return pd.DataFrame(schema.validate(frame, lazy=True))
        except pandera.errors.SchemaErrors as error:
            lines = [
                f"column {case['column']}, row {case['index']}: {case['failure_case']!r} fails {case['check']}"
                for case in error.failure_cases.head(5).to_dict("records")
            ]
            raise ValueError(f"table {self.name}: " + "; ".join(lines)) from None

    def arrow(self, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
        """Checked rows as an Arrow table; units and meanings are metadata of its fields."""
        fields = [
            pa.field(c.name, _ARROW[c.kind], c.nullable, {"unit": c.unit, "description": c.description})
            for c in self.columns
        ]
        record = json.dumps({"table": self.name, "row": self.row, "key": list(self.key)}, sort_keys=True)
        schema = pa.schema(fields, {METADATA_KEY: record.encode()})
        return pa.Table.from_pandas(self.frame(rows), schema=schema, preserve_index=False).replace_schema_metadata(
            schema.metadata
        )

    def write(self, rows: Iterable[Mapping[str, Any]], folder: Path, compression: str = "zstd") -> None:
        """Write `<folder>/<name>.parquet`."""
        write_table(self.arrow(rows), folder / f"{self.name}.parquet", compression)

    def read(self, folder: Path) -> pd.DataFrame:
        """The table of a folder, empty where it is missing, damaged, or of another version, which lacks a column.

        Lists are Python lists of text.
        """
        table = read_table(folder / f"{self.name}.parquet")
        if not set(self.names) <= set(table.columns):
            return pd.DataFrame()
        for column in self.columns:
            if column.kind == "texts":
                table[column.name] = [[str(text) for text in each] for each in table[column.name]]
        return table
