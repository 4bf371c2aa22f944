"""The leg model as an open tree of moving bodies: welds and locked coordinates are merged away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.status import Reason, StageError

Array = np.ndarray[Any, Any]
ZERO_LENGTH_M = 1e-9  # shorter offsets are structurally zero: scaling leaves them so


@dataclass(frozen=True)
class Body:
    """Mass (kg), centre of mass (3,) m and inertia about it (3, 3) kg m2, in body axes."""

    mass: float
    com: Array
    inertia: Array


@dataclass(frozen=True)
class Axis:
    """One of the six axes of a joint: `coefficients` (ascending powers) of one coordinate, or a constant."""

    coordinate: str | None
    direction: Array
    coefficients: Array

    @property
    def is_zero(self) -> bool:
        """Whether nothing moves or shifts along this axis."""
        return self.coordinate is None and abs(float(self.coefficients[0])) < ZERO_LENGTH_M

    @property
    def is_identity(self) -> bool:
        """Whether the axis follows its coordinate one to one."""
        return self.coordinate is not None and list(self.coefficients) == [0.0, 1.0]


@dataclass(frozen=True)
class Joint:
    """Child frame: `x_parent = Rp (X(q)) + pp`, then back from the child's joint frame `Rc, pc`."""

    name: str
    parent: str
    child: str
    parent_rotation: Array
    parent_offset: Array
    child_rotation: Array
    child_offset: Array
    axes: tuple[Axis, ...]


@dataclass(frozen=True)
class Sphere:
    """A contact sphere with the parameters of OpenSim's SmoothSphereHalfSpaceForce."""

    name: str
    body: str
    location: Array
    radius: float
    stiffness: float
    dissipation: float
    static_friction: float
    dynamic_friction: float
    viscous_friction: float
    transition_velocity: float
    constant_force: float
    hertz_smoothing: float
    hunt_crossley_smoothing: float


@dataclass(frozen=True)
class Tree:
    """Bodies and joints (parents first) that move; `coordinates` are the free independent ones, in joint order."""

    coordinates: tuple[str, ...]
    rotational: Array
    bodies: dict[str, Body]
    joints: tuple[Joint, ...]
    couplers: dict[str, tuple[str, Array]]
    spheres: tuple[Sphere, ...]
    gravity: Array

    @property
    def mass(self) -> float:
        """Mass of all bodies, kg."""
        return float(sum(body.mass for body in self.bodies.values()))

    def index(self, names: Sequence[str]) -> list[int]:
        """Positions of coordinates in the state vector."""
        return [self.coordinates.index(name) for name in names]


def read_model(path: str | Path) -> dict[str, Any]:
    """`leg_model.json` as a dictionary. Raises `StageError(FILE_CORRUPT)`."""
    try:
        record: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: {error}") from error
    return record


def build_tree(record: Mapping[str, Any]) -> Tree:
    """The moving tree of a `leg_model.json` record. Raises `StageError(MODEL_INCOMPLETE)` for missing parts."""
    try:
        return _build(record)
    except KeyError as error:
        raise StageError(Reason.MODEL_INCOMPLETE, f"leg model has no {error}") from error


def _build(record: Mapping[str, Any]) -> Tree:
    locked = {name: c["default"] for name, c in record["coordinates"].items() if c["locked"]}
    couplers = {c["dependent"]: (c["independent"], _poly(c["function"])) for c in record["couplers"]}
    for name, (source, powers) in list(couplers.items()):
        if source in locked:
            locked[name] = float(np.polynomial.polynomial.polyval(locked[source], powers))
            del couplers[name]
    bodies = {name: _body(b) for name, b in record["bodies"].items()}
    spheres = [_sphere(c) for c in record["contacts"]]
    placed: dict[str, tuple[str, Array, Array]] = {}
    joints: list[Joint] = []
    for raw in record["joints"]:
        joint = _attached(_joint(raw, locked), placed)
        if any(axis.coordinate is not None for axis in joint.axes):
            joints.append(joint)
            continue
        placed[joint.child] = (joint.parent, *_constant_transform(joint))
        if joint.child in bodies and joint.parent in bodies:
            bodies[joint.parent] = _merged(bodies[joint.parent], bodies.pop(joint.child), *placed[joint.child][1:])
    spheres = [_moved(sphere, placed) for sphere in spheres]
    free = [
        name for raw in record["joints"] for name in raw["coordinates"] if name not in couplers and name not in locked
    ]
    rotational = np.array([bool(record["coordinates"][name]["rotational"]) for name in free])
    return Tree(
        tuple(free),
        rotational,
        bodies,
        tuple(joints),
        couplers,
        tuple(spheres),
        np.array(record["gravity"], dtype=float),
    )


