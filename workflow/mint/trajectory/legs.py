"""Muscles of both legs on a motion, and the motion solved again where muscles cannot supply its moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.trajectory import TrajectoryConfig
from mint.core.status import Reason, StageError, Status
from mint.trajectory.capacity import supplied_moment
from mint.trajectory.ladder import (
    Attempts,
    SkeletonCase,
    SkeletonSolution,
    kept_nodes,
    resolve,
    solve_muscles,
)
from mint.trajectory.muscle import MuscleSet, muscle_set
from mint.trajectory.muscle_problem import MuscleProblem, MuscleSolution
from mint.trajectory.paths import Geometry, Path, PathSet, geometry

Array = np.ndarray[Any, Any]
SIDES = ("r", "l")
_STIFFER, _STIFFEST, _SOFTER = 4.0, 16.0, 10.0  # factors on the weight of moment differences: per round, in all, retry
_GAP_SHARE = 1.0 / 3.0  # of the widest gap of a coordinate, the least unit of its pull


@dataclass(frozen=True)
class Leg:
    """Muscles of a side, their paths, and the muscled coordinates (passive ones are left to their springs)."""

    side: str
    muscles: MuscleSet
    paths: tuple[Path, ...]
    coordinates: tuple[str, ...]


@dataclass(frozen=True)
class LegsSolution:
    """Motion, muscles per side, and the largest reserve as a share of the coordinate's peak moment."""

    motion: SkeletonSolution
    muscles: dict[str, MuscleSolution]
    reserve_share: float
    rounds: int


def make_legs(record: Mapping[str, Any], paths: PathSet, case: SkeletonCase) -> list[Leg]:
    """Both legs. Raises `StageError` if paths and leg model do not belong together."""
    tree, config = case.tree, case.config
    passive = {tree.coordinates[i] for i in case.scales.passive}
    legs = []
    for side in SIDES:
        chosen = tuple(path for path in paths.paths if path.muscle.endswith(f"_{side}"))
        spanned = {name for path in chosen for name in path.span}
        if unknown := spanned - set(tree.coordinates):
            raise StageError(Reason.FIELD_MISSING, f"muscle_paths spans {sorted(unknown)}, not free in the leg model")
        try:
            muscles = muscle_set(record["muscles"], [p.muscle for p in chosen], config.muscle_damping,
                                 config.tendon_strain)
        except KeyError as error:
            raise StageError(Reason.MODEL_INCOMPLETE, f"leg model has no muscle {error}") from error
        coordinates = tuple(name for name in tree.coordinates if name in spanned and name not in passive)
        legs.append(Leg(side, muscles, chosen, coordinates))
    return legs


def solve_legs(case: SkeletonCase, legs: list[Leg], motion: SkeletonSolution, attempts: Attempts) -> LegsSolution:
    """Muscles for a motion; while reserves are too large, pull the motion's moments to what muscles supply.

    The best of all rounds is returned. Raises `StageError(NOT_CONVERGED)` if the muscles of the first motion fail.
    """
    config = case.config
    motion = within_strength(case, legs, motion, attempts)
    best: LegsSolution | None = None
    warm: dict[str, Array | None] = dict.fromkeys(SIDES)
    for round_ in range(config.coupling_rounds + 1):
        moment, states = _moments(case, motion)
        solutions, supplied = {}, moment.copy()
        share = 0.0
        try:
            for leg in legs:
                problem, z = _solve_leg(case, leg, states, moment, attempts, warm[leg.side], round_)
                solutions[leg.side], warm[leg.side] = problem.solution(z), z
                index = case.tree.index(leg.coordinates)
                supplied[:, index] -= solutions[leg.side].reserve
                share = max(share, float(reserve_share(solutions[leg.side].reserve, moment[:, index], config).max()))
        except StageError:
            if best is None:
                raise
            break
        if best is None or share < best.reserve_share:
            best = LegsSolution(motion, solutions, share, round_)
        hopeful = config.coupling_percent / 100.0 * 4.0 ** (config.coupling_rounds - round_)
        if share <= config.coupling_percent / 100.0 or round_ == config.coupling_rounds or share > hopeful:
            break
        again = _pulled(case, legs, motion, moment, supplied, attempts, f"coupling{round_ + 1}")
        if again is None or again.excess > max(config.coupling_excess, motion.excess):
            break
        motion = again
    assert best is not None
    return best


