"""The three frames a body is seen in, and the turns between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def z_up_to_y_up(points: Floats) -> Floats:
    """AMASS (z up) to OpenSim ground (y up): (x, y, z) -> (x, z, -y). `points (..., 3)`, any unit."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)


def rest_to_opensim(points: Floats) -> Floats:
    """SMPL-H rest frame (y up, facing +z, left +x) to OpenSim (facing +x, right +z); `points (..., 3)`."""
    return np.stack([points[..., 2], points[..., 1], -points[..., 0]], axis=-1)
