"""The contact formula against numbers computed by hand."""

import math

import numpy as np
import pytest

from mint.trajectory.model import contact
from mint.trajectory.model.tree import build_tree
from tests.trajectory import models

SPHERE = {
    "hertz": 4 / 3 * 5000 * math.sqrt(0.032 * 5000),
    "dissipation": 2.0,
    "static_friction": 0.8,
    "dynamic_friction": 0.8,
    "viscous_friction": 0.5,
    "transition_velocity": 0.2,
    "constant_force": 1e-5,
    "hertz_smoothing": 300.0,
    "hunt_crossley_smoothing": 50.0,
    "slip_smoothing": 0.0,
}


class Plain:
    sqrt, tanh = staticmethod(math.sqrt), staticmethod(math.tanh)


def test_a_sphere_pressed_in_by_one_centimetre_at_rest_pushes_back_with_84_newtons():
    # 4/3 5000 sqrt(0.032 5000) 0.01^1.5 = 84.33 N; smoothing adds (1 + 0.1)^(3/4) under the root of i^2 + 1e-5
    _, normal, _ = contact.contact_force(Plain, 0.01, (0.0, 0.0, 0.0), SPHERE)
    expected = 84.327 * 1.1**0.75 * (0.5 + 0.5 * math.tanh(3.0)) + 1e-5
    assert normal == pytest.approx(expected * (0.5 + 0.5 * math.tanh(50 / 3)), rel=1e-4)


def test_dissipation_makes_approach_stiffer_than_release():
    still, down, up = (contact.contact_force(Plain, 0.01, (0.0, v, 0.0), SPHERE)[1] for v in (0.0, -0.1, 0.1))
    assert down / still == pytest.approx(1.3, rel=1e-6) and up / still == pytest.approx(0.7, rel=1e-6)


def test_full_slip_rubs_with_dynamic_and_viscous_friction_against_the_motion():
    fx, fn, fz = contact.contact_force(Plain, 0.01, (0.3, 0.0, 0.4), SPHERE)
    assert math.hypot(fx, fz) / fn == pytest.approx(0.8 + 0.5 * 0.5, rel=1e-4)
    assert fx / fz == pytest.approx(0.75) and fx < 0


def test_friction_is_static_at_the_transition_and_falls_to_dynamic_far_beyond():
    """By hand, for 0.9 and 0.4: at the transition velocity d + 2 (s - d) / 2 = s; at four times d + 2 (s - d) / 17."""
    rough = {
        **SPHERE,
        "static_friction": 0.9,
        "dynamic_friction": 0.4,
        "viscous_friction": 0.0,
        "constant_force": 1e-12,
    }

    def friction(speed):
        fx, fn, _ = contact.contact_force(Plain, 0.01, (speed, 0.0, 0.0), rough)
        return -fx / fn

    assert friction(0.2) == pytest.approx(0.9, rel=1e-6)
    assert friction(0.8) == pytest.approx(0.4 + 2 * 0.5 / 17, rel=1e-6)
    assert friction(50.0) == pytest.approx(0.4, rel=1e-3)


def test_the_bend_between_sticking_and_sliding_takes_little_friction_and_only_near_the_corner():
    def friction(speed, width):
        fx, fn, _ = contact.contact_force(Plain, 0.01, (speed, 0.0, 0.0), {**SPHERE, "slip_smoothing": width})
        return -fx / fn

    less = {speed: friction(speed, 0.0) - friction(speed, contact.SLIP_SMOOTHING) for speed in (0.05, 0.2, 0.5)}
    width = contact.SLIP_SMOOTHING
    assert less[0.2] == pytest.approx(0.8 * (1 + width - np.sqrt(1 + width**2)) / 2, rel=0.01) and less[0.2] < 0.02
    assert less[0.05] < 0.001 and less[0.5] < 0.001


@pytest.mark.parametrize("width", [0.05, 0.5])
def test_friction_opposes_the_slowest_slip_in_proportion_however_wide_the_bend(width):
    """A bend that does not vanish at rest would push a resting foot along."""
    sticking = [
        -contact.contact_force(Plain, 0.01, (speed, 0.0, 0.0), {**SPHERE, "slip_smoothing": width})[0] / speed
        for speed in (1e-4, 1e-3, 5e-3)
    ]
    assert sticking[0] > 0 and sticking == pytest.approx([sticking[0]] * 3, rel=0.05)


