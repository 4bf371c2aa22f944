"""What muscles can supply of the moments a motion asks for, without their dynamics: cheap enough to steer the motion.

One frame at a time: minimize |a|^2 + w |moment - A a|^2 within the bounds of activation, where column m of A is
moment arm x tendon force of the fully active muscle at rest. It is an upper estimate: a rigid tendon would cost the
plantar flexors half their strength, and all of it at push-off, where in truth the tendon recoils for them. The
muscle problem itself costs a hundred times more and, asked for what no muscle has, does not converge.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import lsq_linear

from mint.config.trajectory import TrajectoryConfig
from mint.trajectory.muscle import MuscleFunctions, MuscleSet, rest_state
from mint.trajectory.paths import Geometry

Array = np.ndarray[Any, Any]

def supplied_moment(muscles: MuscleSet, geometry: Geometry, moment: Array, config: TrajectoryConfig) -> Array:
    """Moments (K, r) N m that muscles supply of `moment` (K, r), at the coordinates of `geometry.moment_arm`."""
    strength = unit_moments(muscles, geometry)  # (K, r, M)
    count = strength.shape[2]
    out = np.zeros_like(moment)
    reserve = np.sqrt(config.capacity_weight) / config.reserve_scale
    for k, (matrix, wanted) in enumerate(zip(strength, moment, strict=True)):
        rows = np.vstack([np.eye(count), reserve * matrix])
        target = np.concatenate([np.zeros(count), reserve * wanted])
        solution = lsq_linear(rows, target, bounds=(config.activation_min, 1.0), method="bvls")
        out[k] = matrix @ solution.x
    return out


def unit_moments(muscles: MuscleSet, geometry: Geometry) -> Array:
    """Moment (K, r, M) N m of each fully active muscle in isometric balance with its tendon."""
    nodes = len(geometry.length)
    functions = MuscleFunctions()
    fixed = np.vstack([geometry.length.ravel(), geometry.speed.ravel(), np.tile(muscles.parameters, nodes)])
    state = rest_state(functions, fixed, 1.0)
    still = fixed.copy()
    still[1] = 0.0
    _, tendon, _, _ = functions.value(np.vstack([np.ones_like(state), state, np.zeros_like(state)]), still)
    force = muscles.maximum_force * tendon.reshape(nodes, -1)  # (K, M)
    return np.swapaxes(geometry.moment_arm * force[:, :, None], 1, 2)