def within_strength(case: SkeletonCase, legs: list[Leg], motion: SkeletonSolution,
                    attempts: Attempts) -> SkeletonSolution:
    """The motion pulled towards moments that muscles have, judged without muscle dynamics.

    Raises `StageError(RESERVE)` where that leaves more missing than the muscle problem could ever mend.
    """
    config = case.config
    for round_ in range(config.strength_rounds + 1):
        moment, states = _moments(case, motion)
        supplied, share, worst = moment.copy(), 0.0, ""
        for leg in legs:
            index = case.tree.index(leg.coordinates)
            supplied[:, index] = supplied_moment(leg.muscles, _geometry(case, leg, states), moment[:, index], config)
            shares = reserve_share(moment[:, index] - supplied[:, index], moment[:, index], config)
            if shares.max() > share:
                share, worst = float(shares.max()), leg.coordinates[int(shares.argmax())]
        if share <= config.coupling_percent / 100.0 or round_ == config.strength_rounds:
            break
        again = _pulled(case, legs, motion, moment, supplied, attempts, f"strength{round_ + 1}")
        if again is None or again.excess > max(config.coupling_excess, motion.excess):
            break
        motion = again
    if share > config.strength_limit_percent / 100.0:
        raise StageError(Reason.RESERVE, f"muscles lack {100 * share:.0f} % of the peak moment of {worst} after "
                         f"{round_} corrections of the motion", status=Status.DISCARDED)
    return motion


def reserve_share(reserve: Array, moment: Array, config: TrajectoryConfig) -> Array:
    """Peak reserve (r,) as a share of the peak moment of its coordinate, moments (K, r) N m, kept nodes."""
    kept = kept_nodes(len(reserve))
    peak = np.maximum(np.abs(moment[kept]).max(axis=0), config.coupling_base_Nm)
    return np.asarray(np.abs(reserve[kept]).max(axis=0) / peak)


def _moments(case: SkeletonCase, motion: SkeletonSolution) -> tuple[Array, Array]:
    """Generalized forces (K, n) and states (3n, K) of a motion."""
    problem = case.problem(motion.rung, motion.pull)
    tau = problem.dynamics.value(motion.coefficients)[:, :problem.n]
    return tau, problem.dynamics.states(motion.coefficients)


def _solve_leg(case: SkeletonCase, leg: Leg, states: Array, moment: Array, attempts: Attempts, warm: Array | None,
               round_: int) -> tuple[MuscleProblem, Array]:
    shape = _geometry(case, leg, states)
    needed = moment[:, case.tree.index(leg.coordinates)]

    def make(reserve_factor: float) -> MuscleProblem:
        return MuscleProblem(leg.muscles, shape, needed, case.step_s, case.config, reserve_factor)

    return solve_muscles(make, f"muscles_{leg.side}" + (f"_{round_}" if round_ else ""), attempts, case.config, warm)


def _geometry(case: SkeletonCase, leg: Leg, states: Array) -> Geometry:
    n = len(case.tree.coordinates)
    return geometry(leg.paths, case.tree.coordinates, states[:n].T, states[n:2 * n].T, leg.coordinates)


def _pulled(case: SkeletonCase, legs: list[Leg], motion: SkeletonSolution, moment: Array, supplied: Array,
            attempts: Attempts, name: str) -> SkeletonSolution | None:
    """The motion solved again towards `supplied` (K, n) N m from one that asks for `moment` (K, n)."""
    driven = case.scales.driven
    muscled = np.array([i in {i for leg in legs for i in case.tree.index(leg.coordinates)} for i in driven])
    kept = kept_nodes(len(supplied))
    # A reserve is judged by its coordinate's own peak moment, so that is the unit of the pull. A wide gap is closed
    # over several rounds: pulled at once with the last round's stiffness, the motion does not converge.
    peak = np.abs(supplied[kept][:, driven]).max(axis=0)
    gap = np.abs((supplied - moment)[kept][:, driven]).max(axis=0)
    unit = case.config.coupling_unit_percent / 100.0 * np.maximum(peak, case.config.coupling_base_Nm)
    first = np.where(muscled, 1.0 / np.maximum(unit, _GAP_SHARE * gap) ** 2, 0.0)
    # Every round is stiffer than the one before: a fixed weight only ever closes the same share of the gap.
    weight = np.maximum(first, np.minimum(_STIFFER * motion.pull.moment_weight, _STIFFEST * muscled / unit**2))
    again = resolve(case, motion, supplied[:, driven], weight, attempts, f"{motion.rung.name}_{name}")
    if again is None:
        soft = f"{motion.rung.name}_{name}_soft"
        again = resolve(case, motion, supplied[:, driven], weight / _SOFTER, attempts, soft)
    return again
