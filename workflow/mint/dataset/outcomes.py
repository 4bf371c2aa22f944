"""What became of each chunk of a sequence, whatever became of the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import Reason, StageError, StageStatus, Status
from mint.core.tables import mint_columns
from mint.sequence import blend
from mint.sequence.ground import GRF_COLUMNS
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
        return cls(
            Window(**record["window"]),
            read_status(record["status"]),
            {str(stage): read_status(status) for stage, status in (record.get("stages") or {}).items()},
            [dict(row) for row in record.get("attempts") or []],
            dict(record.get("metrics") or {}),
            [dict(row) for row in record.get("coordinates") or []],
            [str(flag) for flag in record.get("flags") or []],
            [str(text) for text in record.get("warnings") or []],
        )


@dataclass(frozen=True)
class Outcomes:
    """`whole` is the status of a sequence that failed as a whole; else there are `chunks`.

    `warnings` are about the whole motion: what stages validate and body noticed; `notes` are facts, no doubts.
    """

    whole: StageStatus | None = None
    chunks: list[ChunkOutcome] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def sequence_outcomes(name: str, record: Mapping[str, Any], results: Path) -> Outcomes:
    """Outcomes of one sequence of the plan; never raises for what its files are."""
    try:
        return _found(record, results / "sequences" / name)
    except Exception as error:
        return Outcomes(_damaged(f"results of {name}", error))


def _damaged(what: str, error: Exception) -> StageStatus:
    """Status of a result that reads as a bundle and still is not what its stage writes."""
    return StageError(
        Reason.FILE_CORRUPT,
        f"{what}: {type(error).__name__}: {error}",
        remedy="delete the sequence's results and run again",
    ).as_status("merge")


def read_status(values: Mapping[str, Any]) -> StageStatus:
    """A status from its record; one that cannot be read is a failure."""
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


def _found(record: Mapping[str, Any], folder: Path) -> Outcomes:
    if record.get("problem"):
        return Outcomes(read_status(record["problem"]))
    merged, broken = read_merged(record, folder)
    if merged is not None:
        warnings, notes = ([str(text) for text in merged.meta.get(kind) or []] for kind in ("warnings", "notes"))
        if not merged.ok:
            return Outcomes(merged.status, notes=notes)
        return Outcomes(
            chunks=[ChunkOutcome.from_json(chunk) for chunk in merged.meta["chunks"]], warnings=warnings, notes=notes
        )
    upstream = [_read(folder / file)[0] for file in ("validated.npz", "body.npz")]
    failed = next((bundle.status for bundle in upstream if bundle is not None and not bundle.ok), None)
    if failed is not None or not record["windows"]:
        return Outcomes(failed or broken or _not_merged())
    return Outcomes(chunks=[_of_files(Window(**values), folder, broken) for values in record["windows"]])


def read_merged(record: Mapping[str, Any], folder: Path) -> tuple[Bundle | None, StageStatus | None]:
    """`sequence.npz` of a sequence of the plan, or the status that says why it is of no use; neither if there is none.

    An ok bundle has all that the tables are written from, and its frames are those of its accepted chunks.
    """
    path = folder / "sequence.npz"
    merged, broken = _read(path)
    try:
        if merged is not None and merged.ok:
            _check(merged, [Window(**values) for values in record["windows"]])
    except Exception as error:
        return None, _damaged(str(path), error)
    return merged, broken


def _check(merged: Bundle, planned: list[Window]) -> None:
    """Raise if an ok bundle is not what merge makes of chunks in the planned windows."""
    meta, frames = merged.meta, merged["frames"]
    chunks = [ChunkOutcome.from_json(chunk) for chunk in meta["chunks"]]
    if [vars(each.window) for each in chunks] != [vars(window) for window in planned]:
        raise ValueError("its chunks are not those of the plan")
    used = [window for window, each in zip(planned, chunks, strict=True) if each.status.status is Status.ACCEPTED]
    first, stop = planned[0].keep_start, planned[-1].keep_stop
    if frames.dtype.kind != "i" or not np.array_equal(frames, blend.kept_frames(used)):
        raise ValueError("its frames are not those of its accepted chunks")
    gaps = [list(gap) for gap in blend.gaps(used, first, stop)]
    if (meta["first_frame"], meta["stop_frame"], meta["gaps"]) != (first, stop, gaps):
        raise ValueError(f"first_frame, stop_frame or gaps are not {first}, {stop}, {gaps}")
    for name in ("mass_kg", "stature_m"):
        if meta.get(name) is not None and not 0 < float(meta[name]) < 1e4:
            raise ValueError(f"{name} is {meta[name]!r}")
    if meta.get("gender") not in (None, "male", "female", "neutral"):
        raise ValueError(f"gender is {meta['gender']!r}")
    if used:
        strands, extra = len(mint_columns()), len(merged.names("extra_muscles"))
        for name, width in (
            ("activation", strands),
            ("muscle_force_N", strands),
            ("extra_activation", extra),
            ("extra_force_N", extra),
            ("grf", len(GRF_COLUMNS)),
            ("contact", 2),
        ):
            if merged[name].shape != (len(frames), width) or merged[name].dtype.kind not in "fb":
                raise ValueError(f"{name} is {merged[name].dtype} of shape {merged[name].shape}")


def _of_files(window: Window, folder: Path, broken: StageStatus | None) -> ChunkOutcome:
    """Outcome of a chunk where merge has not run, which is who measures: it has no metrics."""
    place = folder / "chunks" / f"{window.chunk:03d}"
    # A second pass has results of its own, of the stages that it repeats.
    second = {path.stem: path for path in (place / "rescue").glob("*.npz")}
    bundles = {stage: second.get(stage, place / f"{stage}.npz") for stage in STAGES}
    chunk = read_chunk(window, {"markers": place / "markers.trc", **bundles})
    outcome = ChunkOutcome.from_json(chunk.to_json())
    if not chunk.accepted:
        return outcome
    # Solved, but not in a merged sequence, hence not in the dataset.
    waiting = broken or _not_merged()
    return replace(
        outcome,
        status=replace(
            outcome.status,
            stage=waiting.stage,
            status=waiting.status,
            reason=waiting.reason,
            detail=waiting.detail,
            remedy=waiting.remedy,
        ),
    )


def _not_merged() -> StageStatus:
    return StageStatus("merge", Status.PENDING, Reason.FILE_MISSING, "no sequence.npz yet", "run the workflow again")


def _read(path: Path) -> tuple[Bundle | None, StageStatus | None]:
    return read_bundle("merge", path) if path.exists() else (None, None)
