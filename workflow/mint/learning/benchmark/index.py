"""The index of examples: what each sequence of the dataset gives to learn from, or why it gives nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mint.core.status import Reason, StageError
from mint.dataset.schema import Column, TableSchema
from mint.learning.files import write_table

EXAMPLES = TableSchema(
    "examples",
    "a sequence of the dataset that is learned from",
    (
        Column("sequence_id", "text", "1", "name of the sequence, and of its file below examples/"),
        Column("data_path", "text", "1", "folder of its files below the dataset"),
        Column("dataset", "text", "1", "AMASS sub-dataset or lab"),
        Column("person", "text", "1", "who moves: dataset and subject"),
        Column("split", "text", "1", "where it is used", allowed=("train", "val", "test", "out", "")),
        Column(
            "split_by",
            "text",
            "1",
            "what is apart in the splits: babel, humanml3d, people, motions",
            allowed=("babel", "humanml3d", "people", "motions", ""),
        ),
        Column("activities", "texts", "1", "groups of activities (resources/activity_groups.csv)"),
        Column("actions", "texts", "1", "categories of BABEL"),
        Column("samples", "int", "1", "samples at 20 frames/s that have features and activations", low=0),
        Column("windows", "int", "1", "windows of 28 samples without a gap that do not overlap", low=0),
        Column("digest", "text", "1", "SHA-256 of its features and activations; empty where it has none"),
        Column("labels_digest", "text", "1", "SHA-256 of the labels of its intervals; empty where it has no features"),
        Column("left_out", "text", "1", "why it is not used; empty if it is"),
    ),
    ("sequence_id",),
)


def write_index(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write the index atomically."""
    write_table(EXAMPLES, rows, path)


def read_index(path: str | Path) -> list[dict[str, Any]]:
    """Rows of the index. Raises StageError."""
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path} is no index of examples: {error}",
            remedy="remove it: rule features makes it again",
        ) from error
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
    return [{**row, "actions": tuple(row["actions"]), "activities": tuple(row["activities"])} for row in rows]
