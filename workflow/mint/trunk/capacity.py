"""Force a muscle can bring to its tendon: the model's own curves with a rigid tendon.

Active: `Muscle.calcInextensibleTendonActiveFiberForce` at activation 1, the same call that OpenSim's
StaticOptimization makes, so active force is linear in activation for every muscle class. That call returns
the force along the fiber; the share along the tendon is the cosine of pennation, which OpenSim's tool leaves
out. Passive: the class's passive fiber curve at the rigid-tendon fiber length (Millard 2013, DeGroote 2016,
Thelen 2003), along the tendon too. Fibers have constant width (Zajac 1989).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import opensim

from mint.core.status import Reason, StageError
from mint.trunk.model import Float, TrunkModel
from mint.trunk.paths import MusclePaths, PathGeometry


class Capacity:
    """Active force of some muscles of a model per unit activation.

    DeGrooteFregly2016Muscle is a product of two curves of the model, which are read once into tables and interpolated
    for all muscles together (a step of 5e-4 leaves 1e-6 of the isometric force; tested). Other classes, and fibers
    outside the tables, are asked of OpenSim one by one.
    """

    def __init__(self, model: TrunkModel, muscles: Sequence[str]) -> None:
        self._model = model
        self._muscles = [model.muscle_objects[name] for name in muscles]
        self._isometric = np.array([m.get_max_isometric_force() for m in self._muscles])
        self._optimal = np.array([m.get_optimal_fiber_length() for m in self._muscles])
        self._slack = np.array([m.get_tendon_slack_length() for m in self._muscles])
        self._width = self._optimal * np.sin([m.get_pennation_angle_at_optimal() for m in self._muscles])
        self._fastest = self._optimal * np.array([m.get_max_contraction_velocity() for m in self._muscles])
        products = [opensim.DeGrooteFregly2016Muscle.safeDownCast(muscle) for muscle in self._muscles]
        by_scale: dict[float, list[int]] = {}
        for row, muscle in enumerate(products):
            if muscle is not None:
                by_scale.setdefault(muscle.get_active_force_width_scale(), []).append(row)
        self._product = np.array([muscle is not None for muscle in products])
        self._curves = [
            (np.array(rows), self._table("length", scale, products[rows[0]].calcActiveForceLengthMultiplier, _LENGTHS))
            for scale, rows in by_scale.items()
        ]
        some = next((muscle for muscle in products if muscle is not None), None)
        self._force_velocity = (
            None if some is None else self._table("velocity", 1.0, some.calcForceVelocityMultiplier, _VELOCITIES)
        )

    def active(self, geometry: PathGeometry, along_tendon: bool = True) -> Float:
        """(m,) N along the tendon, or along the fiber, at the model's pose, where the paths have `geometry`."""
        length, cosine = self._fibers(geometry)
        velocity = geometry.speed_m_s * cosine / self._fastest
        force = np.zeros(len(length))
        taut = geometry.length_m > self._slack
        known = self._product & taut & (length < _LENGTHS[-1]) & (np.abs(velocity) < _VELOCITIES[-1])
        if self._force_velocity is not None:
            for rows, curve in self._curves:
                force[rows] = np.interp(length[rows], _LENGTHS, curve)
            force *= self._isometric * np.interp(velocity, _VELOCITIES, self._force_velocity)
        for row in np.flatnonzero(~known):
            force[row] = self._muscles[row].calcInextensibleTendonActiveFiberForce(self._model.state, 1.0)
        return force * cosine if along_tendon else force

    def passive(self, geometry: PathGeometry) -> Float:
        """(m,) N along the tendon. Raises StageError(MODEL_INCOMPLETE) for a muscle class without a curve."""
        length, cosine = self._fibers(geometry)
        curve = [_passive_multiplier(muscle, float(x)) for muscle, x in zip(self._muscles, length, strict=True)]
        return self._isometric * curve * cosine

    def _table(self, kind: str, scale: float, curve: Callable[[float], float], at: Float) -> Float:
        """A curve of the model, which is kept with it, at the points of a table."""
        if (kind, scale) not in self._model.curves:
            self._model.curves[kind, scale] = np.array([curve(float(x)) for x in at])
        return self._model.curves[kind, scale]

    def _fibers(self, geometry: PathGeometry) -> tuple[Float, Float]:
        """Fiber length as a multiple of optimal, and cosine of pennation, with tendons at slack length, (m,) each."""
        along = np.maximum(geometry.length_m - self._slack, 0.0)
        fiber = np.hypot(along, self._width)
        return fiber / self._optimal, np.divide(along, fiber, out=np.ones_like(fiber), where=fiber > 0.0)


_LENGTHS = np.linspace(0.0, 3.0, 6001)
_VELOCITIES = np.linspace(-2.0, 2.0, 8001)


def active_force(model: TrunkModel, muscles: Sequence[str], along_tendon: bool = True) -> Float:
    """(m,) N per unit activation at the current pose and speed, along the tendon or along the fiber."""
    return Capacity(model, muscles).active(_geometry(model, muscles), along_tendon)


def passive_force(model: TrunkModel, muscles: Sequence[str]) -> Float:
    """(m,) N along the tendon at the current pose, see `Capacity.passive`."""
    return Capacity(model, muscles).passive(_geometry(model, muscles))


def _geometry(model: TrunkModel, muscles: Sequence[str]) -> PathGeometry:
    """Paths at the model's pose, without moment arms."""
    speeds = np.asarray(model.state.getU().to_numpy())
    return MusclePaths(model, muscles).at(model.system_jacobian(), np.zeros((len(speeds), 0)), speeds)


def _passive_multiplier(muscle: Any, normalized_length: float) -> float:
    kind = muscle.getConcreteClassName()
    if kind == "DeGrooteFregly2016Muscle":
        curve = opensim.DeGrooteFregly2016Muscle.safeDownCast(muscle)
        return float(curve.calcPassiveForceMultiplier(normalized_length))
    if kind == "Millard2012EquilibriumMuscle":
        millard = opensim.Millard2012EquilibriumMuscle.safeDownCast(muscle)
        return float(millard.getFiberForceLengthCurve().calcValue(normalized_length))
    if kind == "Thelen2003Muscle":
        thelen = opensim.Thelen2003Muscle.safeDownCast(muscle)
        shape, strain = thelen.get_KshapePassive(), thelen.get_FmaxMuscleStrain()
        stretch = (normalized_length - 1.0) / strain
        if stretch <= 0.0:
            return 0.0
        # Thelen 2003, equation 3; beyond maximum isometric force its tangent, since a rigid tendon stretches
        # fibers further than the exponential was made for.
        slope = shape * np.exp(shape) / np.expm1(shape)
        return float(np.expm1(shape * min(stretch, 1.0)) / np.expm1(shape) + slope * max(stretch - 1.0, 0.0))
    raise StageError(Reason.MODEL_INCOMPLETE, f"muscle {muscle.getName()}: no passive curve for class {kind}")
