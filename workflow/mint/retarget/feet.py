"""Feet that stand still: find stance, level the sole on one floor, let no loaded point slide.

A foot rolls over its heel, stands flat, and rolls over its ball. While in stance the loaded point of the sole
has no velocity, so the ankle's path follows from the foot's orientation alone; its start is chosen to stay as
close as possible to the recorded path. Between stances the correction fades from one to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.ndimage import binary_closing, binary_opening
from scipy.spatial.transform import Rotation

from mint.core.stretches import stretches
from mint.retarget.filter import low_pass, low_pass_rotations
from mint.retarget.pose import BodyMotion
from mint.retarget.subject import Leg

Array = np.ndarray[Any, Any]

LOW_M = 0.045  # a sole point this close to the floor may carry load
SLOW_M_S = 0.7  # and moves more slowly than this
_GLIDE_SHARE = 0.35  # or than this share of the body's own speed
_TRAVEL_CUTOFF_HZ = 2.0
MIN_STANCE_S = 0.08
LOADED_M = 0.005  # a corrected sole point this close to the floor counts as loaded
_FLAT_PITCH_RAD = np.radians(10.0)  # pitch below which a standing foot is laid flat
_FLAT_ROLL_RAD = np.radians(25.0)
_ROLL_OVER_RAD = np.radians(0.75)  # width of the change from heel to ball
_TURNING_RAD_S = 1.5  # faster about the vertical, a standing foot pivots
_MAX_TOE_RAD = np.radians(55.0)
_SWING_CLEARANCE_M = 0.03
_FADE_S = 0.08
_FOOT_CUTOFF_HZ = 10.0


@dataclass(frozen=True)
class FootReport:
    """One foot: stance frames (n,) bool, slip of the worst stance as recorded and now, m, and the 95th percentile
    of the sole's height above the floor in stance, m."""

    stance: Array
    slip_before_m: float
    slip_m: float
    gap_m: float


def sole_points(ankle: Array, foot: Rotation, leg: Leg) -> tuple[Array, Array]:
    """Ground paths (n,3) m of heel and ball."""
    return ankle + foot.apply(leg.heel), ankle + foot.apply(leg.ball)


def floor_height(body: BodyMotion, leg: Leg, side: str) -> float:
    """Height, m, of the floor under one foot: median of its slow, low sole points over the clip.

    Each foot has its own, because the humanoid's feet stand at levels that differ by up to 4 cm; both are then
    put on one floor. Of feet that never slow down, as on a belt, all points count.
    """
    low, points = [], sole_points(body.ankle[side], body.foot[side], leg)
    for point in points:
        speed = np.linalg.norm(np.gradient(point[:, [0, 2]], 1 / body.rate_hz, axis=0), axis=1)
        low.append(point[speed < SLOW_M_S / 2, 1])
    heights = np.concatenate(low)
    heights = heights if len(heights) else np.concatenate([point[:, 1] for point in points])
    return float(np.median(heights[heights < np.percentile(heights, 5) + 0.03]))


def carrying_speed(root: Array, rate_hz: float) -> Array:
    """Speed (n,) m/s below which a low sole point carries the body: the faster the body travels, the more a
    standing foot glides in the clips (1 m/s in late stance of the run, at 3.7 m/s)."""
    velocity = np.gradient(low_pass(root[:, [0, 2]], rate_hz, _TRAVEL_CUTOFF_HZ), 1 / rate_hz, axis=0)
    return np.maximum(SLOW_M_S, _GLIDE_SHARE * np.linalg.norm(velocity, axis=1))


def find_stance(ankle: Array, foot: Rotation, leg: Leg, floor: float, rate_hz: float, slow: Array) -> Array:
    """Frames (n,) bool in which heel or ball is low and slower than `slow (n,)` m/s; gaps and islands shorter than
    0.08 s are dropped."""
    contact = np.zeros(len(ankle), dtype=bool)
    for point in sole_points(ankle, foot, leg):
        speed = np.linalg.norm(np.gradient(point, 1 / rate_hz, axis=0), axis=1)
        contact |= (point[:, 1] < floor + LOW_M) & (speed < slow)
    return cleaned(contact, rate_hz)


def cleaned(contact: Array, rate_hz: float) -> Array:
    """Contact (n,) bool without gaps and islands shorter than the shortest stance."""
    width = np.ones(max(int(MIN_STANCE_S * rate_hz), 1), dtype=bool)
    padded = np.pad(contact, len(width), mode="edge")
    return np.asarray(binary_opening(binary_closing(padded, width), width)[len(width) : -len(width)])


