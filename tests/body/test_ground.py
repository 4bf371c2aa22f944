"""The floor is where soles rest, not where they pass."""

from __future__ import annotations

import numpy as np
import pytest

from mint.body.ground import Ground, find_ground
from mint.config.body import BodyConfig

RATE = 50.0


def test_a_sole_that_passes_below_the_standing_one_does_not_lower_the_ground() -> None:
    """One foot stands at 5 cm; the other swings through 12 cm below it at up to 2 m/s, as over the edge of a step."""
    t = np.arange(200) / RATE
    soles = np.stack([np.full(200, 0.05), 0.05 + 0.12 * np.sin(2 * np.pi * 2.63 * t)], axis=1)
    found = find_ground(soles, soles.min(axis=1), BodyConfig())
    assert found.method == "slow_soles" and found.slow_share < 0.75
    assert found.ground_m == pytest.approx(0.05, abs=0.005)
    assert found.paper_m == pytest.approx(-0.07, abs=0.005)
    assert any("slow soles say" in warning for warning in found.warnings)


def fall(frames: int, speed: float) -> np.ndarray:
    """Both soles sink at one speed, m/s, down to 0.3 m."""
    height = 0.3 + speed * np.arange(frames)[::-1] / RATE
    return np.stack([height, height], axis=1)


def test_where_soles_are_never_slow_the_lowest_marker_is_the_floor_and_that_is_said() -> None:
    soles = fall(20, 1.0)
    warning = "ground: soles are slow in 0.0 % of the frames only: the lowest marker, 0.270 m, is used"
    assert find_ground(soles, soles.min(axis=1) - 0.03, BodyConfig()) == Ground(
        pytest.approx(0.27), pytest.approx(0.27), 0.0, "lowest_marker", (warning,)
    )


def test_the_share_of_slow_soles_is_said_in_percent() -> None:
    """Of one foot in one frame of ten: 5 %, less than the tenth that is asked for here."""
    soles = fall(10, 1.0)
    soles[0, 0] = soles[1, 0]
    found = find_ground(soles, soles.min(axis=1), BodyConfig(min_slow_share=0.1))
    assert found.slow_share == 0.05 and found.warnings[0].startswith("ground: soles are slow in 5.0 % of the frames")


def test_a_share_of_slow_soles_just_at_its_limit_is_enough() -> None:
    soles = fall(10, 1.0)
    soles[0, 0] = soles[1, 0]
    assert find_ground(soles, soles.min(axis=1), BodyConfig(min_slow_share=0.05)).method == "slow_soles"


def test_a_sole_at_the_limit_of_speed_is_not_slow() -> None:
    soles = fall(20, 1.0)
    limit = float(np.abs(np.gradient(soles[:, 0], 1 / RATE)).min())
    assert find_ground(soles, soles.min(axis=1), BodyConfig(slow_speed_m_s=limit)).slow_share == 0.0


def test_a_single_frame_is_at_rest_and_two_frames_have_a_speed() -> None:
    still = find_ground(np.array([[0.02, 0.02]]), np.array([0.0]), BodyConfig())
    assert (still.method, still.slow_share, still.ground_m) == ("slow_soles", 1.0, 0.02)
    assert find_ground(fall(2, 1.0), np.zeros(2), BodyConfig()).slow_share == 0.0


def test_a_difference_from_the_lowest_marker_just_at_its_limit_is_no_warning() -> None:
    soles = np.full((10, 2), 0.05)
    assert find_ground(soles, np.zeros(10), BodyConfig(warn_ground_difference_m=0.05)).warnings == ()
    assert find_ground(soles, np.zeros(10), BodyConfig(warn_ground_difference_m=0.04)).warnings == (
        "ground: slow soles say 0.050 m, the lowest marker 0.000 m",
    )
