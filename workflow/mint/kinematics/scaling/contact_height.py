"""How high the pelvis must be for the contact spheres to carry the body in quiet standing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import brentq

from mint.core.status import Reason, StageError
from mint.kinematics.model.export import load_model, model_record
from mint.kinematics.model.forward_kinematics import Array, ForwardKinematics, place

_SEARCH_M = 0.2


def static_vertical_force(contact: Mapping[str, Any], depth: Array) -> Array:
    """Vertical force in N of a resting sphere `depth (...)` m below the floor.

    The smoothed Hertz law of OpenSim's SmoothSphereHalfSpaceForce (Serrancoli et al. 2019,
    doi:10.1109/TNSRE.2019.2924536, eqs. 1 to 4) at zero velocity.
    """
    radius, constant = contact["radius_m"], contact["constant_contact_force"]
    k = 0.5 * contact["stiffness"] ** (2.0 / 3.0)
    hertz = 4.0 / 3.0 * k * np.sqrt(radius * k) * (depth**2 + constant) ** 0.75
    smoothed = hertz * (0.5 + 0.5 * np.tanh(contact["hertz_smoothing"] * depth)) + constant
    damping = contact["hunt_crossley_smoothing"] * 2.0 / (3.0 * contact["dissipation"])
    return np.asarray(smoothed * (0.5 + 0.5 * np.tanh(damping)))


def standing_offset_m(leg_osim: str | Path, pose: Mapping[str, float] | None = None) -> float:
    """Vertical shift in m of the pelvis at which the spheres, at rest, carry exactly one body weight.

    `pose` holds coordinates in rad and m; missing ones, or all without a pose, are at their default. Add the
    shift to that pose's `pelvis_ty`. With a pose from inverse kinematics of a standing body whose soles are
    at y = 0 this is the constant between the marker's floor and the spheres' floor. `leg_osim` may also be the
    exported leg_model.json. Raises `StageError(MODEL_INCOMPLETE)` if no such shift exists within 0.2 m of
    touching the floor.
    """
    pose = dict(pose or {})
    return float(standing_offsets_m(_record(leg_osim), list(pose), np.array([list(pose.values())]))[0])


def median_standing_offset_m(leg_osim: str | Path, coordinates: Sequence[str], q: Array) -> float:
    """The median shift in m over standing frames `q (n, p)`: robust against single badly placed feet."""
    return float(np.median(standing_offsets_m(_record(leg_osim), coordinates, q)))


def standing_offsets_m(record: Mapping[str, Any], coordinates: Sequence[str], q: Array) -> Array:
    """The shift `(n,)` m for each frame of `q (n, p)`."""
    weight = record["mass_kg"] * float(np.linalg.norm(record["gravity"]))
    bottoms = sphere_bottoms(record, coordinates, q)
    return np.array([_offset(record["contacts"], row, weight) for row in bottoms])


def sphere_bottoms(record: Mapping[str, Any], coordinates: Sequence[str], q: Array) -> Array:
    """Lowest points `(n, 12)` m of the spheres above y = 0."""
    poses = ForwardKinematics(record).transforms(coordinates, q)
    return np.stack(
        [place(poses[c["body"]], c["location_m"])[:, 1] - c["radius_m"] for c in record["contacts"]], axis=1
    )


def _offset(contacts: Sequence[Mapping[str, Any]], bottoms: Array, weight: float) -> float:
    def excess(shift: float) -> float:
        depth = -(bottoms + shift)
        return sum(float(static_vertical_force(c, d)) for c, d in zip(contacts, depth, strict=True)) - weight

    touching = -float(bottoms.min())
    if not contacts or excess(touching - _SEARCH_M) < 0 or excess(touching + _SEARCH_M) > 0:
        raise StageError(
            Reason.MODEL_INCOMPLETE,
            f"the {len(contacts)} contact spheres cannot carry the weight of {weight:.0f} N within {_SEARCH_M:g} m "
            "of where they touch the floor",
        )
    return float(brentq(excess, touching - _SEARCH_M, touching + _SEARCH_M, xtol=1e-9))


def _record(path: str | Path) -> Mapping[str, Any]:
    if Path(path).suffix == ".json":
        record: Mapping[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        return record
    return model_record(load_model(path))
