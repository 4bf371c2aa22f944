"""The SMPL-H skeleton: 52 joints in order, their parents, and the bone of the MakeHuman rig that is each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BODY = (
    "pelvis",
    "left_hip",
    "right_hip",
    "spine1",
    "left_knee",
    "right_knee",
    "spine2",
    "left_ankle",
    "right_ankle",
    "spine3",
    "left_foot",
    "right_foot",
    "neck",
    "left_collar",
    "right_collar",
    "head",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
)
_BODY_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
_FINGERS = ("index", "middle", "pinky", "ring", "thumb")
_SIDES = ("left", "right")

JOINTS: tuple[str, ...] = _BODY + tuple(
    f"{side}_{finger}{part}" for side in _SIDES for finger in _FINGERS for part in (1, 2, 3)
)

_BONES = {
    "pelvis": "Hips",
    "spine1": "Spine",
    "spine2": "Spine1",
    "spine3": "Spine2",
    "neck": "Neck",
    "head": "Head",
}
_SIDE_BONES = {
    "hip": "UpLeg",
    "knee": "Leg",
    "ankle": "Foot",
    "foot": "ToeBase",
    "collar": "Shoulder",
    "shoulder": "Arm",
    "elbow": "ForeArm",
    "wrist": "Hand",
}


def parents() -> NDArray[np.int64]:
    """Parent of each joint (52,); -1 for the pelvis."""
    out = list(_BODY_PARENTS)
    for wrist in (20, 21):
        for _ in _FINGERS:
            first = len(out)
            out += [wrist, first, first + 1]
    return np.array(out, dtype=np.int64)


def bone(joint: str) -> str:
    """Bone of the MakeHuman `mixamo` rig whose head is this joint."""
    if joint in _BONES:
        return _BONES[joint]
    side, _, part = joint.partition("_")
    if part in _SIDE_BONES:
        return side.capitalize() + _SIDE_BONES[part]
    return f"{side.capitalize()}Hand{part.capitalize()}"


def mirrored() -> NDArray[np.int64]:
    """Index of the joint on the other side (52,); itself on the midline."""
    swap = {"left": "right", "right": "left"}
    names = ["_".join(swap.get(word, word) for word in name.split("_")) for name in JOINTS]
    return np.array([JOINTS.index(name) for name in names], dtype=np.int64)
