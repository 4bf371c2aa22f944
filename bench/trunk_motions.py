"""Synthetic motions of the trunk, as AMASS files: flexion, extension, bending, turning, lifting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from runs import unless_same
from scipy.spatial.transform import Rotation

from mint.inputs.demo_motion import SUBJECTS

Array = np.ndarray[Any, Any]
RATE_HZ, DURATION_S = 100.0, 4.0
# SMPL-H joints: y up, z forward and x to the left in the rest pose, from which rotations turn.
_HIPS, _KNEES, _ANKLES, _SPINE, _SHOULDERS = (1, 2), (4, 5), (7, 8), (3, 6, 9), (16, 17)
_JOINTS = 52
_UPRIGHT = Rotation.from_euler("x", 90, degrees=True)  # AMASS has z up
_HANGING_DEG = 72.0  # arms from the rest pose's horizontal to the sides
_DROP_M = 0.8  # length of a leg, by which bent legs lower the pelvis


@dataclass(frozen=True)
class TrunkMotion:
    """Peak angles, degrees: trunk about x (flexion), y (to the left) and z (to the right), knees half flexed by `squat`
    at hips and ankles, arms raised forward."""

    name: str
    trunk: tuple[float, float, float] = (0.0, 0.0, 0.0)
    squat: float = 0.0
    reach: float = 0.0


MOTIONS = (
    TrunkMotion("flexion", (40.0, 0.0, 0.0)),
    TrunkMotion("extension", (-20.0, 0.0, 0.0)),
    TrunkMotion("bending", (0.0, 0.0, 25.0)),
    TrunkMotion("bending_left", (0.0, 0.0, -25.0)),
    TrunkMotion("rotation", (0.0, -35.0, 0.0)),
    TrunkMotion("rotation_left", (0.0, 35.0, 0.0)),
    TrunkMotion("lifting", (30.0, 0.0, 0.0), squat=30.0, reach=50.0),
)


def poses(motion: TrunkMotion) -> tuple[Array, Array]:
    """Rotation vectors (n, 156) of all joints and root translation (n, 3) m: there and back, at rest at both ends."""
    phase = np.arange(round(DURATION_S * RATE_HZ) + 1) / (DURATION_S * RATE_HZ)
    share = 0.5 * (1.0 - np.cos(2 * np.pi * phase))
    out = np.zeros((len(share), _JOINTS, 3))

    def put(joints: tuple[int, ...], turn: Callable[[float, int], Rotation]) -> None:
        for joint in joints:
            out[:, joint] = [turn(x, joint).as_rotvec() for x in share]

    put((0,), lambda x, joint: _UPRIGHT)
    put(_SPINE, lambda x, joint: Rotation.from_rotvec(np.radians(motion.trunk) * x / len(_SPINE)))
    put(_HIPS, lambda x, joint: about_x(-motion.squat * x))
    put(_KNEES, lambda x, joint: about_x(2 * motion.squat * x))
    put(_ANKLES, lambda x, joint: about_x(-motion.squat * x))
    put(
        _SHOULDERS,
        lambda x, joint: (
            about_x(-motion.reach * x)
            * Rotation.from_euler("z", _HANGING_DEG if joint == _SHOULDERS[1] else -_HANGING_DEG, degrees=True)
        ),
    )
    translation = np.zeros((len(share), 3))
    translation[:, 2] = -_DROP_M * (1.0 - np.cos(np.radians(motion.squat) * share))
    return out.reshape(len(share), -1), translation


def about_x(degrees: float) -> Rotation:
    """Flexion of the trunk or a knee if positive, of a hip or a shoulder if negative."""
    return Rotation.from_euler("x", degrees, degrees=True)


def write_motions(folder: Path, subject: str) -> list[dict[str, Any]]:
    """AMASS files of all motions, and their rows of the sequence table."""
    gender, shape = SUBJECTS[subject]
    betas = np.zeros(16)
    betas[: len(shape)] = shape
    rows = []
    for motion in MOTIONS:
        path = folder / f"{motion.name}_poses.npz"
        rotations, translation = poses(motion)
        with unless_same(path) as written, written.open("wb") as handle:
            np.savez_compressed(
                handle,
                poses=rotations,
                trans=translation,
                betas=betas,
                dmpls=np.zeros((len(rotations), 8)),
                gender=gender,
                mocap_framerate=RATE_HZ,
            )
        rows.append(
            {
                "sequence_id": f"trunk_{motion.name}",
                "source": "amass",
                "path": path,
                "dataset": "MintDemo",
                "subject": subject,
                "gender": gender,
            }
        )
    return rows
