"""One frame of inverse kinematics: its weighted least-squares problem, and the minimum next to a start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import daqp
import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.kinematics.inverse.filtering import Array
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics

MAX_ITERATIONS = 200
_DAMPING_START, _DAMPING_MIN, _DAMPING_MAX, _DAMPING_OVERSHOOT, _DAMPING_FALL = 1e-3, 1e-9, 1e9, 0.05, 25
_GAIN_LOW, _GAIN_HIGH = 0.5, 0.9
_LARGEST = 0.5  # rad or m: a step goes no further in any coordinate, so that a far start keeps to its side of a minimum
# Errors of a motion still to be followed are far larger than those that stay: their curvature leads astray.
_NEAR = 0.1  # rad or m: the largest part of a step after which the next one uses curvature
_SHARES = (1.0, 0.8, 0.5)
_HELD = 1e-8  # weight of steps [1/rad2, 1/m2]: holds coordinates of a limb whose markers are all lost
_SOLVED, _STEP_ERROR = 1, 1e-9  # DAQP: exit flag, violation of a bound


@dataclass(frozen=True)
class Problem:
    """One frame: targets (k, 3) m, marker weights (k,) with 0 for lost ones, task weights (r,) and targets (r,)."""

    points: Array
    weights: Array
    task_weights: Array
    task_targets: Array


def minimize(
    kinematics: MarkerKinematics, problem: Problem, start: Array, tolerance_rad: float
) -> tuple[Array, Array, int]:
    """Independent coordinates (r,), marker positions (k, 3) m and iterations at the bounded minimum.

    Newton's method with Levenberg and Marquardt's damping; each step is the best one within the bounds (sequential
    quadratic programming: Nocedal and Wright 2006, chapters 10 and 18). Ends when a step is below `tolerance_rad`
    (rad and m) in every coordinate. Raises `StageError(INVERSE_KINEMATICS)` where a step's program is not solved.
    """
    lo, hi = kinematics.lower, kinematics.upper
    q = np.clip(start, lo, hi)
    placed = kinematics.positions(q)
    cost, damping, near = objective(problem, q, placed), _DAMPING_START, False
    for iteration in range(1, MAX_ITERATIONS + 1):
        gradient, gauss_newton, curvature = _derivatives(kinematics, problem, q, placed)
        hessian = _convex(gauss_newton, curvature(), (q <= lo) | (q >= hi)) if near else gauss_newton
        while True:
            trial = np.clip(q + _step(gradient, hessian, lo - q, hi - q, damping), lo, hi)
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
        # Far markers bend the objective more than its derivatives tell; steps then overshoot and creep to and fro.
        near = bool(np.max(np.abs(change)) < _NEAR)
        if gain < _GAIN_LOW:
            damping = max(3 * damping, _DAMPING_OVERSHOOT)
        elif gain > _GAIN_HIGH:
            damping = max(damping / _DAMPING_FALL, _DAMPING_MIN)
    return q, placed, MAX_ITERATIONS


def _convex(gauss_newton: Array, curvature: Array, at_bound: NDArray[np.bool_]) -> Array:
    """The second derivative (r, r) with as much of its `curvature` as leaves it positive definite: all near most
    minima. Coordinates at a bound, which may lean against it, go without."""
    inside = np.where(at_bound[:, None] | at_bound, 0.0, curvature)
    for share in _SHARES:
        hessian = gauss_newton + share * inside
        try:
            np.linalg.cholesky(hessian)
        except np.linalg.LinAlgError:
            continue
        return hessian
    return gauss_newton


def _step(gradient: Array, hessian: Array, lower: Array, upper: Array, damping: float) -> Array:
    """Minimum (r,) of the damped quadratic model of the objective within bounds and `_LARGEST`."""
    damped = hessian + np.diag(damping * np.diag(hessian) + _HELD)
    step, _, flag, _ = daqp.solve(
        damped,
        gradient,
        np.empty((0, len(gradient))),
        np.minimum(upper, _LARGEST),
        np.maximum(lower, -_LARGEST),
        primal_tol=_STEP_ERROR,
    )
    if flag != _SOLVED:
        raise StageError(Reason.INVERSE_KINEMATICS, f"step of a frame: DAQP ended with exit flag {flag}")
    return np.asarray(step)


def objective(problem: Problem, q: Array, placed: Array) -> float:
    """Weighted squared errors of markers and coordinate tasks."""
    squares = np.sum((placed - problem.points) ** 2, axis=1)
    return float(problem.weights @ squares + problem.task_weights @ (q - problem.task_targets) ** 2)


def _derivatives(
    kinematics: MarkerKinematics, problem: Problem, q: Array, placed: Array
) -> tuple[Array, Array, Callable[[], Array]]:
    """Half the objective's gradient (r,), and half its second derivative (r, r): that of Gauss and Newton, and on
    demand the rest, which errors weigh."""
    jacobian, second = kinematics.derivatives()
    jacobian = jacobian.reshape(-1, len(q))
    weights = np.repeat(problem.weights, 3)
    weighted = jacobian * weights[:, None]
    errors = placed - problem.points
    gradient = weighted.T @ errors.ravel() + problem.task_weights * (q - problem.task_targets)
    return (
        gradient,
        weighted.T @ jacobian + np.diag(problem.task_weights),
        lambda: second(problem.weights[:, None] * errors),
    )
