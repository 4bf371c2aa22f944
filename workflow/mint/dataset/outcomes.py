"""What became of each chunk of a sequence, whatever became of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mint.config.merge import MergeConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import Reason, StageError, StageStatus, Status
from mint.sequence.metrics import measure
from mint.sequence.outcome import STAGES, read_bundle, read_chunk


@dataclass(frozen=True)
class ChunkOutcome:
    """One chunk as merge records it: `stages` are those that left a bundle, `metrics` and `coordinates` measured."""

    window: Window
    status: StageStatus
    stages: dict[str, StageStatus]
    attempts: list[dict[str, Any]]
    metrics: dict[str, Any]
    coordinates: list[dict[str, Any]]
    flags: list[str]
    warnings: list[str]

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> ChunkOutcome:
        """From merge's record. Raises TypeError, ValueError, KeyError or AttributeError for anything else."""
        return cls(Window(**record["window"]), read_status(record["status"]),
                   {str(stage): read_status(status) for stage, status in (record.get("stages") or {}).items()},
                   [dict(row) for row in record.get("attempts") or []], dict(record.get("metrics") or {}),
                   [dict(row) for row in record.get("coordinates") or []],
                   [str(flag) for flag in record.get("flags") or []],
                   [str(text) for text in record.get("warnings") or []])


@dataclass(frozen=True)
class Outcomes:
    """`whole` is the status of a sequence that failed as a whole; else there are `chunks`."""

    whole: StageStatus | None = None
    chunks: list[ChunkOutcome] = field(default_factory=list)


def sequence_outcomes(name: str, record: Mapping[str, Any], results: Path) -> Outcomes:
    """Outcomes of one sequence of the plan; never raises for what its files are."""
    try:
        found = _found(record, results / "sequences" / name)
        if len({each.window.chunk for each in found.chunks}) < len(found.chunks):
            raise ValueError("a chunk is listed twice")
        return found
    except Exception as error:
        # A result that reads as a bundle and still is not what its stage writes.
        detail = f"results of {name}: {type(error).__name__}: {error}"
        damaged = StageError(Reason.FILE_CORRUPT, detail, remedy="delete the sequence's results and run again")
        return Outcomes(damaged.as_status("merge"))


def read_status(values: Mapping[str, Any]) -> StageStatus:
    """A status from its record; one that cannot be read is a failure."""
    try:
        return StageStatus.from_json(dict(values))
    except (TypeError, ValueError, KeyError) as error:
        return StageStatus("merge", Status.FAILED, Reason.FILE_CORRUPT, f"status cannot be read: {error}",
                           "delete the file and run the workflow again")


def _found(record: Mapping[str, Any], folder: Path) -> Outcomes:
    if record.get("problem"):
        return Outcomes(read_status(record["problem"]))
    merged, broken = _read(folder / "sequence.npz")
    if merged is not None and not merged.ok:
        return Outcomes(merged.status)
    if merged is None:
        upstream = [_read(folder / file)[0] for file in ("validated.npz", "body.npz")]
        failed = next((bundle.status for bundle in upstream if bundle is not None and not bundle.ok), None)
        if failed is not None or not record["windows"]:
            return Outcomes(failed or broken or _not_merged())
    if merged is not None and isinstance(merged.meta.get("chunks"), list):
        return Outcomes(chunks=[ChunkOutcome.from_json(chunk) for chunk in merged.meta["chunks"]])
    return Outcomes(chunks=[_of_files(Window(**values), folder, broken) for values in record["windows"]])


def _of_files(window: Window, folder: Path, broken: StageStatus | None) -> ChunkOutcome:
    """Outcome of a chunk where merge has not run."""
    place = folder / "chunks" / f"{window.chunk:03d}"
    bundles = {stage: place / f"{stage}.npz" for stage in STAGES}
    chunk = read_chunk(window, {"markers": place / "markers.trc", **bundles})
    measure(chunk, None, MergeConfig.model_validate({}))
    outcome = ChunkOutcome.from_json(chunk.to_json())
    if not chunk.accepted:
        return outcome
    # Solved, but not in a merged sequence, hence not in the dataset.
    waiting = broken or _not_merged()
    return replace(outcome, status=replace(
        outcome.status, stage=waiting.stage, status=waiting.status, reason=waiting.reason, detail=waiting.detail,
        remedy=waiting.remedy))


def _not_merged() -> StageStatus:
    return StageStatus("merge", Status.PENDING, Reason.FILE_MISSING, "no sequence.npz yet", "run the workflow again")


def _read(path: Path) -> tuple[Bundle | None, StageStatus | None]:
    return read_bundle("merge", path) if path.exists() else (None, None)
