"""Muscle curves, paths and the muscle program against values and derivatives computed another way."""

import casadi as ca
import numpy as np
import pytest
from scipy.optimize import brentq

from mint.config.trajectory import TrajectoryConfig, strain_of
from mint.trajectory.attempts.work import ipopt_options
from mint.trajectory.muscles import muscle
from mint.trajectory.muscles.paths import Geometry
from mint.trajectory.problems.muscles import MuscleProblem
from mint.trajectory.solvers import nlp
from tests.trajectory.models import MuscleKernel, dense

CONFIG = TrajectoryConfig(proximal_weight=0.0)  # derivatives are checked against the true Hessian
RECORD = {
    name: {
        "max_isometric_force_N": force,
        "optimal_fiber_length_m": 0.08,
        "tendon_slack_length_m": 0.2,
        "pennation_angle_rad": angle,
        "max_contraction_velocity": 10.0,
    }
    for name, force, angle in (("front", 1000.0, 0.1), ("back", 800.0, 0.3), ("side", 500.0, 0.0))
}
K, STEP = 20, 0.02


def problem(moment=30.0):
    t = np.arange(K) * STEP
    length = 0.275 + 0.01 * np.sin(4 * t)[:, None] * np.array([1.0, -1.0, 0.5])
    speed = 0.04 * np.cos(4 * t)[:, None] * np.array([1.0, -1.0, 0.5])
    arm = np.broadcast_to(np.array([[0.05], [-0.04], [0.02]]), (K, 3, 1))
    muscles = muscle.muscle_set(RECORD, list(RECORD), CONFIG.muscle_damping, [CONFIG.tendon_strain] * len(RECORD))
    acts = np.arange(3), np.zeros(3, dtype=int)
    return MuscleProblem(
        muscles,
        acts,
        Geometry(length, speed, arm),
        np.full((K, 1), moment) * np.cos(5 * t)[:, None],
        STEP,
        CONFIG,
        MuscleKernel(),
    )


def test_tendon_carries_the_maximum_force_at_its_reference_strain_and_nothing_when_slack():
    stiffness = muscle.tendon_stiffness(0.049)
    assert float(muscle.tendon_force(ca.DM(0.049 / 0.05), stiffness)) == pytest.approx(1.0, abs=2e-4)
    slack = float(muscle.tendon_force(ca.DM(-4.0), stiffness))
    assert 0.0 < slack < 1e-3


def test_active_curves_are_one_at_optimal_length_and_zero_velocity():
    assert float(muscle.active_force_length(ca.DM(1.0))) == pytest.approx(1.0, abs=0.01)
    assert float(muscle.force_velocity(ca.DM(0.0))) == pytest.approx(1.0, abs=0.01)
    assert float(muscle.force_velocity(ca.DM(-1.0))) == pytest.approx(0.0, abs=0.02)
    assert 1.2 < float(muscle.force_velocity(ca.DM(1.0))) < 1.8


def test_fiber_velocity_is_the_change_of_the_fibers_length():
    """Of a pennate fiber, which is slower than its tendon's end by the cosine of its angle."""
    speed, rate, step = 0.13, 0.9, 1e-6
    record = {"soleus": {**RECORD["back"], "pennation_angle_rad": 0.6}}
    muscles = muscle.muscle_set(record, ["soleus"], CONFIG.muscle_damping, [CONFIG.tendon_strain])
    functions = muscle.MuscleFunctions(MuscleKernel())

    def at(time):
        fixed = np.vstack([[0.27 + speed * time], [speed], muscles.parameters])
        return functions.value(np.array([[0.2], [0.5 + rate * time], [rate]]), fixed)[2:, 0]

    change = (at(step)[0] - at(-step)[0]) / (2 * step)  # normalized lengths per second
    fastest = 10.0  # optimal lengths per second
    assert at(0.0)[1] == pytest.approx(change / fastest, rel=1e-5)
    assert abs(change * 0.08 - (speed - 0.2 * 0.05 * rate)) > 0.1 * abs(change * 0.08)  # the angle matters


def test_isometric_rest_state_balances_fiber_and_tendon():
    p = problem()
    state = muscle.rest_state(p.functions, p.placement.fixed, 0.3)
    still = p.placement.fixed.copy()
    still[1] = 0.0
    residual = p.functions.value(np.vstack([np.full(state.size, 0.3), state, 0 * state]), still)[0]
    assert np.abs(residual).max() < 1e-6


def after(seconds, state, fiber):
    """Tendon state and normalized length of a fiber at rest behind a slack tendon, both ends held (implicit Euler)."""
    muscles = muscle.muscle_set({"soleus": RECORD["side"]}, ["soleus"], CONFIG.muscle_damping, [CONFIG.tendon_strain])
    functions, step = muscle.MuscleFunctions(MuscleKernel()), 0.005
    length = 0.2 * (1 + 0.05 * state) + 0.08 * fiber
    fixed = np.vstack([[length], [0.0], muscles.parameters])
    for _ in range(round(seconds / step)):

        def balance(s, state=state):
            return functions.value(np.array([[0.01], [s], [(s - state) / step]]), fixed)[0, 0]

        state = brentq(balance, muscle.STATE_LOWER, muscle.STATE_UPPER)
    return state, functions.value(np.array([[0.01], [state], [0.0]]), fixed)[2, 0]