def test_a_sphere_above_the_floor_feels_nothing():
    assert contact.contact_force(Plain, -0.03, (1.0, -1.0, 0.0), SPHERE)[1] < 1e-3


@pytest.mark.parametrize(("indentation", "share"), [(0.001, 0.6456563), (-0.001, 0.3543437), (0.0, 0.5)])
def test_the_floor_sets_in_smoothly_over_the_width_of_the_hertz_smoothing(indentation, share):
    """Half of 1 + tanh(300 i) of the Hertz force, whose smoothed overlap is the root of i^2 + 1e-5, and 1e-5 N more."""
    still = 0.5 + 0.5 * math.tanh(50 / 3)
    _, normal, _ = contact.contact_force(Plain, indentation, (0.0, 0.0, 0.0), SPHERE)
    hertz = SPHERE["hertz"] * math.hypot(indentation, math.sqrt(1e-5)) ** 1.5
    assert normal == pytest.approx((share * hertz + 1e-5) * still, rel=1e-6)


def test_a_constant_force_counts_once():
    thick = {**SPHERE, "constant_force": 4.0}
    _, normal, _ = contact.contact_force(Plain, 0.0, (0.0, 0.0, 0.0), thick)
    assert normal == pytest.approx(0.5 * SPHERE["hertz"] * 2.0**1.5 + 4.0, rel=1e-6)


def test_a_sphere_that_leaves_fast_is_not_held_back():
    """Damping takes all force at 2 / (3 d) = 1/3 m/s; slower, at 0.3 m/s, 0.1 of it is left, times 1 + tanh(50 / 30)."""
    _, still, _ = contact.contact_force(Plain, 0.01, (0.0, 0.0, 0.0), SPHERE)

    def left(speed):
        return contact.contact_force(Plain, 0.01, (0.0, speed, 0.0), SPHERE)[1] / still

    assert left(1 / 3) == pytest.approx(0.0, abs=1e-12)
    assert left(0.3) == pytest.approx(0.1 * 0.5 * (1 + math.tanh(5 / 3)), rel=1e-6)
    assert left(0.4) == pytest.approx(-0.2 * 0.5 * (1 - math.tanh(10 / 3)), rel=1e-5)
    assert abs(left(1.0)) < 1e-12


def test_slip_is_never_slower_than_the_root_of_the_constant():
    """Viscous friction alone, sideways: v N per m/s of the smoothed slip, of which the direction is left."""
    viscous = {**SPHERE, "static_friction": 0.0, "dynamic_friction": 0.0, "constant_force": 0.09}
    fx, fn, fz = contact.contact_force(Plain, 0.01, (0.0, 0.0, -0.4), viscous)
    assert fx == 0.0 and fz / fn == pytest.approx(0.5 * 0.4)
    fx, fn, fz = contact.contact_force(Plain, 0.01, (0.4, 0.0, 0.0), {**viscous, "viscous_friction": 0.0})
    assert fx == fz == 0.0 and fn > 0


def test_smoothed_slip_sticks_by_its_share_of_the_transition():
    """Slip is the root of 0.04^2 + 0.03^2 = 0.05 m/s, a quarter of the transition velocity."""
    rough = {**SPHERE, "viscous_friction": 0.0, "constant_force": 0.0009, "dynamic_friction": 0.4}
    fx, fn, _ = contact.contact_force(Plain, 0.01, (-0.04, 0.0, 0.0), rough)
    assert fx / fn == pytest.approx(0.25 * (0.4 + 2 * 0.4 / (1 + 1 / 16)) * 0.8)


def test_parameters_of_a_sphere_are_in_their_places_with_the_hertz_coefficient():
    sphere = build_tree(models.block()).spheres[0]
    values = dict(zip(contact.PARAMETERS, contact.sphere_parameters(sphere), strict=True))
    named = {name: values[name] for name in SPHERE if name != "slip_smoothing"}
    assert named == pytest.approx({name: SPHERE[name] for name in named})
    assert [values[f"location_{axis}"] for axis in "xyz"] == [-0.2, 0.0, -0.1] and values["radius"] == 0.032
    assert values["slip_smoothing"] == 0.05
    assert contact.sphere_parameters(sphere, 0.3)[-1] == 0.3
