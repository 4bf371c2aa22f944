"""The bridge to IPOPT: units of variables."""

import numpy as np
import pytest

from mint.trajectory.solvers.nlp import Grace, Nlp, Triplets, solve


def valley(unit=None):
    """min (1 - x)^2 + 100 (y - x^2)^2, x y >= 1.2: Rosenbrock's valley, cut off."""
    one, two = np.array([0, 0]), np.array([0, 1])
    return Nlp(
        lambda z: (1 - z[0]) ** 2 + 100 * (z[1] - z[0] ** 2) ** 2,
        lambda z: np.array([-2 * (1 - z[0]) - 400 * z[0] * (z[1] - z[0] ** 2), 200 * (z[1] - z[0] ** 2)]),
        lambda z: np.array([z[0] * z[1]]),
        lambda z: np.array([z[1], z[0]]),
        lambda z, f, m: np.array([f * (2 - 400 * z[1] + 1200 * z[0] ** 2), -400 * f * z[0] + m[0], 200 * f]),
        Triplets(one, two, (1, 2)),
        Triplets(np.array([0, 1, 1]), np.array([0, 0, 1]), (2, 2)),
        np.array([-2.0, -2.0]),
        np.array([2.0, 2.0]),
        np.array([1.2]),
        np.array([np.inf]),
        unit,
    )


@pytest.mark.parametrize("unit", [(1.0, 1.0), (0.01, 1.0), (30.0, 0.2)])
def test_the_solution_does_not_depend_on_the_units_of_variables(unit):
    start = np.array([1.9, 1.9])
    plain = solve(valley(), start, tolerance=1e-8, max_iterations=100, options={})
    scaled = solve(valley(np.array(unit)), start, tolerance=1e-8, max_iterations=100, options={})
    assert plain.success and scaled.success
    assert plain.z[0] * plain.z[1] == pytest.approx(1.2, abs=1e-6)
    np.testing.assert_allclose(scaled.z, plain.z, atol=1e-4)
    assert scaled.iterations < 60  # with wrong derivatives it would crawl


def test_an_attempt_that_is_near_at_its_limit_goes_on_and_another_does_not():
    start = np.array([-1.9, 1.9])
    whole = solve(valley(), start, tolerance=1e-8, max_iterations=100, options={})
    assert whole.success
    short = {"tolerance": 1e-8, "max_iterations": whole.iterations - 3, "options": {}}
    assert not solve(valley(), start, **short).success
    near = solve(valley(), start, **short, grace=Grace(10, 10.0))
    assert near.success
    assert near.iterations == whole.iterations
    np.testing.assert_allclose(near.z, whole.z, atol=1e-9)
    far = solve(valley(), start, **short, grace=Grace(10, 1e-12))
    assert not far.success
    assert (far.status, far.iterations) == ("Maximum_Iterations_Exceeded", whole.iterations - 3)
    none_left = solve(valley(), start, **(short | {"max_iterations": whole.iterations - 9}), grace=Grace(3, 1e6))
    assert none_left.status == "Maximum_Iterations_Exceeded"
    assert none_left.iterations == whole.iterations - 6
