"""The quadratic program of one frame."""

from __future__ import annotations

from typing import Any

import daqp
import numpy as np
import pytest
from scipy.optimize import lsq_linear

from mint.core.status import Reason, StageError
from mint.trunk.equilibrium import Balance, Equilibrium, optimality_error


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


def test_frames_that_have_nothing_in_common_do_not_disturb_each_other() -> None:
    warm, lower, upper = solver(3, 60)
    for seed in (1, 2, 3):
        effect, demand = problem(seed, 3, 60)
        for sign in (1.0, -1.0):
            last = warm.solve(sign * effect, demand)
            alone = solver(3, 60)[0].solve(sign * effect, demand)
            assert last.control == pytest.approx(alone.control, abs=1e-8)
            assert optimality_error(last, sign * effect, demand, lower, upper, 1.0) < 1e-8


def test_bounds_are_kept_to_a_billionth() -> None:
    """The optimum without a bound, d 10 / 101, is 5e-7 below it: DAQP's default tolerance would leave it there."""
    solve, _, _ = solver(1, 1)
    assert solve.solve(np.array([[10.0]]), np.array([(0.01 - 5e-7) * 10.1])).control[0] == pytest.approx(0.01, abs=2e-9)


def test_daqp_has_taken_its_settings() -> None:
    """It passes over names that it does not know."""
    solve, _, _ = solver(1, 2)
    solve.solve(np.ones((1, 2)), np.ones(1))
    assert solve._model is not None
    assert (solve._model.settings["primal_tol"], solve._model.settings["cycle_tol"]) == (1e-9, 100)


def test_a_frame_whose_bounds_do_not_matter_takes_one_iteration() -> None:
    effect, demand = problem(0, 3, 20)
    assert Equilibrium(np.full(20, -50.0), np.full(20, 50.0), np.ones(3)).solve(effect, demand).iterations == 1


class Failing:
    """DAQP, but for the flags with which some of its solutions end."""

    flags: list[int]
    made = 0

    def __init__(self) -> None:
        Failing.made += 1
        self._model = daqp_model()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def solve(self) -> Any:
        x, value, flag, info = self._model.solve()
        return x, value, Failing.flags.pop(0) if Failing.flags else flag, info


daqp_model = daqp.Model


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> type[Failing]:
    monkeypatch.setattr(daqp, "Model", Failing)
    Failing.flags, Failing.made = [], 0
    return Failing


def test_a_start_that_does_not_lead_anywhere_is_left_and_the_frame_solved_afresh(failing: type[Failing]) -> None:
    solve, _, _ = solver(3, 20)
    effect, demand = problem(0, 3, 20)
    failing.flags = [1, -1, 1]
    solve.solve(effect, demand)
    again = solve.solve(effect, 0.5 * demand)
    assert failing.flags == [] and failing.made == 2
    assert again.control == pytest.approx(solver(3, 20)[0].solve(effect, 0.5 * demand).control, abs=1e-8)


def test_a_frame_that_fails_afresh_is_infeasible_and_the_next_is_solved(failing: type[Failing]) -> None:
    solve, _, _ = solver(3, 20)
    effect, demand = problem(0, 3, 20)
    failing.flags = [-6]
    with pytest.raises(StageError, match="DAQP ended with exit flag -6") as caught:
        solve.solve(effect, demand)
    assert caught.value.reason is Reason.TRUNK_INFEASIBLE and failing.flags == [] and failing.made == 1
    assert solve.solve(effect, demand).control == pytest.approx(solver(3, 20)[0].solve(effect, demand).control)


@pytest.mark.parametrize("where", ["effect", "demand"])
def test_values_that_are_not_finite_are_refused_with_their_equation(where: str) -> None:
    effect, demand = problem(0, 3, 4)
    (effect[2] if where == "effect" else demand[2:])[0] = np.nan
    with pytest.raises(StageError, match="demanded or available moments of equation 2 are not finite") as caught:
        solver(3, 4)[0].solve(effect, demand)
    assert caught.value.reason is Reason.TRUNK_INFEASIBLE


@pytest.mark.parametrize(
    ("control", "demand", "lower", "upper", "expected"),
    [
        # The gradient of one control with effect 1 is 2 (a - r); without a bound it has to vanish.
        (0.5, 1.0, 0.01, 1.0, 0.0),
        (0.5, 0.9, 0.01, 1.0, 0.2),
        (0.5, 1.2, 0.01, 1.0, 0.4),
        # At the lower bound it may be positive, at the upper one negative.
        (0.4, 1.0, 0.4, 1.0, 0.4),
        (0.4, 0.1, 0.4, 1.0, 0.0),
        (0.8, 2.0, 0.0, 0.8, 0.0),
        (0.8, 1.0, 0.0, 0.8, 1.2),
        # Nearly at a bound is not at it.
        (5e-9, 5e-9 - 1.0, 0.0, 1.0, 2.0),
        (1.0, 3.0, 0.0, 1.0 + 2e-5, 2.0),
        (-5e-9, 1.0 - 5e-9, -1.0, 0.0, 2.0),
        # Outside, where the gradient vanishes.
        (0.0, 0.0, 0.01, 1.0, 0.01),
        (0.3, 0.6, 0.0, 0.1, 0.2),
    ],
)
def test_optimality_conditions_of_one_control_by_hand(
    control: float, demand: float, lower: float, upper: float, expected: float
) -> None:
    balance = Balance(np.array([control]), np.array([demand - control]), np.zeros(1), 0)
    found = optimality_error(balance, np.eye(1), np.array([demand]), np.array([lower]), np.array([upper]), np.ones(1))
    assert found == pytest.approx(expected, abs=1e-7)


def test_what_does_not_balance_is_an_error_of_the_balance() -> None:
    """Control and reserve are an optimum for demand 1; 1.7 is asked for."""
    balance = Balance(np.array([0.5]), np.array([0.5]), np.zeros(1), 0)
    bounds = np.zeros(1), np.ones(1)
    assert optimality_error(balance, np.eye(1), np.array([1.7]), *bounds, np.ones(1)) == pytest.approx(0.7)
