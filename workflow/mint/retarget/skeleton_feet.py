"""Feet of a recorded skeleton on a body: they stand still where the record says that they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.retarget.feet import (
    FootReport,
    find_stance,
    floor_height,
    level,
    measured,
    plant,
)
from mint.retarget.pose import BodyMotion, solve_leg
from mint.retarget.subject import Subject

Array = np.ndarray[Any, Any]

# Feet whose own floors differ by more stand on different levels: they are left as they are.
_LEVELS_M = 0.08
# Heel or ball of a standing foot is slower: what glides faster is a step that the person made.
_STANDING_M_S = 0.3


@dataclass(frozen=True)
class Feet:
    """Height of the floor m; reports by side; how far the ankles were moved at most, m; whether feet share a floor."""

    floor_m: float
    reports: dict[str, FootReport]
    moved_m: float
    one_level: bool


def stand(body: BodyMotion, subject: Subject) -> Feet:
    """Put standing feet of `body` on one floor without sliding, and bend the legs to match. Changes `body`.

    A foot stands where it is low and slow; nothing is moved onto the floor that the record does not have there, and
    nothing is smoothed, so that faults of the record stay to be seen.
    """
    floors = {side: floor_height(body, leg, side) for side, leg in subject.legs.items()}
    floor = sum(floors.values()) / len(floors)
    slow = np.full(body.frames, _STANDING_M_S)
    one_level = abs(floors["l"] - floors["r"]) <= _LEVELS_M
    reports, moved = {}, 0.0
    for side, leg in subject.legs.items():
        recorded = body.ankle[side].copy()
        stance = find_stance(recorded, body.foot[side], leg, floors[side], body.rate_hz, slow)
        report = level(body, leg, side, stance, floor, smooth=False)
        if one_level:
            report = plant(body, leg, side, report, floor, smooth=False)
        shift = body.ankle[side] - recorded
        if stance.any():
            moved = max(moved, float(np.abs(shift - np.median(shift, axis=0))[stance].max()))
        solve_leg(body, leg, side)
        reports[side] = measured(body, leg, side, floor, report)
    return Feet(floor, reports, moved, one_level)
