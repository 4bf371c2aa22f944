"""A solution as arrays and metadata of `trajectory.npz`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mint.trajectory.attempts.ladder import SkeletonSolution
from mint.trajectory.attempts.legs import LegsSolution
from mint.trajectory.problems.case import SkeletonCase
from mint.trajectory.problems.leg import Leg, reserve_share

Array = np.ndarray[Any, Any]


def skeleton_arrays(case: SkeletonCase, motion: SkeletonSolution) -> tuple[dict[str, Array], dict[str, Any]]:
    """Motion, generalized forces and contact; sides in the order r, l; moments about the ground origin."""
    tree, n = case.tree, len(case.tree.coordinates)
    dynamics = case.dynamics
    states = dynamics.states(motion.coefficients)
    y = dynamics.value(motion.coefficients)
    force, point, com = dynamics.outputs(states)
    left = np.array([s.body.endswith("_l") for s in tree.spheres]).astype(int)
    moment = np.cross(point, force)
    arrays = {
        "coordinates": np.array(tree.coordinates),
        "q": states[:n].T,
        "qd": states[n : 2 * n].T,
        "qdd": states[2 * n :].T,
        "tau": y[:, :n],
        "spheres": np.array([s.name for s in tree.spheres]),
        "sphere_force_N": force,
        "sphere_point_m": point,
        "com_m": com,
        "grf_force_N": np.stack([force[:, left == i].sum(axis=1) for i in (0, 1)], axis=1),
        "grf_moment_Nm": np.stack([moment[:, left == i].sum(axis=1) for i in (0, 1)], axis=1),
    }
    residual = np.abs(y[:, case.scales.pelvis]).max(axis=0)
    turning = tree.rotational[case.scales.pelvis]
    error = states[:n].T - case.target[:, 0]
    tracked = [i for i in range(n) if i not in case.scales.passive]
    rms = {tree.coordinates[i]: float(np.sqrt(np.mean(error[:, i] ** 2))) for i in tracked}
    meta = {
        "rung": motion.rung.name,
        "limit_ratio": motion.excess,
        "limit_worst": motion.worst,
        "max_pelvis_moment_Nm": float(residual[turning].max()),
        "max_pelvis_force_N": float(residual[~turning].max()),
        "max_penetration_m": float(y[:, dynamics.depth].max()),
        "tracking_rms_rad_or_m": rms,
    }
    return arrays, meta


def muscle_arrays(legs: Sequence[Leg], solution: LegsSolution, order: Sequence[str]) -> dict[str, Array]:
    """Muscles of both legs in the order of the path table; reserves of both legs."""
    position = {name: i for i, name in enumerate(order)}
    names = [name for leg in legs for name in leg.muscles.names]
    columns = np.argsort([position[name] for name in names])

    def joined(field: str) -> Array:
        return np.concatenate([getattr(solution.muscles[leg.side], field) for leg in legs], axis=1)

    return {
        "muscles": np.array(names)[columns],
        "activation": joined("activation")[:, columns],
        "muscle_force_N": joined("force")[:, columns],
        "normalized_fiber_length": joined("fiber_length")[:, columns],
        "reserve_coordinates": np.array([c for leg in legs for c in leg.coordinates]),
        "reserve": joined("reserve"),
    }


def weakness(case: SkeletonCase, legs: Sequence[Leg], solution: LegsSolution, tau: Array) -> list[str]:
    """Coordinates where muscles cannot supply the moment, with reserve and peak in N m."""
    out = []
    for leg in legs:
        reserve = solution.muscles[leg.side].reserve
        moment = tau[:, case.tree.index(leg.coordinates)]
        for i, share in enumerate(reserve_share(reserve, moment, case.config)):
            if share > case.config.weak_reserve_percent / 100.0:
                out.append(
                    f"weak muscles: reserve of {leg.coordinates[i]} {np.abs(reserve[:, i]).max():.1f} N m, "
                    f"peak moment {np.abs(moment[:, i]).max():.0f} N m"
                )
    return out
