"""Motion and muscles of both legs in one problem: its attempts in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.rungs import Rung
from mint.config.trajectory import TrajectoryConfig
from mint.core.status import Reason, StageError
from mint.trajectory.attempts.ladder import (
    SkeletonSolution,
    judged,
    rough_motion,
    tracked,
)
from mint.trajectory.attempts.work import ROUGH_BARRIER, Attempts
from mint.trajectory.problems.case import SkeletonCase
from mint.trajectory.problems.joint import JointProblem, MovingLeg
from mint.trajectory.problems.leg import Leg, reserve_share
from mint.trajectory.problems.muscles import MuscleProblem, MuscleSolution, Placement
from mint.trajectory.solvers.nlp import Grace, NlpResult

Array = np.ndarray[Any, Any]
# The first guess of a leg's muscles is rough: the joint problem starts from where it is after so many iterations. Cheap
# reserves need half of them.
_GUESS_ITERATIONS = 60
_GUESS_TOLERANCE = 10.0  # times the tolerance
_GUESS_RESERVES = 2e-4  # times the weight of reserves
# An attempt is near at its limit if constraints and gradient, both scaled, are below this together at the best of the
# last ten iterations: of attempts that converge in 64 to 80 iterations all but two are below it at 70.
_NEAR = 0.03
# Squats and walking lack up to 35 % of a peak moment on the motion alone, runs and dances 50 to 65 %. Costs of easy
# motions are small: with a gradient of the tolerance squats end 10 % above the optimum. Their barrier starts where that
# of the guess ended.
_EASY_LACK_PERCENT = 40.0
_EASY_GRADIENT = 0.3  # times the tolerance


@dataclass(frozen=True)
class LegsSolution:
    """Motion, muscles per side, the largest reserve as a share of its coordinate's peak moment."""

    motion: SkeletonSolution
    muscles: dict[str, MuscleSolution]
    reserve_share: float


def solve_joint(case: SkeletonCase, legs: list[Leg], attempts: Attempts) -> LegsSolution:
    """Motion and muscles at once, from a motion without muscles and muscles on that motion with cheap reserves.

    Deviations are constrained. If reserves remain large in a solution, they are limited. If that does not help, or
    nothing converges, accelerations are tracked less, with limited reserves from then on. It goes on from where it
    stopped. Where muscles lack too much on the motion alone, the problem starts like that. If nothing converges, not
    even the motion without muscles, the last resort starts from the tracked motion and muscles at rest. Raises
    `StageError` (NOT_CONVERGED, WORK_LIMIT).
    """
    config = case.config
    named = {rung.name: rung for rung in config.rungs}
    hard, *softer = [named[name] for name in (config.joint_hard_rung, *config.joint_rungs)]
    try:
        motion = rough_motion(case, attempts)
    except StageError as error:
        if error.reason is not Reason.NOT_CONVERGED:
            raise
        return _cold(case, moving_legs(case, legs, tracked(case, hard)), hard, attempts, error)
    muscles, missing, lack = _guess(case, legs, motion, attempts)
    easy = missing <= _EASY_LACK_PERCENT / 100
    z = np.concatenate([motion.z, *muscles])
    moving = moving_legs(case, legs, motion)
    enough = config.accept_reserve_percent / 100
    limited = missing > config.joint_lack_percent / 100
    rungs = [hard if limited else motion.rung, *softer]
    best: LegsSolution | None = None
    budgets = [config.joint_iterations] * (len(rungs) - 1) + [config.joint_last_iterations]
    for rung, iterations in zip(rungs, budgets, strict=True):
        problem, result = _attempt(case, moving, rung, z, attempts, iterations, limited, easy)
        z, limited, easy = result.z, True, False
        if not result.meets(2 * config.tolerance):
            continue
        found = _judged(case, problem, z, rung)
        if found.reserve_share > enough:
            problem, result = _attempt(case, moving, rung, z, attempts, iterations, limited)
            if result.meets(2 * config.tolerance):
                z, found = result.z, _judged(case, problem, result.z, rung)
        if best is None or found.reserve_share < best.reserve_share:
            best = found
        if found.reserve_share <= enough:
            break
    if best is not None:
        return best
    last = attempts.rows[-1]
    worst = problem.worst(z, case.tree)
    failure = StageError(
        Reason.NOT_CONVERGED,
        f"motion and muscles together: {last.status} after {last.iterations} iterations, {worst}; muscles on the "
        f"motion alone lack {lack}",
        finding=worst.finding(case.config.mesh_factor),
    )
    return _cold(case, moving, rungs[0], attempts, failure)


