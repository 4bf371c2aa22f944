"""The frame in which a body rests, and the turn from it; that of motions is in mint.formats.ground_frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rest_to_opensim(points: Floats) -> Floats:
    """SMPL-H rest frame (y up, facing +z, left +x) to OpenSim (facing +x, right +z); `points (..., 3)`."""
    return np.stack([points[..., 2], points[..., 1], -points[..., 0]], axis=-1)
