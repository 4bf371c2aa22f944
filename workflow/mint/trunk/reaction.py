"""What the joint between the fifth lumbar vertebra and the sacrum carries, forces of trunk and leg muscles included."""

from __future__ import annotations

from typing import Any

import numpy as np
import opensim

from mint.kinematics.model.export import items, vector
from mint.kinematics.model.joint_loads import JointLoads, force_wrench, strut_wrench, tension_wrench
from mint.trunk.demand import GroundForces
from mint.trunk.model import Float, TrunkModel
from mint.trunk.motion import Motion
from mint.trunk.optimize import Actors, TrunkSolution

_BELOW, _ABOVE = "lumbar5", "lumbar4"


def lumbosacral_reaction(
    model: TrunkModel, motion: Motion, ground: GroundForces, actors: Actors, solution: TrunkSolution, given_N: Float
) -> dict[str, Any]:
    """`l5s1_reaction (n, 6)`: force N and moment N m on the fifth lumbar vertebra, about the origin of the joint's
    frame on it, in the axes of the vertebra; `l5s1_axis (3,)`: unit vector in these axes from this joint to the one
    above, so that the component of the force along it is compression. Nothing for a model without these vertebrae."""
    bodies = model.model.getBodySet()
    if not (bodies.contains(_BELOW) and bodies.contains(_ABOVE)):
        return {}
    loads = JointLoads(model.model, [_BELOW])
    paths = [model.paths[name] for name in (*actors.muscles, *actors.given)]
    tension = np.concatenate([solution.muscle_force_N, given_N], axis=1)
    out = np.zeros((len(motion.frames), 6))
    for i in range(len(out)):
        model.pose(motion.q[i], motion.qd[i])
        wrench = force_wrench(
            model.model, model.state, ground.bodies, ground.force_N[i], ground.point_m[i], loads.count
        )
        wrench += tension_wrench(model.state, paths, tension[i], loads.count)
        wrench += strut_wrench(model.model, model.state, actors.struts, solution.strut_N[i], loads.count)
        udot = opensim.Vector.createFromMat(np.ascontiguousarray(motion.qdd[i]))
        out[i] = loads.at(model.state, udot, wrench)[0]
    return {"l5s1_reaction": out, "l5s1_axis": _axis(model.model)}


def _axis(model: Any) -> Float:
    """(3,) unit vector from the joint below to that above the fifth lumbar vertebra, in the axes of the vertebra."""
    below = above = None
    for joint in items(model.getJointSet()):
        if joint.getChildFrame().findBaseFrame().getName() == _BELOW:
            below = np.array(vector(joint.getChildFrame().findTransformInBaseFrame().p()))
        if joint.getChildFrame().findBaseFrame().getName() == _ABOVE:
            above = np.array(vector(joint.getParentFrame().findTransformInBaseFrame().p()))
    assert below is not None and above is not None
    return np.asarray((above - below) / np.linalg.norm(above - below))