def level(body: BodyMotion, leg: Leg, side: str, stance: Array, floor: float, *, smooth: bool = True) -> FootReport:
    """Lay the standing foot of `body` flat; the report has the slip as recorded, the rest is not known yet.

    `smooth` low-passes its turn, also where it swings.
    """
    before = slip(body.ankle[side], body.foot[side], leg, floor, stance, np.inf)
    turned = _levelled(body.foot[side], faded(stance, body.rate_hz), stance, body.rate_hz)
    if smooth:
        turned = Rotation.from_quat(low_pass_rotations(turned.as_quat(), body.rate_hz, _FOOT_CUTOFF_HZ))
    body.foot[side] = turned
    return FootReport(stance, before, 0.0, 0.0)


def plant(
    body: BodyMotion, leg: Leg, side: str, report: FootReport, floor: float, *, smooth: bool = True
) -> FootReport:
    """Correct one foot of `body` (ankle, toe bend) so that it stands still on `floor` in the report's stances.

    `smooth` also low-passes its path where it swings, and keeps it clear of the floor there.
    """
    rate, stance = body.rate_hz, report.stance
    ankle, foot = body.ankle[side], body.foot[side]
    heel, ball = foot.apply(leg.heel), foot.apply(leg.ball)
    target = ankle.copy()
    lowest = np.minimum(heel[:, 1], ball[:, 1])
    turning = _yaw_rate(foot, rate)
    spans = stretches(stance)
    for start, stop in spans:
        target[start:stop] = _still(ankle, heel, ball, turning[start:stop], start, stop)
        target[start:stop, 1] = floor - lowest[start:stop]
    corrected = ankle + _bridged(target - ankle, spans)
    if smooth:
        clearance = _clearance(corrected, stance, rate)
        corrected[:, 1] = np.maximum(corrected[:, 1], floor - lowest + clearance)
        corrected = _smoothed_between(corrected, stance, rate)
    corrected[:, 1] = np.maximum(corrected[:, 1], floor - lowest)
    body.ankle[side] = corrected
    body.toe[side] = _toe_bend(corrected, foot, leg, floor, rate)
    return measured(body, leg, side, floor, report)


def measured(body: BodyMotion, leg: Leg, side: str, floor: float, report: FootReport) -> FootReport:
    """The report with slip and gap of the foot as it is now."""
    ankle, foot = body.ankle[side], body.foot[side]
    heights = np.minimum(*(point[:, 1] for point in sole_points(ankle, foot, leg)))[report.stance] - floor
    gap = float(np.percentile(heights, 95)) if len(heights) else 0.0
    return replace(report, slip_m=slip(ankle, foot, leg, floor, report.stance, LOADED_M), gap_m=gap)


def slip(ankle: Array, foot: Rotation, leg: Leg, floor: float, stance: Array, loaded_m: float) -> float:
    """Longest path, m, that the loaded point of the sole slides in one stance.

    Per frame the slower of the loaded points (heel, ball nearer to the floor than `loaded_m`) counts: a foot
    that pivots about its ball, or rolls, does not slide.
    """
    heel, ball = sole_points(ankle, foot, leg)
    steps = []
    for point in (heel, ball):
        length = np.linalg.norm(np.diff(point[:, [0, 2]], axis=0), axis=1)
        loaded = point[:, 1] < floor + loaded_m
        steps.append(np.where(loaded[1:] & loaded[:-1], length, np.inf))
    step = np.minimum(*steps)
    step[~np.isfinite(step)] = 0.0
    return max((float(step[a : max(b - 1, a)].sum()) for a, b in stretches(stance)), default=0.0)


def pitch_roll(foot: Rotation) -> tuple[Array, Array]:
    """Pitch (heel up positive) and roll (right edge down positive) (n,) rad of feet that are level at rest."""
    forward, right = foot.apply([1.0, 0.0, 0.0]), foot.apply([0.0, 0.0, 1.0])
    return -np.arcsin(np.clip(forward[:, 1], -1, 1)), -np.arcsin(np.clip(right[:, 1], -1, 1))


def faded(stance: Array, rate_hz: float) -> Array:
    """1 in stance, falling smoothly to 0 within the fade time outside."""
    frames = np.arange(len(stance))
    inside = np.flatnonzero(stance)
    if len(inside) == 0:
        return np.zeros(len(stance))
    after = np.minimum(np.searchsorted(inside, frames), len(inside) - 1)
    nearest = np.minimum(np.abs(inside[after] - frames), np.abs(inside[np.maximum(after - 1, 0)] - frames))
    distance = nearest / rate_hz
    x = np.clip(1 - distance / _FADE_S, 0, 1)
    return np.asarray(x * x * (3 - 2 * x))


