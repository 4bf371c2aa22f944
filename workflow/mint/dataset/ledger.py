"""What became of every chunk (`ledger`), every solver attempt (`attempts`), how good it is (`quality`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mint.config.merge import MergeConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window, time_s
from mint.core.status import REMEDY, Reason, StageError, StageStatus, Status
from mint.dataset.frames import tidy, write
from mint.sequence.metrics import chunk_metrics
from mint.sequence.outcome import STAGES, read_bundle, read_chunk

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
}
ATTEMPT_COLUMNS = ("sequence_id", "chunk", "attempt")
WHOLE_SEQUENCE = -1


@dataclass
class Tables:
    """Rows of the three tables."""

    ledger: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    quality: list[dict[str, Any]] = field(default_factory=list)

    def extend(self, other: Tables) -> None:
        """Append another's rows."""
        self.ledger += other.ledger
        self.attempts += other.attempts
        self.quality += other.quality


def run(plan: Mapping[str, Any], results_dir: str | Path) -> Tables:
    """Write `ledger.parquet`, `attempts.parquet`, `quality.parquet` into `results_dir`; return their rows.

    Every sequence of the plan is in the ledger: one row per chunk, or one row with chunk -1 where it failed
    as a whole. Never raises for a missing or corrupt result: that is a row.
    """
    results = Path(results_dir)
    tables = Tables()
    for name in sorted(plan["sequences"]):
        rows = Tables()
        try:
            add_sequence(rows, name, plan["sequences"][name], results)
        except Exception as error:
            # A result that reads as a bundle and still is not what its stage writes.
            detail = f"results of {name}: {type(error).__name__}: {error}"
            damaged = StageError(
                Reason.FILE_CORRUPT, detail, remedy="delete the sequence's results and run again"
            )
            rows = Tables([_whole(name, plan["sequences"][name], damaged.as_status("merge"))])
        tables.extend(rows)
    write(
        pd.DataFrame(tables.ledger, columns=list(LEDGER_COLUMNS)).astype(LEDGER_COLUMNS),
        results / "ledger.parquet",
    )
    write(tidy(tables.attempts, ATTEMPT_COLUMNS), results / "attempts.parquet")
    write(tidy(tables.quality, QUALITY_COLUMNS), results / "quality.parquet")
    return tables


QUALITY_COLUMNS = (
    "sequence_id",
    "chunk",
    "frame_start",
    "frame_stop",
    "status",
    "reason",
    "iterations",
    "attempt",
    "wall_s",
    *(f"{stage}_wall_s" for stage in STAGES),
    "flags",
    "warnings",
    "marker_rms_mm",
    "marker_max_mm",
    "peak_vertical_force_bw",
    "mean_vertical_force_bw",
    "saturation_share",
    "trunk_saturation_share",
    "seam_activation_difference",
    "seam_activation_step_before",
    "seam_activation_step_after",
    "seam_vertical_force_difference_N",
    "seam_vertical_force_step_before_N",
    "seam_vertical_force_step_after_N",
)


def add_sequence(tables: Tables, name: str, record: Mapping[str, Any], results: Path) -> None:
    """Add all rows of one sequence."""
    if record.get("problem"):
        tables.ledger.append(_row(name, WHOLE_SEQUENCE, 0.0, 0.0, _status(record["problem"])))
        return
    folder = results / "sequences" / name
    merged, broken = _read(folder / "sequence.npz")
    if merged is not None and not merged.ok:
        tables.ledger.append(_whole(name, record, merged.status))
        return
    if merged is None:
        upstream = [_read(folder / file)[0] for file in ("validated.npz", "body.npz")]
        failed = next((bundle.status for bundle in upstream if bundle is not None and not bundle.ok), None)
        if failed is not None or not record["windows"]:
            pending = StageStatus(
                "merge", Status.PENDING, Reason.FILE_MISSING, "no sequence.npz yet", "run the workflow again"
            )
            tables.ledger.append(_whole(name, record, failed or broken or pending))
            return
    outcomes = _outcomes(merged, folder, record, broken)
    for outcome in outcomes:
        _add_chunk(tables, name, outcome)


def _outcomes(
    merged: Bundle | None, folder: Path, record: Mapping[str, Any], broken: StageStatus | None
) -> list[Mapping[str, Any]]:
    """Outcomes as merge recorded them, or read from the chunks where it has not run."""
    if merged is not None and isinstance(merged.meta.get("chunks"), list):
        return list(merged.meta["chunks"])
    out: list[Mapping[str, Any]] = []
    for values in record["windows"]:
        window = Window(**values)
        chunk = read_chunk(
            window, {s: folder / "chunks" / f"{window.chunk:03d}" / f"{s}.npz" for s in STAGES}
        )
        try:
            chunk.metrics = chunk_metrics(chunk, None, MergeConfig.model_validate({}))
        except (ValueError, IndexError, TypeError):
            chunk.metrics = {}
        outcome = chunk.to_json()
        if chunk.accepted:
            # Solved, but not in a merged sequence, hence not in the dataset.
            waiting = broken or StageStatus(
                "merge", Status.PENDING, Reason.FILE_MISSING, "no sequence.npz yet", "run the workflow again"
            )
            outcome["status"] |= {
                k: waiting.to_json()[k] for k in ("stage", "status", "reason", "detail", "remedy")
            }
        out.append(outcome)
    return out


def _add_chunk(tables: Tables, name: str, outcome: Mapping[str, Any]) -> None:
    window, status = Window(**outcome["window"]), _status(outcome["status"])
    tables.ledger.append(_row(name, window.chunk, window.t_start_s, window.t_end_s, status))
    for number, attempt in enumerate(outcome.get("attempts") or [], start=1):
        tables.attempts.append({"attempt": number, **attempt, "sequence_id": name, "chunk": window.chunk})
    tables.quality.append(
        {
            "sequence_id": name,
            "chunk": window.chunk,
            "frame_start": window.keep_start,
            "frame_stop": window.keep_stop,
            "status": status.status.value,
            "reason": status.reason.value,
            "iterations": status.iterations,
            "attempt": status.attempt,
            "wall_s": status.wall_s,
            **_stage_times(outcome.get("stages") or {}),
            "flags": ",".join(map(str, outcome.get("flags") or [])),
            "warnings": "; ".join(map(str, outcome.get("warnings") or [])),
            **(outcome.get("metrics") or {}),
        }
    )


def _stage_times(stages: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """Wall time of each stage that ran; a stage that only passed a failure on has none of its own."""
    own = {stage: status for stage, status in stages.items() if status.get("stage") == stage}
    return {f"{stage}_wall_s": own[stage]["wall_s"] if stage in own else None for stage in STAGES}


def _whole(name: str, record: Mapping[str, Any], status: StageStatus) -> dict[str, Any]:
    return _row(name, WHOLE_SEQUENCE, 0.0, time_s(max(int(record.get("last_frame", 0)), 0)), status)


def _row(name: str, chunk: int, start: float, end: float, status: StageStatus) -> dict[str, Any]:
    """A ledger row. Times are those of the chunk's window; the detail says where in it something was."""
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
    }


def _status(values: Mapping[str, Any]) -> StageStatus:
    try:
        return StageStatus.from_json(dict(values))
    except (TypeError, ValueError, KeyError) as error:
        return StageStatus(
            "merge",
            Status.FAILED,
            Reason.FILE_CORRUPT,
            f"status cannot be read: {error}",
            "delete the file and run the workflow again",
        )


def _read(path: Path) -> tuple[Bundle | None, StageStatus | None]:
    if not path.exists():
        return None, None
    return read_bundle("merge", path)
