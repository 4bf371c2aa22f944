"""What became of a chunk: the first stage that is not ok decides; all are kept for the tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.motionfiles import MarkerTable, read_trc
from mint.core.status import REMEDY, Reason, StageError, StageStatus, Status

STAGES = ("ik", "support", "trajectory", "verify", "trunk")
# Flag of a chunk whose trajectory was given the forces of plates.
FORCES_TRACKED = "forces_tracked"


@dataclass
class Chunk:
    """A window, the bundles of its stages (None: not computed yet), its status, its markers and its numbers.

    `metrics` are numbers and names of the whole chunk, `coordinates` rows of numbers of single coordinates.
    """

    window: Window
    bundles: dict[str, Bundle | None]
    status: StageStatus
    markers: MarkerTable | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    coordinates: list[dict[str, Any]] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether every stage is ok."""
        return self.status.status is Status.ACCEPTED

    def array(self, stage: str, name: str) -> Any:
        """An array of an accepted chunk as float64."""
        bundle = self.bundles[stage]
        assert bundle is not None
        return np.asarray(bundle[name], dtype=float)

    def names(self, stage: str, name: str) -> list[str]:
        """A text array of an accepted chunk."""
        bundle = self.bundles[stage]
        assert bundle is not None
        return bundle.names(name)

    def frames(self, stage: str) -> Any:
        """Absolute frames of the rows of a stage that has run; those of the window where its bundle does not say."""
        bundle = self.bundles[stage]
        known = bundle is not None and "frames" in bundle
        return bundle["frames"] if bundle is not None and known else np.arange(self.window.start, self.window.stop + 1)

    def kept(self, stage: str, name: str) -> Any:
        """Rows of an array in the frames that the chunk keeps, float64; no rows where there is no such array."""
        bundle = self.bundles[stage]
        if bundle is None or name not in bundle:
            return np.zeros(0)
        values, frames = np.asarray(bundle[name], dtype=float), self.frames(stage)
        inside = (frames >= self.window.keep_start) & (frames < self.window.keep_stop)
        return values[inside] if len(inside) == len(values) else values[:0]

    def meta(self, stage: str) -> dict[str, Any]:
        """The record of a stage, empty if it has not run."""
        bundle = self.bundles[stage]
        return bundle.meta if bundle is not None else {}

    def to_json(self) -> dict[str, Any]:
        """Everything ledger and quality table need, without the arrays."""
        present = {stage: bundle.status for stage, bundle in self.bundles.items() if bundle is not None}
        stages = {stage: status.to_json() for stage, status in present.items()}
        warnings = [text for status in present.values() for text in status.warnings]
        return {
            "warnings": list(dict.fromkeys(warnings)),
            "window": vars(self.window),
            "status": self.status.to_json(),
            "stages": stages,
            "attempts": _attempts(self.meta("trajectory")),
            "metrics": self.metrics,
            "coordinates": self.coordinates,
            "flags": [*_texts(self.meta("support").get("flags")), *self._given()],
        }

    def _given(self) -> list[str]:
        """A flag where measured forces were tracked: what plates say of this chunk is no judgement of it."""
        share = self.meta("trajectory").get("given_share")
        return [FORCES_TRACKED] if isinstance(share, int | float) and share > 0 else []


def read_chunk(window: Window, paths: Mapping[str, str | Path]) -> Chunk:
    """Read what there is of a chunk; `paths` maps each of `STAGES` to its bundle, `markers` to its .trc.

    Never raises: a missing bundle makes the chunk `pending`, a corrupt one `failed`; markers are for quality only.
    """
    bundles: dict[str, Bundle | None] = {}
    decided: StageStatus | None = None
    for stage in STAGES:
        bundles[stage], problem = _read(stage, paths.get(stage))
        bundle = bundles[stage]
        if decided is None:
            decided = problem or (bundle.status if bundle is not None and not bundle.ok else None)
    if decided is None:
        decided = StageStatus("merge", Status.ACCEPTED)
    return Chunk(window, bundles, _with_totals(decided, bundles), _markers(paths.get("markers")))


