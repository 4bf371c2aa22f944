"""Synthetic chunks: the feet carry exactly the wrench that a prescribed trunk motion needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.core.bundle import Bundle
from mint.core.tables import table
from mint.trunk.arms import external_generalized_force
from mint.trunk.demand import GroundForces, InverseDynamics
from mint.trunk.model import TrunkModel, load_model
from mint.trunk.motion import Motion
from mint.trunk.table import Role, Source


def raised_cosine(amplitude: dict[str, float], nodes: int, period_s: float) -> dict[str, tuple[np.ndarray, ...]]:
    """q, qd, qdd (nodes,) per coordinate of A (1 - cos(2 pi t / T)) / 2 at 50 Hz."""
    t = np.arange(nodes) / 50.0
    w = 2 * np.pi / period_s
    return {
        name: (a * (1 - np.cos(w * t)) / 2, a * w * np.sin(w * t) / 2, a * w**2 * np.cos(w * t) / 2)
        for name, a in amplitude.items()
    }


def held(posture: dict[str, float], nodes: int) -> dict[str, tuple[np.ndarray, ...]]:
    """A posture that does not move."""
    return {name: (np.full(nodes, a), np.zeros(nodes), np.zeros(nodes)) for name, a in posture.items()}


def motion_of(model: TrunkModel, moves: dict[str, tuple[np.ndarray, ...]], first_frame: int = 0) -> Motion:
    """All coordinates at their defaults but those in `moves`, couplers followed."""
    nodes = len(next(iter(moves.values()))[0])
    coordinates = model.model.getCoordinateSet()
    defaults = np.array([coordinates.get(name).getDefaultValue() for name in model.coordinates])
    q = np.tile(defaults, (nodes, 1))
    qd, qdd = np.zeros_like(q), np.zeros_like(q)
    for name, (x, v, a) in moves.items():
        i = model.coordinates.index(name)
        q[:, i], qd[:, i], qdd[:, i] = x, v, a
    model.follow_couplers(q, qd, qdd)
    return Motion(np.arange(first_frame, first_frame + nodes), q, qd, qdd)


def supporting_forces(model: TrunkModel, motion: Motion) -> tuple[list[str], GroundForces]:
    """Smallest forces at the contact spheres that leave no pelvis residual."""
    rows = table("contact_spheres")
    spheres, bodies = list(rows["sphere"].astype(str)), list(rows["body"].astype(str))
    stations = rows[["x_m", "y_m", "z_m"]].to_numpy(float)
    k, n = len(spheres), len(motion.frames)
    out = GroundForces(bodies, np.zeros((n, k, 3)), np.zeros((n, k, 3)))
    dynamics = InverseDynamics(model)
    pelvis = model.index(Role.RESIDUAL)
    import opensim

    for i in range(n):
        model.pose(motion.q[i], motion.qd[i])
        jacobian = model.system_jacobian()
        for j, (body, station) in enumerate(zip(bodies, stations, strict=True)):
            out.point_m[i, j] = (
                model.model.getBodySet()
                .get(body)
                .findStationLocationInGround(model.state, opensim.Vec3(*station))
                .to_numpy()
            )
        need = dynamics.demand(motion.qdd[i], jacobian, out, i)[pelvis]
        unit = np.zeros((len(pelvis), 3 * k))
        for c in range(3 * k):
            force = np.zeros((k, 3))
            force[c // 3, c % 3] = 1.0
            unit[:, c] = external_generalized_force(model, jacobian, bodies, force, out.point_m[i])[pelvis]
        out.force_N[i] = (np.linalg.pinv(unit) @ need).reshape(k, 3)
    return spheres, out


def synthetic_chunk(
    folder: Path, osim: Path, moves: dict[str, tuple[np.ndarray, ...]], first_frame: int = 0
) -> tuple[Path, Path]:
    """Write `trajectory.npz` (pelvis, legs, arms, ground forces) and `ik.npz` (all) of a prescribed motion."""
    model = load_model(osim)
    motion = motion_of(model, moves, first_frame)
    spheres, ground = supporting_forces(model, motion)
    shared = [i for i, row in enumerate(model.rows) if row.source is Source.SOLUTION]
    folder.mkdir(parents=True, exist_ok=True)
    trajectory, ik = folder / "trajectory.npz", folder / "ik.npz"
    lumbar = ["lumbar_extension", "lumbar_bending", "lumbar_rotation"]
    still = np.zeros((len(motion.frames), len(lumbar)))
    q, qd, qdd = (np.hstack([values[:, shared], still]) for values in (motion.q, motion.qd, motion.qdd))
    Bundle.of(
        "trajectory",
        {
            "frames": motion.frames,
            "coordinates": [*(model.coordinates[i] for i in shared), *lumbar],
            "q": q,
            "qd": qd,
            "qdd": qdd,
            "spheres": spheres,
            "sphere_force_N": ground.force_N,
            "sphere_point_m": ground.point_m,
            "muscles": np.array([], dtype=np.str_),
            "muscle_force_N": np.zeros((len(motion.frames), 0)),
        },
    ).write(trajectory)
    Bundle.of(
        "ik",
        {
            "frames": motion.frames,
            "coordinates": model.coordinates,
            "q": motion.q,
            "qd": motion.qd,
            "qdd": motion.qdd,
            "leg_coordinates": lumbar,
            "leg_q": still,
            "leg_qd": still,
            "leg_qdd": still,
        },
    ).write(ik)
    return trajectory, ik
