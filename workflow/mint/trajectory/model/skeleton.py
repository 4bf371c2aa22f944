"""Recursive Newton-Euler dynamics of the leg model with sphere contact, symbolic in CasADi SX.

Featherstone, Rigid Body Dynamics Algorithms (2008), section 5.3, with explicit three-vectors in body axes.
Joints are OpenSim spatial transforms: three rotations about given axes, then three translations along given
axes, each a polynomial of one coordinate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import casadi as ca
import numpy as np

from mint.trajectory.model.contact import PARAMETERS, contact_force
from mint.trajectory.model.parameters import subject_parameters
from mint.trajectory.model.tree import Axis, Joint, Tree

Array = np.ndarray[Any, Any]
ROWS_PER_FOOT = 6  # force and moment, x, y, z each
FEET_ROWS = 2 * ROWS_PER_FOOT


@dataclass(frozen=True)
class Skeleton:
    """Symbols `x = (q, qd, qdd)`, `floor` (4) and `parameters`, and what follows from them.

    `floor` are x and z in m of a point of the floor for each foot, r and l. `tau` (n) generalized forces, N m or N,
    that the motion needs beyond contact; `penetration` (S) m of the spheres into the floor; `feet` (12): of each foot
    the force (x, y, z) N on it, and its moment (x, y, z) N m about the foot's point of the floor; `force`, `point`
    (3, S) on the spheres in ground; `com` (3) m.
    """

    x: Any
    floor: Any
    parameters: Any
    tau: Any
    penetration: Any
    feet: Any
    force: Any
    point: Any
    com: Any


@dataclass
class _Motion:
    """Of a body: rotation to ground, origin in ground; the rest in body axes; acceleration minus gravity."""

    rotation: Any
    origin: Any
    omega: Any
    velocity: Any
    alpha: Any
    acceleration: Any


@dataclass
class _Link:
    """What the backward pass needs of a joint: axes in the joint's parent frame and their coordinate rates."""

    joint: Joint
    rotation: Any
    translation: Any
    axes: list[tuple[bool, Any, int, Any]]


class _Symbols:
    """Names of run-time parameters to slices of one symbol vector."""

    def __init__(self, tree: Tree) -> None:
        values = subject_parameters(tree)
        self.vector = ca.SX.sym("p", sum(v.size for v in values.values()))
        self._slices: dict[str, Any] = {}
        start = 0
        for name, value in values.items():
            self._slices[name] = self.vector[start : start + value.size]
            start += value.size

    def get(self, name: str) -> Any:
        return self._slices.get(name)

    def rotation(self, name: str) -> Any:
        """A fixed rotation, or None for the identity."""
        flat = self.get(name)
        return None if flat is None else ca.reshape(flat, 3, 3).T

    def offset(self, name: str, value: Array) -> Any:
        """A fixed offset with structural zeros, or None if there is none."""
        flat = self.get(name)
        if flat is None:
            return None
        return ca.vertcat(*[flat[i] if abs(value[i]) >= 1e-9 else 0 for i in range(3)])


