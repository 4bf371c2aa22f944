from __future__ import annotations

import numpy as np
import pytest

from mint.core.stretches import stretches


@pytest.mark.parametrize(
    ("mask", "at_least", "expected"),
    [
        ("", 1, []),
        ("0000", 1, []),
        ("1111", 1, [(0, 4)]),
        ("1101", 1, [(0, 2), (3, 4)]),
        ("0110", 1, [(1, 3)]),
        ("1101", 2, [(0, 2)]),
        ("1101", 3, []),
    ],
)
def test_a_stretch_is_a_half_open_range_that_may_touch_both_ends(
    mask: str, at_least: int, expected: list[tuple[int, int]]
) -> None:
    assert stretches(np.array([each == "1" for each in mask], dtype=bool), at_least) == expected
