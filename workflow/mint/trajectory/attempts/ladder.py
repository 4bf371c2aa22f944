"""Ordered attempts: initial guesses, weights and formulations; every attempt leaves a row."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mint.config.trajectory import Rung, TrajectoryConfig
from mint.core.chunks import kept_nodes
from mint.core.status import Reason, StageError
from mint.trajectory.attempts.work import Attempts
from mint.trajectory.problems.assemble import skeleton_nlp
from mint.trajectory.problems.case import SkeletonCase
from mint.trajectory.problems.deviation import accepted_rms
from mint.trajectory.problems.skeleton import Pull, SkeletonProblem, no_pull
from mint.trajectory.solvers import least_squares

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class SkeletonSolution:
    """A motion: raveled coefficients, rung and pull that made it, and how far it is from the limits (`excess` <= 1 is
    within all of them)."""

    z: Array
    rung: Rung
    pull: Pull
    excess: float
    worst: str

    @property
    def coefficients(self) -> Array:
        """(K + 2, n)."""
        return self.z.reshape(-1, len(self.pull.hold))


def solve_skeleton(case: SkeletonCase, attempts: Attempts) -> SkeletonSolution:
    """Climb the rungs until a solution meets the limits; otherwise the converged one nearest to them.

    Within a rung, coordinates beyond their limit are held more and the problem is solved again from there.
    Raises `StageError(NOT_CONVERGED)` that names constraint, coordinate and frames if no rung converges, as all here
    `StageError(WORK_LIMIT)` where the work of the chunk is used up.
    """
    best: SkeletonSolution | None = None
    closest = _NO_ATTEMPT
    for rung in case.config.rungs:
        pull, last = no_pull(case.scales), None
        for round_ in range(case.config.hold_rounds + 1):
            last = attempt(case, rung, pull, last, attempts, rung.name + (f"_hold{round_}" if round_ else ""))
            if not last.converged:
                closest = min(closest, (last.violation, last.where))
                break
            solution, ratio, depth = judged(case, rung, pull, last.z)
            improved = best is None or solution.excess < 0.98 * best.excess
            if best is None or solution.excess < best.excess:
                best = solution
            if solution.excess <= 1.0:
                return solution
            if round_ and not improved:
                break
            pull = held(pull, ratio, depth, case.config)
        if best is not None and best.excess <= case.config.accept_excess:
            return best
    if best is None:
        raise _not_converged(closest, attempts)
    return best


def rough_motion(case: SkeletonCase, attempts: Attempts) -> SkeletonSolution:
    """A start for the joint problem: the first rung's motion that nearly obeys the constraints, limits or not.

    After the first rung, softer contact comes first: what fails there has feet deep in the floor. Raises
    `StageError(NOT_CONVERGED)` as `solve_skeleton` does.
    """
    closest = _NO_ATTEMPT
    first, *others = case.config.rungs
    for rung in (first, *sorted(others, key=lambda other: other.contact_softness)):
        pull = no_pull(case.scales)
        found = attempt(case, rung, pull, None, attempts, rung.name, case.config.rough_violation)
        if found.violation <= case.config.rough_violation:
            return judged(case, rung, pull, found.z)[0]
        closest = min(closest, (found.violation, found.where))
    raise _not_converged(closest, attempts)


def tracked(case: SkeletonCase, rung: Rung) -> SkeletonSolution:
    """The motion of inverse kinematics as it is, whatever forces it needs."""
    pull = no_pull(case.scales)
    return judged(case, rung, pull, case.problem(rung, pull).start())[0]


_NO_ATTEMPT: tuple[float, str] = (np.inf, "no attempt was made")


def _not_converged(closest: tuple[float, str], attempts: Attempts) -> StageError:
    tried = ", ".join(f"{row.rung}/{row.formulation} {row.status}" for row in attempts.rows)
    return StageError(Reason.NOT_CONVERGED, f"skeleton and contact: {closest[1]}; tried {tried}")


def held(pull: Pull, ratio: Array, depth: float, config: TrajectoryConfig) -> Pull:
    """Hold coordinates near or beyond their limit more, the farther the more: those near would be pushed over by
    holding the others."""

    def factor(share: Any) -> Any:
        return np.clip((share / config.hold_from) ** config.hold_power, 1.0, config.hold_factor)

    return replace(pull, hold=pull.hold * factor(ratio), penetration=pull.penetration * float(factor(depth)))


def judged(case: SkeletonCase, rung: Rung, pull: Pull, z: Array) -> tuple[SkeletonSolution, Array, float]:
    """A motion with its worst share of a limit, the shares of all coordinates (n,) and of penetration."""
    ratio, depth = limit_ratios(case, z)
    i = int(np.argmax(ratio))
    excess, worst = max((float(ratio[i]), f"tracking of {case.tree.coordinates[i]}"), (depth, "sphere penetration"))
    return SkeletonSolution(z, rung, pull, excess, worst), ratio, depth


@dataclass(frozen=True)
class _Outcome:
    """End of an attempt: coefficients, whether constraints hold, their largest value and where; how to go on."""

    z: Array
    converged: bool
    violation: float
    where: str
    warm: least_squares.LeastSquaresResult | None


def attempt(
    case: SkeletonCase,
    rung: Rung,
    pull: Pull,
    start: _Outcome | None,
    attempts: Attempts,
    name: str,
    enough: float | None = None,
) -> _Outcome:
    """Least squares with multipliers (Gauss-Newton), then IPOPT with the exact Hessian if constraints stay open.

    Where a violation is good `enough`, least squares only begin: without the curvature of contact they creep where feet
    roll or slide.
    """
    config = case.config
    limits, polish, tolerance = _limits(config), config.polish_iterations, config.tolerance
    if enough is not None:
        limits, polish, tolerance = _rough_limits(config), config.rough_polish_iterations, enough
    problem = case.problem(rung, pull)
    lower, upper = problem.bounds(case.tree, case.reach)
    z = problem.start() if start is None else start.z
    warm = None if start is None else start.warm
    if rung.contact_softness < 1.0 and start is None:
        soft = case.problem(rung, pull, rung.contact_softness)
        z = _least_squares(soft, z, lower, upper, f"{name}_soft", limits, attempts, None).z
    result = _least_squares(problem, z, lower, upper, name, limits, attempts, warm)
    z, converged = result.z, result.violation < tolerance
    if not converged:
        polished = attempts.ipopt(
            skeleton_nlp(problem, lower, upper),
            z,
            name,
            "ipopt_exact_hessian",
            config,
            iterations=polish,
            tolerance=enough,
        )
        converged = polished.meets(tolerance)
        if converged or polished.violation < result.violation:
            z = polished.z
    g = problem.constraints(z)
    return _Outcome(z, converged, float(np.abs(g).max()), _where(case, g), result)


def _limits(config: TrajectoryConfig) -> least_squares.Limits:
    return least_squares.Limits(config.tolerance, config.least_squares_iterations)


def _rough_limits(config: TrajectoryConfig) -> least_squares.Limits:
    return replace(_limits(config), max_iterations=config.rough_iterations, closing=0)


def _least_squares(
    problem: SkeletonProblem,
    z: Array,
    lower: Array,
    upper: Array,
    name: str,
    limits: least_squares.Limits,
    attempts: Attempts,
    warm: least_squares.LeastSquaresResult | None,
) -> least_squares.LeastSquaresResult:
    started, left = time.monotonic(), attempts.left(problem.size)
    result = least_squares.solve(problem, z, lower, upper, replace(limits, in_all=left), warm)
    status = "converged" if result.feasible and result.settled else "feasible" if result.feasible else "not_converged"
    attempts.add(
        name,
        "augmented_lagrangian_gauss_newton",
        result.iterations,
        status,
        problem.cost(result.z),
        result.violation,
        started,
        problem.size,
    )
    if not result.feasible and result.iterations >= left:
        raise attempts.used_up()
    return result


def limit_ratios(case: SkeletonCase, z: Array) -> tuple[Array, float]:
    """Root mean square deviation of each coordinate (n,) and deepest penetration, as shares of their limits,
    over the kept nodes."""
    config, tree, dynamics = case.config, case.tree, case.dynamics
    coefficients = z.reshape(-1, dynamics.n)
    kept = kept_nodes(len(case.target))
    error = (dynamics.states(coefficients)[: dynamics.n].T - case.target[:, 0])[kept]
    ratio = np.sqrt(np.mean(error**2, axis=0)) / accepted_rms(tree, config)
    ratio[case.scales.passive] = 0.0
    return ratio, float(dynamics.value(coefficients)[kept, dynamics.depth].max()) / config.penetration_max_m


def _where(case: SkeletonCase, g: Array) -> str:
    """The constraint that carries the residual: coordinate, size in units, and nodes."""
    k, e = np.unravel_index(int(np.abs(g).argmax()), g.shape)
    rows = [*case.scales.pelvis, *case.scales.passive]
    bad = np.flatnonzero(np.abs(g[:, e]) > 0.5 * abs(g[k, e]))
    unit = "N m" if case.tree.rotational[rows[e]] else "N"
    return (
        f"residual of {case.tree.coordinates[rows[e]]} is {g[k, e] * case.scales.constraint[e]:.3g} {unit} "
        f"at node {k} (nodes {bad[0]} to {bad[-1]})"
    )
