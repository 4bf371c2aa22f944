"""From a skeleton's joint angles to a body with the subject's legs, and on to SMPL-H pose vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.retarget.motion import Motion
from mint.retarget.subject import (
    ARMS,
    JOINTS,
    LEGS,
    NECK,
    PELVIS,
    SPINE,
    TO_AMASS,
    TO_SMPL,
    Leg,
    Subject,
    between,
)

Array = np.ndarray[Any, Any]

HEAD_SHARE = 0.5  # of the neck's rotation, the rest is the neck's own
MIN_KNEE_RAD = np.radians(3.0)  # a leg this straight counts as fully stretched
_LEFT_HAND, _RIGHT_HAND = slice(22, 37), slice(37, 52)


@dataclass
class BodyMotion:
    """A subject's motion, n frames at `rate_hz`: `root (n,3)` m the middle of the hips, `turns` name -> rotations
    in the parent's frame (root: ground), `hinges` name -> (n,) rad, and per side the feet: `ankle (n,3)` m and
    `foot` orientation in ground, `toe (n,)` rad upward bend of the toes."""

    rate_hz: float
    root: Array
    turns: dict[str, Rotation]
    hinges: dict[str, Array]
    ankle: dict[str, Array]
    foot: dict[str, Rotation]
    toe: dict[str, Array]

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.root)


def cut(body: BodyMotion, start: int, stop: int) -> BodyMotion:
    """Frames [start, stop)."""
    keep = slice(start, stop)
    return BodyMotion(
        body.rate_hz,
        body.root[keep],
        {k: v[keep] for k, v in body.turns.items()},
        {k: v[keep] for k, v in body.hinges.items()},
        {k: v[keep] for k, v in body.ankle.items()},
        {k: v[keep] for k, v in body.foot.items()},
        {k: v[keep] for k, v in body.toe.items()},
    )


def about_z(angle: Array) -> Rotation:
    """Rotations about z (the hinges of knee and elbow) by `angle (n,)` rad."""
    return Rotation.from_rotvec(np.outer(angle, [0.0, 0.0, 1.0]))


def to_body(motion: Motion, subject: Subject, rate_hz: float, scale: float) -> BodyMotion:
    """A skeleton's joint angles on the subject's legs; the root path is scaled by `scale`, the ratio of leg lengths."""
    turns = {
        name: Rotation.from_quat(quaternion) for name, quaternion in motion.balls.items() if not name.endswith("ankle")
    }
    root = motion.root * scale
    body = BodyMotion(rate_hz, root, turns, dict(motion.hinges), {}, {}, {})
    for side, leg in subject.legs.items():
        thigh = turns["root"] * turns[f"{side}_hip"]
        shank = thigh * about_z(motion.hinges[f"{side}_knee"])
        hip = root + turns["root"].apply(leg.hip)
        body.ankle[side] = hip + thigh.apply(leg.thigh) + shank.apply(leg.shank)
        body.foot[side] = shank * Rotation.from_quat(motion.balls[f"{side}_ankle"])
        body.toe[side] = np.zeros(len(root))
    return body


def hip_centers(body: BodyMotion, leg: Leg) -> Array:
    """Hip joint centres (n,3) m of one leg."""
    return np.asarray(body.root + body.turns["root"].apply(leg.hip))


def solve_leg(body: BodyMotion, leg: Leg, side: str) -> Array:
    """Two-bone inverse kinematics: bend the knee and swing the thigh so that the ankle meets `body.ankle`.

    The thigh keeps its axial rotation: the smallest swing is added. Changes `body.turns`, `body.hinges` and,
    where the target is out of reach, `body.ankle`. Returns by how much (n,) m it was out of reach.
    """
    hip = hip_centers(body, leg)
    target = body.ankle[side] - hip
    distance = np.linalg.norm(target, axis=1)
    # |thigh + Rz(k) shank|^2 = C + P cos(k + phase): only components across the hinge axis turn.
    a, b = leg.thigh, leg.shank
    constant = a @ a + b @ b + 2 * a[2] * b[2]
    product = 2 * np.hypot(a[0], a[1]) * np.hypot(b[0], b[1])
    phase = np.arctan2(b[1], b[0]) - np.arctan2(a[1], a[0])
    longest = np.sqrt(constant + product * np.cos(phase - MIN_KNEE_RAD))
    reach = np.minimum(distance, longest)
    inner = np.arccos(np.clip((reach**2 - constant) / product, -1.0, 1.0))
    knee = -inner - phase
    missing = distance - reach
    body.ankle[side] = hip + target * (reach / distance)[:, None]
    thigh = body.turns["root"] * body.turns[f"{side}_hip"]
    swing = between(thigh.apply(a + about_z(knee).apply(b)), target)
    body.turns[f"{side}_hip"] = body.turns["root"].inv() * swing * thigh
    body.hinges[f"{side}_knee"] = knee
    return np.asarray(missing)


def local_rotations(body: BodyMotion, subject: Subject) -> tuple[Array, Array]:
    """Joint rotations (n,52,3,3) in the parent's frame and pelvis position (n,3) m, frame x forward, y up."""
    local = np.tile(np.eye(3), (body.frames, JOINTS, 1, 1))
    root = body.turns["root"]
    local[:, PELVIS] = root.as_matrix()
    # Rotation vectors split evenly: three equal rotations about one axis add up to the whole.
    for joint in SPINE:
        local[:, joint] = Rotation.from_rotvec(body.turns["chest"].as_rotvec() / len(SPINE)).as_matrix()
    neck = body.turns["neck"].as_rotvec()
    local[:, NECK] = Rotation.from_rotvec(neck * (1 - HEAD_SHARE)).as_matrix()
    local[:, NECK + 3] = Rotation.from_rotvec(neck * HEAD_SHARE).as_matrix()
    for side, (hip, knee, ankle, toes) in LEGS.items():
        align = subject.legs[side].align
        thigh = body.turns[f"{side}_hip"]
        shank = thigh * about_z(body.hinges[f"{side}_knee"])
        local[:, hip] = (thigh * align).as_matrix()
        local[:, knee] = (align.inv() * about_z(body.hinges[f"{side}_knee"]) * align).as_matrix()
        local[:, ankle] = ((root * shank * align).inv() * body.foot[side]).as_matrix()
        local[:, toes] = about_z(body.toe[side]).as_matrix()
    for side, (shoulder, elbow, _) in ARMS.items():
        upper, fore = subject.arm_align[side]
        local[:, shoulder] = (body.turns[f"{side}_shoulder"] * upper).as_matrix()
        local[:, elbow] = (upper.inv() * about_z(body.hinges[f"{side}_elbow"]) * fore).as_matrix()
    pelvis = body.root + root.apply(subject.joints[PELVIS] - subject.mid_hip)
    return local, np.asarray(pelvis)


