"""Curves of the muscle against OpenSim's numbers, and its kernel against numbers by hand and finite differences."""

from __future__ import annotations

import math
from typing import Any

import casadi as ca
import numpy as np
import pytest
from scipy.optimize import brentq

from mint.trajectory.muscles import muscle
from tests.trajectory.models import MuscleKernel

RECORD = {
    name: {
        "max_isometric_force_N": force,
        "optimal_fiber_length_m": 0.08,
        "tendon_slack_length_m": 0.2,
        "pennation_angle_rad": angle,
        "max_contraction_velocity": 12.0,
    }
    for name, force, angle in (("flat", 900.0, 0.0), ("steep", 400.0, 0.5))
}


def number(value: Any) -> float:
    return float(value)


@pytest.mark.parametrize(
    ("length", "force"),
    [(0.5, 0.05411), (0.7, 0.68423), (0.9, 0.93712), (1.0, 1.0), (1.1, 0.95316), (1.3, 0.58119), (1.6, 0.12426)],
)
def test_active_force_length_is_that_of_opensims_muscle(length: float, force: float) -> None:
    """DeGrooteFregly2016Muscle of OpenSim 4.6 has the same curve, times a factor that makes it 1 at optimal length."""
    assert number(muscle.active_force_length(ca.DM(length))) == pytest.approx(force, rel=1e-3)


@pytest.mark.parametrize(
    ("speed", "force"),
    [(-1.0, 0.0), (-0.5, 0.23404), (-0.1, 0.74517), (0.0, 1.0), (0.1, 1.20651), (0.5, 1.58842), (1.0, 1.79434)],
)
def test_force_velocity_is_that_of_opensims_muscle(speed: float, force: float) -> None:
    """Which moved the published curve by at most 0.011, so that it is 0 at the largest speed of shortening."""
    assert number(muscle.force_velocity(ca.DM(speed))) == pytest.approx(force, abs=0.012)


def test_the_tendon_follows_the_published_curve_where_it_is_taut() -> None:
    """0.2 exp(k (l - 0.995)) - 0.25 with k = ln(1.25 / 0.2) / 0.054 for a strain of 4.9 %; the bend adds 1e-4 / force."""
    k = muscle.tendon_stiffness(0.049)
    assert k == pytest.approx(33.93669, rel=1e-6)
    for strain, expected in ((0.02, 0.21722), (0.049, 1.0), (0.08, 3.32935)):
        force = number(muscle.tendon_force(ca.DM(strain / 0.05), k))
        assert force == pytest.approx(expected + 1e-4 / expected, rel=2e-4)


def test_the_tendon_has_half_the_bends_width_where_its_curve_is_zero_and_next_to_nothing_when_slack() -> None:
    k = muscle.tendon_stiffness(0.049)
    zero = (math.log(0.25 / 0.2) / k + 0.995 - 1.0) / 0.05
    assert number(muscle.tendon_force(ca.DM(zero), k)) == pytest.approx(0.01)
    assert number(muscle.tendon_force(ca.DM(-6.0), k)) == pytest.approx(1e-4 / 0.25, rel=0.01)


def test_slack_is_taken_up_in_proportion_and_half_as_hard_at_six_tenths_of_optimal_length() -> None:
    """Far below -0.1 by 0.01 per unit; at -0.1 the bend's half width."""

    def force(state: float, length: float) -> float:
        return number(muscle.take_up(ca.DM(state), ca.DM(length)))

    assert force(-5.1, 0.6) == pytest.approx(0.5 * 0.01 * (5.0 + 0.1**2 / 20), rel=1e-4)
    assert force(-0.1, 0.6) == pytest.approx(0.5 * 0.01 * 0.05)
    assert force(-5.1, 1.2) / force(-5.1, 0.6) == pytest.approx(2 * 16 / 17)
    assert force(2.0, 1.2) < 2e-5


def test_parameters_of_muscles_are_in_their_rows() -> None:
    found = muscle.muscle_set(RECORD, ["steep", "flat"], 0.1, [0.049, 0.1])
    assert found.names == ("steep", "flat") and found.maximum_force.tolist() == [400.0, 900.0]
    rows = dict(zip(muscle.PARAMETERS, found.parameters, strict=True))
    assert rows["optimal_length_m"].tolist() == [0.08, 0.08] and rows["slack_length_m"].tolist() == [0.2, 0.2]
    # A fiber along its tendon is given an angle of 0.02.
    assert rows["width_m"] == pytest.approx([0.08 * math.sin(0.5), 0.08 * math.sin(0.02)])
    assert rows["max_speed_m_s"] == pytest.approx([0.96, 0.96]) and rows["damping"].tolist() == [0.1, 0.1]
    assert rows["tendon_stiffness"] == pytest.approx([33.93669, math.log(6.25) / 0.105], rel=1e-6)


def test_muscles_that_are_unknown_or_without_a_strain_are_an_error() -> None:
    with pytest.raises(KeyError, match="no_such_muscle"):
        muscle.muscle_set(RECORD, ["no_such_muscle"], 0.1, [0.049])
    with pytest.raises(ValueError, match="zip"):
        muscle.muscle_set(RECORD, ["steep", "flat"], 0.1, [0.049])


@pytest.fixture
def functions() -> muscle.MuscleFunctions:
    return muscle.MuscleFunctions(MuscleKernel())


