"""Limits of deviation and depth, as constraints on coefficients, against loops and finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from mint.config.trajectory import TrajectoryConfig
from mint.config.verify import SolutionLimits
from mint.trajectory.mesh.dynamics import Dynamics
from mint.trajectory.mesh.node_hessian import NodeHessian
from mint.trajectory.model.tree import build_tree
from mint.trajectory.problems.depth import DepthLimits
from mint.trajectory.problems.deviation import RmsLimits, accepted_rms
from tests.trajectory import models
from tests.trajectory.quadratic import SPHERES, STEP, N, Quadratic

K = 17  # of which 7, 8 and 9 are kept
KEPT = (7, 8, 9)
RNG = np.random.default_rng(2)
TARGET = RNG.normal(size=(K, 4))
LIMIT = np.array([0.1, 0.2, 0.3, 0.4])
POSITION = np.array([1 / 6, 4 / 6, 1 / 6])
TRACKED = np.array([3, 1])
Z = RNG.normal(size=(K + 2) * 4)


def rms_limits() -> RmsLimits:
    return RmsLimits(TARGET, LIMIT, TRACKED, POSITION)


def jacobian_of(limits: object, z: np.ndarray, values: np.ndarray) -> np.ndarray:
    out = np.zeros((limits.count, z.size))  # type: ignore[attr-defined]
    np.add.at(out, (limits.rows, limits.cols), values)  # type: ignore[attr-defined]
    return out


def differences(function: object, z: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Central differences, which are exact for squares: (values, size of z)."""
    columns = []
    for i in range(z.size):
        ahead, behind = z.copy(), z.copy()
        ahead[i] += step
        behind[i] -= step
        columns.append((function(ahead) - function(behind)) / (2 * step))  # type: ignore[operator]
    return np.stack(columns, axis=1)


def test_angles_are_accepted_within_degrees_and_places_within_metres() -> None:
    tree = build_tree(models.block())
    verified = SolutionLimits(tracking_rms_deg=7.5, tracking_rms_m=0.04)
    accepted = accepted_rms(tree, TrajectoryConfig(verified=verified))
    angle = np.radians(7.0)
    assert accepted == pytest.approx([angle, angle, angle, 0.038, 0.038, 0.038, angle])


def test_the_mean_square_is_over_kept_nodes_and_in_units_of_its_limit() -> None:
    c = Z.reshape(K + 2, 4)
    expected = []
    for i in TRACKED:
        squares = [(c[k, i] / 6 + 4 * c[k + 1, i] / 6 + c[k + 2, i] / 6 - TARGET[k, i]) ** 2 for k in KEPT]
        expected.append(sum(squares) / 3 / LIMIT[i] ** 2)
    assert rms_limits().count == 2 and rms_limits().value(Z) == pytest.approx(expected)


def test_a_motion_at_its_limit_has_the_value_one() -> None:
    z = np.zeros((K + 2, 4)) + LIMIT
    assert RmsLimits(np.zeros((K, 4)), LIMIT, TRACKED, POSITION).value(z.ravel()) == pytest.approx([1.0, 1.0])


def test_jacobian_of_the_mean_squares_agrees_with_differences() -> None:
    limits = rms_limits()
    found = jacobian_of(limits, Z, limits.jacobian(Z))
    assert found == pytest.approx(differences(limits.value, Z), rel=1e-6, abs=1e-6)


def test_hessian_of_the_mean_squares_agrees_with_differences_of_the_gradient() -> None:
    limits, multipliers = rms_limits(), np.array([0.7, -1.9])
    layout = NodeHessian(np.eye(4, dtype=bool), K, STEP)
    total = layout.zeros()
    for _ in range(2):  # twice: it is added to what is there
        limits.add_hessian(total, layout, 0.5 * multipliers)
    lower = np.zeros((Z.size, Z.size))
    np.add.at(lower, (layout.rows, layout.cols), layout.values(total))

    def gradient(z: np.ndarray) -> np.ndarray:
        return multipliers @ jacobian_of(limits, z, limits.jacobian(z))

    assert lower + np.tril(lower, -1).T == pytest.approx(differences(gradient, Z), rel=1e-6, abs=1e-5)


BLOCKS = Quadratic()
COEFFICIENTS = RNG.normal(size=(K + 2, N))


def depth_limits() -> tuple[Dynamics, DepthLimits]:
    dynamics = Dynamics(BLOCKS, np.ones(1), STEP)  # type: ignore[arg-type]
    return dynamics, DepthLimits(dynamics, K, 0.025)


def test_depths_are_those_of_every_sphere_at_every_kept_node_in_units_of_their_limit() -> None:
    dynamics, limits = depth_limits()
    y = dynamics.value(COEFFICIENTS)
    assert limits.nodes.tolist() == list(KEPT) and limits.count == 3 * SPHERES
    assert limits.value(COEFFICIENTS) == pytest.approx([y[k, N + s] / 0.025 for k in KEPT for s in range(SPHERES)])


def test_jacobian_of_the_depths_agrees_with_differences() -> None:
    _, limits = depth_limits()

    def value(z: np.ndarray) -> np.ndarray:
        return limits.value(z.reshape(K + 2, N))

    found = jacobian_of(limits, COEFFICIENTS.ravel(), limits.jacobian(COEFFICIENTS))
    assert found == pytest.approx(differences(value, COEFFICIENTS.ravel()), rel=1e-5, abs=1e-5)


def test_multipliers_of_depths_weigh_the_penetrations_that_they_limit() -> None:
    _, limits = depth_limits()
    weights, multipliers = np.ones((K, BLOCKS.structure.outputs)), np.arange(1.0, 7.0)
    limits.add_weights(weights, multipliers)
    expected = np.ones_like(weights)
    for i, (k, s) in enumerate((k, s) for k in KEPT for s in range(SPHERES)):
        expected[k, N + s] += multipliers[i] / 0.025
    assert weights == pytest.approx(expected)
