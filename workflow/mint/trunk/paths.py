"""Muscle paths at the model's pose: lengths, lengthening speeds, moment arms by the transposed Jacobian.

A path under tension 1 pulls at its points with known forces f_p (sum of the unit vectors to its neighbours).
The power of the tension is -dL/dt, so r_j = sum_p f_p . dx_p/dq_j = -dL/dq_j is the moment arm about
coordinate j (Sherman, Seth, Delp 2013, "What is a moment arm?", ASME DETC2013-13633).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import opensim

from mint.kinematics.model.export import transform
from mint.kinematics.model.vectors import cross
from mint.trunk.model import Float, TrunkModel


@dataclass(frozen=True)
class PathGeometry:
    """Of paths (m,) at one pose: `length_m`, `speed_m_s` (lengthening) and `arms (m, e)`, m, or 1 for translations."""

    length_m: Float
    speed_m_s: Float
    arms: Float


class MusclePaths:
    """The paths of some muscles of a model.

    Those whose points are fixed in their bodies are straight lines between them and are computed together; those that
    wrap or have conditional or moving points are asked of OpenSim one by one.
    """

    def __init__(self, model: TrunkModel, muscles: Sequence[str]) -> None:
        self._model, self._count = model, len(muscles)
        fixed = [_fixed_points(model, name) for name in muscles]
        self._others = [(row, model.paths[name]) for row, name in enumerate(muscles) if fixed[row] is None]
        points = [(row, *point) for row, own in enumerate(fixed) if own is not None for point in own]
        self._muscle = np.array([row for row, *_ in points], dtype=np.int64)
        frames = {index: body for _, index, body, _ in points}
        self._bodies = list(frames.items())
        order = {index: i for i, index in enumerate(frames)}
        self._frame = np.array([order[index] for _, index, *_ in points], dtype=np.int64)
        self._body = np.array([index for _, index, *_ in points], dtype=np.int64)
        self._station = np.array([station for *_, station in points]).reshape(-1, 3)
        self._first = np.flatnonzero(self._muscle[1:] == self._muscle[:-1])  # points that begin a segment

    def at(self, jacobian: Float, projection: Float, qd: Float) -> PathGeometry:
        """Geometry at the model's pose and speeds `qd (u,)`; its system Jacobian is `jacobian (6 b, u)`.

        Moment arms are those about the independent coordinates of `projection (u, e)`.
        """
        length, speed, arms = np.zeros(self._count), np.zeros(self._count), np.zeros((self._count, projection.shape[1]))
        if len(self._muscle):
            length, wrench = self._straight(len(jacobian) // 6)
            speed, arms = -wrench @ (jacobian @ qd), wrench @ (jacobian @ projection)
        if self._others:
            rows = [row for row, _ in self._others]
            force = np.array([self._generalized_force(path, len(jacobian) // 6) for _, path in self._others])
            length[rows] = [path.getLength(self._model.state) for _, path in self._others]
            speed[rows] = [path.getLengtheningSpeed(self._model.state) for _, path in self._others]
            arms[rows] = force @ projection
        return PathGeometry(length, speed, arms)

    def _straight(self, bodies: int) -> tuple[Float, Float]:
        """Length (m,), and wrench (m, 6 b) of unit tension on each body, in ground: moment about its origin, force."""
        placed = [transform(body.getTransformInGround(self._model.state)) for _, body in self._bodies]
        rotation, origin = (np.array([each[part] for each in placed]) for part in ("R", "p"))
        arm = np.einsum("pij,pj->pi", rotation[self._frame], self._station)
        place = arm + origin[self._frame]
        i, j = self._first, self._first + 1
        segment = place[j] - place[i]
        reach = np.sqrt(np.einsum("si,si->s", segment, segment))
        unit = segment / reach[:, None]
        force = np.zeros_like(place)
        force[i] += unit
        force[j] -= unit
        wrench = np.zeros((self._count, bodies, 6))
        np.add.at(wrench, (self._muscle, self._body), np.hstack([cross(arm, force), force]))
        length = np.zeros(self._count)
        np.add.at(length, self._muscle[i], reach)
        return length, wrench.reshape(self._count, 6 * bodies)

    def _generalized_force(self, path: Any, bodies: int) -> Float:
        """(u,) of unit tension, by OpenSim."""
        state, matter = self._model.state, self._model.model.getMatterSubsystem()
        wrenches, result = opensim.VectorOfSpatialVec(bodies, _NOTHING), opensim.Vector()
        path.addInEquivalentForces(state, 1.0, wrenches, opensim.Vector(state.getNU(), 0.0))
        matter.multiplyBySystemJacobianTranspose(state, wrenches, result)
        return np.asarray(result.to_numpy())


_NOTHING = opensim.SpatialVec(opensim.Vec3(0), opensim.Vec3(0))


def _fixed_points(model: TrunkModel, muscle: str) -> list[tuple[int, Any, Float]] | None:
    """Mobilized body, body and station (3,) of each point of a muscle, or None if its path is no chain of fixed
    points."""
    if muscle not in model.points:
        model.points[muscle] = _read_points(model.paths[muscle])
    return model.points[muscle]


def _read_points(path: Any) -> list[tuple[int, Any, Float]] | None:
    points = path.getPathPointSet()
    if path.getWrapSet().getSize():
        return None
    out = []
    for i in range(points.getSize()):
        point = points.get(i)
        fixed = opensim.PathPoint.safeDownCast(point)
        if fixed is None or point.getConcreteClassName() != "PathPoint":
            return None
        frame = fixed.getParentFrame()
        base = opensim.PhysicalFrame.safeDownCast(frame.findBaseFrame())
        station = frame.findTransformInBaseFrame().shiftFrameStationToBase(fixed.get_location())
        out.append((int(base.getMobilizedBodyIndex()), base, station.to_numpy()))
    return out


def moment_arms(model: TrunkModel, muscles: Sequence[str], jacobian: Float) -> Float:
    """(m, u) moment arms at the current pose [m, or 1 for translations], before couplers."""
    coordinates = jacobian.shape[1]
    return MusclePaths(model, muscles).at(jacobian, np.eye(coordinates), np.zeros(coordinates)).arms
