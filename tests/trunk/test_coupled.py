"""Frames coupled by activation dynamics: the same problem where it is slow, bounded excitations where it is fast."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear

from mint.core.status import Reason, StageError
from mint.trunk.coupled import ActivationDynamics, solve_window
from mint.trunk.equilibrium import Equilibrium

STEP_S, RISE_S, FALL_S = 0.02, 0.015, 0.060
DYNAMICS = ActivationDynamics(RISE_S, FALL_S, STEP_S)
E, M, STRUTS = 2, 5, 1
LOWER = np.array([0.01] * M + [-1.0] * STRUTS)
UPPER = np.ones(M + STRUTS)
OPTIMAL = np.array([1.0, 2.0])


def effects(frames: int) -> np.ndarray:
    return np.tile(np.random.default_rng(4).normal(0, 20, (E, M + STRUTS)), (frames, 1, 1))


def demands(frames: int, hertz: float) -> np.ndarray:
    return 25 * np.sin(2 * np.pi * hertz * STEP_S * np.arange(frames))[:, None] * np.array([1.0, -0.6])


def excitation(activation: np.ndarray) -> np.ndarray:
    """Of backward Euler steps: a + tau da/dt."""
    change = np.diff(activation, axis=0) / STEP_S
    return activation[1:] + np.where(change > 0, RISE_S, FALL_S) * change


def test_a_slow_motion_is_solved_as_frame_by_frame() -> None:
    matrices, loads = effects(60), demands(60, 0.2)
    controls, reserves = solve_window(matrices, loads, M, LOWER, UPPER, OPTIMAL, DYNAMICS)
    solver = Equilibrium(LOWER, UPPER, OPTIMAL)
    for k in range(60):
        alone = solver.solve(matrices[k], loads[k])
        assert controls[k] == pytest.approx(alone.control, abs=1e-4)
        assert reserves[k] == pytest.approx(alone.reserve, abs=1e-3)


def test_a_fast_motion_keeps_excitations_within_their_bounds() -> None:
    matrices, loads = effects(40), demands(40, 6.0)
    controls, reserves = solve_window(matrices, loads, M, LOWER, UPPER, OPTIMAL, DYNAMICS)
    solver = Equilibrium(LOWER, UPPER, OPTIMAL)
    alone = [solver.solve(matrix, load) for matrix, load in zip(matrices, loads, strict=True)]
    free = excitation(np.array([balance.control[:M] for balance in alone]))
    assert free.min() < -0.1, "frame by frame, some activation falls faster than it can"
    coupled = excitation(controls[:, :M])
    assert coupled.min() >= 0.01 - 1e-6 and coupled.max() <= 1.0 + 1e-6
    residual = np.einsum("kem,km->ke", matrices, controls) + reserves - loads
    assert np.abs(residual).max() < 1e-5
    cost = np.sum(controls**2) + np.sum((reserves / OPTIMAL) ** 2)
    assert cost > sum(np.sum(b.control**2) + np.sum((b.reserve / OPTIMAL) ** 2) for b in alone)


def test_one_muscle_that_may_not_fall_faster_is_the_optimum_of_a_dense_problem() -> None:
    """Two frames and one muscle: with the fall at its limit both activations follow from one unknown."""
    matrices, loads, lower, upper = np.full((2, 1, 1), 10.0), np.array([[8.0], [0.0]]), np.array([0.01]), np.ones(1)
    controls, _ = solve_window(matrices, loads, 1, lower, upper, np.ones(1), DYNAMICS)
    fall = FALL_S / STEP_S
    assert controls[1, 0] == pytest.approx((0.01 + fall * controls[0, 0]) / (1 + fall), abs=1e-6)
    # x = a_0: residuals of both frames' reserves and activations, linear in x
    share, rest = fall / (1 + fall), 0.01 / (1 + fall)
    rows = np.array([[10.0], [1.0], [10.0 * share], [share]])
    target = np.array([8.0, 0.0, -10.0 * rest, -rest])
    assert controls[0, 0] == pytest.approx(lsq_linear(rows, target, bounds=(0.01, 1.0)).x[0], abs=1e-5)


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    solve_window(effects(3), demands(3, 1.0), M, LOWER, UPPER, OPTIMAL, DYNAMICS)
    assert capfd.readouterr().out == ""


def test_values_that_are_not_finite_are_refused() -> None:
    loads = demands(4, 1.0)
    loads[2, 1] = np.nan
    with pytest.raises(StageError, match="Clarabel ended with ") as error:
        solve_window(effects(4), loads, M, LOWER, UPPER, OPTIMAL, DYNAMICS)
    assert error.value.reason is Reason.TRUNK_INFEASIBLE
