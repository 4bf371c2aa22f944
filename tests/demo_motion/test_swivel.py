from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mint.inputs import demo_motion
from mint.inputs.retarget_clip import LEG_LENGTH_M, read_clip
from mint.inputs.retarget_swivel import (
    ANKLE_AXIS,
    SUBTALAR_AXIS,
    ankle_angles,
    comfortable,
    hip_rotation,
    tibia_turn,
    turned_foot,
)
from mint.retarget.balance import GRAVITY_M_S2, balance
from mint.retarget.feet import carrying_speed
from mint.retarget.pose import BodyMotion, about_z, hip_centers, to_body
from mint.retarget.subject import Subject
from tests.demo_motion.test_retarget import RATE, motion

FRAMES = 40
DEMO = ["walk", "run", "jump", "kick", "punch", "spin", "dance_a", "dance_b"]


def turned_leg(subject: Subject, rotation_deg: float, knee_deg: float) -> BodyMotion:
    """A standing body whose right thigh is turned about its own axis; the foot keeps pointing forward."""
    body = to_body(motion(FRAMES, r_knee=-np.radians(knee_deg)), subject, RATE, subject.scale(LEG_LENGTH_M))
    body.turns["r_hip"] = body.turns["r_hip"] * Rotation.from_rotvec([0, np.radians(rotation_deg), 0])
    thigh = body.turns["root"] * body.turns["r_hip"]
    leg = subject.legs["r"]
    shank = thigh * about_z(body.hinges["r_knee"])
    body.ankle["r"] = hip_centers(body, leg) + thigh.apply(leg.thigh) + shank.apply(leg.shank)
    body.foot["r"] = Rotation.identity(FRAMES)
    return body


def solved(body: BodyMotion, subject: Subject, turn_feet: bool) -> np.ndarray:
    return comfortable(
        body, subject.legs["r"], "r", np.ones(FRAMES, dtype=bool), body.foot["r"], np.zeros((FRAMES, 4)), turn_feet
    )


def ankles(body: BodyMotion, subject: Subject) -> tuple[np.ndarray, np.ndarray]:
    """Where the right knee and ankle are, by a forward pass."""
    leg = subject.legs["r"]
    thigh = body.turns["root"] * body.turns["r_hip"]
    knee = hip_centers(body, leg) + thigh.apply(leg.thigh)
    return knee, knee + (thigh * about_z(body.hinges["r_knee"])).apply(leg.shank)


@pytest.mark.parametrize("side", ["r", "l"])
def test_ankle_and_subtalar_angles_are_read_back(side: str) -> None:
    wanted = np.radians([[20.0, -10.0], [-30.0, 12.0], [0.0, 5.0]])
    mirror = np.array([1, 1, 1] if side == "r" else [-1, -1, 1])
    first, second = (axis * mirror / np.linalg.norm(axis) for axis in (ANKLE_AXIS, SUBTALAR_AXIS))
    foot = Rotation.from_rotvec(wanted[:, :1] * first) * Rotation.from_rotvec(wanted[:, 1:] * second)
    assert ankle_angles(foot, side) == pytest.approx(np.column_stack([wanted, np.zeros(3)]), abs=1e-6)


def test_hip_rotation_is_internal_positive_on_both_sides() -> None:
    left_turn = Rotation.from_rotvec([[0.0, 0.3, 0.0]])
    assert hip_rotation(left_turn, "r") == pytest.approx([0.3])
    assert hip_rotation(left_turn, "l") == pytest.approx([-0.3])


def test_swivel_leaves_hip_and_ankle_where_they_are(subject: Subject) -> None:
    body = turned_leg(subject, -40.0, 30.0)
    x = solved(body, subject, turn_feet=False)
    assert np.abs(x[:, 0]).max() > np.radians(3)
    assert ankles(body, subject)[1] == pytest.approx(body.ankle["r"], abs=1e-9)


def test_a_straight_leg_loses_its_rotation_and_a_bent_one_keeps_its_knee(subject: Subject) -> None:
    straight, bent = turned_leg(subject, -45.0, 6.0), turned_leg(subject, -25.0, 80.0)
    # Only the hip may ask for a change: the ankle below the bent knee is neutral.
    knee_rad = bent.hinges["r_knee"]
    shank = bent.turns["root"] * bent.turns["r_hip"] * about_z(knee_rad) * subject.legs["r"].align
    bent.foot["r"] = shank * tibia_turn(knee_rad, "r")
    knee = ankles(bent, subject)[0]
    for body in (straight, bent):
        solved(body, subject, turn_feet=False)
    assert np.degrees(hip_rotation(straight.turns["r_hip"] * subject.legs["r"].align, "r")).min() > -25
    assert np.linalg.norm(ankles(bent, subject)[0] - knee, axis=1).max() < 0.04


def test_a_foot_that_the_ankle_cannot_turn_gives_way(subject: Subject) -> None:
    body = turned_leg(subject, 0.0, 40.0)
    body.foot["r"] = Rotation.from_rotvec(np.tile([0.0, np.radians(-40), 0.0], (FRAMES, 1)))
    x = solved(body, subject, turn_feet=True)
    assert np.degrees(x[:, 1]).min() > 5
    assert np.abs(np.degrees(x[:, 2])).max() < 2 and np.degrees(x[:, 3]).min() > -2  # the sole stays on the floor
    assert turned_foot(body.foot["r"], np.zeros((FRAMES, 4))).as_matrix() == pytest.approx(body.foot["r"].as_matrix())


def test_stance_foot_may_glide_faster_when_the_body_travels() -> None:
    still, running = np.zeros((120, 3)), np.outer(np.arange(120) / RATE, [4.0, 0, 0])
    assert np.all(carrying_speed(still, RATE) == 0.7)
    assert np.median(carrying_speed(running, RATE)) == pytest.approx(1.4, abs=0.05)


@pytest.fixture(scope="module")
def results(clips: Path, subject: Subject) -> dict[str, demo_motion.Result]:
    recipes = {recipe.clip: recipe for recipe in demo_motion.recipes()}
    return {
        name: demo_motion.retarget(read_clip(clips / f"humanoid3d_{name}.txt"), recipes[name], subject) for name in DEMO
    }


def test_hips_of_the_demo_stay_near_human_range(results: dict[str, demo_motion.Result], subject: Subject) -> None:
    for name, result in results.items():
        for side, leg in subject.legs.items():
            angle = np.degrees(hip_rotation(result.body.turns[f"{side}_hip"] * leg.align, side))
            # Active range 45 (AAOS 1994), soft; as recorded kick, spin and dance_a reach 54 to 69.
            assert np.abs(angle).max() < 50, name


def test_ground_force_of_the_run_is_human(results: dict[str, demo_motion.Result], subject: Subject) -> None:
    result = results["run"]
    load = balance(result.body, subject, result.floor).acceleration[20:-20, 1] / GRAVITY_M_S2 + 1
    assert load.max() < 3.2 and load.min() > -0.25
