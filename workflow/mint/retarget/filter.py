"""Filters of positions and turns without a shift in time."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.signal import butter, sosfiltfilt

from mint.retarget.motion import same_side

Array = np.ndarray[Any, Any]

_SAMPLED = 0.45  # of the frame rate: little below the Nyquist frequency


def low_pass(values: Array, rate_hz: float, cutoff_hz: float) -> Array:
    """Second-order Butterworth run forwards and backwards along axis 0: zero phase, fourth order in effect.

    What is sampled too rarely to hold anything above the cutoff stays as it is.
    """
    if cutoff_hz >= _SAMPLED * rate_hz:
        return np.asarray(values, dtype=float)
    sections = butter(2, cutoff_hz, fs=rate_hz, output="sos")
    pad = min(len(values) - 1, int(rate_hz / cutoff_hz * 3))
    return np.asarray(sosfiltfilt(sections, values, axis=0, padlen=pad))


def low_pass_rotations(quaternions: Array, rate_hz: float, cutoff_hz: float) -> Array:
    """Low-pass of quaternions (n,4): components are filtered on one side of the double cover, then normalised.

    Within the filter's memory a joint turns by much less than half a turn, where this equals filtering in
    the tangent space to second order of the angle.
    """
    smooth = low_pass(same_side(quaternions), rate_hz, cutoff_hz)
    return np.asarray(smooth / np.linalg.norm(smooth, axis=1, keepdims=True))
