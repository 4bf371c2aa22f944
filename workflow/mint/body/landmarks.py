"""Points of the body that tell how it stands, whatever recorded it: joints of a mesh, or optical markers."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Landmarks = Mapping[str, Floats]

SIDES = ("r", "l")

# Joints of SMPL-H: pelvis, upper trunk (neck), head; then right and left.
_JOINTS = {"pelvis": 0, "trunk": 12, "head": 15}
_SIDE_JOINTS = {
    "hip": (2, 1),
    "knee": (5, 4),
    "ankle": (8, 7),
    "toe": (11, 10),
    "shoulder": (17, 16),
    "elbow": (19, 18),
    "wrist": (21, 20),
}

# What laboratories call the markers at these points, without side; several (both sides of a joint) are averaged.
# Three letters such as IAS and FLE are those of the International Society of Biomechanics' bony landmarks.
_NAMES = {
    "front": "asis?|ias|fwt",
    "back": "psis?|ips|bwt",
    "hip": "hip|hjc",
    "knee": "kne|kneel?|knees?|kneelat|kneemed|knemed|knem|mkne|mknee|lknee|[lm]fc|kjc|fle|fme",
    "ankle": "ank|anklel?|anklelat|anklemed|ankmed|ankm|mank|mankle|[lm]mal|ajc|fal|tam",
    "heel": "heel?|calc?|calcaneus|fcc",
    "toe": "toe|bigtoe|hallux|mt[125p]|mtp[125]?|[15]?meta|meta[15]|[15]mt|smalltoe|littletoe|fm[125]",
    "ear": "ear",
    "shoulder": "sho|shoulder|acr|acromion|sjc|sae",
    "elbow": "elb|elbow|elbowlat|elbowmed|[lm]elb?|[lm]elbow|ejc|hle|hme",
    "wrist": "wrist|wri|wr[abr]|w[12]|wristradius|wristulna|faradius|faulna|[lm]wrist|wjc|rsp|usp",
}
_MIDDLE_NAMES = {
    "head": "head|topofhead|headtop|vertex",
    "pelvis": "sacr|sacrum|s2|v?sac",
    "neck": "c7|neck|clav",
    "nose": "nose",
}
_SIDE_HEAD = "[fb]hd|head"


def of_joints(joints: Floats) -> dict[str, Floats]:
    """Landmarks `(n, 3)` of `joints (n, 52, 3)` of SMPL-H; toes are where they bend."""
    out = {name: joints[:, index] for name, index in _JOINTS.items()}
    for name, both in _SIDE_JOINTS.items():
        for side, index in zip(SIDES, both, strict=True):
            out[f"{name}_{side}"] = joints[:, index]
    return out


def of_markers(names: list[str], markers: Floats) -> dict[str, Floats]:
    """Landmarks `(n, 3)` of optical `markers (n, m, 3)` by their names; what no name tells is left out.

    Hips without a marker of their own lie between the front and the back of their side of the pelvis, some 9 cm
    too high. The upper trunk is the middle of the shoulders, else the base of the neck.
    """
    found: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        point = point_of_name(name)
        if point:
            found.setdefault(point, []).append(index)
    out = {point: _mean([markers[:, i] for i in members]) for point, members in found.items()}
    for side in SIDES:
        pelvis = [out.get(f"front_{side}"), out.get(f"back_{side}")]
        if f"hip_{side}" not in out and pelvis[0] is not None and pelvis[1] is not None:
            out[f"hip_{side}"] = _middle(pelvis[0], pelvis[1])
    for middle, point in (("trunk", "shoulder"), ("pelvis", "hip")):
        if f"{point}_r" in out and f"{point}_l" in out:
            out[middle] = _middle(out[f"{point}_r"], out[f"{point}_l"])
    if "trunk" not in out and "neck" in out:
        out["trunk"] = out["neck"]
    return out


def point_of_name(marker: str) -> str:
    """Landmark of a marker such as `R_knee`, `L.Toe`, `RASI`, `LeftHeel`, `toe_l`; empty if it is none.

    Anything up to a colon is a subject's prefix; case, punctuation and the suffix of augmented markers (`_study`) do
    not count.
    """
    name = re.sub(r"_study$", "", marker.rpartition(":")[2].strip().lower())
    for pattern in (
        r"(?P<side>right|left|r|l)[\W_]+(?P<stem>.+)",
        r"(?P<stem>.+?)[\W_]+(?P<side>right|left|r|l)",
        r"(?P<side>right|left)(?P<stem>.+)",
        r"(?P<side>r|l)(?P<stem>.+)",
    ):
        match = re.fullmatch(pattern, name)
        if match:
            stem = re.sub(r"[\W_]", "", match["stem"])
            for point, words in _NAMES.items():
                if re.fullmatch(words, stem):
                    return f"{point}_{match['side'][0]}"
            if re.fullmatch(_SIDE_HEAD, stem):
                return "head"
    stem = re.sub(r"[\W_]", "", name)
    return next((point for point, words in _MIDDLE_NAMES.items() if re.fullmatch(words, stem)), "")


def seen_mean(points: list[Floats]) -> Floats | None:
    """Mean of points `(n, 3)` over those that are seen in a frame, NaN where none is; None without any point."""
    if not points:
        return None
    stack = np.array(points)
    seen = np.all(np.isfinite(stack), axis=2)
    total = np.sum(np.where(seen[..., None], stack, 0.0), axis=0)
    count = seen.sum(axis=0)
    return np.asarray(np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], np.nan))


def _mean(points: list[Floats]) -> Floats:
    """Mean of points `(n, 3)`; NaN where one is lost, so that the mean never jumps.

    A marker that is seen in less than half as many frames as the best of its point does not count.
    """
    seen = [int(np.sum(np.isfinite(point[:, 0]))) for point in points]
    often = [point for point, count in zip(points, seen, strict=True) if 2 * count >= max(seen)]
    return np.asarray(np.mean(often, axis=0))


def _middle(first: Floats, second: Floats) -> Floats:
    return np.asarray((first + second) / 2)
