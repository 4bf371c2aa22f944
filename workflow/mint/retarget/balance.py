"""A root path that the feet can carry: zero-moment point inside the soles, free fall in flight.

Captured motion of one body put on another asks for ground forces that no foot can give. The smallest shift of
the trunk that removes most of that is found as a linear least-squares problem, as in dynamics filters for
humanoids (Yamane and Nakamura 2003; zero-moment point: Vukobratovic and Borovac 2004, eq. 9). Feet stay put.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.sparse import diags, vstack
from scipy.sparse.linalg import spsolve

from mint.core.stretches import stretches
from mint.retarget.feet import faded, sole_points
from mint.retarget.filter import low_pass
from mint.retarget.pose import BodyMotion, hip_centers, local_rotations, solve_leg
from mint.retarget.subject import ARMS, LEGS, Subject, forward_kinematics

Array = np.ndarray[Any, Any]

GRAVITY_M_S2 = 9.80665
_LOADED_M = 0.012
_HALF_WIDTH_M = 0.025  # of the sole, inside its edge
_MOVED_SHARE = 0.85  # of the body's mass that a shift of the root moves while the feet stand
_ITERATIONS = 6
_MAX_STEP_M = 0.08
_STAY_WEIGHT = 0.15
_JERK_WEIGHT = 3e-5  # [s^3]
FALL_SHARE = 0.4  # a gap between stances is flight if the body falls with at least this share of g
_LEAST_LIFT = 0.15  # of body weight
_MOST_LIFT = 2.8  # of body weight; running has peaks of 2 to 3 (Cavanagh and Lafortune 1980, J Biomech 13:397)
_REACH_SHARE = 0.995  # of the straight leg
_SWING_SHARE = 0.96  # reach of a swinging leg bends down from here (knee at 33 deg)
_SWING_MOST_SHARE = 0.99  # to this (knee at 16 deg)
_LOWER_S = 0.15
_LOWER_CUTOFF_HZ = 4.0
_DERIVATIVE_CUTOFF_HZ = 8.0
# (proximal joint, distal joint, share of mass, centre from proximal as share of the length); de Leva 1996
# (J Biomech 29:1223), mean of women and men; trunk in three parts at the joints nearest to their centres.
_SEGMENTS = [(0, 3, 0.118, 0.1), (6, 9, 0.155, 0.2), (9, 12, 0.157, 0.5), (12, 15, 0.068, 1.2)]
for _side in ("l", "r"):
    _hip, _knee, _ankle, _toes = LEGS[_side]
    _shoulder, _elbow, _wrist = ARMS[_side]
    _SEGMENTS += [
        (_hip, _knee, 0.1447, 0.39),
        (_knee, _ankle, 0.0457, 0.44),
        (_ankle, _toes, 0.0133, 0.4),
        (_shoulder, _elbow, 0.0263, 0.577),
        (_elbow, _wrist, 0.0150, 0.457),
        (_wrist, _wrist, 0.0058, 0.0),
    ]
MASS_SHARES = np.array([s[2] for s in _SEGMENTS]) / sum(s[2] for s in _SEGMENTS)


@dataclass(frozen=True)
class Balance:
    """Mechanics of a motion: `com (n,3)` m, its `acceleration (n,3)`, zero-moment point `zmp (n,2)` m (x, z),
    `target (n,2)` the nearest point of the soles, and `loaded (n,)` whether a sole is on the floor."""

    com: Array
    acceleration: Array
    zmp: Array
    target: Array
    loaded: Array

    @property
    def outside_m(self) -> Array:
        """Moment (n,) that the soles cannot give, per body weight, m: distance of the zero-moment point from the
        soles times vertical force over body weight (at most 1, so that it is never more than the distance)."""
        load = np.clip(self.acceleration[:, 1] / GRAVITY_M_S2 + 1, 0.0, 1.0)
        return np.where(self.loaded, load * np.linalg.norm(self.zmp - self.target, axis=1), 0.0)


def segment_centers(body: BodyMotion, subject: Subject) -> Array:
    """Centres of mass (n,s,3) m of the body segments."""
    points, _ = forward_kinematics(subject, *local_rotations(body, subject))
    return np.stack([points[:, a] + share * (points[:, b] - points[:, a]) for a, b, _, share in _SEGMENTS], axis=1)


def balance(body: BodyMotion, subject: Subject, floor: float) -> Balance:
    """Zero-moment point and soles of every frame."""
    rate = body.rate_hz
    centers = low_pass(segment_centers(body, subject), rate, _DERIVATIVE_CUTOFF_HZ)
    acceleration = np.gradient(np.gradient(centers, 1 / rate, axis=0), 1 / rate, axis=0)
    com = np.einsum("s,nsi->ni", MASS_SHARES, centers)
    com_acceleration = np.einsum("s,nsi->ni", MASS_SHARES, acceleration)
    height = centers[..., 1:2] - floor
    lift = np.maximum(acceleration[..., 1:2] + GRAVITY_M_S2, -5.0)
    moment = np.einsum("s,nsi->ni", MASS_SHARES, centers[..., [0, 2]] * lift - acceleration[..., [0, 2]] * height)
    zmp = moment / np.maximum(com_acceleration[:, 1:2] + GRAVITY_M_S2, 0.15 * GRAVITY_M_S2)
    target = zmp.copy()
    corners = [_corners(body, subject, side, floor) for side in subject.legs]
    loaded = np.zeros(body.frames, dtype=bool)
    for frame in range(body.frames):
        points = np.concatenate([c[0][frame][c[1][frame]] for c in corners])
        loaded[frame] = len(points) > 0
        if loaded[frame]:
            target[frame] = nearest_in_hull(zmp[frame], points)
    return Balance(com, com_acceleration, zmp, target, loaded)


def balanced(body: BodyMotion, subject: Subject, floor: float, standing: dict[str, Array]) -> tuple[float, float]:
    """Shift the root of `body` so that its feet can carry it, and bend the legs to match. Changes `body`.

    `standing` tells per side in which frames (n,) the foot must meet the floor.
    Returns the 95th percentile of `Balance.outside_m` before and after.
    """
    goals = {side: path.copy() for side, path in body.ankle.items()}
    outside = []
    for number in range(_ITERATIONS):
        if number == 0:
            _lower(body, subject, goals, standing)
        _reach(body, subject, goals, standing)
        state = balance(body, subject, floor)
        outside.append(float(np.percentile(state.outside_m, 95)))
        shift = _shift(state, floor, body.rate_hz)
        # A longer step is scaled as a whole: cutting its peaks off would put kinks into the path.
        body.root += shift * np.minimum(1.0, _MAX_STEP_M / np.maximum(np.abs(shift).max(axis=0), 1e-9))
    _reach(body, subject, goals, standing)
    outside.append(float(np.percentile(balance(body, subject, floor).outside_m, 95)))
    return outside[0], outside[-1]


def _lower(body: BodyMotion, subject: Subject, goals: dict[str, Array], standing: dict[str, Array]) -> None:
    """Lower the root smoothly where a `standing` leg is too short for its foot's goal."""
    lowering = np.zeros(body.frames)
    for side, leg in subject.legs.items():
        line = goals[side] - hip_centers(body, leg)
        level = np.linalg.norm(line[:, [0, 2]], axis=1)
        longest = _REACH_SHARE * np.linalg.norm(leg.thigh + leg.shank)
        drop = -line[:, 1] - np.sqrt(np.maximum(longest**2 - level**2, (0.5 * longest) ** 2))
        lowering = np.maximum(lowering, standing[side] * np.clip(drop, 0, _MAX_STEP_M))
    if np.any(lowering > 1e-4):
        width = int(_LOWER_S * body.rate_hz) | 1
        body.root[:, 1] -= low_pass(maximum_filter1d(lowering, width), body.rate_hz, _LOWER_CUTOFF_HZ)


