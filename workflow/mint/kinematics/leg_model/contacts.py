"""Foot contact of the leg model: twelve spheres on the plane y = 0."""

from __future__ import annotations

import math
from typing import Any

import opensim

from mint.core.tables import table
from mint.kinematics.leg_model.bodies import vec3
from mint.kinematics.model.export import items, vector

# From heel bone to toe joint in the model whose spheres resources/contact_spheres.csv lists
# (LaiArnoldModified2017_contacts): spheres added to another foot scale with this length.
_REFERENCE_FOOT_M = math.hypot(0.17986869, -0.00201195, 0.00108646)
STIFFNESS, DISSIPATION = 1e6, 2.0
STATIC_FRICTION, DYNAMIC_FRICTION, VISCOUS_FRICTION = 0.8, 0.8, 0.5
TRANSITION_VELOCITY_M_S = 0.2


def copy_contacts(leg: Any, source: Any) -> int:
    """Copy spheres, floor and contact forces of the source model; return how many forces it has."""
    forces = [f for f in items(source.getForceSet()) if f.getConcreteClassName() == "SmoothSphereHalfSpaceForce"]
    if forces:
        for geometry in items(source.getContactGeometrySet()):
            leg.addContactGeometry(geometry.clone())
        for force in forces:
            leg.addForce(force.clone())
    return len(forces)


def add_contacts(leg: Any) -> int:
    """Add floor and spheres of resources/contact_spheres.csv, scaled with the length of each foot.

    Parameters as published with the spheres (Serrancoli et al. 2019, doi:10.1109/TNSRE.2019.2924536, in the
    form of OpenSim's SmoothSphereHalfSpaceForce).
    """
    floor = opensim.ContactHalfSpace(opensim.Vec3(0), vec3((0, 0, -math.pi / 2)), leg.getGround(), "floor")
    leg.addContactGeometry(floor)
    for _, row in table("contact_spheres").iterrows():
        body = leg.getBodySet().get(str(row["body"]))
        factor = foot_length(leg, str(row["body"])[-1]) / _REFERENCE_FOOT_M
        location = [factor * float(row[c]) for c in ("x_m", "y_m", "z_m")]
        sphere = opensim.ContactSphere(factor * float(row["radius_m"]), vec3(location), body, str(row["sphere"]))
        leg.addContactGeometry(sphere)
        leg.addForce(_contact_force(f"SmoothSphereHalfSpaceForce_{row['sphere']}", sphere, floor))
    return len(table("contact_spheres"))


def foot_length(leg: Any, side: str) -> float:
    """Distance in m from the heel body's origin to the toe joint."""
    joint = leg.getJointSet().get(f"mtp_{side}")
    return math.hypot(*vector(joint.getParentFrame().findTransformInBaseFrame().p()))


def _contact_force(name: str, sphere: Any, floor: Any) -> Any:
    force = opensim.SmoothSphereHalfSpaceForce(name, sphere, floor)
    force.set_stiffness(STIFFNESS)
    force.set_dissipation(DISSIPATION)
    force.set_static_friction(STATIC_FRICTION)
    force.set_dynamic_friction(DYNAMIC_FRICTION)
    force.set_viscous_friction(VISCOUS_FRICTION)
    force.set_transition_velocity(TRANSITION_VELOCITY_M_S)
    return force
