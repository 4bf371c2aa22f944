"""Flexion of hip, knee and ankle that two models share, whatever their joints are, from how their bodies are turned.

A joint angle is measured from where a model's frames lie at zero and about axes that each model has elsewhere: with an
oblique subtalar axis, the same turn of a foot is divided differently between ankle and subtalar joint. Here flexion is
the turn of a segment's long axis in the sagittal plane of its proximal segment, less the same in quiet standing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.kinematics.model.export import load_model, model_record
from mint.kinematics.model.forward_kinematics import ForwardKinematics

Array = np.ndarray[Any, Any]
# Joint: proximal body, distal body, long axis of the distal one (x forward, y up).
_JOINTS = {"hip": ("pelvis", "femur", 1), "knee": ("femur", "tibia", 1), "ankle": ("tibia", "calcn", 0)}


class Flexions:
    """Flexion in a model's poses, measured from its standing."""

    def __init__(self, osim: Path, coordinates: Sequence[str], standing: Array) -> None:
        """`standing (n, m)` rad and m: the median over its frames is standing."""
        self._kinematics = ForwardKinematics(model_record(load_model(osim)))
        self._standing = {name: np.median(angle) for name, angle in self._angles(coordinates, standing).items()}

    def of(self, coordinates: Sequence[str], q: Array) -> dict[str, Array]:
        """Flexion (n,) deg by joint and side (`hip_r`), for `q (n, m)` rad and m; what is absent is at its default."""
        turned = {name: angle - self._standing[name] for name, angle in self._angles(coordinates, q).items()}
        return {name: np.degrees((angle + np.pi) % (2 * np.pi) - np.pi) for name, angle in turned.items()}

    def _angles(self, coordinates: Sequence[str], q: Array) -> dict[str, Array]:
        bodies = self._kinematics.transforms(coordinates, q)
        out = {}
        for name, (proximal, distal, long_axis) in _JOINTS.items():
            for side in "rl":
                above = bodies[proximal if proximal == "pelvis" else f"{proximal}_{side}"][0]
                # The long axis in the proximal frame, and its angle about the mediolateral axis z.
                axis = np.einsum("nji,nj->ni", above, bodies[f"{distal}_{side}"][0][:, :, long_axis])
                out[f"{name}_{side}"] = np.arctan2(axis[:, 1], axis[:, 0])
        return out


def rmse(ours: Sequence[Mapping[str, Array]], theirs: Sequence[Mapping[str, Array]]) -> dict[str, float]:
    """Root mean square difference [deg] by joint over all frames, both sides together."""
    squares: dict[str, list[Array]] = {}
    for own, other in zip(ours, theirs, strict=True):
        for name, angle in own.items():
            squares.setdefault(name[:-2], []).append((angle - other[name]) ** 2)
    return {name: round(float(np.sqrt(np.mean(np.concatenate(each)))), 2) for name, each in squares.items()}
