"""An OpenSim model as plain numbers (`leg_model.json`), for a process that cannot load OpenSim.

The schema is in docs/reference/files.md. Every joint becomes a spatial transform: three rotations about given
axes, one after the other, then three translations along given axes, each a polynomial of at most one
coordinate.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import opensim

from mint.core.atomic import write_text
from mint.core.status import Reason, StageError
from mint.kinematics.model.functions import polynomial_of, scaled

_ZERO = {"type": "polynomial", "coefficients": [0.0]}
_IDENTITY = {"type": "polynomial", "coefficients": [0.0, 1.0]}
_X, _Y, _Z = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
_FLOOR_TOLERANCE = 1e-9


def load_model(path: str | Path) -> Any:
    """A quiet `opensim.Model` with finalized connections. Raises `StageError(FILE_CORRUPT)` if it is none."""
    opensim.Logger.setLevelString("error")
    if not Path(path).is_file():
        raise StageError(Reason.FILE_MISSING, f"model {path} does not exist")
    try:
        model = opensim.Model(str(path))
        model.finalizeConnections()
    except RuntimeError as error:
        raise StageError(Reason.FILE_CORRUPT, f"model {path}: {error}") from error
    return model


def without_forces(model: Any) -> Any:
    """The model without muscles, contact and actuators: its bodies move as before, and a state is realized in half the
    time."""
    model.updForceSet().clearAndDestroy()
    return model


def export_leg_model(leg_osim: Path, output_json: Path) -> dict[str, Any]:
    """Write the model as JSON and return it.

    Any open-tree model of custom, pin, universal and weld joints with coupled coordinates, sphere contacts on
    the plane y = 0 and muscles. Raises `StageError(MODEL_INCOMPLETE)` for anything else.
    """
    record = model_record(load_model(leg_osim))
    write_text(output_json, json.dumps(record, indent=1))
    return record


def model_record(model: Any) -> dict[str, Any]:
    """The content of `leg_model.json` of an `opensim.Model`."""
    state = model.initSystem()
    coordinates = {c.getName(): _coordinate(c) for c in items(model.getCoordinateSet())}
    couplers = [_coupler(c, coordinates) for c in items(model.getConstraintSet())]
    ranges = _ranges(coordinates, couplers)
    bodies = {b.getName(): _body(b) for b in items(model.getBodySet())}
    return {
        "mass_kg": float(model.getTotalMass(state)),
        "gravity": vector(model.getGravity()),
        "coordinates": coordinates,
        "bodies": bodies,
        "joints": _parents_first([_joint(j, ranges) for j in items(model.getJointSet())]),
        "couplers": couplers,
        "contacts": [
            _contact(f) for f in items(model.getForceSet()) if f.getConcreteClassName() == "SmoothSphereHalfSpaceForce"
        ],
        "muscles": {m.getName(): _muscle(m) for m in items(model.getMuscles())},
    }


def items(collection: Any) -> list[Any]:
    """Elements of an OpenSim set."""
    return [collection.get(i) for i in range(collection.getSize())]


def vector(v: Any) -> list[float]:
    """A `Vec3` as a list."""
    return [float(v.get(i)) for i in range(3)]


def transform(t: Any) -> dict[str, Any]:
    """A `Transform` as `{"R": 3 x 3, "p": 3}`."""
    rotation = t.R()
    return {"R": [[float(rotation.get(i, j)) for j in range(3)] for i in range(3)], "p": vector(t.p())}


def _coordinate(c: Any) -> dict[str, Any]:
    rotational = c.getMotionType() == opensim.Coordinate.Rotational
    return {
        "lo": float(c.getRangeMin()),
        "hi": float(c.getRangeMax()),
        "default": float(c.getDefaultValue()),
        "locked": bool(c.getDefaultLocked()),
        "rotational": bool(rotational),
    }


def _coupler(constraint: Any, coordinates: dict[str, dict[str, Any]]) -> dict[str, Any]:
    coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraint)
    if coupler is None:
        raise StageError(
            Reason.MODEL_INCOMPLETE,
            f"constraint {constraint.getName()} is a {constraint.getConcreteClassName()}",
        )
    independent = coupler.getIndependentCoordinateNames()
    if independent.getSize() != 1:
        raise StageError(Reason.MODEL_INCOMPLETE, f"coupler {coupler.getName()} has several arguments")
    master = independent.get(0)
    function = polynomial_of(coupler.getFunction(), coordinates[master]["lo"], coordinates[master]["hi"])
    factor = coupler.getPropertyByName("scale_factor")
    return {
        "dependent": coupler.getDependentCoordinateName(),
        "independent": master,
        "function": scaled(function, opensim.PropertyHelper.getValueDouble(factor)),
    }


def _ranges(coordinates: dict[str, dict[str, Any]], couplers: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Range of each coordinate; a dependent one has that of its coupler's values."""
    ranges = {name: [c["lo"], c["hi"]] for name, c in coordinates.items()}
    for coupler in couplers:
        powers = coupler["function"]["coefficients"]
        lo, hi = ranges[coupler["independent"]]
        samples = [lo + (hi - lo) * i / 50 for i in range(51)]
        values = [math.fsum(c * x**k for k, c in enumerate(powers)) for x in samples]
        ranges[coupler["dependent"]] = [min(values), max(values)]
    return ranges


