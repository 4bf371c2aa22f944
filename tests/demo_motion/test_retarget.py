from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mint.core.status import Reason, StageError
from mint.inputs.retarget_clip import BALL_COLUMNS, HINGE_COLUMNS, LEG_LENGTH_M, read_clip
from mint.inputs.retarget_cycle import closed, repeated
from mint.inputs.retarget_stand import from_rest, with_stand_before
from mint.retarget.balance import balance, nearest_in_hull
from mint.retarget.feet import slip
from mint.retarget.filter import low_pass
from mint.retarget.motion import Motion
from mint.retarget.pose import BodyMotion, solve_leg, to_body, to_smpl
from mint.retarget.subject import Subject
from tests.demo_motion import synthetic_body
from tests.demo_motion.amass import joint_positions

RATE = 120.0


def motion(frames: int = 1, **turned: tuple[float, float, float] | float) -> Motion:
    """The humanoid's zero pose at standing height, with single joints turned (rotation vector or angle)."""
    balls = {}
    for name in BALL_COLUMNS:
        vector = turned.get(name, (0.0, 0.0, 0.0))
        balls[name] = np.tile(Rotation.from_rotvec(vector).as_quat(), (frames, 1))
    hinges = {name: np.full(frames, float(turned.get(name, 0.0))) for name in HINGE_COLUMNS}  # type: ignore[arg-type]
    return Motion(np.arange(frames) / RATE, np.tile([0.0, LEG_LENGTH_M, 0.0], (frames, 1)), balls, hinges)


def joints_of(pose: Motion, subject: Subject) -> np.ndarray:
    poses, trans = to_smpl(to_body(pose, subject, RATE, subject.scale(LEG_LENGTH_M)), subject)
    return joint_positions(poses, trans, 1.05 * synthetic_body.joints())[0]


def test_zero_pose_stands_upright_facing_x_with_hanging_arms(subject: Subject) -> None:
    j = joints_of(motion(), subject)
    assert j[15, 2] > j[12, 2] > j[0, 2] > j[4, 2] > j[7, 2] > 0  # head, neck, pelvis, knee, ankle
    assert j[1, 1] > 0 > j[2, 1] and j[1, 1] == pytest.approx(-j[2, 1])  # left is +y when facing +x
    assert j[10, 0] - j[7, 0] > 0.1  # toes ahead of the ankle
    for shoulder, elbow, wrist in ((16, 18, 20), (17, 19, 21)):
        assert j[elbow, :2] == pytest.approx(j[shoulder, :2], abs=1e-9)
        assert j[wrist, :2] == pytest.approx(j[shoulder, :2], abs=1e-9)
        assert j[wrist, 2] < j[elbow, 2] < j[shoulder, 2]


def test_negative_knee_bends_backward_and_positive_elbow_forward(subject: Subject) -> None:
    straight, bent = joints_of(motion(), subject), joints_of(motion(r_knee=-1.0, l_elbow=1.0), subject)
    assert bent[8, 0] < straight[8, 0] - 0.2 and bent[8, 2] > straight[8, 2]
    assert bent[20, 0] > straight[20, 0] + 0.2 and bent[20, 2] > straight[20, 2]
    assert bent[7] == pytest.approx(straight[7]) and bent[21] == pytest.approx(straight[21])


def test_hip_flexion_is_positive_about_the_right_axis_and_yaw_turns_left(subject: Subject) -> None:
    straight = joints_of(motion(), subject)
    assert joints_of(motion(l_hip=(0, 0, 0.5)), subject)[4, 0] > straight[4, 0] + 0.1
    turned = joints_of(motion(root=(0, np.pi / 2, 0)), subject)
    assert turned[10, 1] - turned[7, 1] > 0.1  # facing +y after a quarter turn to the left


