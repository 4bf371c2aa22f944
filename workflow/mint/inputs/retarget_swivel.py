"""Legs that a human hip and ankle can take: swivel of the knee and heading of the foot.

The humanoid's joint places are well recorded, its axial rotations are not: near a straight knee the plane of the
leg says nothing, and nothing ties the foot's heading to it. A leg between a fixed hip and ankle has one freedom
left, the swivel of the knee about the line that joins them (Tolani, Goswami and Badler 2000, Graphical Models
62:353). It and the foot's orientation are chosen per leg as a nonlinear least-squares problem over all frames:
stay near the record where that is well determined, keep hip rotation, ankle and subtalar angles inside human
ranges by soft limits, move smoothly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, vstack
from scipy.sparse.linalg import spsolve
from scipy.spatial.transform import Rotation

from mint.retarget.feet import faded
from mint.retarget.pose import BodyMotion, about_z, hip_centers
from mint.retarget.subject import Leg

Array = np.ndarray[Any, Any]

# Columns of the unknowns: swivel of the knee, and of the foot: turn about the vertical, roll, heel lift; rad.
SWIVEL, YAW, ROLL, LIFT = range(4)
# Axes of the right ankle and subtalar joint in the foot at rest (x forward, y up, z right); Rajagopal et al.
# 2016 (doi:10.1109/TBME.2016.2586891), after Delp et al. 1990. The left ones are mirror images.
ANKLE_AXIS = np.array([-0.105, -0.174, 0.979])
SUBTALAR_AXIS = np.array([0.787, 0.605, -0.121])
# Soft limits, deg. Hip rotation: about half the active range of AAOS 1994 (45 each way), since muscles lose their arms
# towards its ends. The others, and the weights below, are choices of this project.
_HIP_ROTATION = (-20.0, 20.0)
_SUBTALAR = (-12.0, 12.0)
_OFF_AXIS = (-6.0, 6.0)  # what neither ankle nor subtalar joint can turn
# The subtalar joint of a model that follows the foot's markers takes up this share of that, measured over the
# inverse kinematics of the clips: the foot is long, so its heading is met at the cost of its roll.
_TAKEN_UP = 0.8
# The tibia turns inward by up to 15 deg as the knee bends, most of it early: 8.6 deg at 30 and 14.9 at 90 in the
# knee of Rajagopal et al. 2016, after Walker et al. 1988 (J Biomech 21:965).
_SCREW_HOME_DEG, _SCREW_HOME_FLEXION_DEG = 15.0, 35.0
_ANKLE = (-45.0, 35.0)  # plantar flexion; dorsiflexion with the knee bent
_LIMIT_DEG = 3.0  # beyond a limit, an excess of this costs as much as
_REST_DEG = 40.0  # this distance from the neutral pose
_OFF_REST_DEG = 15.0
_KNEE_M = 0.04  # or this displacement of the recorded knee
_TURN_DEG = (30.0, 15.0, 15.0)  # or these turns of the recorded foot
_STANDING_DEG = (30.0, 1.0, 10.0)  # of a foot that carries: the sole stays on the floor
_TOES_DEG = 0.5  # lift of its toes
_STANDING_RATE = 0.3  # rad/s: and does not twist on it
_ACCELERATION = 20.0  # rad/s^2
_ITERATIONS = 12
_CONVERGED_RAD = 1e-3
_STEP_RAD = 1e-5
_MAX_STEP_RAD = 0.2


def hip_rotation(thigh: Rotation, side: str) -> Array:
    """Axial rotation (n,) rad of thighs in the pelvis, internal positive; order flexion, adduction, rotation."""
    return np.asarray(thigh.as_euler("ZXY")[:, 2] * (1 if side == "r" else -1))


def ankle_angles(foot: Rotation, side: str) -> Array:
    """Angles (n,3) rad of feet in the shank: dorsiflexion, inversion, and the rest that neither axis can turn."""
    mirror = np.array([1.0, 1.0, 1.0] if side == "r" else [-1.0, -1.0, 1.0])
    first, second = (axis * mirror / np.linalg.norm(axis) for axis in (ANKLE_AXIS, SUBTALAR_AXIS))
    normal = np.cross(second, first) / np.linalg.norm(np.cross(second, first))
    angles = np.linalg.lstsq(np.stack([first, second], axis=1), foot.as_rotvec().T, rcond=None)[0].T
    for _ in range(6):
        subtalar = Rotation.from_rotvec(angles[:, 1:] * second)
        rest = ((Rotation.from_rotvec(angles[:, :1] * first) * subtalar).inv() * foot).as_rotvec()
        turned = subtalar.inv().apply(first)
        shared = turned @ second
        a, b = np.sum(turned * rest, axis=1), rest @ second
        angles = angles + np.stack([a - shared * b, b - shared * a], axis=1) / (1 - shared**2)[:, None]
    return np.column_stack([angles, rest @ normal])


def tibia_turn(knee: Array, side: str) -> Rotation:
    """Axial rotation of the tibia that comes with the bend `knee (n,)` rad, which is negative when bent."""
    flexion = np.maximum(-np.degrees(knee), 0.0)
    inward = np.radians(_SCREW_HOME_DEG) * (1 - np.exp(-flexion / _SCREW_HOME_FLEXION_DEG))
    return Rotation.from_rotvec(np.outer(inward * (1 if side == "r" else -1), [0.0, 1.0, 0.0]))


def comfortable(
    body: BodyMotion, leg: Leg, side: str, stance: Array, recorded: Rotation, start: Array, turn_feet: bool
) -> Array:
    """Unknowns (n,4) rad of one leg, and `body`'s thigh swivelled by the first of them.

    `recorded` is the foot's orientation before any turn, `start` the unknowns with which `body.foot` was made from
    it (`turned_foot`). Without `turn_feet` the foot stays as it is.
    """
    root, rate, n = body.turns["root"], body.rate_hz, body.frames
    hip, ankle = hip_centers(body, leg), body.ankle[side]
    axis = (ankle - hip) / np.linalg.norm(ankle - hip, axis=1, keepdims=True)
    thigh = root * body.turns[f"{side}_hip"]
    knee = thigh.apply(leg.thigh)
    radius = np.linalg.norm(knee - np.sum(knee * axis, axis=1, keepdims=True) * axis, axis=1)
    bend = about_z(body.hinges[f"{side}_knee"]) * leg.align
    inward = tibia_turn(body.hinges[f"{side}_knee"], side)
    standing = faded(stance, rate)
    scale = np.radians(
        [(1 - standing) * free + standing * held for free, held in zip(_TURN_DEG, _STANDING_DEG, strict=True)]
    ).T

    def residuals(x: Array) -> Array:
        moved = Rotation.from_rotvec(x[:, :1] * axis) * thigh
        foot = turned_foot(recorded, x)
        rotation = hip_rotation(root.inv() * moved * leg.align, side)
        ankle_rad = ankle_angles((moved * bend * inward).inv() * foot, side)
        ankle_rad[:, 1] -= _TAKEN_UP * ankle_rad[:, 2]
        angles = np.degrees(np.column_stack([rotation, ankle_rad]))
        limits = np.array([_HIP_ROTATION, _ANKLE, _SUBTALAR, _OFF_AXIS])
        beyond = (angles - np.clip(angles, limits[:, 0], limits[:, 1])) / _LIMIT_DEG
        rest = angles[:, [0, 2, 3]] / [_REST_DEG, _REST_DEG, _OFF_REST_DEG]
        # Toes of a standing foot do not rise: it turns on its ball, and would slide on its heel.
        toes = standing * np.minimum(x[:, LIFT], 0.0) / np.radians(_TOES_DEG)
        return np.column_stack([beyond, rest, x[:, SWIVEL] * radius / _KNEE_M, x[:, YAW:] / scale, toes])

    x = start.copy()
    x[:, SWIVEL] = 0.0
    free = [SWIVEL, YAW, ROLL, LIFT] if turn_feet else [SWIVEL]
    smooth = _smoothness(n, rate, standing, free)
    for _ in range(_ITERATIONS):
        value = residuals(x)
        blocks = []
        for column in free:
            probe = x.copy()
            probe[:, column] += _STEP_RAD
            blocks.append((residuals(probe) - value) / _STEP_RAD)
        jacobian = _per_frame(np.stack(blocks, axis=2))
        rows = vstack([jacobian, smooth]).tocsr()
        right = -np.concatenate([value.ravel(), smooth @ x[:, free].ravel()])
        step = np.asarray(spsolve((rows.T @ rows).tocsc(), rows.T @ right)).reshape(n, len(free))
        x[:, free] += step * min(1.0, _MAX_STEP_RAD / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < _CONVERGED_RAD:
            break
    body.turns[f"{side}_hip"] = root.inv() * Rotation.from_rotvec(x[:, :1] * axis) * thigh
    return x


def turned_foot(recorded: Rotation, unknowns: Array) -> Rotation:
    """Feet turned about the vertical through the ankle, about their own long axis and heel up, by unknowns (n,4)."""
    own = Rotation.from_rotvec(np.outer(unknowns[:, ROLL], [1.0, 0.0, 0.0])) * about_z(-unknowns[:, LIFT])
    return Rotation.from_rotvec(np.outer(unknowns[:, YAW], [0.0, 1.0, 0.0])) * recorded * own


def _per_frame(blocks: Array) -> csr_matrix:
    """Sparse matrix of blocks (n,rows,columns) on the diagonal."""
    n, rows, columns = blocks.shape
    at = np.repeat(np.arange(n) * columns, rows * columns) + np.tile(np.arange(columns), n * rows)
    ends = np.arange(0, n * rows * columns + 1, columns)
    return csr_matrix((blocks.ravel(), at, ends), shape=(n * rows, n * columns))


def _smoothness(n: int, rate_hz: float, standing: Array, free: list[int]) -> csr_matrix:
    """Rows on the flat unknowns: acceleration of each, and speed of a standing foot's turn."""
    width = len(free)
    second = diags([1.0, -2.0, 1.0], [0, width, 2 * width], shape=((n - 2) * width, n * width))
    rows = [second * (rate_hz**2 / _ACCELERATION)]
    if YAW in free:
        speed = diags([-1.0, 1.0], [0, width], shape=((n - 1) * width, n * width))
        held = np.zeros((n - 1, width))
        held[:, free.index(YAW)] = np.minimum(standing[1:], standing[:-1]) * rate_hz / _STANDING_RATE
        rows.append(diags(held.ravel()) @ speed)
    return vstack(rows).tocsr()
