"""What all marker formats share: lost markers, and units against the size of a body."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.core.trc_header import UNIT_M

Floats = NDArray[np.float64]

_TOGETHER = 90


def lost_as_nan(positions: Floats) -> Floats:
    """Lost markers as NaN: cells left empty, and three equal numbers, such as 0 or 9999, that are written instead."""
    out = positions.copy()
    equal = (out[:, :, 0] == out[:, :, 1]) & (out[:, :, 0] == out[:, :, 2])
    out[equal | ~np.all(np.isfinite(out), axis=2)] = np.nan
    return out


def in_view(positions: Floats, share: float) -> tuple[int, int]:
    """First and last frame with at least a `share` of the markers `(n, m, 3)` that are seen together; all if none is.

    People enter and leave the measured volume with one marker after the other: before and after, too few are seen to
    tell where the body is. What is seen together is what nine frames in ten do not exceed, so that columns of stray
    reflections count little.
    """
    seen = np.isfinite(positions[:, :, 0]).sum(axis=1)
    frames = np.flatnonzero((seen > 0) & (seen >= share * np.percentile(seen, _TOGETHER)))
    return (int(frames[0]), int(frames[-1])) if len(frames) else (0, len(seen) - 1)


def marker_spread_m(markers: Floats) -> float | None:
    """Median over frames of the median distance of markers `(n, m, 3)` from their median point; None if there is none.

    Medians of what is seen: neither stray reflections nor markers of the legs only change it much.
    """
    seen = np.isfinite(markers[:, :, 0])
    frames = np.flatnonzero(seen.sum(axis=1) >= 3)
    if not len(frames):
        return None
    # A thousand frames tell the median as well as all of them do.
    frames = frames[np.linspace(0, len(frames) - 1, min(len(frames), 1000)).astype(int)]
    some = markers[frames]
    with np.errstate(over="ignore"):
        distances = np.linalg.norm(some - np.nanmedian(some, axis=1, keepdims=True), axis=2)
    return float(np.median(np.nanmedian(distances, axis=1)))


def check_body_size(path: str | Path, markers: Floats, config: ValidateConfig, field: str) -> None:
    """Refuse markers `(n, m, 3)` m that lie farther apart, or closer together, than on any person; names `field`, the
    file's unit, and the unit that would fit. Raises StageError(FIELD_VALUE)."""
    spread = marker_spread_m(markers)
    low, high = config.min_marker_spread_m, config.max_marker_spread_m
    if spread is None or low <= spread <= high:
        return
    ratios = {f"{a} instead of {b}": UNIT_M[a] / UNIT_M[b] for a in UNIT_M for b in UNIT_M if a != b}
    fitting = [
        f"{text} would make it {spread * ratio:.2f} m"
        for text, ratio in ratios.items()
        if low <= spread * ratio <= high and "dm" not in text
    ]
    hint = f"; {' or '.join(fitting)}" if fitting else ""
    raise StageError(
        Reason.FIELD_VALUE,
        f"{path}: {field} cannot be right: half of the markers lie within {spread:.4g} m of their middle, on people "
        f"within {low:g} to {high:g} m{hint}",
        remedy=f"correct {field} in the header of the file",
    )