def test_chest_and_neck_rotation_arrive_whole(subject: Subject) -> None:
    poses, _ = to_smpl(
        to_body(motion(chest=(0.3, -0.4, 0.5), neck=(0.2, 0.1, -0.3)), subject, RATE, subject.scale(LEG_LENGTH_M)),
        subject,
    )
    turns = Rotation.from_rotvec(poses.reshape(52, 3))
    to_smpl_frame = Rotation.from_matrix([[0, 0, -1], [0, 1, 0], [1, 0, 0]])
    for joints, vector in (((3, 6, 9), (0.3, -0.4, 0.5)), ((12, 15), (0.2, 0.1, -0.3))):
        whole = Rotation.identity()
        for joint in joints:
            whole = whole * turns[joint]
        assert whole.as_rotvec() == pytest.approx(to_smpl_frame.apply(vector), abs=1e-9)


def test_amass_vectors_put_ankles_where_the_legs_are(subject: Subject) -> None:
    pose = motion(r_hip=(0.2, 0.1, 0.6), r_knee=-0.9, l_hip=(-0.1, 0.3, -0.2), l_knee=-0.3, root=(0.2, 0.7, -0.1))
    body = to_body(pose, subject, RATE, subject.scale(LEG_LENGTH_M))
    j = joints_of(pose, subject)
    for side, ankle in (("l", 7), ("r", 8)):
        x, y, z = body.ankle[side][0]
        assert j[ankle] == pytest.approx([x, -z, y], abs=1e-9)


def test_leg_kinematics_inverse_meets_the_target(subject: Subject) -> None:
    body = to_body(motion(5, r_hip=(0.1, 0.2, 0.5), r_knee=-0.8), subject, RATE, subject.scale(LEG_LENGTH_M))
    goal = body.ankle["r"] + np.array([0.05, 0.04, -0.03])
    body.ankle["r"] = goal.copy()
    assert np.max(solve_leg(body, subject.legs["r"], "r")) == 0
    poses, trans = to_smpl(body, subject)
    j = joint_positions(poses, trans, 1.05 * synthetic_body.joints())
    assert j[:, 8] == pytest.approx(goal @ np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), abs=1e-9)
    assert np.all(body.hinges["r_knee"] < 0)


def test_target_out_of_reach_is_reported_and_approached(subject: Subject) -> None:
    body = to_body(motion(1), subject, RATE, subject.scale(LEG_LENGTH_M))
    body.ankle["l"] = body.ankle["l"] - np.array([0.0, 0.2, 0.0])
    assert solve_leg(body, subject.legs["l"], "l")[0] == pytest.approx(0.2, abs=0.01)
    assert body.hinges["l_knee"][0] == pytest.approx(-np.radians(3), abs=1e-6)


def test_cycles_join_without_a_step_and_carry_displacement_and_heading() -> None:
    n = 41
    cycle = motion(n)
    cycle.root[:, 0] = np.linspace(0, 1.2, n)
    cycle.hinges["r_knee"] = -0.5 + 0.3 * np.sin(np.linspace(0, 2 * np.pi, n)) + np.linspace(0, 0.1, n)
    heading = 0.2
    cycle.balls["root"] = Rotation.from_rotvec(np.outer(np.linspace(0, heading + 0.05, n), [0, 1, 0])).as_quat()
    whole = repeated(closed(cycle, heading), 3, heading)
    assert len(whole.root) == 3 * (n - 1) + 1
    assert np.max(np.abs(np.diff(whole.hinges["r_knee"]))) < 0.06
    yaw = Rotation.from_quat(whole.balls["root"]).as_rotvec()[:, 1]
    assert yaw[2 * (n - 1)] - yaw[0] == pytest.approx(2 * heading, abs=1e-9)
    second = whole.root[2 * (n - 1)] - whole.root[n - 1]
    assert second == pytest.approx(Rotation.from_rotvec([0, heading, 0]).apply([1.2, 0, 0]), abs=1e-9)


def test_blend_starts_at_rest_and_meets_value_and_velocity() -> None:
    share, blend_s = np.linspace(0, 1, 2001), 0.7
    path = from_rest(np.array([1.0]), np.array([2.0]), np.array([3.0]), share, blend_s)[:, 0]
    speed = np.gradient(path, blend_s / 2000)
    force = np.gradient(speed, blend_s / 2000)
    assert (path[0], path[-1]) == pytest.approx((1.0, 2.0))
    assert (speed[0], speed[-1]) == pytest.approx((0.0, 3.0), abs=0.02)
    assert (force[1], force[-2]) == pytest.approx((0.0, 0.0), abs=0.2)


