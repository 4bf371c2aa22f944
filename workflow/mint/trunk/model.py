"""The scaled model as a rigid body system that carries weightless muscle paths (OpenSim)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import opensim
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.kinematics.model.export import transform
from mint.trunk.table import BALANCED, CoordinateRow, Role, Source, choose_table, coordinate_rows

Float = NDArray[np.float64]
_STEP_RAD = 1e-4  # central difference of a coupler's second derivative


@dataclass
class TrunkModel:
    """An OpenSim model whose forces are switched off, and the parts of its u coordinates.

    `coordinates (u,)` are in the order of the state vector (q and u have one length). `projection (u, e)`
    maps independent equilibrium coordinates `equilibrium (e,)` to all: generalized forces tau of the whole
    model act on them as `projection.T @ tau` (principle of virtual work along the couplers).

    `points` and `curves` keep what `mint.trunk.paths` and `mint.trunk.capacity` have read of muscles, which OpenSim
    tells number by number.
    """

    model: Any
    state: Any
    rows: list[CoordinateRow]
    muscle_objects: dict[str, Any]
    paths: dict[str, Any]
    table_name: str
    points: dict[str, list[tuple[int, Any, Float]] | None] = field(default_factory=dict)
    curves: dict[tuple[str, float], Float] = field(default_factory=dict)
    _couplers: dict[str, tuple[Any, str, float]] = field(default_factory=dict)

    @property
    def coordinates(self) -> list[str]:
        """Names in the order of the state."""
        return [row.name for row in self.rows]

    def index(self, *roles: Role) -> NDArray[np.int64]:
        """Positions in the state of the coordinates with one of the roles."""
        return np.array([i for i, row in enumerate(self.rows) if row.role in roles], dtype=np.int64)

    def names(self, *roles: Role) -> list[str]:
        """Names of the coordinates with one of the roles, in the order of the state."""
        return [row.name for row in self.rows if row.role in roles]

    @property
    def muscles(self) -> list[str]:
        """All muscles of the model."""
        return list(self.muscle_objects)

    @property
    def mass_kg(self) -> float:
        """Mass of the whole model."""
        return float(self.model.getTotalMass(self.state))

    @property
    def weight_N(self) -> float:
        """Body weight."""
        return self.mass_kg * float(np.linalg.norm(self.model.get_gravity().to_numpy()))

    def pose(self, q: Float, qd: Float) -> None:
        """Set coordinates and speeds (u,) of the state and realize it to velocity."""
        self.state.setQ(opensim.Vector.createFromMat(np.ascontiguousarray(q)))
        self.state.setU(opensim.Vector.createFromMat(np.ascontiguousarray(qd)))
        self.model.realizeVelocity(self.state)

    def place(self, q: Float) -> None:
        """Set coordinates (u,) of the state and realize it to position, which leaves the muscles' paths alone."""
        self.state.setQ(opensim.Vector.createFromMat(np.ascontiguousarray(q)))
        self.model.realizePosition(self.state)

    def system_jacobian(self) -> Float:
        """(6 b, u): angular then linear velocity in ground of each body's origin, per unit speed."""
        matrix = opensim.Matrix()
        self.model.getMatterSubsystem().calcSystemJacobian(self.state, matrix)
        return np.asarray(matrix.to_numpy())

    def turning(self, bodies: Collection[str]) -> Float:
        """(3, u) angular velocity in ground, per unit speed, of the first of `bodies` that the model has."""
        index = self._first(bodies).getMobilizedBodyIndex()
        return self.system_jacobian()[6 * index : 6 * index + 3]

    def rotation(self, bodies: Collection[str]) -> Float:
        """(3, 3) orientation in ground of the first of `bodies` that the model has."""
        return np.array(transform(self._first(bodies).getTransformInGround(self.state))["R"])

    def _first(self, bodies: Collection[str]) -> Any:
        own = self.model.getBodySet()
        return next(own.get(name) for name in bodies if own.contains(name))

    def projection(self, q: Float) -> Float:
        """(u, e) derivative of all coordinates with respect to those with an equation, at `q (u,)`."""
        order = {name: k for k, name in enumerate(self.names(*BALANCED))}
        position = {name: i for i, name in enumerate(self.coordinates)}
        values = dict(zip(self.coordinates, q, strict=True))
        out = np.zeros((len(self.rows), len(order)))
        for name, k in order.items():
            out[position[name], k] = 1.0
        for i, row in enumerate(self.rows):
            if row.role is Role.COUPLED:
                for name, slope in self._slopes(row, values).items():
                    out[i, order[name]] = slope
        return out

    def _slopes(self, row: CoordinateRow, q: Mapping[str, float]) -> dict[str, float]:
        if row.coupling != "model":
            return row.shares
        function, independent, scale = self._coupler(row.name)
        line = opensim.LinearFunction.safeDownCast(function)
        if line is not None:  # two calls instead of a derivative, which builds two vectors
            return {independent: scale * line.getSlope()}
        order = opensim.StdVectorInt()
        order.append(0)
        return {independent: scale * function.calcDerivative(order, opensim.Vector(1, q[independent]))}

    def _coupler(self, dependent: str) -> tuple[Any, str, float]:
        """Function, independent coordinate and scale factor of the coupler of a dependent coordinate."""
        if dependent in self._couplers:
            return self._couplers[dependent]
        constraints = self.model.getConstraintSet()
        for i in range(constraints.getSize()):
            coupler = opensim.CoordinateCouplerConstraint.safeDownCast(constraints.get(i))
            if coupler is not None and coupler.getDependentCoordinateName() == dependent:
                names = coupler.getIndependentCoordinateNames()
                if names.getSize() == 1:
                    scale = opensim.PropertyHelper.getValueDouble(coupler.getPropertyByName("scale_factor"))
                    self._couplers[dependent] = coupler.getFunction(), str(names.get(0)), float(scale)
                    return self._couplers[dependent]
        raise StageError(
            Reason.MODEL_INCOMPLETE,
            f"the model has no coupler of coordinate {dependent}, which table {self.table_name} asks for",
        )

    def follow_couplers(self, q: Float, qd: Float, qdd: Float) -> None:
        """Fill the coupled columns of (n, u) motions in place from the coordinates they follow."""
        position = {name: i for i, name in enumerate(self.coordinates)}
        for i, row in enumerate(self.rows):
            if row.source is not Source.COUPLED:
                continue
            if row.coupling != "model":
                columns = [position[name] for name in row.shares]
                shares = np.array(list(row.shares.values()))
                for motion in (q, qd, qdd):
                    motion[:, i] = motion[:, columns] @ shares
                continue
            function, independent, scale = self._coupler(row.name)
            j = position[independent]
            line = opensim.LinearFunction.safeDownCast(function)
            if line is not None:
                for motion, constant in ((q, line.getIntercept()), (qd, 0.0), (qdd, 0.0)):
                    motion[:, i] = scale * (line.getSlope() * motion[:, j] + constant)
                continue
            value = [scale * function.calcValue(opensim.Vector(1, x)) for x in q[:, j]]
            slope = np.array([self._slopes(row, {independent: x})[independent] for x in q[:, j]])
            ahead = np.array([self._slopes(row, {independent: x + _STEP_RAD})[independent] for x in q[:, j]])
            behind = np.array([self._slopes(row, {independent: x - _STEP_RAD})[independent] for x in q[:, j]])
            curvature = (ahead - behind) / (2 * _STEP_RAD)
            q[:, i] = value
            qdd[:, i] = slope * qdd[:, j] + curvature * qd[:, j] ** 2
            qd[:, i] = slope * qd[:, j]