# optimal length, slack length, width, largest speed, stiffness of the tendon, damping
FIXED = np.array([0.05, 0.2, 0.03, 0.5, 34.0, 0.1])


def point(a: float, s: float, rate: float, along: float, speed: float) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of the functions for one muscle whose fiber reaches `along` m along the tendon."""
    length = along + 0.2 * (1 + 0.05 * s)
    return np.array([[a], [s], [rate]]), np.concatenate([[length, speed], FIXED])[:, None]


def test_a_fiber_of_3_4_5_pulls_with_four_fifths_of_its_force(functions: muscle.MuscleFunctions) -> None:
    """Along the tendon 4 cm, wide 3 cm, so 5 cm long, which is its optimal length; tendon 5 % long, at twice its unit rate.

    The muscle lengthens at 0.27 m/s, the tendon at 0.02 m/s: the fiber at 0.25 * 0.8 / 0.5 = 0.4 of its largest speed.
    """
    value = functions.value(*point(0.6, 1.0, 2.0, 0.04, 0.27))[:, 0]
    tendon = number(muscle.tendon_force(ca.DM(1.0), 34.0))
    force = 0.6 * number(muscle.active_force_length(ca.DM(1.0))) * number(muscle.force_velocity(ca.DM(0.4))) + 0.1 * 0.4
    taken = number(muscle.take_up(ca.DM(1.0), ca.DM(1.0)))
    assert value == pytest.approx([0.8 * force - tendon + taken, tendon, 1.0, 0.4])


def test_first_and_second_derivatives_agree_with_finite_differences(functions: muscle.MuscleFunctions) -> None:
    z, fixed = point(0.4, -0.3, 1.5, 0.035, -0.1)
    moving, step = np.concatenate([z, fixed[:2]]), 1e-6

    def at(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        given = x[:3], np.concatenate([x[3:], fixed[2:]])
        return tuple(part(*given)[:, 0] for part in (functions.value, functions.first, functions.second))  # type: ignore[return-value]

    value, first, second = at(moving)
    assert (len(value), len(first), len(second)) == (4, 6, 16)
    hessian = np.zeros((5, 5))
    hessian[np.tril_indices(5)] = second[:15]
    hessian += np.tril(hessian, -1).T
    for i in range(5):
        change = np.zeros((5, 1))
        change[i] = step
        ahead, behind = at(moving + change), at(moving - change)
        assert first[i] == pytest.approx((ahead[0][0] - behind[0][0]) / (2 * step), rel=1e-5, abs=1e-8)
        slopes = (ahead[1] - behind[1]) / (2 * step)
        assert hessian[i] == pytest.approx(slopes[:5], rel=1e-5, abs=1e-6)
        if i == 1:
            assert first[5] == pytest.approx((ahead[0][1] - behind[0][1]) / (2 * step), rel=1e-5)
            assert second[15] == pytest.approx(slopes[5], rel=1e-5)


class Counting(MuscleKernel):
    """The kernel, which counts how often it is asked."""

    asked = 0

    def evaluate(self, kernel: str, x: Any, p: Any) -> Any:
        assert p.shape == (0,)
        self.asked += 1
        return super().evaluate(kernel, x, p)


def test_values_and_derivatives_of_one_point_are_computed_together_and_another_point_anew() -> None:
    kernel = Counting()
    functions = muscle.MuscleFunctions(kernel)
    one, other = point(0.4, 0.5, 0.0, 0.04, 0.1), point(0.4, 0.5, 0.0, 0.05, 0.1)
    for part in (functions.value, functions.first, functions.second):
        part(*one)
    assert kernel.asked == 1
    assert functions.value(*other)[2, 0] != functions.value(*one)[2, 0] and kernel.asked == 3


def test_the_kernel_takes_eleven_numbers_and_no_parameters_and_gives_twenty_six() -> None:
    kernel = muscle.kernel()
    assert (kernel.name(), kernel.size_in(0), kernel.size_in(1)) == ("muscle", (11, 1), (0, 1))
    assert kernel.size_out(0) == (26, 1) and kernel.sparsity_out(0).is_dense()


def test_muscles_are_evaluated_side_by_side(functions: muscle.MuscleFunctions) -> None:
    points = [point(0.1 * i, 0.2 * i, 0.3 * i, 0.01 + 0.01 * i, 0.1 - 0.05 * i) for i in range(4)]
    together = tuple(np.concatenate(parts, axis=1) for parts in zip(*points, strict=True))
    for part in (functions.value, functions.first, functions.second):
        assert part(*together) == pytest.approx(np.concatenate([part(*each) for each in points], axis=1))


def test_the_state_at_rest_is_where_a_root_finder_finds_it_whatever_the_speed(
    functions: muscle.MuscleFunctions,
) -> None:
    along = np.array([0.02, 0.045, 0.08])
    fixed = np.concatenate([[along + 0.2, np.array([0.3, -0.2, 0.1])], np.repeat(FIXED[:, None], 3, axis=1)])
    before = fixed.copy()
    found = muscle.rest_state(functions, fixed, 0.3)
    assert np.array_equal(fixed, before)
    still = fixed.copy()
    still[1] = 0.0
    for i in range(3):

        def residual(s: float, i: int = i) -> float:
            return float(functions.value(np.array([[0.3], [s], [0.0]]), still[:, i : i + 1])[0, 0])

        assert found[i] == pytest.approx(brentq(residual, muscle.STATE_LOWER, muscle.STATE_UPPER, xtol=1e-12), abs=2e-8)
