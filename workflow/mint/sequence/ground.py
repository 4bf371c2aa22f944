"""Ground reactions in MinT's 18 columns: contact, centre of pressure and free torque of each foot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIDES = ("right", "left")
GRF_COLUMNS = (
    *(f"ground_force_{side}_{kind}{axis}" for side in SIDES for kind in "vp" for axis in "xyz"),
    *(f"ground_torque_{side}_{axis}" for side in SIDES for axis in "xyz"),
)


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


def grf_table(force: Floats, moment: Floats, threshold_N: float) -> tuple[Floats, NDArray[np.bool_]]:
    """The 18 columns of `GRF_COLUMNS` and the contact flags.

    `force`, `moment (n, 2, 3)` of right and left foot, moments about the ground origin. A foot whose vertical
    force is below `threshold_N` has force and torque 0 and centre of pressure NaN. Returns (n, 18), (n, 2).
    """
    contact = force[..., 1] >= threshold_N
    point, torque = centre_of_pressure(force, moment)
    point = np.where(contact[..., None], point, np.nan)
    loaded = np.where(contact[..., None], force, 0.0)
    free = np.zeros_like(force)
    free[..., 1] = np.where(contact, torque, 0.0)
    per_foot = np.concatenate([loaded, point], axis=-1)
    return np.concatenate([per_foot.reshape(len(force), 12), free.reshape(len(force), 6)], axis=-1), contact


def held_centre_of_pressure(grf: Floats) -> Floats:
    """The same table with each missing centre of pressure replaced by the last known one.

    Before a foot's first contact it is the first known one, and 0 for a foot that never touches the floor.
    """
    out = grf.copy()
    for column, name in enumerate(GRF_COLUMNS):
        if "_p" in name.removeprefix("ground_force_"):
            out[:, column] = _held(out[:, column])
    return out


def _held(values: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return np.zeros_like(values)
    last = np.searchsorted(known, np.arange(len(values)), side="right") - 1
    return values[known[np.maximum(last, 0)]]
