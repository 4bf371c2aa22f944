"""Tables of the whole run for the page: coverage and ledger by reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Status

STATUSES = (Status.ACCEPTED, Status.DISCARDED, Status.EXCLUDED_CONTACT, Status.FAILED, Status.PENDING)
MAX_BARS = 60


def with_seconds(ledger: pd.DataFrame, quality: pd.DataFrame) -> pd.DataFrame:
    """The ledger with `seconds`: what a chunk keeps, so that sums are coverage; else the row's length."""
    out = ledger.copy()
    out["seconds"] = out["t_end_s"] - out["t_start_s"]
    if len(quality):
        kept = (quality["frame_stop"] - quality["frame_start"]) / FRAME_RATE_HZ
        by_chunk = dict(zip(zip(quality["sequence_id"], quality["chunk"], strict=True), kept, strict=True))
        keys = zip(out["sequence_id"], out["chunk"], strict=True)
        out["seconds"] = [by_chunk.get(key, s) for key, s in zip(keys, out["seconds"], strict=True)]
    return out


def coverage(ledger: pd.DataFrame, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds by status per sequence; per dataset where there are too many sequences for bars."""
    sequences = plan["sequences"]
    names = ledger["sequence_id"]
    by = "sequence"
    if names.nunique() > MAX_BARS:
        by = "dataset"
        names = names.map(lambda name: str(sequences.get(name, {}).get("dataset", "unknown")))
    table = ledger.assign(group=names).pivot_table(index="group", columns="status", values="seconds", aggfunc="sum")
    table = table.reindex(columns=[s.value for s in STATUSES]).fillna(0.0)
    return {
        "by": by,
        "groups": [str(name) for name in table.index],
        "seconds": {str(status): [round(float(x), 2) for x in table[status]] for status in table.columns},
    }


def totals(ledger: pd.DataFrame) -> dict[str, Any]:
    """Counts and seconds by status, and the accepted share of foot-supported chunks."""
    out: dict[str, Any] = {}
    for status in STATUSES:
        rows = ledger[ledger["status"] == status.value]
        out[status.value] = {"chunks": len(rows), "seconds": round(float(rows["seconds"].sum()), 2)}
    solvable = sum(out[s]["chunks"] for s in ("accepted", "discarded", "failed"))
    out["accepted_share"] = out["accepted"]["chunks"] / solvable if solvable else None
    return out


def by_reason(ledger: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows that are not accepted, grouped by status, stage and reason, largest group first."""
    lost = ledger[ledger["status"] != Status.ACCEPTED]
    rows = []
    for (status, stage, reason), group in lost.groupby(["status", "stage", "reason"], sort=False):
        first = group.iloc[0]
        rows.append(
            {
                "status": status,
                "stage": stage,
                "reason": reason,
                "count": len(group),
                "sequences": int(group["sequence_id"].nunique()),
                "seconds": round(float(group["seconds"].sum()), 2),
                "remedy": first["remedy"],
                "example": f"{first['sequence_id']}: {first.get('detail', '')}",
            }
        )
    return sorted(rows, key=lambda row: -row["count"])


def rows_of(ledger: pd.DataFrame, quality: pd.DataFrame, limit: int) -> list[dict[str, Any]]:
    """Rows that are not accepted first, then those with faults, then the others, at most `limit`."""
    marked = {}
    if len(quality):
        keys = zip(quality["sequence_id"], quality["chunk"], strict=True)
        marked = {
            key: ", ".join(kind.replace("_", " ") for kind in kinds)
            for key, kinds in zip(keys, quality["faults"], strict=True)
        }
    ordered = ledger.assign(good=ledger["status"] == Status.ACCEPTED)
    ordered["faults"] = [marked.get(key, "") for key in zip(ledger["sequence_id"], ledger["chunk"], strict=True)]
    ordered = ordered.assign(clean=ordered["faults"] == "").sort_values(["good", "clean", "sequence_id", "chunk"])
    columns = [
        "sequence_id",
        "chunk",
        "t_start_s",
        "t_end_s",
        "stage",
        "status",
        "reason",
        "faults",
        "detail",
        "remedy",
        "attempt",
        "iterations",
        "wall_s",
        "max_rss_mb",
    ]
    return _plain(ordered.reindex(columns=columns).head(limit))


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for record in frame.to_dict("records"):
        rows.append({str(k): None if isinstance(v, float) and not np.isfinite(v) else v for k, v in record.items()})
    return rows
