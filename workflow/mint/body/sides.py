"""Is left on the left, and forward where the toes point? Told from the body alone, whatever the axes of the file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.body.landmarks import SIDES, Landmarks, seen_mean
from mint.config.human import HumanConfig
from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]

# Pairs whose right member lies to the right of the left one however people move; legs and hands may cross.
_PAIRS = ("front", "back", "hip", "shoulder", "knee", "elbow")
# Neighbours along a limb: their distance is that of a bone.
_BONES = (
    ("hip", "knee"),
    ("knee", "ankle"),
    ("ankle", "heel"),
    ("ankle", "toe"),
    ("heel", "toe"),
    ("shoulder", "elbow"),
    ("elbow", "wrist"),
)
# Of a foot: nearer to each other than to the other foot.
_SHORT = (("ankle", "heel"), ("ankle", "toe"), ("heel", "toe"))
_NEARER_M = 0.03
_MIN_APART_M = 0.02
_MIN_STRETCH_M = 0.04
_MIN_SHARE = 0.1
# A straight knee points nowhere: markers of hip, knee and ankle are off their line by a few centimetres.
_LEAST_BEND_M = 0.05


def unit(vectors: Floats) -> Floats:
    """Vectors `(n, 3)` of length 1; NaN where they have none."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.where(length > 1e-9, vectors / np.where(length > 1e-9, length, 1.0), np.nan))


def dot(first: Floats, second: Floats) -> Floats:
    """Inner products of `(n, 3)` and `(n, 3)`, `(n,)`."""
    return np.asarray(np.sum(first * second, axis=-1))


def foot_direction(marks: Landmarks, side: str) -> Floats | None:
    """Unit vectors `(n, 3)` from heel (else ankle) to toes of a side; None if either is not marked."""
    rear = marks.get(f"heel_{side}", marks.get(f"ankle_{side}"))
    toe = marks.get(f"toe_{side}")
    return None if rear is None or toe is None else unit(toe - rear)


def trunk_direction(marks: Landmarks) -> Floats | None:
    """Unit vectors `(n, 3)` from the pelvis to the upper trunk, or from the feet to what there is of both."""
    top = marks.get("trunk", marks.get("head"))
    low = marks.get("pelvis")
    if top is None or low is None:
        ends = top if top is not None else low
        feet = seen_mean([marks[name] for name in marks if name.split("_")[0] in ("ankle", "heel", "toe")])
        return None if ends is None or feet is None else unit(ends - feet)
    return unit(top - low)


def pelvis_direction(marks: Landmarks) -> Floats | None:
    """Unit vectors `(n, 3)` from the back of the pelvis to its front; None if either is not marked."""
    front = seen_mean([marks[name] for name in ("front_r", "front_l") if name in marks])
    back = seen_mean([marks[name] for name in ("back_r", "back_l") if name in marks])
    return None if front is None or back is None else unit(front - back)


def face_direction(marks: Landmarks) -> Floats | None:
    """Unit vectors `(n, 3)` from the middle of the ears to the nose; None if either is not marked."""
    ears = seen_mean([marks[name] for name in ("ear_r", "ear_l") if name in marks])
    return None if ears is None or "nose" not in marks else unit(marks["nose"] - ears)


def bend_direction(marks: Landmarks) -> Floats | None:
    """Unit vectors `(n, 3)` to where the knees point as they bend, NaN while straight; None without a whole leg."""
    bends = []
    for side in SIDES:
        hip, knee, ankle = (marks.get(f"{kind}_{side}") for kind in ("hip", "knee", "ankle"))
        if hip is not None and knee is not None and ankle is not None:
            off = knee - (hip + ankle) / 2
            bends.append(np.where(np.linalg.norm(off, axis=1, keepdims=True) > _LEAST_BEND_M, off, np.nan))
    mean = seen_mean(bends)
    return None if mean is None else unit(mean)


