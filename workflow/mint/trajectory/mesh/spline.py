"""Coordinates as uniform cubic B-splines: position, speed, acceleration at the nodes are linear in coefficients.

De Boor, A Practical Guide to Splines (1978), chapter XI. Node k lies at the middle of the support shared by
coefficients k, k+1, k+2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def basis(step_s: float) -> Array:
    """(3, 3): rows position, speed, acceleration at a node; columns its three coefficients."""
    return np.array(
        [[1 / 6, 4 / 6, 1 / 6], [-0.5 / step_s, 0.0, 0.5 / step_s], [1 / step_s**2, -2 / step_s**2, 1 / step_s**2]]
    )


def nodes(coefficients: Array, step_s: float) -> Array:
    """Motion (K, 3, n) at K nodes from coefficients (K + 2, n): positions, speeds, accelerations."""
    windows = np.stack([coefficients[:-2], coefficients[1:-1], coefficients[2:]], axis=1)
    return np.einsum("dj,kjn->kdn", basis(step_s), windows)


def interpolate(positions: Array) -> Array:
    """Coefficients (K + 2, n) of the spline through positions (K, n), third derivative continuous at the ends."""
    count = len(positions)
    matrix = np.zeros((count + 2, count + 2))
    for k in range(count):
        matrix[k, k : k + 3] = [1 / 6, 4 / 6, 1 / 6]
    matrix[count, :5] = [1, -4, 6, -4, 1]
    matrix[count + 1, -5:] = [1, -4, 6, -4, 1]
    right = np.vstack([positions, np.zeros((2, positions.shape[1]))])
    return np.asarray(np.linalg.solve(matrix, right))


def bounds_around(center: Array, width: Array, reach: tuple[Array, Array]) -> tuple[Array, Array]:
    """Lower and upper bounds (m, n) of coefficients within `width (n,)` of `center (m, n)` and inside `reach (n,)`.

    A coefficient that lies beyond the reach by more than its width may be within the width of the nearest end: splines
    overshoot the motion that they interpolate.
    """
    lost = (center + width < reach[0]) | (center - width > reach[1])
    center = np.where(lost, np.clip(center, *reach), center)
    return np.maximum(center - width, reach[0]), np.minimum(center + width, reach[1])
