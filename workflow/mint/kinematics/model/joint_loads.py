"""What joints carry: Newton's and Euler's equations of the bodies beyond each joint, all applied loads included.

The reaction on the child is what the bodies on its side of the joint need for their accelerations beyond weight and
applied loads (Steele et al. 2012, doi:10.1016/j.gaitpost.2011.11.005; OpenSim's JointReaction finds the same).
Generalized forces of coordinates are transmitted by the joint, so they are part of its moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import opensim

from mint.core.status import Reason, StageError
from mint.kinematics.model.export import items, transform, vector
from mint.kinematics.model.vectors import cross

Array = np.ndarray[Any, Any]
_NOTHING = opensim.SpatialVec(opensim.Vec3(0), opensim.Vec3(0))


class JointLoads:
    """Reactions in some joints of a model without loops, whose joints are named by their child bodies."""

    def __init__(self, model: Any, children: Sequence[str]) -> None:
        """Raises StageError(MODEL_INCOMPLETE) for a body that no joint moves."""
        self._model, self._matter = model, model.getMatterSubsystem()
        joints = {joint.getChildFrame().findBaseFrame().getName(): joint for joint in items(model.getJointSet())}
        missing = [name for name in children if name not in joints]
        if missing:
            raise StageError(Reason.MODEL_INCOMPLETE, f"no joint of the model moves a body {missing[0]}")
        self._bodies = {body.getName(): body for body in items(model.getBodySet())}
        self._index = {name: int(body.getMobilizedBodyIndex()) for name, body in self._bodies.items()}
        self._rows = list(self._index.values())
        self._frames = [opensim.PhysicalFrame.safeDownCast(joints[name].getChildFrame()) for name in children]
        self._beyond = [self._descendants(name, joints) for name in children]
        self._mass = np.array([body.getMass() for body in self._bodies.values()])
        self._centre = np.array([vector(body.getMassCenter()) for body in self._bodies.values()])
        self._inertia = np.array([_inertia(body) for body in self._bodies.values()])
        self._gravity = np.array(vector(model.getGravity()))
        #: Mobilized bodies, ground included: rows of what `at` takes.
        self.count = max(self._index.values()) + 1

    def at(self, state: Any, udot: Any, wrench: Array) -> Array:
        """(j, 6) force N and moment N m about the origin of the joint's frame on the child, on the child, in its axes.

        `state` is realized to velocity; `udot` (a `Vector`) are the accelerations; `wrench (b, 6)` are the loads on
        each mobilized body, in ground: moment about its origin, force.
        """
        needed, origin = self._needed(state, udot)
        out = np.zeros((len(self._frames), 6))
        for row, (frame, names) in enumerate(zip(self._frames, self._beyond, strict=True)):
            rotation = np.array(transform(frame.findBaseFrame().getTransformInGround(state))["R"])
            centre = np.array(vector(frame.getPositionInGround(state)))
            rows = [self._index[name] for name in names]
            lacking = needed[rows] - wrench[rows]
            force = lacking[:, 3:].sum(axis=0)
            moment = (lacking[:, :3] + cross(origin[rows] - centre, lacking[:, 3:])).sum(axis=0)
            out[row] = np.concatenate([rotation.T @ force, rotation.T @ moment])
        return out

    def _needed(self, state: Any, udot: Any) -> tuple[Array, Array]:
        """Wrench (b, 6) about its origin that each body needs beyond weight, and origins (b, 3), in ground."""
        accelerations = opensim.VectorOfSpatialVec()
        self._matter.calcBodyAccelerationFromUDot(state, udot, accelerations)
        poses = [transform(body.getTransformInGround(state)) for body in self._bodies.values()]
        moving = [accelerations.get(index) for index in self._rows]
        rotation, origin = np.array([pose["R"] for pose in poses]), np.array([pose["p"] for pose in poses])
        turning, linear = (np.array([vector(each.get(part)) for each in moving]) for part in (0, 1))
        speed = np.array([vector(body.getAngularVelocityInGround(state)) for body in self._bodies.values()])
        arm = np.einsum("bij,bj->bi", rotation, self._centre)
        inertia = rotation @ self._inertia @ np.swapaxes(rotation, 1, 2)
        at_centre = linear + cross(turning, arm) + cross(speed, cross(speed, arm))
        force = self._mass[:, None] * (at_centre - self._gravity)
        spin = np.einsum("bij,bj->bi", inertia, turning) + cross(speed, np.einsum("bij,bj->bi", inertia, speed))
        needed, origins = np.zeros((self.count, 6)), np.zeros((self.count, 3))
        needed[self._rows] = np.concatenate([spin + cross(arm, force), force], axis=1)
        origins[self._rows] = origin
        return needed, origins

    def _descendants(self, child: str, joints: Mapping[str, Any]) -> list[str]:
        """The body and all that it carries."""
        parents = {name: joint.getParentFrame().findBaseFrame().getName() for name, joint in joints.items()}
        found, more = [child], True
        while more:
            further = [name for name, parent in parents.items() if parent in found and name not in found]
            found, more = found + further, bool(further)
        return found


def tension_wrench(state: Any, paths: Sequence[Any], tension_N: Array, bodies: int) -> Array:
    """(bodies, 6) loads on mobilized bodies, in ground: moment about the origin, force; of paths under tension (m,)."""
    loads, unused = opensim.VectorOfSpatialVec(bodies, _NOTHING), opensim.Vector(state.getNU(), 0.0)
    for path, tension in zip(paths, tension_N, strict=True):
        path.addInEquivalentForces(state, float(tension), loads, unused)
    return np.array([vector(loads.get(i).get(part)) for i in range(bodies) for part in (0, 1)]).reshape(bodies, 6)


def force_wrench(model: Any, state: Any, on: Sequence[str], force_N: Array, point_m: Array, bodies: int) -> Array:
    """The same of forces (k, 3) at points (k, 3), in ground, on the bodies named in `on (k,)`."""
    there = {name: model.getBodySet().get(name) for name in on}
    origin = {name: vector(body.getPositionInGround(state)) for name, body in there.items()}
    arm = np.asarray(point_m) - np.array([origin[name] for name in on]).reshape(-1, 3)
    out = np.zeros((bodies, 6))
    np.add.at(
        out,
        [int(there[name].getMobilizedBodyIndex()) for name in on],
        np.concatenate([cross(arm, force_N), force_N], axis=1),
    )
    return out


def strut_wrench(model: Any, state: Any, names: Sequence[str], push_N: Array, bodies: int) -> Array:
    """The same of PointToPointActuators that push their two points apart (s,)."""
    on, points, forces = [], [], []
    for name, push in zip(names, push_N, strict=True):
        strut = opensim.PointToPointActuator.safeDownCast(model.getForceSet().get(name))
        ends = ((strut.get_bodyA(), strut.get_pointA()), (strut.get_bodyB(), strut.get_pointB()))
        a, b = (
            np.array(vector(model.getBodySet().get(body).findStationLocationInGround(state, point)))
            for body, point in ends
        )
        along = float(push) * (a - b) / np.linalg.norm(a - b)
        on += [ends[0][0], ends[1][0]]
        points += [a, b]
        forces += [along, -along]
    return force_wrench(model, state, on, np.reshape(forces, (-1, 3)), np.reshape(points, (-1, 3)), bodies)


def _inertia(body: Any) -> Array:
    """(3, 3) kg m^2 about the centre of mass, in axes of the body."""
    inertia = body.getInertia()
    xx, yy, zz = vector(inertia.getMoments())
    xy, xz, yz = vector(inertia.getProducts())
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