def to_smpl(body: BodyMotion, subject: Subject) -> tuple[Array, Array]:
    """AMASS `poses (n,156)` rad and `trans (n,3)` m (z up) of a body motion."""
    local, pelvis = local_rotations(body, subject)
    smpl = TO_SMPL @ local @ TO_SMPL.T
    # The root turns SMPL-H's rest frame into AMASS's ground.
    smpl[:, PELVIS] = TO_AMASS @ local[:, PELVIS] @ TO_SMPL.T
    poses = Rotation.from_matrix(smpl.reshape(-1, 3, 3)).as_rotvec().reshape(body.frames, JOINTS, 3)
    poses[:, _LEFT_HAND] = subject.hands["l"].reshape(15, 3)
    poses[:, _RIGHT_HAND] = subject.hands["r"].reshape(15, 3)
    poses[:, PELVIS] = continuous(poses[:, PELVIS])
    # SMPL-H turns the body about its pelvis joint at rest, then adds trans.
    trans = pelvis @ TO_AMASS.T - subject.pelvis_smpl
    return poses.reshape(body.frames, 3 * JOINTS), trans


def continuous(vectors: Array) -> Array:
    """Rotation vectors (n,3) without jumps of a whole turn: each is the equivalent nearest to the one before."""
    out = vectors.copy()
    for i in range(1, len(out)):
        angle = np.linalg.norm(out[i])
        if angle > 1e-9:
            axis = out[i] / angle
            turns = np.round((out[i - 1] @ axis - angle) / (2 * np.pi))
            out[i] = axis * (angle + 2 * np.pi * turns)
    return out
