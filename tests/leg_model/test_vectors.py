"""Products of vectors are NumPy's."""

from __future__ import annotations

import numpy as np
import pytest

from mint.kinematics.model.vectors import cross


@pytest.mark.parametrize(("first", "second"), [((3,), (3,)), ((5, 3), (5, 3)), ((5, 3), (3,)), ((2, 5, 3), (5, 3))])
def test_a_cross_product_is_that_of_numpy_to_the_last_bit(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    random = np.random.default_rng(3)
    a, b = random.normal(size=first), random.normal(size=second)
    np.testing.assert_array_equal(cross(a, b), np.cross(a, b))
