"""Low-pass without a shift in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

Array = NDArray[np.float64]
_ORDER_PER_PASS = 2  # forward and backward: 4th order in all
_PAD_PERIODS = 3.0


def low_pass(q: Array, rate_hz: float, cutoff_hz: float) -> Array:
    """Zero-phase 4th-order Butterworth low-pass of `q (n, m)`; ends continued by odd reflection.

    A signal of fewer than three frames is returned as it is.
    """
    if len(q) < _ORDER_PER_PASS + 1:
        return q.copy()
    digital = cutoff_each_way(cutoff_hz, rate_hz, _ORDER_PER_PASS)
    if digital >= 0.99 * rate_hz / 2:
        return q.copy()
    sections = butter(_ORDER_PER_PASS, digital, fs=rate_hz, output="sos")
    padding = min(len(q) - 1, int(np.ceil(_PAD_PERIODS * rate_hz / cutoff_hz)))
    return np.asarray(sosfiltfilt(sections, q, axis=0, padlen=padding))


def cutoff_each_way(cutoff_hz: float, rate_hz: float, order: int, *, upper: bool = True) -> float:
    """Cut-off [Hz] of each pass of a filter of this order, so that both together have `cutoff_hz` (Winter 2009, section
    3.4.4.2).

    That of an upper edge is raised, that of a lower one lowered. The correction acts on the analogue frequency, to
    which scipy warps the digital one.
    """
    correction = (np.sqrt(2.0) - 1.0) ** (1.0 / (2 * order))
    analogue = np.tan(np.pi * cutoff_hz / rate_hz) * (1 / correction if upper else correction)
    return float(np.arctan(analogue) * rate_hz / np.pi)
