"""Moving belts: the velocity of what the feet stand on, from the velocity of feet in stance."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.support.assess import frames_of, spans

Array = np.ndarray[Any, Any]


def belt_velocity(heights: Array, velocity: Array, config: SupportConfig) -> Array | None:
    """Velocity (3,) m/s of the belt under the feet, or None if they stand on a floor at rest.

    `heights (n,2)` m and `velocity (n,2,3)` m/s of the loaded point of each foot. A belt needs a steady velocity
    above `belt_speed_m_s` that all stances of the window share; a sliding or turning foot has none.
    """
    stances = stance_velocities(heights, velocity, config)
    if not stances:
        return None
    means = np.array([mean for mean, _ in stances])
    weights = np.array([count for _, count in stances], dtype=float)
    mean = np.average(means, axis=0, weights=weights)
    if np.linalg.norm(mean) <= config.belt_speed_m_s:
        return None
    if np.any(np.linalg.norm(means - mean, axis=1) > config.belt_spread_m_s):
        return None
    return np.array([mean[0], 0.0, mean[1]])


def stance_velocities(heights: Array, velocity: Array, config: SupportConfig) -> list[tuple[Array, int]]:
    """Median horizontal velocity (2,) m/s (x, z) and number of frames of each steady stance."""
    out = []
    for side in range(2):
        height = heights[:, side]
        if not np.any(np.isfinite(height)):
            continue
        with np.errstate(invalid="ignore"):
            low = height < np.nanmin(heights) + config.stance_height_m
            level = np.abs(velocity[:, side, 1]) < config.steady_speed_m_s
        for start, stop in spans(low & level, frames_of(config.belt_min_stance_s)):
            horizontal = velocity[start:stop, side][:, [0, 2]]
            middle = np.median(horizontal, axis=0)
            spread = np.percentile(np.linalg.norm(horizontal - middle, axis=1), 60)
            if spread < config.belt_spread_m_s:
                out.append((middle, stop - start))
    return out
