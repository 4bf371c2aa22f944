"""Stretches of frames in which something holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def stretches(mask: ArrayLike, min_frames: int = 1) -> list[tuple[int, int]]:
    """Ranges [start, stop) of at least `min_frames` frames in which `mask (n,)` holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(mask).astype(int), [0]])))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start, stop) for start, stop in pairs if stop - start >= min_frames]
