"""A quiet stand before or after a clip, blended so that nothing jerks and the feet stay where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.retarget.pose import BodyMotion
from mint.retarget.subject import Leg

Array = np.ndarray[Any, Any]

BLEND_S = 0.7
# A movement that comes smoothly from rest to velocity v in the time T covers about this share of v T.
_DISTANCE_SHARE = 0.4


def from_rest(rest: Array, value: Array, velocity: Array, share: Array, blend_s: float) -> Array:
    """Quintic (m,k) from `rest` without velocity and acceleration to `value (k,)` with `velocity (k,)` and no
    acceleration; `share (m,)` is time over the blend time, below 0 is rest."""
    s = np.clip(share, 0, 1)[:, None]
    distance, v = value - rest, velocity * blend_s
    # Conditions at 1: x = distance, x' = v, x'' = 0.
    return np.asarray(
        rest + (10 * distance - 4 * v) * s**3 + (-15 * distance + 7 * v) * s**4 + (6 * distance - 3 * v) * s**5
    )


def with_stand_before(body: BodyMotion, legs: dict[str, Leg], count: int, floors: dict[str, float]) -> BodyMotion:
    """Prepend `count` frames: a stand on the first frame's feet, root above their middle, blended into the clip."""
    if count <= 0:
        return body
    blend_s = min(BLEND_S, count / body.rate_hz)
    share = (np.arange(count) - count) / (blend_s * body.rate_hz) + 1

    def path(values: Array, rest: Array | None = None) -> Array:
        flat = values.reshape(len(values), -1)
        velocity = _first_velocity(flat, body.rate_hz)
        start = flat[0] - _DISTANCE_SHARE * blend_s * velocity if rest is None else rest.ravel()
        before = from_rest(start, flat[0], velocity, share, blend_s)
        return np.concatenate([before, flat]).reshape(-1, *values.shape[1:])

    def turning(rotation: Rotation) -> Rotation:
        relative = rotation[0].inv() * rotation
        head = path(relative.as_rotvec()[:3])[:count]
        return Rotation.concatenate([rotation[0] * Rotation.from_rotvec(head), rotation])

    rest_ankles = {side: _on_floor(body, leg, side, floors[side]) for side, leg in legs.items()}
    feet = [rest_ankles[side] + 0.5 * body.foot[side][0].apply(leg.heel + leg.ball) for side, leg in legs.items()]
    root = body.root[0].copy()
    root[[0, 2]] = np.mean(feet, axis=0)[[0, 2]]
    return BodyMotion(
        body.rate_hz,
        path(body.root, root),
        {name: turning(turn) for name, turn in body.turns.items()},
        {name: path(angle[:, None])[:, 0] for name, angle in body.hinges.items()},
        {side: path(body.ankle[side], rest_ankles[side]) for side in legs},
        {side: turning(body.foot[side]) for side in legs},
        {side: path(body.toe[side][:, None], np.zeros(1))[:, 0] for side in legs},
    )


def reversed_in_time(body: BodyMotion) -> BodyMotion:
    """The motion run backwards."""
    return BodyMotion(
        body.rate_hz,
        body.root[::-1],
        {name: turn[::-1] for name, turn in body.turns.items()},
        {name: angle[::-1] for name, angle in body.hinges.items()},
        {side: path[::-1] for side, path in body.ankle.items()},
        {side: turn[::-1] for side, turn in body.foot.items()},
        {side: angle[::-1] for side, angle in body.toe.items()},
    )


def with_stand(body: BodyMotion, legs: dict[str, Leg], before: int, after: int, floors: dict[str, float]) -> BodyMotion:
    """A stand of `before` frames ahead of the motion and one of `after` frames behind it."""
    body = with_stand_before(body, legs, before, floors)
    return reversed_in_time(with_stand_before(reversed_in_time(body), legs, after, floors))


def _first_velocity(values: Array, rate_hz: float) -> Array:
    return np.asarray((-1.5 * values[0] + 2 * values[1] - 0.5 * values[2]) * rate_hz)


def _on_floor(body: BodyMotion, leg: Leg, side: str, floor: float) -> Array:
    """First ankle position moved up or down so that the lowest point of the sole rests on the floor."""
    ankle = body.ankle[side][0].copy()
    points = body.foot[side][0].apply(np.stack([leg.heel, leg.ball]))
    ankle[1] = floor - points[:, 1].min()
    return np.asarray(ankle)
