from __future__ import annotations

import numpy as np
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.kinematics.ik import weights_of
from mint.kinematics.inverse import solver as ik_solver
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics
from mint.kinematics.inverse.restart import even_points, limbs_of, nearest_shoulders
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.model.export import load_model
from mint.kinematics.model.marker_sets import read_marker_set

TOLERANCE_RAD = KinematicsConfig().tolerance_rad
TASKS = {name: row["ik_weight"] for name, row in coordinate_rows("pose2sim").items()}


def both_arms(flexion, adduction, rotation, elbow, forearm):
    values = {"arm_flex": flexion, "arm_add": adduction, "arm_rot": rotation, "elbow_flex": elbow, "pro_sup": forearm}
    return {f"{name}_{side}": angle for name, angle in values.items() for side in "rl"}


# Degrees; the valley that leads down from arms sideways with straight elbows ends 0.16 to 0.3 m off.
GUARD = both_arms(5, 6, 49, 112, 30)
RAISED = both_arms(68, 16, 42, 82, 68)
ACROSS = both_arms(75, -46, -55, 119, 51)
BEHIND = both_arms(-43, -13, 50, 112, 77)
CROUCH = {
    "hip_flexion_r": 115,
    "hip_adduction_r": -30,
    "hip_rotation_r": 35,
    "knee_angle_r": 130,
    "ankle_angle_r": 20,
    "hip_flexion_l": 115,
    "hip_adduction_l": -30,
    "hip_rotation_l": 35,
    "knee_angle_l": 130,
    "ankle_angle_l": 20,
}


@pytest.fixture(scope="module")
def body(subject):
    """Model, weights and marker kinematics."""
    model = load_model(subject.osim)
    weights = weights_of(read_marker_set("smplh67", "pose2sim"), model)
    return model, weights, MarkerKinematics(load_model(subject.osim), list(weights))


def coordinates(body, posture):
    names, kinematics = body[2].names, body[2]
    q = kinematics.neutral.copy()
    for name, angle in posture.items():
        q[names.index(name)] = np.radians(angle)
    return q


def solve(body, points):
    model, weights, _ = body
    return ik_solver.solve(model, list(weights), points, np.arange(len(points)) / 50, weights, TASKS, TOLERANCE_RAD)


def markers(body, posture, frames=1):
    return np.repeat(body[2].positions(coordinates(body, posture))[None], frames, axis=0)


@pytest.mark.parametrize(
    "posture",
    [GUARD, RAISED, ACROSS, BEHIND, GUARD | CROUCH],
    ids=["guard", "raised", "across", "behind", "guard in a crouch"],
)
@pytest.mark.parametrize("elbow", [0.0, ik_solver.ELBOW_START_RAD], ids=["straight", "bent"])
def test_a_known_posture_far_from_the_default_is_recovered_in_the_first_frame(body, posture, elbow, monkeypatch):
    monkeypatch.setattr(ik_solver, "ELBOW_START_RAD", elbow)
    solution = solve(body, markers(body, posture))
    assert solution.marker_error_m.max() < 5e-3
    found = {name: np.degrees(solution.q[0, solution.coordinates.index(name)]) for name in posture}
    assert found == {name: pytest.approx(angle, abs=5) for name, angle in posture.items()}


def test_bent_elbows_at_the_start_need_no_search(body, monkeypatch):
    monkeypatch.setattr(ik_solver, "restart", lambda *args: pytest.fail("searched"))
    for posture in (GUARD, RAISED, ACROSS, BEHIND, both_arms(0, -90, 0, 0, 90), both_arms(10, -20, 0, 3, 90)):
        assert solve(body, markers(body, posture)).marker_error_m.max() < 5e-3


def test_an_arm_that_jumped_between_frames_is_found_again_without_an_added_turn(body):
    points = np.concatenate([markers(body, both_arms(0, -10, 0, 10, 90), 3), markers(body, ACROSS, 6)])
    solution = solve(body, points)
    assert solution.marker_error_m.max() < 5e-3
    shoulder = solution.q[:, [solution.coordinates.index(f"arm_{a}_r") for a in ("flex", "add", "rot")]]
    assert np.degrees(np.abs(np.diff(shoulder, axis=0))).max() < 180


def test_what_a_later_frame_finds_is_carried_back_to_the_first(body, monkeypatch):
    calls = []

    def fails_first(*args):
        calls.append(args)
        return None if len(calls) == 1 else found(*args)

    found = ik_solver.restart
    monkeypatch.setattr(ik_solver, "ELBOW_START_RAD", 0.0)
    monkeypatch.setattr(ik_solver, "restart", fails_first)
    solution = solve(body, markers(body, GUARD, 30))
    assert len(calls) == 2
    assert solution.marker_error_m.max() < 5e-3
    assert np.degrees(np.abs(np.diff(solution.q, axis=0))).max() < 1


def test_markers_that_no_posture_fits_are_not_searched_in_every_frame(body, monkeypatch):
    calls = []
    search = ik_solver.restart
    monkeypatch.setattr(ik_solver, "restart", lambda *args: calls.append(args) or search(*args))
    points = markers(body, {}, 40)
    points[:, list(body[1]).index("RELB"), 1] += 0.4
    solution = solve(body, points)
    assert solution.marker_error_m.max() > 0.1
    assert len(calls) == 2


def test_a_motion_that_fits_is_never_searched(body, moving, monkeypatch):
    monkeypatch.setattr(ik_solver, "restart", lambda *args: pytest.fail("searched"))
    chosen = [moving.names.index(name) for name in body[1]]
    assert solve(body, moving.positions[:40, chosen]).marker_error_m.max() < 1e-3


def test_equivalent_shoulder_angles_nearest_a_reference_are_the_same_pose(body):
    kinematics, limbs = body[2], limbs_of(body[2])
    q = coordinates(body, GUARD)
    names = kinematics.names
    place = [names.index(f"arm_{a}_r") for a in ("flex", "add", "rot")]
    reference = q.copy()
    a, b, c = q[place]
    reference[place] = a - np.pi, np.pi - b, c + 3 * np.pi
    near = nearest_shoulders(kinematics, limbs, q, reference)
    assert np.allclose(near, reference)
    assert np.allclose(kinematics.positions(near), kinematics.positions(q), atol=1e-9)


def test_limbs_carry_the_markers_beyond_their_ball_joint_and_no_others(body):
    names = np.array(list(body[1]))
    right_arm, left_arm, right_leg, _ = (set(names[limb.markers]) for limb in limbs_of(body[2]))
    assert {"RELB", "RELBIN", "RIWR", "ROWR"} <= right_arm
    assert {"RKNE", "RANK", "RHEE", "RTOE"} <= right_leg
    assert not right_arm & (left_arm | right_leg | {"RSHO", "C7"})
    assert not right_leg & {"RASI", "RPSI"}


def test_postures_are_spread_over_the_whole_range():
    points = even_points(120, 4)
    assert points.min() >= 0
    assert points.max() < 1
    boxes = {tuple(row) for row in (points * 2).astype(int)}
    assert len(boxes) == 16
