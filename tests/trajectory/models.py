"""Small leg-model records whose dynamics can be written down by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.muscles import muscle
from mint.trajectory.solvers.nlp import Triplets

ZERO = {"type": "polynomial", "coefficients": [0.0]}
IDENTITY = {"type": "polynomial", "coefficients": [0.0, 1.0]}
X, Y, Z = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
EYE = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def fixed(axis: list[float]) -> dict[str, Any]:
    return {"coordinate": None, "axis": axis, "function": ZERO}


def free(name: str, axis: list[float], function: dict[str, Any] = IDENTITY) -> dict[str, Any]:
    return {"coordinate": name, "axis": axis, "function": function}


def joint(
    name: str,
    parent: str,
    child: str,
    axes: list[dict[str, Any]],
    offset: list[float] | None = None,
    child_offset: list[float] | None = None,
    rotation: list[list[float]] | None = None,
) -> dict[str, Any]:
    coordinates = list(dict.fromkeys(a["coordinate"] for a in axes if a["coordinate"]))
    return {
        "name": name,
        "parent": parent,
        "child": child,
        "coordinates": coordinates,
        "axes": axes,
        "Xp": {"R": rotation or EYE, "p": offset or [0.0, 0.0, 0.0]},
        "Xc": {"R": EYE, "p": child_offset or [0.0, 0.0, 0.0]},
    }


def body(mass: float, com: list[float], inertia: list[float]) -> dict[str, Any]:
    return {"mass_kg": mass, "com_m": com, "inertia_kg_m2": inertia}


def record(
    bodies: dict[str, Any],
    joints: list[dict[str, Any]],
    contacts: list[dict[str, Any]] | None = None,
    couplers: list[dict[str, Any]] | None = None,
    locked: dict[str, float] | None = None,
) -> dict[str, Any]:
    dependent = [c["dependent"] for c in couplers or []]
    names = list(dict.fromkeys([n for j in joints for n in j["coordinates"]] + dependent))
    sliding = {a["coordinate"] for j in joints for a in j["axes"][3:] if a["function"] is IDENTITY}
    locked = locked or {}
    coordinates = {
        n: {"lo": -9.0, "hi": 9.0, "default": locked.get(n, 0.0), "locked": n in locked, "rotational": n not in sliding}
        for n in names
    }
    return {
        "mass_kg": sum(b["mass_kg"] for b in bodies.values()),
        "gravity": [0.0, -9.80665, 0.0],
        "coordinates": coordinates,
        "bodies": bodies,
        "joints": joints,
        "couplers": couplers or [],
        "contacts": contacts or [],
        "muscles": {},
    }


def pin(name: str) -> list[dict[str, Any]]:
    return [free(name, Z), fixed(X), fixed(Y), fixed(X), fixed(Y), fixed(Z)]


def double_pendulum() -> dict[str, Any]:
    """Two rods hanging from the ground, with a hand welded to the second."""
    bodies = {
        "upper": body(2.0, [0.0, -0.2, 0.0], [0.03, 0.01, 0.04, 0.0, 0.0, 0.0]),
        "lower": body(1.5, [0.0, -0.25, 0.0], [0.02, 0.01, 0.03, 0.0, 0.0, 0.0]),
        "hand": body(0.5, [0.0, -0.05, 0.0], [0.001, 0.001, 0.002, 0.0, 0.0, 0.0]),
    }
    weld = [fixed(a) for a in (X, Y, Z, X, Y, Z)]
    joints = [
        joint("shoulder", "ground", "upper", pin("q1"), offset=[0.0, 1.5, 0.0]),
        joint("elbow", "upper", "lower", pin("q2"), offset=[0.0, -0.4, 0.0]),
        joint("wrist", "lower", "hand", weld, offset=[0.0, -0.5, 0.0]),
    ]
    return record(bodies, joints)


def sphere(name: str, carrier: str, location: list[float]) -> dict[str, Any]:
    return {
        "name": name,
        "body": carrier,
        "location_m": location,
        "radius_m": 0.032,
        "stiffness": 1e6,
        "dissipation": 2.0,
        "static_friction": 0.8,
        "dynamic_friction": 0.8,
        "viscous_friction": 0.5,
        "transition_velocity": 0.2,
        "constant_contact_force": 1e-5,
        "hertz_smoothing": 300.0,
        "hunt_crossley_smoothing": 50.0,
    }


def block(mass: float = 40.0, arms: str = "r", carrier: str = "pelvis") -> dict[str, Any]:
    """A free rigid block on six spheres, 0.4 m by 0.2 m, and swinging arms (one); the spheres may be on an arm."""
    root = [
        free("pelvis_tilt", Z),
        free("pelvis_list", X),
        free("pelvis_rotation", Y),
        free("pelvis_tx", X),
        free("pelvis_ty", Y),
        free("pelvis_tz", Z),
    ]
    bodies = {"pelvis": body(mass, [0.0, 0.1, 0.0], [1.0, 1.0, 1.0, 0.0, 0.0, 0.0])}
    joints = [joint("root", "ground", "pelvis", root)]
    for side in arms:
        bodies[f"arm_{side}"] = body(2.0, [0.0, -0.15, 0.0], [0.02, 0.01, 0.02, 0.0, 0.0, 0.0])
        joints.append(joint(f"arm_{side}", "pelvis", f"arm_{side}", pin(f"arm_flex_{side}"), offset=[0.0, 0.4, 0.0]))
    low = 0.0 if carrier == "pelvis" else -0.4
    contacts = [
        sphere(f"s{i}{j}", carrier, [x, low, z])
        for i, x in enumerate((-0.2, 0.0, 0.2))
        for j, z in enumerate((-0.1, 0.1))
    ]
    return record(bodies, joints, contacts)


def on_floor(x: Any) -> Any:
    """Inputs of the kernels from states (3n, K): moments of the feet are taken about the origin."""
    return np.concatenate([x, np.zeros((4, x.shape[1]))])


def dense(triplets: Triplets, values: Any) -> Any:
    """A matrix from its triplets; repeated entries add up."""
    out = np.zeros(triplets.shape)
    np.add.at(out, (triplets.rows, triplets.cols), values)
    return out


class MuscleKernel:
    """The function of a muscle, evaluated without a compiler and without a skeleton."""

    def __init__(self) -> None:
        self._function = muscle.kernel()

    def evaluate(self, kernel: str, x: Any, p: Any) -> Any:
        assert kernel == "muscle"
        return np.asarray(self._function.map(x.shape[1])(x, np.zeros((0, x.shape[1]))))
