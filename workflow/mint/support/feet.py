"""Paths of the soles over a window, from coordinates and the leg model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason, StageError
from mint.kinematics.leg_kinematics import ForwardKinematics, place

Array = np.ndarray[Any, Any]

SIDES = ("r", "l")
_LOADED_M = 0.003


@dataclass(frozen=True)
class Soles:
    """Contact spheres of both feet (side order r, l): `points (n,2,s,3)` m, their lowest points, OpenSim frame."""

    points: Array

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


def read_soles(leg_model_json: str | Path, coordinates: list[str], q: Array) -> Soles:
    """Soles for `q (n,m)` rad, m. Raises StageError(MODEL_INCOMPLETE) if a side has no contact sphere."""
    record = json.loads(Path(leg_model_json).read_text(encoding="utf-8"))
    poses = ForwardKinematics(record).transforms(coordinates, q)
    feet = []
    for side in SIDES:
        spheres = [c for c in record["contacts"] if str(c["body"]).endswith(f"_{side}")]
        if not spheres:
            raise StageError(Reason.MODEL_INCOMPLETE, f"{leg_model_json}: contacts: no sphere on side {side}")
        centers = np.stack([place(poses[c["body"]], c["location_m"]) for c in spheres], axis=1)
        feet.append(centers - np.array([0.0, 1.0, 0.0]) * np.array([c["radius_m"] for c in spheres])[:, None])
    count = min(foot.shape[1] for foot in feet)
    return Soles(np.stack([foot[:, :count] for foot in feet], axis=1))
