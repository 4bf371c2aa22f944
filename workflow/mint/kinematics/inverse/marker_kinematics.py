"""Marker positions of an OpenSim model and their first and second derivatives with respect to its independent
coordinates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import opensim
from scipy.sparse import csr_array

from mint.core.status import Reason, StageError
from mint.kinematics.inverse.filtering import Array
from mint.kinematics.model.export import items

_TWO_TURNS = 4 * np.pi - 1e-3


class MarkerKinematics:
    """Positions and Jacobian of markers; dependent coordinates follow the model's linear couplers.

    Order of coordinates is the model's; `names`, `lower`, `upper` and `neutral` (r,) are of the independent ones, in
    rad or m, without limit where the model does not clamp. Simbody's generalized speeds equal the rates of the
    coordinates in every joint type used here (checked at construction). `state` is one of the model if that has been
    initialized; it is changed.
    """

    def __init__(self, model: Any, markers: Sequence[str], state: Any = None) -> None:
        self._model, self._state = model, model.initSystem() if state is None else state
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
        self._place = coordinate_places(model, self._state)
        self.independent, self.expand, self.offset = self._reduction()
        own = [coordinates[i] for i in self.independent]
        self.names = [c.getName() for c in own]
        self.lower, self.upper = (np.array(ends) for ends in zip(*map(_range, own), strict=True))
        self.neutral = self.default[self.independent]
        by_place = np.empty_like(self.expand)
        by_place[self._place] = self.expand
        self._shares = csr_array(by_place.T)
        self._marker_of, self._before = self._order()

    def _reduction(self) -> tuple[list[int], Array, Array]:
        """Independent coordinates, and `E (m, r)`, `e (m,)` with q = E q_independent + e."""
        dependent = {}
        for constraint in items(self._model.getConstraintSet()):
            coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraint)
            if coupler is None or not coupler.get_isEnforced():
                continue
            dependent[coupler.getDependentCoordinateName()] = _line(coupler)
        independent = [
            i for i, c in enumerate(self._coordinates) if c.getName() not in dependent and not c.getDefaultLocked()
        ]
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
        return np.array([marker.getLocationInGround(self._state).to_numpy() for marker in self._markers])

    def jacobian(self) -> Array:
        """Derivative (k, 3, r) of the positions at the last `positions` call."""
        return self.derivatives()[0]

    def derivatives(self) -> tuple[Array, Callable[[Array], Array]]:
        """Derivative (k, 3, r) of the positions at the last `positions` call, and a function of forces (k, 3) on the
        markers: second derivative (r, r) of their work, the sum of force times position.

        A rotation i before j, on the way from ground to a marker at p, turns what j does: d2p / dqi dqj = w_i x dp/dqj
        with w_i the angular velocity per unit speed. Exact where joints turn about axes by their coordinates; what
        functions of a coordinate bend (the knee's translations) is left out.
        """
        turning, moving = self._rates()
        jacobian = (self._shares @ moving.reshape(3 * len(self._markers), -1).T).T

        def second(forces: Array) -> Array:
            axes = turning[self._marker_of, :, np.arange(turning.shape[-1])]
            x, y, z = (moving[:, axis].T for axis in range(3))
            fx, fy, fz = forces.T
            moments = np.stack([y @ fz - z @ fy, z @ fx - x @ fz, x @ fy - y @ fx], axis=1)
            upper = (axes @ moments.T) * self._before
            whole = upper + upper.T - np.diag(np.diag(upper))
            return np.asarray(self._shares @ (self._shares @ whole).T)

        return jacobian.reshape(len(self._markers), 3, -1), second

    def has_body(self, name: str) -> bool:
        """Whether the model has a body of this name."""
        return bool(self._model.getBodySet().contains(name))

    def turning(self, bodies: Sequence[str]) -> Array:
        """Angular velocity (b, 3, r) of bodies, in ground, per unit rate, at the last `positions` call."""
        indexes, stations = opensim.SimTKArrayMobilizedBodyIndex(), opensim.SimTKArrayVec3()
        for name in bodies:
            indexes.push_back(self._model.getBodySet().get(name).getMobilizedBodyIndex())
            stations.push_back(opensim.Vec3(0))
        matrix = opensim.Matrix()
        self._matter.calcFrameJacobian(self._state, indexes, stations, matrix)
        rates = matrix.to_numpy().reshape(len(bodies), 2, 3, -1)[:, 0]
        return np.asarray((self._shares @ rates.reshape(3 * len(bodies), -1).T).T.reshape(len(bodies), 3, -1))

    def _rates(self) -> tuple[Array, Array]:
        """Angular velocity of each marker's body and velocity of the marker (k, 3, u), in ground, per unit speed."""
        matrix = opensim.Matrix()
        self._matter.calcFrameJacobian(self._state, self._bodies, self._stations, matrix)
        rates = matrix.to_numpy().reshape(len(self._markers), 2, 3, -1)
        return rates[:, 0], rates[:, 1]

    def _order(self) -> tuple[Array, Array]:
        """By places in q: a marker (u,) that each coordinate turns, and whether coordinate i is j or comes before it
        (u, u) on the way from ground to some marker."""
        self.positions(self.neutral + 0.1)
        turning, moving = (np.abs(rates).max(axis=1) for rates in self._rates())
        acts = np.maximum(turning, moving) > 0
        rank = np.empty(acts.shape[1], dtype=int)
        for coordinate, place in zip(self._coordinates, self._place, strict=True):
            rank[place] = _rank(coordinate)
        common = acts.T.astype(float) @ acts > 0
        return np.argmax(turning, axis=0), common & (rank[:, None] <= rank)


def coordinate_places(model: Any, state: Any) -> list[int]:
    """Index of every coordinate of the model in the state's q vector, found by marking one at a time.

    Raises `StageError(MODEL_INCOMPLETE)` for a coordinate that is not one of q.
    """
    places = []
    for coordinate in items(model.getCoordinateSet()):
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


def _rank(coordinate: Any) -> int:
    """Place in the order in which coordinates act from ground outward: joints by their bodies, in a joint translations
    (in the parent) before rotations, and these by turn."""
    joint = coordinate.getJoint()
    child = opensim.PhysicalFrame.safeDownCast(joint.getChildFrame().findBaseFrame())
    first = 4 * child.getMobilizedBodyIndex()
    custom = opensim.CustomJoint.safeDownCast(joint)
    if custom is None:
        names = [joint.get_coordinates(i).getName() for i in range(joint.numCoordinates())]
        return int(first + 1 + names.index(coordinate.getName()))
    for turn in range(3):
        names = custom.getSpatialTransform().getTransformAxis(turn).getCoordinateNamesInArray()
        if coordinate.getName() in [names.get(i) for i in range(names.size())]:
            return int(first + 1 + turn)
    return int(first)


def _range(coordinate: Any) -> tuple[float, float]:
    """Ends of a coordinate's range. A rotation free for a turn to either side has none: such an end bounds no posture,
    it only stops an arm whose angles wind up on the way past a joint's singular direction."""
    lower, upper = coordinate.getRangeMin(), coordinate.getRangeMax()
    turns = coordinate.getMotionType() == opensim.Coordinate.Rotational and upper - lower >= _TWO_TURNS
    return (-np.inf, np.inf) if turns or not coordinate.getDefaultClamped() else (lower, upper)


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
