"""Derivatives and short gaps of coordinates sampled at 50 frames/s."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]


def derivatives(q: Array, time_s: Array) -> tuple[Array, Array]:
    """First and second time derivative (n, m) of the cubic spline through `q (n, m)` at its own knots."""
    if len(q) < 2:
        return np.zeros_like(q), np.zeros_like(q)
    spline = CubicSpline(time_s, q, axis=0)
    return np.asarray(spline(time_s, 1)), np.asarray(spline(time_s, 2))


def fill_short_gaps(positions: Array, longest: int) -> Array:
    """Markers `(n, m, 3)` with gaps of at most `longest` frames closed by a cubic spline; longer gaps stay NaN."""
    out = positions.copy()
    frames = np.arange(len(positions))
    for marker in range(positions.shape[1]):
        known = np.isfinite(positions[:, marker]).all(axis=1)
        if known.all() or known.sum() < 4:
            continue
        spline = CubicSpline(frames[known], positions[known, marker], axis=0)
        for gap in np.split(frames[~known], np.flatnonzero(np.diff(frames[~known]) > 1) + 1):
            inside = len(gap) and gap[0] > frames[known][0] and gap[-1] < frames[known][-1]
            if inside and len(gap) <= longest:
                out[gap, marker] = spline(gap)
    return out
