"""EMG of people in a dataset of this workflow as targets: table `emg` of a sequence at the times of its features."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import FRAME_RATE_HZ
from mint.learning.motion.joints import RATE_HZ as FEATURES_HZ
from mint.reader import MintReader

Floats = NDArray[np.float64]

TABLE = "emg"
# Every second instant at 20/s is a frame at 50/s: instant 2 is frame 5.
_INSTANTS, _FRAMES = 2, round(2 * FRAME_RATE_HZ / FEATURES_HZ)


def own_targets(reader: MintReader, sequence: str, channels: Sequence[str], first_k: int, n: int) -> Floats:
    """Envelopes `(n, C)` of the channels at `first_k / 20`, `(first_k + 1) / 20` ... s; 1 is the person's largest.

    Linear between frames. NaN where a channel was not recorded or not good, in gaps, and outside the sequence.
    Raises ValueError for `first_k` or `n` that is negative, KeyError for an unknown sequence.
    """
    if first_k < 0 or n < 0:
        raise ValueError(f"first_k is {first_k}, n is {n}: both are counts, 0 or more")
    out = np.full((n, len(channels)), np.nan)
    if not n or TABLE not in reader.tables(sequence):
        return out
    before = first_k % _INSTANTS
    start = (first_k - before) // _INSTANTS * _FRAMES
    window = reader.window_at(sequence, start, before + n, FEATURES_HZ, tables=TABLE)
    place = {name: i for i, name in enumerate(window.columns[TABLE])}
    for c, channel in enumerate(channels):
        if channel in place:
            out[:, c] = window.arrays[TABLE][before:, place[channel]]
    return out
