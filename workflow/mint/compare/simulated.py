"""What a merged sequence says about feet and ground, in the words of force plates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]
SIDES = ("r", "l")
_NEEDED = ("frames", "spheres", "sphere_force_N", "sphere_point_m", "leg_coordinates", "leg_q")
_ROOT = ("pelvis_tx", "pelvis_tz", "pelvis_rotation")


@dataclass(frozen=True)
class Simulated:
    """The n frames of a sequence: forces of right and left foot, and where feet and pelvis are, in ground.

    `frames (n,)` at 50/s; `force_N (n, 2, 3)` on the person and `moment_Nm (n, 2, 3)` about the origin of ground;
    `spheres_m (n, 2, s, 3)` places of the contact spheres of a foot at half their clearance above the floor;
    `pelvis_m (n, 2)` forward and right coordinate, `facing_rad (n,)` rotation of the pelvis about the vertical;
    `belt_m_s (3,)`; `weight_N` body weight.
    """

    frames: NDArray[np.int64]
    force_N: Floats
    moment_Nm: Floats
    spheres_m: Floats
    pelvis_m: Floats
    facing_rad: Floats
    belt_m_s: Floats
    weight_N: float

    @property
    def time_s(self) -> Floats:
        """Seconds (n,) since frame 0 of the motion."""
        return np.round(self.frames / FRAME_RATE_HZ, 2)

    def wrench(self, feet: str) -> tuple[Floats, Floats]:
        """Force and moment about the origin (n, 3) of the foot `r` or `l`, or of `both` together."""
        if feet == "both":
            return self.force_N.sum(axis=1), self.moment_Nm.sum(axis=1)
        side = SIDES.index(feet)
        return self.force_N[:, side], self.moment_Nm[:, side]

    def forward(self, start: int, stop: int, standing_speed_m_s: float) -> Floats:
        """Horizontal unit vector (3,): the way of the pelvis relative to the belt over rows [start, stop), or where it
        faces on average if it is slower than that."""
        time_s = (self.frames[stop - 1] - self.frames[start]) / FRAME_RATE_HZ
        way = np.array([0.0, 0.0])
        if time_s > 0:
            way = self.pelvis_m[stop - 1] - self.pelvis_m[start] - self.belt_m_s[[0, 2]] * time_s
        if time_s > 0 and np.linalg.norm(way) / time_s >= standing_speed_m_s:
            x, z = way / np.linalg.norm(way)
        else:
            facing = self.facing_rad[start:stop]
            x, z = np.mean(np.cos(facing)), -np.mean(np.sin(facing))
            length = float(np.hypot(x, z))
            x, z = (x / length, z / length) if length > 1e-6 else (1.0, 0.0)
        return np.array([x, 0.0, z])


def simulated(sequence: Bundle, gravity_m_s2: float = 9.80665) -> Simulated:
    """The feet of a merged sequence. Raises `StageError` if it lacks what is compared."""
    missing = [name for name in _NEEDED if name not in sequence]
    if missing:
        raise StageError(
            Reason.FIELD_MISSING,
            f"sequence.npz has no {', '.join(missing)}: forces cannot be compared",
            remedy="run merge again; chunks of an older version lack these arrays",
        )
    mass_kg = sequence.meta.get("mass_kg")
    if not isinstance(mass_kg, int | float) or not mass_kg > 0:
        raise StageError(
            Reason.FIELD_VALUE,
            f"sequence.npz: mass_kg is {mass_kg!r}, expected kilograms above 0",
            remedy="state mass_kg in the sequence table, and run merge again",
        )
    coordinates, spheres = sequence.names("leg_coordinates"), sequence.names("spheres")
    absent = [name for name in _ROOT if name not in coordinates]
    of_foot = [[i for i, name in enumerate(spheres) if name.endswith(f"_{side}")] for side in SIDES]
    if absent or len(of_foot[0]) != len(of_foot[1]) or not of_foot[0]:
        raise StageError(
            Reason.FIELD_MISSING,
            f"sequence.npz has coordinates {coordinates} and spheres {spheres}: "
            f"expected {', '.join(_ROOT)} and as many spheres of the right as of the left foot",
        )
    force = np.asarray(sequence["sphere_force_N"], dtype=float)
    point = np.asarray(sequence["sphere_point_m"], dtype=float)
    q = np.asarray(sequence["leg_q"], dtype=float)
    tx, tz, turn = (q[:, coordinates.index(name)] for name in _ROOT)
    return Simulated(
        np.asarray(sequence["frames"], dtype=np.int64),
        np.stack([force[:, own].sum(axis=1) for own in of_foot], axis=1),
        np.stack([np.cross(point[:, own], force[:, own]).sum(axis=1) for own in of_foot], axis=1),
        np.stack([point[:, own] for own in of_foot], axis=1),
        np.stack([tx, tz], axis=1),
        turn,
        np.asarray(sequence.meta.get("belt_velocity_m_s") or (0.0, 0.0, 0.0), dtype=float),
        float(mass_kg) * gravity_m_s2,
    )
