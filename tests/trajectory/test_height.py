"""The floor's height from what a motion needs, for bodies whose motion and springs can be written down."""

from __future__ import annotations

import numpy as np
import pytest

from mint.trajectory.feet.height import needed_mean_force, pelvis_height_offset

STEP, MASS, G = 0.02, 50.0, 9.81
WEIGHT = MASS * G


class Springs:
    """Two spheres 3 cm and 5 cm above the pelvis' coordinate 1 push up in proportion to their depth, and resist speed."""

    step_s = STEP
    stiffness, damping = 10000.0, 500.0

    def outputs(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        assert states.shape[0] == 6 and states.flags.c_contiguous  # two coordinates: (q, qd, qdd) as (3n, K)
        height, speed, acceleration = states[1], states[3], states[5]
        force = np.full((states.shape[1], 2, 3), 1e4)  # what is not vertical does not carry
        for sphere, above in enumerate((0.03, 0.05)):
            force[:, sphere, 1] = -self.stiffness * (height + above) - self.damping * speed + 7 * acceleration
        centre = np.zeros((states.shape[1], 3))
        centre[:, 0], centre[:, 1] = 5.0 * np.arange(states.shape[1]) ** 2, 1.0 + height
        return force, np.zeros_like(force), centre


def motion(height: np.ndarray) -> np.ndarray:
    """A tracked motion (K, 3, 2) with some horizontal coordinate first, and speeds and accelerations."""
    target = np.random.default_rng(0).normal(size=(len(height), 3, 2))
    target[:, 0, 1] = height
    return target


def need(height: np.ndarray) -> float:
    return needed_mean_force(Springs(), motion(height), MASS, G)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [4, 5, 12, 13, 85])
@pytest.mark.parametrize("acceleration", [-3.0, 0.0, 2.5])
def test_a_body_of_constant_acceleration_needs_its_mass_times_gravity_and_acceleration(
    count: int, acceleration: float
) -> None:
    t = np.arange(count) * STEP
    assert need(0.5 * acceleration * t**2 + 0.3 * t) == pytest.approx(MASS * (G + acceleration))


def test_a_body_that_falls_needs_three_tenths_of_its_weight_lest_the_floor_be_lost() -> None:
    t = np.arange(40) * STEP
    assert need(-0.5 * G * t**2) == pytest.approx(0.3 * WEIGHT)


def test_speeds_at_the_ends_are_those_of_lines_through_six_nodes() -> None:
    """By the formula of the slope of a least-squares line, written out; what lies between the ends has no part."""
    height = 0.01 * np.random.default_rng(1).normal(size=40)
    time = np.arange(6) * STEP
    centred = time - time.mean()

    def slope(part: np.ndarray) -> float:
        return float((centred * part).sum() / (centred**2).sum())

    change = (slope(height[-6:]) - slope(height[:6])) / (34 * STEP)
    assert need(height) == pytest.approx(max(MASS * (G + change), 0.3 * WEIGHT)) and change > -0.7 * G
    bent = height.copy()
    bent[6:-6] += 1.0
    assert need(bent) == pytest.approx(need(height))


def test_the_pelvis_is_moved_to_where_springs_carry_the_weight_at_rest() -> None:
    """Two springs carry m g where -10000 (2 h + 0.08) = m g; a motion that starts 2 cm higher is lowered by as much."""
    rest = -0.5 * (WEIGHT / Springs.stiffness + 0.08)
    for above in (0.02, -0.1, 0.25):
        target = motion(np.full(30, rest + above))
        before = target.copy()
        offset, needed = pelvis_height_offset(Springs(), target, 1, MASS, G)  # type: ignore[arg-type]
        assert offset == pytest.approx(-above, abs=1e-9) and needed == pytest.approx(WEIGHT)
        assert np.array_equal(target, before)


def test_the_mean_over_the_window_is_carried_not_that_of_one_node() -> None:
    sway = np.concatenate([np.zeros(10), np.full(10, 0.01), np.zeros(10)])  # the same at both ends: no change of speed
    rest = -0.5 * (WEIGHT / Springs.stiffness + 0.08)
    offset, _ = pelvis_height_offset(Springs(), motion(rest + sway), 1, MASS, G)  # type: ignore[arg-type]
    assert offset == pytest.approx(-sway.mean(), abs=1e-9)


def test_a_floor_farther_than_30_centimetres_is_not_searched() -> None:
    offset, _ = pelvis_height_offset(Springs(), motion(np.full(30, 1.0)), 1, MASS, G)  # type: ignore[arg-type]
    assert offset == pytest.approx(-0.3, abs=1e-6)