def _markers(path: str | Path | None) -> MarkerTable | None:
    try:
        found = None if path is None else read_trc(path)
    except (StageError, ValueError, IndexError):
        return None
    return found if found is not None and found.positions.size else None


def rejected(chunk: Chunk, error: StageError) -> Chunk:
    """The same chunk, refused by merge itself (frames or values that do not fit)."""
    status = _with_totals(error.as_status("merge"), chunk.bundles)
    return replace(chunk, status=status)


def check(chunk: Chunk) -> None:
    """Raise StageError if an accepted chunk's arrays do not cover its window with finite numbers."""
    window = chunk.window
    name_of = f"chunk {window.chunk}"
    expected = np.arange(window.start, window.stop + 1)
    need = {
        "trajectory": ("activation", "muscle_force_N", "grf_force_N", "grf_moment_Nm", "q"),
        "trunk": ("activation", "muscle_force_N"),
    }
    for stage, arrays in need.items():
        bundle = chunk.bundles[stage]
        assert bundle is not None
        for name in ("frames", "muscles", *arrays):
            if name not in bundle:
                raise StageError(Reason.FIELD_MISSING, f"{stage}.npz of {name_of}: no array {name}")
        if not np.array_equal(bundle["frames"], expected):
            raise StageError(
                Reason.FIELD_SHAPE,
                f"{stage}.npz of {name_of}: frames are not those of window {window.start} to {window.stop}",
                remedy="delete the file and run again",
            )
        for name in arrays:
            values = bundle[name]
            if values.shape[:1] != expected.shape or values.dtype.kind not in "fiu":
                raise StageError(
                    Reason.FIELD_SHAPE, f"{stage}.npz of {name_of}: {name} is {values.dtype} of shape {values.shape}"
                )
            bad = ~np.isfinite(values).reshape(len(values), -1).all(axis=1)
            if bad.any():
                raise StageError(
                    Reason.NOT_FINITE,
                    f"{stage}.npz of {name_of}: {name} at frame {int(expected[int(np.argmax(bad))])}",
                )


def read_bundle(stage: str, path: str | Path) -> tuple[Bundle | None, StageStatus | None]:
    """A bundle, or the status that says why it cannot be read. Never raises: any damage is the file's."""
    try:
        return Bundle.read(path), None
    except Exception as error:
        # Damaged archives raise whatever their decoder raises (zlib, struct, zipfile, json).
        detail = error.detail if isinstance(error, StageError) else f"{path}: {type(error).__name__}: {error}"
        return None, StageStatus(
            stage, Status.FAILED, Reason.FILE_CORRUPT, detail, "delete the file and run the workflow again"
        )


def _read(stage: str, path: str | Path | None) -> tuple[Bundle | None, StageStatus | None]:
    if path is None or not Path(path).exists():
        return None, StageStatus(
            stage, Status.PENDING, Reason.FILE_MISSING, f"no {stage}.npz yet", "run the workflow again"
        )
    return read_bundle(stage, path)


def _with_totals(status: StageStatus, bundles: Mapping[str, Bundle | None]) -> StageStatus:
    """Add the time of all stages, the largest memory, and the solver's attempts and iterations."""
    own = [b.status for stage, b in bundles.items() if b is not None and b.status.stage == stage]
    solver = next((s for s in own if s.stage == "trajectory"), None)
    return replace(
        status,
        wall_s=round(sum(s.wall_s for s in own), 3),
        max_rss_mb=max((s.max_rss_mb for s in own), default=0.0),
        attempt=solver.attempt if solver else 0,
        iterations=solver.iterations if solver else 0,
        remedy=status.remedy or REMEDY[status.reason],
    )


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _attempts(meta: Mapping[str, Any]) -> list[dict[str, Any]]:
    rows = meta.get("attempts")
    return [dict(row) for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
