"""Samples at any rate as weighted sums of frames at 50/s, and never of a frame that is not there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import FRAME_RATE_HZ

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

ON_A_FRAME = 1e-6  # in frames: a sample that close to a frame is that frame


@dataclass(frozen=True)
class Sampling:
    """How `n` samples, `rate_hz` apart, are made of frames; offsets count from the frame of the first sample.

    Sample i is the sum over taps j of `weights[i, j]` times frame `offsets[i, j]`; both are (n, taps), weights of a
    sample sum to 1, and one that is not needed is 0 at an offset that is. Flags take the frame of tap `nearest[i]`,
    (n,).
    """

    rate_hz: float
    offsets: Ints
    weights: Floats
    nearest: Ints

    @property
    def first(self) -> int:
        """Offset of the earliest frame that any sample needs: 0, or less where samples are averages."""
        return int(self.offsets.min())

    @property
    def last(self) -> int:
        """Offset of the latest frame that any sample needs."""
        return int(self.offsets.max())

    def times_s(self, start_frame: int) -> NDArray[np.float64]:
        """Times (n,) s of the samples of a window that starts at a frame."""
        # One division: at 50/s exactly the times of the tables.
        steps = start_frame * self.rate_hz + np.arange(len(self.offsets)) * FRAME_RATE_HZ
        return np.asarray(steps / (FRAME_RATE_HZ * self.rate_hz))


@lru_cache(maxsize=64)
def sampling(n: int, rate_hz: float, antialias: bool) -> Sampling:
    """Sampling of `n` samples at `rate_hz`.

    Samples on a frame are that frame; between two they are interpolated linearly. With `antialias` and below 50/s, a
    sample is the mean of the interpolated signal over one period of the new rate around it, which takes out what the
    new rate cannot hold; windows then need frames half a period beyond their ends.
    """
    at = np.arange(n) * FRAME_RATE_HZ / rate_hz
    at = np.where(np.abs(at - np.rint(at)) < ON_A_FRAME, np.rint(at), at)
    half = 0.5 * FRAME_RATE_HZ / rate_hz
    averaged = antialias and rate_hz < FRAME_RATE_HZ
    earliest = np.floor(at - half if averaged else at)
    reach = int(np.ceil(2 * half)) + 1 if averaged else 1
    frames = earliest[:, None] + np.arange(reach + 1)
    away = at[:, None] - frames
    weights = (_area(away + half) - _area(away - half)) / (2 * half) if averaged else np.clip(1 - np.abs(away), 0, 1)
    # A tap of no weight must not ask for a frame: it stands on the heaviest one.
    heaviest = np.take_along_axis(frames, weights.argmax(axis=1)[:, None], axis=1)
    needed = weights > ON_A_FRAME
    weights = np.where(needed, weights, 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    used = needed.any(axis=0)
    offsets = np.where(needed, frames, heaviest)[:, used].astype(np.int64)
    # Halfway between two frames the later one: at 20/s every second sample is.
    nearest = np.abs(offsets - np.floor(at + 0.5)[:, None]).argmin(axis=1)
    return Sampling(rate_hz, offsets, weights[:, used].astype(np.float32), nearest)


def _area(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area left of u below a triangle of height 1 from -1 to 1, the share of a frame in the interpolated signal."""
    u = np.clip(u, -1.0, 1.0)
    return np.where(u < 0, (u + 1) ** 2 / 2, 1 - (1 - u) ** 2 / 2)