def _cross(a: Any, b: Any) -> Any:
    return ca.vertcat(a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _turn(rotation: Any, vector: Any, inverse: bool = False) -> Any:
    if rotation is None:
        return vector
    return ca.mtimes(rotation.T if inverse else rotation, vector)


def _polynomial(coefficients: Any, x: Any) -> tuple[Any, Any, Any]:
    """Value, first and second derivative, coefficients in ascending powers (Horner)."""
    n = coefficients.numel()
    value, first, second = coefficients[n - 1], ca.SX(0), ca.SX(0)
    for i in range(n - 2, -1, -1):
        second = second * x + 2 * first
        first = first * x + value
        value = value * x + coefficients[i]
    return value, first, second


def _rotation(direction: Array, angle: Any) -> Any:
    x, y, z = (float(v) for v in direction)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    outer = np.outer(direction, direction)
    return ca.SX(outer) + (np.eye(3) - outer) * ca.cos(angle) + cross * ca.sin(angle)


def build_skeleton(tree: Tree) -> Skeleton:
    """Symbolic dynamics of a tree. `x` has 3 n entries for n coordinates."""
    symbols = _Symbols(tree)
    n = len(tree.coordinates)
    q, qd, qdd = ca.SX.sym("q", n), ca.SX.sym("qd", n), ca.SX.sym("qdd", n)
    values = _coordinates(tree, symbols, q, qd, qdd)
    motions = {
        "ground": _Motion(
            ca.SX(np.eye(3)), ca.SX.zeros(3), ca.SX.zeros(3), ca.SX.zeros(3), ca.SX.zeros(3), -symbols.get("gravity")
        )
    }
    links = []
    for joint in tree.joints:
        link, motions[joint.child] = _forward(joint, motions[joint.parent], symbols, values)
        links.append(link)
    wrenches, com = _inertial(tree, symbols, motions)
    penetration, forces, points = _contacts(tree, symbols, motions, wrenches)
    tau = _backward(links, symbols, wrenches, n)
    floor = ca.SX.sym("floor", 4)
    return Skeleton(
        ca.vertcat(q, qd, qdd),
        floor,
        symbols.vector,
        tau,
        ca.vertcat(*penetration),
        _feet(tree, floor, forces, points),
        ca.horzcat(*forces),
        ca.horzcat(*points),
        com,
    )


_Value = tuple[Any, Any, Any, int, Any]  # value, rate, acceleration, index of the free coordinate, d value / d free


def _coordinates(tree: Tree, symbols: _Symbols, q: Any, qd: Any, qdd: Any) -> dict[str, _Value]:
    values: dict[str, _Value] = {}
    for i, name in enumerate(tree.coordinates):
        values[name] = (q[i], qd[i], qdd[i], i, ca.SX(1))
    for name, (source, powers) in tree.couplers.items():
        x, v, a, i, _ = values[source]
        if list(powers) == [0.0, 1.0]:
            values[name] = values[source]
            continue
        f, f1, f2 = _polynomial(symbols.get(f"coupler:{name}"), x)
        values[name] = (f, f1 * v, f2 * v * v + f1 * a, i, f1)
    return values


def _axis_value(axis: Axis, coefficients: Any, values: dict[str, _Value]) -> _Value:
    if axis.coordinate is None:
        return coefficients[0], ca.SX(0), ca.SX(0), -1, ca.SX(0)
    x, v, a, i, rate = values[axis.coordinate]
    if axis.is_identity:
        return x, v, a, i, rate
    f, f1, f2 = _polynomial(coefficients, x)
    return f, f1 * v, f2 * v * v + f1 * a, i, f1 * rate


def _forward(joint: Joint, parent: _Motion, symbols: _Symbols, values: dict[str, _Value]) -> tuple[_Link, _Motion]:
    """Motion of the child from that of the parent: position, velocity and acceleration recursion."""
    rp, rc = symbols.rotation(f"rotation_p:{joint.name}"), symbols.rotation(f"rotation_c:{joint.name}")
    pp = symbols.offset(f"offset_p:{joint.name}", joint.parent_offset)
    pc = symbols.offset(f"offset_c:{joint.name}", joint.child_offset)
    velocity, acceleration, origin = parent.velocity, parent.acceleration, parent.origin
    if pp is not None:
        velocity = velocity + _cross(parent.omega, pp)
        acceleration = acceleration + _cross(parent.alpha, pp) + _cross(parent.omega, _cross(parent.omega, pp))
        origin = origin + ca.mtimes(parent.rotation, pp)
    frame = parent.rotation if rp is None else ca.mtimes(parent.rotation, rp)
    omega, alpha = _turn(rp, parent.omega, True), _turn(rp, parent.alpha, True)
    velocity, acceleration = _turn(rp, velocity, True), _turn(rp, acceleration, True)

    turn, rel_omega, rel_alpha = ca.SX(np.eye(3)), ca.SX.zeros(3), ca.SX.zeros(3)
    shift, shift_rate, shift_acc = ca.SX.zeros(3), ca.SX.zeros(3), ca.SX.zeros(3)
    axes: list[tuple[bool, Any, int, Any]] = []
    for index, axis in enumerate(joint.axes):
        if axis.is_zero:
            continue
        f, fd, fdd, i, rate = _axis_value(axis, symbols.get(f"axis{index}:{joint.name}"), values)
        if index < 3:
            direction = ca.mtimes(turn, ca.SX(axis.direction))
            if i >= 0:
                rel_alpha = rel_alpha + _cross(rel_omega, direction) * fd + direction * fdd
                rel_omega = rel_omega + direction * fd
                axes.append((True, direction, i, rate))
            turn = ca.mtimes(turn, _rotation(axis.direction, f))
        else:
            direction = ca.SX(axis.direction)
            shift = shift + direction * f
            if i >= 0:
                shift_rate, shift_acc = shift_rate + direction * fd, shift_acc + direction * fdd
                axes.append((False, direction, i, rate))

    new_omega = omega + rel_omega
    new_alpha = alpha + rel_alpha + _cross(omega, rel_omega)
    velocity = velocity + _cross(omega, shift) + shift_rate
    acceleration = (
        acceleration
        + _cross(alpha, shift)
        + _cross(omega, _cross(omega, shift))
        + 2 * _cross(omega, shift_rate)
        + shift_acc
    )
    back = turn.T if rc is None else ca.mtimes(rc, turn.T)
    rotation = ca.mtimes(frame, turn) if rc is None else ca.mtimes(ca.mtimes(frame, turn), rc.T)
    child = _Motion(
        rotation,
        origin + ca.mtimes(frame, shift),
        ca.mtimes(back, new_omega),
        ca.mtimes(back, velocity),
        ca.mtimes(back, new_alpha),
        ca.mtimes(back, acceleration),
    )
    if pc is not None:
        child.origin = child.origin - ca.mtimes(rotation, pc)
        child.velocity = child.velocity - _cross(child.omega, pc)
        child.acceleration = child.acceleration - _cross(child.alpha, pc) - _cross(child.omega, _cross(child.omega, pc))
    return _Link(joint, turn, shift, axes), child


_Wrench = list[Any]  # force, moment about the body origin, body axes


def _inertial(tree: Tree, symbols: _Symbols, motions: dict[str, _Motion]) -> tuple[dict[str, _Wrench], Any]:
    """Newton-Euler wrench of each body, and the centre of mass of the whole in ground."""
    wrenches: dict[str, _Wrench] = {}
    moment, total = ca.SX.zeros(3), ca.SX(0)
    for name in tree.bodies:
        p, motion = symbols.get(f"body:{name}"), motions[name]
        mass, com = p[0], p[1:4]
        inertia = ca.vertcat(ca.horzcat(p[4], p[7], p[8]), ca.horzcat(p[7], p[5], p[9]), ca.horzcat(p[8], p[9], p[6]))
        force = mass * (
            motion.acceleration + _cross(motion.alpha, com) + _cross(motion.omega, _cross(motion.omega, com))
        )
        spin = ca.mtimes(inertia, motion.alpha) + _cross(motion.omega, ca.mtimes(inertia, motion.omega))
        wrenches[name] = [force, spin + _cross(com, force)]
        moment = moment + mass * (motion.origin + ca.mtimes(motion.rotation, com))
        total = total + mass
    return wrenches, moment / total


def _contacts(
    tree: Tree, symbols: _Symbols, motions: dict[str, _Motion], wrenches: dict[str, _Wrench]
) -> tuple[list[Any], list[Any], list[Any]]:
    """Sphere forces; they are subtracted from the wrenches that the joints must supply."""
    belt = symbols.get("belt_velocity")
    penetration, forces, points = [], [], []
    for sphere in tree.spheres:
        motion, vector = motions[sphere.body], symbols.get(f"sphere:{sphere.name}")
        p = {name: vector[i] for i, name in enumerate(PARAMETERS)}
        center = motion.origin + ca.mtimes(motion.rotation, vector[0:3])
        depth = p["radius"] - center[1]
        point = ca.vertcat(center[0], -0.5 * depth, center[2])  # middle of the overlap
        arm = ca.mtimes(motion.rotation.T, point - motion.origin)
        velocity = ca.mtimes(motion.rotation, motion.velocity + _cross(motion.omega, arm)) - belt
        force = ca.vertcat(*contact_force(ca, depth, velocity, p))
        local = ca.mtimes(motion.rotation.T, force)
        wrench = wrenches[sphere.body]
        wrench[0], wrench[1] = wrench[0] - local, wrench[1] - _cross(arm, local)
        penetration.append(depth)
        forces.append(force)
        points.append(point)
    return penetration, forces, points


def _feet(tree: Tree, floor: Any, forces: list[Any], points: list[Any]) -> Any:
    """Force on each foot, and its moment about a point of the floor."""
    out = []
    for i, side in enumerate(("_r", "_l")):
        force, moment = ca.SX.zeros(3), ca.SX.zeros(3)
        for sphere, f, at in zip(tree.spheres, forces, points, strict=True):
            if sphere.body.endswith(side):
                force = force + f
                moment = moment + _cross(ca.vertcat(at[0] - floor[2 * i], at[1], at[2] - floor[2 * i + 1]), f)
        out += [force, moment]
    return ca.vertcat(*out)


def _backward(links: list[_Link], symbols: _Symbols, wrenches: dict[str, _Wrench], n: int) -> Any:
    """Project the wrenches on the joint axes, from the leaves to the root."""
    tau = [ca.SX(0) for _ in range(n)]
    for link in reversed(links):
        joint = link.joint
        rp, rc = symbols.rotation(f"rotation_p:{joint.name}"), symbols.rotation(f"rotation_c:{joint.name}")
        pp = symbols.offset(f"offset_p:{joint.name}", joint.parent_offset)
        pc = symbols.offset(f"offset_c:{joint.name}", joint.child_offset)
        force, moment = wrenches[joint.child]
        if pc is not None:
            moment = moment - _cross(pc, force)
        force, moment = (ca.mtimes(link.rotation, _turn(rc, v, True)) for v in (force, moment))
        for rotational, direction, i, rate in link.axes:
            tau[i] = tau[i] + ca.dot(direction, moment if rotational else force) * rate
        if joint.parent == "ground":
            continue
        moment = moment + _cross(link.translation, force)
        force, moment = _turn(rp, force), _turn(rp, moment)
        if pp is not None:
            moment = moment + _cross(pp, force)
        parent = wrenches[joint.parent]
        parent[0], parent[1] = parent[0] + force, parent[1] + moment
    return ca.vertcat(*tau)
