"""A subject for retargeting: joints and soles of an SMPL-H format body at given shape coefficients.

Frame of everything here: x forward, y up, z right. SMPL-H's rest pose is y up, facing z, left along x.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.core.status import Reason, StageError
from mint.retarget.chain import chain

Array = np.ndarray[Any, Any]

JOINTS = 52
# SMPL-H joint numbers.
PELVIS, SPINE, NECK, HEAD = 0, (3, 6, 9), 12, 15
LEGS = {"l": (1, 4, 7, 10), "r": (2, 5, 8, 11)}  # hip, knee, ankle, toes
ARMS = {"l": (16, 18, 20), "r": (17, 19, 21)}  # shoulder, elbow, wrist
# Columns: the axes of this frame in SMPL-H's rest frame; a vector of this frame times it is one of SMPL-H's.
TO_SMPL = np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
# This frame to AMASS's ground frame (z up), inverse of (x, y, z) -> (x, z, -y).
TO_AMASS = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
_SOLE_THICKNESS_M = 0.012


@dataclass(frozen=True)
class Leg:
    """One leg at rest: `hip` from the middle of the hips; `thigh`, `shank` after `align`, which turns the
    line from hip to ankle to point straight down; `heel`, `ball` (under the toe joint), `toe` tip of the sole
    from the ankle, in the foot's frame, at one height. All (3,) m."""

    hip: Array
    thigh: Array
    shank: Array
    align: Rotation
    heel: Array
    ball: Array
    toe: Array

    @property
    def length_m(self) -> float:
        """From hip to sole with the leg straight, m."""
        return float(np.linalg.norm(self.thigh + self.shank) - self.heel[1])


@dataclass(frozen=True)
class Subject:
    """A body at rest: `joints (52,3)` m, `parents (52,)`, `pelvis_smpl (3,)` in SMPL-H's own frame, the legs by
    side, turns that bring upper arm and forearm to hang straight down, mean hand poses (45,) rad."""

    joints: Array
    parents: Array
    pelvis_smpl: Array
    legs: dict[str, Leg]
    arm_align: dict[str, tuple[Rotation, Rotation]]
    hands: dict[str, Array]

    @property
    def mid_hip(self) -> Array:
        """Middle (3,) m of the hip joints at rest."""
        return np.asarray((self.joints[LEGS["l"][0]] + self.joints[LEGS["r"][0]]) / 2)

    @property
    def leg_length_m(self) -> float:
        """Mean of both legs, m."""
        return (self.legs["l"].length_m + self.legs["r"].length_m) / 2

    def scale(self, leg_length_m: float) -> float:
        """Leg length of the subject over that of the skeleton whose motion it is to make, m."""
        return self.leg_length_m / leg_length_m


def read_subject(model_path: str | Path, betas: Array) -> Subject:
    """Joints and soles of the body file at `betas` (up to 16). Raises StageError(BODY_MODEL) naming the field."""
    try:
        with np.load(model_path, allow_pickle=False) as data:
            fields = {
                name: np.asarray(data[name], dtype=float)
                for name in ("v_template", "shapedirs", "J_regressor", "weights", "kintree_table")
            }
            hands = {
                side: np.asarray(data[f"hands_mean{side}"], dtype=float).ravel()
                if f"hands_mean{side}" in data.files
                else np.zeros(45)
                for side in "lr"
            }
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise StageError(Reason.BODY_MODEL, f"{model_path}: not a body in SMPL-H format: {error}") from error
    weights, parents = fields["weights"], fields["kintree_table"][0].astype(np.int64)
    if weights.shape[1] != JOINTS or any(hand.shape != (45,) for hand in hands.values()):
        raise StageError(Reason.BODY_MODEL, f"{model_path}: weights of {weights.shape[1]} joints, expected {JOINTS}")
    betas = np.asarray(betas, dtype=float)
    vertices = fields["v_template"] + fields["shapedirs"][:, :, : len(betas)] @ betas
    return shaped_subject(vertices, fields["J_regressor"] @ vertices, weights, parents, hands)


def shaped_subject(
    vertices: Array, joints_smpl: Array, weights: Array, parents: Array, hands: dict[str, Array]
) -> Subject:
    """A subject of shaped `vertices (V,3)` and `joints_smpl (52,3)` m in SMPL-H's rest frame, `weights (V,52)`,
    `parents (52,)` and mean hand poses (45,) rad by side."""
    pelvis_smpl, parents = joints_smpl[0], parents.copy()
    # Rotations keep lengths, so vectors change frame by TO_SMPL's transpose.
    joints, vertices = joints_smpl @ TO_SMPL, vertices @ TO_SMPL
    owner = np.argmax(weights, axis=1)
    mid_hip = (joints[1] + joints[2]) / 2
    legs = {side: _leg(joints, vertices, owner, numbers, mid_hip) for side, numbers in LEGS.items()}
    arms = {
        side: (_to_down(joints[elbow] - joints[shoulder]), _to_down(joints[wrist] - joints[elbow]))
        for side, (shoulder, elbow, wrist) in ARMS.items()
    }
    parents[0] = -1
    return Subject(joints, parents, pelvis_smpl, legs, arms, hands)


def forward_kinematics(subject: Subject, local: Array, pelvis: Array) -> tuple[Array, Array]:
    """Ground positions (n,52,3) m and orientations (n,52,3,3) of all joints.

    `local (n,52,3,3)` are rotations in the parent's frame (root: ground), `pelvis (n,3)` m.
    """
    offsets = subject.joints - subject.joints[subject.parents]
    return chain(offsets, subject.parents, local, pelvis)


def _to_down(direction: Array) -> Rotation:
    """The smallest rotation that turns `direction` to point straight down."""
    return between(direction[None], np.array([[0.0, -1.0, 0.0]]))[0]


def between(first: Array, second: Array) -> Rotation:
    """The smallest rotations that turn the vectors `first (n,3)` into the directions of `second (n,3)`."""
    a = first / np.linalg.norm(first, axis=-1, keepdims=True)
    b = second / np.linalg.norm(second, axis=-1, keepdims=True)
    axis = np.cross(a, b)
    # (cos, sin) of the full angle to the quaternion's half angle; opposite vectors do not occur in a leg or arm.
    quaternion = np.concatenate([axis, 1 + np.sum(a * b, axis=-1, keepdims=True)], axis=-1)
    return Rotation.from_quat(quaternion)


def _leg(joints: Array, vertices: Array, owner: Array, numbers: tuple[int, int, int, int], mid_hip: Array) -> Leg:
    hip, knee, ankle, toes = numbers
    align = _to_down(joints[ankle] - joints[hip])
    foot = vertices[(owner == ankle) | (owner == toes)]
    floor = foot[:, 1].min()
    sole = foot[foot[:, 1] < floor + _SOLE_THICKNESS_M]
    middle = float(np.median(sole[:, 2]))

    def under(x: float) -> Array:
        return np.array([x, floor, middle]) - joints[ankle]

    thigh, shank = align.apply(joints[knee] - joints[hip]), align.apply(joints[ankle] - joints[knee])
    return Leg(
        joints[hip] - mid_hip,
        thigh,
        shank,
        align,
        under(float(sole[:, 0].min())),
        under(float(joints[toes][0])),
        under(float(sole[:, 0].max())),
    )
