"""Which way is up? Head above feet along the vertical, or along another axis: then the file has other axes than assumed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.body.landmarks import Landmarks, seen_mean
from mint.config.human import HumanConfig
from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]

_UPPER = ("head", "trunk", "neck", "pelvis")
_LOWER = ("toe", "heel", "ankle", "knee")
_HANDS = ("wrist_r", "wrist_l")
# Axes of the OpenSim frame, the vertical first; y is up.
_AXES = np.array([[0, 1, 0], [0, -1, 0], [1, 0, 0], [-1, 0, 0], [0, 0, 1], [0, 0, -1]], dtype=float)
_MIN_FRAMES = 1


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

    `marks` are landmarks `(n, 3)` m, y up. A person may be upside down or lie for a while; a file is refused if head
    and feet lie along one other axis throughout, the feet keep their level along it, and either the body travels across
    it or its floor is at zero, while it does not lie on the floor that the file claims. Who lies in the right file
    differs in the latter, and is told apart by support.
    """
    feet, top = _ends(marks)
    if feet is None or top is None:
        return []
    body = top - feet
    length = np.linalg.norm(body, axis=1, keepdims=True)
    known = np.isfinite(length[:, 0]) & (length[:, 0] > 1e-6)
    if known.sum() < _MIN_FRAMES:
        return []
    aligned = np.array([np.mean(body[known] @ axis > np.cos(np.radians(config.upright_deg)) * length[known, 0])
                        for axis in _AXES])
    axis, share = _AXES[int(np.argmax(aligned))], float(np.max(aligned))
    if aligned[0] > 1 - config.upright_share or share < config.upright_share:
        return []
    if not _feet_keep_level(marks, axis, config):
        return []
    along = f"head and feet lie along the file's {frame.name(axis)} axis in {100 * share:.0f} % of the frames"
    expected = f"the vertical is expected along {frame.name(_AXES[0])}"
    travels, on_floor = _travel(marks, axis) > config.travel_m, abs(_floor(marks, axis)) < config.floor_level_m
    held_otherwise = _on_hands(marks, config) if axis[1] < 0 else _lies(marks, config)
    if (travels and on_floor) or ((travels or on_floor) and not held_otherwise):
        why = [f"the body travels {_travel(marks, axis):.1f} m across it"] if travels else []
        why += ["the feet stand at zero along it"] if on_floor else []
        raise StageError(Reason.ORIENTATION, f"{path}: {along}, {' and '.join(why)}; {expected}",
                         remedy=_remedy(axis, frame))
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


def _feet_keep_level(marks: Landmarks, axis: Floats, config: HumanConfig) -> bool:
    low, high = np.percentile(_foot_levels(marks, axis), [5, 75])
    return bool(high - low < config.floor_spread_m)


def _floor(marks: Landmarks, axis: Floats) -> float:
    return float(np.percentile(_foot_levels(marks, axis), 10))


def _travel(marks: Landmarks, axis: Floats) -> float:
    """How far the middle of the legs moves across `axis`, m."""
    middle = seen_mean([marks[name] for name in marks if name.split("_")[0] in ("pelvis", "hip", *_LOWER)])
    if middle is None:
        return 0.0
    across = middle[np.isfinite(middle[:, 0])]
    across = across - np.outer(across @ axis, axis)
    return float(np.linalg.norm(np.ptp(across, axis=0)))


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
    return middle - lowest < config.lying_height_m and abs(lowest) < config.floor_level_m


def _on_hands(marks: Landmarks, config: HumanConfig) -> bool:
    """Whether hands are where the feet of a standing body are, or beside the head on the floor."""
    lowest, heights = _heights(marks)
    hands = [heights[name] for name in _HANDS if name in heights]
    return bool(hands) and min(hands) - lowest < config.lying_height_m