def load_model(path: str | Path, coordinate_table: str = "auto") -> TrunkModel:
    """Read a scaled `.osim`; muscles, contact and actuators keep their geometry but apply no force.

    Raises StageError(FILE_MISSING, FILE_CORRUPT, MODEL_INCOMPLETE).
    """
    path = Path(path)
    if not path.exists():
        raise StageError(Reason.FILE_MISSING, f"{path}: scaled model")
    opensim.Logger.setLevelString("error")
    try:
        model = opensim.Model(str(path))
        forces = model.updForceSet()
        for i in range(forces.getSize()):
            forces.get(i).set_appliesForce(False)
        state = model.initSystem()
    except RuntimeError as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: {str(error).splitlines()[0]}") from error
    names = state_order(model, state)
    table_name = choose_table(coordinate_table, names)
    known = coordinate_rows(table_name)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise StageError(
            Reason.MODEL_INCOMPLETE,
            f"{path}: resources/{table_name}.csv has no row for coordinates {', '.join(unknown[:5])}",
        )
    muscles, paths = {}, {}
    for i in range(forces.getSize()):
        muscle = opensim.Muscle.safeDownCast(forces.get(i))
        if muscle is None:
            continue
        name = str(muscle.getName())
        muscles[name], paths[name] = muscle, opensim.GeometryPath.safeDownCast(muscle.updPath())
        if paths[name] is None:
            raise StageError(Reason.MODEL_INCOMPLETE, f"{path}: muscle {name} has no geometry path")
    return TrunkModel(model, state, [known[name] for name in names], muscles, paths, table_name)


def state_order(model: Any, state: Any) -> list[str]:
    """Coordinate names in the order of the state's q: each q is set to its index and read back by name."""
    n = state.getNQ()
    coordinates = model.getCoordinateSet()
    if state.getNU() != n or coordinates.getSize() != n:
        raise StageError(
            Reason.MODEL_INCOMPLETE,
            f"a joint has more position than speed variables: {n} and "
            f"{state.getNU()}, of {coordinates.getSize()} coordinates",
        )
    kept = opensim.Vector(state.getQ())
    state.setQ(opensim.Vector.createFromMat(np.arange(n) * 1e-3))
    found = {}
    for i in range(n):
        coordinate = coordinates.get(i)
        found[round(coordinate.getValue(state) * 1e3)] = str(coordinate.getName())
    state.setQ(kept)
    return [found[k] for k in range(n)]
