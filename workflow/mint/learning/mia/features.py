"""MIA's poses from video as inputs of the networks, and its EMG as targets at the same times.

VIBE (Kocabas et al. 2020) estimates joint angles and the root's direction in the axes of the camera, and no place in
the world. Assumed here: the camera is level; the pelvis stays above one point; in every frame the lowest joint is on
the floor, so that a squat lowers the pelvis, but a jump has no flight.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.smplh import POSE_VALUES
from mint.body.stick import BODY_JOINTS, stick_joints
from mint.formats.ground_frame import turn_to_ground
from mint.formats.trials import SHAPE_COMPONENTS
from mint.learning.mia.channels import percentiles
from mint.learning.mia.reader import FRAMES, RATE_HZ, Sample
from mint.learning.motion.joints import RATE_HZ as FEATURES_HZ

Floats = NDArray[np.float64]
Joints = Callable[[Floats, Floats], Floats]

# x right, y down, z away from the camera becomes x, z and -y: z up, and who faces the camera faces -y.
_UPRIGHT = Rotation.from_matrix(turn_to_ground("z").T @ turn_to_ground("-y"))


class Features(Protocol):
    """Makes features `(m, D)` at 20/s, the first at time 0, of `poses (n, 156)` rad and `trans (n, 3)` m of SMPL-H, z
    up, at `rate_hz`, of a person of shape `betas (16,)`. The last ones may be missing."""

    def __call__(self, poses: Floats, trans: Floats, betas: Floats, rate_hz: float) -> Floats:
        """Features of a motion."""


def on_smplh(poses: Floats, joints: Joints = stick_joints) -> tuple[Floats, Floats]:
    """SMPL `poses (n, 72)` rad in the axes of a camera as SMPL-H poses `(n, 156)`, z up, and `trans (n, 3)` m.

    The 22 joints of the body have the same places in both models; hands are at rest, because SMPL's one joint of each
    hand has no counterpart. `joints` gives the places `(n, 22, 3)` m of joints: without, those of a figure of average
    proportions, 1.7 m tall.
    """
    out = np.zeros((len(poses), POSE_VALUES))
    out[:, : 3 * BODY_JOINTS] = poses[:, : 3 * BODY_JOINTS]
    out[:, :3] = (_UPRIGHT * Rotation.from_rotvec(poses[:, :3])).as_rotvec()
    trans = np.zeros((len(poses), 3))
    trans[:, 2] = -joints(out, trans)[..., 2].min(axis=1)
    return out, trans


def shape_of(betas: Floats) -> Floats:
    """One shape `(16,)` of a person from SMPL's `betas (n, 10)` of each frame: their median, then zeros.

    They are taken as coefficients of SMPL-H, as musint does (notebooks/mia_utils.py at 0072e855): proportions are
    approximate, because the two models have components of their own.
    """
    out = np.zeros(SHAPE_COMPONENTS)
    out[: betas.shape[1]] = np.median(betas, axis=0)
    return out


def targets(emg: Floats, count: int) -> Floats:
    """Targets `(count, 8)` at 0, 0.05, 0.1 ... s from raw `emg (30, 8)` at 10/s: linear between samples, 1 at the 99th
    percentile of each channel. Raises ValueError where features outlast the EMG: it ends with its last sample, at
    2.9 s, so that there are at most 59. (The paper's code stretches pose and EMG to 3 s instead.)"""
    at, times = np.arange(count) / FEATURES_HZ, np.arange(len(emg)) / RATE_HZ
    if count and at[-1] > times[-1] + 1e-9:
        raise ValueError(f"{count} features at {FEATURES_HZ:g}/s outlast EMG of {times[-1]:g} s")
    return np.stack([np.interp(at, times, channel) for channel in emg.T], axis=1) / percentiles()


def arrays(sample: Sample, features: Features, joints: Joints = stick_joints) -> tuple[Floats, Floats]:
    """Features `(m, D)` and targets `(m, 8)` of a sample at the same times, 20/s."""
    poses, trans = on_smplh(sample.poses, joints)
    found = features(poses, trans, shape_of(sample.betas), RATE_HZ)
    count = min(len(found), int((FRAMES - 1) * FEATURES_HZ / RATE_HZ) + 1)
    return found[:count], targets(sample.emg, count)


def windows(values: Floats, length: int) -> Floats:
    """Windows `(k, length, D)` of `values (m, D)` one after the other, as the paper validates; a shorter rest is left
    out."""
    count = len(values) // length
    return values[: count * length].reshape(count, length, values.shape[1])
