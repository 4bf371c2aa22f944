"""Levenberg-Marquardt with an augmented Lagrangian on banded normal equations: the robust start of the ladder.

Nocedal and Wright, Numerical Optimization (2006), chapters 10.3 and 17.3. Constraints enter as residuals
sqrt(mu) (g + lambda / mu), so the problem is feasible whatever the data; the multipliers then tighten it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.linalg import LinAlgError, solveh_banded

Array = np.ndarray[Any, Any]
_MAX_DAMPING = 1e10
_FIRST_PENALTY, _LAST_PENALTY = 10.0, 3e3
_UPDATES, _STEPS = 40, 40  # of multipliers, and linear systems between two of them


class BandedProblem(Protocol):
    """What the method needs: `merit` alone is cheap; `model` also gives gradient and Gauss-Newton matrix."""

    def merit(self, z: Array, multipliers: Array, penalty: float) -> float:
        """Augmented Lagrangian at z."""

    def model(self, z: Array, multipliers: Array, penalty: float) -> tuple[float, Array, Array]:
        """Merit, gradient (N,) and Gauss-Newton matrix in lower banded form (b, N)."""

    def constraints(self, z: Array) -> Array:
        """Scaled equality constraints, any shape."""


@dataclass(frozen=True)
class LeastSquaresResult:
    """Solution, linear systems solved, largest scaled violation.

    `feasible`: violation within tolerance; `settled`: the cost no longer fell either.
    """

    z: Array
    iterations: int
    violation: float
    feasible: bool
    settled: bool


def solve(
    problem: BandedProblem, z: Array, lower: Array, upper: Array, tolerance: float, most: int
) -> LeastSquaresResult:
    """Minimise a sum of squares under equality constraints and bounds `lower <= z <= upper`, until constraints hold to
    `tolerance` and the cost no longer falls, with at most so many linear systems."""
    z = np.clip(z, lower, upper)
    penalty, lam = _FIRST_PENALTY, np.zeros_like(problem.constraints(z))
    violation, total, settled = np.inf, 0, False
    for _ in range(_UPDATES):
        z, steps, settled = _inner(problem, z, lam, penalty, lower, upper, min(_STEPS, most - total))
        total += steps
        before, constraint = violation, problem.constraints(z)
        violation = float(np.abs(constraint).max())
        lam = lam + penalty * constraint
        if (violation < tolerance and settled) or total >= most:
            break
        if violation > 0.25 * before:
            penalty = min(4.0 * penalty, _LAST_PENALTY)
    return LeastSquaresResult(z, total, violation, violation < tolerance, settled)


def _inner(
    problem: BandedProblem, z: Array, lam: Array, penalty: float, lower: Array, upper: Array, steps: int
) -> tuple[Array, int, bool]:
    """Damped Gauss-Newton steps until the merit settles. Returns z, steps taken, whether it settled."""
    damping = 1e-4
    count = 0
    merit, gradient, band = problem.model(z, lam, penalty)
    while count < steps:
        diagonal = band[0].copy()
        held = ((z <= lower) & (gradient > 0)) | ((z >= upper) & (gradient < 0))
        accepted = False
        while not accepted and damping < _MAX_DAMPING and count < steps:
            count += 1
            damped = band.copy()
            damped[0] = diagonal * (1.0 + damping) + 1e-9 * diagonal.max()
            damped[0, held] = 1e12 * diagonal.max()
            try:
                step = solveh_banded(damped, -gradient, lower=True, check_finite=False)
            except LinAlgError:
                damping *= 10.0
                continue
            trial = np.clip(z + step, lower, upper)
            value = problem.merit(trial, lam, penalty)
            predicted = -float(gradient @ (trial - z)) / 2.0
            accepted = bool(np.isfinite(value) and value < merit - 1e-4 * max(predicted, 0.0))
            damping = max(damping / 4.0, 1e-8) if accepted else damping * 6.0
            if not accepted and predicted < 1e-8 * (1.0 + abs(merit)):
                return z, count, True
        if not accepted:
            return z, count, False
        decrease = merit - value
        z = trial
        merit, gradient, band = problem.model(z, lam, penalty)
        if decrease < 1e-5 * (1.0 + abs(merit)):
            return z, count, True
    return z, count, False
