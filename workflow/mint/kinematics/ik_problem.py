"""One frame of inverse kinematics: its weighted least-squares problem, and the minimum next to a start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.kinematics.filtering import Array
from mint.kinematics.ik_kinematics import MarkerKinematics

MAX_ITERATIONS = 200
_DAMPING_START, _DAMPING_MIN, _DAMPING_MAX, _DAMPING_OVERSHOOT = 1e-3, 1e-9, 1e9, 0.05
_GAIN_LOW, _GAIN_HIGH = 0.5, 0.9


@dataclass(frozen=True)
class Problem:
    """One frame: targets (k, 3) m, marker weights (k,) with 0 for lost ones, task weights (r,) and targets (r,)."""

    points: Array
    weights: Array
    task_weights: Array
    task_targets: Array


def minimize(kinematics: MarkerKinematics, problem: Problem, start: Array,
             tolerance_rad: float) -> tuple[Array, Array, int]:
    """Independent coordinates (r,), marker positions (k, 3) m and iterations at the bounded minimum.

    Levenberg-Marquardt with projection onto the bounds (Nocedal and Wright 2006, sections 10.3 and 16.7): a
    coordinate at its bound with the gradient pointing outward leaves the step. Ends when a step is below
    `tolerance_rad` (rad and m) in every coordinate.
    """
    lo, hi = kinematics.lower, kinematics.upper
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
