"""Force a muscle can bring to its tendon: the model's own curves with a rigid tendon.

Active: `Muscle.calcInextensibleTendonActiveFiberForce` at activation 1, the same call that OpenSim's
StaticOptimization makes, so active force is linear in activation for every muscle class. That call returns
the force along the fiber; the share along the tendon is the cosine of pennation, which OpenSim's tool leaves
out. Passive: the class's passive fiber curve at the rigid-tendon fiber length (Millard 2013, DeGroote 2016,
Thelen 2003), along the tendon too. Fibers have constant width (Zajac 1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import opensim

from mint.core.status import Reason, StageError
from mint.trunk.model import Float, TrunkModel


def active_force(model: TrunkModel, muscles: Sequence[str], along_tendon: bool = True) -> Float:
    """(m,) N per unit activation at the current pose and speed, along the tendon or along the fiber."""
    state, objects = model.state, model.muscle_objects
    force = np.array([objects[name].calcInextensibleTendonActiveFiberForce(state, 1.0) for name in muscles])
    if not along_tendon:
        return force
    return force * np.array([_fiber(objects[name], state)[1] for name in muscles])


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
