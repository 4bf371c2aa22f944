"""Where a foot carries while it steps, and how much: the roll from heel to toe, and from one foot to the other.

From strike to lifting (`mint.support.steps`) the centre of pressure moves along the foot as in other people's steps
(`resources/foot_roll.csv`, measured with force plates). A foot in the air carries nothing. The foot that stands alone
carries what the centre of mass asks for; moving skin and the filter take a few percent of its acceleration away, in
all people alike and more in fast walking, and that is given back. While both stand, the load goes over from one to the
other as in other people (`resources/step_force.csv`, made by `bench/steps.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from mint.core.tables import table
from mint.support.assess import GRAVITY_M_S2
from mint.support.steps import Feet, Step, frames_between

Array = np.ndarray[Any, Any]
# What is known of the force on a foot in the air [body weight].
IN_THE_AIR_BW = 0.02
AXES = ("along", "up", "outward")


def roll(feet: Feet, steps: Sequence[Step]) -> tuple[Array, Array]:
    """Where the feet should carry: x and z in m of a point of the floor for each foot `(n, 2, 2)`, and how well that is
    known, m; NaN while a foot does not step."""
    n = len(feet.pelvis)
    point, sd = np.full((n, 2, 2), np.nan), np.full((n, 2, 2), np.nan)
    for step in steps:
        inside = frames_between(step.strike, step.lift, n)
        now = (inside - step.strike) / (step.lift - step.strike)
        along, along_sd, across, across_sd = (
            _column("foot_roll", name, now) for name in ("along", "along_sd", "across", "across_sd")
        )
        foot, length = step.foot, feet.length[step.foot]
        at = feet.heel[inside, foot] + length * (
            along[:, None] * feet.axis[inside, foot] + across[:, None] * feet.side[inside, foot]
        )
        point[inside, foot] = at[:, [0, 2]]
        # Along and across the foot, turned into x and z.
        share = feet.axis[inside, foot][:, [0, 2]] ** 2
        sd[inside, foot] = length * np.sqrt(share * along_sd[:, None] ** 2 + (1 - share) * across_sd[:, None] ** 2)
    return point, sd


@dataclass(frozen=True)
class Phase:
    """A part of a stance of `foot`: `alone`, or with the other foot, `leading` or `trailing`, from `start` to `stop` in
    frames of the window, maybe outside of it."""

    foot: int
    kind: str
    start: float
    stop: float


def phases(steps: Sequence[Step]) -> list[Phase]:
    """The phases of all steps whose beginning and end the other foot's steps tell."""
    out = []
    for step in steps:
        others = [each for each in steps if each.foot != step.foot]
        lifts = [each.lift for each in others if step.strike < each.lift < step.lift]
        strikes = [each.strike for each in others if step.strike < each.strike < step.lift]
        if lifts:
            out.append(Phase(step.foot, "leading", step.strike, lifts[0]))
        if lifts and strikes and lifts[0] < strikes[-1]:
            out.append(Phase(step.foot, "alone", lifts[0], strikes[-1]))
        if strikes:
            out.append(Phase(step.foot, "trailing", strikes[-1], step.lift))
    return out


@dataclass(frozen=True)
class Demand:
    """What the centre of mass asks for at the k frames of a phase: `now (k,)` the share of the phase, `axes (k, 3, 3)`
    unit vectors along the travel, upwards and to the outside of the foot, `total (k, 3)` body weights along them, `lean
    (k,)` by how much the line from the foot's point to the centre of mass leans along the travel, and `froude`, speed
    squared over gravity and height of the centre of mass."""

    now: Array
    axes: Array
    total: Array
    lean: Array
    froude: float


def axes_of(feet: Feet, foot: int, frames: Array) -> Array:
    """Unit vectors (k, 3, 3) at frames (k,): along the travel, upwards, and to the outside of a foot (`AXES`)."""
    ahead = feet.ahead[frames]
    up = np.broadcast_to(np.array([0.0, 1.0, 0.0]), ahead.shape)
    return np.stack([ahead, up, np.cross(ahead, up) * (1.0 if foot == 0 else -1.0)], axis=1)


