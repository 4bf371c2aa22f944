"""Which foot carries the body."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.core.stretches import stretches
from mint.retarget.balance import FALL_SHARE, GRAVITY_M_S2, MASS_SHARES, segment_centers
from mint.retarget.feet import (
    LOW_M,
    SLOW_M_S,
    carrying_speed,
    cleaned,
    find_stance,
    sole_points,
)
from mint.retarget.filter import low_pass
from mint.retarget.pose import BodyMotion
from mint.retarget.subject import Leg, Subject

Array = np.ndarray[Any, Any]

_CUTOFF_HZ = 6.0
_MAX_COST = 5.0


def find_stances(body: BodyMotion, subject: Subject, floors: dict[str, float]) -> dict[str, Array]:
    """Stance frames (n,) bool of each foot; wherever the body does not fall, at least one foot is in stance.

    Some clips let the standing foot glide at 1 m/s. There the lower and slower foot is taken.
    """
    rate, legs = body.rate_hz, subject.legs
    slow = carrying_speed(body.root, rate)
    stances = {
        side: find_stance(body.ankle[side], body.foot[side], leg, floors[side], rate, slow)
        for side, leg in legs.items()
    }
    height = low_pass(segment_centers(body, subject)[..., 1] @ MASS_SHARES, rate, _CUTOFF_HZ)
    acceleration = np.gradient(np.gradient(height, 1 / rate), 1 / rate)
    cost = {side: _cost(body, leg, side, floors[side]) for side, leg in legs.items()}
    for start, stop in stretches(~np.any(list(stances.values()), axis=0)):
        if np.mean(acceleration[start:stop]) < -FALL_SHARE * GRAVITY_M_S2:
            continue
        best = min(cost, key=lambda side: float(np.mean(cost[side][start:stop])))
        if np.mean(cost[best][start:stop]) < _MAX_COST:
            stances[best][start:stop] = True
    return {side: cleaned(mask, rate) for side, mask in stances.items()}


def _cost(body: BodyMotion, leg: Leg, side: str, floor: float) -> Array:
    """How unlikely (n,) a foot carries: height over `LOW_M` plus speed over `SLOW_M_S` of its lower sole point."""
    costs = []
    for point in sole_points(body.ankle[side], body.foot[side], leg):
        speed = np.linalg.norm(np.gradient(point, 1 / body.rate_hz, axis=0), axis=1)
        costs.append((point[:, 1] - floor) / LOW_M + speed / SLOW_M_S)
    return np.minimum(*costs)
