"""Moving belts: the velocity of what the feet stand on, from the velocity of feet in stance, and what a table says."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.core.status import Reason, StageError
from mint.core.stretches import stretches
from mint.support.assess import frames_of

Array = np.ndarray[Any, Any]

_AT_REST_M_S = 0.15
_APART_M = 0.05  # by which the lowest heights of two feet that stand on one floor differ at most: an error of a marker
_ALIKE = 0.12  # share by which two speeds differ that are meant to be the same


def floor_velocity(heights: Array, velocity: Array, config: SupportConfig) -> Array | None:
    """Velocity (3,) m/s of what the feet stand on, floor or belt, or None if they do not tell.

    `heights (n,2)` m and `velocity (n,2,3)` m/s of the loaded point of each foot. All stances of the window must
    share one velocity; a sliding or turning foot has none. What counts as level and as one velocity grows with
    the speed: a sole sinks and rolls while it goes with a fast belt.
    """
    stances = stance_velocities(heights, velocity, config)
    if not stances:
        return None
    means = np.array([mean for mean, _ in stances])
    weights = np.array([count for _, count in stances], dtype=float)
    mean = np.average(means, axis=0, weights=weights)
    if np.any(np.linalg.norm(means - mean, axis=1) > _spread_allowed(mean, config)):
        return None
    return np.array([mean[0], 0.0, mean[1]])


def belt_velocity(heights: Array, velocity: Array, config: SupportConfig) -> Array | None:
    """Velocity (3,) m/s of the belt under the feet, or None if they stand on a floor at rest, or do not tell."""
    floor = floor_velocity(heights, velocity, config)
    return floor if floor is not None and np.linalg.norm(floor) > config.belt_speed_m_s else None


def check_declared(declared_m_s: float, floor: Array, config: SupportConfig) -> None:
    """Compare the table's velocity along x with that of the stance feet, `floor (3,)` m/s.

    Raises StageError(BELT_VELOCITY) that names both, and what would explain the difference.
    """
    off = float(np.linalg.norm(floor - [declared_m_s, 0.0, 0.0]))
    if off <= max(config.belt_tolerance_m_s, config.belt_tolerance_share * abs(declared_m_s)):
        return
    along, across = float(floor[0]), float(floor[2])
    raise StageError(
        Reason.BELT_VELOCITY,
        f"belt_velocity_m_s is {declared_m_s:g} m/s along x, but the standing feet move with "
        f"{along:.2f} m/s along x and {across:.2f} m/s along z{_explained(declared_m_s, along, across)}",
    )


def _explained(declared: float, along: float, across: float) -> str:
    """What a person may have meant, if it is one of the usual slips."""
    speed = float(np.hypot(along, across))
    if speed < _AT_REST_M_S:
        return ": they stand on a floor at rest"
    if abs(across) > 2 * abs(along):
        return ": the belt runs along z, or the axes of the file are turned"
    if along * declared < 0 and abs(abs(along) - abs(declared)) <= _ALIKE * speed:
        return ": the sign is wrong (feet of who walks towards +x are carried towards -x)"
    ratio = abs(declared) / speed
    for factor, meaning in (
        (3.6, "km/h was given as m/s"),
        (2.237, "miles per hour were given as m/s"),
        (2.0, "the stated frame rate is half of the true one"),
        (0.5, "the stated frame rate is twice the true one"),
    ):
        if abs(ratio / factor - 1) <= _ALIKE:
            return f": {ratio:.1f} times as fast, as if {meaning}"
    return ""


def stance_velocities(heights: Array, velocity: Array, config: SupportConfig) -> list[tuple[Array, int]]:
    """Median horizontal velocity (2,) m/s (x, z) and number of frames of each steady stance."""
    out = []
    for side in range(2):
        height = heights[:, side]
        if not np.any(np.isfinite(height)):
            continue
        with np.errstate(invalid="ignore"):
            # One foot may lie lower than the other by what markers err; a foot that is higher than that never stands.
            own, lowest = np.nanmin(height), np.nanmin(heights)
            low = height < (own if own < lowest + _APART_M else lowest) + config.stance_height_m
            speed = np.linalg.norm(velocity[:, side][:, [0, 2]], axis=1)
            level = np.abs(velocity[:, side, 1]) < np.maximum(config.steady_speed_m_s, config.belt_slope * speed)
        for start, stop in stretches(low & level, frames_of(config.belt_min_stance_s)):
            horizontal = velocity[start:stop, side][:, [0, 2]]
            middle = np.median(horizontal, axis=0)
            spread = np.percentile(np.linalg.norm(horizontal - middle, axis=1), 60)
            if spread < _spread_allowed(middle, config):
                out.append((middle, stop - start))
    return out


def _spread_allowed(velocity: Array, config: SupportConfig) -> float:
    """How far velocities of a foot may lie from the one that they are meant to be, m/s."""
    return max(config.belt_spread_m_s, config.belt_spread_share * float(np.linalg.norm(velocity)))
