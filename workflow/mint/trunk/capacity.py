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
        self._curves = [(np.array(rows), _values(products[rows[0]].calcActiveForceLengthMultiplier, _LENGTHS))
                        for rows in by_scale.values()]
        some = next((muscle for muscle in products if muscle is not None), None)
        self._force_velocity = _values(some.calcForceVelocityMultiplier, _VELOCITIES) if some is not None else None

    def active(self, geometry: PathGeometry, along_tendon: bool = True) -> Float:
        """(m,) N along the tendon, or along the fiber, at the model's pose, where the paths have `geometry`."""
        along = geometry.length_m - self._slack
        fiber = np.hypot(along, self._width)
        cosine = np.divide(np.maximum(along, 0.0), fiber, out=np.ones_like(fiber), where=along > 0.0)
        length, velocity = fiber / self._optimal, geometry.speed_m_s * cosine / self._fastest
        force = np.zeros(len(length))
        known = self._product & (along > 0.0) & (length < _LENGTHS[-1]) & (np.abs(velocity) < _VELOCITIES[-1])
        if self._force_velocity is not None:
            for rows, curve in self._curves:
                force[rows] = np.interp(length[rows], _LENGTHS, curve)
            force *= self._isometric * np.interp(velocity, _VELOCITIES, self._force_velocity)
        for row in np.flatnonzero(~known):
            force[row] = self._muscles[row].calcInextensibleTendonActiveFiberForce(self._model.state, 1.0)
        return force * cosine if along_tendon else force


_LENGTHS = np.linspace(0.0, 3.0, 6001)
_VELOCITIES = np.linspace(-2.0, 2.0, 8001)


def _values(curve: Callable[[float], float], at: Float) -> Float:
    return np.array([curve(float(x)) for x in at])


def active_force(model: TrunkModel, muscles: Sequence[str], along_tendon: bool = True) -> Float:
    """(m,) N per unit activation at the current pose and speed, along the tendon or along the fiber."""
    jacobian, speeds = model.system_jacobian(), np.asarray(model.state.getU().to_numpy())
    geometry = MusclePaths(model, muscles).at(jacobian, np.zeros((len(speeds), 0)), speeds)
    return Capacity(model, muscles).active(geometry, along_tendon)


def passive_force(model: TrunkModel, muscles: Sequence[str]) -> Float:
    """(m,) N along the tendon at the current pose. Raises StageError for a muscle class without a curve."""
    return np.array([_passive(model.muscle_objects[name], model.state) for name in muscles])


def _fiber(muscle: Any, state: Any) -> tuple[float, float]:
    """Fiber length as a multiple of optimal, and cosine of pennation, with the tendon at slack length."""
    optimal = muscle.get_optimal_fiber_length()
    along = max(muscle.getLength(state) - muscle.get_tendon_slack_length(), 0.0)
    fiber = float(np.hypot(along, optimal * np.sin(muscle.get_pennation_angle_at_optimal())))
    return fiber / optimal, along / fiber if fiber > 0.0 else 1.0


def _passive(muscle: Any, state: Any) -> float:
    length, cosine = _fiber(muscle, state)
    return float(muscle.get_max_isometric_force() * _passive_multiplier(muscle, length) * cosine)


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
