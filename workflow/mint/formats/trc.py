"""Marker files checked against the limits of the configuration: rate, length, and units against the size of a body."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.core.trc import MarkerTable, read_claims, read_trc
from mint.core.trc_header import UNIT_M
from mint.formats.limits import MotionHeader, check_length, check_rate

Floats = NDArray[np.float64]


def trc_header(path: str | Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate by header, first rows and last row. Raises StageError."""
    claims = read_claims(path, frame_rate_override)
    _check_named(path, claims.markers)
    rate = _checked_rate(path, claims.clock.rate_hz, frame_rate_override, config)
    check_length(str(path), claims.frames, rate, config)
    return MotionHeader(claims.frames, rate, claims.clock.stated_hz, None, claims.warnings)


def read_checked_trc(path: str | Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MarkerTable:
    """A trial of any length, also a static one, with a rate that a person in a laboratory can have.

    Positions that laboratories write for lost markers are NaN. Raises StageError.
    """
    table = read_trc(path, frame_rate_override)
    _check_named(path, len(table.names))
    _checked_rate(path, table.rate_hz, frame_rate_override, config)
    return replace(table, positions=lost_as_nan(table.positions))


def lost_as_nan(positions: Floats) -> Floats:
    """Lost markers as NaN: cells left empty, and three equal numbers, such as 0 or 9999, that are written instead."""
    out = positions.copy()
    equal = (out[:, :, 0] == out[:, :, 1]) & (out[:, :, 0] == out[:, :, 2])
    out[equal | ~np.all(np.isfinite(out), axis=2)] = np.nan
    return out


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


def check_body_size(path: str | Path, markers: Floats, config: ValidateConfig) -> None:
    """Refuse markers `(n, m, 3)` m that lie farther apart, or closer together, than on any person; names the unit that
    would fit. Raises StageError(FIELD_VALUE)."""
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
        f"{path}: Units cannot be right: half of the markers lie within {spread:.4g} m of their middle, on people "
        f"within {low:g} to {high:g} m{hint}",
        remedy="correct Units in the header of the .trc",
    )


def _check_named(path: str | Path, markers: int) -> None:
    if not markers:
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}: NumMarkers is 0",
            remedy="export the .trc again with its markers",
        )


def _checked_rate(path: str | Path, rate_hz: float, override: float | None, config: ValidateConfig) -> float:
    field = "DataRate" if override is None else "frame_rate_override (sequence table)"
    return check_rate(str(path), field, rate_hz, config)