def _body(body: Any) -> dict[str, Any]:
    inertia = body.getInertia()
    return {
        "mass_kg": float(body.getMass()),
        "com_m": vector(body.getMassCenter()),
        "inertia_kg_m2": vector(inertia.getMoments()) + vector(inertia.getProducts()),
    }


def _joint(joint: Any, ranges: dict[str, list[float]]) -> dict[str, Any]:
    parent, child = joint.getParentFrame(), joint.getChildFrame()
    names = [joint.get_coordinates(i).getName() for i in range(joint.numCoordinates())]
    return {
        "name": joint.getName(),
        "parent": parent.findBaseFrame().getName(),
        "child": child.findBaseFrame().getName(),
        "Xp": transform(parent.findTransformInBaseFrame()),
        "Xc": transform(child.findTransformInBaseFrame()),
        "coordinates": names,
        "axes": _axes(joint, names, ranges),
    }


def _axes(joint: Any, names: list[str], ranges: dict[str, list[float]]) -> list[dict[str, Any]]:
    kind = joint.getConcreteClassName()
    if kind == "WeldJoint":
        return [_fixed(axis) for axis in (_X, _Y, _Z, _X, _Y, _Z)]
    if kind == "PinJoint":
        return [_free(names[0], _Z), _fixed(_X), _fixed(_Y), _fixed(_X), _fixed(_Y), _fixed(_Z)]
    if kind == "UniversalJoint":
        return [_free(names[0], _X), _free(names[1], _Y), _fixed(_Z), _fixed(_X), _fixed(_Y), _fixed(_Z)]
    if kind == "CustomJoint":
        spatial = opensim.CustomJoint.safeDownCast(joint).getSpatialTransform()
        return [_transform_axis(spatial.getTransformAxis(i), ranges) for i in range(6)]
    raise StageError(Reason.MODEL_INCOMPLETE, f"joint {joint.getName()} is a {kind}")


def _fixed(axis: list[float]) -> dict[str, Any]:
    return {"coordinate": None, "axis": axis, "function": _ZERO}


def _free(coordinate: str, axis: list[float]) -> dict[str, Any]:
    return {"coordinate": coordinate, "axis": axis, "function": _IDENTITY}


def _transform_axis(axis: Any, ranges: dict[str, list[float]]) -> dict[str, Any]:
    names = axis.getCoordinateNames()
    coordinates = [names.getValue(i) for i in range(names.size()) if names.getValue(i)]
    if len(coordinates) > 1:
        raise StageError(Reason.MODEL_INCOMPLETE, f"axis {axis.getName()} depends on {coordinates}")
    coordinate = coordinates[0] if coordinates else None
    lo, hi = ranges[coordinate] if coordinate else (-1.0, 1.0)
    # Without a coordinate OpenSim evaluates the function at nothing: only a constant has a value there.
    return {
        "coordinate": coordinate,
        "axis": vector(axis.getAxis()),
        "function": polynomial_of(axis.getFunction(), lo, hi),
    }


def _parents_first(joints: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known, ordered, waiting = {"ground"}, [], list(joints)
    while waiting:
        ready = [joint for joint in waiting if joint["parent"] in known]
        if not ready:
            raise StageError(
                Reason.MODEL_INCOMPLETE,
                f"joints that do not reach the ground: {[joint['name'] for joint in waiting]}",
            )
        ordered += ready
        known |= {joint["child"] for joint in ready}
        waiting = [joint for joint in waiting if joint["child"] not in known]
    return ordered


def _contact(force: Any) -> dict[str, Any]:
    contact = opensim.SmoothSphereHalfSpaceForce.safeDownCast(force)
    sphere = opensim.ContactSphere.safeDownCast(contact.getConnectee("sphere"))
    plane = opensim.ContactHalfSpace.safeDownCast(contact.getConnectee("half_space"))
    location, orientation = vector(plane.get_location()), vector(plane.get_orientation())
    on_floor = abs(location[1]) < _FLOOR_TOLERANCE and plane.getFrame().getName() == "ground"
    # A half space fills x > 0 of its frame; turned by -90 degrees about z it fills y < 0.
    if not on_floor or max(abs(orientation[0]), abs(orientation[1]), abs(orientation[2] + math.pi / 2)) > 1e-6:
        raise StageError(Reason.MODEL_INCOMPLETE, f"contact {force.getName()} is not with the plane y = 0")
    return {
        "name": force.getName(),
        "body": sphere.getFrame().findBaseFrame().getName(),
        "location_m": vector(sphere.get_location()),
        "radius_m": float(sphere.getRadius()),
        "stiffness": contact.get_stiffness(),
        "dissipation": contact.get_dissipation(),
        "static_friction": contact.get_static_friction(),
        "dynamic_friction": contact.get_dynamic_friction(),
        "viscous_friction": contact.get_viscous_friction(),
        "transition_velocity": contact.get_transition_velocity(),
        "constant_contact_force": contact.get_constant_contact_force(),
        "hertz_smoothing": contact.get_hertz_smoothing(),
        "hunt_crossley_smoothing": contact.get_hunt_crossley_smoothing(),
    }


def _muscle(muscle: Any) -> dict[str, Any]:
    return {
        "max_isometric_force_N": muscle.get_max_isometric_force(),
        "optimal_fiber_length_m": muscle.get_optimal_fiber_length(),
        "tendon_slack_length_m": muscle.get_tendon_slack_length(),
        "pennation_angle_rad": muscle.get_pennation_angle_at_optimal(),
        "max_contraction_velocity": muscle.get_max_contraction_velocity(),
    }
