"""The 80 muscles of the lower limbs, named as in MinT and converted to De Groote-Fregly 2016."""

from __future__ import annotations

from typing import Any

import opensim

from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.kinematics.model.export import items

_MODEL_COLUMNS = ("pose2sim_model", "allaire_full_body_model")


def lower_limb_names(model: Any) -> dict[str, str]:
    """MinT name without `LU_` -> name in this model, in MinT's order.

    Raises `StageError(MODEL_INCOMPLETE)` naming the muscles that the model lacks.
    """
    present = {muscle.getName() for muscle in items(model.getMuscles())}
    rows = table("muscles_402")
    names, missing = {}, []
    for _, row in rows[rows["region"] == "lower_limb"].iterrows():
        candidates = [str(row[column]) for column in _MODEL_COLUMNS if str(row[column]) in present]
        mint = str(row["mint_column"]).removeprefix("LU_")
        if candidates:
            names[mint] = candidates[0]
        else:
            missing.append(mint)
    if missing:
        raise StageError(Reason.MODEL_INCOMPLETE, f"model has no muscle {', '.join(missing)}")
    return names


def add_muscles(leg: Any, source: Any, kept: set[str]) -> None:
    """Copy the lower-limb muscles into the leg model and convert them to `DeGrooteFregly2016Muscle`.

    Maximum force, fiber and slack length, pennation and speed are kept; wrap objects came with their bodies.
    Raises `StageError(MODEL_INCOMPLETE)` if a path runs over a body that merged.
    """
    muscles = source.getMuscles()
    for mint, name in lower_limb_names(source).items():
        muscle = muscles.get(name).clone()
        for point in items(muscles.get(name).getGeometryPath().getPathPointSet()):
            body = point.getParentFrame().findBaseFrame().getName()
            if body not in kept:
                raise StageError(Reason.MODEL_INCOMPLETE, f"muscle {name} has a path point on {body}")
        muscle.setName(mint)
        leg.addForce(muscle)
    leg.finalizeConnections()
    opensim.DeGrooteFregly2016Muscle.replaceMuscles(leg, True)
    kinds = {muscle.getConcreteClassName() for muscle in items(leg.getMuscles())}
    if kinds != {"DeGrooteFregly2016Muscle"}:
        raise StageError(Reason.MODEL_INCOMPLETE, f"no conversion from muscles of type {sorted(kinds)}")
