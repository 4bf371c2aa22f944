"""Attempts at a solution: every one leaves a row and takes from the work that a chunk may cost; those by IPOPT are
made here.

Work is counted, not timed, so that a chunk ends the same way on every machine, busy or not. Its unit is an iteration
(or a linear system of least squares) times an unknown: time per unit is nearly the same for all formulations.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from mint.config.trajectory import TrajectoryConfig
from mint.core.status import Reason, StageError
from mint.trajectory.solvers import nlp

Array = np.ndarray[Any, Any]
MILLION = 1_000_000
_ANY = 2**31 - 1  # the most iterations that IPOPT can count
# Barrier parameters [cost per node]: the first one, with multipliers of the bounds to match, and that at which a rough
# solution ends.
_FIRST_BARRIER = 1e-3
ROUGH_BARRIER = 1e-4
# Largest product of a bound's slack and multiplier at the end [tolerances]: with 0.01 standing still ends 2.7 % above
# the optimum, with this 1.3 %; with IPOPT's 0.1 activations stay off their bounds by 0.03, and the cost of walking ends
# 14 % above the optimum.
_COMPLEMENTARITY = 3e-3
# The tolerance in units of the last barrier parameter: with 1,000 squats end 2.6 % above the optimum, with this 0.8 %.
_LAST_BARRIERS = 10_000


@dataclass(frozen=True)
class Attempt:
    """One row of the ledger of attempts."""

    rung: str
    formulation: str
    iterations: int
    status: str
    objective: float
    constraint_violation: float
    wall_s: float


@dataclass
class Attempts:
    """Attempts so far, the linear solver of those by IPOPT (its options; empty: IPOPT's default), and the work that all
    may take and have taken, in iterations times unknowns (`work_limit` 0: any)."""

    linear_solver: dict[str, Any] = field(default_factory=dict)
    rows: list[Attempt] = field(default_factory=list)
    work_limit: int = 0
    work: int = 0

    def add(
        self,
        rung: str,
        formulation: str,
        iterations: int,
        status: str,
        objective: float,
        violation: float,
        started: float,
        unknowns: int,
    ) -> None:
        """Append a row and take its work; `started` is a monotonic time."""
        self.rows.append(
            Attempt(
                rung,
                formulation,
                iterations,
                status,
                round(objective, 6),
                float(violation),
                round(time.monotonic() - started, 3),
            )
        )
        self.work += iterations * unknowns

    def left(self, unknowns: int) -> int:
        """Iterations with so many unknowns that may still be made. Raises `StageError(WORK_LIMIT)` if none."""
        if not self.work_limit:
            return _ANY
        left = (self.work_limit - self.work) // unknowns
        if left < 1:
            raise self.used_up()
        return left

    def used_up(self) -> StageError:
        """The failure of a chunk whose work is used up: how much of how much, and where it was."""
        detail = (
            f"{self.work / MILLION:.1f} of {self.work_limit / MILLION:g} million iterations times unknowns are "
            f"used up ({self.iterations} iterations of {len(self.rows)} attempts)"
        )
        if self.rows:
            last = self.rows[-1]
            detail += (
                f"; the last, {last.rung}/{last.formulation}, was {last.status} after {last.iterations}, "
                f"violation {last.constraint_violation:.2g}"
            )
        return StageError(Reason.WORK_LIMIT, detail)

    @property
    def iterations(self) -> int:
        """Iterations of all attempts."""
        return sum(row.iterations for row in self.rows)

    def to_json(self) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        return [asdict(row) for row in self.rows]

    def ipopt(
        self,
        program: nlp.Nlp,
        start: Array,
        name: str,
        formulation: str,
        config: TrajectoryConfig,
        *,
        iterations: int,
        tolerance: float | None = None,
        close: bool = False,
        barrier: float | None = None,
        gradient: float | None = None,
        grace: nlp.Grace | None = None,
    ) -> nlp.NlpResult:
        """Solve with IPOPT and append the row. `close`: the start is near a solution, see `_CLOSE`; a `tolerance` of
        its own makes a rough solution, which ends at `ROUGH_BARRIER`; `barrier`: the first barrier parameter;
        `gradient`: largest gradient of the Lagrangian, if smaller than the tolerance; `grace`: more iterations for an
        attempt that is near. Raises `StageError(WORK_LIMIT)` where the work ends before the attempt does."""
        started, unknowns = time.monotonic(), len(program.lower)
        left = self.left(unknowns)
        allowed = min(iterations, left)
        if grace is not None:
            grace = replace(grace, iterations=min(grace.iterations, left - allowed))
        options = ipopt_options() | self.linear_solver | (_CLOSE if close else {})
        if tolerance is None:
            options |= {
                "compl_inf_tol": _COMPLEMENTARITY * config.tolerance,
                "mu_target": config.tolerance / _LAST_BARRIERS,
            }
        else:
            options |= {"mu_target": ROUGH_BARRIER}
        if barrier is not None:
            options |= {"mu_init": barrier}
        if gradient is not None:
            options |= {"dual_inf_tol": gradient}
        result = nlp.solve(
            program,
            start,
            tolerance=tolerance or config.tolerance,
            max_iterations=allowed,
            options=options,
            grace=grace,
        )
        self.add(
            name, formulation, result.iterations, result.status, result.objective, result.violation, started, unknowns
        )
        if not result.success and result.iterations >= left:
            raise self.used_up()
        return result


# The default distance to bounds would throw a start away that is close.
_CLOSE = {"bound_push": 1e-3, "bound_frac": 1e-3, "slack_bound_push": 1e-3, "slack_bound_frac": 1e-3}


def ipopt_options() -> dict[str, Any]:
    """Options of IPOPT.

    Inertia: a gentler search for the correction needs fewer factorizations. The barrier parameter adapts to the
    iterate (Nocedal, Waechter and Waltz 2009, SIAM J Optim 19): 302 instead of 391 iterations on eight chunks
    from squat to kick. The first multipliers of the bounds match its first value. Constraint multipliers start small
    (those estimated at the start are large where reserves are, and bend the problem) and never take a longer step than
    the variables. Linear systems need not be solved to 1e-10: half the back substitutions, the same iterations.
    """
    return {
        "perturb_dec_fact": 0.6,
        "perturb_inc_fact": 3.0,
        "min_refinement_steps": 0,
        "residual_ratio_max": 1e-6,
        "mu_init": _FIRST_BARRIER,
        "bound_mult_init_method": "mu-based",
        "constr_mult_init_max": 1.0,
        "alpha_for_y": "min",
        "mu_strategy": "adaptive",
    }
