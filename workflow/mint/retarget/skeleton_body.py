"""From a recorded skeleton to a subject's body: joint angles, path of the hips, ankles where the skeleton has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.retarget.pose import BodyMotion
from mint.retarget.skeleton_frames import (
    foot_axes,
    limb,
    local_mean,
    same_axes,
    trunk_axes,
    unit,
)
from mint.retarget.subject import LEGS, Subject

Array = np.ndarray[Any, Any]

SIDES = {"l": "left", "r": "right"}
_LEAST_FOOT = 0.05  # of a leg: a toe joint nearer to the ankle tells no direction


@dataclass(frozen=True)
class Skeleton:
    """A skeleton in motion, m, y up: `joints` name of SMPL-H (and `chest`) -> index, `points (n,J,3)` m, `turns
    (n,J,3,3)` in ground, `parents (J,)`, `rate_hz`."""

    joints: dict[str, int]
    points: Array
    turns: Array
    parents: Array
    rate_hz: float

    def at(self, joint: str) -> Array:
        """Path (n,3) m of a joint."""
        return np.asarray(self.points[:, self.joints[joint]])

    def turned(self, joint: str) -> Array:
        """Orientation (n,3,3) of a joint in ground."""
        return np.asarray(self.turns[:, self.joints[joint]])

    def length_m(self, first: str, second: str) -> float:
        """Median distance of two joints, m."""
        return float(np.median(np.linalg.norm(self.at(first) - self.at(second), axis=1)))

    @property
    def leg_m(self) -> float:
        """Thigh and shank, mean of both legs, m."""
        bones = (("hip", "knee"), ("knee", "ankle"))
        return sum(self.length_m(f"{side}_{a}", f"{side}_{b}") for side in SIDES.values() for a, b in bones) / 2

    def toe(self, side: str) -> Array | None:
        """Path (n,3) m of the joint or tip at the end of a foot; None if the skeleton has none."""
        ankle = self.joints[f"{side}_ankle"]
        below = np.flatnonzero(self.parents == ankle)
        index = self.joints.get(f"{side}_foot", int(below[0]) if len(below) else -1)
        toe = self.points[:, index]
        far = np.median(np.linalg.norm(toe - self.points[:, ankle], axis=1)) > _LEAST_FOOT * self.leg_m
        return np.asarray(toe) if index >= 0 and far else None


def skeleton_on(subject: Subject, skeleton: Skeleton) -> BodyMotion:
    """The skeleton's motion on a subject; lengths are scaled by that of the legs.

    Shoulders turn in the chest: collars have no joint of their own here.
    """
    hips = (skeleton.at("left_hip") + skeleton.at("right_hip")) / 2
    pelvis = _pelvis(skeleton, hips)
    chest = _chest(skeleton)
    scale = _leg_m(subject) / skeleton.leg_m
    turns = {"root": pelvis, "chest": pelvis.inv() * chest, "neck": _neck(skeleton, chest)}
    body = BodyMotion(skeleton.rate_hz, scale * hips, turns, {}, {}, {}, {})
    for side, name in SIDES.items():
        leg = _limb(skeleton, name, ("hip", "knee", "ankle"), pelvis, -1.0)
        turns[f"{side}_hip"], body.hinges[f"{side}_knee"] = pelvis.inv() * leg[0], leg[1]
        body.ankle[side] = scale * skeleton.at(f"{name}_ankle")
        body.foot[side] = _foot(skeleton, subject, side, pelvis)
        body.toe[side] = np.zeros(len(hips))
        if f"{name}_elbow" in skeleton.joints:
            arm = _limb(skeleton, name, ("shoulder", "elbow", "wrist"), chest, 1.0)
            turns[f"{side}_shoulder"], body.hinges[f"{side}_elbow"] = chest.inv() * arm[0], arm[1]
        else:
            turns[f"{side}_shoulder"] = Rotation.identity(len(hips))
            body.hinges[f"{side}_elbow"] = np.zeros(len(hips))
    return body


def _leg_m(subject: Subject) -> float:
    return sum(float(np.linalg.norm(leg.thigh + leg.shank)) for leg in subject.legs.values()) / 2


def _pelvis(skeleton: Skeleton, hips: Array) -> Rotation:
    turns = skeleton.turned("pelvis")
    right = local_mean(turns, skeleton.at("right_hip") - skeleton.at("left_hip"))
    return Rotation.from_matrix(turns @ trunk_axes(right, _up(skeleton, turns, hips)))


def _up(skeleton: Skeleton, turns: Array, hips: Array) -> Array:
    """The line (3,) from the pelvis up its spine: the first joint of it that has a place of its own."""
    chest, pelvis = skeleton.joints["chest"], skeleton.joints["pelvis"]
    chain = [chest]
    while chain[-1] != pelvis and skeleton.parents[chain[-1]] >= 0:
        chain.append(int(skeleton.parents[chain[-1]]))
    start = skeleton.points[:, pelvis]
    for joint in [*reversed(chain), skeleton.joints.get("neck", skeleton.joints.get("head", chest))]:
        line = skeleton.points[:, joint] - start
        if np.median(np.linalg.norm(line, axis=1)) > _LEAST_FOOT * skeleton.leg_m:
            return local_mean(turns, line)
    return local_mean(turns, skeleton.at("neck" if "neck" in skeleton.joints else "head") - hips)


def _chest(skeleton: Skeleton) -> Rotation:
    turns = skeleton.turned("chest")
    pairs = [name for name in ("collar", "shoulder") if f"left_{name}" in skeleton.joints]
    lines = [skeleton.at(f"right_{name}") - skeleton.at(f"left_{name}") for name in pairs]
    lines.append(skeleton.at("right_hip") - skeleton.at("left_hip"))
    wide = [line for line in lines if np.median(np.linalg.norm(line, axis=1)) > _LEAST_FOOT * skeleton.leg_m]
    top = skeleton.at("head" if "head" in skeleton.joints else "neck")
    axes = trunk_axes(local_mean(turns, wide[0]), local_mean(turns, top - skeleton.at("chest")))
    return Rotation.from_matrix(turns @ axes)


def _neck(skeleton: Skeleton, chest: Rotation) -> Rotation:
    """Turn of the head in the chest."""
    if "head" not in skeleton.joints:
        return Rotation.identity(len(skeleton.points))
    turns, trunk = skeleton.turned("head"), chest.as_matrix()
    return chest.inv() * Rotation.from_matrix(turns @ same_axes(trunk, turns, np.eye(3)))


def _limb(
    skeleton: Skeleton, side: str, joints: tuple[str, str, str], trunk: Rotation, sign: float
) -> tuple[Rotation, Array]:
    first, second, third = (f"{side}_{joint}" for joint in joints)
    points = (skeleton.at(first), skeleton.at(second), skeleton.at(third))
    found = limb(skeleton.turned(first), points, trunk.apply([0.0, 0.0, 1.0]), sign)
    return found.upper, found.angle


def _foot(skeleton: Skeleton, subject: Subject, side: str, pelvis: Rotation) -> Rotation:
    """Orientation of a foot in ground; without a toe it points ahead on average."""
    name = SIDES[side]
    turns, ankle = skeleton.turned(f"{name}_ankle"), skeleton.at(f"{name}_ankle")
    toe, splay = skeleton.toe(name), 0.0
    if toe is None:
        ahead = local_mean(turns, unit(pelvis.apply([1.0, 0.0, 0.0]) * [1.0, 0.0, 1.0]))
        toe = ankle + 0.15 * (turns @ ahead)
    else:
        numbers = LEGS[side]
        line = subject.joints[numbers[3]] - subject.joints[numbers[2]]
        splay = float(np.arctan2(-line[2], line[0]))
    return Rotation.from_matrix(turns @ foot_axes(turns, ankle, toe, splay, skeleton.rate_hz))