def _reach(body: BodyMotion, subject: Subject, goals: dict[str, Array], standing: dict[str, Array]) -> None:
    """Bend the legs so that the feet meet `goals` as far as they reach; a swinging leg never stretches fully.

    A leg that snaps straight in mid-air and stays so has a kink in its knee that no muscle makes.
    """
    for side, leg in subject.legs.items():
        hip = hip_centers(body, leg)
        line = goals[side] - hip
        distance = np.linalg.norm(line, axis=1)
        longest = np.linalg.norm(leg.thigh + leg.shank)
        first, room = _SWING_SHARE * longest, (_SWING_MOST_SHARE - _SWING_SHARE) * longest
        bent = np.where(distance > first, first + room * np.tanh((distance - first) / room), distance)
        weight = faded(standing[side], body.rate_hz)
        body.ankle[side] = hip + line * (weight + (1 - weight) * bent / distance)[:, None]
        solve_leg(body, leg, side)


def _shift(state: Balance, floor: float, rate_hz: float) -> Array:
    """Shift (n,3) m of the root that moves the zero-moment point towards its target and lets flight be free fall.

    A horizontal shift d moves the point by k (d - h/(g + a_y) d''); in flight the shift's acceleration cancels
    that of the centre of mass. Rows are in metres at full support, so that light support counts little.
    """
    n = len(state.com)
    second = diags([1.0, -2.0, 1.0], [-1, 0, 1], shape=(n, n)).tolil() * rate_hz**2
    second[0], second[-1] = second[1], second[-2]
    second = second.tocsr()
    third = diags([-1.0, 1.0], [0, 1], shape=(n - 1, n)).tocsr() @ second * rate_hz
    load = state.acceleration[:, 1] / GRAVITY_M_S2 + 1
    lift = np.clip(load, 0.0, 2.0)
    pendulum = _MOVED_SHARE * (state.com[:, 1] - floor) / GRAVITY_M_S2
    stance, flight = state.loaded.astype(float), np.zeros(n)
    for start, stop in stretches(~state.loaded):
        # Without feet and without falling something else carries the body: nothing to correct.
        flight[start:stop] = np.mean(state.acceleration[start:stop, 1]) < -FALL_SHARE * GRAVITY_M_S2
    keep = [_STAY_WEIGHT * diags(np.ones(n)), _JERK_WEIGHT * third]
    out = np.empty((n, 3))
    moment = diags(stance) @ (diags(_MOVED_SHARE * lift) - diags(pendulum) @ second)
    fall = diags(flight * pendulum) @ second
    for axis, full in enumerate((0, 2)):
        target = stance * lift * (state.target - state.zmp)[:, axis]
        braked = -flight * pendulum / _MOVED_SHARE * state.acceleration[:, full]
        out[:, full] = _least_squares([moment, fall, *keep], [target, braked])
    # Vertical: free fall in flight, a push that legs can give in stance.
    push = (np.clip(load, _LEAST_LIFT, _MOST_LIFT) - load) * stance * GRAVITY_M_S2
    active = np.where(push != 0, 1.0, 0.0)
    wanted = (active * push - flight * (state.acceleration[:, 1] + GRAVITY_M_S2)) * pendulum / _MOVED_SHARE
    out[:, 1] = _least_squares([diags((active + flight) * pendulum) @ second, *keep], [wanted])
    return out


