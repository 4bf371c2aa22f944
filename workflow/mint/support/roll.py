"""Where a foot carries while it steps, and how much: the roll from heel to toe, and from one foot to the other.

A step is told by its feet alone (Zeni et al. 2008, doi:10.1016/j.gaitpost.2007.07.007): a heel is farthest ahead of the
pelvis shortly before it strikes, the toe joint farthest behind it shortly after the toes leave. Between, the centre of
pressure moves along the foot as in other people's steps (`resources/foot_roll.csv`, measured with force plates). A foot
in the air carries nothing. The foot that stands alone carries what the centre of mass asks for; moving skin takes a few
percent of its acceleration away, in all people alike, and that is given back. While both stand, the load goes over from
one to the other as in other people (`resources/step_force.csv`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.tables import table
from mint.kinematics.leg_kinematics import ForwardKinematics

Array = np.ndarray[Any, Any]
SIDES = ("r", "l")
# Stance of walking lasts so many times the time between two strikes or two liftings of opposite feet (62 % of a cycle).
_STANCE_STEPS = 1.24
STANDARD_GRAVITY = 9.80665
# What is known of the force on a foot in the air, and of the sum of both while both stand, when filtered
# accelerations are smeared over strike and lifting [body weight].
_IN_THE_AIR_BW, _TOTAL_BW, _ACROSS_BW = 0.02, 0.07, 0.05
# The travel of the pelvis is taken over so long a time [s]: a step.
_TRAVEL_S = 0.5


@dataclass(frozen=True)
class Step:
    """The stance of one foot (0 right, 1 left), from strike to lifting in frames of the window, maybe outside of it."""

    foot: int
    strike: float
    lift: float


@dataclass(frozen=True)
class Feet:
    """Motion of pelvis and feet relative to the floor over n frames: `pelvis (n, 3)`, `heel`, `toe (n, 2, 3)` m, `axis`
    and `side (n, 2, 3)`, horizontal unit vectors along each foot and to its outside, `length (2,)` m from heel to toe
    joint, `travel (n, 3)` m/s, horizontal velocity of the pelvis relative to the floor over a step."""

    pelvis: Array
    heel: Array
    toe: Array
    axis: Array
    side: Array
    length: Array
    travel: Array


def feet_of(record: Mapping[str, Any], coordinates: Sequence[str], q: Array, floor_velocity: Array) -> Feet | None:
    """Of a leg model, from coordinates `q (n, m)` in rad and m, on a floor of `floor_velocity (3,)` m/s; None for one
    whose feet have no toes."""
    bodies = ForwardKinematics(record).transforms(coordinates, q)
    if not all(f"{body}_{side}" in bodies for body in ("calcn", "toes") for side in SIDES):
        return None
    heel, toe = (np.stack([bodies[f"{body}_{side}"][1] for side in SIDES], axis=1) for body in ("calcn", "toes"))
    axis = np.stack([bodies[f"calcn_{side}"][0][:, :, 0] for side in SIDES], axis=1) * np.array([1.0, 0.0, 1.0])
    axis = axis / np.maximum(np.linalg.norm(axis, axis=2, keepdims=True), 1e-9)
    right = np.cross(axis, np.array([0.0, 1.0, 0.0]))
    pelvis = bodies["pelvis"][1]
    return Feet(pelvis, heel, toe, axis, right * np.array([1.0, -1.0])[:, None],
                np.linalg.norm((toe - heel)[0], axis=1), _travel(pelvis, floor_velocity))


def _travel(pelvis: Array, floor_velocity: Array) -> Array:
    """Velocity (n, 3) m/s of the pelvis on the floor, over a step around each frame."""
    half = max(1, round(0.5 * _TRAVEL_S * FRAME_RATE_HZ))
    index = np.arange(len(pelvis))
    first, last = np.maximum(index - half, 0), np.minimum(index + half, len(pelvis) - 1)
    seconds = np.maximum(last - first, 1)[:, None] / FRAME_RATE_HZ
    velocity = (pelvis[last] - pelvis[first]) / seconds - floor_velocity
    return np.asarray(velocity * np.array([1.0, 0.0, 1.0]))


def steps_of(feet: Feet, config: SupportConfig) -> list[Step]:
    """The steps of walking in a window, in order of their strikes; a stance that the window cuts is as long as others.

    A foot that does not strike with its heel, is not passed by the pelvis in its own direction, or leaves the floor
    before the other foot strikes is no step of walking.
    """
    speed = np.linalg.norm(feet.travel, axis=1)
    ahead = feet.travel / np.maximum(speed, 1e-9)[:, None]
    events = []
    for foot in (0, 1):
        heel, toe = (np.einsum("ni,ni->n", each[:, foot] - feet.pelvis, ahead) for each in (feet.heel, feet.toe))
        events.append((_peaks(heel) + config.step_strike_s * FRAME_RATE_HZ,
                       _peaks(-toe) + config.step_lift_s * FRAME_RATE_HZ))
    usual = _usual_stance(events)
    if usual is None:
        return []
    found = []
    for foot, (strikes, lifts) in enumerate(events):
        for strike in strikes:
            later = lifts[lifts > strike]
            found.append(Step(foot, strike, later[0] if len(later) else strike + usual))
        if len(lifts) and not (strikes < lifts[0]).any():
            found.append(Step(foot, lifts[0] - usual, lifts[0]))
    found = sorted((step for step in found if _is_step(step, feet, speed, ahead, config)), key=lambda step: step.strike)
    return [step for step in found if _walks(step, found, len(speed))]


def _peaks(values: Array) -> Array:
    """Places of the maxima inside the window that are one over a third of a second, to a fraction of a frame."""
    half = round(FRAME_RATE_HZ / 6)
    out = []
    for i in range(1, len(values) - 1):
        around = values[max(0, i - half):i + half + 1]
        if values[i] >= around.max() and values[i] > values[i - 1] and np.ptp(around) > 0:
            before, here, after = values[i - 1:i + 2]
            bend = before - 2 * here + after
            out.append(i + (0.5 * (before - after) / bend if bend < 0 else 0.0))
    return np.array(out)


def _usual_stance(events: Sequence[tuple[Array, Array]]) -> float | None:
    """Frames that a stance lasts in this window: the median of whole ones, else from the time between steps."""
    whole = [lifts[lifts > strike][0] - strike for strikes, lifts in events for strike in strikes
             if (lifts > strike).any()]
    if whole:
        return float(np.median(whole))
    between = [abs(one - other) for kind in (0, 1) for one in events[0][kind] for other in events[1][kind]]
    return _STANCE_STEPS * float(min(between)) if between else None


def _is_step(step: Step, feet: Feet, speed: Array, ahead: Array, config: SupportConfig) -> bool:
    last = len(speed) - 1
    inside = np.arange(max(0, int(np.ceil(step.strike))), min(last, int(step.lift)) + 1)
    seconds = (step.lift - step.strike) / FRAME_RATE_HZ
    if len(inside) == 0 or not config.step_shortest_s <= seconds <= config.step_longest_s:
        return False
    if not config.step_slowest_m_s <= float(np.median(speed[inside])) <= config.step_fastest_m_s:
        return False
    along = np.einsum("ni,ni->n", feet.axis[inside, step.foot], ahead[inside])
    if np.median(along) < np.cos(np.radians(config.step_turned_deg)):
        return False
    strike = round(step.strike)
    if not 0 <= strike <= last:
        return True
    rise = (feet.toe - feet.heel)[strike, step.foot, 1] / feet.length[step.foot]
    return bool(rise > np.sin(np.radians(config.step_heel_first_deg)))


def _walks(step: Step, steps: Sequence[Step], frames: int) -> bool:
    """Whether the other foot stands, too, at both ends of a stance, as far as the window shows them."""
    others = [other for other in steps if other.foot != step.foot]
    for end in (step.strike, step.lift):
        if 0 <= end < frames and not any(other.strike <= end <= other.lift for other in others):
            return False
    return bool(others)


def roll(feet: Feet, steps: Sequence[Step]) -> tuple[Array, Array]:
    """Where the feet should carry: x and z in m of a point of the floor for each foot `(n, 2, 2)`, and how well that is
    known, m; NaN while a foot does not step."""
    n = len(feet.pelvis)
    point, sd = np.full((n, 2, 2), np.nan), np.full((n, 2, 2), np.nan)
    rows = table("foot_roll")
    phase = rows["stance_share"].to_numpy(dtype=float)
    for step in steps:
        inside = np.arange(max(0, int(np.ceil(step.strike))), min(n - 1, int(step.lift)) + 1)
        now = (inside - step.strike) / (step.lift - step.strike)
        along, along_sd, across, across_sd = (np.interp(now, phase, rows[column].to_numpy(dtype=float)) for column in (
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
    total = com_acceleration / STANDARD_GRAVITY + np.array([0.0, 1.0, 0.0])
    ahead = feet.travel / np.maximum(np.linalg.norm(feet.travel, axis=1), 1e-9)[:, None]
    lean = np.einsum("nfi,ni->nf", com[:, None, [0, 2]] - point, ahead[:, [0, 2]]) / com[:, 1:2]
    for foot in (0, 1):
        own, other = ([step for step in steps if step.foot == each] for each in (foot, 1 - foot))
        for before, after in pairwise(own):
            air = _between(before.lift, after.strike, n)
            force[air, foot], sd[air, foot] = 0.0, _IN_THE_AIR_BW
        for step in own:
            lifts = [each.lift for each in other if step.strike < each.lift < step.lift]
            strikes = [each.strike for each in other if step.strike < each.strike < step.lift]
            if lifts and strikes and lifts[0] < strikes[-1]:
                _alone(force, sd, foot, (lifts[0], strikes[-1]), total, ahead)
            if lifts:
                _together(force, sd, (foot, 1 - foot), (step.strike, lifts[0]), total, ahead, lean)
    return force, sd


def _between(start: float, stop: float, frames: int) -> Array:
    """Frames of the window within two instants."""
    return np.arange(max(0, int(np.ceil(start))), min(frames - 1, int(stop)) + 1)


def _column(name: str, now: Array) -> Array:
    rows = table("step_force")
    return np.interp(now, rows["phase"].to_numpy(dtype=float), rows[name].to_numpy(dtype=float))


def _alone(force: Array, sd: Array, foot: int, when: tuple[float, float], total: Array, ahead: Array) -> None:
    """Single support: what the centre of mass asks for, corrected."""
    frames = _between(*when, len(total))
    now = (frames - when[0]) / (when[1] - when[0])
    outward = np.cross(ahead[frames], np.array([0.0, 1.0, 0.0])) * (1.0 if foot == 0 else -1.0)
    upward = np.broadcast_to(np.array([0.0, 1.0, 0.0]), outward.shape)
    parts = {"along": ahead[frames], "up": upward, "outward": outward}
    force[frames, foot] = total[frames] + sum(_column(name, now)[:, None] * axis for name, axis in parts.items())
    sd[frames, foot] = np.sqrt(sum(((_column(f"{name}_sd", now)[:, None] * axis) ** 2 for name, axis in parts.items()),
                                   start=np.zeros(outward.shape)))


def _together(force: Array, sd: Array, feet: tuple[int, int], when: tuple[float, float], total: Array, ahead: Array,
              lean: Array) -> None:
    """Double support of the leading and the trailing foot: how the vertical force is divided, and how both lean."""
    frames = _between(*when, len(total))
    now = (frames - when[0]) / (when[1] - when[0])
    share = _column("leading_share", now)
    for foot, part, name in zip(feet, (share, 1.0 - share), ("leading", "trailing"), strict=True):
        upward = part * total[frames, 1]
        force[frames, foot, 1] = upward
        sd[frames, foot, 1] = np.hypot(_column("leading_share_sd", now), _TOTAL_BW * part)
        # Across the travel nothing is known: of a force that is known along it only, the axes take their shares.
        level = _column(f"{name}_lean", now) * lean[frames, foot] * upward
        for axis in (0, 2):
            force[frames, foot, axis] = level * ahead[frames, axis]
            sd[frames, foot, axis] = np.hypot(_column(f"{name}_lean_sd", now) * np.maximum(upward, 0.0),
                                              _ACROSS_BW * (1 - ahead[frames, axis] ** 2)) + _IN_THE_AIR_BW
