"""Which axis of a file of body poses points up: AMASS says z, video methods write y, their cameras look with y down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.stance import shares_along
from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]

_UPRIGHT_DEG = 60.0  # as section `human`: a frame is upright if head and feet lie within this angle
_SHARE = 0.8  # in this share of the frames
_HEAD, _NECK, _ANKLES = 15, 12, (7, 8)
# Turns (x, y, z) with y up to z up; the inverse of (x, y, z) -> (x, z, -y).
_Y_UP = Rotation.from_euler("x", 90, degrees=True)


def turn_to_z_up(path: str, joints: Floats, warnings: list[str]) -> Rotation:
    """The turn that brings the file's ground to z up. Raises StageError(ORIENTATION) for coordinates of a camera.

    `joints (n,22,3)` m in the file's axes.
    """
    body = joints[:, _NECK] - joints[:, list(_ANKLES)].mean(axis=1)
    y_up, y_down, _, _, z_up, _ = shares_along(body, _UPRIGHT_DEG)
    if y_down >= _SHARE:
        raise StageError(
            Reason.ORIENTATION,
            f"{path}: the feet are above the head along y in {100 * y_down:.0f} % of the frames: these are coordinates "
            "of a camera, whose y points down",
            remedy="export the motion in world coordinates, z or y up (WHAM: pose_world and trans_world, GVHMR: "
            "smpl_params_global): a camera knows no floor and no vertical",
        )
    if y_up >= _SHARE:
        warnings.append(f"{path}: head and feet lie along y in {100 * y_up:.0f} % of the frames: y is taken as up")
        return _Y_UP
    if z_up < _SHARE:
        warnings.append(f"{path}: the body stands along no axis for most of the time: z is taken as up")
    return Rotation.identity()
