"""Where ground forces act."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def centre_of_pressure(force: Floats, moment: Floats) -> tuple[Floats, Floats]:
    """Where on the floor y = 0 a force acts, and the vertical torque that remains there.

    `force (..., 3)` N and `moment (..., 3)` N m about the ground origin (x forward, y up, z right). With p on
    the floor, moment = p x force + (0, T, 0), hence p_x = M_z / F_y, p_z = -M_x / F_y and
    T = M_y - (p_z F_x - p_x F_z). Returns p (..., 3) m and T (...) N m; NaN or infinite where F_y is 0.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p_x = moment[..., 2] / force[..., 1]
        p_z = -moment[..., 0] / force[..., 1]
        torque = moment[..., 1] - (p_z * force[..., 0] - p_x * force[..., 2])
    return np.stack([p_x, np.zeros_like(p_x), p_z], axis=-1), torque


def pressure(force: Floats, moment: Floats, least_N: float) -> Floats:
    """Centre of pressure (n, 3) m on the floor y = 0 of wrenches about the origin; NaN below `least_N` vertical."""
    point, _ = centre_of_pressure(force, moment)
    return np.where((force[:, 1] >= least_N)[:, None], point, np.nan)
