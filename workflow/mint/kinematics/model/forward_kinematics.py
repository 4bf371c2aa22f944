"""Forward kinematics of an exported model (`leg_model.json`) in NumPy, all frames at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Pose = tuple[Array, Array]


class ForwardKinematics:
    """Places of all bodies for given coordinates.

    A joint puts its child at `Xp * X(q) * inv(Xc)`; `X(q)` rotates about three axes, one after the other, and
    moves along three axes of the parent's joint frame (OpenSim's `SpatialTransform`).
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        self._couplers = {c["dependent"]: c for c in record["couplers"]}

    def values(self, coordinates: Sequence[str], q: Array) -> dict[str, Array]:
        """All coordinates over n frames from `q (n, m)`: dependent ones by couplers, absent ones by default."""
        q = np.atleast_2d(np.asarray(q, dtype=float))
        given = {name: q[:, i] for i, name in enumerate(coordinates)}
        values = {}
        for name, coordinate in self.record["coordinates"].items():
            values[name] = given.get(name, np.full(len(q), coordinate["default"]))
        for name, coupler in self._couplers.items():
            values[name] = _evaluate(coupler["function"], values[coupler["independent"]])
        return values

    def transforms(self, coordinates: Sequence[str], q: Array) -> dict[str, Pose]:
        """Rotation `(n, 3, 3)` and origin `(n, 3)` m in ground of every body, for `q (n, m)` in rad and m."""
        values = self.values(coordinates, q)
        n = len(np.atleast_2d(q))
        poses: dict[str, Pose] = {"ground": (np.broadcast_to(np.eye(3), (n, 3, 3)), np.zeros((n, 3)))}
        for joint in self.record["joints"]:
            frame = compose(poses[joint["parent"]], _constant(joint["Xp"]))
            frame = compose(frame, _joint_motion(joint["axes"], values, n))
            poses[joint["child"]] = compose(frame, inverse(_constant(joint["Xc"])))
        return poses

    def center_of_mass(self, coordinates: Sequence[str], q: Array, bodies: Sequence[str] | None = None) -> Array:
        """Centre of mass `(n, 3)` m in ground, of all bodies or of those named."""
        poses = self.transforms(coordinates, q)
        chosen = self.record["bodies"] if bodies is None else {b: self.record["bodies"][b] for b in bodies}
        mass = sum(body["mass_kg"] for body in chosen.values())
        moment = sum(body["mass_kg"] * place(poses[name], body["com_m"]) for name, body in chosen.items())
        return np.asarray(moment / mass)


def compose(a: Pose, b: Pose) -> Pose:
    """The pose `b`, given in frame `a`, seen from where `a` is given."""
    return a[0] @ b[0], np.einsum("...ij,...j->...i", a[0], b[1]) + a[1]


def inverse(a: Pose) -> Pose:
    """The frame in which `a` is given, seen from `a`."""
    transposed = np.swapaxes(a[0], -1, -2)
    return transposed, -np.einsum("...ij,...j->...i", transposed, a[1])


def place(pose: Pose, point: Any) -> Array:
    """A point `(3,)` of a body in the frame in which the body's pose is given."""
    return np.einsum("...ij,...j->...i", pose[0], np.asarray(point, dtype=float)) + pose[1]


def axis_rotation(axis: Any, angle: Array) -> Array:
    """Rotations `(n, 3, 3)` about an axis `(3,)` by `angle (n,)` rad (Rodrigues)."""
    x, y, z = np.asarray(axis, dtype=float) / np.linalg.norm(axis)
    k = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, versine = np.sin(angle)[:, None, None], (1.0 - np.cos(angle))[:, None, None]
    return np.eye(3) + sine * k + versine * (k @ k)


def _evaluate(function: Mapping[str, Any], x: Array) -> Array:
    return np.asarray(np.polynomial.polynomial.polyval(x, function["coefficients"]))


def _constant(frame: Mapping[str, Any]) -> Pose:
    return np.array(frame["R"]), np.array(frame["p"])


def _joint_motion(axes: Sequence[Mapping[str, Any]], values: Mapping[str, Array], n: int) -> Pose:
    rotation, translation = np.broadcast_to(np.eye(3), (n, 3, 3)), np.zeros((n, 3))
    for index, axis in enumerate(axes):
        x = values[axis["coordinate"]] if axis["coordinate"] else np.zeros(n)
        amount = _evaluate(axis["function"], x)
        if index < 3:
            rotation = rotation @ axis_rotation(axis["axis"], amount)
        else:
            translation = translation + amount[:, None] * np.asarray(axis["axis"])
    return rotation, translation
