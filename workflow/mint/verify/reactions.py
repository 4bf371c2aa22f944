"""What hips, knees and ankles carry in a solution, muscle forces included."""

from __future__ import annotations

from typing import Any

import numpy as np
import opensim

from mint.core.bundle import Bundle
from mint.kinematics.model.joint_loads import JointLoads, force_wrench, tension_wrench
from mint.verify.leg_dynamics import LegDynamics
from mint.verify.metrics import sphere_order

Array = np.ndarray[Any, Any]
# Joint -> its child body, on which the force acts, without the side.
JOINTS = {"hip": "femur", "knee": "tibia", "ankle": "talus"}
SIDES = ("r", "l")


def joint_reactions(dynamics: LegDynamics, trajectory: Bundle) -> dict[str, Array]:
    """`reaction_joints (6,)` and `reaction (n, 6, 6)`: force N and moment N m on the child body of each joint, about
    the origin of the joint's frame on it, in the axes of the body (x forward, y up, z right in the neutral pose).

    Loads are the muscle forces along OpenSim's paths and the sphere forces of the solution.
    """
    names = [f"{joint}_{side}" for side in SIDES for joint in JOINTS]
    loads = JointLoads(dynamics.model, [f"{body}_{side}" for side in SIDES for body in JOINTS.values()])
    muscles = dynamics.model.getMuscles()
    paths = [opensim.GeometryPath.safeDownCast(muscles.get(name).updPath()) for name in trajectory.names("muscles")]
    order, bodies = sphere_order(dynamics, trajectory), [contact["body"] for contact in dynamics.record["contacts"]]
    q, qd, qdd = (np.asarray(trajectory[name], dtype=float) for name in ("q", "qd", "qdd"))
    out = np.zeros((len(q), len(names), 6))
    for k in range(len(q)):
        udot = dynamics.put(q[k], qd[k], qdd[k])
        dynamics.model.realizeVelocity(dynamics.state)
        wrench = force_wrench(
            dynamics.model,
            dynamics.state,
            bodies,
            trajectory["sphere_force_N"][k, order],
            trajectory["sphere_point_m"][k, order],
            loads.count,
        )
        wrench += tension_wrench(dynamics.state, paths, trajectory["muscle_force_N"][k], loads.count)
        out[k] = loads.at(dynamics.state, udot, wrench)
    return {"reaction_joints": np.array(names), "reaction": out}
