"""Static optimization of a whole window with activation dynamics: frames are coupled, one sparse quadratic program.

    minimize   sum over frames of sum a^2 + sum c^2 + sum (r / r_opt)^2
    subject to A_k x_k + r_k = b_k,  lo <= x_k <= hi,  x_k = (activations a_k, strut controls c_k)
               lo <= a_k+1 + tau_d (a_k+1 - a_k) / h,   a_k+1 + tau_a (a_k+1 - a_k) / h <= hi

The last line keeps excitations within the bounds of activations: where activation rises, excitation is
a + tau_a da/dt, where it falls a + tau_d da/dt, which for tau_a <= tau_d makes both conditions linear (De Groote et al.
2009, doi:10.1080/10255840902788587). Clarabel (Goulart and Chen 2024, arXiv:2405.12762) is an interior-point method.
"""

from __future__ import annotations

from dataclasses import dataclass

import clarabel
import numpy as np
from scipy import sparse

from mint.core.status import Reason, StageError
from mint.trunk.equilibrium import Float


@dataclass(frozen=True)
class ActivationDynamics:
    """Time constants of activation and deactivation and the time from frame to frame, s."""

    activation_s: float
    deactivation_s: float
    step_s: float


def solve_window(
    effects: Float,
    demands: Float,
    muscles: int,
    lower: Float,
    upper: Float,
    reserve_optimal_force: Float,
    dynamics: ActivationDynamics,
) -> tuple[Float, Float]:
    """Controls (n, m), the first `muscles` of them activations, and reserves (n, e) N m or N.

    `effects (n, e, m)` are generalized forces per unit of control, `demands` (n, e), bounds (m,). Raises
    StageError(TRUNK_INFEASIBLE).
    """
    n, e, m = effects.shape
    reserves = sparse.kron(sparse.eye(n), sparse.diags(reserve_optimal_force))
    balance = sparse.hstack([sparse.block_diag(list(effects)), reserves])
    activations = sparse.kron(sparse.eye(n), sparse.eye(muscles, m))
    after, before = (sparse.kron(sparse.eye(n - 1, n, k=k), sparse.eye(muscles)) @ activations for k in (1, 0))
    rise, fall = (tau / dynamics.step_s for tau in (dynamics.activation_s, dynamics.deactivation_s))
    controls, changes = n * m, (n - 1) * muscles
    inequalities = sparse.vstack(
        [
            sparse.eye(controls),
            -sparse.eye(controls),
            (1 + rise) * after - rise * before,
            -(1 + fall) * after + fall * before,
        ]
    )
    bounds = np.concatenate(
        [np.tile(upper, n), -np.tile(lower, n), np.tile(upper[:muscles], n - 1), -np.tile(lower[:muscles], n - 1)]
    )
    matrix = sparse.vstack([balance, sparse.hstack([inequalities, sparse.csc_matrix((inequalities.shape[0], n * e))])])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    size = controls + n * e
    solution = clarabel.DefaultSolver(
        sparse.csc_matrix(2.0 * sparse.eye(size)),
        np.zeros(size),
        sparse.csc_matrix(matrix),
        np.concatenate([demands.ravel(), bounds]),
        [clarabel.ZeroConeT(n * e), clarabel.NonnegativeConeT(2 * controls + 2 * changes)],
        settings,
    ).solve()
    if solution.status != clarabel.SolverStatus.Solved:
        raise StageError(Reason.TRUNK_INFEASIBLE, f"Clarabel ended with {solution.status}")
    x = np.array(solution.x)
    return x[:controls].reshape(n, m), x[controls:].reshape(n, e) * reserve_optimal_force
