"""Coordinates of the trunk model as coordinates of its leg model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.core.tables import table
from mint.kinematics.leg_model.torso import (
    LUMBAR,
    TrunkParts,
    lumbar_flexion,
    torso_rotation,
    trunk_parts,
)
from mint.kinematics.model.export import load_model, model_record
from mint.kinematics.model.forward_kinematics import Array, ForwardKinematics

_DISCREPANCY_ANGLES_DEG = (15.0, 30.0, 45.0)


class LegMapping:
    """Map coordinates of one subject's scaled trunk model to its leg model; load once, use for all frames."""

    def __init__(self, scaled_osim: str | Path, leg_osim: str | Path) -> None:
        self._start(model_record(load_model(scaled_osim)), model_record(load_model(leg_osim)))

    @classmethod
    def of_records(cls, scaled: Mapping[str, Any], leg: Mapping[str, Any]) -> LegMapping:
        """The mapping of two exported models."""
        mapping = cls.__new__(cls)
        mapping._start(scaled, leg)
        return mapping

    def _start(self, scaled: Mapping[str, Any], leg: Mapping[str, Any]) -> None:
        self._kinematics = ForwardKinematics(scaled)
        self._reference = trunk_parts(scaled).reference
        self._centre = np.array(next(j for j in leg["joints"] if j["child"] == "torso")["Xp"]["p"])
        dependent = {c["dependent"] for c in leg["couplers"]}
        order = [name for joint in leg["joints"] for name in joint["coordinates"]]
        #: Independent, unlocked coordinates of the leg model, parents first.
        self.leg_coordinates = [n for n in order if n not in dependent and not leg["coordinates"][n]["locked"]]
        rows = table("leg_coordinates").dropna(subset=["full402"])
        self._names = {
            str(r["leg_coordinate"]): str(r["full402"])
            for _, r in rows.iterrows()
            if str(r["full402"]) in scaled["coordinates"]
        }

    def map(self, coordinates: Sequence[str], q: Array) -> tuple[list[str], Array]:
        """`q (n, m)` of the trunk model in rad and m -> names and `(n, p)` of the leg model.

        Common coordinates are copied (one that is not given keeps its default), lumbar angles are the z-x-y
        angles of the torso against the pelvis relative to the default pose, unwrapped over the frames.
        """
        q = np.atleast_2d(np.asarray(q, dtype=float))
        values = self._kinematics.values(coordinates, q)
        angles = self.lumbar_angles(coordinates, q)
        columns = [
            angles[:, LUMBAR.index(name)] if name in LUMBAR else values[self._names.get(name, name)]
            for name in self.leg_coordinates
        ]
        return list(self.leg_coordinates), np.stack(columns, axis=1)

    def lumbar_angles(self, coordinates: Sequence[str], q: Array) -> Array:
        """Extension, bending, rotation `(n, 3)` rad of the torso against the pelvis."""
        neutral = self._kinematics.transforms([], np.zeros((1, 0)))
        rest = torso_rotation(neutral, self._reference, self._centre)[0]
        poses = self._kinematics.transforms(coordinates, q)
        rotation = torso_rotation(poses, self._reference, self._centre) @ rest.T
        return np.unwrap(zxy_angles(rotation), axis=0)


def zxy_angles(rotation: Array) -> Array:
    """Body-fixed z-x-y angles `(n, 3)` rad of rotations `(n, 3, 3)`: R = Rz(a) Rx(b) Ry(c)."""
    a = np.arctan2(-rotation[:, 0, 1], rotation[:, 1, 1])
    b = np.arcsin(np.clip(rotation[:, 2, 1], -1.0, 1.0))
    c = np.arctan2(-rotation[:, 2, 0], rotation[:, 2, 2])
    return np.stack([a, b, c], axis=1)


def torso_discrepancy(scaled: Mapping[str, Any], leg: Mapping[str, Any], parts: TrunkParts) -> dict[str, float]:
    """How far the leg model's torso and whole body are off when the lumbar spine flexes, in m, by angle.

    `com`: centre of mass of the whole body; `shoulder`: the upper arms' origins (largest).
    """
    mapping, kinematics, reduced = (
        LegMapping.of_records(scaled, leg),
        ForwardKinematics(scaled),
        ForwardKinematics(leg),
    )
    out = {}
    for angle in _DISCREPANCY_ANGLES_DEG:
        names, q = lumbar_flexion(scaled, -np.radians(angle))
        leg_names, leg_q = mapping.map(names, q)
        com = kinematics.center_of_mass(names, q) - reduced.center_of_mass(leg_names, leg_q)
        a, b = kinematics.transforms(names, q), reduced.transforms(leg_names, leg_q)
        shoulder = max(np.linalg.norm(a[arm][1] - b[arm][1]) for arm in ("humerus_r", "humerus_l"))
        out[f"com_at_{angle:.0f}_deg_m"] = float(np.linalg.norm(com))
        out[f"shoulder_at_{angle:.0f}_deg_m"] = float(shoulder)
    return out
