"""Quality for the page: faults by kind, measures of every chunk with their limits, and a row for every sequence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Status
from mint.dataset.parquet import read_record
from mint.dataset.quality_limits import KINDS, WITHOUT_LIMIT, Limit
from mint.dataset.quality_schema import CHUNKS, MEASURES, RUN_COLUMNS
from mint.report.quantise import packed

_COLUMNS = {column.name: column for column in CHUNKS.columns}
# Numbers of a chunk that can be drawn; frames and shares of a name are told beside them.
_DRAWN = [column.name for column in MEASURES if column.kind == "float"] + [
    "iterations",
    "attempts",
    *(name for name in RUN_COLUMNS if name != "warnings"),
]


def read_limits(path: Path) -> list[Limit]:
    """The limits that the table was judged by; none where it is missing or damaged."""
    try:
        return [Limit(**each) for each in read_record(path)["limits"]]
    except (OSError, KeyError, TypeError, ValueError, json.JSONDecodeError):
        return []


def fault_rows(quality: pd.DataFrame, limits: list[Limit]) -> list[dict[str, Any]]:
    """Kinds of faults, most frequent first, with chunks, seconds, limits, their meaning and the worst example."""
    if not len(quality):
        return []
    rows = []
    for kind in KINDS:
        mine = [limit for limit in limits if limit.kind == kind]
        if kind not in WITHOUT_LIMIT and not mine:
            continue
        decides, meaning = WITHOUT_LIMIT.get(kind, ("", ""))
        found = quality[[kind in kinds for kinds in quality["faults"]]]
        rows.append(
            {
                "kind": kind,
                "chunks": len(found),
                "accepted": int((found["status"] == Status.ACCEPTED.value).sum()),
                "seconds": round(float((found["frame_stop"] - found["frame_start"]).sum()) / FRAME_RATE_HZ, 2),
                "limits": [_limit_words(limit) for limit in mine] or [decides],
                "meanings": [_meaning(limit) for limit in mine] or [meaning],
                "example": _example(found, mine),
            }
        )
    return sorted(rows, key=lambda row: -row["chunks"])


def quality_payload(quality: pd.DataFrame, limits: list[Limit]) -> dict[str, Any]:
    """Every measure of every chunk, packed, with unit, meaning and limits; null numbers are missing ones."""
    if not len(quality):
        return {"sequence": [], "chunk": [], "status": [], "faults": [], "measures": {}}
    measures = {}
    for name in _DRAWN:
        if name not in quality or not quality[name].notna().any():
            continue
        column = _COLUMNS[name]
        measures[name] = {
            "values": packed(quality[name].to_numpy(dtype=float, na_value=np.nan)),
            "unit": column.unit,
            "meaning": column.description,
            "limits": [
                {"at": at, "kind": limit.kind} for limit in limits if limit.measure == name for at in _places(limit)
            ],
        }
    return {
        "sequence": [str(x) for x in quality["sequence_id"]],
        "chunk": [int(x) for x in quality["chunk"]],
        "status": [str(x) for x in quality["status"]],
        "faults": list(quality["faults"]),
        "measures": measures,
    }


def sequence_rows(sequences: pd.DataFrame) -> list[dict[str, Any]]:
    """A row of `quality_sequences` for each sequence as the page lists it."""
    rows = []
    for row in sequences.to_dict("records"):
        lost = {status.value: int(row[status.value]) for status in Status if status not in (Status.OK, Status.ACCEPTED)}
        rows.append(
            {
                "sequence": str(row["sequence_id"]),
                "dataset": str(row["dataset"]),
                "subject": str(row["subject"]),
                "seconds": _number(row["duration_s"]),
                "analysed": _number(row["analysed_share"]),
                "faultless": _number(row["faultless_s"]),
                "chunks": int(row["chunks"]),
                "faulty": int(row["faulty"]),
                "lost": ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in lost.items() if count),
                "faults": row["faults"],
                "missing": row["missing_s"],
                "reason": str(row["reason"]),
                "marker": _number(row["marker_rms_mm_median"]),
                "tracking": _number(row["tracking_rms_deg_worst"]),
            }
        )
    return rows


def _places(limit: Limit) -> list[float]:
    return {"above": [limit.value], "below": [-limit.value], "beyond": [limit.value, -limit.value]}[limit.side]


def _limit_words(limit: Limit) -> str:
    column = _COLUMNS[limit.measure]
    unit = "" if column.unit == "1" else f" {column.unit}"
    sign = "-" if limit.side == "below" else "\N{PLUS-MINUS SIGN}" if limit.side == "beyond" else ""
    where = {"above": "above", "below": "below", "beyond": "outside"}[limit.side]
    return f"{limit.measure} {where} {sign}{limit.value:g}{unit}"


def _meaning(limit: Limit) -> str:
    return f"{limit.measure}: {_COLUMNS[limit.measure].description}. Limit: {limit.meaning}"


def _example(found: pd.DataFrame, limits: list[Limit]) -> str:
    """The chunk that is farthest beyond a limit, relative to it, with its number; else the first with its reason."""
    worst, words = 0.0, ""
    for limit in limits:
        values = found[limit.measure].to_numpy(dtype=float, na_value=np.nan)
        excess = np.where([np.isfinite(value) and limit.broken(value) for value in values], np.abs(values), 0.0)
        if len(excess) and excess.max() / limit.value > worst:
            at = int(np.argmax(excess))
            worst = float(excess[at]) / limit.value
            unit = "" if _COLUMNS[limit.measure].unit == "1" else f" {_COLUMNS[limit.measure].unit}"
            words = f"{found['sequence_id'].iloc[at]} {found['chunk'].iloc[at]}: {values[at]:.3g}{unit}"
    if not words and len(found):
        first = found.iloc[0]
        words = f"{first['sequence_id']} {first['chunk']}: {str(first['reason']).replace('_', ' ')}"
    return words


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(f"{float(value):.4g}")
