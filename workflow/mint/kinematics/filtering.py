"""Low-pass and derivatives of coordinates sampled at 50 frames/s."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfiltfilt

Array = NDArray[np.float64]
_ORDER_PER_PASS = 2  # forward and backward: 4th order in all
_PAD_PERIODS = 3.0


def low_pass(q: Array, rate_hz: float, cutoff_hz: float) -> Array:
    """Zero-phase 4th-order Butterworth low-pass of `q (n, m)`; ends continued by odd reflection.

    The cut-off of each pass is raised so that the two together have `cutoff_hz` (Winter 2009, section 3.4.4.2).
    A signal of fewer than three frames is returned as it is.
    """
    if len(q) < _ORDER_PER_PASS + 1:
        return q.copy()
    correction = (np.sqrt(2.0) - 1.0) ** (1.0 / (2 * _ORDER_PER_PASS))
    nyquist = rate_hz / 2
    # Pre-warped by scipy; the correction acts on the analogue frequency.
    analogue = np.tan(np.pi * cutoff_hz / rate_hz) / correction
    digital = np.arctan(analogue) * rate_hz / np.pi
    if digital >= 0.99 * nyquist:
        return q.copy()
    sections = butter(_ORDER_PER_PASS, digital, fs=rate_hz, output="sos")
    padding = min(len(q) - 1, int(np.ceil(_PAD_PERIODS * rate_hz / cutoff_hz)))
    return np.asarray(sosfiltfilt(sections, q, axis=0, padlen=padding))


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
