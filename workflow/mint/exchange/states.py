"""All states of an exported model over a trial, for the GUI's colours of muscles and for a StatesTrajectory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.exchange.solution import PartSolution
from mint.kinematics.model.export import items

Floats = NDArray[np.float64]


def state_columns(model: Any, solution: PartSolution, frames: Floats) -> dict[str, Floats]:
    """Columns (n,) by path of the state as OpenSim 4 names it, in the order of the model, in rad, m and s.

    Coordinates have `/value` and `/speed` along the curve at `frames (n,)`. A muscle has `/activation`, and with a
    compliant tendon `/normalized_tendon_force`: the force of the solution, which is that of the tendon, over the
    largest isometric one. States that the solution does not know, fiber lengths of Thelen's muscles, are left out.
    """
    q, qd, _ = solution.curve.at(frames)
    strength = {muscle.getName(): float(muscle.getMaxIsometricForce()) for muscle in items(model.getMuscles())}
    known: Mapping[str, Mapping[str, Floats]] = {
        "value": {name: q[:, i] for i, name in enumerate(solution.order)},
        "speed": {name: qd[:, i] for i, name in enumerate(solution.order)},
        "activation": {name: solution.activation[:, i] for i, name in enumerate(solution.muscles)},
        "normalized_tendon_force": {
            name: solution.force_N[:, i] / strength[name]
            for i, name in enumerate(solution.muscles)
            if strength.get(name)
        },
    }
    out = {}
    names = model.getStateVariableNames()
    for path in (names.get(i) for i in range(names.getSize())):
        owner, _, kind = path.rpartition("/")
        values = known.get(kind, {}).get(owner.rpartition("/")[2])
        if values is not None:
            out[path] = values
    return out
