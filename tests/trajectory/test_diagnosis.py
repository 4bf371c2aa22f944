"""Planted faults of a motion are named in its failure, with place, size and remedy; a clean motion names none."""

from dataclasses import replace

import numpy as np
import pytest

from mint.config.trajectory import TrajectoryConfig
from mint.core.bundle import Bundle
from mint.core.finding import Finding
from mint.core.status import REMEDY, Reason, StageError, StageStatus
from mint.trajectory.attempts.diagnosis import named, suspects
from mint.trajectory.muscles.paths import PathSet, outside, reach
from tests.trajectory.test_problem import case_of, still

NODES = 20


def kinematics(vertical_acceleration=0.0, marker_m=0.01):
    arrays = {
        "frames": np.arange(100, 100 + NODES),
        "com_acceleration": np.zeros((NODES, 3)),
        "marker_max_m": np.full(NODES, 0.01),
        "marker_max_name": np.array(["HEAD"] * NODES),
    }
    arrays["com_acceleration"][:, 1] = vertical_acceleration
    arrays["marker_max_m"][5], arrays["marker_max_name"][5] = marker_m, "LTOE"
    return Bundle(StageStatus("ik"), arrays)


def names(case, ik):
    return [each.text for each in suspects(case, ik)]


def test_a_block_at_rest_on_the_floor_is_not_suspect(block):
    assert names(case_of(block, still(NODES, 0.015)), kinematics()) == []


def test_a_sunk_foot_is_named_with_depth_and_instant(block):
    target = still(NODES, 0.015)
    target[7, 0, 4] -= 0.2
    (found,) = names(case_of(block, target), kinematics())
    assert found.startswith("foot through the floor") and found.endswith("at 2.14 s")


def test_a_floating_block_lacks_support_unless_it_falls(block):
    case = case_of(block, still(NODES, 0.4))
    (found,) = names(case, kinematics())
    assert found.startswith("missing support: 1.0 body weights needed") and found.endswith(f"({NODES} frames)")
    assert names(case, kinematics(vertical_acceleration=-9.81)) == []


def test_a_jump_and_a_wandering_marker_are_named(block):
    case = case_of(block, still(NODES, 0.015))
    turning = int(np.flatnonzero(case.tree.rotational)[0])
    case.target[11, 2, turning] = -900.0
    jump, marker = names(case, kinematics(marker_m=0.3))
    assert jump == f"jump of {case.tree.coordinates[turning]}: 900 rad/s2 at 2.22 s"
    assert marker == "marker LTOE 30 cm off at 2.10 s"


def test_a_hyperextended_knee_is_named(block):
    case = case_of(block, still(NODES, 0.015))
    turning = int(np.flatnonzero(case.tree.rotational)[0])
    case.target[3, 0, turning] = np.radians(-12.0)
    renamed = [f"knee_angle_{i}" if i == turning else name for i, name in enumerate(case.tree.coordinates)]
    dynamics = case.dynamics
    knee = replace(case, tree=replace(case.tree, coordinates=tuple(renamed)))
    knee.__dict__["dynamics"] = dynamics
    assert f"hyperextended knee: knee_angle_{turning} -12 deg at 2.06 s" in names(knee, kinematics())


def test_a_failure_says_what_is_suspect_and_its_remedy(block):
    found = suspects(case_of(block, still(NODES, 0.4)), kinematics())
    error = named(StageError(Reason.NOT_CONVERGED, "after 130 iterations"), found)
    assert error.reason is Reason.NOT_CONVERGED
    assert error.detail.startswith("after 130 iterations; suspect: missing support")
    assert error.remedy == REMEDY[Reason.MISSING_SUPPORT]
    plain = StageError(Reason.NOT_CONVERGED, "after 130 iterations")
    assert named(plain, []) is plain


@pytest.mark.parametrize("side", ["r", "l"])
def test_a_pose_outside_the_fitted_range_is_named_on_either_side(side):
    paths = PathSet((), {"hip_flexion": -0.5}, {"hip_flexion": 1.0})
    coordinates = ("pelvis_tx", f"hip_flexion_{side}")
    limits = reach(paths, coordinates, np.radians(TrajectoryConfig().range_tolerance_deg))
    q = np.zeros((6, 2))
    q[:, 0], q[4, 1] = 50.0, 1.02
    assert outside(q, limits, coordinates) == []
    q[4, 1] = 1.2
    ((found, where),) = outside(q, limits, coordinates)
    assert where == Finding("range of muscle paths", coordinate=coordinates[1], node=4)
    assert found == f"hip_flexion_{side} 0 to 69 deg, limits -32 to 60, first at node 4"