def spread_in_ground(axes: Array, spread: Array) -> Array:
    """Standard deviations (k, 3) in ground axes of what is known to `spread` (k, 3) along `axes` (k, 3, 3)."""
    return np.asarray(np.sqrt(np.einsum("kai,ka->ki", axes**2, np.broadcast_to(spread, axes.shape[:2]) ** 2)))


def demand(feet: Feet, phase: Phase, frames: Array, point: Array, com: Array, com_acceleration: Array) -> Demand:
    """The demand at `frames (k,)` of a phase; the other arguments are those of `step_forces`."""
    ahead, axes = feet.ahead[frames], axes_of(feet, phase.foot, frames)
    total = np.einsum("kai,ki->ka", axes, com_acceleration[frames] / GRAVITY_M_S2 + axes[:, 1])
    away = com[frames][:, [0, 2]] - point[frames, phase.foot]
    lean = np.einsum("ki,ki->k", away, ahead[:, [0, 2]]) / com[frames, 1]
    froude = float(np.median(feet.speed[frames])) ** 2 / (GRAVITY_M_S2 * float(np.median(com[frames, 1])))
    return Demand((frames - phase.start) / (phase.stop - phase.start), axes, total, lean, froude)


def step_forces(
    feet: Feet, steps: Sequence[Step], point: Array, com: Array, com_acceleration: Array
) -> tuple[Array, Array]:
    """Forces on the feet in body weights `(n, 2, 3)`, ground axes, and how well they are known; NaN where they are not.

    `point (n, 2, 2)` m is where they act (`roll`), `com (n, 3)` m and `com_acceleration (n, 3)` m/s2 the centre of mass
    of inverse kinematics.
    """
    n = len(feet.pelvis)
    force, sd = np.full((n, 2, 3), np.nan), np.full((n, 2, 3), np.nan)
    for foot in (0, 1):
        own, other = ([step for step in steps if step.foot == each] for each in (foot, 1 - foot))
        for before, after in pairwise(own):
            # A stance between them that was no step of walking is not in the air.
            if any(each.strike <= before.lift and after.strike <= each.lift for each in other):
                air = frames_between(before.lift, after.strike, n)
                force[air, foot], sd[air, foot] = 0.0, IN_THE_AIR_BW
    for phase in phases(steps):
        frames = frames_between(phase.start, phase.stop, n)
        if not len(frames):
            continue
        asked = demand(feet, phase, frames, point, com, com_acceleration)
        known = expected(phase.kind, asked, partial(_force, now=asked.now))
        force[frames, phase.foot] = np.einsum("kai,ka->ki", asked.axes, known)
        sd[frames, phase.foot] = spread_in_ground(asked.axes, _spread(phase.kind, asked.now))
    return force, sd


def expected(kind: str, asked: Demand, column: Callable[[str], Array]) -> Array:
    """Force (k, 3) along the axes of a foot that is `alone`, `leading` or `trailing`; `column` gives columns of
    `resources/step_force.csv` at `asked.now`.

    Alone it carries what the centre of mass asks for, corrected: what skin and filter take along and upwards grows with
    the accelerations of walking, hence with the square of its speed. In double support it carries its share of what is
    asked for upwards, with what the filter takes from it; along the travel it leans as in other people.
    """
    if kind == "alone":
        scale = np.array([asked.froude, asked.froude, 1.0])
        return asked.total + scale * np.stack([column(f"alone_{axis}") for axis in AXES], axis=1)
    up = column(f"{kind}_share") * asked.total[:, 1] + asked.froude * column(f"{kind}_up")
    return np.stack([column(f"{kind}_lean") * asked.lean * up, up, column(f"{kind}_outward")], axis=1)


def _spread(kind: str, now: Array) -> Array:
    return np.stack([_force(f"{kind}_{axis}_sd", now) for axis in AXES], axis=1)


def _column(of: str, name: str, now: Array) -> Array:
    """A column of a table at phases `now (k,)`, linear between its rows; phases are the first column."""
    rows = table(of)
    return np.interp(now, rows.iloc[:, 0].to_numpy(dtype=float), rows[name].to_numpy(dtype=float))


def _force(name: str, now: Array) -> Array:
    return _column("step_force", name, now)