def test_a_long_fiber_takes_up_the_slack_of_its_tendon_and_a_short_one_cannot():
    """With the muscle's own force and no passive one, 0.2 s later the long one still has three quarters of its slack."""
    state, fiber = after(0.1, -2.0, 1.7)
    assert state > -0.1 and fiber == pytest.approx(1.7 - 0.2 * 0.05 * (2.0 + state) / 0.08, rel=1e-3)
    state, fiber = after(1.0, -3.0, 0.6)  # taut at a fiber length of 0.2
    assert -1.0 < state < -0.3 and 0.2 < fiber < 0.4


def test_taking_up_slack_leaves_a_taut_tendon_alone():
    assert 0.0 < float(muscle.take_up(ca.DM(0.1), ca.DM(1.0))) < 2e-4
    assert float(muscle.take_up(ca.DM(1.0), ca.DM(1.0))) < 3e-5


def test_program_derivatives_agree_with_finite_differences():
    p = problem()
    program = p.nlp()
    rng = np.random.default_rng(0)
    z = p.start() + 0.01 * rng.normal(size=p.size)
    multipliers = rng.normal(size=len(program.lower_g))

    def gradient(z):
        return 1.7 * program.gradient(z) + dense(program.jacobian_sparsity, program.jacobian(z)).T @ multipliers

    lower = dense(program.hessian_sparsity, program.hessian(z, 1.7, multipliers))
    assert np.abs(np.triu(lower, 1)).max() == 0.0
    hessian = lower + np.tril(lower, -1).T
    step = 1e-6
    for direction in rng.normal(size=(3, p.size)):
        forward, back = z + step * direction, z - step * direction
        assert program.gradient(z) @ direction == pytest.approx(
            (program.objective(forward) - program.objective(back)) / (2 * step), rel=1e-5
        )
        np.testing.assert_allclose(
            dense(program.jacobian_sparsity, program.jacobian(z)) @ direction,
            (program.constraints(forward) - program.constraints(back)) / (2 * step),
            atol=1e-5,
        )
        difference = (gradient(forward) - gradient(back)) / (2 * step)
        np.testing.assert_allclose(hessian @ direction, difference, atol=1e-5 * np.abs(difference).max())


def solved(moment):
    p = problem(moment)
    result = nlp.solve(p.nlp(), p.start(), tolerance=1e-6, max_iterations=200, options=ipopt_options())
    assert result.success
    return p, p.solution(result.z)


def test_muscles_supply_the_moment_without_reserves_and_antagonists_rest():
    p, solution = solved(15.0)
    supplied = np.einsum("kmr,km->kr", p.placement.geometry.moment_arm, solution.force)
    np.testing.assert_allclose(supplied + solution.reserve, p.placement.moment, atol=1e-3)
    assert np.abs(solution.reserve).max() < 0.05
    assert solution.activation[0, 0] > 3 * solution.activation[0, 1]


def test_a_moment_beyond_strength_shows_as_reserve():
    _, solution = solved(120.0)
    assert solution.reserve.max() > 40.0 and solution.activation.max() > 0.95


def test_activation_never_changes_faster_than_its_time_constants_allow():
    _, solution = solved(30.0)
    a = solution.activation
    rate = np.diff(a, axis=0) / STEP
    excitation_up = a[1:] + CONFIG.activation_time_s * rate
    excitation_down = a[1:] + CONFIG.deactivation_time_s * rate
    assert excitation_up.max() <= 1 + 1e-6 and excitation_down.min() >= -1e-6
    assert a.min() >= CONFIG.activation_min - 1e-6 and a.max() <= 1 + 1e-6


def test_the_achilles_tendon_is_more_compliant_than_others():
    strains = {
        name: strain_of(name, 0.049, 0.1) for name in ("soleus_r", "gasmed_l", "gaslat_r", "tibpost_r", "recfem_l")
    }
    assert strains == {"soleus_r": 0.1, "gasmed_l": 0.1, "gaslat_r": 0.1, "tibpost_r": 0.049, "recfem_l": 0.049}
    muscles = muscle.muscle_set(
        {name: RECORD["side"] for name in strains}, list(strains), CONFIG.muscle_damping, list(strains.values())
    )
    for i, strain in enumerate(strains.values()):
        # At that strain a tendon carries the maximum isometric force (but for the bend at slack).
        assert float(muscle.tendon_force(strain / muscle.STRAIN_UNIT, muscles.parameters[4, i])) == pytest.approx(
            1.0, abs=1e-3
        )
