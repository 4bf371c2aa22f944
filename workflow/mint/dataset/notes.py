"""Table of facts about motions that are no doubts: what was found out about a file and how it was then read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mint.dataset.schema import Column, TableSchema

STAGE = "validate"  # the one stage that tells facts

NOTES = TableSchema(
    "notes",
    "a fact about the motion of a planned sequence that is no doubt",
    (
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column("stage", "text", "1", "stage that tells it"),
        Column("text", "text", "1", "what was found and what was done about it, such as another axis that is up"),
    ),
    ("sequence_id", "stage", "text"),
)


def note_rows(name: str, notes: Iterable[str]) -> list[dict[str, Any]]:
    """Rows of a sequence."""
    return [{"sequence_id": name, "stage": STAGE, "text": text} for text in dict.fromkeys(notes)]
