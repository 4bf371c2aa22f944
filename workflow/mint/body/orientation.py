"""Which way is up? If head and feet lie along another axis than the vertical, the file has other axes than assumed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.body.landmarks import Landmarks, seen_mean
from mint.body.sides import foot_direction
from mint.config.human import HumanConfig
from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]

_UPPER = ("head", "trunk", "neck", "pelvis")
_LOWER = ("toe", "heel", "ankle", "knee")
_HANDS = ("wrist_r", "wrist_l")
# Axes of the OpenSim frame, the vertical first; y is up.
_AXES = np.array([[0, 1, 0], [0, -1, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1], [0, 0, -1]], dtype=float)
# Slope of the line to the toes of a foot that is flat on the floor [deg], from the heel and from the ankle.
_FLAT_DEG = {"heel": (-20.0, 20.0), "ankle": (-50.0, -10.0)}


@dataclass(frozen=True)
class Frame:
    """How the file's axes became x forward, y up, z right: `z_up` if by (x, y, z) -> (x, z, -y); where that is set."""

    z_up: bool
    setting: str = ""

    def name(self, axis: Floats) -> str:
        """An axis `(3,)` of the OpenSim frame as the file calls it, such as `+z`."""
        x, y, z = axis
        own = np.array([x, -z, y]) if self.z_up else np.array([x, y, z])
        largest = int(np.argmax(np.abs(own)))
        return ("+" if own[largest] > 0 else "-") + "xyz"[largest]


def check_orientation(path: str, marks: Landmarks, frame: Frame, config: HumanConfig) -> list[str]:
    """Warnings; raises StageError(ORIENTATION) for a motion that stands along another axis than the vertical.

    `marks` are landmarks `(n, 3)` m, y up. A person may be upside down, crawl, roll or lie. A file is refused if head
    and feet lie along one other axis throughout, the feet keep a level along it, and there is a floor: at zero, with
    soles flat on it or stepping across it; or wherever the body travels on flat soles, unless it looks like one that
    lies on the file's own floor. Who hangs head down is refused unless the hands are on the floor. What remains open
    is a warning that names both readings; support decides then.
    """
    feet, top = _ends(marks)
    if feet is None or top is None:
        return []
    body = top - feet
    length = np.linalg.norm(body, axis=1)
    known = np.isfinite(length) & (length > 1e-6)
    if not known.any():
        return []
    upright = np.cos(np.radians(config.upright_deg))
    aligned = np.array([np.mean(body[known] @ axis > upright * length[known]) for axis in _AXES])
    axis, share = _AXES[int(np.argmax(aligned))], float(np.max(aligned))
    if aligned[0] > 1 - config.upright_share or share < config.upright_share:
        return []
    levels = _foot_levels(marks, axis)
    if not _mostly_level(levels, config):
        return []
    floor, travel = float(np.percentile(levels, 10)), _travel(_middle(marks), axis)
    on_floor = config.floor_level_m[0] < floor < config.floor_level_m[1]
    travels, flat = travel > config.travel_m, _soles_flat(marks, axis)
    standing = flat or travels or _steps(marks, axis) > config.travel_m
    held_otherwise = _on_hands(marks, config) if axis[1] < 0 else _lies(marks, config)
    along = f"head and feet lie along the file's {frame.name(axis)} axis in {100 * share:.0f} % of the frames"
    expected = f"the vertical is expected along {frame.name(_AXES[0])}"
    alone = not held_otherwise
    if (on_floor and (standing or alone)) or (alone and (axis[1] < 0 or (travels and flat))):
        evidence = f"the feet keep a level of {floor:.2f} m along it, the body moves {travel:.1f} m across it"
        raise StageError(Reason.ORIENTATION, f"{path}: {along}, {evidence}; {expected}", remedy=_remedy(axis, frame))
    return [f"{path}: {along}; {expected}: the body lies or is upside down throughout, or the file has other axes"]