def _attempt(
    case: SkeletonCase,
    moving: list[MovingLeg],
    rung: Rung,
    z: Array,
    attempts: Attempts,
    iterations: int,
    limited: bool,
    easy: bool = False,
) -> tuple[JointProblem, NlpResult]:
    """One attempt at the joint problem from z, which is near a solution. `limited`: reserves have a limit, in units of
    the peak moments at z; `easy`: muscles lack little."""
    problem, config = joint_problem(case, moving, rung), case.config
    name, limits = f"joint_{rung.name}", None
    if limited:
        name += "_limited_reserves"
        limits = [config.reserve_limit_percent / 100 * peak for peak in problem.peak_moments(z)]
    return problem, _solve(
        case,
        problem,
        z,
        attempts,
        name,
        limits,
        iterations=iterations,
        close=True,
        grace=Grace(config.joint_grace_iterations, _NEAR),
        barrier=ROUGH_BARRIER if easy else None,
        gradient=_EASY_GRADIENT * config.tolerance if easy else None,
    )


def _cold(
    case: SkeletonCase, moving: list[MovingLeg], rung: Rung, attempts: Attempts, failure: StageError
) -> LegsSolution:
    """The joint problem as Muscles in Time starts it: from the tracked motion, all muscles equally active. Raises
    `failure`, that of what was tried before, if it does not converge."""
    problem = joint_problem(case, moving, rung)
    z = np.concatenate([problem.skeleton.start(), *(each.problem.start() for each in moving)])
    result = _solve(case, problem, z, attempts, "joint_cold", iterations=case.config.cold_iterations)
    if not result.meets(2 * case.config.tolerance):
        raise failure
    return _judged(case, problem, result.z, rung)


def _solve(
    case: SkeletonCase,
    problem: JointProblem,
    z: Array,
    attempts: Attempts,
    name: str,
    reserve_limits: list[Array] | None = None,
    **options: Any,
) -> NlpResult:
    """The joint problem from z; `options` of `Attempts.ipopt`."""
    program = problem.nlp(*problem.skeleton.bounds(case.tree, case.reach), reserve_limits)
    return attempts.ipopt(program, z, name, "ipopt_exact_joint", case.config, **options)


def moving_legs(case: SkeletonCase, legs: list[Leg], motion: SkeletonSolution) -> list[MovingLeg]:
    """Legs for the joint problem, their reserves in units of the moments of `motion`."""
    return [MovingLeg(leg, _problem(case, leg, motion, 1.0)) for leg in legs]


def joint_problem(case: SkeletonCase, moving: list[MovingLeg], rung: Rung) -> JointProblem:
    """The joint problem of a rung; moments of muscled coordinates have no cost of their own."""
    muscled = np.concatenate([each.leg.muscled for each in moving])
    free = np.isin(case.scales.driven, muscled)
    return JointProblem(case.problem(rung, free=free), moving)


def _judged(case: SkeletonCase, problem: JointProblem, z: Array, rung: Rung) -> LegsSolution:
    """A solution of the joint problem."""
    at = problem.at(z)
    found = judged(case, rung, at.motion)
    muscles, share = {}, 0.0
    for placed, own in zip(at.legs, at.muscles, strict=True):
        solution = placed.moving.problem.solution(own, placed.on)
        muscles[placed.moving.leg.side] = solution
        share = max(share, _share(solution, placed.on, case.config))
    return LegsSolution(found, muscles, share)


def _share(solution: MuscleSolution, on: Placement, config: TrajectoryConfig) -> float:
    return float(reserve_share(solution.reserve, on.moment, config).max())


def _problem(case: SkeletonCase, leg: Leg, motion: SkeletonSolution, reserve_factor: float) -> MuscleProblem:
    """The muscles of a leg on a motion."""
    dynamics, n = case.dynamics, case.dynamics.n
    states = dynamics.states(motion.coefficients)
    geometry = leg.place(states[:n].T, states[n : 2 * n].T)[1]
    moment = dynamics.value(motion.coefficients)[:, leg.muscled]
    return MuscleProblem(leg.muscles, leg.acts, geometry, moment, case.step_s, case.config, case.blocks, reserve_factor)


def _guess(
    case: SkeletonCase, legs: list[Leg], motion: SkeletonSolution, attempts: Attempts
) -> tuple[list[Array], float, str]:
    """Variables of the muscles of each leg that roughly fit a motion with cheap reserves, the largest share of a peak
    moment that they lack, and where."""
    config = case.config
    out, most, lack = [], 0.0, "nothing"
    for leg in legs:
        problem = _problem(case, leg, motion, _GUESS_RESERVES)
        result = attempts.ipopt(
            problem.nlp(),
            problem.start(),
            f"guess_{leg.side}",
            "ipopt_exact",
            config,
            iterations=_GUESS_ITERATIONS,
            tolerance=_GUESS_TOLERANCE * config.tolerance,
        )
        out.append(result.z)
        share = reserve_share(problem.solution(result.z).reserve, problem.placement.moment, config)
        i = int(share.argmax())
        if share[i] > most:
            most, lack = float(share[i]), f"{100 * share[i]:.0f} % of the peak moment of {leg.coordinates[i]}"
    return out, most, lack