def check_sides(path: str, marks: Landmarks, optical: bool, config: HumanConfig) -> None:
    """Raise StageError(SIDES) for a body whose left is on the right, or whose toes point backwards.

    Left and right are told from the direction of toes or pelvis, without these of the face or of bent knees, and that
    of the trunk: right is forward x up. Markers at the two ends of a bone keep their distance, so that names exchanged
    at one joint show as well. `marks` are landmarks `(n, 3)` m.
    """
    feet = seen_mean([each for side in SIDES if (each := foot_direction(marks, side)) is not None])
    pelvis, up = pelvis_direction(marks), trunk_direction(marks)
    if optical:
        _check_bones(path, marks, config)
    if feet is not None and pelvis is not None and _reversed(dot(unit(feet), pelvis), 0.2, config):
        raise StageError(
            Reason.SIDES,
            f"{path}: the toes point to where the back of the pelvis is in most frames",
            remedy="correct the names: heels and toes, or front and back of the pelvis, are exchanged",
        )
    forward, front = _forward(marks, feet, pelvis)
    if up is None or forward is None:
        return
    right = np.cross(forward, up)
    apart = {
        kind: dot(marks[f"{kind}_r"] - marks[f"{kind}_l"], right)
        for kind in _PAIRS
        if f"{kind}_r" in marks and f"{kind}_l" in marks
    }
    wrong = [kind for kind, distance in apart.items() if _reversed(distance, _MIN_APART_M, config)]
    if not wrong:
        return
    shares = ", ".join(f"{kind} in {100 * _share(apart[kind] < 0, apart[kind]):.0f} %" for kind in wrong)
    if len(wrong) == len(apart):
        raise StageError(
            Reason.SIDES,
            f"{path}: with {front} in front and the head above, everything on the right lies on the left (frames: "
            f"{shares}): left and right are exchanged in the names, or one axis of the file is mirrored",
            remedy=_REMEDY[optical],
        )
    raise StageError(
        Reason.SIDES,
        f"{path}: with {front} in front and the head above, right lies on the left at {shares} of the frames, not at "
        f"{', '.join(kind for kind in apart if kind not in wrong)}: left and right are exchanged there",
        remedy="exchange the names of left and right at these places" if optical else _REMEDY[False],
    )


def _forward(marks: Landmarks, feet: Floats | None, pelvis: Floats | None) -> tuple[Floats | None, str]:
    """Where the body faces, unit vectors `(n, 3)`, and what says so."""
    known = [each for each in (feet, pelvis) if each is not None]
    if known:
        return unit(np.asarray(seen_mean(known))), "toes" if feet is not None else "the front of the pelvis"
    face = face_direction(marks)
    return (face, "the nose") if face is not None else (bend_direction(marks), "bent knees")


_REMEDY = {
    True: "exchange the names of left and right, or export with right-handed axes (x, y, z with z = x cross y)",
    False: "export the poses again: joints of left and right are exchanged, or the coordinates were mirrored",
}


def _check_bones(path: str, marks: Landmarks, config: HumanConfig) -> None:
    """Refuse names of left and right that are exchanged at one joint: a bone then reaches to the other leg or arm."""
    for upper, lower in _BONES:
        names = [f"{kind}_{side}" for kind in (upper, lower) for side in SIDES]
        if any(name not in marks for name in names):
            continue
        upper_r, upper_l, lower_r, lower_l = (marks[name] for name in names)
        own = [_stretch(upper_r - lower_r), _stretch(upper_l - lower_l)]
        across = [_stretch(upper_r - lower_l), _stretch(upper_l - lower_r)]
        if min(own) > _MIN_STRETCH_M and max(across) < min(own) / 3:
            raise StageError(
                Reason.SIDES,
                f"{path}: the distance from right {upper} to right {lower} varies by {100 * own[0]:.0f} cm, to left "
                f"{lower} by {100 * across[0]:.0f} cm: left and right are exchanged at {upper} or {lower}",
                remedy="exchange the names of left and right there",
            )
        nearer = np.linalg.norm(upper_r - lower_l, axis=1) - np.linalg.norm(upper_r - lower_r, axis=1)
        if (upper, lower) in _SHORT and _reversed(nearer, _NEARER_M, config):
            raise StageError(
                Reason.SIDES,
                f"{path}: right {upper} is nearer to left {lower} than to right {lower} in most frames: left and right "
                f"are exchanged at {upper} or {lower}",
                remedy="exchange the names of left and right there",
            )


def _stretch(between: Floats) -> float:
    """Spread of a distance over the frames, m: from the 5th to the 95th percentile."""
    length = np.linalg.norm(between, axis=1)
    length = length[np.isfinite(length)]
    return float(np.ptp(np.percentile(length, [5, 95]))) if len(length) else 0.0


def _share(true: NDArray[np.bool_], values: Floats) -> float:
    return float(np.mean(true[np.isfinite(values)]))


def _reversed(values: Floats, least: float, config: HumanConfig) -> bool:
    """Whether `values (n,)` are negative in most of the frames that have one, by at least `least` in the median."""
    seen = values[np.isfinite(values)]
    if len(seen) < max(1.0, _MIN_SHARE * len(values)):
        return False
    return bool(np.mean(seen < 0) >= config.reversed_share and np.median(seen) < -least)
