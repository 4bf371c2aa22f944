"""The table of labels, and the groups of activities that statistics use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from mint.core.tables import table
from mint.dataset.babel import Babel
from mint.dataset.babel_join import Joined
from mint.dataset.babel_record import FRAME, SEQUENCE
from mint.dataset.schema import Column, TableSchema

OTHER = "other"

LABELS = TableSchema(
    "labels",
    "a label of BABEL on a sequence that has data",
    (
        Column("data_path", "text", "1", "folder of the sequence's files below the dataset"),
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column("babel_sid", "int", "1", "sequence number in BABEL", low=0),
        Column("split", "text", "1", "split in BABEL: train, val or test"),
        Column(
            "level",
            "text",
            "1",
            "whether the label is of the whole sequence or of an interval of frames",
            allowed=(SEQUENCE, FRAME),
        ),
        Column(
            "annotation",
            "int",
            "1",
            "annotator of the sequence on this level, from 0; those above 0 label it again",
            low=0,
        ),
        Column("position", "int", "1", "place among the annotator's labels, from 0", low=0),
        Column("t_start_s", "float", "s", "start, from the motion file's first frame; 0 for the whole sequence", low=0),
        Column("t_end_s", "float", "s", "end; BABEL's duration for the whole sequence", low=0),
        Column("raw_label", "text", "1", "words of the annotator; null in the test split", nullable=True),
        Column("proc_label", "text", "1", "the same, cleaned by BABEL; null in the test split", nullable=True),
        Column("seg_id", "text", "1", "BABEL's name of the label", nullable=True),
        Column("act_cat", "texts", "1", "BABEL's categories of action; empty in the test split"),
        Column("group", "texts", "1", "groups of these categories (resources/activity_groups.csv)"),
    ),
    ("sequence_id", "level", "annotation", "position"),
)


@cache
def _groups() -> dict[str, str]:
    rows = table("activity_groups")
    return {_spelled(str(a)): str(b) for a, b in zip(rows["act_cat"], rows["group"], strict=True)}


def _spelled(category: str) -> str:
    return re.sub(r"\s*/\s*", "/", " ".join(category.casefold().split()))


def groups(categories: Iterable[str]) -> list[str]:
    """Sorted groups of BABEL's categories of action; of one that is in no group: other."""
    return sorted({_groups().get(_spelled(category), OTHER) for category in categories})


def activities(joined: Joined) -> list[str]:
    """Sorted groups of all labels of a sequence."""
    return groups(category for label in joined.labels for category in label.act_cat)


def label_rows(joined: Mapping[str, Joined], data_paths: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of LABELS for the sequences of `data_paths` (sequence id -> data path), sorted by data path, level, time."""
    rows = [
        {
            "data_path": data_path,
            "sequence_id": name,
            "babel_sid": joined[name].babel_sid,
            "split": joined[name].split,
            **vars(label),
            "act_cat": list(label.act_cat),
            "group": groups(label.act_cat),
        }
        for name, data_path in data_paths.items()
        for label in joined[name].labels
    ]
    return sorted(
        rows,
        key=lambda row: (
            row["data_path"],
            row["level"] != SEQUENCE,
            row["annotation"],
            row["t_start_s"],
            row["position"],
        ),
    )


def summary(babel: Babel, joined: Mapping[str, Joined], limit: int = 20) -> list[str]:
    """Lines for the log: what was read, how many sequences were found and how, the first warnings of either kind."""
    if not babel.files:
        return ["BABEL: no label files (babel.folder), hence no labels and no splits"]
    found = Counter(each.found_by for each in joined.values() if each.found_by)
    splits = Counter(each.split for each in joined.values() if each.split)
    lines = [
        f"BABEL: {len(babel.entries)} sequences in {', '.join(babel.files)}",
        f"BABEL: {found.total()} of {len(joined)} sequences found ({_counts(found)}; {_counts(splits)})",
    ]
    odd = [f"{name}: {warning}" for name, each in joined.items() for warning in each.warnings]
    for kind, warnings in (("label files", babel.warnings), ("sequences", odd)):
        lines += [f"BABEL, {kind}: {warning}" for warning in warnings[:limit]]
        if len(warnings) > limit:
            lines.append(f"BABEL, {kind}: {len(warnings) - limit} warnings more")
    return lines


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "none"
