"""How good a solution is: numbers per coordinate and frame, without limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.verify.leg_dynamics import (
    PELVIS_ROTATIONS,
    PELVIS_TRANSLATIONS,
    LegDynamics,
    pelvis_axes,
)

Array = np.ndarray[Any, Any]
_LEAST_REACH = 0.017  # smallest over largest singular value of the axes, which is half the angle to gimbal lock


@dataclass(frozen=True)
class Residuals:
    """Inverse dynamics `(n, p)`; pelvis residual force `(n,)` N and moment `(n,)` N m as vector lengths."""

    inverse_dynamics: Array
    force_N: Array
    moment_Nm: Array
    net_force_N: Array
    com_height_m: Array


def residuals(dynamics: LegDynamics, trajectory: Bundle) -> Residuals:
    """Inverse dynamics of the solution under its own sphere forces.

    The generalized forces of the pelvis' rotations are components along its three (not orthogonal) axes; the
    residual moment is the vector that has these components, see `moment_of_components`.
    """
    q, qd, qdd = (np.asarray(trajectory[name], dtype=float) for name in ("q", "qd", "qdd"))
    order = sphere_order(dynamics, trajectory)
    force, point = trajectory["sphere_force_N"][:, order], trajectory["sphere_point_m"][:, order]
    tau = np.stack([dynamics.inverse_dynamics(q[k], qd[k], qdd[k], force[k], point[k]) for k in range(len(q))])
    columns = [dynamics.coordinates.index(name) for name in PELVIS_ROTATIONS]
    moments = [
        moment_of_components(pelvis_axes(q[k, columns[0]], q[k, columns[1]]), tau[k, columns]) for k in range(len(q))
    ]
    translations = [dynamics.coordinates.index(name) for name in PELVIS_TRANSLATIONS]
    return Residuals(
        tau,
        np.linalg.norm(tau[:, translations], axis=1),
        np.linalg.norm(moments, axis=1),
        np.linalg.norm(force.sum(axis=1), axis=1),
        np.array([dynamics.centre_of_mass(row)[1] for row in q]),
    )


def moment_of_components(axes: Array, components: Array) -> Array:
    """The vector (3,) whose components along the columns of `axes (3, 3)` are given.

    Near gimbal lock (list of 90 degrees) the axes lie in a plane, and what is left of rounding along the direction that
    they do not reach would be divided by nearly zero: there (within 2 degrees) that direction is left out, since
    generalized forces do not tell it.
    """
    return np.asarray(np.linalg.pinv(axes.T, rcond=_LEAST_REACH) @ components)


def sphere_order(dynamics: LegDynamics, trajectory: Bundle) -> list[int]:
    """Index of each of the model's spheres in the trajectory's list."""
    names = trajectory.names("spheres")
    try:
        return [names.index(name) for name in dynamics.spheres]
    except ValueError as error:
        raise StageError(
            Reason.FIELD_VALUE, f"trajectory lists spheres {names}, the leg model has {dynamics.spheres}"
        ) from error


def penetration(dynamics: LegDynamics, q: Array) -> Array:
    """Depth `(n, 12)` m of each sphere below the floor (negative above)."""
    radius = np.array([c["radius_m"] for c in dynamics.record["contacts"]])
    return np.stack([radius - dynamics.sphere_centres(row)[:, 1] for row in q])


def own_contact_error(dynamics: LegDynamics, trajectory: Bundle) -> Array:
    """Largest difference `(n,)` N between stored sphere forces and OpenSim's own contact at the states."""
    belt = np.asarray(trajectory.meta.get("belt_velocity_m_s") or (0.0, 0.0, 0.0), dtype=float)
    stored = trajectory["sphere_force_N"][:, sphere_order(dynamics, trajectory)]
    own = np.stack(
        [dynamics.own_contact_forces(q, qd, belt) for q, qd in zip(trajectory["q"], trajectory["qd"], strict=True)]
    )
    return np.asarray(np.abs(stored - own).max(axis=(1, 2)))


def tracking_error(trajectory: Bundle, ik: Bundle) -> tuple[list[str], Array]:
    """Coordinates and deviation `(n, c)` (rad, m) of the solution from inverse kinematics, frame by frame.

    The reference is inverse kinematics raised by the constant pelvis height offset that the solver reports.
    Raises `StageError(FIELD_VALUE)` if a frame of the solution has no reference.
    """
    rows = {int(frame): i for i, frame in enumerate(ik["frames"])}
    frames = [int(frame) for frame in trajectory["frames"]]
    missing = [frame for frame in frames if frame not in rows]
    if missing:
        raise StageError(Reason.FIELD_VALUE, f"inverse kinematics has no frame {missing[0]}")
    reference = ik["leg_q"][[rows[frame] for frame in frames]]
    ours, theirs = trajectory.names("coordinates"), ik.names("leg_coordinates")
    common = [name for name in ours if name in theirs]
    error = np.stack([trajectory["q"][:, ours.index(n)] - reference[:, theirs.index(n)] for n in common], axis=1)
    offset = float(trajectory.meta.get("pelvis_height_offset_m") or 0.0)
    if "pelvis_ty" in common:
        error[:, common.index("pelvis_ty")] -= offset
    return common, error
