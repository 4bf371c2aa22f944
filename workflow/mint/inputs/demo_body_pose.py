"""From MakeHuman's rest pose (arms 49 degrees down, legs 6 degrees apart) to the T-pose of SMPL-H."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from mint.inputs.makehuman import FloatArray, MakeHuman
from mint.retarget.joints import JOINTS, bone, mirrored, parents

_SEGMENTS = (("shoulder", "elbow"), ("elbow", "wrist"), ("wrist", "middle1"))
_LEG_ABDUCTION_DEG = 2.0  # hip to ankle against the vertical, seen from the front: slightly apart, like SMPL

# Along the clavicle, 1 at the shoulder joint: where skin begins to follow the arm and where it does fully.
_ARM_SHARE = (0.85, 1.35)
_MIRROR = np.array([-1.0, 1.0, 1.0])
# Distance of the hips over distance of the front iliac spines, in the model of Rajagopal et al. 2016 with the
# markers of Bittner et al. 2023; the depth of the hips below is from the same.
_HIP_WIDTH = 0.67
# Share of the way from the skin before a joint to the skin behind it. Spine: vertebral bodies lie about 30 %
# of the depth of the trunk before the back.
_DEPTH = {"left_hip": 0.40, "right_hip": 0.40, "pelvis": 0.50, "spine1": 0.70, "spine2": 0.70, "spine3": 0.70}


def joint_centres(mesh: MakeHuman, vertices: FloatArray) -> FloatArray:
    """Joint centres (52, 3) m of MakeHuman vertices (A, 3) m: the rig's own definition, made symmetric.

    The rig takes a few joints (pelvis, clavicles) from vertices that have no partner on the other side. Where
    `mesh.skin` names the skin before and behind a joint, its depth (and for the hips the width) follows from
    that: the rig has the hips some 4 cm too far back, which shows as marker errors as soon as the hip is
    flexed, and lets single vertices of belly or back shift pelvis and spine with girth.
    """
    centres = np.array([vertices[mesh.joints[bone(name)]].mean(axis=0) for name in JOINTS])
    centres = 0.5 * (centres + centres[mirrored()] * _MIRROR)
    for name, (front, back) in mesh.skin.items():
        centre = centres[JOINTS.index(name)]
        centre[2] = (1 - _DEPTH[name]) * vertices[front, 2] + _DEPTH[name] * vertices[back, 2]
        if name.endswith("hip"):
            centre[0] = _HIP_WIDTH * vertices[front, 0]
    return centres


def skinning_weights(mesh: MakeHuman) -> FloatArray:
    """Weights (V, 52) of the body's vertices; rows sum to 1, equal on both sides."""
    out = np.zeros((mesh.body_count, len(JOINTS)))
    for column, name in enumerate(JOINTS):
        ids, values = mesh.weights[bone(name)]
        keep = ids < mesh.body_count
        out[ids[keep], column] = values[keep]
    out /= out.sum(axis=1, keepdims=True)
    _free_clavicle(out, mesh.vertices[: mesh.body_count], joint_centres(mesh, mesh.vertices))
    return 0.5 * (out + out[mesh.mirror[: mesh.body_count]][:, mirrored()])


def _free_clavicle(weights: FloatArray, vertices: FloatArray, joints: FloatArray) -> None:
    """Hand the arm's share of skin medial to the shoulder joint to the clavicle, in place.

    The rig lets the arm carry more than half of the skin over clavicle and acromion, so that a marker there
    moves by centimetres when the arm is lowered. The share fades in around the shoulder joint instead.
    """
    for side in ("left", "right"):
        clavicle, shoulder = (JOINTS.index(f"{side}_{part}") for part in ("collar", "shoulder"))
        axis = joints[shoulder] - joints[clavicle]
        along = (vertices - joints[clavicle]) @ axis / (axis @ axis)
        start, end = _ARM_SHARE
        fade = np.clip((along - start) / (end - start), 0.0, 1.0)
        kept = weights[:, shoulder] * fade**2 * (3 - 2 * fade)
        weights[:, clavicle] += weights[:, shoulder] - kept
        weights[:, shoulder] = kept


def t_pose_rotations(joints: FloatArray) -> FloatArray:
    """World rotations (52, 3, 3) that take the rest pose with these joints (52, 3) to the T-pose.

    Upper arm, forearm and palm become horizontal and lateral, each by the smallest rotation; what hangs on
    the palm turns with it, the clavicle stays. Each leg turns as a whole in the frontal plane; the foot stays
    level.
    """
    tree = parents()
    own: dict[int, FloatArray] = {}
    for side, lateral in (("left", 1.0), ("right", -1.0)):
        for start, end in _SEGMENTS:
            i, j = JOINTS.index(f"{side}_{start}"), JOINTS.index(f"{side}_{end}")
            direction = (joints[j] - joints[i]) / np.linalg.norm(joints[j] - joints[i])
            own[i] = _smallest_rotation(direction, np.array([lateral, 0.0, 0.0]))
        hip, ankle = JOINTS.index(f"{side}_hip"), JOINTS.index(f"{side}_ankle")
        leg = joints[ankle] - joints[hip]
        excess = np.arctan2(lateral * leg[0], -leg[1]) - np.deg2rad(_LEG_ABDUCTION_DEG)
        own[hip] = Rotation.from_euler("z", -lateral * excess).as_matrix()
        own[ankle] = np.eye(3)
    out = np.tile(np.eye(3), (len(JOINTS), 1, 1))
    for i in range(1, len(JOINTS)):
        out[i] = own[i] if i in own else out[tree[i]]
    return out


def _smallest_rotation(a: FloatArray, b: FloatArray) -> FloatArray:
    axis = np.cross(a, b)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-12:
        return np.eye(3)
    return Rotation.from_rotvec(axis / sine * np.arctan2(sine, float(a @ b))).as_matrix()


@dataclass(frozen=True)
class Straightened:
    """A body in T-pose: vertices (V, 3) m and joint centres (52, 3) m, pelvis joint at the origin."""

    vertices: FloatArray
    joints: FloatArray


def to_t_pose(mesh: MakeHuman, vertices: FloatArray, rotations: FloatArray, weights: FloatArray) -> Straightened:
    """Linear blend skinning of MakeHuman vertices (A, 3) m with fixed world rotations (52, 3, 3).

    v' = sum_k w_k (R_k (v - j_k) + j'_k). The joints j are linear in the vertices and R is fixed, so the
    whole is linear in the vertices: differences of shapes in the rest pose become differences in T-pose.
    """
    joints = joint_centres(mesh, vertices)
    posed = np.zeros_like(joints)
    for i, parent in enumerate(parents()):
        if parent >= 0:
            posed[i] = posed[parent] + rotations[parent] @ (joints[i] - joints[parent])
    offset = posed - np.einsum("kij,kj->ki", rotations, joints)
    blended = np.einsum("vk,kij->vij", weights, rotations)
    body = np.einsum("vij,vj->vi", blended, vertices[: mesh.body_count]) + weights @ offset
    return Straightened(body, posed)
