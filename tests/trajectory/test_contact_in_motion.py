"""Contact in the equations of motion."""

import numpy as np
import pytest

from mint.trajectory.model.parameters import parameter_vector
from tests.trajectory import models


def test_contact_carries_the_block_in_the_equations_of_motion(block):
    tree, blocks = block
    p = parameter_vector(tree)
    x = np.zeros((21, 1))
    x[4] = 0.02  # centres 2 cm high: spheres of 3.2 cm are 1.2 cm in the floor
    tau = blocks.evaluate("value", models.on_floor(x), p)[:, 0]
    force = blocks.evaluate("outputs", models.on_floor(x), p)[:18, 0].reshape(6, 3)
    assert tau[4] == pytest.approx(42 * 9.80665 - force[:, 1].sum(), rel=1e-9)
    np.testing.assert_allclose(tau[[0, 1, 2, 3, 5]], 0, atol=1e-9)
    np.testing.assert_allclose(tau[7:13], 0.012)


def test_a_moving_belt_equals_walking_over_a_floor_at_rest(block):
    tree, blocks = block
    rest, walk = np.zeros((21, 1)), np.zeros((21, 1))
    rest[4] = walk[4] = 0.02
    walk[7 + 3] = 1.2
    on_belt = blocks.evaluate("outputs", models.on_floor(rest), parameter_vector(tree, np.array([-1.2, 0.0, 0.0])))
    on_floor = blocks.evaluate("outputs", models.on_floor(walk), parameter_vector(tree))
    np.testing.assert_allclose(on_belt, on_floor, atol=1e-9)
    assert on_floor[0, 0] < -10.0
