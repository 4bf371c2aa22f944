"""Tables of a release: those of the dataset and the ledger, without what another run of the same would change."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from mint.core.status import REMEDY, Reason
from mint.dataset.parquet import METADATA_KEY
from mint.dataset.quality_schema import RUN_COLUMNS
from mint.dataset.schema import Column, TableSchema

LEDGER = TableSchema(
    "ledger",
    "what became of a chunk, or of a sequence as a whole (chunk -1)",
    (
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column("chunk", "int", "1", "number of the chunk; -1: the sequence as a whole", low=-1),
        Column("t_start_s", "float", "s", "start of the window, buffers of 0.14 s included", low=0),
        Column("t_end_s", "float", "s", "end of the window", low=0),
        Column("stage", "text", "1", "stage that decided"),
        Column(
            "status",
            "text",
            "1",
            "accepted: in the dataset; discarded: solved, but not good enough; "
            "excluded_contact: not carried by feet on one level floor; failed; pending: not computed",
            allowed=("accepted", "discarded", "excluded_contact", "failed", "pending"),
        ),
        Column("reason", "text", "1", "why"),
        Column("remedy", "text", "1", "what a person can do about it"),
        Column("iterations", "int", "1", "iterations of the trajectory's solver", low=0),
    ),
    ("sequence_id", "chunk"),
)
# A path that starts at the root of a file system names somebody's machine.
_PATH = re.compile(r"(^|[\s'\"(=])/\w")
_NEEDED = ("sequences", "intervals")


def release_tables(dataset: Path, ledger: Path, is_private: Callable[[str], bool]) -> dict[str, pa.Table]:
    """Every table of the release by name: the dataset's without columns about a run, and `ledger`.

    `is_private` says of a dataset's name whether its labels stay out. Raises ValueError if the dataset lacks a table
    that a release needs.
    """
    tables = {path.stem: pq.read_table(path) for path in sorted(dataset.glob("*.parquet"))}
    for name in _NEEDED:
        if name not in tables:
            raise ValueError(f"{dataset / name}.parquet is missing: make the dataset first")
    if "labels" in tables:
        private = private_sequences(tables["sequences"], is_private)
        tables["sequences"] = _without_activities(tables["sequences"], private)
        keep = pc.invert(pc.is_in(tables["labels"]["sequence_id"], pa.array(sorted(private), pa.string())))
        tables["labels"] = tables["labels"].filter(keep)
    tables = {
        name: table.drop_columns([c for c in table.column_names if c in RUN_COLUMNS]) for name, table in tables.items()
    }
    return tables | {LEDGER.name: LEDGER.arrow(_ledger_rows(pd.read_parquet(ledger)))}


def private_sequences(sequences: pa.Table, is_private: Callable[[str], bool]) -> set[str]:
    """Sequences whose labels stay out."""
    names, datasets = sequences["sequence_id"].to_pylist(), sequences["dataset"].to_pylist()
    private = {dataset for dataset in set(datasets) if is_private(dataset)}
    return {name for name, dataset in zip(names, datasets, strict=True) if dataset in private}


def record(table: pa.Table) -> dict[str, Any]:
    """What a table says about itself; empty if it does not."""
    return dict(json.loads((table.schema.metadata or {}).get(METADATA_KEY, b"{}")))


def meaning(table: pa.Table) -> str:
    """What a row of a table is; empty if it does not say."""
    return str(record(table).get("row", ""))


def fact(field: pa.Field, key: str) -> str:
    """Unit or description of a column; empty if it has none."""
    return (field.metadata or {}).get(key.encode(), b"").decode()


def unit_of(field: pa.Field) -> str:
    """Unit of a column; empty for texts, truth values and whole numbers that only count or name."""
    unit = fact(field, "unit")
    return unit if unit != "1" or pa.types.is_floating(field.type) else ""


def _without_activities(sequences: pa.Table, private: set[str]) -> pa.Table:
    if "activities" not in sequences.column_names:
        return sequences
    names, found = sequences["sequence_id"].to_pylist(), sequences["activities"].to_pylist()
    place = sequences.column_names.index("activities")
    kept = [[] if name in private else value for name, value in zip(names, found, strict=True)]
    field = sequences.schema.field(place)
    return sequences.set_column(place, field, pa.array(kept, field.type))


def _ledger_rows(ledger: pd.DataFrame) -> list[dict[str, Any]]:
    rows = ledger[[name for name in LEDGER.names if name in ledger]].to_dict("records")
    for row in rows:
        if _PATH.search(row["remedy"]):
            row["remedy"] = REMEDY[Reason(row["reason"])]
    return [{str(key): value for key, value in row.items()} for row in rows]
