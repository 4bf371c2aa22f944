"""The skeleton problem as one sparse program for IPOPT, with its exact Hessian."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.mesh.node_hessian import NodeHessian
from mint.trajectory.problems.skeleton import SkeletonProblem
from mint.trajectory.solvers.nlp import Nlp, Triplets

Array = np.ndarray[Any, Any]


def skeleton_nlp(problem: SkeletonProblem, lower: Array, upper: Array) -> Nlp:
    """Functions of nodes (three coefficients each) in one program; cost and Hessian are per node."""
    count, n = problem.nodes, problem.n
    layout = NodeHessian(problem.meeting(), count, problem.dynamics.step_s)
    rows, cols = equality_places(problem)
    shape = (count + 2, n)

    def jacobian(z: Array) -> Array:
        return problem.equality_slopes(problem.dynamics.slopes(z.reshape(shape))[1]).ravel()

    def hessian(z: Array, factor: float, multipliers: Array) -> Array:
        total = layout.zeros()
        problem.add_hessian(total, layout, z, factor, multipliers.reshape(count, -1))
        return layout.values(total)

    zeros = np.zeros(count * len(problem.equality_rows))
    return Nlp(
        problem.cost,
        problem.cost_gradient,
        lambda z: problem.constraints(z).ravel(),
        jacobian,
        hessian,
        Triplets(rows, cols, (zeros.size, problem.size)),
        Triplets(layout.rows, layout.cols, (problem.size, problem.size)),
        lower,
        upper,
        zeros,
        zeros,
    )


def equality_places(problem: SkeletonProblem) -> tuple[Array, Array]:
    """Rows and columns of the values of `SkeletonProblem.equality_slopes`, raveled."""
    return element_places(problem, problem.equality, problem.equality_coordinate, len(problem.equality_rows))


def element_places(problem: SkeletonProblem, element: Array, coordinate: Array, height: int) -> tuple[Array, Array]:
    """Rows and columns of derivatives (3, Q, K), raveled: elements (Q,) of `height` per node by the three coefficients
    of their coordinates."""
    node = np.arange(problem.nodes)
    rows = np.broadcast_to(node * height + element[:, None], (3, len(element), problem.nodes))
    cols = (node + np.arange(3)[:, None, None]) * problem.n + coordinate[:, None]
    return rows.ravel(), cols.ravel()
