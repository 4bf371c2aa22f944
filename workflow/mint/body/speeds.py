"""How fast does it move? Speeds that no person reaches tell of a wrong frame rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError

BODY_JOINTS = 22
Floats = NDArray[np.float64]


def joint_speeds(poses: Floats, rate_hz: float) -> Floats:
    """Angular speed of the 22 body joints between frames, `(n-1, 22)` rad/s; the first is the root.

    Speeds come from relative rotations, so that jumps of rotation vectors at half a turn do not count.
    """
    rotations = Rotation.from_rotvec(poses[:, : 3 * BODY_JOINTS].reshape(-1, 3))
    quaternions = rotations.as_quat().reshape(len(poses), BODY_JOINTS, 4)
    cosines = np.abs(np.sum(quaternions[1:] * quaternions[:-1], axis=2))
    # The chord keeps its precision near zero, where the arc cosine loses it.
    chords = np.sqrt(np.maximum(2 - 2 * np.minimum(cosines, 1.0), 0))
    return np.asarray(4 * np.arcsin(np.minimum(chords / 2, 1.0)) * rate_hz)


def check_speeds(path: str, poses: Floats, trans: Floats, rate_hz: float, config: ValidateConfig) -> list[str]:
    """Warnings about doubtful speeds. Raises StageError(FRAME_RATE) for impossible ones."""
    if len(poses) < 2:
        return []
    joints = joint_speeds(poses, rate_hz)
    root = np.linalg.norm(np.diff(trans, axis=0), axis=1) * rate_hz
    measures = [
        (
            "trans",
            "root speed, 95th percentile",
            float(np.percentile(root, 95)),
            "m/s",
            config.warn_root_speed_m_s,
            config.max_root_speed_m_s,
        ),
        (
            "poses",
            "speed of the fastest joint, 95th percentile",
            float(np.percentile(joints.max(axis=1), 95)),
            "rad/s",
            config.warn_joint_speed_rad_s,
            config.max_joint_speed_rad_s,
        ),
        (
            "poses",
            "mean joint speed, median",
            float(np.median(joints.mean(axis=1))),
            "rad/s",
            config.max_median_joint_speed_rad_s / 2,
            config.max_median_joint_speed_rad_s,
        ),
    ]
    warnings = []
    for field, name, value, unit, doubtful, impossible in measures:
        text = f"{path}: field {field}: {name} is {value:.1f} {unit} at {rate_hz:g} Hz"
        if value > impossible:
            raise StageError(Reason.FRAME_RATE, f"{text}, people reach {impossible:g} {unit}")
        if value > doubtful:
            warnings.append(f"{text}: is the frame rate right? (frame_rate_override)")
    return warnings
