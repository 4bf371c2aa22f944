"""Muscles of a solution against OpenSim: lengths of the polynomials, moments from OpenSim's moment arms."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.kinematics.paths.fit import terms
from mint.kinematics.paths.spans import spanned_coordinates
from mint.verify.leg_dynamics import LegDynamics

Array = np.ndarray[Any, Any]


def chosen_frames(n: int, count: int, edge: int) -> list[int]:
    """Up to `count` evenly spaced frame indices inside the edges."""
    lo, hi = (edge, n - 1 - edge) if n > 2 * edge else (0, n - 1)
    return sorted({round(k) for k in np.linspace(lo, hi, count)}) if count else []


def length_errors(dynamics: LegDynamics, trajectory: Bundle, paths: Bundle, frames: list[int]) -> Array:
    """Polynomial minus OpenSim muscle-tendon length `(f, 80)` m at the chosen frames."""
    names = paths.names("muscles")
    muscles = dynamics.model.getMuscles()
    index = {name: i for i, name in enumerate(trajectory.names("coordinates"))}
    errors = np.zeros((len(frames), len(names)))
    for row, frame in enumerate(frames):
        q = np.asarray(trajectory["q"][frame], dtype=float)
        dynamics.put(q, np.zeros_like(q))
        dynamics.model.realizePosition(dynamics.state)
        for i, name in enumerate(names):
            span = q[[index[c] for c in paths.names(f"span_{i}")]][None]
            length = terms(paths[f"exponents_{i}"], span) @ paths[f"coefficients_{i}"]
            errors[row, i] = length[0] - muscles.get(name).getLength(dynamics.state)
    return errors


def muscle_moments(dynamics: LegDynamics, trajectory: Bundle, frames: list[int]) -> dict[str, Array]:
    """Moment `(f,)` N m of all muscles by coordinate: stored forces times OpenSim's `computeMomentArm`."""
    names = trajectory.names("muscles")
    muscles, coordinates = dynamics.model.getMuscles(), dynamics.model.getCoordinateSet()
    spans = {
        name: [f"{c}_{name[-1]}" for c in spanned_coordinates(muscles.get(name), dynamics.record)] for name in names
    }
    moments = {c: np.zeros(len(frames)) for c in trajectory.names("coordinates") if any(c in s for s in spans.values())}
    for row, frame in enumerate(frames):
        q = np.asarray(trajectory["q"][frame], dtype=float)
        dynamics.put(q, np.zeros_like(q))
        dynamics.model.realizePosition(dynamics.state)
        for i, name in enumerate(names):
            for coordinate in spans[name]:
                arm = muscles.get(name).computeMomentArm(dynamics.state, coordinates.get(coordinate))
                moments[coordinate][row] += arm * float(trajectory["muscle_force_N"][frame, i])
    return moments
