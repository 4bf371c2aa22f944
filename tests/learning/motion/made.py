"""Made motions whose features are known: a body at rest, carried and turned, or with joints that swing analytically."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.retarget import joints as smpl
from tests.body import synthetic

Floats = NDArray[np.float64]
REST = synthetic.joint_positions()[:22]
UPRIGHT = Rotation.from_euler("x", 90, degrees=True)  # y up to z up
_RANDOM = np.random.default_rng(8)
_AMPLITUDE = _RANDOM.uniform(-0.4, 0.4, (22, 3))
_PHASE = _RANDOM.uniform(0, 6, (22, 3))
_OTHER = smpl.mirrored()


def carried(yaw: Floats, path: Floats) -> Floats:
    """The body at rest `(n, 22, 3)` m, y up, turned by `yaw (n,)` rad to the left, its root at `path (n, 3)` m."""
    turns = Rotation.from_euler("y", yaw[:, None]).as_matrix()
    return np.asarray((REST - REST[0]) @ np.swapaxes(turns, 1, 2) + path[:, None])


def swinging(time_s: Floats) -> tuple[Floats, Floats]:
    """Smooth `poses (n, 156)` rad and `trans (n, 3)` m, z up: a body that sways, turns, and walks on a curve."""
    vectors = np.zeros((len(time_s), 52, 3))
    vectors[:, 1:22] = _AMPLITUDE[1:] * np.sin(3 * np.pi * time_s[:, None, None] + _PHASE[1:])
    lean = 0.3 * np.sin(np.stack([2 * time_s, 1.3 * time_s, np.zeros_like(time_s)], axis=1) + 0.4)
    root = (
        Rotation.from_rotvec(np.outer(0.9 * time_s + 0.2 * np.sin(time_s), [0, 0, 1]))
        * Rotation.from_rotvec(lean)
        * UPRIGHT
    )
    vectors[:, 0] = root.as_rotvec()
    trans = np.stack([0.8 * time_s, 0.3 * np.sin(time_s), 0.05 * np.cos(3 * time_s)], axis=1)
    return vectors.reshape(-1, 156), trans


def moved(poses: Floats, trans: Floats, yaw: float, by: Floats, rest: Floats = REST) -> tuple[Floats, Floats]:
    """The same motion turned about the vertical and carried elsewhere, z up."""
    turn = Rotation.from_euler("z", yaw)
    out = poses.copy()
    out[:, :3] = (turn * Rotation.from_rotvec(poses[:, :3])).as_rotvec()
    return out, turn.apply(trans + rest[0]) - rest[0] + by


def in_mirror(poses: Floats, trans: Floats) -> tuple[Floats, Floats]:
    """The motion in the mirror x = 0 of a body that is its own mirror image: joints exchanged, axial vectors turned.

    Rest frame (x left, y up, z forward) and ground (z up) have the same x, so that one mirror serves both.
    """
    vectors = poses.reshape(-1, 52, 3)[:, _OTHER] * [1, -1, -1]
    return vectors.reshape(-1, 156), trans * [-1, 1, 1]
