"""A leg model and motions whose dynamics are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares

from mint.core.bundle import Bundle
from mint.kinematics.leg_model.derive import derive_leg_model
from mint.kinematics.scaling.contact_height import standing_offset_m
from mint.verify.leg_dynamics import LegDynamics

Array = np.ndarray[Any, Any]
FRAMES = 21
MUSCLED = ("hip_flexion_r", "knee_angle_r", "ankle_angle_r", "hip_flexion_l", "knee_angle_l", "ankle_angle_l")


@dataclass
class Case:
    """A chunk: its files, and how to write them with one array or meta value changed."""

    folder: Path
    leg: Path
    trajectory: Bundle
    ik: Bundle

    def write(self, **changes: Any) -> tuple[Path, Path]:
        meta = {**self.trajectory.meta, **changes.pop("meta", {})}
        arrays = {**self.trajectory.arrays, **changes}
        paths = self.folder / "trajectory.npz", self.folder / "ik.npz"
        Bundle.of("trajectory", arrays, meta).write(paths[0])
        self.ik.write(paths[1])
        return paths

    def column(self, name: str) -> int:
        return self.trajectory.names("coordinates").index(name)


@pytest.fixture(scope="session")
def leg_model(shared: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("leg") / "leg.osim"
    derive_leg_model(shared("models/LaiArnoldModified2017_contacts.osim"), path)
    return path


@pytest.fixture(scope="session")
def dynamics(leg_model: Path) -> LegDynamics:
    return LegDynamics(leg_model, free_coordinates(leg_model))


def free_coordinates(leg_model: Path) -> list[str]:
    found = LegDynamics(leg_model, [])
    dependent = {c["dependent"] for c in found.record["couplers"]}
    return [name for name in found.record["coordinates"] if name not in dependent]


def contact_points(dynamics: LegDynamics, q: Array) -> Array:
    """Where OpenSim's contact acts: half way into the overlap below the sphere."""
    centres = dynamics.sphere_centres(q)
    radius = np.array([c["radius_m"] for c in dynamics.record["contacts"]])
    points = centres.copy()
    points[:, 1] = centres[:, 1] - radius + 0.5 * (radius - centres[:, 1])
    return points


def trajectory_of(dynamics: LegDynamics, q: Array, qd: Array, qdd: Array, force: Array, point: Array) -> Bundle:
    """A trajectory bundle with muscles at rest whose tau is inverse dynamics."""
    tau = np.stack([dynamics.inverse_dynamics(*row) for row in zip(q, qd, qdd, force, point, strict=True)])
    muscles = list(dynamics.record["muscles"])
    return Bundle.of(
        "trajectory",
        {
            "frames": np.arange(70, 70 + len(q)),
            "coordinates": dynamics.coordinates,
            "q": q,
            "qd": qd,
            "qdd": qdd,
            "tau": tau,
            "muscles": muscles,
            "muscle_force_N": np.zeros((len(q), len(muscles))),
            "reserve_coordinates": list(MUSCLED),
            "reserve": np.zeros((len(q), len(MUSCLED))),
            "spheres": dynamics.spheres,
            "sphere_force_N": force,
            "sphere_point_m": point,
        },
        {"pelvis_height_offset_m": 0.0, "belt_velocity_m_s": [0.0, 0.0, 0.0]},
    )


def ik_of(dynamics: LegDynamics, q: Array) -> Bundle:
    margin = 3
    padded = np.concatenate([np.repeat(q[:1], margin, 0), q, np.repeat(q[-1:], margin, 0)])
    return Bundle.of(
        "ik",
        {
            "frames": np.arange(70 - margin, 70 + len(q) + margin),
            "leg_coordinates": dynamics.coordinates,
            "leg_q": padded,
        },
    )


@pytest.fixture
def stance(dynamics: LegDynamics, leg_model: Path, standing_q: Array, tmp_path: Path) -> Case:
    """Quiet standing in balance: OpenSim's own contact carries the body, no residual at the pelvis."""
    q = np.repeat(standing_q[None], FRAMES, 0)
    zero = np.zeros_like(q)
    force = np.stack([dynamics.own_contact_forces(row, 0 * row, np.zeros(3)) for row in q])
    point = np.stack([contact_points(dynamics, row) for row in q])
    return Case(tmp_path, leg_model, trajectory_of(dynamics, q, zero, zero, force, point), ik_of(dynamics, q))


@pytest.fixture(scope="session")
def standing_q(dynamics: LegDynamics, leg_model: Path) -> Array:
    """Standing without residual: over flat feet the body leans about the ankles until its weight is above them."""
    index = dynamics.coordinates.index
    balanced = [index("pelvis_ty"), index("pelvis_tilt"), index("pelvis_list")]
    default = np.array([dynamics.record["coordinates"][n]["default"] for n in dynamics.coordinates])

    def pose(lean: float, bending: float, rise: float) -> Array:
        q = default.copy()
        q[index("pelvis_tilt")], q[index("lumbar_bending")] = -lean, bending
        q[index("pelvis_ty")] += rise
        for side in "rl":
            q[index(f"hip_flexion_{side}")], q[index(f"knee_angle_{side}")] = 0.02, 0.05
            q[index(f"ankle_angle_{side}")] = 0.03 + lean
        return q

    rise = standing_offset_m(leg_model, dict(zip(dynamics.coordinates, pose(0.1, 0.0, 0.0), strict=True)))

    def residual(x: Array) -> Array:
        # Millimetres and centiradians, because a millimetre more of overlap is a hundred newtons more of force.
        q = pose(0.1 + 0.01 * x[0], 0.01 * x[1], rise + 0.001 * x[2])
        force = dynamics.own_contact_forces(q, 0 * q, np.zeros(3))
        tau = dynamics.inverse_dynamics(q, 0 * q, 0 * q, force, contact_points(dynamics, q))
        return np.asarray(tau[balanced])

    x = least_squares(residual, np.zeros(3), xtol=1e-14, ftol=1e-14, gtol=1e-14).x
    assert np.abs(residual(x)).max() < 1e-4
    return pose(0.1 + 0.01 * x[0], 0.01 * x[1], rise + 0.001 * x[2])


@pytest.fixture
def flight(dynamics: LegDynamics, leg_model: Path, tmp_path: Path) -> Case:
    """Free fall with a constant pose and a constant spin about the vertical through nothing: no force acts."""
    q = np.repeat(np.array([[dynamics.record["coordinates"][n]["default"] for n in dynamics.coordinates]]), FRAMES, 0)
    time = np.arange(FRAMES)[:, None] / 50.0
    qd, qdd = np.zeros_like(q), np.zeros_like(q)
    height = dynamics.coordinates.index("pelvis_ty")
    q[:, height] = 2.0 - 0.5 * 9.80665 * time[:, 0] ** 2
    qd[:, height], qdd[:, height] = -9.80665 * time[:, 0], -9.80665
    none = np.zeros((FRAMES, 12, 3))
    return Case(tmp_path, leg_model, trajectory_of(dynamics, q, qd, qdd, none, none), ik_of(dynamics, q))
