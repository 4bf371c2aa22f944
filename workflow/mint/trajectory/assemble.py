"""The skeleton problem as one sparse program for IPOPT, with Gauss-Newton or exact Hessian."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.nlp import Nlp, Triplets
from mint.trajectory.skeleton_problem import SkeletonProblem

Array = np.ndarray[Any, Any]


def skeleton_nlp(problem: SkeletonProblem, lower: Array, upper: Array, *, exact: bool) -> Nlp:
    """Node blocks (three coefficients each) mapped into one program; cost and Hessian are per node."""
    count, n = problem.nodes, problem.n
    width, rows = 3 * n, len(problem.scales.constraint)
    node = np.arange(count)
    jacobian_rows = np.broadcast_to((node[:, None] * rows + np.arange(rows))[:, :, None], (count, rows, width))
    jacobian_cols = np.broadcast_to((node[:, None] * n + np.arange(width))[:, None, :], (count, rows, width))
    row, col = np.tril_indices(width)
    hessian_rows, hessian_cols = (node[:, None] * n + row).ravel(), (node[:, None] * n + col).ravel()
    shape = (count + 2, n)
    cost, gradient, matrix = problem.cost, problem.cost_gradient, problem.lagrangian_hessian

    def hessian(z: Array, factor: float, multipliers: Array) -> Array:
        return matrix(z, factor, multipliers.reshape(count, rows), exact)[:, row, col].ravel()

    zeros = np.zeros(count * rows)
    return Nlp(cost, gradient, lambda z: problem.constraints(z).ravel(),
               lambda z: problem.equality_jacobian(problem.dynamics.value_and_jacobian(z.reshape(shape))[1]).ravel(),
               hessian, Triplets(jacobian_rows.ravel(), jacobian_cols.ravel(), (count * rows, problem.size)),
               Triplets(hessian_rows, hessian_cols, (problem.size, problem.size)), lower, upper, zeros, zeros)
