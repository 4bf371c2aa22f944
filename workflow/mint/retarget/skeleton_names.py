"""Which joints of a recorded skeleton are which of SMPL-H's, by the names that common skeletons use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.tables import table

REQUIRED = tuple(f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "knee", "ankle"))
ARMS = tuple(f"{side}_{joint}" for side in ("left", "right") for joint in ("shoulder", "elbow", "wrist"))
_PREFIX = re.compile(r"^[A-Za-z]+[0-9]*[_ :]+(?=.)")
_SHARED = 0.5  # a word before the name that more than this share of the joints has says nothing


def find_joints(path: str, names: Sequence[str], parents: NDArray[np.int64]) -> dict[str, int]:
    """Index of each joint of SMPL-H that the skeleton has, `pelvis` and `chest` by where legs and arms come together.

    Where two joints have the same name but for a prefix, the one with more joints below it counts: rigs carry helpers.
    Raises StageError(FIELD_MISSING) naming what is missing of the skeleton that fits best.
    """
    plain = _plain_names(names)
    sizes = _sizes(parents)
    best: dict[str, int] = {}
    for wanted in _skeletons().values():
        found: dict[str, int] = {}
        for joint, name in wanted.items():
            same = [index for index, own in enumerate(plain) if own == name]
            if same:
                found[joint] = max(same, key=lambda index: sizes[index])
        if _rank(found) > _rank(best):
            best = found
    missing = [joint for joint in REQUIRED if joint not in best]
    top = [joint for joint in ("head", "neck") if joint in best]
    if missing or not top:
        have = ", ".join(name for name in names if name.lower() != "end site")[:300]
        raise StageError(
            Reason.FIELD_MISSING,
            f"{path}: no joint is the {' or '.join(missing) or 'head or neck'} of a known skeleton; there are {have}",
            remedy="rename the joints as a skeleton of resources/bvh_joints.csv has them, or add yours there",
        )
    if any(joint not in best for joint in ARMS):
        best = {joint: index for joint, index in best.items() if joint not in ARMS and "collar" not in joint}
    best["pelvis"] = _common(parents, [best["left_hip"], best["right_hip"]])
    best["chest"] = _common(parents, [best[name] for name in ("left_shoulder", "right_shoulder", *top) if name in best])
    if not _chains(best, parents):
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: hips, knees and ankles are not below each other in the hierarchy",
            remedy="check the names of the joints",
        )
    return best


@cache
def _skeletons() -> dict[str, dict[str, str]]:
    rows = table("bvh_joints")
    out: dict[str, dict[str, str]] = {}
    for skeleton, joint, name in zip(rows["skeleton"], rows["joint"], rows["name"], strict=True):
        out.setdefault(str(skeleton), {})[str(joint)] = _plain(str(name))
    return out


def _rank(found: dict[str, int]) -> tuple[int, int]:
    return sum(joint in found for joint in REQUIRED), len(found)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _plain_names(names: Sequence[str]) -> list[str]:
    """Names in small letters and digits, without a prefix up to a colon or one that most joints share."""
    short = [name.rpartition(":")[2] or name for name in names]
    prefixes = Counter(match.group() for name in short if (match := _PREFIX.match(name)))
    prefix, count = prefixes.most_common(1)[0] if prefixes else ("", 0)
    if count > _SHARED * sum(name.lower() != "end site" for name in names):
        short = [name.removeprefix(prefix) for name in short]
    return [re.sub(r"^mixamorig[0-9]*", "", _plain(name)) for name in short]


def _sizes(parents: NDArray[np.int64]) -> list[int]:
    """How many joints are below each."""
    sizes = [0] * len(parents)
    for joint in range(len(parents) - 1, 0, -1):
        sizes[int(parents[joint])] += sizes[joint] + 1
    return sizes


def ancestors(parents: NDArray[np.int64], joint: int) -> list[int]:
    """The joint and all above it."""
    out = [joint]
    while parents[out[-1]] >= 0:
        out.append(int(parents[out[-1]]))
    return out


def _common(parents: NDArray[np.int64], joints: list[int]) -> int:
    """The lowest joint that all of these are below of."""
    shared = set.intersection(*(set(ancestors(parents, joint)[1:] or [joint]) for joint in joints))
    return max(shared)


def _chains(found: dict[str, int], parents: NDArray[np.int64]) -> bool:
    legs = [[found[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle")] for side in ("left", "right")]
    return all(upper in ancestors(parents, lower) for leg in legs for upper, lower in pairwise(leg))
