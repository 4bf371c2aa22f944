"""Body parts, and how low each of them comes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]

# Joints of SMPL-H whose skin makes up each part: a vertex belongs to the joint with its largest weight.
PART_JOINTS: dict[str, tuple[int, ...]] = {
    "head": (15,),
    "torso": (3, 6, 9, 12, 13, 14),
    "pelvis": (0,),
    "upper_leg_r": (2,),
    "lower_leg_r": (5,),
    "foot_r": (8, 11),
    "upper_leg_l": (1,),
    "lower_leg_l": (4,),
    "foot_l": (7, 10),
    "upper_arm_r": (17,),
    "forearm_r": (19,),
    "hand_r": (21, *range(37, 52)),
    "upper_arm_l": (16,),
    "forearm_l": (18,),
    "hand_l": (20, *range(22, 37)),
}
PARTS = tuple(PART_JOINTS)
FEET = ("foot_r", "foot_l")

# Parts of optical markers, by the OpenSim body that carries the marker (without its side).
_BODY_PART = {
    "toes": "foot",
    "calcn": "foot",
    "talus": "foot",
    "tibia": "lower_leg",
    "patella": "lower_leg",
    "femur": "upper_leg",
    "humerus": "upper_arm",
    "ulna": "forearm",
    "radius": "forearm",
    "hand": "hand",
}
_WHOLE_BODY_PART = {
    "pelvis": "pelvis",
    "sacrum": "pelvis",
    "head": "head",
    "head_neck": "head",
    "skull": "head",
}


def part_vertices(weights: Floats) -> list[NDArray[np.int64]]:
    """Vertices of each of `PARTS`, from skinning `weights (V,52)`. Raises StageError for an empty part."""
    dominant = np.argmax(weights, axis=1)
    out = [np.flatnonzero(np.isin(dominant, joints)) for joints in PART_JOINTS.values()]
    for name, vertices in zip(PARTS, out, strict=True):
        if len(vertices) == 0:
            raise StageError(Reason.BODY_MODEL, f"field weights: no vertex belongs to {name}")
    return out


def lowest(points_y: Floats, parts: list[NDArray[np.int64]]) -> Floats:
    """Lowest height of each part, `(n,P)`, from `points_y (n,V)`; NaN where all its points are lost."""
    out = np.full((len(points_y), len(parts)), np.nan)
    for index, vertices in enumerate(parts):
        values = points_y[:, vertices]
        seen = np.any(np.isfinite(values), axis=1)
        out[seen, index] = np.nanmin(values[seen], axis=1)
    return out


def part_of_body(body: str) -> str:
    """Part of an OpenSim body such as `calcn_r` or `lumbar3`; what is no limb, pelvis or head is torso."""
    name = body.lower()
    if name in _WHOLE_BODY_PART:
        return _WHOLE_BODY_PART[name]
    stem, _, side = name.rpartition("_")
    if side in ("r", "l") and stem in _BODY_PART:
        return f"{_BODY_PART[stem]}_{side}"
    if name in _BODY_PART:
        # Bodies of the right arm carry no suffix in some models.
        return f"{_BODY_PART[name]}_r"
    return "torso"


def partner_body(body: str) -> str:
    """The OpenSim body on the other side; a body of the middle itself."""
    for right, left in (("_r", "_l"), ("_R", "_L")):
        if body.endswith(right):
            return body[: -len(right)] + left
        if body.endswith(left):
            return body[: -len(left)] + right
    return body
