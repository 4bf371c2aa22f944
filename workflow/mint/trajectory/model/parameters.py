"""What differs between subjects is a run-time parameter vector; what is compiled in is the topology."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from mint.trajectory.model.contact import sphere_parameters
from mint.trajectory.model.tree import ZERO_LENGTH_M, Axis, Tree

Array = np.ndarray[Any, Any]


def is_identity(rotation: Array) -> bool:
    """Whether a fixed rotation is structurally the identity (scaling never turns frames)."""
    return bool(np.abs(rotation - np.eye(3)).max() < ZERO_LENGTH_M)


def nonzero(vector: Array) -> list[bool]:
    """Which components of an offset are structurally present."""
    return [bool(abs(x) >= ZERO_LENGTH_M) for x in vector]


def subject_parameters(tree: Tree, belt_velocity: Array | None = None) -> dict[str, Array]:
    """Named run-time parameters in their fixed order: masses, frames, joint functions, spheres, floor velocity."""
    out: dict[str, Array] = {"gravity": tree.gravity}
    for name, body in tree.bodies.items():
        i = body.inertia
        out[f"body:{name}"] = np.array([body.mass, *body.com, i[0, 0], i[1, 1], i[2, 2], i[0, 1], i[0, 2], i[1, 2]])
    for joint in tree.joints:
        for side, rotation, offset in (
            ("p", joint.parent_rotation, joint.parent_offset),
            ("c", joint.child_rotation, joint.child_offset),
        ):
            if not is_identity(rotation):
                out[f"rotation_{side}:{joint.name}"] = rotation.ravel()
            if any(nonzero(offset)):
                out[f"offset_{side}:{joint.name}"] = offset
        for index, axis in enumerate(joint.axes):
            if not (axis.is_identity or axis.is_zero):
                out[f"axis{index}:{joint.name}"] = axis.coefficients
    for name, (_, powers) in tree.couplers.items():
        out[f"coupler:{name}"] = powers
    for sphere in tree.spheres:
        out[f"sphere:{sphere.name}"] = sphere_parameters(sphere)
    out["belt_velocity"] = np.zeros(3) if belt_velocity is None else np.asarray(belt_velocity, dtype=float)
    return out


def parameter_vector(tree: Tree, belt_velocity: Array | None = None) -> Array:
    """All run-time parameters as one vector."""
    return np.concatenate([np.ravel(v) for v in subject_parameters(tree, belt_velocity).values()])


def topology(tree: Tree) -> dict[str, Any]:
    """What is compiled in: tree, axes, which offsets and rotations are absent, polynomial degrees."""
    return {
        "coordinates": list(tree.coordinates),
        "bodies": list(tree.bodies),
        "joints": [
            {
                "parent": j.parent,
                "child": j.child,
                "rotations": [is_identity(j.parent_rotation), is_identity(j.child_rotation)],
                "offsets": [nonzero(j.parent_offset), nonzero(j.child_offset)],
                "axes": [_axis(a) for a in j.axes],
            }
            for j in tree.joints
        ],
        "couplers": [[name, source, len(powers)] for name, (source, powers) in tree.couplers.items()],
        "spheres": [[s.name, s.body] for s in tree.spheres],
    }


def _axis(axis: Axis) -> list[Any]:
    return [
        axis.coordinate,
        [round(float(x), 12) for x in axis.direction],
        len(axis.coefficients),
        axis.is_identity,
        axis.is_zero,
    ]


def topology_key(tree: Tree) -> str:
    """Hash of the topology: equal for all subjects scaled from one model."""
    text = json.dumps(topology(tree), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
