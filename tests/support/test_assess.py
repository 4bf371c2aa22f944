from __future__ import annotations

import numpy as np
import pytest

from mint.config.support import SupportConfig
from mint.core.status import Reason, StageError
from mint.support.assess import GRAVITY_M_S2, assess, foot_heights, is_foot, zero_moment_point
from mint.support.belt import belt_velocity, check_declared, stance_velocities
from mint.support.feet import Soles
from tests.support.measured import RUNNER, Trial, read_trial

CONFIG = SupportConfig()
PARTS = ["foot_r", "foot_l", "pelvis", "hand_l"]
SUBJECT = "motion/opencap_subject4"


def standing(frames: int = 85) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heights (n,4), centre of mass and its acceleration of a quiet stand."""
    heights = np.tile([0.0, 0.0, 0.9, 0.7], (frames, 1))
    return heights, np.tile([0.0, 0.95, 0.0], (frames, 1)), np.zeros((frames, 3))


def judge(trial: Trial, start: float = 0.0, stop: float = 99.0) -> object:
    keep = slice(round(start * 50), round(stop * 50))
    return assess(
        trial.heights[keep],
        ["foot_r", "foot_l"],
        trial.com[keep],
        trial.acceleration[keep],
        CONFIG,
        foot_middle=trial.points.mean(axis=2)[keep][..., [0, 2]],
    )


def test_quiet_stand_stays() -> None:
    assert assess(*_with_parts(standing()), CONFIG) is None


def _with_parts(
    data: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> tuple[np.ndarray, list[str], np.ndarray, np.ndarray]:
    return data[0], PARTS, data[1], data[2]


def test_hand_within_3_cm_of_the_floor_is_named_with_its_time() -> None:
    heights, com, acceleration = standing()
    heights[40:50, 3] = 0.02
    found = assess(heights, PARTS, com, acceleration, CONFIG)
    assert found is not None
    assert (found.reason, found.part, found.start, found.stop) == (Reason.NON_FOOT_SUPPORT, "hand_l", 40, 50)


def test_hand_at_4_cm_and_a_single_low_frame_stay() -> None:
    heights, com, acceleration = standing()
    heights[:, 3] = 0.04
    heights[20, 3] = 0.01
    assert assess(heights, PARTS, com, acceleration, CONFIG) is None


def test_unknown_heights_accuse_nobody() -> None:
    heights, com, acceleration = standing()
    heights[:, 2:] = np.nan
    assert assess(heights, PARTS, com, acceleration, CONFIG) is None


@pytest.mark.parametrize(
    ("fall_g", "refused"), [(1.0, False), (0.8, False), (0.3, True), (0.0, True), (1.3, False), (1.25**2, True)]
)
def test_feet_in_the_air_need_a_body_that_falls_as_weight_makes_it(fall_g: float, refused: bool) -> None:
    heights, com, acceleration = standing()
    heights[30:50, :2] = 0.2
    acceleration[30:50, 1] = -fall_g * GRAVITY_M_S2
    found = assess(heights, PARTS, com, acceleration, CONFIG)
    assert (found is not None) == refused
    if found is not None:
        assert found.reason is Reason.MISSING_SUPPORT


def test_stand_on_a_box_before_a_drop_is_found_although_the_drop_falls() -> None:
    heights, com, acceleration = standing()
    heights[:60, :2] = 0.32
    acceleration[30:60, 1] = -GRAVITY_M_S2
    found = assess(heights, PARTS, com, acceleration, CONFIG)
    assert found is not None and found.start < 30


def test_foot_on_a_step_is_uneven_floor_but_a_leg_held_up_is_not() -> None:
    heights, com, acceleration = standing()
    heights[:, 1] = 0.2
    middle = np.tile([[0.0, 0.15], [0.3, -0.15]], (len(heights), 1, 1))
    between, above = com.copy(), com.copy()
    between[:, [0, 2]] = [0.15, 0.0]
    above[:, [0, 2]] = [0.02, 0.13]
    found = assess(heights, PARTS, between, acceleration, CONFIG, foot_middle=middle)
    assert found is not None and (found.reason, found.part) == (Reason.UNEVEN_FLOOR, "left foot")
    assert assess(heights, PARTS, above, acceleration, CONFIG, foot_middle=middle) is None


def test_zero_moment_point_of_a_pendulum_is_its_foot() -> None:
    # A point mass on a massless leg from the origin, constant height h: a_x = g x / h (linear inverted pendulum).
    com = np.array([[0.1, 0.9, -0.2]])
    acceleration = GRAVITY_M_S2 / 0.9 * com * [1, 0, 1]
    assert zero_moment_point(com, acceleration) == pytest.approx(np.zeros((1, 2)), abs=1e-12)


def test_feet_are_recognised_by_side() -> None:
    heights = np.array([[0.1, 0.2, 0.05, 0.9]])
    feet = foot_heights(heights, ["left_foot", "right_foot", "left_toes", "pelvis"], CONFIG)
    assert feet.tolist() == [[0.2, 0.05]]
    assert not is_foot("lower_leg_r", CONFIG)


def test_box_phase_of_the_drop_jump_is_refused_and_its_landing_stays(shared) -> None:  # type: ignore[no-untyped-def]
    trial = read_trial(shared(f"{SUBJECT}/DJ1.trc"), shared(f"{SUBJECT}/static1.trc"))
    found = judge(trial, 0.0, 1.4)
    assert found is not None and found.reason is Reason.MISSING_SUPPORT  # type: ignore[attr-defined]
    assert judge(trial, 1.5) is None


@pytest.mark.parametrize("name", ["walking1", "squats1"])
def test_measured_walk_and_squat_stay(name: str, shared) -> None:  # type: ignore[no-untyped-def]
    assert judge(read_trial(shared(f"{SUBJECT}/{name}.trc"), shared(f"{SUBJECT}/static1.trc"))) is None


@pytest.mark.parametrize("belt", [-1.2, -0.4, 0.0])
def test_belt_velocity_of_a_measured_walk_is_found(belt: float, shared) -> None:  # type: ignore[no-untyped-def]
    trial = read_trial(shared(f"{SUBJECT}/walking1.trc"), shared(f"{SUBJECT}/static1.trc"), moving_m_s=belt)
    found = belt_velocity(trial.heights, Soles(trial.points).loaded_velocity(), CONFIG)
    if belt == 0.0:
        assert found is None
    else:
        assert found is not None
        assert found == pytest.approx([belt, 0.0, 0.0], abs=0.08)


@pytest.mark.parametrize(("person", "speed"), [("subject08", 3), ("subject08", 5), ("subject11", 3)])
def test_the_belt_under_a_runner_is_found(person: str, speed: int, shared) -> None:  # type: ignore[no-untyped-def]
    folder = f"motion/hamner2013/{person}"
    trial = read_trial(shared(f"{folder}/Run_{speed}.trc"), shared(f"{folder}/static.trc"), named=RUNNER)
    for start in range(0, len(trial.heights) - 84, 70):
        window = slice(start, start + 85)
        found = belt_velocity(trial.heights[window], Soles(trial.points[window]).loaded_velocity(), CONFIG)
        assert found is not None
        assert found == pytest.approx([-speed, 0.0, 0.0], abs=0.03 * speed)


def test_a_sole_that_sinks_while_it_goes_with_a_fast_belt_tells_its_velocity_and_a_swinging_foot_does_not() -> None:
    heights, velocity = np.full((85, 2), 0.2), np.full((85, 2, 3), [4.0, 1.0, 0.0])
    heights[20:30, 0], heights[50:60, 1] = 0.0, 0.0
    for side, start in ((0, 20), (1, 50)):
        velocity[start : start + 10, side] = [-5.0, -0.4, 0.0]
    assert belt_velocity(heights, velocity, CONFIG) == pytest.approx([-5.0, 0.0, 0.0])
    # A foot in swing that comes as low and is as level changes its speed.
    swing = velocity.copy()
    swing[20:30, 0, 0] = swing[50:60, 1, 0] = np.linspace(3.5, 4.7, 10)
    assert belt_velocity(heights, swing, CONFIG) is None


@pytest.mark.parametrize(("sunk", "found"), [(0.03, True), (0.045, True), (0.1, False)])
def test_a_foot_whose_markers_put_it_below_the_other_does_not_hide_the_belt_under_that(
    sunk: float, found: bool
) -> None:
    heights, velocity = np.full((85, 2), 0.2), np.full((85, 2, 3), [4.0, 1.0, 0.0])
    for side, start, height in ((0, 5, 0.0), (0, 45, 0.0), (1, 25, -sunk), (1, 65, 0.0)):
        heights[start : start + 10, side], velocity[start : start + 10, side] = height, [-3.0, -0.1, 0.0]
    stances = stance_velocities(heights, velocity, CONFIG)
    assert [count for _, count in stances] == ([10, 10, 10] if found else [10])
    assert all(mean == pytest.approx([-3.0, 0.0]) for mean, _ in stances)


def test_a_declared_belt_across_the_floor_is_refused_with_its_axis() -> None:
    with pytest.raises(StageError, match="the belt runs along z") as error:
        check_declared(-1.2, np.array([0.0, 0.0, -1.2]), CONFIG)
    assert error.value.reason is Reason.BELT_VELOCITY


def test_sliding_foot_is_no_belt() -> None:
    heights = np.zeros((85, 2))
    velocity = np.zeros((85, 2, 3))
    velocity[:, 0, 0] = 0.8
    assert belt_velocity(heights, velocity, CONFIG) is None
