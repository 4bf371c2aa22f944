"""Inverse kinematics: the weighted least-squares problem of OpenSim's tool, solved to convergence in every frame.

The objective is that of OpenSim's InverseKinematicsTool (Delp et al. 2007, doi:10.1109/TBME.2007.901024, eq. 1):
weighted squared marker errors plus weighted squared deviations of coordinates, within the coordinates' ranges.
OpenSim's own assembler stops, at its default accuracy, several degrees from the minimum where a coordinate
carries little weight, and further on at a place that depends on the frame before; a Levenberg-Marquardt
iteration with Simbody's Jacobian does not (tested against it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.kinematics.filtering import Array
from mint.kinematics.ik_kinematics import MarkerKinematics, task_weights

MAX_ITERATIONS = 200
_DAMPING_START, _DAMPING_MIN, _DAMPING_MAX, _DAMPING_OVERSHOOT = 1e-3, 1e-9, 1e9, 0.05
_GAIN_LOW, _GAIN_HIGH = 0.5, 0.9
_SHOULDERS = tuple((f"arm_flex_{side}", f"arm_add_{side}", f"arm_rot_{side}") for side in "rl")
_PELVIS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz")


@dataclass(frozen=True)
class Solution:
    """Coordinates `q (n, m)` of all frames and distances `marker_error_m (n, k)`, NaN where a marker is lost."""

    coordinates: list[str]
    q: Array
    marker_names: list[str]
    marker_error_m: Array
    weights: Array
    iterations: NDArray[np.int64]


@dataclass(frozen=True)
class Problem:
    """One frame: targets (k, 3) m, marker weights (k,) with 0 for lost ones, task weights (r,) and targets (r,)."""

    points: Array
    weights: Array
    task_weights: Array
    task_targets: Array


def solve(model: Any, names: Sequence[str], positions: Array, time_s: Array, marker_weights: Mapping[str, float],
          coordinate_weights: Mapping[str, float], tolerance_rad: float) -> Solution:
    """Coordinates of the model for marker `positions (n, k, 3)` m; NaN markers do not act in that frame.

    Weights of coordinate tasks (towards default values) are per rad2 or m2 against marker weights per m2. Each
    frame starts from the one before, the first from the rigid pose that fits its markers best. Frames
    that reach MAX_ITERATIONS keep their last step. Raises `StageError(INVERSE_KINEMATICS)` with the time of a
    frame without markers, `MARKER_MISSING` without any marker of the model.
    """
    used = [i for i, name in enumerate(names) if name in marker_weights]
    if not used:
        raise StageError(Reason.MARKER_MISSING, "none of the model's markers is in the .trc")
    kept = [names[i] for i in used]
    kinematics = MarkerKinematics(model, kept)
    tasks = task_weights(kinematics, coordinate_weights)
    neutral = kinematics.default[kinematics.independent]
    weights = np.array([marker_weights[name] for name in kept])
    points = positions[:, used]
    known = np.asarray(np.isfinite(points).all(axis=2))
    guess = first_guess(kinematics, points[0], known[0], float(time_s[0]))
    q = np.zeros((len(time_s), len(kinematics.coordinates)))
    errors, iterations = np.full(known.shape, np.nan), np.zeros(len(time_s), dtype=int)
    for row, time in enumerate(time_s):
        if not known[row].any():
            raise StageError(Reason.INVERSE_KINEMATICS, f"no marker at {time:.2f} s", t_start_s=float(time))
        problem = Problem(np.nan_to_num(points[row]), np.where(known[row], weights, 0.0), tasks, neutral)
        guess, placed, iterations[row] = minimize(kinematics, problem, guess, tolerance_rad)
        if row == 0 and (other := principal_shoulders(kinematics, guess)) is not None:
            guess, placed, iterations[row] = minimize(kinematics, problem, other, tolerance_rad)
        q[row] = kinematics.full(guess)
        errors[row, known[row]] = np.linalg.norm(placed - points[row], axis=1)[known[row]]
    return Solution(kinematics.coordinates, q, kept, errors, weights, iterations)


def minimize(kinematics: MarkerKinematics, problem: Problem, start: Array,
             tolerance_rad: float) -> tuple[Array, Array, int]:
    """Independent coordinates (r,), marker positions (k, 3) m and iterations at the bounded minimum.

    Levenberg-Marquardt with projection onto the bounds (Nocedal and Wright 2006, sections 10.3 and 16.7): a
    coordinate at its bound with the gradient pointing outward leaves the step. Ends when a step is below
    `tolerance_rad` (rad and m) in every coordinate.
    """
    lo, hi = kinematics.lo[kinematics.independent], kinematics.hi[kinematics.independent]
    q = np.clip(start, lo, hi)
    placed = kinematics.positions(q)
    cost, damping = objective(problem, q, placed), _DAMPING_START
    for iteration in range(1, MAX_ITERATIONS + 1):
        gradient, hessian = _normal_equations(kinematics, problem, q, placed)
        free = ~(((q <= lo) & (gradient > 0)) | ((q >= hi) & (gradient < 0)))
        while True:
            trial = np.clip(q + _step(gradient, hessian, free, damping), lo, hi)
            change = trial - q
            trial_placed = kinematics.positions(trial)
            trial_cost = objective(problem, trial, trial_placed)
            converged = float(np.max(np.abs(change))) < tolerance_rad and damping <= 1
            if trial_cost <= cost or converged or damping >= _DAMPING_MAX:
                break
            damping = max(10 * damping, _DAMPING_OVERSHOOT)
        if trial_cost > cost:
            return q, placed, iteration
        predicted = -2 * gradient @ change - change @ hessian @ change
        gain = (cost - trial_cost) / predicted if predicted > 0 else 1.0
        q, placed, cost = trial, trial_placed, trial_cost
        if converged:
            return q, placed, iteration
        # Far markers bend the objective more than the Jacobian tells; steps then overshoot and creep to and fro.
        if gain < _GAIN_LOW:
            damping = max(3 * damping, _DAMPING_OVERSHOOT)
        elif gain > _GAIN_HIGH:
            damping = max(damping / 5, _DAMPING_MIN)
    return q, placed, MAX_ITERATIONS


def _step(gradient: Array, hessian: Array, free: NDArray[np.bool_], damping: float) -> Array:
    step = np.zeros_like(gradient)
    block = hessian[np.ix_(free, free)]
    step[free] = -np.linalg.solve(block + damping * np.diag(np.diag(block) + 1e-6), gradient[free])
    return step


def objective(problem: Problem, q: Array, placed: Array) -> float:
    """Weighted squared errors of markers and coordinate tasks."""
    squares = np.sum((placed - problem.points) ** 2, axis=1)
    return float(problem.weights @ squares + problem.task_weights @ (q - problem.task_targets) ** 2)


def _normal_equations(kinematics: MarkerKinematics, problem: Problem, q: Array, placed: Array) -> tuple[Array, Array]:
    jacobian = kinematics.jacobian().reshape(-1, len(q))
    weights = np.repeat(problem.weights, 3)
    weighted = jacobian * weights[:, None]
    gradient = weighted.T @ (placed - problem.points).ravel() + problem.task_weights * (q - problem.task_targets)
    return gradient, weighted.T @ jacobian + np.diag(problem.task_weights)


def first_guess(kinematics: MarkerKinematics, points: Array, known: NDArray[np.bool_], time: float) -> Array:
    """Independent coordinates (r,): the default pose, turned and placed as a rigid body onto the markers (k, 3) m."""
    if known.sum() < 3:
        raise StageError(Reason.INVERSE_KINEMATICS, f"{known.sum()} markers at {time:.2f} s", t_start_s=time)
    q = kinematics.default[kinematics.independent].copy()
    pelvis = [kinematics.independent.index(kinematics.coordinates.index(name)) for name in _PELVIS]
    q[pelvis] = 0.0
    places = kinematics.positions(q)[known]
    rotation = best_rotation(places, points[known])
    q[pelvis[:3]] = zxy(rotation)
    q[pelvis[3:]] = (points[known] - kinematics.positions(q)[known]).mean(axis=0)
    return q


def principal_shoulders(kinematics: MarkerKinematics, q: Array) -> Array | None:
    """The same pose with shoulder angles nearest zero, or None if they are already.

    A z-x-y sequence reaches every orientation twice: (a, b, c) and (a + pi, pi - b, c + pi).
    """
    out, names = q.copy(), [kinematics.coordinates[i] for i in kinematics.independent]
    for angles in _SHOULDERS:
        if not all(name in names for name in angles):
            continue
        place = [names.index(name) for name in angles]
        a, b, c = q[place]
        if np.cos(b) < 0:
            a, b, c = a + np.pi, np.pi - b, c + np.pi
        out[place] = [(x + np.pi) % (2 * np.pi) - np.pi for x in (a, b, c)]
    return None if np.allclose(out, q) else out


def best_rotation(places: Array, points: Array) -> Array:
    """Rotation (3, 3) that turns `places (k, 3)` best onto `points (k, 3)` (Kabsch 1976)."""
    covariance = (points - points.mean(axis=0)).T @ (places - places.mean(axis=0))
    u, _, vt = np.linalg.svd(covariance)
    return np.asarray(u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt)


def zxy(rotation: Array) -> Array:
    """Body-fixed z-x-y angles (3,) rad of a rotation (3, 3): tilt, list and rotation of the pelvis."""
    return np.array([np.arctan2(-rotation[0, 1], rotation[1, 1]), np.arcsin(np.clip(rotation[2, 1], -1, 1)),
                     np.arctan2(-rotation[2, 0], rotation[2, 2])])


def frame_errors(solution: Solution) -> tuple[Array, Array, NDArray[np.str_]]:
    """Weighted RMS (n,) m, largest error (n,) m and its marker (n,) of every frame; lost markers do not count."""
    known = np.isfinite(solution.marker_error_m)
    weights = np.where(known, solution.weights, 0.0)
    squares = np.where(known, solution.marker_error_m, 0.0) ** 2
    total = np.maximum(weights.sum(axis=1), 1e-300)
    rms = np.sqrt((weights * squares).sum(axis=1) / total)
    worst = np.argmax(squares, axis=1)
    return rms, np.sqrt(squares[np.arange(len(worst)), worst]), np.array(solution.marker_names)[worst]
