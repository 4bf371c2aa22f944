"""What became of every chunk (`ledger`) and of every solver attempt (`attempts`), with times, memory and remedies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mint.core.chunks import time_s
from mint.core.status import REMEDY, StageStatus, Status
from mint.dataset import doubts
from mint.dataset.frames import tidy, write
from mint.dataset.outcomes import sequence_outcomes

LEDGER_COLUMNS = {
    "sequence_id": "str",
    "chunk": "int32",
    "t_start_s": "float64",
    "t_end_s": "float64",
    "stage": "str",
    "status": "str",
    "reason": "str",
    "remedy": "str",
    "attempt": "int32",
    "iterations": "int32",
    "wall_s": "float64",
    "max_rss_mb": "float64",
    "detail": "str",
    "constraint": "str",
    "coordinate": "str",
    "muscle": "str",
    "part": "str",
    "node": "Int32",
}
ATTEMPT_COLUMNS = ("sequence_id", "chunk", "attempt")
WHOLE_SEQUENCE = -1


@dataclass
class Tables:
    """Rows of the two tables, and why the frame rate of some sequences is doubtful."""

    ledger: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    doubted: dict[str, str] = field(default_factory=dict)


def run(plan: Mapping[str, Any], results_dir: str | Path) -> Tables:
    """Write `ledger.parquet` and `attempts.parquet` into `results_dir`; return their rows.

    Every sequence of the plan is in the ledger: one row per chunk, or one row with chunk -1 where it failed
    as a whole. Never raises for a missing or corrupt result: that is a row. An accepted chunk whose frame rate is
    doubtful (`mint.dataset.doubts`) says so in its detail.
    """
    results = Path(results_dir)
    tables = Tables()
    for name in sorted(plan["sequences"]):
        found = sequence_rows(name, plan["sequences"][name], results)
        tables.ledger += found.ledger
        tables.attempts += found.attempts
    tables.doubted = doubts.doubts(plan["sequences"], tables.ledger)
    for row in tables.ledger:
        if row["status"] == Status.ACCEPTED.value and row["sequence_id"] in tables.doubted:
            row |= {"detail": tables.doubted[row["sequence_id"]], "remedy": doubts.REMEDY}
    write(
        pd.DataFrame(tables.ledger, columns=list(LEDGER_COLUMNS)).astype(LEDGER_COLUMNS),
        results / "ledger.parquet",
    )
    write(tidy(tables.attempts, ATTEMPT_COLUMNS), results / "attempts.parquet")
    return tables


def sequence_rows(name: str, record: Mapping[str, Any], results: Path) -> Tables:
    """All rows of one sequence."""
    outcomes = sequence_outcomes(name, record, results)
    if outcomes.whole is not None:
        return Tables([_whole(name, record, outcomes.whole)])
    tables = Tables()
    for each in outcomes.chunks:
        window = each.window
        tables.ledger.append(_row(name, window.chunk, window.t_start_s, window.t_end_s, each.status))
        tables.attempts += [
            {"attempt": number, **attempt, "sequence_id": name, "chunk": window.chunk}
            for number, attempt in enumerate(each.attempts, start=1)
        ]
    return tables


def _whole(name: str, record: Mapping[str, Any], status: StageStatus) -> dict[str, Any]:
    """The row of a sequence that failed as a whole; one that the plan already refused has no length."""
    last = 0 if record.get("problem") else int(record.get("last_frame", 0))
    return _row(name, WHOLE_SEQUENCE, 0.0, time_s(max(last, 0)), status)


def _row(name: str, chunk: int, start: float, end: float, status: StageStatus) -> dict[str, Any]:
    """A ledger row. Times are those of the chunk's window; the detail says where in it something was, in words, and
    the last columns in fields (`mint.core.finding`)."""
    return {
        "sequence_id": name,
        "chunk": chunk,
        "t_start_s": start,
        "t_end_s": end,
        "stage": status.stage,
        "status": status.status.value,
        "reason": status.reason.value,
        "remedy": status.remedy or REMEDY[status.reason],
        "attempt": status.attempt,
        "iterations": status.iterations,
        "wall_s": status.wall_s,
        "max_rss_mb": status.max_rss_mb,
        "detail": status.detail,
        "constraint": status.finding.constraint,
        "coordinate": status.finding.coordinate,
        "muscle": status.finding.muscle,
        "part": status.finding.part,
        "node": status.finding.node,
    }
