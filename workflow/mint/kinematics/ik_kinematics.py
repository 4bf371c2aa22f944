"""Marker positions of an OpenSim model and their derivatives with respect to its independent coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import opensim

from mint.core.status import Reason, StageError
from mint.kinematics.export import items, vector
from mint.kinematics.filtering import Array


class MarkerKinematics:
    """Positions and Jacobian of markers; dependent coordinates follow the model's linear couplers.

    Order of coordinates is the model's; `names`, `lower`, `upper` and `neutral` (r,) are of the independent ones, in
    rad or m, without limit where the model does not clamp. Simbody's generalized speeds equal the rates of the
    coordinates in every joint type used here (checked at construction).
    """

    def __init__(self, model: Any, markers: Sequence[str]) -> None:
        self._model, self._state = model, model.initSystem()
        self._matter = model.getMatterSubsystem()
        self._markers = [model.getMarkerSet().get(name) for name in markers]
        self._bodies, self._stations = opensim.SimTKArrayMobilizedBodyIndex(), opensim.SimTKArrayVec3()
        for marker in self._markers:
            frame = marker.getParentFrame()
            base = opensim.PhysicalFrame.safeDownCast(frame.findBaseFrame())
            self._bodies.push_back(base.getMobilizedBodyIndex())
            location = frame.findTransformInBaseFrame().shiftFrameStationToBase(marker.get_location())
            self._stations.push_back(location)
        coordinates = items(model.getCoordinateSet())
        self.coordinates = [c.getName() for c in coordinates]
        self.default = np.array([c.getDefaultValue() for c in coordinates])
        self._coordinates = coordinates
        self._place = self._places()
        self.independent, self.expand, self.offset = self._reduction()
        own = [coordinates[i] for i in self.independent]
        self.names = [c.getName() for c in own]
        self.lower = np.array([c.getRangeMin() if c.getDefaultClamped() else -np.inf for c in own])
        self.upper = np.array([c.getRangeMax() if c.getDefaultClamped() else np.inf for c in own])
        self.neutral = self.default[self.independent]

    def _places(self) -> list[int]:
        """Index of every coordinate in the state's q vector, found by marking one at a time."""
        state, places = self._state, []
        for coordinate in self._coordinates:
            before = state.getQ().to_numpy()
            locked = coordinate.getLocked(state)
            coordinate.setLocked(state, False)
            value = coordinate.getValue(state)
            coordinate.setValue(state, value + 0.0123, False)
            changed = np.flatnonzero(np.abs(state.getQ().to_numpy() - before) > 1e-9)
            coordinate.setValue(state, value, False)
            coordinate.setLocked(state, locked)
            if len(changed) != 1 or state.getNU() != state.getNQ():
                raise StageError(Reason.MODEL_INCOMPLETE, f"coordinate {coordinate.getName()} is not one of q")
            places.append(int(changed[0]))
        return places

    def _reduction(self) -> tuple[list[int], Array, Array]:
        """Independent coordinates, and `E (m, r)`, `e (m,)` with q = E q_independent + e."""
        dependent = {}
        for constraint in items(self._model.getConstraintSet()):
            coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraint)
            if coupler is None or not coupler.get_isEnforced():
                continue
            dependent[coupler.getDependentCoordinateName()] = _line(coupler)
        independent = [i for i, c in enumerate(self._coordinates)
                       if c.getName() not in dependent and not c.getDefaultLocked()]
        expand, offset = np.zeros((len(self.coordinates), len(independent))), self.default.copy()
        for column, i in enumerate(independent):
            expand[i, column], offset[i] = 1.0, 0.0
        for name, (source, slope, constant) in dependent.items():
            i, j = self.coordinates.index(name), self.coordinates.index(source)
            expand[i], offset[i] = slope * expand[j], slope * offset[j] + constant
        return independent, expand, offset

    def full(self, q_independent: Array) -> Array:
        """All coordinates (m,) from the independent ones (r,)."""
        return np.asarray(self.expand @ q_independent + self.offset)

    def positions(self, q_independent: Array) -> Array:
        """Marker positions (k, 3) m in ground."""
        q = np.empty(len(self.coordinates))
        q[self._place] = self.full(q_independent)
        self._state.setQ(opensim.Vector.createFromMat(q))
        self._model.realizePosition(self._state)
        return np.array([vector(marker.getLocationInGround(self._state)) for marker in self._markers])

    def jacobian(self) -> Array:
        """Derivative (k, 3, r) of the positions at the last `positions` call."""
        matrix = opensim.Matrix()
        self._matter.calcStationJacobian(self._state, self._bodies, self._stations, matrix)
        columns = matrix.to_numpy()[:, self._place]
        return (columns @ self.expand).reshape(len(self._markers), 3, -1)


def _line(coupler: Any) -> tuple[str, float, float]:
    """Source, slope and constant of a linear coupler. Raises `StageError(MODEL_INCOMPLETE)` for any other."""
    names = coupler.getIndependentCoordinateNames()
    function = coupler.getFunction()
    scale = opensim.PropertyHelper.getValueDouble(coupler.getPropertyByName("scale_factor"))
    values = [scale * function.calcValue(opensim.Vector(1, x)) for x in (0.0, 1.0, 2.0)]
    if names.getSize() != 1 or abs(values[2] - 2 * values[1] + values[0]) > 1e-9:
        raise StageError(Reason.MODEL_INCOMPLETE, f"coupler {coupler.getName()} is not linear in one coordinate")
    return names.get(0), values[1] - values[0], values[0]


def task_weights(kinematics: MarkerKinematics, weights: Mapping[str, float]) -> Array:
    """Weight (r,) of the coordinate task of every independent coordinate."""
    return np.array([weights.get(name, 0.0) for name in kinematics.names])
