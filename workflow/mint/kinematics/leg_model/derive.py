"""From the scaled trunk model to the leg model on which trajectories are computed.

Trunk, ribs, head and girdle become one torso with one three-axis lumbar joint; pelvis and sacrum become one;
wrists are welded; the 80 lower-limb muscles stay and become De Groote-Fregly 2016; knee and patella splines
become polynomials; twelve contact spheres are added where they are missing. Total mass stays, and at the
default pose every body stays where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.kinematics.leg_model.bodies import (
    joint_copy,
    lumbar_joint,
    set_lumbar_ranges,
    set_mass,
    smooth_functions,
    torso_body,
    vec3,
    weld_copy,
)
from mint.kinematics.leg_model.contacts import add_contacts, copy_contacts
from mint.kinematics.leg_model.mapping import torso_discrepancy
from mint.kinematics.leg_model.muscles import add_muscles
from mint.kinematics.leg_model.torso import (
    Composite,
    TrunkParts,
    composite,
    lumbar_centre,
    trunk_parts,
)
from mint.kinematics.model.export import items, load_model, model_record
from mint.kinematics.model.forward_kinematics import (
    Array,
    ForwardKinematics,
    Pose,
    compose,
    inverse,
    place,
)

_MASS_TOLERANCE_KG = 1e-6
_WRISTS = ("radius_hand_r", "radius_hand_l")


@dataclass(frozen=True)
class LegModelReport:
    """What was derived: masses in kg, lumbar centre in the pelvis in m, spline errors in m or rad."""

    mass_kg: float
    torso_mass_kg: float
    torso_bodies: tuple[str, ...]
    lumbar_centre_m: tuple[float, ...]
    coordinates: tuple[str, ...]
    muscles: tuple[str, ...]
    contacts: int
    spline_rms: dict[str, float] = field(default_factory=dict)
    flexion_discrepancy: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON-able record."""
        return asdict(self)


def derive_leg_model(scaled_osim: str | Path, leg_osim: str | Path) -> LegModelReport:
    """Write the leg model of a (scaled) trunk model.

    Raises `StageError(MODEL_INCOMPLETE)` if a limb, the torso or one of the 80 muscles is missing, or if the
    result does not weigh the same to 1e-6 kg.
    """
    source = load_model(scaled_osim)
    record = model_record(source)
    parts = trunk_parts(record)
    leg = opensim.Model()
    leg.setName(f"{source.getName()}_leg")
    leg.setGravity(source.getGravity())
    centre = lumbar_centre(record, parts)
    poses = ForwardKinematics(record).transforms([], np.zeros((1, 0)))
    torso = _torso_pose(poses, centre)
    mass = _torso_mass(record, parts, poses, torso)
    _add_bodies(leg, source, record, parts, mass)
    errors = _add_joints(leg, source, record, parts, centre, {b: _pose_in(torso, poses[b]) for b in parts.torso})
    for constraint in items(source.getConstraintSet()):
        if leg.getCoordinateSet().contains(_dependent(constraint)):
            leg.addConstraint(constraint.clone())
    add_muscles(leg, source, {body.getName() for body in items(leg.getBodySet())})
    contacts = copy_contacts(leg, source) or add_contacts(leg)
    _add_markers(leg, source, parts, poses, torso)
    leg.finalizeConnections()
    result = _write_checked(leg, record, Path(leg_osim))
    return LegModelReport(
        result["mass_kg"],
        mass.mass_kg,
        parts.torso,
        tuple(centre.tolist()),
        tuple(result["coordinates"]),
        tuple(result["muscles"]),
        contacts,
        errors,
        torso_discrepancy(record, result, parts),
    )


def _torso_pose(poses: Mapping[str, Pose], centre: Array) -> Pose:
    """Torso frame in ground `(3, 3), (3,)` at the default pose: pelvis axes, origin at the lumbar centre."""
    rotation, origin = poses["pelvis"]
    return rotation[0], place((rotation[0], origin[0]), centre)


def _pose_in(frame: Pose, pose: Pose) -> Pose:
    """A pose `(1, 3, 3), (1, 3)` in ground as `(3, 3), (3,)` in a frame given in ground."""
    return compose(inverse(frame), (pose[0][0], pose[1][0]))


