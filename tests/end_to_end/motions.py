"""AMASS motions changed in ways whose effect on the forces is known: mirrored, turned, raised, broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.core.motionfiles import write_storage

Array = np.ndarray[Any, Any]

_BODY_PAIRS = ((1, 2), (4, 5), (7, 8), (10, 11), (13, 14), (16, 17), (18, 19), (20, 21))
_SAGITTAL = np.diag([-1.0, 1.0, 1.0])


def mirror_order() -> list[int]:
    """Joint that takes the place of each SMPL-H joint in a mirror."""
    order = list(range(52))
    for left, right in (*_BODY_PAIRS, *((22 + i, 37 + i) for i in range(15))):
        order[left], order[right] = right, left
    return order


def read(path: Path) -> dict[str, Array]:
    with np.load(path, allow_pickle=False) as data:
        return {name: data[name] for name in data.files}


def cut(motion: dict[str, Array], first: int, frames: int) -> dict[str, Array]:
    out = dict(motion)
    for name in ("poses", "trans", "dmpls"):
        out[name] = motion[name][first : first + frames]
    return out


def mirrored(motion: dict[str, Array]) -> dict[str, Array]:
    """Reflected in the world plane x = 0: left and right change places."""
    rotations = Rotation.from_rotvec(motion["poses"].reshape(-1, 3)).as_matrix()
    reflected = _SAGITTAL @ rotations @ _SAGITTAL
    poses = Rotation.from_matrix(reflected).as_rotvec().reshape(-1, 52, 3)[:, mirror_order()]
    return {**motion, "poses": poses.reshape(-1, 156), "trans": motion["trans"] @ _SAGITTAL}


def turned(motion: dict[str, Array], degrees: float) -> dict[str, Array]:
    """Turned about the vertical world axis z."""
    turn = Rotation.from_euler("z", degrees, degrees=True)
    poses = motion["poses"].copy()
    poses[:, :3] = (turn * Rotation.from_rotvec(poses[:, :3])).as_rotvec()
    return {**motion, "poses": poses, "trans": turn.apply(motion["trans"])}


def raised(motion: dict[str, Array], metres: float) -> dict[str, Array]:
    return {**motion, "trans": motion["trans"] + [0.0, 0.0, metres]}


def with_nan(motion: dict[str, Array]) -> dict[str, Array]:
    poses = motion["poses"].copy()
    poses[17, 4] = np.nan
    return {**motion, "poses": poses}


def write(path: Path, motion: dict[str, Array]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **motion)


def write_emg(path: Path, channel: str, duration_s: float) -> Path:
    """A made recording of one muscle at 1000 Hz: noise with a burst a second, whose first is half a second after the start."""
    time_s = np.arange(0.0, duration_s, 1e-3)
    size = 0.02 + np.exp(-((time_s % 1 - 0.5) ** 2) / 0.01)
    write_storage(path, time_s, [channel], (size * np.random.default_rng(1).normal(size=len(time_s)))[:, None], "EMG")
    return path
