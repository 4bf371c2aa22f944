"""Steps of walking, told by the feet alone (Zeni et al. 2008, doi:10.1016/j.gaitpost.2007.07.007).

A heel is farthest ahead of the pelvis shortly before it strikes, the toe joint farthest behind it shortly after the
toes leave. What looks so without being a step of walking from heel to toe is told from it by its speed, by where the
foot points, by whether it rests, by the heel that strikes first, and by the other foot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.kinematics.model.forward_kinematics import ForwardKinematics
from mint.support.feet import SIDES

Array = np.ndarray[Any, Any]
# Stance of walking lasts so many times the time between two strikes or two liftings of opposite feet (62 % of a cycle).
_STANCE_STEPS = 1.24
# The travel of the pelvis is taken over so long a time [s]: a step.
_TRAVEL_S = 0.5
# In this part of stance the heel of a standing foot rests; one that goes over the floor with more than this share of
# the travel is carried along.
_RESTS, _RESTING_SHARE = (0.2, 0.5), 0.5
# A model whose feet are shorter has no feet [m].
_LEAST_LENGTH_M = 0.02


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

    @property
    def speed(self) -> Array:
        """Speed (n,) m/s of the travel."""
        return np.asarray(np.linalg.norm(self.travel, axis=1))

    @property
    def ahead(self) -> Array:
        """Unit vectors (n, 3) along the travel."""
        return np.asarray(self.travel / np.maximum(self.speed, 1e-9)[:, None])


def feet_of(record: Mapping[str, Any], coordinates: Sequence[str], q: Array, floor_velocity: Array) -> Feet | None:
    """Of a leg model, from coordinates `q (n, m)` in rad and m, on a floor of `floor_velocity (3,)` m/s; None for one
    whose feet have no toes, or no length."""
    bodies = ForwardKinematics(record).transforms(coordinates, q)
    if not all(f"{body}_{side}" in bodies for body in ("calcn", "toes") for side in SIDES):
        return None
    heel, toe = (np.stack([bodies[f"{body}_{side}"][1] for side in SIDES], axis=1) for body in ("calcn", "toes"))
    axis = np.stack([bodies[f"calcn_{side}"][0][:, :, 0] for side in SIDES], axis=1) * np.array([1.0, 0.0, 1.0])
    axis = axis / np.maximum(np.linalg.norm(axis, axis=2, keepdims=True), 1e-9)
    right = np.cross(axis, np.array([0.0, 1.0, 0.0]))
    pelvis, length = bodies["pelvis"][1], np.linalg.norm((toe - heel)[0], axis=1)
    if length.min() < _LEAST_LENGTH_M:
        return None
    return Feet(
        pelvis, heel, toe, axis, right * np.array([1.0, -1.0])[:, None], length, _travel(pelvis, floor_velocity)
    )


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

    A foot that does not strike with its heel, is not passed by the pelvis in its own direction, is carried along, or
    leaves the floor before the other foot strikes is no step of walking.
    """
    speed, ahead = feet.speed, feet.ahead
    events = []
    for foot in (0, 1):
        heel, toe = (np.einsum("ni,ni->n", each[:, foot] - feet.pelvis, ahead) for each in (feet.heel, feet.toe))
        events.append(
            (_peaks(heel) + config.step_strike_s * FRAME_RATE_HZ, _peaks(-toe) + config.step_lift_s * FRAME_RATE_HZ)
        )
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
        around = values[max(0, i - half) : i + half + 1]
        if values[i] >= around.max() and values[i] > values[i - 1] and np.ptp(around) > 0:
            before, here, after = values[i - 1 : i + 2]
            bend = before - 2 * here + after
            out.append(i + (0.5 * (before - after) / bend if bend < 0 else 0.0))
    return np.array(out)


def _usual_stance(events: Sequence[tuple[Array, Array]]) -> float | None:
    """Frames that a stance lasts in this window: the median of whole ones, else from the time between steps."""
    whole = [
        lifts[lifts > strike][0] - strike for strikes, lifts in events for strike in strikes if (lifts > strike).any()
    ]
    if whole:
        return float(np.median(whole))
    between = [abs(one - other) for kind in (0, 1) for one in events[0][kind] for other in events[1][kind]]
    return _STANCE_STEPS * float(min(between)) if between else None


def _is_step(step: Step, feet: Feet, speed: Array, ahead: Array, config: SupportConfig) -> bool:
    last = len(speed) - 1
    inside = frames_between(step.strike, step.lift, len(speed))
    seconds = (step.lift - step.strike) / FRAME_RATE_HZ
    if len(inside) == 0 or not config.step_shortest_s <= seconds <= config.step_longest_s:
        return False
    if not config.step_slowest_m_s <= float(np.median(speed[inside])) <= config.step_fastest_m_s:
        return False
    along = np.einsum("ni,ni->n", feet.axis[inside, step.foot], ahead[inside])
    if np.median(along) < np.cos(np.radians(config.step_turned_deg)):
        return False
    start, stop = (step.strike + share * (step.lift - step.strike) for share in _RESTS)
    rests = frames_between(start, stop, last)
    if len(rests):
        seen = feet.heel[:, step.foot] - feet.pelvis
        along = np.einsum("ni,ni->n", (seen[rests + 1] - seen[rests]) * FRAME_RATE_HZ, ahead[rests]) + speed[rests]
        if abs(np.median(along)) > _RESTING_SHARE * np.median(speed[rests]):
            return False
    strike = round(step.strike)
    if not 0 <= strike <= last:
        return True
    rise = (feet.toe - feet.heel)[strike, step.foot, 1] / feet.length[step.foot]
    return bool(rise > np.sin(np.radians(config.step_heel_first_deg)))


def _walks(step: Step, steps: Sequence[Step], frames: int) -> bool:
    """Whether the feet take turns, as far as the window shows it: when this one strikes the other is in the later half
    of its stance, and in the earlier half when this one lifts."""
    others = [other for other in steps if other.foot != step.foot]
    for end, late in ((step.strike, True), (step.lift, False)):
        standing = [other for other in others if other.strike <= end <= other.lift]
        if 0 <= end < frames and not any((end > 0.5 * (other.strike + other.lift)) == late for other in standing):
            return False
    return bool(others)


def frames_between(start: float, stop: float, frames: int) -> Array:
    """Frames of the window within two instants."""
    return np.arange(max(0, int(np.ceil(start))), min(frames - 1, int(np.floor(stop))) + 1)
