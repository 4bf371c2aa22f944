"""BVH files of a known motion: the 22 body joints of SMPL-H under names of common skeletons, in any unit and channel order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.smplh import PARENTS
from mint.retarget.joints import JOINTS
from mint.retarget.subject import TO_AMASS

Floats = NDArray[np.float64]

BODY = 22
_TRUNK = {
    "mixamo": {
        "pelvis": "Hips",
        "spine1": "Spine",
        "spine2": "Spine1",
        "spine3": "Spine2",
        "neck": "Neck",
        "head": "Head",
    },
    "xsens": {
        "pelvis": "Hips",
        "spine1": "Chest",
        "spine2": "Chest2",
        "spine3": "Chest3",
        "neck": "Neck",
        "head": "Head",
    },
}
_LIMBS = {
    "mixamo": {
        "hip": "UpLeg",
        "knee": "Leg",
        "ankle": "Foot",
        "foot": "ToeBase",
        "collar": "Shoulder",
        "shoulder": "Arm",
        "elbow": "ForeArm",
        "wrist": "Hand",
    },
    "xsens": {
        "hip": "Hip",
        "knee": "Knee",
        "ankle": "Ankle",
        "foot": "Toe",
        "collar": "Collar",
        "shoulder": "Shoulder",
        "elbow": "Elbow",
        "wrist": "Wrist",
    },
}


@dataclass(frozen=True)
class Style:
    """How a file is written: names, prefix of names, unit of lengths m, channel order, position channels of all joints, axis up."""

    names: str = "mixamo"
    prefix: str = ""
    unit_m: float = 0.01
    order: str = "ZXY"
    all_positions: bool = False
    up: str = "y"
    rest_frame: bool = False


def name_of(joint: int, style: Style) -> str:
    """Name of a joint in the file."""
    name = JOINTS[joint]
    if name in _TRUNK[style.names]:
        return style.prefix + _TRUNK[style.names][name]
    side, _, part = name.partition("_")
    return style.prefix + side.capitalize() + _LIMBS[style.names][part]


def bvh_text(rest: Floats, poses: Floats, trans: Floats, rate_hz: float, style: Style | None = None) -> str:
    """The file of `poses (n,156)` rad and `trans (n,3)` m, z up, on joints `rest (52,3)` m."""
    style = style or Style()
    turns = Rotation.from_rotvec(poses[:, : 3 * BODY].reshape(-1, 3)).as_matrix().reshape(-1, BODY, 3, 3)
    up = TO_AMASS.T if style.up == "y" else np.eye(3)
    turns[:, 0] = up @ turns[:, 0]
    root = (rest[0] + trans) @ up.T
    offsets = rest[:BODY] - rest[list(PARENTS[:BODY])]
    offsets[0] = 0
    if style.rest_frame:
        turns = np.concatenate([np.tile(np.eye(3), (1, BODY, 1, 1)), turns])
        root = np.concatenate([root[:1], root])
    lines = ["HIERARCHY"]
    order = _hierarchy(lines, 0, 0, offsets / style.unit_m, style)
    lines += ["MOTION", f"Frames: {len(root)}", f"Frame Time: {1 / rate_hz:.7f}"]
    columns = []
    for joint in order:
        if joint == 0 or style.all_positions:
            columns.append((root if joint == 0 else np.tile(offsets[joint], (len(root), 1))) / style.unit_m)
        columns.append(Rotation.from_matrix(turns[:, joint]).as_euler(style.order, degrees=True))
    rows = np.concatenate(columns, axis=1)
    return "\n".join([*lines, *(" ".join(f"{value:.5f}" for value in row) for row in rows)]) + "\n"


def _hierarchy(lines: list[str], joint: int, depth: int, offsets: Floats, style: Style) -> list[int]:
    """Lines of a joint and those below it; their numbers in the order of the channels."""
    pad = "  " * depth
    numbers = " ".join(f"{value:.5f}" for value in offsets[joint])
    turns = " ".join(f"{axis}rotation" for axis in style.order)
    channels = f"6 Xposition Yposition Zposition {turns}" if joint == 0 or style.all_positions else f"3 {turns}"
    lines += [
        f"{pad}{'JOINT' if joint else 'ROOT'} {name_of(joint, style)}",
        pad + "{",
        f"{pad}  OFFSET {numbers}",
        f"{pad}  CHANNELS {channels}",
    ]
    order = [joint]
    children = [child for child in range(1, BODY) if PARENTS[child] == joint]
    for child in children:
        order += _hierarchy(lines, child, depth + 1, offsets, style)
    if not children:
        lines += [f"{pad}  End Site", pad + "  {", f"{pad}    OFFSET 0 0 {0.05 / style.unit_m:.5f}", pad + "  }"]
    lines.append(pad + "}")
    return order
