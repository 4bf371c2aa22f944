"""Muscles of both legs: on a given motion (staged), or with the motion in one problem (joint)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.trajectory import TrajectoryConfig
from mint.core.status import Reason, StageError
from mint.trajectory import nlp
from mint.trajectory.joint_problem import JointProblem, MovingLeg
from mint.trajectory.ladder import (
    Attempts,
    SkeletonCase,
    SkeletonSolution,
    guess_muscles,
    held,
    judged,
    mumps_options,
    solve_muscles,
)
from mint.trajectory.leg import Leg, reserve_share
from mint.trajectory.muscle_problem import MuscleProblem, MuscleSolution
from mint.trajectory.path_derivatives import LegPaths
from mint.trajectory.paths import geometry
from mint.trajectory.skeleton_problem import Pull, SkeletonProblem

Array = np.ndarray[Any, Any]
# The start is close and the cost is per node: a default barrier and distance to bounds would throw it away.
_CLOSE = {"bound_push": 1e-5, "bound_frac": 1e-5, "slack_bound_push": 1e-5, "slack_bound_frac": 1e-5}


@dataclass(frozen=True)
class LegsSolution:
    """Motion, muscles per side, the largest reserve as a share of its coordinate's peak moment, and whether the
    motion was solved for together with the muscles (joint) or before them (staged)."""

    motion: SkeletonSolution
    muscles: dict[str, MuscleSolution]
    reserve_share: float
    formulation: str


def solve_legs(case: SkeletonCase, legs: list[Leg], motion: SkeletonSolution, attempts: Attempts) -> LegsSolution:
    """Muscles for a motion, and the motion that goes with them.

    Joint: muscles on the given motion with cheap reserves are the first guess, with dear ones the second; if the
    joint problem fails from both, the staged solution stands. Raises `StageError(NOT_CONVERGED)` if there is none.
    """
    config = case.config
    if config.formulation == "joint":
        cheap = config.joint_guess_reserve_factor
        guess = {leg.side: guess_muscles(_problem(case, leg, motion, cheap), leg.side, attempts, config)
                 for leg in legs}
        found = solve_joint(case, legs, motion, guess, attempts)
        if found is not None:
            return found
        if motion.open_residual:
            raise StageError(Reason.NOT_CONVERGED, "motion and muscles together, and before them skeleton and "
                                                   f"contact: {motion.open_residual}")
    solved = {leg.side: solve_muscles(lambda factor, leg=leg: _problem(case, leg, motion, factor),  # type: ignore[misc]
                                      f"muscles_{leg.side}", attempts, config) for leg in legs}
    if config.formulation == "joint":
        found = solve_joint(case, legs, motion, {side: z for side, (_, z) in solved.items()}, attempts)
        if found is not None:
            return found
    share = max(_share(problem, z, config) for problem, z in solved.values())
    return LegsSolution(motion, {side: problem.solution(z) for side, (problem, z) in solved.items()}, share, "staged")


def solve_joint(case: SkeletonCase, legs: list[Leg], motion: SkeletonSolution, muscles: dict[str, Array],
                attempts: Attempts) -> LegsSolution | None:
    """Motion and muscles at once, from a motion and muscles per side on it; None if it fails.

    Coordinates that end beyond their limit are held more, and the problem is solved again from there.
    """
    config = case.config
    best: LegsSolution | None = None
    z = np.concatenate([motion.z, *(muscles[leg.side] for leg in legs)])
    pull = motion.pull
    for round_ in range(config.joint_hold_rounds + 1):
        problem = joint_problem(case, legs, motion, pull)
        started = time.monotonic()
        options = {**mumps_options(config), **_CLOSE, "mu_init": config.joint_barrier / (1 if round_ == 0 else 10)}
        result = nlp.solve(problem.nlp(*problem.skeleton.bounds(case.tree)), z, tolerance=config.tolerance,
                           max_iterations=min(config.max_iterations, config.joint_iterations), options=options)
        attempts.add("joint" + (f"_hold{round_}" if round_ else ""), "ipopt_exact_joint", result.iterations,
                     result.status, result.objective, result.violation, started)
        if not result.success or result.violation > 2 * config.tolerance:
            break
        found, ratio, depth = _judged(case, legs, problem, result.z, motion, pull)
        if best is not None and found.motion.excess >= best.motion.excess:
            break
        best, z = found, result.z
        if found.motion.excess <= config.accept_excess:
            break
        pull = held(pull, ratio, depth, config)
    return best


def joint_problem(case: SkeletonCase, legs: list[Leg], motion: SkeletonSolution, pull: Pull) -> JointProblem:
    """The joint problem around a motion."""
    moving, muscled = [], np.zeros(len(case.tree.coordinates), dtype=bool)
    for leg in legs:
        paths = LegPaths(leg.paths, case.tree.coordinates)
        index = np.array(case.tree.index(leg.coordinates))
        muscled[index] = True
        moving.append(MovingLeg(_problem(case, leg, motion, case.config.joint_reserve_factor), paths,
                                np.array(case.tree.index(paths.coordinates)), index))
    base = case.problem(motion.rung, pull)
    skeleton = SkeletonProblem(base.dynamics, case.tree, case.scales, case.target, motion.rung, case.config, pull,
                               ~muscled[case.scales.driven])
    return JointProblem(skeleton, moving)


def _judged(case: SkeletonCase, legs: list[Leg], problem: JointProblem, z: Array, motion: SkeletonSolution,
            pull: Pull) -> tuple[LegsSolution, Array, float]:
    """A solution, the shares of the limits of all coordinates (n,), and of penetration."""
    coefficients, muscles = problem.placed(z)
    found, ratio, depth = judged(case, motion.rung, pull, coefficients)
    solved, share = {}, 0.0
    for leg, moving, own in zip(legs, problem.legs, muscles, strict=True):
        solved[leg.side] = moving.problem.solution(own)
        share = max(share, _share(moving.problem, own, case.config))
    return LegsSolution(found, solved, share, "joint"), ratio, depth


def _share(problem: MuscleProblem, z: Array, config: TrajectoryConfig) -> float:
    return float(reserve_share(problem.solution(z).reserve, problem.moment, config).max())


def _problem(case: SkeletonCase, leg: Leg, motion: SkeletonSolution, reserve_factor: float) -> MuscleProblem:
    """The muscles of a leg on a motion."""
    dynamics = case.problem(motion.rung, motion.pull).dynamics
    n, names = dynamics.n, case.tree.coordinates
    states = dynamics.states(motion.coefficients)
    shape = geometry(leg.paths, names, states[:n].T, states[n:2 * n].T, leg.coordinates)
    moment = dynamics.value(motion.coefficients)[:, case.tree.index(leg.coordinates)]
    return MuscleProblem(leg.muscles, shape, moment, case.step_s, case.config, reserve_factor)
