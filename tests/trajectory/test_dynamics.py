"""Dynamics over the nodes of a window against loops over nodes, for kernels whose derivatives are known."""

from __future__ import annotations

import numpy as np
import pytest

from mint.trajectory.mesh.dynamics import Dynamics, banded_layout
from mint.trajectory.mesh.node_hessian import NodeHessian
from tests.trajectory.quadratic import DEPENDS, NY, STEP, N, Quadratic

K = 4
P = np.array([1.3])
BLOCKS = Quadratic()
RNG = np.random.default_rng(1)
COEFFICIENTS = RNG.normal(size=(K + 2, N))
FLOOR = RNG.normal(size=(K, 2, 2))
# Position, speed and acceleration at a node from its three coefficients: de Boor's uniform cubic B-spline.
BASIS = np.array([[1 / 6, 2 / 3, 1 / 6], [-25.0, 0.0, 25.0], [2500.0, -5000.0, 2500.0]])


def dynamics(floor: np.ndarray | None = FLOOR) -> Dynamics:
    return Dynamics(BLOCKS, P, STEP, floor)  # type: ignore[arg-type]


def state(k: int, coefficients: np.ndarray = COEFFICIENTS) -> np.ndarray:
    """(q, qd, qdd) at a node."""
    return (BASIS @ coefficients[k : k + 3]).ravel()


def by_coefficients(k: int) -> np.ndarray:
    """dy/dc at a node, (NY, 3, n)."""
    return np.einsum("rdn,dj->rjn", BLOCKS.by_x(state(k), P[0]).reshape(NY, 3, N), BASIS)


def test_states_are_positions_speeds_and_accelerations_of_the_spline() -> None:
    states = dynamics().states(COEFFICIENTS)
    assert states == pytest.approx(np.stack([state(k) for k in range(K)], axis=1)) and states.flags.c_contiguous


def test_sizes_and_columns_are_those_of_the_kernels() -> None:
    d = dynamics()
    assert (d.n, d.ny, d.spheres, d.step_s) == (3, 17, 2, STEP)
    assert (d.depth, d.feet) == (slice(3, 5), slice(5, 17))
    assert np.array_equal(np.stack([d.rows, d.coordinates]), np.stack(np.nonzero(DEPENDS)))


def test_kernels_of_another_number_of_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^2 parameters for kernels of 1$"):
        Dynamics(BLOCKS, np.ones(2), STEP)  # type: ignore[arg-type]


@pytest.mark.parametrize("floor", [None, FLOOR])
def test_outputs_of_every_node_are_those_of_its_state_and_point_of_the_floor(floor: np.ndarray | None) -> None:
    """A foot's point is x and z of right, then left foot; without points moments are about the origin."""
    about = np.zeros((K, 4)) if floor is None else floor.reshape(K, 4)
    expected = np.array([BLOCKS.y(state(k), about[k], P[0]) for k in range(K)])
    d = dynamics(floor)
    assert d.value(COEFFICIENTS) == pytest.approx(expected)
    y, slopes = d.slopes(COEFFICIENTS)
    assert y == pytest.approx(expected) and slopes.shape == (3, len(d.rows), K)


def test_slopes_are_derivatives_by_position_speed_and_acceleration() -> None:
    d = dynamics()
    _, slopes = d.slopes(COEFFICIENTS)
    for k in range(K):
        full = BLOCKS.by_x(state(k), P[0]).reshape(NY, 3, N)
        for order in range(3):
            assert slopes[order, :, k] == pytest.approx(full[d.rows, order, d.coordinates])


def test_answers_are_those_of_the_point_that_is_asked_for() -> None:
    d, other = dynamics(), COEFFICIENTS + 1.0
    first = d.value(COEFFICIENTS), d.slopes(COEFFICIENTS)
    assert not np.array_equal(d.value(other), first[0]) and not np.array_equal(d.slopes(other)[1], first[1][1])
    assert np.array_equal(d.value(COEFFICIENTS), first[0])
    assert np.array_equal(d.slopes(COEFFICIENTS)[1], first[1][1])


def test_the_same_point_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    d, asked = dynamics(), []
    evaluate = BLOCKS.evaluate
    monkeypatch.setattr(BLOCKS, "evaluate", lambda kernel, *a: (asked.append(kernel), evaluate(kernel, *a))[1])
    for _ in range(2):
        d.value(COEFFICIENTS)
        d.slopes(COEFFICIENTS)
    assert asked == ["value", "jacobian"]


def test_derivatives_by_states_become_derivatives_by_coefficients() -> None:
    d = dynamics()
    found = d.to_coefficients(d.slopes(COEFFICIENTS)[1])
    for k in range(K):
        np.testing.assert_allclose(found[:, :, k].T, by_coefficients(k)[d.rows, :, d.coordinates], rtol=1e-9)


def test_dense_matrices_have_each_derivative_in_its_row_and_column() -> None:
    d = dynamics()
    found = d.dense(d.to_coefficients(d.slopes(COEFFICIENTS)[1]), d.rows, d.coordinates, NY)
    assert found == pytest.approx(np.array([by_coefficients(k).reshape(NY, 3 * N) for k in range(K)]))
    chosen = d.rows < 2
    two = d.dense(d.to_coefficients(d.slopes(COEFFICIENTS)[1])[:, chosen], d.rows[chosen], d.coordinates[chosen], 2)
    assert two == pytest.approx(found[:, :2])


def test_pulled_back_weights_are_the_gradient_of_the_weighted_sum() -> None:
    d, weights = dynamics(), RNG.normal(size=(K, NY))
    found = d.pull_back(d.slopes(COEFFICIENTS)[1], weights)
    assert found == pytest.approx(np.array([weights[k] @ by_coefficients(k).reshape(NY, -1) for k in range(K)]))


