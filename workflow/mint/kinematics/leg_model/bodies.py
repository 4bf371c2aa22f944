"""Bodies, joints and couplers of the leg model, copied from the trunk model or built as composites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import opensim

from mint.core.status import Reason, StageError
from mint.kinematics.leg_model.torso import LUMBAR, Composite
from mint.kinematics.model.export import vector
from mint.kinematics.model.forward_kinematics import Array, Pose, compose
from mint.kinematics.model.functions import SPLINE_DEGREE, polynomial_of

# Polynomials replace knee splines a little beyond straight, so that an over-extended knee stays fitted.
_HYPEREXTENSION_RAD = 0.1
_LUMBAR_RANGE_RAD = math.pi / 2


def vec3(values: Any) -> Any:
    """An OpenSim `Vec3`."""
    return opensim.Vec3(*(float(v) for v in values))


def set_mass(body: Any, parts: Composite) -> None:
    """Give a body the mass properties of a composite in its own frame."""
    i = parts.inertia_kg_m2
    body.setMass(parts.mass_kg)
    body.setMassCenter(vec3(parts.com_m))
    body.setInertia(opensim.Inertia(*(float(i[a, b]) for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)))))


def torso_body(parts: Composite) -> Any:
    """The composite trunk as a body named `torso`."""
    body = opensim.Body("torso", 1.0, opensim.Vec3(0), opensim.Inertia(1.0))
    set_mass(body, parts)
    return body


def lumbar_joint(pelvis: Any, torso: Any, centre: Array) -> Any:
    """One joint with three axes, body-fixed z, x, y as in Rajagopal's, at `centre (3,)` m of the pelvis."""
    spatial = opensim.SpatialTransform()
    for axis, name, direction in zip(
        (spatial.upd_rotation1(), spatial.upd_rotation2(), spatial.upd_rotation3()),
        LUMBAR,
        ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
        strict=True,
    ):
        axis.setCoordinateNames(opensim.ArrayStr(name, 1))
        axis.setAxis(vec3(direction))
        axis.set_function(opensim.LinearFunction(1.0, 0.0))
    zero = opensim.Vec3(0)
    return opensim.CustomJoint("back", pelvis, vec3(centre), zero, torso, zero, zero, spatial)


def set_lumbar_ranges(leg: Any) -> None:
    """Ranges of the lumbar coordinates; wide, because they only bound sampling and plots."""
    for name in LUMBAR:
        coordinate = leg.updCoordinateSet().get(name)
        coordinate.setRangeMin(-_LUMBAR_RANGE_RAD)
        coordinate.setRangeMax(_LUMBAR_RANGE_RAD)


def joint_copy(joint: Any, names: Mapping[str, str], moved: Pose | None) -> Any:
    """A copy of a joint with coordinates renamed; `moved` is its merged parent's pose in the torso."""
    copy = joint.clone()
    if moved is not None:
        _move_parent(copy, joint, moved)
    for i in range(joint.numCoordinates()):
        old = joint.get_coordinates(i).getName()
        coordinate = copy.upd_coordinates(i)
        coordinate.setName(names.get(old, old))
        if names.get(old, old).startswith("mtp_angle"):
            coordinate.set_locked(False)
    custom = opensim.CustomJoint.safeDownCast(copy)
    if custom is not None:
        _rename_axes(custom, names)
    return copy


def weld_copy(leg: Any, joint: Any) -> Any:
    """A weld between bodies of the leg model in place of a trunk-model joint that is zero by default."""
    if any(abs(joint.get_coordinates(i).getDefaultValue()) > 1e-9 for i in range(joint.numCoordinates())):
        raise StageError(Reason.MODEL_INCOMPLETE, f"joint {joint.getName()} is to be welded but has no zero default")
    arguments: list[Any] = [joint.getName()]
    for frame in (joint.getParentFrame(), joint.getChildFrame()):
        pose = frame.findTransformInBaseFrame()
        # Copies, not references into `pose`, which the next pass frees.
        arguments += [
            leg.getBodySet().get(frame.findBaseFrame().getName()),
            vec3(vector(pose.p())),
            vec3(vector(pose.R().convertRotationToBodyFixedXYZ())),
        ]
    return opensim.WeldJoint(*arguments)


def smooth_functions(joint: Any, limits: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Replace the splines of a custom joint by polynomials; return their rms errors (m or rad) by axis.

    Then OpenSim and the exported model describe the same motion to rounding, velocities included.
    """
    errors: dict[str, float] = {}
    custom = opensim.CustomJoint.safeDownCast(joint)
    if custom is None:
        return errors
    for i in range(6):
        axis = custom.updSpatialTransform().updTransformAxis(i)
        if axis.getCoordinateNames().size() == 0 or not axis.getCoordinateNames().getValue(0):
            continue
        lo, hi = limits[axis.getCoordinateNames().getValue(0)]
        fit = polynomial_of(axis.getFunction(), lo - _HYPEREXTENSION_RAD, hi)
        if "rms" in fit:
            powers = opensim.Vector(SPLINE_DEGREE + 1, 0.0)
            for k, c in enumerate(fit["coefficients"]):
                powers.set(SPLINE_DEGREE - k, float(c))
            axis.set_function(opensim.PolynomialFunction(powers))
            errors[f"{joint.getName()}/{axis.getName()}"] = fit["rms"]
    return errors


def xyz_angles(rotation: Array) -> Any:
    """Body-fixed x-y-z angles (`Vec3`, rad) of a rotation matrix `(3, 3)`."""
    m = opensim.Mat33(*(float(v) for v in np.asarray(rotation).reshape(9)))
    return opensim.Rotation(m).convertRotationToBodyFixedXYZ()


def _move_parent(copy: Any, joint: Any, moved: Pose) -> None:
    offset = opensim.PhysicalOffsetFrame.safeDownCast(joint.getParentFrame())
    if offset is None:
        raise StageError(Reason.MODEL_INCOMPLETE, f"joint {joint.getName()} has no parent offset frame")
    inner = offset.findTransformInBaseFrame()
    rotation = np.array([[inner.R().get(i, j) for j in range(3)] for i in range(3)])
    pose = compose(moved, (rotation, np.array([inner.p().get(i) for i in range(3)])))
    for i in range(copy.getPropertyByName("frames").size()):
        frame = copy.upd_frames(i)
        if frame.getName() == offset.getName():
            frame.set_translation(vec3(pose[1]))
            frame.set_orientation(xyz_angles(pose[0]))
            frame.updSocket("parent").setConnecteePath("/bodyset/torso")
            return
    raise StageError(Reason.MODEL_INCOMPLETE, f"joint {joint.getName()} does not own its parent frame")


def _rename_axes(joint: Any, names: Mapping[str, str]) -> None:
    for i in range(6):
        axis = joint.updSpatialTransform().updTransformAxis(i)
        if axis.getCoordinateNames().size() and axis.getCoordinateNames().getValue(0):
            old = axis.getCoordinateNames().getValue(0)
            axis.setCoordinateNames(opensim.ArrayStr(names.get(old, old), 1))
