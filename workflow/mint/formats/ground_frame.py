"""From the axes of a laboratory to OpenSim's ground: the one place through which markers and force plates pass."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
UpAxis = Literal["y", "z"]


def in_ground_frame(vectors: Floats, up_axis: UpAxis) -> Floats:
    """Points or vectors `(..., 3)` of a laboratory with that vertical, y up; any unit."""
    return z_up_to_y_up(vectors) if up_axis == "z" else vectors


def z_up_to_y_up(points: Floats) -> Floats:
    """z up (AMASS, many laboratories) to OpenSim's ground, y up: (x, y, z) -> (x, z, -y); `points (..., 3)`."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)
