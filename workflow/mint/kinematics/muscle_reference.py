"""Leg muscles brought back to their published operating range before a model is used.

A model whose geometry was scaled without its muscles keeps fibers and tendons of another body: in the pose2sim
model the soleus stands at 1.70 optimal lengths in neutral stance (0.94 as published) and has 7 % of its strength
there. Optimal fiber length and tendon slack length are set to the published ones times the ratio of path lengths
in the neutral pose, as scaling by OpenSim would have done; a model that agrees with the reference stays as it is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.kinematics.export import items, load_model
from mint.kinematics.leg_muscles import lower_limb_names

_NEUTRAL = ("hip_", "knee_", "ankle_", "subtalar_", "mtp_")


def prepare(model_osim: str | Path, output: str | Path) -> dict[str, float]:
    """Write the model with calibrated leg muscles; returns the ratio of path lengths by MinT name without `LU_`.

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
    model.finalizeFromProperties()
    with atomic_path(output) as temporary:
        model.printToXML(str(temporary))
    return ratios


def path_ratios(model: Any) -> dict[str, float]:
    """Neutral path length of each leg muscle over that of the reference."""
    state = model.initSystem()
    for coordinate in items(model.getCoordinateSet()):
        if coordinate.getName().startswith(_NEUTRAL) and not coordinate.isDependent(state):
            coordinate.setLocked(state, False)
            coordinate.setValue(state, 0.0, False)
    model.assemble(state)
    model.realizePosition(state)
    names = lower_limb_names(model)
    rows = table("leg_muscle_reference").set_index("muscle")["path_length_m"]
    missing = [name for name in names if name not in rows.index]
    if missing:
        raise StageError(Reason.MODEL_INCOMPLETE, f"resources/leg_muscle_reference.csv has no {', '.join(missing)}")
    muscles = model.getMuscles()
    return {muscle: muscles.get(name).getGeometryPath().getLength(state) / float(rows[muscle])
            for muscle, name in names.items()}
