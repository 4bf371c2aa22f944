"""Generalized forces of what is not a muscle: cartilage struts and forces on the feet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import opensim

from mint.kinematics.model.vectors import cross
from mint.trunk.model import Float, TrunkModel


def strut_arms(model: TrunkModel, struts: Sequence[str], jacobian: Float) -> Float:
    """(s, u) generalized forces of PointToPointActuators (cartilage) that push with 1 N.

    OpenSim's actuator with positive control pushes its two points apart.
    """
    bodies = len(jacobian) // 6
    out = np.zeros((len(struts), bodies, 6))
    forces = model.model.getForceSet()
    body_set = model.model.getBodySet()
    for row, name in enumerate(struts):
        strut = opensim.PointToPointActuator.safeDownCast(forces.get(name))
        ends = []
        for body_name, point in ((strut.get_bodyA(), strut.get_pointA()), (strut.get_bodyB(), strut.get_pointB())):
            body = body_set.get(body_name)
            ends.append((body, body.findStationLocationInGround(model.state, point).to_numpy()))
        (body_a, a), (body_b, b) = ends
        direction = (a - b) / np.linalg.norm(a - b)
        for body, point, force in ((body_a, a, direction), (body_b, b, -direction)):
            out[row, body.getMobilizedBodyIndex()] += _wrench(model, body, force, point)
    return out.reshape(len(struts), 6 * bodies) @ jacobian


def external_generalized_force(
    model: TrunkModel, jacobian: Float, bodies: Sequence[str], force_N: Float, point_m: Float
) -> Float:
    """(u,) generalized force of forces (k, 3) at points (k, 3), both in ground, on named bodies."""
    body_set = model.model.getBodySet()
    wrench = np.zeros((len(jacobian) // 6, 6))
    for name in sorted(set(bodies)):
        body, on = body_set.get(name), [i for i, other in enumerate(bodies) if other == name]
        wrench[body.getMobilizedBodyIndex()] += _wrench(model, body, force_N[on], point_m[on]).sum(axis=0)
    return np.asarray(wrench.reshape(-1) @ jacobian)


def _wrench(model: TrunkModel, body: Any, force: Float, point: Float) -> Float:
    """(.., 6) moment about the body's origin and force, in ground, of forces (.., 3) at points (.., 3)."""
    origin = body.getPositionInGround(model.state).to_numpy()
    return np.concatenate([cross(point - origin, force), force], axis=-1)
