"""The solution of the trunk on the whole model, with the muscles of the legs as the leg model has them."""

from __future__ import annotations

import numpy as np

from mint.core.bundle import Bundle
from mint.exchange.solution import PartSolution, Stretch
from mint.trunk.model import TrunkModel
from mint.trunk.motion import trunk_motion
from mint.trunk.strands import strand_names


def whole_solution(stretch: Stretch, model: TrunkModel) -> PartSolution:
    """Motion of all coordinates and all muscles that either stage solved. Raises StageError for bundles that the model
    does not fit."""
    first = stretch.chunks[0]
    order = model.coordinates
    motions = []
    for chunk in stretch.chunks:
        motion = trunk_motion(model, _bundle(chunk.bundles["trajectory"]), _bundle(chunk.bundles["ik"]))
        motions.append((motion.q, motion.qd, motion.qdd))
    solved = first.names("trajectory", "muscles")
    strands = {name: strand.removeprefix("LU_") for name, strand in strand_names(model.muscles, "lower_limb").items()}
    legs = {name: solved.index(strand) for name, strand in strands.items() if strand in solved}
    columns = list(legs.values())
    trunk = first.names("trunk", "muscles")

    def both(name: str) -> np.ndarray:
        return np.concatenate([stretch.blended("trajectory", name)[:, columns], stretch.blended("trunk", name)], axis=1)

    struts = first.names("trunk", "struts")
    pushes = stretch.blended("trunk", "strut_force_N") if struts else np.zeros((0, 0))
    return PartSolution(
        tuple(order),
        stretch.curve(order, motions),
        (*legs, *trunk),
        both("activation"),
        both("muscle_force_N"),
        {name: pushes[:, i] for i, name in enumerate(struts)},
    )


def _bundle(bundle: Bundle | None) -> Bundle:
    assert bundle is not None
    return bundle
