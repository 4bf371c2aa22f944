"""Joint trajectories of a skeleton whose zero pose stands upright, whatever recorded them.

Frame: x forward, y up, z right (the frame of OpenSim). In the zero pose the skeleton faces +x, arms hanging.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass
class Motion:
    """Joint trajectories of n frames: `root (n,3)` m, `balls` name -> (n,4) quaternions x, y, z, w (parent
    frame, root: ground), `hinges` name -> (n,) rad, `time_s (n,)`."""

    time_s: Array
    root: Array
    balls: dict[str, Array] = field(default_factory=dict)
    hinges: dict[str, Array] = field(default_factory=dict)

    @property
    def duration_s(self) -> float:
        """From the first to the last frame, s."""
        return float(self.time_s[-1] - self.time_s[0])


def same_side(quaternions: Array) -> Array:
    """Quaternions (n,4) with signs chosen so that neighbours lie on the same half of the double cover."""
    products = np.sum(quaternions[1:] * quaternions[:-1], axis=1)
    signs = np.cumprod(np.concatenate([[1.0], np.where(products < 0, -1.0, 1.0)]))
    return np.asarray(quaternions * signs[:, None])
