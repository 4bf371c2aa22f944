"""Centre of mass of the whole model along a motion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mint.kinematics.model.export import vector
from mint.kinematics.model.forward_kinematics import Array


def center_of_mass(model: Any, state: Any, coordinates: Sequence[str], q: Array) -> Array:
    """Centre of mass `(n, 3)` m in ground for coordinates `q (n, m)` in rad and m.

    `coordinates` name every coordinate that moves, dependent ones too, so that no assembly is needed. Changes `state`.
    """
    places = [model.getCoordinateSet().get(name) for name in coordinates]
    out = np.zeros((len(q), 3))
    for row in range(len(q)):
        for coordinate, value in zip(places, q[row], strict=True):
            if not coordinate.getLocked(state):
                coordinate.setValue(state, float(value), False)
        model.realizePosition(state)
        out[row] = vector(model.calcMassCenterPosition(state))
    return out
