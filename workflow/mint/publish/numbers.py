"""What the data card counts: coverage, what was lost and why, quality, splits. Everything from the release's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from mint.core.chunks import FRAME_RATE_HZ
from mint.publish.markdown import grid, number
from mint.publish.tables import fact, record, unit_of

Tables = Mapping[str, pa.Table]
# Where a chunk is says nothing about how good it is.
_PLACES = ("t_start_s", "t_stop_s")
_SIDES = {"above": "above {0}", "below": "below -{0}", "beyond": "above {0} or below -{0}"}


def duration(seconds: float) -> str:
    """A duration as a person reads it: in hours, below one in minutes, below one in seconds."""
    if seconds >= 3600:
        return f"{number(seconds / 3600)} h"
    return f"{number(seconds / 60)} min" if seconds >= 60 else f"{number(seconds)} s"


def totals(tables: Tables) -> dict[str, str]:
    """The release in a few numbers."""
    sequences, ledger = tables["sequences"].to_pandas(), tables["ledger"].to_pandas()
    subjects = sequences[["dataset", "subject"]].drop_duplicates()
    chunks = ledger[ledger["chunk"] >= 0]
    accepted = int((chunks["status"] == "accepted").sum())
    planned = ledger["sequence_id"].nunique()
    return {
        "sequences": f"{len(sequences)} of {planned} planned",
        "subjects": str(len(subjects)),
        "analysed": duration(float(sequences["analysed_s"].sum())),
        "of motion that lasts": duration(float(sequences["duration_s"].sum())),
        "chunks accepted": f"{accepted} of {len(chunks)}",
        "sequences with a gap between values": str(int(sequences["gap"].sum())),
    }


def by_dataset(tables: Tables) -> list[str]:
    """Sequences, subjects and duration of every sub-dataset."""
    rows = []
    for name, part in tables["sequences"].to_pandas().groupby("dataset", sort=True):
        analysed, whole = float(part["analysed_s"].sum()), float(part["duration_s"].sum())
        share = f"{100 * analysed / whole:.0f} %" if whole else "-"
        rows.append([name, len(part), part["subject"].nunique(), duration(analysed), share])
    return grid(("dataset", "sequences", "subjects", "analysed", "share of their duration"), rows)


def outcomes(tables: Tables) -> list[str]:
    """Chunks, and sequences that failed as a whole, by what became of them."""
    ledger = tables["ledger"].to_pandas()
    count = Counter(zip(ledger["chunk"] < 0, ledger["status"], ledger["reason"], strict=True))
    order = sorted(count.items(), key=lambda each: (each[0][0], -each[1], each[0]))
    rows = [
        ["sequence" if whole else "chunk", status, "" if reason == "none" else reason, found]
        for (whole, status, reason), found in order
    ]
    return grid(("what", "status", "reason", "count"), rows)


def missing(tables: Tables) -> list[str]:
    """Time that sequences with data lack, by reason."""
    intervals = tables["intervals"].to_pandas()
    lost = intervals[~intervals["present"]]
    seconds = (lost["frame_stop"] - lost["frame_start"]).groupby(lost["reasons"]).sum() / FRAME_RATE_HZ
    order = sorted(seconds.items(), key=lambda each: (-each[1], str(each[0])))
    rows = [[reason or "-", duration(float(value))] for reason, value in order]
    return grid(("reasons", "missing"), rows) if rows else ["Nothing is missing."]


def quality(tables: Tables) -> list[str]:
    """Median and 95th percentile over accepted chunks of every measure; nothing where the dataset has no such table."""
    if "quality_chunks" not in tables:
        return []
    table = tables["quality_chunks"]
    frame = table.to_pandas()
    if "status" in frame:
        frame = frame[frame["status"] == "accepted"]
    rows = []
    for field in table.schema:
        if not _measure(field):
            continue
        values = pd.to_numeric(frame[field.name], errors="coerce").dropna()
        if len(values):
            rows.append(
                [
                    f"`{field.name}`",
                    float(values.median()),
                    float(values.quantile(0.95)),
                    fact(field, "unit"),
                    fact(field, "description"),
                ]
            )
    return grid(("measure", "median", "95th percentile", "unit", "meaning"), rows)


def _measure(field: pa.Field) -> bool:
    return pa.types.is_floating(field.type) and field.name not in _PLACES


def faults(tables: Tables) -> list[str]:
    """Chunks by the faults that the quality table names in them; nothing where there is no such column."""
    table = tables.get("quality_chunks")
    if table is None or "faults" not in table.column_names:
        return []
    count: Counter[str] = Counter()
    for found in table["faults"].to_pylist():
        count.update(found if isinstance(found, list) else [name for name in str(found or "").split(",") if name])
    if not count:
        return ["No chunk has a fault."]
    return grid(("fault", "chunks"), sorted(count.items(), key=lambda item: (-item[1], item[0])))


def limits(tables: Tables) -> list[str]:
    """What makes a fault, from the record of the quality table; nothing where it does not say."""
    found = record(tables["quality_chunks"]).get("limits", []) if "quality_chunks" in tables else []
    return (
        grid(
            ("fault", "measure", "at fault where"),
            [
                [each["kind"], f"`{each['measure']}`", _SIDES[each["side"]].format(number(each["value"]))]
                for each in found
            ],
        )
        if found
        else []
    )


def splits(tables: Tables) -> list[str]:
    """Sequences and duration of every split."""
    sequences = tables["sequences"].to_pandas()
    rows = [
        [name or "none", len(part), duration(float(part["analysed_s"].sum()))]
        for name, part in sequences.groupby(sequences["split"].fillna(""), sort=True)
    ]
    return grid(("split", "sequences", "analysed"), rows)


def bodies(tables: Tables) -> list[str]:
    """Median and range of the subjects' measures, and how many of each gender."""
    subjects = tables["sequences"].to_pandas().drop_duplicates(["dataset", "subject"])
    rows: list[list[Any]] = []
    for name, unit in (("height_cm", "cm"), ("weight_kg", "kg")):
        values = pd.to_numeric(subjects[name], errors="coerce").dropna()
        if len(values):
            low, high = number(float(values.min())), number(float(values.max()))
            rows.append([name, f"{number(float(values.median()))} {unit}", f"{low} to {high} {unit}"])
    gender = ", ".join(f"{found} {name}" for name, found in sorted(Counter(subjects["gender"]).items()))
    return [*grid(("measure", "median", "range"), rows), "", f"Gender of the body models: {gender or '-'}."]


def columns(schema: pa.Schema) -> list[str]:
    """Name, type, unit and meaning of the columns of a table."""
    rows = [[f"`{field.name}`", field.type, unit_of(field), fact(field, "description")] for field in schema]
    return grid(("column", "type", "unit", "meaning"), rows)
