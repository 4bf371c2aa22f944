"""Poses that a file holds twice: whole, and in parts of the body. Both must say the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.core.status import Reason, StageError
from mint.formats.npz import NpzFile

Floats = NDArray[np.float64]

# Values of `poses` that each part repeats (AMASS, SMPL-H).
_PARTS = {"root_orient": slice(0, 3), "pose_body": slice(3, 66), "pose_hand": slice(66, 156)}
# Turns of a joint that differ by less are the same motion, stored with less precision; 3 degrees show in a joint angle.
_SAME_RAD, _OTHER_RAD = 1e-3, 0.05


def check_pose_fields(data: NpzFile, poses: Floats) -> list[str]:
    """Warnings where parts differ from `poses (n, 156)` rad a little. Raises StageError(FIELD_VALUE) where by more."""
    warnings = []
    for field, columns in _PARTS.items():
        if field not in data.fields:
            continue
        whole = poses[:, columns]
        try:
            header = data.header(field)
            if header.dtype.kind not in "fiu" or header.shape != whole.shape:
                continue
            part = data.read(field).astype(np.float64)
        except StageError:
            continue
        if not len(part) or not np.isfinite(part).all() or np.abs(part - whole).max() <= _SAME_RAD:
            continue
        angle = (
            Rotation.from_rotvec(whole.reshape(-1, 3)).inv() * Rotation.from_rotvec(part.reshape(-1, 3))
        ).magnitude()
        by_frame = angle.reshape(len(whole), -1).max(axis=1)
        frame = int(np.argmax(by_frame))
        text = (
            f"{data.path}: field {field}, frame {frame}: a joint is turned by {by_frame[frame]:.3g} rad against poses"
        )
        if by_frame[frame] > _OTHER_RAD:
            raise StageError(
                Reason.FIELD_VALUE, text, remedy=f"export the file again: poses and {field} hold the same turns"
            )
        if by_frame[frame] > _SAME_RAD:
            warnings.append(f"{text}: poses counts")
    return warnings