def _levelled(foot: Rotation, weight: Array, stance: Array, rate_hz: float) -> Rotation:
    """Lay nearly flat standing feet flat: small pitch and roll vanish, large pitch (heel strike, push-off) stays."""
    pitch, roll = pitch_roll(foot)
    less_pitch = weight * _FLAT_PITCH_RAD * np.tanh(pitch / _FLAT_PITCH_RAD)
    # A turning foot turns on its ball: its toes do not stay up.
    upright = 1 - np.exp(-((low_pass(_yaw_rate(foot, rate_hz), rate_hz, _FOOT_CUTOFF_HZ) / _TURNING_RAD_S) ** 2))
    less_pitch += weight * upright * np.minimum(pitch - less_pitch, 0)
    less_roll = weight * _FLAT_ROLL_RAD * np.tanh(roll / _FLAT_ROLL_RAD)
    forward = foot.apply([1.0, 0.0, 0.0])
    heading = Rotation.from_rotvec(np.outer(-np.arctan2(forward[:, 2], forward[:, 0]), [0.0, 1.0, 0.0]))
    # About the foot's own level axes: right for pitch, forward for roll.
    undo = Rotation.from_rotvec(np.column_stack([-less_roll, np.zeros(len(roll)), less_pitch]))
    return heading * undo * heading.inv() * foot


def _yaw_rate(foot: Rotation, rate_hz: float) -> Array:
    """Angular velocity (n,) rad/s about the vertical."""
    turn = (foot[1:] * foot[:-1].inv()).as_rotvec()[:, 1] * rate_hz
    return np.asarray(np.interp(np.arange(len(turn) + 1) - 0.5, np.arange(len(turn)), turn))


def _still(ankle: Array, heel: Array, ball: Array, turning: Array, start: int, stop: int) -> Array:
    """Ankle path (m,3) over one stance on which the loaded point has no horizontal velocity."""
    reach = np.linalg.norm(heel[0] - ball[0])
    angle = (heel[start:stop, 1] - ball[start:stop, 1]) / reach
    # A flat foot that turns pivots about its ball, so the heel carries only when the toes are up.
    on_ball = 1 / (1 + np.exp(-(angle / _ROLL_OVER_RAD + 2 + 3 * turning**2)))
    middle = (on_ball[1:] + on_ball[:-1])[:, None] / 2
    step = -(middle * np.diff(ball[start:stop], axis=0) + (1 - middle) * np.diff(heel[start:stop], axis=0))
    path = np.concatenate([np.zeros((1, 3)), np.cumsum(step, axis=0)])
    return np.asarray(path + np.mean(ankle[start:stop] - path, axis=0))


def _bridged(delta: Array, spans: list[tuple[int, int]]) -> Array:
    """Corrections (n,3) known on `spans`, carried between them by a minimum-jerk blend."""
    out = np.zeros_like(delta)
    if not spans:
        return out
    for start, stop in spans:
        out[start:stop] = delta[start:stop]
    out[: spans[0][0]] = delta[spans[0][0]]
    out[spans[-1][1] :] = delta[spans[-1][1] - 1]
    for (_, a), (b, _) in pairwise(spans):
        x = (np.arange(a, b) - (a - 1)) / (b - (a - 1))
        blend = (x**3 * (10 - 15 * x + 6 * x**2))[:, None]
        out[a:b] = (1 - blend) * delta[a - 1] + blend * delta[b]
    return out


def _smoothed_between(path: Array, stance: Array, rate_hz: float) -> Array:
    """Low-pass a path, but leave stance untouched; both are blended within the fade time."""
    weight = faded(stance, rate_hz)[:, None]
    return np.asarray(weight * path + (1 - weight) * low_pass(path, rate_hz, _FOOT_CUTOFF_HZ))


def _clearance(ankle: Array, stance: Array, rate_hz: float) -> Array:
    """Least height (n,) m of the sole in swing: a foot that travels does not scuff the floor."""
    speed = np.linalg.norm(np.gradient(ankle[:, [0, 2]], 1 / rate_hz, axis=0), axis=1)
    wanted = _SWING_CLEARANCE_M * np.clip(speed / SLOW_M_S, 0, 1) * (1 - faded(stance, rate_hz))
    return np.maximum(low_pass(wanted, rate_hz, _FOOT_CUTOFF_HZ), 0)


def _toe_bend(ankle: Array, foot: Rotation, leg: Leg, floor: float, rate_hz: float) -> Array:
    """Upward bend (n,) rad that keeps the toes level while the heel is up and the ball is near the floor."""
    pitch, _ = pitch_roll(foot)
    _, ball = sole_points(ankle, foot, leg)
    near = np.clip(1 - (ball[:, 1] - floor - 0.005) / 0.05, 0, 1)
    return low_pass(np.clip(pitch, 0, _MAX_TOE_RAD) * near, rate_hz, _FOOT_CUTOFF_HZ)
