"""Which axis of a file of poses or of a skeleton points up, told by the posture alone: such files know no floor yet.

AMASS says z, video methods and skeletons write y, cameras look with y down.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.stance import AXES, shares_along
from mint.body.vertical import signed
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import UpAxis, turn_to_ground, up_axis_of

Floats = NDArray[np.float64]

_UPRIGHT_DEG = 60.0  # as section `human`: a frame is upright if head and feet lie within this angle
_SHARE = 0.8  # in this share of the frames
# What files of either kind write: the one is told from the other by the body, any other axis is none of theirs.
_WRITTEN: tuple[UpAxis, ...] = ("y", "z")


def turn_upright(
    path: str, body: Floats, wanted: UpAxis, refused: Mapping[UpAxis, tuple[str, str]], warnings: list[str]
) -> Rotation:
    """The turn that brings the axis of a file that is up to `wanted`, which is taken where the posture tells none.

    `body (n, 3)` leads from the feet to the head in the axes of the file, in any unit. Raises StageError(ORIENTATION)
    if it lies along one of `refused`: what that means, and the remedy.
    """
    shares = shares_along(body, _UPRIGHT_DEG)
    largest = int(np.argmax(shares))
    found, share = up_axis_of(AXES[largest]), f"{100 * shares[largest]:.0f} %"
    if shares[largest] >= _SHARE and found in refused:
        meaning, remedy = refused[found]
        raise StageError(
            Reason.ORIENTATION,
            f"{path}: the head is above the feet along {signed(found)} in {share} of the frames{meaning}",
            remedy=remedy,
        )
    if shares[largest] < _SHARE or found not in _WRITTEN:
        warnings.append(f"{path}: the body stands along neither y nor z for most of the time: {wanted} is taken as up")
        return Rotation.identity()
    if found == wanted:
        return Rotation.identity()
    warnings.append(f"{path}: head and feet lie along {found} in {share} of the frames: {found} is taken as up")
    return Rotation.from_matrix(turn_to_ground(wanted).T @ turn_to_ground(found))
