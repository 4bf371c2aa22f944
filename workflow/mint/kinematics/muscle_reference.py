"""Muscles brought back to their published operating range, and the trunk's mass to where it is, before a model is used.

A model whose geometry was scaled without its muscles keeps fibers and tendons of another body: in the pose2sim
model the soleus stands at 1.70 optimal lengths in neutral stance (0.94 as published) and has 7 % of its strength
there. Optimal fiber length and tendon slack length are set to the published ones times the ratio of path lengths
in the neutral pose, as scaling by OpenSim would have done; a model that agrees with the reference stays as it is.

Trunk muscles of both models show the same trait: those of pose2sim are of a taller spine (multifidus at 0.66 optimal
lengths), and in full402 the pelvis moved away from those that insert there (a lumbar iliocostalis stands at 3.4, where
it has no strength). Fiber and tendon are lengthened together until the fiber has the length that sarcomeres measured in
the neutral posture give it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import opensim

from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError
from mint.core.tables import by_beginning, table
from mint.kinematics.leg_model.muscles import lower_limb_names
from mint.kinematics.model.export import items, load_model

_NEUTRAL = ("hip_", "knee_", "ankle_", "subtalar_", "mtp_")


def prepare(model_osim: str | Path, output: str | Path) -> dict[str, float]:
    """Write the model with calibrated leg and trunk muscles and mass centres of the trunk.

    Returns the ratio of path lengths of leg muscles by MinT
    name without `LU_`, and the factor on the lengths of trunk muscles by the model's name.

    Raises `StageError(MODEL_INCOMPLETE)` if the model lacks a muscle of the reference.
    """
    model = load_model(model_osim)
    ratios = path_ratios(model)
    names = lower_limb_names(model)
    reference = table("leg_muscle_reference").set_index("muscle")
    optimal, slack = reference["optimal_fiber_length_m"], reference["tendon_slack_length_m"]
    for muscle, ratio in ratios.items():
        target = model.getMuscles().get(names[muscle])
        target.set_optimal_fiber_length(ratio * float(optimal[muscle]))
        target.set_tendon_slack_length(ratio * float(slack[muscle]))
    factors = trunk_factors(model)
    for name, factor in factors.items():
        target = model.getMuscles().get(name)
        target.set_optimal_fiber_length(factor * target.get_optimal_fiber_length())
        target.set_tendon_slack_length(factor * target.get_tendon_slack_length())
    move_mass_centres(model)
    model.finalizeFromProperties()
    with atomic_path(output) as temporary:
        model.printToXML(str(temporary))
    return ratios | factors


def move_mass_centres(model: Any) -> None:
    """Put the mass of the trunk where it is in people (`resources/trunk_mass_centres.csv`), if the model has all its
    bodies."""
    rows, bodies = table("trunk_mass_centres"), model.updBodySet()
    if not all(bodies.contains(str(name)) for name in rows["body"]):
        return
    for _, row in rows.iterrows():
        body = bodies.get(str(row["body"]))
        centre = body.getMassCenter()
        body.setMassCenter(opensim.Vec3(centre.get(0) + float(row["x_m"]), centre.get(1), centre.get(2)))


def trunk_factors(model: Any) -> dict[str, float]:
    """Factor on fiber and tendon of each muscle of `resources/trunk_muscle_reference.csv`.

    With a fiber of x optimal lengths at constant thickness, its share along the tendon is the root of
    x^2 - sin^2(pennation) in optimal lengths (Zajac 1989).
    """
    state = _neutral(model)
    out = {}
    for muscle in items(model.getMuscles()):
        name = str(muscle.getName())
        length = by_beginning("trunk_muscle_reference", "normalized_fiber_length", name)
        if length is not None:
            along = np.sqrt(length**2 - np.sin(muscle.get_pennation_angle_at_optimal()) ** 2)
            needed = along * muscle.get_optimal_fiber_length() + muscle.get_tendon_slack_length()
            out[name] = float(muscle.getGeometryPath().getLength(state) / needed)
    return out


def path_ratios(model: Any) -> dict[str, float]:
    """Neutral path length of each leg muscle over that of the reference."""
    state = _neutral(model)
    names = lower_limb_names(model)
    rows = table("leg_muscle_reference").set_index("muscle")["path_length_m"]
    missing = [name for name in names if name not in rows.index]
    if missing:
        raise StageError(Reason.MODEL_INCOMPLETE, f"resources/leg_muscle_reference.csv has no {', '.join(missing)}")
    muscles = model.getMuscles()
    return {
        muscle: muscles.get(name).getGeometryPath().getLength(state) / float(rows[muscle])
        for muscle, name in names.items()
    }


def _neutral(model: Any) -> Any:
    """State with all coordinates of the legs at zero, the others at their defaults."""
    state = model.initSystem()
    for coordinate in items(model.getCoordinateSet()):
        if coordinate.getName().startswith(_NEUTRAL) and not coordinate.isDependent(state):
            coordinate.setLocked(state, False)
            coordinate.setValue(state, 0.0, False)
    model.assemble(state)
    model.realizePosition(state)
    return state
