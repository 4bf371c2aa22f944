"""Angular momentum of the whole body about its centre of mass, from coordinates and the leg model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mint.core.chunks import FRAME_RATE_HZ
from mint.kinematics.filtering import derivatives
from mint.kinematics.leg_kinematics import ForwardKinematics, place

Array = np.ndarray[Any, Any]


def spin_rate(record: Mapping[str, Any], coordinates: Sequence[str], q: Array) -> Array:
    """Rate of change (n,3) m2/s2 of the angular momentum about the centre of mass over mass, ground frame.

    `record` is the leg model's, `q (n,m)` rad and m at 50 frames/s. Spin and orbit of every body (Herr and Popovic
    2008, J Exp Biol 211:467, eq. 1), velocities and the rate from splines through the poses, so that no model has to
    be evaluated for its dynamics.
    """
    time_s = np.arange(len(q)) / FRAME_RATE_HZ
    poses = ForwardKinematics(record).transforms(coordinates, q)
    bodies = {name: body for name, body in record["bodies"].items() if body["mass_kg"] > 0}
    if not bodies:
        return np.zeros((len(q), 3))
    masses = np.array([body["mass_kg"] for body in bodies.values()])
    places = np.stack([place(poses[name], body["com_m"]) for name, body in bodies.items()], axis=1)
    speeds = derivatives(places, time_s)[0]
    middle, drift = (np.average(each, axis=1, weights=masses)[:, None] for each in (places, speeds))
    total = np.sum(masses[:, None] * np.cross(places - middle, speeds - drift), axis=1)
    for name, body in bodies.items():
        rotation = poses[name][0]
        inertia = rotation @ _matrix(body["inertia_kg_m2"]) @ np.swapaxes(rotation, 1, 2)
        total = total + np.einsum("nij,nj->ni", inertia, angular_velocity(rotation, time_s))
    return np.asarray(derivatives(total, time_s)[0] / masses.sum())


def angular_velocity(rotation: Array, time_s: Array) -> Array:
    """Angular velocity (n,3) rad/s in ground of rotations (n,3,3): the skew part of their rate times transpose."""
    rate = derivatives(np.ascontiguousarray(rotation), time_s)[0] @ np.swapaxes(rotation, 1, 2)
    skew = (rate - np.swapaxes(rate, 1, 2)) / 2
    return np.stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]], axis=1)


def _matrix(six: Sequence[float]) -> Array:
    xx, yy, zz, xy, xz, yz = six
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