def _torso_mass(record: Mapping[str, Any], parts: TrunkParts, poses: Mapping[str, Pose], torso: Pose) -> Composite:
    """The composite of all torso bodies in the torso frame."""
    rotation, origin = _pose_in(torso, poses[parts.reference])
    at_reference = composite(record, parts.torso, parts.reference)
    return Composite(
        at_reference.mass_kg,
        place((rotation, origin), at_reference.com_m),
        rotation @ at_reference.inertia_kg_m2 @ rotation.T,
    )


def _add_bodies(leg: Any, source: Any, record: Mapping[str, Any], parts: TrunkParts, torso: Composite) -> None:
    for body in items(source.getBodySet()):
        if body.getName() not in parts.pelvis[1:] and body.getName() not in parts.torso:
            leg.addBody(body.clone())
    set_mass(leg.updBodySet().get("pelvis"), composite(record, parts.pelvis, "pelvis"))
    leg.addBody(torso_body(torso))


def _add_joints(
    leg: Any,
    source: Any,
    record: Mapping[str, Any],
    parts: TrunkParts,
    centre: Array,
    moved: Mapping[str, Pose],
) -> dict[str, float]:
    """Joints between kept bodies and of the arms' roots, wrists welded, one lumbar joint."""
    names = _leg_names(record)
    limits = {names.get(name, name): limit for name, limit in _limits(record).items()}
    errors: dict[str, float] = {}
    gone = {*parts.pelvis[1:], *parts.torso}
    for joint in items(source.getJointSet()):
        parent = joint.getParentFrame().findBaseFrame().getName()
        if joint.getChildFrame().findBaseFrame().getName() in gone:
            continue
        if joint.getName() in _WRISTS:
            _append(leg, weld_copy(leg, joint))
            continue
        copy = joint_copy(joint, names, moved.get(parent))
        errors |= smooth_functions(copy, limits)
        _append(leg, copy)
    bodies = leg.getBodySet()
    _append(leg, lumbar_joint(bodies.get("pelvis"), bodies.get("torso"), centre))
    leg.finalizeConnections()
    set_lumbar_ranges(leg)
    return errors


def _leg_names(record: Mapping[str, Any]) -> dict[str, str]:
    """Coordinate name in the trunk model -> name in the leg model, where they differ."""
    rows = table("leg_coordinates").dropna(subset=["full402"])
    return {
        str(row["full402"]): str(row["leg_coordinate"])
        for _, row in rows.iterrows()
        if str(row["full402"]) in record["coordinates"]
    }


def _limits(record: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Range of every coordinate; a coupled one has that of the coordinate it follows."""
    limits = {name: (c["lo"], c["hi"]) for name, c in record["coordinates"].items()}
    for coupler in record["couplers"]:
        limits[coupler["dependent"]] = limits[coupler["independent"]]
    return limits


def _dependent(constraint: Any) -> str:
    coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraint)
    return str(coupler.getDependentCoordinateName()) if coupler is not None else ""


def _add_markers(leg: Any, source: Any, parts: TrunkParts, poses: Mapping[str, Pose], torso: Pose) -> None:
    """Markers at their default place, on the body that took over theirs."""
    bodies = leg.getBodySet()
    for marker in items(source.getMarkerSet()):
        owner = marker.getParentFrame().findBaseFrame().getName()
        inner = marker.getParentFrame().findTransformInBaseFrame()
        location = inner.shiftFrameStationToBase(marker.get_location())
        point = np.array([location.get(i) for i in range(3)])
        if owner in parts.torso:
            point, owner = place(_pose_in(torso, poses[owner]), point), "torso"
        elif owner in parts.pelvis[1:]:
            pelvis = (poses["pelvis"][0][0], poses["pelvis"][1][0])
            point, owner = place(_pose_in(pelvis, poses[owner]), point), "pelvis"
        leg.addMarker(opensim.Marker(marker.getName(), bodies.get(owner), vec3(point)))


def _write_checked(leg: Any, record: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Write the model and return its record as read back. Raises if its mass is not the source's."""
    with atomic_path(path) as temporary:
        leg.printToXML(str(temporary))
        result = model_record(load_model(temporary))
    if abs(result["mass_kg"] - record["mass_kg"]) > _MASS_TOLERANCE_KG:
        raise StageError(
            Reason.MODEL_INCOMPLETE,
            f"leg model weighs {result['mass_kg']} kg, trunk model {record['mass_kg']} kg",
        )
    return result


def _append(leg: Any, joint: Any) -> None:
    # Model.addJoint follows the sockets of a copied joint to frames that are not connected yet, and crashes.
    joint._markAdopted()
    leg.updJointSet().adoptAndAppend(joint)
