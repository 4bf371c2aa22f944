"""Force plates of types 1 to 4 of the C3D format: from samples of channels to force, centre of pressure, free moment.

The C3D file format, user guide of Motion Lab Systems (2021), chapter on force platforms. Axes of a plate: x from the
middle of corners 2 and 3 to that of 1 and 4, y from the middle of corners 3 and 4 to that of 1 and 2, z normal to both,
which points down on the plates of all makers; the origin is the middle of the surface.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.formats.devices import LEAST_LOAD_N, PlateLoad

Floats = NDArray[np.float64]

CHANNELS = {1: 6, 2: 6, 3: 8, 4: 6}


def plate_axes(corners: Floats) -> Floats | None:
    """Axes of a plate as the columns of a rotation `(3, 3)`, from its corners `(4, 3)`; None if they span nothing."""
    first = corners[0] + corners[3] - corners[1] - corners[2]
    second = corners[0] + corners[1] - corners[2] - corners[3]
    normal = np.cross(first, second)
    lengths = [float(np.linalg.norm(each)) for each in (first, second, normal)]
    if not np.all(np.isfinite(corners)) or min(lengths[:2]) < 1e-3 or lengths[2] < 0.1 * lengths[0] * lengths[1]:
        return None
    x, z = first / lengths[0], normal / lengths[2]
    return np.stack([x, np.cross(z, x), z], axis=1)


def wrench(kind: int, samples: Floats, origin: Floats, calibration: Floats | None = None) -> tuple[Floats, Floats]:
    """Force `(n, 3)` N and moment about the middle of the surface `(n, 3)` N m in the axes of a plate of type `kind`.

    `samples (channels, n)` in N, m and N m. `origin` [m] is the vector from the place that moments of types 2 and 4 are
    about to the middle of the surface; of type 3 the distances of the sensors along x and y, and how far the surface
    lies above them. `calibration (6, 6)` turns the samples of type 4 to those of type 2.
    """
    if kind == 1:
        force, zero = samples[:3].T, np.zeros(samples.shape[1])
        place = np.stack([samples[3], samples[4], zero], axis=1)
        return force, np.cross(place, force) + np.stack([zero, zero, samples[5]], axis=1)
    # The transducer lies below the surface, and z points down: files that state a positive depth mean the same.
    if kind == 3:
        x12, x34, y14, y23, z1, z2, z3, z4 = samples
        a, b, depth = abs(origin[0]), abs(origin[1]), -abs(origin[2])
        force = np.stack([x12 + x34, y14 + y23, z1 + z2 + z3 + z4], axis=1)
        moment = np.stack(
            [b * (z1 + z2 - z3 - z4), a * (-z1 + z2 + z3 - z4), b * (-x12 + x34) + a * (y14 - y23)], axis=1
        )
        return force, moment + np.cross(force, np.array([0.0, 0.0, depth]))
    values = samples if calibration is None else calibration @ samples
    force, moment = values[:3].T, values[3:6].T
    return force, moment + np.cross(force, -origin if origin[2] > 0 else origin)


def plate_load(kind: int, force: Floats, moment: Floats, corners: Floats, axes: Floats) -> PlateLoad:
    """Force, centre of pressure, free moment in the axes of `corners (4, 3)` m, from a wrench in those of the plate."""
    normal = force[:, 2]
    loaded = np.abs(normal) > LEAST_LOAD_N
    safe = np.where(loaded, normal, 1.0)
    x, y = -moment[:, 1] / safe, moment[:, 0] / safe
    free = np.where(loaded, moment[:, 2] - x * force[:, 1] + y * force[:, 0], 0.0)
    place = np.stack([x, y, np.zeros_like(x)], axis=1)
    place[~loaded] = np.nan
    around = np.stack([np.zeros_like(free), np.zeros_like(free), free], axis=1)
    return PlateLoad(kind, force @ axes.T, corners.mean(axis=0) + place @ axes.T, around @ axes.T, corners)
