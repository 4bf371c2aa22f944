"""A person who walks over plates: a merged sequence and what plates and electrodes would have measured, known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.config.compare import CompareConfig
from mint.core.bundle import Bundle
from mint.core.tables import mint_columns

MASS_KG = 70.0
WEIGHT_N = MASS_KG * 9.80665
SPHERES = [f"s{i}_{side}" for side in "rl" for i in range(1, 7)]
# Places of a foot's spheres about the middle of its sole, forward and right, m.
OUTLINE = np.array([[-0.1, 0.0], [0.1, -0.03], [0.1, 0.03], [0.0, 0.02], [0.15, -0.03], [0.15, 0.03]])
COORDINATES = ["pelvis_tx", "pelvis_ty", "pelvis_tz", "pelvis_rotation"]
# Frames in which each foot is on the floor, and where its sole's middle is then, forward and right.
STEPS = {"r": (20, 60, (0.5, 0.1)), "l": (50, 90, (1.2, -0.1))}
PLATE_OF = {"r": "first", "l": "second"}
EXACT = CompareConfig(force_cutoff_hz=1e6)  # no filter: plates are sampled where frames are


def load(frames: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Vertical force N: rises and falls linearly within two frames, on top 1.0 body weight with a dip in the middle."""
    share = (frames - start) / (stop - start)
    plateau = np.clip(np.minimum(frames - start, stop - frames) / 2.0, 0, 1)
    return WEIGHT_N * plateau * (1.0 - 0.15 * np.sin(np.pi * share))


def forces(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Force (n, 2, 3) N of right and left foot, and centres of pressure (n, 2, 3) m, NaN in swing."""
    force, centre = np.zeros((len(frames), 2, 3)), np.full((len(frames), 2, 3), np.nan)
    for i, side in enumerate("rl"):
        start, stop, (x, z) = STEPS[side]
        on = (frames > start) & (frames < stop)
        share = (frames - start) / (stop - start)
        vertical = np.where(on, load(frames, start, stop), 0.0)
        force[:, i] = np.stack([-0.2 * vertical * np.cos(np.pi * share), vertical, 0.05 * vertical], axis=1)
        centre[on, i] = np.stack([x - 0.1 + 0.22 * share, 0 * share, z + 0.005 * share], axis=1)[on]
    return force, centre


def sequence(
    frames: np.ndarray | None = None,
    *,
    shift_m: tuple[float, float] = (0.0, 0.0),
    scale: float = 1.0,
    delay: int = 0,
    turn_rad: float = 0.0,
    **more: Any,
) -> Bundle:
    """The walk as simulated: centres of pressure shifted, forces scaled, activation later by so many frames, everything
    turned about the vertical."""
    frames = np.arange(7, 107) if frames is None else frames
    force, centre = forces(frames - delay)
    force = scale * force
    centre = centre + np.array([shift_m[0], 0.0, shift_m[1]])
    sphere_force, sphere_point = np.zeros((len(frames), 12, 3)), np.zeros((len(frames), 12, 3))
    for i, side in enumerate("rl"):
        start, stop, (x, z) = STEPS[side]
        away = np.where((frames > start) & (frames < stop), 0.0, 0.05)  # half the clearance in swing
        middle = np.stack([np.full(len(frames), x), np.full(len(frames), z)], axis=1)
        middle[frames >= stop] += [1.2, 0.0]
        middle[frames <= start] -= [1.2, 0.0]
        own = slice(6 * i, 6 * i + 6)
        sphere_point[:, own, 0] = middle[:, :1] + OUTLINE[:, 0]
        sphere_point[:, own, 2] = middle[:, 1:] + OUTLINE[:, 1]
        sphere_point[:, own, 1] = away[:, None]
        # All load on two spheres that straddle the centre of pressure, so that their wrench is that of the centre.
        known = np.isfinite(centre[:, i]).all(axis=1)
        for k, across in ((0, 0.02), (1, -0.02)):
            sphere_force[:, 6 * i + k] = force[:, i] / 2
            sphere_point[known, 6 * i + k] = centre[known, i] + [0.0, 0.0, across]
    activation = np.full((len(frames), 402), np.nan)
    for name in ("LU_soleus_r", "LU_gasmed_r", "LU_gaslat_r"):
        activation[:, mint_columns().index(name)] = burst((frames - delay) / 50)
    q = np.stack([0.012 * frames, np.ones(len(frames)), 0 * frames, 0 * frames], axis=1)
    arrays = {
        "frames": frames,
        "activation": activation,
        "spheres": SPHERES,
        "sphere_force_N": turned(sphere_force, turn_rad),
        "sphere_point_m": turned(sphere_point, turn_rad),
        "leg_coordinates": COORDINATES,
        "leg_q": q,
    }
    if turn_rad:
        place = turned(np.stack([q[:, 0], 0 * q[:, 0], q[:, 2]], axis=1), turn_rad)
        arrays["leg_q"] = np.stack([place[:, 0], q[:, 1], place[:, 2], q[:, 3] + turn_rad], axis=1)
    return Bundle.of(
        "merge",
        {**arrays, **more},
        {"sequence_id": "walk", "mass_kg": MASS_KG, "stature_m": 1.75, "belt_velocity_m_s": [0.0, 0.0, 0.0]},
    )


def turned(vectors: np.ndarray, angle_rad: float) -> np.ndarray:
    """Vectors (..., 3) turned about the vertical, forward to the left."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return vectors @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]).T


def burst(time_s: np.ndarray) -> np.ndarray:
    """Activation: 0.1, and a smooth burst about 0.9 s."""
    return 0.1 + 0.6 * np.exp(-(((time_s - 0.9) / 0.15) ** 2))


def corners(x: float, z: float, half: float = 0.25) -> np.ndarray:
    return np.array(
        [[x - half, 0, z - half], [x + half, 0, z - half], [x + half, 0, z + half], [x - half, 0, z + half]]
    )


def measured(
    *, times_s: np.ndarray | None = None, turn_rad: float = 0.0, corners_m: np.ndarray | None = None, **more: Any
) -> Bundle:
    """What two plates under the feet and one pair of electrodes measure of it."""
    time_s = np.arange(0, 2.4, 0.02) if times_s is None else times_s
    force, centre = forces(time_s * 50)
    names = [PLATE_OF[side] for side in "rl"]
    places = np.stack([corners(x, z) for _, _, (x, z) in STEPS.values()]) if corners_m is None else corners_m
    emg_s = np.arange(0, 2.4, 0.001)
    arrays = {
        "plate_names": names,
        "force_time_s": time_s,
        "plate_force_N": turned(np.moveaxis(force, 1, 0), turn_rad),
        "plate_centre_m": turned(np.moveaxis(centre, 1, 0), turn_rad),
        "plate_free_moment_Nm": np.zeros((2, len(time_s), 3)),
        "plate_corners_m": turned(places, turn_rad),
        "emg_channels": ["soleus_r"],
        "emg_time_s": emg_s,
        "emg_envelope_V": 1e-3 * burst(emg_s)[None],
        "emg_flag": [""],
        "emg_recorded": ["RSOL"],
    }
    return Bundle.of("measured", {**arrays, **more}, {"emg_muscles": {"soleus_r": ["LU_soleus_r"]}})


def maxima() -> Bundle:
    return Bundle.of("emg", {"channels": ["soleus_r"], "maximum_V": [1e-3]})