def test_stand_keeps_feet_and_puts_the_root_over_them(subject: Subject) -> None:
    body = to_body(
        motion(60, r_hip=(0, 0, 0.3), r_knee=-0.5, r_ankle=(0, 0, 0.2), l_knee=-0.2),
        subject,
        RATE,
        subject.scale(LEG_LENGTH_M),
    )
    floor = {
        side: float((body.ankle[side] + body.foot[side].apply(leg.ball))[0, 1]) for side, leg in subject.legs.items()
    }
    longer = with_stand_before(body, subject.legs, 100, floor)
    assert longer.frames == 160
    for side in "rl":
        moved = np.linalg.norm((longer.ankle[side] - body.ankle[side][0])[:, [0, 2]], axis=1)
        assert np.max(moved) < 1e-9
    assert np.max(np.abs(np.diff(longer.root, 2, axis=0)) * RATE**2) < 3.0
    assert longer.root[0, 0] > body.root[0, 0]  # ankles lie behind the middle of the soles


def test_zero_phase_filter_keeps_slow_and_removes_fast_movement() -> None:
    t = np.arange(600) / RATE
    slow, fast = np.sin(2 * np.pi * t), np.sin(2 * np.pi * 25 * t)
    assert low_pass(slow + fast, RATE, 6.0)[100:-100] == pytest.approx(slow[100:-100], abs=0.01)


def test_slip_counts_the_sliding_of_a_loaded_sole(subject: Subject) -> None:
    body = to_body(motion(60), subject, RATE, subject.scale(LEG_LENGTH_M))
    leg, stance = subject.legs["r"], np.ones(60, dtype=bool)
    floor = float((body.ankle["r"] + body.foot["r"].apply(leg.ball))[0, 1])
    assert slip(body.ankle["r"], body.foot["r"], leg, floor, stance, 0.005) == pytest.approx(0, abs=1e-12)
    body.ankle["r"][:, 0] += np.linspace(0, 0.07, 60)
    assert slip(body.ankle["r"], body.foot["r"], leg, floor, stance, 0.005) == pytest.approx(0.07)


def test_nearest_point_of_a_hull() -> None:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.5]])
    assert nearest_in_hull(np.array([0.3, 0.4]), square) == pytest.approx([0.3, 0.4])
    assert nearest_in_hull(np.array([2.0, 0.5]), square) == pytest.approx([1.0, 0.5])
    assert nearest_in_hull(np.array([-1.0, 3.0]), square) == pytest.approx([0.0, 1.0])


def test_zero_moment_point_of_a_quiet_stand_lies_under_the_centre_of_mass(subject: Subject) -> None:
    body: BodyMotion = to_body(motion(80), subject, RATE, subject.scale(LEG_LENGTH_M))
    leg = subject.legs["r"]
    floor = float((body.ankle["r"] + body.foot["r"].apply(leg.ball))[0, 1])
    state = balance(body, subject, floor)
    assert np.all(state.loaded)
    assert state.zmp == pytest.approx(state.com[:, [0, 2]], abs=1e-6)


@pytest.mark.parametrize("change", ["short row", "not a number", "no frames", "zero duration"])
def test_broken_clip_is_refused_with_file_and_field(change: str, tmp_path: Path) -> None:
    row = [0.02, 0, 0.9, 0, *([1, 0, 0, 0] * 4), 0, *([1, 0, 0, 0] * 2), 0, 1, 0, 0, 0, 0, *([1, 0, 0, 0] * 2), 0]
    rows = [list(row), list(row), list(row)]
    data: dict[str, object] = {"Loop": "wrap", "Frames": rows}
    if change == "short row":
        data["Frames"] = [r[:40] for r in rows]
    elif change == "not a number":
        rows[1][5] = float("nan")
    elif change == "zero duration":
        rows[0][0] = 0.0
    else:
        del data["Frames"]
    path = tmp_path / "humanoid3d_broken.txt"
    path.write_text(json.dumps(data))
    with pytest.raises(StageError, match="humanoid3d_broken") as error:
        read_clip(path)
    assert error.value.reason in (Reason.FIELD_SHAPE, Reason.FIELD_VALUE, Reason.FILE_CORRUPT)
