"""The quadratic program of one frame."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from mint.core.status import Reason, StageError
from mint.trunk.equilibrium import Equilibrium, optimality_error


def problem(seed: int, equations: int, muscles: int):
    rng = np.random.default_rng(seed)
    effect = 5 * rng.normal(size=(equations, muscles)) * rng.random((equations, muscles)) ** 3
    demand = effect @ np.clip(rng.random(muscles) ** 4, 0.01, 1) + rng.normal(size=equations)
    return effect, demand


def solver(equations: int, muscles: int, optimal: float = 1.0) -> tuple[Equilibrium, np.ndarray, np.ndarray]:
    lower, upper = np.full(muscles, 0.01), np.ones(muscles)
    return Equilibrium(lower, upper, np.full(equations, optimal)), lower, upper


@pytest.mark.parametrize(("equations", "muscles", "optimal"), [(3, 238, 1.0), (84, 440, 1.0), (3, 20, 10.0)])
def test_solution_satisfies_the_optimality_conditions(equations: int, muscles: int, optimal: float) -> None:
    solve, lower, upper = solver(equations, muscles, optimal)
    effect, demand = problem(0, equations, muscles)
    balance = solve.solve(effect, demand)
    assert optimality_error(balance, effect, demand, lower, upper, optimal) < 1e-8
    assert balance.multiplier == pytest.approx(2 * balance.reserve / optimal**2, abs=1e-8)


def test_optimality_error_sees_a_point_that_is_not_optimal() -> None:
    solve, lower, upper = solver(3, 20)
    effect, demand = problem(0, 3, 20)
    balance = solve.solve(effect, demand)
    control = balance.control.copy()
    control[int(np.argmax(control < 0.9))] += 0.01
    moved = type(balance)(control, demand - effect @ control, balance.multiplier, 0)
    assert optimality_error(moved, effect, demand, lower, upper, 1.0) > 1e-3


def test_solution_equals_bounded_least_squares() -> None:
    solve, _, _ = solver(3, 60)
    effect, demand = problem(1, 3, 60)
    reference = lsq_linear(
        np.vstack([np.eye(60), effect]), np.concatenate([np.zeros(60), demand]), (0.01, 1.0), tol=1e-13
    )
    assert solve.solve(effect, demand).control == pytest.approx(reference.x, abs=1e-6)


def test_warm_start_changes_nothing_but_the_work() -> None:
    warm, lower, upper = solver(84, 440)
    effect, demand = problem(2, 84, 440)
    first = warm.solve(effect, demand)
    rng = np.random.default_rng(3)
    for _ in range(30):
        effect = effect * (1 + 0.002 * rng.normal(size=effect.shape))
        demand = demand * (1 + 0.002 * rng.normal(size=demand.shape))
        last = warm.solve(effect, demand)
    cold = solver(84, 440)[0].solve(effect, demand)
    assert last.control == pytest.approx(cold.control, abs=1e-8)
    assert optimality_error(last, effect, demand, lower, upper, 1.0) < 1e-8
    assert last.iterations < first.iterations / 2


def test_demand_beyond_strength_saturates_and_leaves_the_rest_to_reserves() -> None:
    solve, _, _ = solver(1, 4)
    balance = solve.solve(np.full((1, 4), 10.0), np.array([100.0]))
    assert balance.control == pytest.approx(np.ones(4))
    assert balance.reserve == pytest.approx([60.0])


def test_values_that_are_not_finite_are_refused() -> None:
    solve, _, _ = solver(1, 2)
    with pytest.raises(StageError) as caught:
        solve.solve(np.array([[1.0, np.nan]]), np.array([1.0]))
    assert caught.value.reason is Reason.TRUNK_INFEASIBLE
