"""Fitted paths: what is read, and the range on which they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.core.bundle import Bundle
from mint.core.finding import Finding
from mint.core.status import Reason, StageError
from mint.trajectory.muscles.paths import PathSet, outside, reach, read_paths

ARRAYS: dict[str, Any] = {
    "muscles": ["soleus_r", "recfem_l"],
    "span_0": ["ankle_angle_r"],
    "exponents_0": np.array([[0.0], [1.0]]),
    "coefficients_0": np.array([1, 2], dtype=np.float32),
    "span_1": ["hip_flexion_l", "knee_angle_l"],
    "exponents_1": np.array([[0, 0], [1, 0], [0, 2]]),
    "coefficients_1": np.array([0.3, -0.05, 0.01]),
    "range_coordinates": ["knee_angle", "ankle_angle_r"],
    "range_lo": np.array([0.0, -0.5]),
    "range_hi": np.array([2.0, 0.6]),
}


def paths(**changes: Any) -> PathSet:
    arrays = {name: value for name, value in {**ARRAYS, **changes}.items() if value is not None}
    return read_paths(Bundle.of("muscle_paths", arrays))


def test_paths_are_read_in_order_with_whole_exponents_and_decimal_coefficients() -> None:
    found = paths()
    assert found.muscles == ["soleus_r", "recfem_l"]
    first, second = found.paths
    assert first.span == ("ankle_angle_r",) and second.span == ("hip_flexion_l", "knee_angle_l")
    assert first.exponents.tolist() == [[0], [1]] and first.exponents.dtype == np.int64
    assert first.coefficients.tolist() == [1.0, 2.0] and first.coefficients.dtype == np.float64
    assert second.exponents.tolist() == [[0, 0], [1, 0], [0, 2]]
    assert second.coefficients.tolist() == [0.3, -0.05, 0.01]
    assert found.lower == {"knee_angle": 0.0, "ankle_angle_r": -0.5}
    assert found.upper == {"knee_angle": 2.0, "ankle_angle_r": 0.6}


def test_paths_without_a_range_hold_everywhere() -> None:
    found = paths(range_coordinates=None, range_lo=None, range_hi=None)
    assert found.lower == {} and found.upper == {}


@pytest.mark.parametrize("name", ["muscles", "span_1", "exponents_0", "coefficients_1", "range_lo", "range_hi"])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(StageError) as caught:
        paths(**{name: None})
    assert caught.value.reason is Reason.FIELD_MISSING and f"muscle_paths: '{name}'" in str(caught.value)


@pytest.mark.parametrize("name", ["range_lo", "range_hi", "exponents_1"])
def test_a_range_of_another_length_and_values_that_are_no_numbers_are_refused(name: str) -> None:
    """Coordinates without a range would have no limits."""
    with pytest.raises(StageError, match=r"muscle_paths: (zip\(\)|invalid literal)") as caught:
        paths(**{name: np.array(["a"]) if name.startswith("exp") else np.zeros(1)})
    assert caught.value.reason is Reason.FIELD_VALUE


def test_the_range_of_a_coordinate_is_its_own_or_that_of_both_sides_and_else_infinite() -> None:
    lower, upper = reach(paths(), ["ankle_angle_r", "knee_angle_l", "knee_angle_r", "hip_flexion_l"], 0.1)
    assert lower == pytest.approx([-0.6, -0.1, -0.1, -np.inf])
    assert upper == pytest.approx([0.7, 2.1, 2.1, np.inf])


def test_coordinates_outside_are_told_with_extremes_limits_and_first_node() -> None:
    """In degrees: the knee from -30 to 90 with limits 0 and 80, first beyond at node 2; the hip just at its limits."""
    q = np.radians([[10.0, 5.0, 20.0], [10.0, 70.0, -20.0], [10.0, 90.0, 0.0], [10.0, -30.0, 0.0]])
    limits = np.radians([-90.0, 0.0, -20.0]), np.radians([90.0, 80.0, 20.0])
    said = outside(q, limits, ["ankle_angle_r", "knee_angle_l", "hip_flexion_l"])
    assert [text for text, _ in said] == ["knee_angle_l -30 to 90 deg, limits 0 to 80, first at node 2"]
    assert said[0][1] == Finding("range of muscle paths", coordinate="knee_angle_l", node=2)
    (below, _), (above, _) = outside(q, (limits[0], np.radians([9.0, 90.0, 20.0])), ["a", "b", "c"])
    assert below == "a 10 to 10 deg, limits -90 to 9, first at node 0"
    assert above == "b -30 to 90 deg, limits 0 to 90, first at node 3"
