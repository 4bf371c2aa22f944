"""Stances of running, told by the centre of mass, and the force on the foot that stands.

Between two flights the foot that stands carries all that the centre of mass asks for. In flight that is nothing: its
low-passed vertical force is zero where plates say that a runner's foot strikes and lifts, within 0.1 body weights,
a few milliseconds. Which foot it is, its height tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.support.assess import GRAVITY_M_S2
from mint.support.roll import IN_THE_AIR_BW, axes_of, spread_in_ground
from mint.support.steps import Feet, Step, frames_between

Array = np.ndarray[Any, Any]
# Errors of the low-passed force of the centre of mass in running [body weight], along the travel, up, and to the side:
# on plates, a runner of Hamner and Delp 2013 (docs/method/trajectory.md).
SPREAD_BW = np.array([0.1, 0.12, 0.12])


def runs_of(feet: Feet, com_acceleration: Array, config: SupportConfig) -> list[Step]:
    """The stances of one foot between two flights of a runner; `com_acceleration (n, 3)` m/s2. One that the window cuts
    begins before, or ends after it."""
    total = com_acceleration[:, 1] / GRAVITY_M_S2 + 1.0
    n = len(total)
    up, down = _crossings(total), _crossings(-total)
    low = np.minimum(feet.heel[..., 1], feet.toe[..., 1])
    found = []
    for start in up if not n or total[0] <= 0 else [-1.0, *up]:
        stop = next((each for each in down if each > start), float(n))
        inside = frames_between(start, stop, n)
        seconds = (stop - start) / FRAME_RATE_HZ
        if not len(inside) or seconds > config.run_longest_s:
            continue
        if start >= 0 and stop < n and seconds < config.run_shortest_s:
            continue
        if float(np.median(feet.speed[inside])) < config.run_slowest_m_s:
            continue
        middle = inside[len(inside) // 2]
        foot = int(np.argmin(low[middle]))
        if low[middle, 1 - foot] - low[middle, foot] < config.run_clear_m:
            continue
        found.append(Step(foot, start, stop))
    return [step for step in found if _flies(step, found, n, config)]


def _flies(step: Step, steps: Sequence[Step], n: int, config: SupportConfig) -> bool:
    """Whether a short flight lies before and after a stance, and the other foot stands beyond it, where the window
    shows it; at least one of the two must be seen."""
    seen = 0
    for inside, other in (
        (
            step.strike > 0,
            max((each for each in steps if each.lift <= step.strike), key=lambda each: each.lift, default=None),
        ),
        (
            step.lift < n - 1,
            min((each for each in steps if each.strike >= step.lift), key=lambda each: each.strike, default=None),
        ),
    ):
        if other is None:
            continue
        flight_s = (step.strike - other.lift if other.lift <= step.strike else other.strike - step.lift) / FRAME_RATE_HZ
        if not inside or other.foot == step.foot or flight_s > config.run_flight_s:
            return False
        seen += 1
    return seen > 0


def run_forces(feet: Feet, runs: Sequence[Step], com_acceleration: Array) -> tuple[Array, Array]:
    """Forces on the feet in body weights `(n, 2, 3)`, ground axes, and how well they are known; NaN where they are not,
    which is outside of the first and the last stance."""
    n = len(feet.pelvis)
    force, sd = np.full((n, 2, 3), np.nan), np.full((n, 2, 3), np.nan)
    if not runs:
        return force, sd
    total = com_acceleration / GRAVITY_M_S2 + np.array([0.0, 1.0, 0.0])
    known = frames_between(max(runs[0].strike, 0), min(runs[-1].lift, n - 1), n)
    force[known], sd[known] = 0.0, IN_THE_AIR_BW
    for step in runs:
        frames = frames_between(step.strike, step.lift, n)
        force[frames, step.foot] = total[frames]
        sd[frames, step.foot] = spread_in_ground(axes_of(feet, step.foot, frames), SPREAD_BW)
    return force, sd


def _crossings(values: Array) -> list[float]:
    """Where values rise above zero, in frames, linear between them."""
    at = np.flatnonzero((values[:-1] <= 0) & (values[1:] > 0))
    return [float(i + values[i] / (values[i] - values[i + 1])) for i in at]
