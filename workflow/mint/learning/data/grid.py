"""Activations on the grid of the features: 20 samples a second, at t = k / 20 s from the start of the motion file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import FRAME_RATE_HZ
from mint.learning.data.recording import Floats, Times
from mint.learning.motion.joints import RATE_HZ

Ints = NDArray[np.int64]

# A longer step between frames is a gap [s].
_GAP_S = 1.5 / FRAME_RATE_HZ
# A sample that near to a frame is that frame [s]: times of files are rounded to 0.01 s.
_ON_A_FRAME_S = 1e-6


def on_grid(times_s: Times, values: NDArray[Any], rate_hz: float = RATE_HZ) -> tuple[int, Floats, Ints]:
    """Values (m, D) at times (m,) s, as samples k, k + 1, ... of the grid t = k / `rate_hz` s.

    Returns the first k, `values (n, D)` float32 and `stretch (n,)`. A sample on a frame is that frame bit for bit;
    others lie linearly between the frames before and after them, if these are at most 0.03 s apart. Other samples are
    missing: NaN, and -1 in `stretch`, which numbers from 0 the runs of samples between which no frame is missing.
    Without a sample between the first and the last frame all arrays are empty. Raises ValueError for times that do not
    increase.
    """
    times_s = np.asarray(times_s, dtype=np.float64)
    if np.any(np.diff(times_s) <= 0):
        raise ValueError("times do not increase")
    first = int(np.ceil((times_s[0] - _ON_A_FRAME_S) * rate_hz)) if len(times_s) else 0
    last = int(np.floor((times_s[-1] + _ON_A_FRAME_S) * rate_hz)) if len(times_s) else -1
    at = np.arange(first, max(last, first - 1) + 1) / rate_hz
    out = np.full((len(at), values.shape[1]), np.nan, dtype=np.float32)
    if not len(at):
        return first, out, np.zeros(0, dtype=np.int64)
    # The first frame that is not before a sample, and the one before it.
    after = np.minimum(np.searchsorted(times_s, at - _ON_A_FRAME_S), len(times_s) - 1)
    exact = np.abs(times_s[after] - at) <= _ON_A_FRAME_S
    before = np.where(exact, after, np.maximum(after - 1, 0))
    run = np.concatenate([[0], np.cumsum(np.diff(times_s) > _GAP_S)])
    present = exact | (run[before] == run[after])
    out[exact] = values[after[exact]]
    between = present & ~exact
    low, high = before[between], after[between]
    share = ((at[between] - times_s[low]) / (times_s[high] - times_s[low])).astype(np.float32)[:, None]
    out[between] = values[low].astype(np.float32) * (1 - share) + values[high].astype(np.float32) * share
    # Numbers of runs that have a sample, without those that are too short for one.
    stretch = np.full(len(at), -1, dtype=np.int64)
    stretch[present] = np.unique(run[after[present]], return_inverse=True)[1]
    return first, out, stretch