def _remedy(axis: Floats, frame: Frame) -> str:
    found = frame.name(axis)
    if frame.setting and found in ("+y", "+z"):
        return f"set {frame.setting}: {found[1]}"
    wanted = frame.name(_AXES[0])[1]
    turn = "trans and the root's rotation in poses" if not frame.setting else "all markers"
    return f"turn the file ({turn}) so that its {found} axis becomes +{wanted}, by a rotation, not by exchanging axes"


def _ends(marks: Landmarks) -> tuple[Floats | None, Floats | None]:
    """Middle of the feet and the highest kind of landmark there is, `(n, 3)` m."""
    feet = seen_mean([marks[name] for kind in _LOWER[:3] for side in "rl" if (name := f"{kind}_{side}") in marks])
    if feet is None:
        feet = seen_mean([marks[f"knee_{side}"] for side in "rl" if f"knee_{side}" in marks])
    top = next((marks[name] for name in _UPPER if name in marks and np.isfinite(marks[name]).any()), None)
    return feet, top


def _foot_levels(marks: Landmarks, axis: Floats) -> Floats:
    """Level of the lowest landmark of the legs along `axis`, m, in the frames that have one."""
    points = [marks[name] for kind in _LOWER for side in "rl" if (name := f"{kind}_{side}") in marks]
    levels = np.array([point @ axis for point in points])
    levels = levels[:, np.isfinite(levels).any(axis=0)]
    return np.asarray(np.nanmin(levels, axis=0))


def _mostly_level(levels: Floats, config: HumanConfig) -> bool:
    """Whether half of the `levels (n,)` m lie within the height that feet in stance spread over."""
    ordered, half = np.sort(levels), (len(levels) + 1) // 2
    return bool(np.min(ordered[half - 1 :] - ordered[: len(ordered) - half + 1]) < config.floor_spread_m)


def _middle(marks: Landmarks) -> Floats:
    """Middle of pelvis and legs, `(n, 3)` m."""
    found = seen_mean([marks[name] for name in marks if name.split("_")[0] in ("pelvis", "hip", *_LOWER)])
    assert found is not None
    return found


def _travel(points: Floats, axis: Floats) -> float:
    """How far `points (n, 3)` m move across `axis`, m."""
    across = points[np.isfinite(points[:, 0])]
    across = across - np.outer(across @ axis, axis)
    return float(np.linalg.norm(np.ptp(across, axis=0))) if len(across) else 0.0


def _steps(marks: Landmarks, axis: Floats) -> float:
    """How far a foot moves across `axis` relative to the middle of the legs, m: steps on a treadmill."""
    middle = _middle(marks)
    return max((_travel(marks[name] - middle, axis) for name in marks if name.split("_")[0] in _LOWER[:3]), default=0.0)


def _soles_flat(marks: Landmarks, axis: Floats) -> bool:
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


def _heights(marks: Landmarks) -> tuple[float, dict[str, float]]:
    """Lowest height of all landmarks (5th percentile over frames) and median height of each, m."""
    heights = np.array([point[:, 1] for point in marks.values()])
    heights_seen = heights[:, np.isfinite(heights).any(axis=0)]
    lowest = float(np.percentile(np.nanmin(heights_seen, axis=0), 5))
    return lowest, {name: float(np.nanmedian(point[:, 1])) for name, point in marks.items()
                    if np.isfinite(point[:, 1]).any()}


def _lies(marks: Landmarks, config: HumanConfig) -> bool:
    """Whether the body looks like one that lies on the floor at y = 0."""
    lowest, heights = _heights(marks)
    middle = heights.get("pelvis", heights.get("hip_r", float(np.median(list(heights.values())))))
    return middle - lowest < config.lying_height_m and config.floor_level_m[0] < lowest < config.floor_level_m[1]


def _on_hands(marks: Landmarks, config: HumanConfig) -> bool:
    """Whether hands are where the feet of a standing body are, or beside the head on the floor."""
    lowest, heights = _heights(marks)
    hands = [heights[name] for name in _HANDS if name in heights]
    return bool(hands) and min(hands) - lowest < config.lying_height_m
