"""The floor is where soles rest, not where they pass."""

from __future__ import annotations

import numpy as np
import pytest

from mint.body.ground import find_ground
from mint.config.body import BodyConfig


def test_a_sole_that_passes_below_the_standing_one_does_not_lower_the_ground() -> None:
    """One foot stands at 5 cm; the other swings through 12 cm below it at up to 2 m/s, as over the edge of a step."""
    t = np.arange(200) / 50.0
    soles = np.stack([np.full(200, 0.05), 0.05 + 0.12 * np.sin(2 * np.pi * 2.63 * t)], axis=1)
    found = find_ground(soles, soles.min(axis=1), BodyConfig())
    assert found.method == "slow_soles" and found.slow_share < 0.75
    assert found.ground_m == pytest.approx(0.05, abs=0.005)
    assert found.paper_m == pytest.approx(-0.07, abs=0.005)
    assert any("slow soles say" in warning for warning in found.warnings)
