"""A person who stands on a plate, and steps on it: markers, loads, files of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mint.core.bundle import Bundle
from mint.core.motionfiles import write_storage

RATE_HZ, FORCE_HZ, SECONDS = 50.0, 500.0, 2.0
MASS_KG, WEIGHT_N = 70.0, 70.0 * 9.80665
# The right foot, in the ground frame: heel, toe, ankle, m.
FOOT = np.array([[0.90, 0.03, 0.25], [1.13, 0.03, 0.27], [0.95, 0.09, 0.28]])
NAMES = ["R_heel", "R_toe", "R_ankle"]
OPENSIM = ("ground_force_{}_v", "ground_force_{}_p", "ground_torque_{}_")


def validated(start_s: float = 0.0, up_axis: str = "y", **arrays: np.ndarray) -> Bundle:
    """The foot, which stands still, in the ground frame, floor at 0.02 m in the file."""
    markers = np.tile(FOOT + np.array([0.0, 0.02, 0.0]), (int(RATE_HZ * SECONDS) + 1, 1, 1))
    meta = {
        "kind": "markers",
        "frame_rate_hz": RATE_HZ,
        "start_time_s": start_s,
        "up_axis": up_axis,
        "path": "walk.trc",
    }
    return Bundle.of("validate", {"markers": markers, "marker_names": np.asarray(NAMES), **arrays}, meta)


def body(**changes: object) -> Bundle:
    return Bundle.of("body", {}, {"mass_kg": MASS_KG, "ground_m": 0.02, **changes})


def times() -> np.ndarray:
    return np.arange(int(FORCE_HZ * SECONDS) + 1) / FORCE_HZ


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Force [N], centre of pressure [m] in the axes of the file, free moment [N m] `(n, 3)`: a step from 0.4 to 1.2 s, from
    heel to toe, its vertical force that of a walk."""
    time = times()
    share = np.clip((time - 0.4) / 0.8, 0, 1)
    level = np.sin(np.pi * share)
    force = WEIGHT_N * np.stack([-0.2 * np.sin(2 * np.pi * share), 1.1 * level, 0.05 * level], axis=1)
    centre = np.stack([0.92 + 0.2 * share, np.full_like(share, 0.02), np.full_like(share, 0.26)], axis=1)
    return force, centre, np.stack([0 * level, 5 * level, 0 * level], axis=1)


def written(
    path: Path, *parts: np.ndarray, columns: Sequence[str] = OPENSIM, plate: str = "1", start_s: float = 0.0
) -> Path:
    """A table of force, centre and moment `(n, 3)` under names of columns with the plate in them."""
    names = [f"{column.format(plate)}{axis}" for column in columns for axis in "xyz"]
    write_storage(path, times() + start_s, names, np.concatenate(parts, axis=1), "forces")
    return path
