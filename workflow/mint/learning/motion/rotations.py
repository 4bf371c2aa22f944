"""Rotations of the feature sets; all matrices act on column vectors with components left, up and forward."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Floats = NDArray[np.float64]

UP = np.array([0.0, 1.0, 0.0])
# Directions nearer than this to opposite ones [rad] leave the axis of the turn between them to rounding.
_OPPOSITE = 1e-6


def about_up(angle_rad: Floats) -> Floats:
    """Turns `(n, 3, 3)` about the vertical by angles `(n,)` rad, positive from forward to left."""
    return np.asarray(Rotation.from_rotvec(np.outer(angle_rad, UP)).as_matrix())


def between(start: Floats, end: Floats) -> Floats:
    """The shortest turns `(..., 3, 3)` from unit vectors `start (..., 3)` to `end (..., 3)`.

    Between opposite vectors it is half a turn about the forward axis, or about the vertical where `start` is nearer to
    the forward axis: a choice that is its own mirror image.
    """
    quaternions = np.concatenate([np.cross(start, end), 1 + np.sum(start * end, axis=-1, keepdims=True)], axis=-1)
    opposite = np.linalg.norm(quaternions, axis=-1) < _OPPOSITE
    forward = np.abs(start[opposite][:, 2:]) > np.sqrt(0.5)
    quaternions[opposite] = np.where(forward, [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0])
    return np.asarray(Rotation.from_quat(quaternions.reshape(-1, 4)).as_matrix().reshape(*start.shape, 3))


def six(matrices: Floats) -> Floats:
    """First and second column `(..., 6)` of rotation matrices `(..., 3, 3)` (Zhou et al. 2019)."""
    return np.concatenate([matrices[..., 0], matrices[..., 1]], axis=-1)


def rotated(turns: Floats, vectors: Floats) -> Floats:
    """Vectors `(n, j, 3)` of each frame turned by `turns (n, 3, 3)`."""
    return np.asarray(vectors @ np.swapaxes(turns, 1, 2))
