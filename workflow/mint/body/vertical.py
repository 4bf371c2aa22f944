"""Which axis of a file is up, told from the body alone: head above feet on a floor, or else what the body rests on.

Nothing here knows the laboratory's habits: all six directions of a file's axes are judged alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.body.landmarks import Landmarks
from mint.body.stance import (
    AXES,
    at_zero,
    foot_levels,
    lies,
    lowest_levels,
    mostly_level,
    on_hands,
    rise,
    soles_flat,
    steps,
    travel,
    upright_shares,
)
from mint.config.human import HumanConfig
from mint.formats.ground_frame import UpAxis, up_axis_of

Floats = NDArray[np.float64]

# Landmarks that touch the floor are no higher than this above the lowest; half of the distance of the feet.
_NEAR_FLOOR_M = 0.1
# In the order of trust.
STANDS, UPRIGHT, RESTS = "stands", "upright", "rests"


@dataclass(frozen=True)
class Vertical:
    """The axis of a file that is up, and what says so.

    `by` is `stands` where posture and floor leave no other reading, `upright` where only the posture speaks for it,
    `rests` where only a floor at zero does. `alone`: the body cannot as well lie on a floor at zero across another
    axis, or stand there on its hands; `straight`: it is within half of the angle that counts as upright.
    """

    up: UpAxis
    by: str
    evidence: str
    alone: bool = False
    straight: bool = False

    @property
    def sure(self) -> bool:
        """Whether another reading is out of the question."""
        return self.by == STANDS


def find_vertical(marks: Landmarks, points: Floats, config: HumanConfig) -> Vertical | None:
    """The vertical of a file from landmarks `(n, 3)` m and all its markers or joints `(n, m, 3)` m, in its own axes.

    Who stands, walks or runs is upright along one axis in most frames, and the feet keep a level along it. That leaves
    no other reading if the floor there is at zero and the body travels, steps, or rises and sinks on it; or if the
    body cannot as well lie on a floor at zero across another axis, and stands at zero or moves so on flat soles. Who
    crawls, rolls or lies is told by the floor at zero that the lowest point of the body keeps to. None if nothing
    tells.
    """
    posture, rest = _standing(marks, config), _resting(marks, points, config)
    if posture is None:
        return rest
    # Who gets up from the floor lies along one axis for most of the time, but not as straight as who stands.
    if posture.sure and (posture.straight or rest is None or rest.up == posture.up):
        return posture
    if posture.straight and posture.alone:
        return posture
    return rest or (posture if posture.straight else None)


def _standing(marks: Landmarks, config: HumanConfig) -> Vertical | None:
    shares, narrow = upright_shares(marks, config.upright_deg), upright_shares(marks, config.upright_deg / 2)
    if narrow is None or shares is None or float(np.max(shares)) < config.upright_share:
        return None
    axis, share = AXES[int(np.argmax(shares))], float(np.max(shares))
    straight = float(narrow[int(np.argmax(shares))]) >= config.upright_share
    levels = foot_levels(marks, axis)
    # Who crawls has head and feet along one axis too, and carries the feet along it; so do stairs.
    if not mostly_level(levels, config):
        return None
    floor, moved = float(np.percentile(levels, 10)), travel(marks, axis)
    moves = max(moved, steps(marks, axis)) > config.travel_m or rise(marks, axis) > config.floor_spread_m
    alone = _alone(marks, axis, config)
    sure = (at_zero(floor, config) and (alone or moves)) or (alone and moves and soles_flat(marks, axis))
    up = up_axis_of(axis)
    evidence = (
        f"head and feet lie along {signed(up)} in {100 * share:.0f} % of the frames, the feet keep a level of "
        f"{floor:.2f} m along it, the body moves {moved:.1f} m across it"
    )
    return Vertical(up, STANDS if sure else UPRIGHT, evidence, alone, straight)


def _alone(marks: Landmarks, axis: Floats, config: HumanConfig) -> bool:
    """Whether a body that is upright along `axis` cannot as well lie on a floor at zero, or stand on its hands."""
    levels = lowest_levels(list(marks.values()), -axis)
    if on_hands(marks, -axis, config) and at_zero(float(np.percentile(levels, 5)), config):
        return False
    return not any(lies(marks, other, config) for other in AXES if abs(other @ axis) < 0.5)


def _resting(marks: Landmarks, points: Floats, config: HumanConfig) -> Vertical | None:
    """The one axis along which the lowest of `points (n, m, 3)` m keeps to a floor at zero that carries both sides."""
    each = list(np.moveaxis(points, 1, 0))
    floors = []
    for axis in AXES:
        levels = lowest_levels(each, axis)
        low = float(np.percentile(levels, 10)) if len(levels) else np.nan
        # Nothing of the body is below the floor.
        kept = bool(len(levels)) and np.min(levels) > config.floor_level_m[0] and mostly_level(levels, config)
        if kept and at_zero(low, config) and _both_sides(marks, axis, low):
            floors.append((up_axis_of(axis), low))
    if len(floors) != 1:
        return None
    up, low = floors[0]
    return Vertical(up, RESTS, f"the lowest point of the body keeps a level of {low:.2f} m along {signed(up)}")


def _both_sides(marks: Landmarks, axis: Floats, low: float) -> bool:
    """Whether landmarks of left and right come down to a floor at `low` m along `axis`: beside a body is no floor."""
    sides = [[marks[name] for name in marks if name.endswith(f"_{side}")] for side in "rl"]
    levels = [lowest_levels(points, axis) for points in sides if points]
    return all(len(level) > 0 and float(np.percentile(level, 10)) < low + _NEAR_FLOOR_M for level in levels)


def signed(up: UpAxis) -> str:
    """An axis with its sign, such as `+z`, for messages."""
    return up if up.startswith("-") else f"+{up}"