def _least_squares(rows: list[Array], right: list[Array]) -> Array:
    """Solution (n,) of stacked sparse rows; right-hand sides that are not given are 0."""
    matrix = vstack(rows).tocsr()
    full = np.concatenate([*right, np.zeros(matrix.shape[0] - sum(map(len, right)))])
    return np.asarray(spsolve((matrix.T @ matrix).tocsc(), matrix.T @ full))


def _corners(body: BodyMotion, subject: Subject, side: str, floor: float) -> tuple[Array, Array]:
    """Horizontal sole corners (n,6,2) m of one foot (heel, ball, toe; both edges) and which of them are loaded."""
    leg = subject.legs[side]
    heel, ball = sole_points(body.ankle[side], body.foot[side], leg)
    forward = body.foot[side].apply([1.0, 0.0, 0.0])
    forward[:, 1] = 0
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    right = np.stack([-forward[:, 2], np.zeros(len(heel)), forward[:, 0]], axis=1) * _HALF_WIDTH_M
    toe = ball + forward * (leg.toe[0] - leg.ball[0]) * 0.6
    heel = heel + forward * 0.01
    points = np.stack([p + s * right for p in (heel, ball, toe) for s in (1, -1)], axis=1)[..., [0, 2]]
    heel_down, ball_down = heel[:, 1] < floor + _LOADED_M, ball[:, 1] < floor + _LOADED_M
    return points, np.stack([heel_down, heel_down, ball_down, ball_down, ball_down, ball_down], axis=1)


def nearest_in_hull(point: Array, corners: Array) -> Array:
    """The point of the convex hull of `corners (m,2)` that is nearest to `point (2,)`."""
    hull = _hull(corners)
    if len(hull) == 1:
        return hull[0]
    start, stop = hull, np.roll(hull, -1, axis=0)
    edge, to = stop - start, point - start
    if len(hull) > 2 and np.all(edge[:, 0] * to[:, 1] - edge[:, 1] * to[:, 0] >= 0):
        return point
    share = np.clip(np.sum(to * edge, axis=1) / np.maximum(np.sum(edge * edge, axis=1), 1e-12), 0, 1)
    candidates = start + share[:, None] * edge
    return np.asarray(candidates[np.argmin(np.sum((candidates - point) ** 2, axis=1))])


def _hull(points: Array) -> Array:
    """Corners of the convex hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(map(tuple, points))
    halves = []
    for sequence in (ordered, ordered[::-1]):
        chain: list[tuple[float, ...]] = []
        for p in sequence:
            while (
                len(chain) > 1
                and (
                    (chain[-1][0] - chain[-2][0]) * (p[1] - chain[-2][1])
                    - (chain[-1][1] - chain[-2][1]) * (p[0] - chain[-2][0])
                )
                <= 0
            ):
                chain.pop()
            chain.append(p)
        halves += chain[:-1]
    return np.array(halves or ordered[:1])
