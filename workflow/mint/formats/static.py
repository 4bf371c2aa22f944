"""Static trials: any marker format, any number of frames, for the body's rest pose and for scaling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.motionfiles import MarkerTable
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import UpAxis, in_ground_frame
from mint.formats.kinds import KINDS
from mint.formats.registry import MarkerFormat, recognized
from mint.formats.trials import Given

Floats = NDArray[np.float64]


def static_trial(path: str | Path, up_axis: UpAxis, subject: str | None = None) -> MarkerTable:
    """Markers of a static trial, `positions (n, m, 3)` m, y up, n at least 1, lost markers NaN. Raises StageError."""
    form = recognized(path)
    if not isinstance(form, MarkerFormat):
        kinds = ", ".join(name for name, kind in KINDS.items() if kind == "markers")
        found = f"{form.name}: {form.title}" if form else "that of no known format"
        raise StageError(
            Reason.FILE_CORRUPT,
            f"static trial {path}: must hold markers ({kinds}), but the content is {found}",
            remedy="name a marker file in column static_path of the sequence table",
        )
    table = form.read_static(Path(path), Given(subject=subject)).table
    if not len(table.positions):
        raise StageError(Reason.SCALING, f"static trial {path} has no frames")
    return replace(table, positions=in_ground_frame(table.positions, up_axis))


def still_points(table: MarkerTable, window_s: float) -> dict[str, Floats]:
    """Mean positions, name -> (3,) m, over the stillest `window_s`; markers that are lost there are left out."""
    positions = table.positions
    width = min(len(positions), max(1, round(window_s * table.rate_hz)))
    step = max(1, width // 4)
    starts = range(0, len(positions) - width + 1, step)
    spread = [np.nansum(np.nanvar(positions[i : i + width], axis=0)) for i in starts]
    start = starts[int(np.argmin(spread))]
    still = positions[start : start + width]
    known = np.asarray(np.isfinite(still).all(axis=(0, 2)))
    return {name: still[:, i].mean(axis=0) for i, name in enumerate(table.names) if known[i]}
