"""How a body stands, lies or moves, seen along any axis that may be its vertical."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.body.landmarks import Landmarks, seen_mean
from mint.body.sides import foot_direction
from mint.config.human import HumanConfig

Floats = NDArray[np.float64]

_UPPER = ("head", "trunk", "neck", "pelvis")
_LOWER = ("toe", "heel", "ankle", "knee")
_HANDS = ("wrist_r", "wrist_l")
# The axes that may be up, y first, as rows.
AXES = np.array([[0, 1, 0], [0, -1, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1], [0, 0, -1]], dtype=float)
# Slope of the line to the toes of a foot that is flat on the floor [deg], from the heel and from the ankle.
_FLAT_DEG = {"heel": (-20.0, 20.0), "ankle": (-50.0, -10.0)}


def upright_shares(marks: Landmarks, within_deg: float) -> Floats | None:
    """Share of the frames in which head and feet lie within an angle of each of `AXES`, `(6,)`; None without these."""
    feet, top = _ends(marks)
    if feet is None or top is None:
        return None
    body = top - feet
    length = np.linalg.norm(body, axis=1)
    known = np.isfinite(length) & (length > 1e-6)
    if not known.any():
        return None
    return shares_along(body[known], within_deg)


def shares_along(body: Floats, within_deg: float) -> Floats:
    """Share of the frames in which `body (n, 3)`, from the feet to the head, lies within an angle of each of `AXES`."""
    upright = np.cos(np.radians(within_deg)) * np.linalg.norm(body, axis=1)
    return np.array([np.mean(body @ axis > upright) for axis in AXES])


def _ends(marks: Landmarks) -> tuple[Floats | None, Floats | None]:
    """Middle of the feet and the highest kind of landmark there is, `(n, 3)` m."""
    feet = seen_mean([marks[name] for kind in _LOWER[:3] for side in "rl" if (name := f"{kind}_{side}") in marks])
    if feet is None:
        feet = seen_mean([marks[f"knee_{side}"] for side in "rl" if f"knee_{side}" in marks])
    top = next((marks[name] for name in _UPPER if name in marks and np.isfinite(marks[name]).any()), None)
    return feet, top


def foot_levels(marks: Landmarks, axis: Floats) -> Floats:
    """Level of the lowest landmark of the legs along `axis`, m, in the frames that have one."""
    return lowest_levels([marks[name] for kind in _LOWER for side in "rl" if (name := f"{kind}_{side}") in marks], axis)


def lowest_levels(points: list[Floats], axis: Floats) -> Floats:
    """Level of the lowest of `points`, each `(n, 3)` m, along `axis` in the frames that have one, m."""
    levels = np.array([point @ axis for point in points])
    levels = levels[:, np.isfinite(levels).any(axis=0)]
    return np.asarray(np.nanmin(levels, axis=0))


def mostly_level(levels: Floats, config: HumanConfig) -> bool:
    """Whether half of the `levels (n,)` m lie within the height that feet in stance spread over."""
    ordered, half = np.sort(levels), (len(levels) + 1) // 2
    return bool(np.min(ordered[half - 1 :] - ordered[: len(ordered) - half + 1]) < config.floor_spread_m)


def at_zero(level: float, config: HumanConfig) -> bool:
    """Whether a level [m] is that of a floor which the laboratory calibrated to zero."""
    return config.floor_level_m[0] < level < config.floor_level_m[1]


def travel(marks: Landmarks, axis: Floats) -> float:
    """How far the middle of pelvis and legs moves across `axis`, m."""
    return _travel(_middle(marks), axis)


def steps(marks: Landmarks, axis: Floats) -> float:
    """How far a foot moves across `axis` relative to the middle of the legs, m: steps on a treadmill."""
    middle = _middle(marks)
    return max((_travel(marks[name] - middle, axis) for name in marks if name.split("_")[0] in _LOWER[:3]), default=0.0)


def rise(marks: Landmarks, axis: Floats) -> float:
    """How far the middle of the hips rises and sinks along `axis`, m: squats, jumps, getting up."""
    hips = marks.get("pelvis", marks.get("hip_r", marks.get("hip_l")))
    if hips is None or not np.isfinite(hips[:, 0]).any():
        return 0.0
    low, high = np.nanpercentile(hips @ axis, [1, 99])
    return float(high - low)


def _middle(marks: Landmarks) -> Floats:
    found = seen_mean([marks[name] for name in marks if name.split("_")[0] in ("pelvis", "hip", *_LOWER)])
    assert found is not None
    return found


def _travel(points: Floats, axis: Floats) -> float:
    across = points[np.isfinite(points[:, 0])]
    across = across - np.outer(across @ axis, axis)
    return float(np.linalg.norm(np.ptp(across, axis=0))) if len(across) else 0.0


def soles_flat(marks: Landmarks, axis: Floats) -> bool:
    """Whether feet are as flat on a floor across `axis` as those of who stands: who lies lets them point."""
    flat = []
    for side in "rl":
        direction = foot_direction(marks, side)
        if direction is None:
            continue
        slope = np.degrees(np.arcsin(np.clip(direction @ axis, -1, 1)))
        low, high = _FLAT_DEG["heel" if f"heel_{side}" in marks else "ankle"]
        with np.errstate(invalid="ignore"):
            flat.append((slope > low) & (slope < high))
    return bool(flat) and float(np.mean(np.any(flat, axis=0))) > 0.5


def _heights(marks: Landmarks, axis: Floats) -> tuple[float, dict[str, float]]:
    """Lowest height of all landmarks along `axis` (5th percentile over frames) and median height of each, m."""
    along = {name: point @ axis for name, point in marks.items()}
    lowest = float(np.percentile(lowest_levels(list(marks.values()), axis), 5))
    return lowest, {name: float(np.nanmedian(level)) for name, level in along.items() if np.isfinite(level).any()}


def lies(marks: Landmarks, axis: Floats, config: HumanConfig) -> bool:
    """Whether the body looks like one that lies on a floor at zero across `axis`."""
    lowest, heights = _heights(marks, axis)
    middle = heights.get("pelvis", heights.get("hip_r", float(np.median(list(heights.values())))))
    return middle - lowest < config.lying_height_m and at_zero(lowest, config)


def on_hands(marks: Landmarks, axis: Floats, config: HumanConfig) -> bool:
    """Whether hands are where the feet of a body that stands along `axis` are, or beside the head on the floor."""
    lowest, heights = _heights(marks, axis)
    hands = [heights[name] for name in _HANDS if name in heights]
    return bool(hands) and min(hands) - lowest < config.lying_height_m
