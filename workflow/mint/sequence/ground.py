"""Ground reactions in MinT's 18 columns: contact, centre of pressure and free torque of each foot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.core.pressure import centre_of_pressure

Floats = NDArray[np.float64]

SIDES = ("right", "left")
GRF_COLUMNS = (
    *(f"ground_force_{side}_{kind}{axis}" for side in SIDES for kind in "vp" for axis in "xyz"),
    *(f"ground_torque_{side}_{axis}" for side in SIDES for axis in "xyz"),
)


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
        if "_p" in name:
            out[:, column] = _held(out[:, column])
    return out


def _held(values: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(values))
    if not len(known):
        return np.zeros_like(values)
    last = np.searchsorted(known, np.arange(len(values)), side="right") - 1
    return values[known[np.maximum(last, 0)]]
