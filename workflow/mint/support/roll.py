"""Where a foot carries while it steps, and how much: the roll from heel to toe, and from one foot to the other.

From strike to lifting (`mint.support.steps`) the centre of pressure moves along the foot as in other people's steps
(`resources/foot_roll.csv`, measured with force plates). A foot in the air carries nothing. The foot that stands alone
carries what the centre of mass asks for; moving skin takes a few percent of its acceleration away, in all people alike,
and that is given back. While both stand, the load goes over from one to the other as in other people
(`resources/step_force.csv`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from mint.core.tables import table
from mint.support.assess import GRAVITY_M_S2
from mint.support.steps import Feet, Step, frames_between

Array = np.ndarray[Any, Any]
# What is known of the force on a foot in the air, and of the sum of both while both stand, when filtered
# accelerations are smeared over strike and lifting [body weight].
_IN_THE_AIR_BW, _TOTAL_BW, _ACROSS_BW = 0.02, 0.07, 0.05


def roll(feet: Feet, steps: Sequence[Step]) -> tuple[Array, Array]:
    """Where the feet should carry: x and z in m of a point of the floor for each foot `(n, 2, 2)`, and how well that is
    known, m; NaN while a foot does not step."""
    n = len(feet.pelvis)
    point, sd = np.full((n, 2, 2), np.nan), np.full((n, 2, 2), np.nan)
    for step in steps:
        inside = frames_between(step.strike, step.lift, n)
        now = (inside - step.strike) / (step.lift - step.strike)
        along, along_sd, across, across_sd = (_column("foot_roll", name, now) for name in (
            "along", "along_sd", "across", "across_sd"))
        foot, length = step.foot, feet.length[step.foot]
        at = (feet.heel[inside, foot] + length * (along[:, None] * feet.axis[inside, foot]
                                                  + across[:, None] * feet.side[inside, foot]))
        point[inside, foot] = at[:, [0, 2]]
        # Along and across the foot, turned into x and z.
        share = feet.axis[inside, foot][:, [0, 2]] ** 2
        sd[inside, foot] = length * np.sqrt(share * along_sd[:, None]**2 + (1 - share) * across_sd[:, None]**2)
    return point, sd


def step_forces(feet: Feet, steps: Sequence[Step], point: Array, com: Array,
                com_acceleration: Array) -> tuple[Array, Array]:
    """Forces on the feet in body weights `(n, 2, 3)`, ground axes, and how well they are known; NaN where they are not.

    `point (n, 2, 2)` m is where they act (`roll`), `com (n, 3)` m and `com_acceleration (n, 3)` m/s2 the centre of mass
    of inverse kinematics.
    """
    n = len(feet.pelvis)
    force, sd = np.full((n, 2, 3), np.nan), np.full((n, 2, 3), np.nan)
    total = com_acceleration / GRAVITY_M_S2 + np.array([0.0, 1.0, 0.0])
    ahead = feet.ahead
    lean = np.einsum("nfi,ni->nf", com[:, None, [0, 2]] - point, ahead[:, [0, 2]]) / com[:, 1:2]
    for foot in (0, 1):
        own, other = ([step for step in steps if step.foot == each] for each in (foot, 1 - foot))
        for before, after in pairwise(own):
            # A stance between them that was no step of walking is not in the air.
            if not any(each.strike <= before.lift and after.strike <= each.lift for each in other):
                continue
            air = frames_between(before.lift, after.strike, n)
            force[air, foot], sd[air, foot] = 0.0, _IN_THE_AIR_BW
        for step in own:
            lifts = [each.lift for each in other if step.strike < each.lift < step.lift]
            strikes = [each.strike for each in other if step.strike < each.strike < step.lift]
            if lifts and strikes and lifts[0] < strikes[-1]:
                _alone(force, sd, foot, (lifts[0], strikes[-1]), total, ahead)
            if lifts:
                _together(force, sd, (foot, 1 - foot), (step.strike, lifts[0]), total, ahead, lean)
    return force, sd


def _column(of: str, name: str, now: Array) -> Array:
    """A column of a table at phases `now (k,)`, linear between its rows; phases are the first column."""
    rows = table(of)
    return np.interp(now, rows.iloc[:, 0].to_numpy(dtype=float), rows[name].to_numpy(dtype=float))


def _force(name: str, now: Array) -> Array:
    return _column("step_force", name, now)


def _alone(force: Array, sd: Array, foot: int, when: tuple[float, float], total: Array, ahead: Array) -> None:
    """Single support: what the centre of mass asks for, corrected."""
    frames = frames_between(*when, len(total))
    now = (frames - when[0]) / (when[1] - when[0])
    outward = np.cross(ahead[frames], np.array([0.0, 1.0, 0.0])) * (1.0 if foot == 0 else -1.0)
    upward = np.broadcast_to(np.array([0.0, 1.0, 0.0]), outward.shape)
    parts = {"along": ahead[frames], "up": upward, "outward": outward}
    force[frames, foot] = total[frames] + sum(_force(name, now)[:, None] * axis for name, axis in parts.items())
    sd[frames, foot] = np.sqrt(sum(((_force(f"{name}_sd", now)[:, None] * axis) ** 2 for name, axis in parts.items()),
                                   start=np.zeros(outward.shape)))


def _together(force: Array, sd: Array, feet: tuple[int, int], when: tuple[float, float], total: Array, ahead: Array,
              lean: Array) -> None:
    """Double support of the leading and the trailing foot: how the vertical force is divided, and how both lean."""
    frames = frames_between(*when, len(total))
    now = (frames - when[0]) / (when[1] - when[0])
    share = _force("leading_share", now)
    for foot, part, name in zip(feet, (share, 1.0 - share), ("leading", "trailing"), strict=True):
        upward = part * total[frames, 1]
        force[frames, foot, 1] = upward
        sd[frames, foot, 1] = np.hypot(_force("leading_share_sd", now), _TOTAL_BW * part)
        # Across the travel nothing is known: of a force that is known along it only, the axes take their shares.
        level = _force(f"{name}_lean", now) * lean[frames, foot] * upward
        for axis in (0, 2):
            force[frames, foot, axis] = level * ahead[frames, axis]
            sd[frames, foot, axis] = np.hypot(_force(f"{name}_lean_sd", now) * np.maximum(upward, 0.0),
                                              _ACROSS_BW * (1 - ahead[frames, axis] ** 2)) + _IN_THE_AIR_BW
