"""What the shaped body in T-pose tells: volume, mass, stature, rest markers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.body.axes import rest_to_opensim

Floats = NDArray[np.float64]


def volume_m3(vertices: Floats, faces: NDArray[np.int64]) -> float:
    """Volume enclosed by a closed mesh: sum of signed tetrahedra to the origin (divergence theorem)."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    return abs(float(np.sum(a * np.cross(b, c)))) / 6


def open_edges(faces: NDArray[np.int64]) -> int:
    """Edges that do not join exactly two faces; 0 for a watertight mesh."""
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    counts = np.unique(edges, axis=0, return_counts=True)[1]
    return int(np.sum(counts != 2))


def stature_m(rest: Floats) -> float:
    """Height of the body in T-pose, `rest (V,3)` in the rest frame (y up)."""
    return float(np.ptp(rest[:, 1]))


def rest_markers(rest: Floats, vertices: NDArray[np.int64]) -> Floats:
    """Markers in T-pose in the OpenSim frame (facing +x, y up, right +z), soles on y = 0; `(m,3)` m."""
    points = rest_to_opensim(rest)
    return np.asarray(points[vertices] - np.array([0.0, points[:, 1].min(), 0.0]))