def test_coordinates_meet_in_second_derivatives_and_in_products_of_slopes() -> None:
    d = dynamics()
    itself = np.eye(N, dtype=bool)
    pair = itself.copy()
    pair[0, 1] = pair[1, 0] = True
    assert np.array_equal(d.meeting(np.array([], dtype=int)), pair)
    linear = Quadratic()
    linear.structure = linear.structure.__class__(
        **{**vars(linear.structure), "hessian_rows": np.array([0]), "hessian_cols": np.array([4])}
    )
    upper = Dynamics(linear, P, STEP)  # type: ignore[arg-type]
    # position of coordinate 0 with the speed of coordinate 1, told once: the pair meets both ways
    assert np.array_equal(upper.meeting(np.array([], dtype=int)), pair)
    linear.structure = linear.structure.__class__(
        **{**vars(linear.structure), "hessian_rows": np.array([2]), "hessian_cols": np.array([8])}
    )
    alone = Dynamics(linear, P, STEP)  # type: ignore[arg-type]
    assert np.array_equal(alone.meeting(np.array([2, 3])), itself)
    assert np.array_equal(alone.meeting(np.array([2, 0])), pair)


def layout(pairs: np.ndarray | None = None) -> NodeHessian:
    return NodeHessian(np.ones((N, N), dtype=bool) if pairs is None else pairs, K, STEP)


def assembled(of: NodeHessian, total: np.ndarray) -> np.ndarray:
    """The lower triangle of a Hessian in coefficients."""
    out = np.zeros(((K + 2) * N, (K + 2) * N))
    np.add.at(out, (of.rows, of.cols), of.values(total))
    return out


def summed(of_node: list[np.ndarray]) -> np.ndarray:
    """Lower triangle of the sum of the nodes' matrices (3n, 3n), node by node."""
    out = np.zeros(((K + 2) * N, (K + 2) * N))
    for k, matrix in enumerate(of_node):
        out[k * N : (k + 3) * N, k * N : (k + 3) * N] += matrix
    return np.tril(out)


@pytest.mark.parametrize("rows", [[0, 2, 4], [3], [9, 10], list(range(11))])
def test_squares_of_slopes_add_up_to_the_hessian_of_squares(rows: list[int]) -> None:
    d, of = dynamics(), layout()
    weights = RNG.uniform(0.5, 2.0, (len(rows), K))
    total = of.zeros()
    d.add_squares(total, of, d.slopes(COEFFICIENTS)[1], np.array(rows), weights)
    nodes = []
    for k in range(K):
        j = by_coefficients(k).reshape(NY, -1)[rows]
        nodes.append(j.T @ (weights[:, k, None] * j))
    expected = summed(nodes)
    assert assembled(of, total) == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())
    d.add_squares(total, of, d.slopes(COEFFICIENTS)[1], np.array(rows), weights)  # a sum: what was there stays
    assert assembled(of, total) == pytest.approx(2 * expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())


def test_squares_leave_pairs_alone_that_the_layout_does_not_have() -> None:
    d = dynamics()
    pairs = np.eye(N, dtype=bool)
    full, few, rows, weights = layout(), layout(pairs), np.array([0]), np.ones((1, K))
    slopes = d.slopes(COEFFICIENTS)[1]
    every, some = full.zeros(), few.zeros()
    d.add_squares(every, full, slopes, rows, weights)
    d.add_squares(some, few, slopes, rows, weights)
    assert np.array_equal(some, every[:, :, full.place(few.first, few.second)])
    assert few.first.tolist() == [0, 1, 2] and np.abs(some[:, :, :2]).min() > 0 and (some[:, :, 2] == 0).all()


def test_squares_without_weight_add_nothing() -> None:
    d, of = dynamics(), layout()
    total = np.ones_like(of.zeros())
    d.add_squares(total, of, d.slopes(COEFFICIENTS)[1], np.array([0, 1]), np.zeros((2, K)))
    assert (total == 1.0).all()


def test_curvature_adds_up_to_the_hessian_of_the_weighted_sum() -> None:
    d, of, multipliers = dynamics(), layout(), RNG.normal(size=(K, NY))
    total = of.zeros()
    d.add_curvature(total, of, COEFFICIENTS, multipliers)
    turn = np.kron(BASIS, np.eye(N))  # states from the three coefficients of a node
    expected = summed([turn.T @ (P[0] * np.tensordot(multipliers[k], BLOCKS.curve, 1)) @ turn for k in range(K)])
    assert assembled(of, total) == pytest.approx(expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())
    d.add_curvature(total, of, COEFFICIENTS, multipliers)
    assert assembled(of, total) == pytest.approx(2 * expected, rel=1e-9, abs=1e-9 * np.abs(expected).max())


def test_forces_points_and_centre_of_mass_are_told_apart() -> None:
    d = dynamics()
    force, point, com = d.outputs(d.states(COEFFICIENTS))
    first = 100 * np.array([state(k)[0] for k in range(K)])
    assert force == pytest.approx(np.arange(6.0).reshape(2, 3) + first[:, None, None])
    assert point == pytest.approx(np.arange(6.0, 12).reshape(2, 3) + first[:, None, None])
    assert com == pytest.approx(np.arange(12.0, 15) + first[:, None])


def test_the_band_of_a_node_matrix_is_its_lower_triangle() -> None:
    row, col, band = banded_layout(2)
    assert list(zip(row, col, band, strict=True)) == [(i, j, i - j) for i in range(6) for j in range(i + 1)]
