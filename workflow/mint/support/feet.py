"""Paths of the soles over a window, from coordinates and the leg model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason, StageError
from mint.kinematics.model.forward_kinematics import ForwardKinematics, place

Array = np.ndarray[Any, Any]

SIDES = ("r", "l")
_LOADED_M = 0.003


@dataclass(frozen=True)
class Soles:
    """Contact spheres of both feet (side order r, l): `points (n,2,s,3)` m, their lowest points, OpenSim frame.

    `heading (n,2)` is where the pelvis faces (x, z).
    """

    points: Array
    heading: Array | None = None

    @property
    def flat(self) -> Array:
        """The spheres of both feet in one row, (n,2s,3) m."""
        return np.asarray(self.points.reshape(len(self.points), -1, 3))

    def of_feet(self, chosen: Array) -> Array:
        """Which of the spheres in `flat` belong to the feet `chosen (n,2)`, (n,2s)."""
        return np.repeat(chosen, self.points.shape[2], axis=1)

    @property
    def middle(self) -> Array:
        """Horizontal middle of each foot, (n,2,2) m: x, z."""
        return np.asarray(self.points.mean(axis=2)[..., [0, 2]])

    @property
    def lowest(self) -> Array:
        """Height of each foot's lowest sphere, (n,2) m, above the model's floor y = 0."""
        return np.asarray(self.points[..., 1].min(axis=2))

    def loaded_velocity(self) -> Array:
        """Velocity (n,2,3) m/s of each foot at its lowest spheres (a smooth mean over the lowest few millimetres).

        A foot that rolls over heel or ball is at rest there, relative to what it stands on.
        """
        velocity = np.gradient(self.points, 1 / FRAME_RATE_HZ, axis=0)
        height = self.points[..., 1]
        weight = np.exp(-(height - height.min(axis=2, keepdims=True)) / _LOADED_M)
        return np.asarray(np.sum(velocity * weight[..., None], axis=2) / weight.sum(axis=2)[..., None])


def soles_of(record: Mapping[str, Any], coordinates: Sequence[str], q: Array) -> Soles:
    """Soles of a leg model for `q (n,m)` rad, m. Raises StageError(MODEL_INCOMPLETE) for a side without sphere."""
    poses = ForwardKinematics(record).transforms(coordinates, q)
    feet = []
    for side in SIDES:
        spheres = [c for c in record["contacts"] if str(c["body"]).endswith(f"_{side}")]
        if not spheres:
            raise StageError(Reason.MODEL_INCOMPLETE, f"leg model: contacts: no sphere on side {side}")
        centers = np.stack([place(poses[c["body"]], c["location_m"]) for c in spheres], axis=1)
        feet.append(centers - np.array([0.0, 1.0, 0.0]) * np.array([c["radius_m"] for c in spheres])[:, None])
    count = min(foot.shape[1] for foot in feet)
    forward = poses["pelvis"][0][:, [0, 2], 0] if "pelvis" in poses else None
    return Soles(np.stack([foot[:, :count] for foot in feet], axis=1), forward)


def read_leg_model(path: str | Path) -> dict[str, Any]:
    """The exported leg model. Raises StageError(FILE_CORRUPT) for anything that is not one."""
    try:
        record: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path} is no leg model: {error}") from error
    return record
