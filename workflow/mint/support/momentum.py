"""Angular momentum of the whole body about its centre of mass, from coordinates and the leg model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mint.core.chunks import FRAME_RATE_HZ
from mint.kinematics.model.forward_kinematics import ForwardKinematics, place

Array = np.ndarray[Any, Any]

_SPLINE_FRAMES = 4


def spin_rate(record: Mapping[str, Any], coordinates: Sequence[str], q: Array) -> Array:
    """Rate of change (n,3) m2/s2 of the angular momentum about the centre of mass over mass, ground frame.

    `record` is the leg model's, `q (n,m)` rad and m at 50 frames/s. Spin and orbit of every body (Herr and Popovic
    2008, J Exp Biol 211:467, eq. 1), velocities and the rate from splines through the poses, so that no model has to
    be evaluated for its dynamics.
    """
    poses = ForwardKinematics(record).transforms(coordinates, q)
    bodies = {name: body for name, body in record["bodies"].items() if body["mass_kg"] > 0}
    if not bodies:
        return np.zeros((len(q), 3))
    masses = np.array([body["mass_kg"] for body in bodies.values()])
    places = np.stack([place(poses[name], body["com_m"]) for name, body in bodies.items()], axis=1)
    speeds = slopes(places)
    middle, drift = (np.average(each, axis=1, weights=masses)[:, None] for each in (places, speeds))
    total = np.sum(masses[:, None] * np.cross(places - middle, speeds - drift), axis=1)
    for name, body in bodies.items():
        rotation = poses[name][0]
        inertia = rotation @ _matrix(body["inertia_kg_m2"]) @ np.swapaxes(rotation, 1, 2)
        total = total + np.einsum("nij,nj->ni", inertia, angular_velocity(rotation))
    return np.asarray(slopes(total) / masses.sum())


def angular_velocity(rotation: Array) -> Array:
    """Angular velocity (n,3) rad/s in ground of rotations (n,3,3), 50 frames/s: skew part of rate by transpose."""
    rate = slopes(rotation) @ np.swapaxes(rotation, 1, 2)
    skew = (rate - np.swapaxes(rate, 1, 2)) / 2
    return np.stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]], axis=1)


def slopes(values: Array) -> Array:
    """Rate of change per second of `values (n, ...)` at 50 frames/s: slopes of the cubic spline through them.

    Its third derivative goes on through the second and the last but one frame (De Boor 1978, A Practical Guide to
    Splines, ch. IV); through two or three frames it is a line or a parabola. SciPy's spline gives the
    same, but its import takes longer than everything else that a chunk's support needs.
    """
    n = len(values)
    if n == 1:
        return np.zeros_like(values)
    y = values.reshape(n, -1)
    if n < _SPLINE_FRAMES:
        slope = np.gradient(y, axis=0, edge_order=2 if n == _SPLINE_FRAMES - 1 else 1)
        return np.asarray(slope * FRAME_RATE_HZ).reshape(values.shape)
    left, right = np.zeros((n, n)), np.empty_like(y)
    inner = np.arange(1, n - 1)
    left[inner, inner - 1], left[inner, inner], left[inner, inner + 1] = 1.0, 4.0, 1.0
    right[1:-1] = 3 * (y[2:] - y[:-2])
    left[0, :2], left[-1, -2:] = (1.0, 2.0), (2.0, 1.0)
    right[0] = (4 * y[1] + y[2] - 5 * y[0]) / 2
    right[-1] = (5 * y[-1] - 4 * y[-2] - y[-3]) / 2
    return np.asarray(np.linalg.solve(left, right) * FRAME_RATE_HZ).reshape(values.shape)


def _matrix(six: Sequence[float]) -> Array:
    xx, yy, zz, xy, xz, yz = six
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