def _poly(function: Mapping[str, Any]) -> Array:
    return np.array(function["coefficients"], dtype=float)


def _body(raw: Mapping[str, Any]) -> Body:
    xx, yy, zz, xy, xz, yz = raw["inertia_kg_m2"]
    inertia = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]], dtype=float)
    return Body(float(raw["mass_kg"]), np.array(raw["com_m"], dtype=float), inertia)


def _sphere(raw: Mapping[str, Any]) -> Sphere:
    return Sphere(
        raw["name"],
        raw["body"],
        np.array(raw["location_m"], dtype=float),
        raw["radius_m"],
        raw["stiffness"],
        raw["dissipation"],
        raw["static_friction"],
        raw["dynamic_friction"],
        raw["viscous_friction"],
        raw["transition_velocity"],
        raw["constant_contact_force"],
        raw["hertz_smoothing"],
        raw["hunt_crossley_smoothing"],
    )


def _joint(raw: Mapping[str, Any], locked: Mapping[str, float]) -> Joint:
    axes = []
    for axis in raw["axes"]:
        name: str | None = axis["coordinate"]
        powers = _poly(axis["function"])
        if name is not None and name in locked:
            powers, name = np.array([np.polynomial.polynomial.polyval(locked[name], powers)]), None
        axes.append(Axis(name, np.array(axis["axis"], dtype=float), powers if name else powers[:1]))
    return Joint(
        raw["name"],
        raw["parent"],
        raw["child"],
        np.array(raw["Xp"]["R"], dtype=float),
        np.array(raw["Xp"]["p"], dtype=float),
        np.array(raw["Xc"]["R"], dtype=float),
        np.array(raw["Xc"]["p"], dtype=float),
        tuple(axes),
    )


def _attached(joint: Joint, placed: Mapping[str, tuple[str, Array, Array]]) -> Joint:
    """The joint with a welded parent replaced by the body that carries it."""
    if joint.parent not in placed:
        return joint
    parent, rotation, offset = placed[joint.parent]
    return replace(
        joint,
        parent=parent,
        parent_rotation=rotation @ joint.parent_rotation,
        parent_offset=rotation @ joint.parent_offset + offset,
    )


def _moved(sphere: Sphere, placed: Mapping[str, tuple[str, Array, Array]]) -> Sphere:
    if sphere.body not in placed:
        return sphere
    body, rotation, offset = placed[sphere.body]
    return replace(sphere, body=body, location=rotation @ sphere.location + offset)


def rotation_matrix(direction: Array, angle: float) -> Array:
    """Rotation (3, 3) about a unit axis (Rodrigues)."""
    x, y, z = direction
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross


def _constant_transform(joint: Joint) -> tuple[Array, Array]:
    rotation, offset = np.eye(3), np.zeros(3)
    for index, axis in enumerate(joint.axes):
        value = float(axis.coefficients[0])
        if index < 3:
            rotation = rotation @ rotation_matrix(axis.direction, value)
        else:
            offset = offset + value * axis.direction
    whole = joint.parent_rotation @ rotation @ joint.child_rotation.T
    return whole, joint.parent_offset + joint.parent_rotation @ offset - whole @ joint.child_offset


def _merged(parent: Body, child: Body, rotation: Array, offset: Array) -> Body:
    """Composite of two rigidly connected bodies in the parent's axes (parallel axis theorem)."""
    com = rotation @ child.com + offset
    mass = parent.mass + child.mass
    if mass == 0.0:
        return parent
    center = (parent.mass * parent.com + child.mass * com) / mass
    inertia = (
        parent.inertia
        + _shift(parent.mass, parent.com - center)
        + rotation @ child.inertia @ rotation.T
        + _shift(child.mass, com - center)
    )
    return Body(mass, center, inertia)


def _shift(mass: float, d: Array) -> Array:
    return np.asarray(mass * (float(d @ d) * np.eye(3) - np.outer(d, d)))
