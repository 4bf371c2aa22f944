"""Moment arms by the transposed Jacobian: generalized forces of paths under unit tension.

A path under tension 1 pulls at its points with known forces f_p (sum of the unit vectors to its neighbours).
The power of the tension is -dL/dt, so r_j = sum_p f_p . dx_p/dq_j = -dL/dq_j is the moment arm about
coordinate j (Sherman, Seth, Delp 2013, "What is a moment arm?", ASME DETC2013-13633).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import opensim

from mint.trunk.model import Float, TrunkModel


def unit_wrenches(model: TrunkModel, muscles: Sequence[str], bodies: int) -> Float:
    """(m, 6 b): moment about body origin, then force, in ground, on each body by unit tension of a muscle."""
    state = model.state
    out = np.zeros((len(muscles), bodies, 6))
    origins = _origins(model, bodies)
    points: list[Any] = []
    directions: list[Any] = []
    index: list[tuple[int, int]] = []
    for row, name in enumerate(muscles):
        pulls = opensim.ArrayPointForceDirection()
        model.paths[name].getPointForceDirections(state, pulls)
        for k in range(pulls.getSize()):
            pull = pulls.get(k)
            frame = pull.frame()
            points.append(frame.findStationLocationInGround(state, pull.point()).to_numpy())
            directions.append(pull.direction().to_numpy())
            index.append((row, int(frame.getMobilizedBodyIndex())))
    rows, body = np.array(index).T
    force = np.array(directions)
    moment = np.cross(np.array(points) - origins[body], force)
    np.add.at(out, (rows, body), np.hstack([moment, force]))
    return out.reshape(len(muscles), 6 * bodies)


def moment_arms(model: TrunkModel, muscles: Sequence[str], jacobian: Float) -> Float:
    """(m, u) moment arms at the current pose [m, or 1 for translations], before couplers."""
    return unit_wrenches(model, muscles, len(jacobian) // 6) @ jacobian


def strut_arms(model: TrunkModel, struts: Sequence[str], jacobian: Float) -> Float:
    """(s, u) generalized forces of PointToPointActuators (cartilage) that push with 1 N.

    OpenSim's actuator with positive control pushes its two points apart.
    """
    bodies = len(jacobian) // 6
    out = np.zeros((len(struts), bodies, 6))
    origins = _origins(model, bodies)
    forces = model.model.getForceSet()
    body_set = model.model.getBodySet()
    for row, name in enumerate(struts):
        strut = opensim.PointToPointActuator.safeDownCast(forces.get(name))
        ends = []
        for body_name, point in ((strut.get_bodyA(), strut.get_pointA()),
                                 (strut.get_bodyB(), strut.get_pointB())):
            body = body_set.get(body_name)
            ends.append((int(body.getMobilizedBodyIndex()),
                         body.findStationLocationInGround(model.state, point).to_numpy()))
        (index_a, a), (index_b, b) = ends
        direction = (a - b) / np.linalg.norm(a - b)
        for index, point, force in ((index_a, a, direction), (index_b, b, -direction)):
            out[row, index] += np.concatenate([np.cross(point - origins[index], force), force])
    return out.reshape(len(struts), 6 * bodies) @ jacobian


def external_generalized_force(model: TrunkModel, jacobian: Float, bodies: Sequence[str], force_N: Float,
                               point_m: Float) -> Float:
    """(u,) generalized force of forces (k, 3) at points (k, 3), both in ground, on named bodies."""
    origins = _origins(model, len(jacobian) // 6)
    body_set = model.model.getBodySet()
    wrench = np.zeros((len(jacobian) // 6, 6))
    for name, force, point in zip(bodies, force_N, point_m, strict=True):
        index = int(body_set.get(name).getMobilizedBodyIndex())
        wrench[index] += np.concatenate([np.cross(point - origins[index], force), force])
    return np.asarray(wrench.reshape(-1) @ jacobian)


def _origins(model: TrunkModel, bodies: int) -> Float:
    """(b, 3) body origins in ground, row = mobilized body index."""
    out = np.zeros((bodies, 3))
    body_set = model.model.getBodySet()
    for i in range(body_set.getSize()):
        body = body_set.get(i)
        out[int(body.getMobilizedBodyIndex())] = body.getPositionInGround(model.state).to_numpy()
    return out
