"""One frame of static optimization: a small convex quadratic program, solved by DAQP.

    minimize   sum a^2 + sum (r / r_opt)^2
    subject to A x + r = b,  lo <= x <= hi,   x = (activations a, strut controls c)

A (e, m) holds generalized force per unit of control at each equilibrium coordinate, b (e,) the demanded one.
Strut controls cost their square, as in OpenSim's StaticOptimization. DAQP (Arnstrom, Bemporad, Axehill 2022,
IEEE TAC 67:8) is a dual active-set method: exact to rounding, and one frame's active set starts the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import daqp
import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError

Float = NDArray[np.float64]
_EQUALITY = 5  # DAQP: always active, never removed
_OPTIMAL = 1
_UNBOUNDED = 1e30
_PRIMAL_TOLERANCE = 1e-9  # of activations and, in reserve units, of the balance; DAQP's default is 1e-6
_CYCLES = 100  # iterations without progress; many equal bounds need more than DAQP's default of 10


@dataclass(frozen=True)
class Balance:
    """Solution of one frame: `control (m,)`, `reserve (e,)` in N m or N, their `multiplier (e,)`."""

    control: Float
    reserve: Float
    multiplier: Float
    iterations: int


class Equilibrium:
    """Solver for frames of one size; keeps the active set from frame to frame."""

    def __init__(self, lower: Float, upper: Float, reserve_optimal_force: Float) -> None:
        """Bounds of controls (m,) and optimal force of the reserves (e,), N m or N."""
        self._lower, self._upper, self._scale = lower, upper, reserve_optimal_force
        self._model: daqp.Model | None = None

    def solve(self, effect: Float, demand: Float) -> Balance:
        """Optimum for `effect (e, m)` and `demand (e,)`. Raises StageError(TRUNK_INFEASIBLE)."""
        e, m = effect.shape
        if not (np.all(np.isfinite(effect)) and np.all(np.isfinite(demand))):
            row = int(np.argmax(~(np.isfinite(effect).all(axis=1) & np.isfinite(demand))))
            raise StageError(Reason.TRUNK_INFEASIBLE, f"demanded or available moments of equation {row} are not finite")
        matrix = np.ascontiguousarray(np.hstack([effect, np.diag(self._scale)]))
        upper = np.concatenate([self._upper, np.full(e, _UNBOUNDED), demand])
        lower = np.concatenate([self._lower, np.full(e, -_UNBOUNDED), demand])
        warm = self._model is not None
        if self._model is None:
            sense = np.array([0] * (m + e) + [_EQUALITY] * e, dtype=np.int32)
            self._model = daqp.Model()
            self._model.settings = {"primal_tol": _PRIMAL_TOLERANCE, "cycle_tol": _CYCLES}
            self._model.setup(2.0 * np.eye(m + e), np.zeros(m + e), matrix, upper, lower, sense)
        else:
            self._model.update(A=matrix, bupper=upper, blower=lower)
        x, _, flag, info = self._model.solve()
        if flag != _OPTIMAL:
            self._model = None
            if warm:
                return self.solve(effect, demand)  # a bad start is no reason to fail: once more without one
            raise StageError(Reason.TRUNK_INFEASIBLE, f"DAQP ended with exit flag {flag}")
        multiplier = -np.array(info["lam"][m + e :])
        return Balance(x[:m].copy(), x[m:] * self._scale, multiplier, int(info["iterations"]))


def optimality_error(
    balance: Balance, effect: Float, demand: Float, lower: Float, upper: Float, reserve_optimal_force: Float
) -> float:
    """Largest violation of the Karush-Kuhn-Tucker conditions of the program above (0 at the optimum).

    The multiplier is recomputed from the reserves (2 r / r_opt^2): the check does not rest on the solver.
    """
    multiplier = 2.0 * balance.reserve / reserve_optimal_force**2
    gradient = 2.0 * balance.control - effect.T @ multiplier
    free = np.abs(gradient)
    at_lower = np.isclose(balance.control, lower, atol=1e-9)
    at_upper = np.isclose(balance.control, upper, atol=1e-9)
    at_bound = np.where(at_lower, np.maximum(-gradient, 0.0), np.maximum(gradient, 0.0))
    violation = np.where(at_lower | at_upper, at_bound, free)
    outside = np.maximum(lower - balance.control, balance.control - upper)
    balance_error = np.abs(effect @ balance.control + balance.reserve - demand)
    return float(max(violation.max(), outside.max(), balance_error.max()))
