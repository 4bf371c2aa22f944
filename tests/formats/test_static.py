"""The still part of a static trial."""

from __future__ import annotations

import numpy as np
import pytest

from mint.core.motionfiles import MarkerTable
from mint.formats.static import still_points


def test_the_stillest_part_counts_without_markers_that_are_lost_there() -> None:
    random = np.random.default_rng(0)
    positions = random.normal(size=(400, 3, 3))
    positions[200:300] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    positions[250, 2] = np.nan
    points = still_points(MarkerTable(["A", "B", "C"], positions, np.arange(400) / 100, 100.0), 1.0)
    assert points.keys() == {"A", "B"}
    np.testing.assert_allclose(points["B"], [4, 5, 6])


@pytest.mark.parametrize("frames", [1, 3])
def test_a_trial_shorter_than_the_window_counts_as_a_whole(frames: int) -> None:
    positions = np.arange(frames * 3, dtype=float).reshape(frames, 1, 3)
    points = still_points(MarkerTable(["A"], positions, np.arange(frames) / 100, 100.0), 1.0)
    np.testing.assert_allclose(points["A"], positions.mean(axis=0)[0])
