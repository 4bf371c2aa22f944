"""A motion with contact, but without muscles, from which the joint problem starts: rungs in order, a row each."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.rungs import Rung
from mint.core.chunks import kept_nodes
from mint.core.finding import NO_FINDING, Finding
from mint.core.status import Reason, StageError
from mint.trajectory.attempts.work import Attempts
from mint.trajectory.problems.assemble import skeleton_nlp
from mint.trajectory.problems.case import SkeletonCase
from mint.trajectory.problems.deviation import accepted_rms
from mint.trajectory.problems.skeleton import SkeletonProblem
from mint.trajectory.solvers import least_squares

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class SkeletonSolution:
    """A motion: coefficients (K + 2, n), the rung that made it, and how far it is from the limits (`excess` <= 1 is
    within all of them)."""

    coefficients: Array
    rung: Rung
    excess: float
    worst: str

    @property
    def z(self) -> Array:
        """The coefficients, raveled."""
        return self.coefficients.ravel()


def rough_motion(case: SkeletonCase, attempts: Attempts) -> SkeletonSolution:
    """A start for the joint problem: the first rung's motion that nearly obeys the constraints, limits or not.

    After the first rung, softer contact comes first: what fails there has feet deep in the floor. Raises
    `StageError(NOT_CONVERGED)` that names constraint, coordinate and frames if no rung finds one, as all here
    `StageError(WORK_LIMIT)` where the work of the chunk is used up.
    """
    first, *others = case.config.rungs
    least, closest = np.inf, ("no attempt was made", NO_FINDING)
    for rung in (first, *sorted(others, key=lambda other: other.contact_softness)):
        z, violation, where = _attempt(case, rung, attempts)
        if violation <= case.config.rough_violation:
            return judged(case, rung, z)
        if violation < least:
            least, closest = violation, where
    tried = ", ".join(f"{row.rung}/{row.formulation} {row.status}" for row in attempts.rows)
    raise StageError(Reason.NOT_CONVERGED, f"skeleton and contact: {closest[0]}; tried {tried}", finding=closest[1])


def tracked(case: SkeletonCase, rung: Rung) -> SkeletonSolution:
    """The motion of inverse kinematics as it is, whatever forces it needs."""
    return judged(case, rung, case.problem(rung).start())


def judged(case: SkeletonCase, rung: Rung, z: Array) -> SkeletonSolution:
    """A motion with its worst share of a limit."""
    ratio, depth = limit_ratios(case, z)
    i = int(np.argmax(ratio))
    excess, worst = max((float(ratio[i]), f"tracking of {case.tree.coordinates[i]}"), (depth, "sphere penetration"))
    return SkeletonSolution(z.reshape(-1, case.dynamics.n), rung, excess, worst)


def _attempt(case: SkeletonCase, rung: Rung, attempts: Attempts) -> tuple[Array, float, tuple[str, Finding]]:
    """Coefficients, the largest scaled violation, and where it is.

    Least squares with multipliers (Gauss-Newton), then IPOPT with the exact Hessian if constraints stay open. Least
    squares only begin: without the curvature of contact they creep where feet roll or slide.
    """
    config = case.config
    problem = case.problem(rung)
    lower, upper = problem.bounds(case.tree, case.reach)
    z = problem.start()
    if rung.contact_softness < 1.0:
        soft = case.problem(rung, rung.contact_softness)
        z = _least_squares(soft, z, lower, upper, f"{rung.name}_soft", attempts).z
    result = _least_squares(problem, z, lower, upper, rung.name, attempts)
    z = result.z
    if result.violation >= config.rough_violation:
        polished = attempts.ipopt(
            skeleton_nlp(problem, lower, upper),
            z,
            rung.name,
            "ipopt_exact_hessian",
            config,
            iterations=config.rough_polish_iterations,
            tolerance=config.rough_violation,
        )
        if polished.violation < result.violation:
            z = polished.z
    g = problem.constraints(z)
    return z, float(np.abs(g).max()), _where(case, g)


def _least_squares(
    problem: SkeletonProblem, z: Array, lower: Array, upper: Array, name: str, attempts: Attempts
) -> least_squares.LeastSquaresResult:
    started, left, config = time.monotonic(), attempts.left(problem.size), problem.config
    result = least_squares.solve(problem, z, lower, upper, config.tolerance, min(config.rough_iterations, left))
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


def _where(case: SkeletonCase, g: Array) -> tuple[str, Finding]:
    """The constraint that carries the residual: coordinate, size in units, and nodes, in words and in fields."""
    k, e = np.unravel_index(int(np.abs(g).argmax()), g.shape)
    rows = [*case.scales.pelvis, *case.scales.passive]
    bad = np.flatnonzero(np.abs(g[:, e]) > 0.5 * abs(g[k, e]))
    unit = "N m" if case.tree.rotational[rows[e]] else "N"
    name = case.tree.coordinates[rows[e]]
    return (
        f"residual of {name} is {g[k, e] * case.scales.constraint[e]:.3g} {unit} at node {k} "
        f"(nodes {bad[0]} to {bad[-1]})",
        Finding("equation of motion", coordinate=name, node=int(k) // case.config.mesh_factor),
    )
