"""Joints of body poses without a body model: a stick figure of average proportions, to tell how a body stands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.smplh import PARENTS

Floats = NDArray[np.float64]

BODY_JOINTS = 22
_STATURE_M = 1.7
# Joints of the rest pose in shares of stature: y up, facing +z, left +x (Drillis and Contini 1966, in Winter 2009,
# fig. 4.1; the spine, which the figure lacks, in even steps).
_MIDDLE = {0: (0, 0.55, 0), 3: (0, 0.61, 0), 6: (0, 0.67, 0), 9: (0, 0.73, 0), 12: (0, 0.85, 0), 15: (0, 0.9, 0.02)}
_LEFT = {
    1: (0.05, 0.53, 0),
    4: (0.05, 0.285, 0),
    7: (0.05, 0.039, 0),
    10: (0.05, 0.01, 0.08),
    13: (0.04, 0.8, 0),
    16: (0.11, 0.818, 0),
    18: (0.296, 0.818, 0),
    20: (0.442, 0.818, 0),
}
# The pelvis of SMPL's rest pose lies below its origin [m].
_PELVIS_M = -0.22
_RIGHT = {1: 2, 4: 5, 7: 8, 10: 11, 13: 14, 16: 17, 18: 19, 20: 21}


def rest_joints() -> Floats:
    """Joints `(22, 3)` m of the rest pose: y up, facing +z, left +x, its origin where SMPL has it."""
    joints = np.zeros((BODY_JOINTS, 3))
    for index, place in (_MIDDLE | _LEFT).items():
        joints[index] = place
    for left, right in _RIGHT.items():
        joints[right] = joints[left] * [-1, 1, 1]
    return _STATURE_M * (joints - joints[0]) + [0.0, _PELVIS_M, 0.0]


def stick_joints(poses: Floats, trans: Floats) -> Floats:
    """Joints `(n, 22, 3)` m of `poses (n, >= 66)` rad and `trans (n, 3)` m, in the axes of the file."""
    rest = rest_joints()
    turns: list[Rotation] = []
    joints = np.empty((len(poses), BODY_JOINTS, 3))
    for joint, parent in enumerate(PARENTS[:BODY_JOINTS]):
        own = Rotation.from_rotvec(poses[:, 3 * joint : 3 * joint + 3])
        turns.append(own if parent < 0 else turns[parent] * own)
        joints[:, joint] = (
            (rest[0] + trans) if parent < 0 else (joints[:, parent] + turns[parent].apply(rest[joint] - rest[parent]))
        )
    return joints
