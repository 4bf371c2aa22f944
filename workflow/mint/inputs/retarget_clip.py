"""Motion capture clips of the simplified humanoid in pybullet_data: format, skeleton, reading.

Frame: x forward, y up, z right (the frame of OpenSim). In the zero pose the humanoid stands upright, faces
+x, arms hanging. A file is JSON with `Loop` ("wrap" or "none") and `Frames`, one row of 44 numbers each.
Order and axes follow the humanoid's URDF in the same wheel; its lengths are in quarter metres.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.status import Reason, StageError
from mint.retarget.motion import Motion, same_side

Array = np.ndarray[Any, Any]

COLUMNS = 44
# Column of the first number of each joint in a row; ball joints hold a quaternion (w, x, y, z), hinges an angle.
BALL_COLUMNS = {
    "root": 4,
    "chest": 8,
    "neck": 12,
    "r_hip": 16,
    "r_ankle": 21,
    "r_shoulder": 25,
    "l_hip": 30,
    "l_ankle": 35,
    "l_shoulder": 39,
}
# Hinges turn about z (right): a bent knee is negative, a bent elbow positive.
HINGE_COLUMNS = {"r_knee": 20, "r_elbow": 29, "l_knee": 34, "l_elbow": 43}
_URDF_UNIT_M = 0.25
THIGH_M = 1.686184 * _URDF_UNIT_M
SHANK_M = 1.639480 * _URDF_UNIT_M
# Hand-edited frames of kick and spin hold quaternions as short as 0.58; their direction is still meant.
_NORM_TOLERANCE = 0.5
ANKLE_HEIGHT_M = 0.2 * _URDF_UNIT_M
# The root lies midway between the hips, so this is its height when standing with straight legs.
LEG_LENGTH_M = THIGH_M + SHANK_M + ANKLE_HEIGHT_M


@dataclass
class Clip:
    """One clip as recorded; `wraps` tells whether its end continues at its start."""

    name: str
    wraps: bool
    motion: Motion


def read_clip(path: str | Path) -> Clip:
    """Read one clip. Raises StageError naming file and field if it does not have the format above."""
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = np.array(data["Frames"], dtype=float)
        loop = str(data["Loop"])
    except OSError as error:
        raise StageError(Reason.FILE_MISSING, f"{path}: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: not a motion clip: {error}") from error
    if rows.ndim != 2 or rows.shape[1] != COLUMNS or len(rows) < 2:
        raise StageError(Reason.FIELD_SHAPE, f"{path}: Frames has shape {rows.shape}, expected (n, {COLUMNS})")
    if not np.all(np.isfinite(rows)) or np.any(rows[:-1, 0] <= 0):
        raise StageError(Reason.FIELD_VALUE, f"{path}: Frames holds missing values or durations that are not positive")
    # The duration of a row lasts until the next one; that of the last row is never used.
    time = np.concatenate([[0.0], np.cumsum(rows[:-1, 0])])
    balls = {}
    for name, column in BALL_COLUMNS.items():
        quaternion = rows[:, [column + 1, column + 2, column + 3, column]]
        length = np.linalg.norm(quaternion, axis=1)
        if np.any(np.abs(length - 1) > _NORM_TOLERANCE):
            raise StageError(Reason.FIELD_VALUE, f"{path}: {name} is not a unit quaternion in every frame")
        balls[name] = same_side(quaternion / length[:, None])
    hinges = {name: rows[:, column] for name, column in HINGE_COLUMNS.items()}
    name = path.stem.removeprefix("humanoid3d_")
    return Clip(name, loop == "wrap", Motion(time, rows[:, 1:4], balls, hinges))
