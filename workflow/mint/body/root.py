"""A root that does not move while the legs do: its translation was lost, and no treadmill explains it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]

_LEG_JOINTS = (1, 2, 4, 5, 7, 8)  # hips, knees and ankles of SMPL-H
# A pelvis sways by millimetres even in quiet standing and on a treadmill; a file of single precision rounds positions
# of 10 m to a micrometre.
_STILL_M = 1e-4
_MOVES_RAD = 0.2  # range of a leg's rotation vector from which legs move: a step, a squat, a kick


def check_root(path: str, poses: Floats, trans: Floats) -> None:
    """Refuse a root that is fixed to a tenth of a millimetre under moving legs.

    `poses (n,156)` rad, `trans (n,3)` m, z up. The feet would slide as on a treadmill. Raises StageError(FIELD_VALUE).
    """
    if len(trans) < 3:
        return
    legs = np.asarray(poses[:, : 3 * 22]).reshape(len(poses), 22, 3)[:, list(_LEG_JOINTS)]
    moves = float(np.ptp(legs, axis=0).max())
    if moves < _MOVES_RAD:
        return
    path_m = np.asarray(trans[:, :2])
    if float(np.ptp(path_m, axis=0).max()) >= _STILL_M:
        return
    place = ", ".join(f"{value:g}" for value in path_m[0])
    raise StageError(
        Reason.FIELD_VALUE, f"{path}: field trans: the root stays at ({place}) m in all {len(trans)} frames, "
        f"horizontally, while the legs turn by up to {np.degrees(moves):.0f} degrees: a pelvis over walking feet "
        "sways, on a treadmill too",
        remedy="export the motion with its root translation; without it nobody can tell what the feet stand on")
