"""How the segments of a recorded skeleton stand in space, from its joints' places and turns.

A skeleton's zero pose may be a T or an A, or lines along one axis, so that nothing is read from it. A segment's own
axes follow from what is fixed to it: the line of the hips, of the shoulders, of a bone; the axis about which knee or
elbow bends over the trial; the floor under a standing foot. Frame: y up; a segment's axes are x forward, y up, z right,
where it is when the body stands upright with hanging arms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations, product
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.retarget.filter import low_pass

Array = np.ndarray[Any, Any]

_SNAP_COS = np.cos(np.radians(25.0))  # a line this near to an axis of its joint is meant to be along it
_BENT = (np.sin(np.radians(15.0)), np.sin(np.radians(35.0)))  # from here on the plane of a limb is well determined
_LEAST_BEND = np.sin(np.radians(10.0))  # a hinge that never bends by more tells no axis
_SPEED_CUTOFF_HZ = 6.0
_STILL_SHARE = 0.1  # of the frames: those in which the foot is stillest
_LEAST_FRAMES = 3


@dataclass(frozen=True)
class Limb:
    """Orientation of the upper segment (n,) in ground, angle of the hinge (n,) rad about its z, and the mean axis of
    that hinge in ground at its own joint."""

    upper: Rotation
    angle: Array
    axis: Array


def unit(vectors: Array) -> Array:
    """Vectors (...,3) of length one; zero vectors stay."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12))


def local_mean(turns: Array, vectors: Array) -> Array:
    """Mean (3,) of ground vectors (n,3) as seen from joints with orientation `turns (n,3,3)`."""
    return np.asarray(np.mean(np.einsum("nji,nj->ni", turns, vectors), axis=0))


def trunk_axes(right: Array, up: Array) -> Array:
    """Axes (3,3; columns x forward, y up, z right) of a trunk segment in its joint's frame, from the lines across and
    along it; along an axis of the joint where they are near to one, since rigs are built so."""
    up = _snapped(up)
    across = unit(right - (right @ up) * up)
    near = _snapped(across)
    across = near if abs(near @ up) < 1e-9 else across
    if abs(unit(right) @ across) < _SNAP_COS:
        # The line across leads: the trunk bends forwards and back, not so its width.
        across = unit(right)
        up = unit(up - (up @ across) * across)
    return np.stack([np.cross(up, across), up, across], axis=1)


def _snapped(vector: Array) -> Array:
    direction = unit(vector)
    largest = int(np.argmax(np.abs(direction)))
    if abs(direction[largest]) < _SNAP_COS:
        return direction
    return np.asarray(np.eye(3)[largest] * np.sign(direction[largest]))


def same_axes(first: Array, second: Array, axes: Array) -> Array:
    """Axes (3,3) of a second joint with turns (n,3,3), like `axes` of the first.

    Frames of two joints of a rig differ in one of 24 ways: the nearest counts.
    """
    mean = np.einsum("nji,njk->ik", first, second) / len(first)
    best = max(_FRAMES, key=lambda frame: float(np.sum(frame * mean)))
    return np.asarray(best.T @ axes)


_FRAMES = [
    matrix
    for order in permutations(range(3))
    for signs in product((1.0, -1.0), repeat=3)
    if np.linalg.det(matrix := np.eye(3)[list(order)] * np.array(signs)[:, None]) > 0
]


def limb(turns: Array, points: tuple[Array, Array, Array], side_axis: Array, sign: float) -> Limb:
    """Upper segment and hinge of a limb from its three joints (n,3) and the turns (n,3,3) of the first.

    `side_axis (n,3)` points right where the hinge tells nothing; a bend is positive about it for `sign` 1 (elbow),
    negative for -1 (knee). Where the limb is bent, its plane is the hinge's; where it is straight, the axis is carried
    by the upper segment's own turn.
    """
    upper, lower = unit(points[1] - points[0]), unit(points[2] - points[1])
    normal = sign * np.cross(upper, lower)
    bend = np.linalg.norm(normal, axis=1)
    axis = _carried(turns, normal, bend, side_axis)
    normal *= np.where(np.sum(normal * axis, axis=1) > 0, 1.0, 0.0)[:, None]
    x = np.clip((np.linalg.norm(normal, axis=1) - _BENT[0]) / (_BENT[1] - _BENT[0]), 0, 1)[:, None]
    share = x * x * (3 - 2 * x)
    across = share * unit(normal) + (1 - share) * axis
    across = unit(across - np.sum(across * upper, axis=1, keepdims=True) * upper)
    frame = np.stack([np.cross(-upper, across), -upper, across], axis=2)
    turned = np.einsum("nji,nj->ni", frame, lower)
    return Limb(Rotation.from_matrix(frame), np.arctan2(turned[:, 0], -turned[:, 1]), axis)


def _carried(turns: Array, normal: Array, bend: Array, side_axis: Array) -> Array:
    """Axis (n,3) of a hinge in ground: fixed in the upper segment, by the frames in which it bends."""
    own = np.einsum("nji,nj->ni", turns, normal * bend[:, None])
    mean = own.sum(axis=0)
    if np.percentile(bend, 95) < _LEAST_BEND or np.linalg.norm(mean) < 1e-9:
        mean = local_mean(turns, side_axis)
    return np.asarray(turns @ unit(mean))


def foot_axes(turns: Array, ankle: Array, toe: Array, splay_rad: float, rate_hz: float) -> Array:
    """Axes (3,3; columns forward, up, right) of a foot in its joint's frame: flat where it stands.

    `ankle`, `toe (n,3)`, y up; the line to the toes is `splay_rad` about the vertical from the foot's forward axis.
    """
    still = standing_frames(ankle, toe, rate_hz)
    up = unit(np.mean(turns[still][:, 1, :], axis=0))
    along = local_mean(turns, toe - ankle)
    along = unit(along - (along @ up) * up)
    forward = Rotation.from_rotvec(-splay_rad * up).apply(along)
    return np.stack([forward, up, np.cross(forward, up)], axis=1)


def standing_frames(ankle: Array, toe: Array, rate_hz: float) -> Array:
    """Frames in which a foot is lowest and stillest: a tenth of those near its lowest level, three at least."""
    height = (ankle[:, 1] + toe[:, 1]) / 2
    speed = sum(
        np.linalg.norm(np.gradient(low_pass(point, rate_hz, _SPEED_CUTOFF_HZ), 1 / rate_hz, axis=0), axis=1)
        for point in (ankle, toe)
    )
    length = float(np.median(np.linalg.norm(toe - ankle, axis=1)))
    low = np.flatnonzero(height <= np.percentile(height, 5) + 0.2 * length)
    count = max(_LEAST_FRAMES, int(_STILL_SHARE * len(height)))
    return np.asarray(low[np.argsort(np.asarray(speed)[low], kind="stable")[:count]])
