"""The spline is exact for cubics and keeps the motion between bounds on its coefficients."""

import numpy as np

from mint.trajectory.mesh.spline import bounds_around, interpolate, nodes


def test_spline_through_a_cubic_gives_its_position_speed_and_acceleration():
    t = np.arange(12) * 0.02
    cubic = np.polynomial.Polynomial([0.3, -1.0, 4.0, 7.0])
    motion = nodes(interpolate(cubic(t)[:, None]), 0.02)[:, :, 0]
    np.testing.assert_allclose(motion[:, 0], cubic(t), atol=1e-12)
    np.testing.assert_allclose(motion[:, 1], cubic.deriv()(t), atol=1e-9)
    np.testing.assert_allclose(motion[:, 2], cubic.deriv(2)(t), atol=1e-6)


def test_spline_passes_through_any_motion():
    q = np.random.default_rng(0).normal(size=(30, 4))
    np.testing.assert_allclose(nodes(interpolate(q), 0.02)[:, 0], q, atol=1e-9)


def test_bounds_on_coefficients_bound_the_deviation_at_nodes():
    rng = np.random.default_rng(1)
    q = rng.normal(size=(30, 3))
    moved = interpolate(q) + rng.uniform(-0.1, 0.1, (32, 3))
    assert np.abs(nodes(moved, 0.02)[:, 0] - q).max() <= 0.1


def test_bounds_of_a_coefficient_far_out_of_reach_do_not_contradict_each_other():
    reach = np.array([-1.0, -np.inf]), np.array([1.0, np.inf])
    center = np.array([[0.0, 5.0], [-1.2, 5.0], [-1.7, 5.0], [1.7, 5.0]])
    lower, upper = bounds_around(center, np.array([0.5, 0.5]), reach)
    np.testing.assert_allclose(lower, [[-0.5, 4.5], [-1.0, 4.5], [-1.0, 4.5], [0.5, 4.5]])
    np.testing.assert_allclose(upper, [[0.5, 5.5], [-0.7, 5.5], [-0.5, 5.5], [1.0, 5.5]])
