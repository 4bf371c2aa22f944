"""What a trial tells about forces that nothing exerts: in its table, in its record, in its log."""

from __future__ import annotations

import numpy as np
import pytest

from mint.exchange.curves import Curve
from mint.exchange.residuals import Residuals, pelvis_residuals
from mint.exchange.solution import PartSolution

ORDER = ("pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz", "knee_angle_r")
WEIGHT_N = 600.0


@pytest.fixture
def found() -> Residuals:
    """Six frames, of which the middle two are faded: 50 N and 20 N there, 3 N elsewhere."""
    demand = np.tile([0.0, 0.6, 0.8, 0.0, 3.0, 0.0, 40.0], (6, 1))
    demand[2, 3:6], demand[3, 3:6] = [30.0, 0.0, -40.0], [0.0, -20.0, 0.0]
    solution = PartSolution(ORDER, Curve([], [], [], [], 7), (), np.zeros((6, 0)), np.zeros((6, 0)), {})
    return pelvis_residuals({"legs": solution}, {"legs": demand}, np.arange(6) // 2 == 1, WEIGHT_N)


def test_the_table_has_sizes_of_force_and_moment_and_says_which_frames_are_faded(found: Residuals) -> None:
    columns = found.columns()
    assert np.allclose(columns["legs_force_N"], [3, 3, 50, 20, 3, 3]) and np.allclose(columns["legs_moment_Nm"], 1.0)
    assert np.allclose(columns["legs_force_percent_bw"], 100 * columns["legs_force_N"] / WEIGHT_N)
    assert list(columns["faded"]) == [0, 0, 1, 1, 0, 0]


def test_the_record_tells_fades_from_what_was_verified(found: Residuals) -> None:
    assert found.record() == {
        "weight_N": WEIGHT_N,
        "legs_pelvis_residual_N": 3.0,
        "legs_pelvis_residual_in_fades_N": 50.0,
    }


def test_fades_beyond_five_percent_of_body_weight_are_a_warning(found: Residuals) -> None:
    said = found.warning("walk", "legs")
    assert "walk" in said and "50 N (8 % of body weight)" in said and "in 1 frames more than 5 %" in said
    unfaded = Residuals(found.force_N, found.moment_Nm, np.zeros(6, dtype=bool), WEIGHT_N)
    light = Residuals(found.force_N, found.moment_Nm, found.faded, 2000.0)
    assert unfaded.warning("walk", "legs") == "" and light.warning("walk", "legs") == ""
