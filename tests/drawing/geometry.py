"""Where things are by OpenSim, and where a drawing puts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import opensim
from scipy.spatial.transform import Rotation


def carried(position: np.ndarray, turn: np.ndarray, bodies: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Points (k, 3) in ground of `places` in their `bodies`, which stand at `position (b, 3)` with quaternions `turn (b, 4)`."""
    rotation = Rotation.from_quat(turn).as_matrix()
    return np.einsum("kij,kj->ki", rotation[bodies], places) + position[bodies]


def path_points(path: Any, state: Any) -> list[tuple[str, np.ndarray]]:
    """Names and ground places of the points of a muscle's current path; those on a surface are called `wrap`."""
    current = path.getCurrentPath(state)
    points = [current.get(i) for i in range(current.getSize())]
    return [
        ("wrap" if opensim.PathWrapPoint.safeDownCast(p) else p.getName(), p.getLocationInGround(state).to_numpy())
        for p in points
    ]


def length(points: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
