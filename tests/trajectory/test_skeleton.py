"""Recursive Newton-Euler against Lagrange's equations written out by hand, and against work and energy."""

import numpy as np
import pytest

from mint.trajectory.model.parameters import parameter_vector, topology_key
from mint.trajectory.model.tree import build_tree
from tests.trajectory import models

G = 9.80665


def lagrange(q, v, a, m1=2.0, l1=0.4, c1=0.2, i1=0.04, m2=2.0, c2=None, i2=None):
    """Torques of a planar double pendulum (Spong, Hutchinson, Vidyasagar, Robot Modeling and Control, 7.3.2)."""
    rod, hand = 1.5, 0.5
    c2 = (rod * 0.25 + hand * 0.55) / m2
    i2 = 0.03 + rod * (0.25 - c2) ** 2 + 0.002 + hand * (0.55 - c2) ** 2
    cos, sin = np.cos(q[1]), np.sin(q[1])
    m12 = m2 * (c2**2 + l1 * c2 * cos) + i2
    m11 = m1 * c1**2 + i1 + m2 * (l1**2 + c2**2 + 2 * l1 * c2 * cos) + i2
    m22 = m2 * c2**2 + i2
    h = -m2 * l1 * c2 * sin
    gravity2 = m2 * c2 * G * np.sin(q[0] + q[1])
    gravity1 = (m1 * c1 + m2 * l1) * G * np.sin(q[0]) + gravity2
    return np.array(
        [
            m11 * a[0] + m12 * a[1] + h * (2 * v[0] * v[1] + v[1] ** 2) + gravity1,
            m12 * a[0] + m22 * a[1] - h * v[0] ** 2 + gravity2,
        ]
    )


def test_newton_euler_equals_lagrange_on_a_double_pendulum_with_a_welded_hand(kernels):
    tree, blocks = kernels(models.double_pendulum())
    x = np.random.default_rng(1).uniform(-2, 2, (6, 20))
    tau = blocks.evaluate("value", models.on_floor(x), parameter_vector(tree))[:2]
    expected = np.stack([lagrange(x[:2, k], x[2:4, k], x[4:, k]) for k in range(20)], axis=1)
    assert tree.coordinates == ("q1", "q2")
    np.testing.assert_allclose(tau, expected, atol=1e-10)


def test_parameters_are_run_time_arguments_one_build_serves_a_heavier_and_longer_model(kernels):
    tree, blocks = kernels(models.double_pendulum())
    other = models.double_pendulum()
    other["bodies"]["upper"]["mass_kg"], other["joints"][1]["Xp"]["p"] = 5.0, [0.0, -0.7, 0.0]
    heavy = build_tree(other)
    assert topology_key(heavy) == topology_key(tree)
    x = np.random.default_rng(2).uniform(-2, 2, (6, 5))
    tau = blocks.evaluate("value", models.on_floor(x), parameter_vector(heavy))[:2]
    expected = np.stack([lagrange(x[:2, k], x[2:4, k], x[4:, k], m1=5.0, l1=0.7) for k in range(5)], axis=1)
    np.testing.assert_allclose(tau, expected, atol=1e-10)


def spatial_record():
    """A free body with a turned, coupled, curved joint: no symmetry left that could hide an error."""
    root = [models.free(n, a) for n, a in (("a", models.Z), ("b", models.X), ("c", models.Y))]
    root += [models.free(n, a) for n, a in (("tx", models.X), ("ty", models.Y), ("tz", models.Z))]
    curve = {"type": "polynomial", "coefficients": [0.02, 0.05, -0.03, 0.01]}
    knee = [
        models.free("k", [0.6, 0.0, 0.8]),
        models.free("d", models.Y),
        models.fixed(models.Z),
        models.free("k", models.X, curve),
        models.fixed(models.Y),
        models.free("d", models.Z, curve),
    ]
    turn = [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    bodies = {
        "pelvis": models.body(3.0, [0.1, 0.02, -0.05], [0.2, 0.3, 0.25, 0.01, -0.02, 0.015]),
        "shank": models.body(2.0, [0.02, -0.2, 0.03], [0.1, 0.05, 0.12, 0.004, 0.003, -0.002]),
    }
    joints = [
        models.joint("root", "ground", "pelvis", root),
        models.joint(
            "knee", "pelvis", "shank", knee, offset=[0.1, -0.3, 0.05], child_offset=[0.01, 0.2, -0.03], rotation=turn
        ),
    ]
    coupler = {
        "dependent": "d",
        "independent": "k",
        "function": {"type": "polynomial", "coefficients": [0.1, 0.5, -0.2]},
    }
    return models.record(bodies, joints, couplers=[coupler])


def test_power_of_generalized_forces_equals_change_of_energy_of_a_coupled_spatial_model(kernels):
    """tau . qd = d/dt (kinetic + potential); energy from the mass matrix that tau itself defines."""
    tree, blocks = kernels(spatial_record())
    p, n = parameter_vector(tree), len(tree.coordinates)
    assert n == 7
    rng = np.random.default_rng(3)
    amplitude, phase = rng.uniform(0.2, 0.6, n), rng.uniform(0, 6, n)

    def motion(t):
        return (
            amplitude * np.sin(2 * t + phase),
            2 * amplitude * np.cos(2 * t + phase),
            -4 * amplitude * np.sin(2 * t + phase),
        )

    def tau(q, v, a):
        return blocks.evaluate("value", models.on_floor(np.concatenate([q, v, a])[:, None]), p)[: len(q), 0]

    def energy(t):
        q, v, _ = motion(t)
        zero = np.zeros(n)
        kinetic = 0.5 * v @ (tau(q, zero, v) - tau(q, zero, zero))
        com = blocks.evaluate("outputs", models.on_floor(np.concatenate([q, v, zero])[:, None]), p)[-3:, 0]
        return kinetic + tree.mass * G * com[1]

    for t in (0.1, 0.7, 1.9):
        q, v, a = motion(t)
        step = 1e-4
        rate = (energy(t + step) - energy(t - step)) / (2 * step)
        assert tau(q, v, a) @ v == pytest.approx(rate, rel=1e-6, abs=1e-6)


def test_a_locked_coordinate_is_a_constant_at_its_default(kernels):
    locked = models.double_pendulum()
    locked["coordinates"]["q2"].update(locked=True, default=0.5)
    tree, blocks = kernels(locked)
    assert tree.coordinates == ("q1",)
    tau = blocks.evaluate("value", models.on_floor(np.array([[0.3], [1.2], [-0.7]])), parameter_vector(tree))[0, 0]
    assert tau == pytest.approx(lagrange([0.3, 0.5], [1.2, 0.0], [-0.7, 0.0])[0], abs=1e-10)
