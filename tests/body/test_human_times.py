"""Jumps, standstills and copies in the data are found with their time, and only they."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body.events import Event, check_window, recorded
from mint.body.jumps import body_jumps, joint_jumps
from mint.body.landmarks import of_markers
from mint.body.stillness import (
    check_fixed_root,
    check_repeated,
    root_standstills,
    standstills,
    steps_of_markers,
    steps_of_poses,
)
from mint.config.human import HumanConfig
from mint.core.motionfiles import read_trc
from mint.core.status import Reason, StageError
from tests.body import synthetic

CONFIG = HumanConfig()
TRIALS = (
    "opencap_subject4/walking1",
    "opencap_subject4/DJ1",
    "hamner2013/subject04/Run_5",
    "hamner2013/subject11/Run_5",
    "moco_walk/markers_walk",
    "falisse2019/gait_25",
)


def trial(shared: Any, name: str) -> tuple[np.ndarray, float]:
    table = read_trc(shared(f"motion/{name}.trc"))
    return table.positions, table.rate_hz


def refusing(events: list[Event]) -> list[float]:
    return [event.start_s for event in events if event.refuses]


@pytest.mark.parametrize("name", TRIALS)
@pytest.mark.parametrize("skip", [1, 2, 4, 6])
def test_measured_runs_and_landings_do_not_jump(name: str, skip: int, shared: Any) -> None:
    markers, rate = trial(shared, name)
    assert body_jumps(markers[::skip], rate / skip, CONFIG) == []


@pytest.mark.parametrize("name", TRIALS)
@pytest.mark.parametrize("size", [0.04, 0.1, 1.0])
def test_a_body_that_jumps_is_found_at_its_frame(name: str, size: float, shared: Any) -> None:
    markers, rate = trial(shared, name)
    middle = len(markers) // 2
    for changed in (slice(middle, None), slice(middle, middle + 1)):
        moved = markers.copy()
        moved[changed] += [0.0, 0.0, size]
        found = body_jumps(moved, rate, CONFIG)
        assert len(found) == 1 and found[0].refuses and "jumps by" in found[0].detail
        assert found[0].start_s == pytest.approx((middle - 1) / rate, abs=2 / rate)


def test_a_cut_is_a_jump_and_a_jump_smeared_over_two_frames_is_found(shared: Any) -> None:
    markers, rate = trial(shared, "opencap_subject4/walking1")
    assert len(body_jumps(np.delete(markers, slice(60, 85), axis=0), rate, CONFIG)) == 1
    moved = markers.copy()
    moved[60] += [0.05, 0, 0]
    moved[61:] += [0.1, 0, 0]
    assert refusing(body_jumps(moved, rate, CONFIG))


@pytest.mark.parametrize(("joint", "refuses"), [(0, True), (4, True), (17, True), (20, False)])
def test_a_joint_that_flips_for_one_frame_is_found_by_name(joint: int, refuses: bool) -> None:
    data = synthetic.motion(300)
    assert joint_jumps(data["poses"], 100, CONFIG) == []
    for turn in (1.2, np.pi):
        poses = data["poses"].copy()
        poses[150, 3 * joint] += turn
        found = joint_jumps(poses, 100, CONFIG)
        assert len(found) == 1 and found[0].refuses == refuses and found[0].start_s == pytest.approx(1.49, abs=0.02)
    assert {0: "root", 4: "left knee", 17: "right shoulder", 20: "left wrist"}[joint] in found[0].detail


def test_the_same_rotation_written_the_other_way_round_is_no_jump() -> None:
    poses = synthetic.standing(100)["poses"]
    poses[:, 2] = np.linspace(np.pi - 0.5, np.pi + 0.5, 100)
    poses[:, :2] = 0
    wrapped = poses.copy()
    wrapped[poses[:, 2] > np.pi, 2] -= 2 * np.pi
    assert joint_jumps(wrapped, 100, CONFIG) == []


@pytest.mark.parametrize(("frames", "found"), [(30, 0), (70, 1)])
def test_a_walk_that_stands_still_to_the_last_bit_refuses_its_chunks(frames: int, found: int, shared: Any) -> None:
    markers, rate = trial(shared, "opencap_subject4/walking1")
    frozen = np.insert(markers, np.full(frames, 60), markers[60], axis=0)
    events = standstills(steps_of_markers(frozen, rate), rate, CONFIG)
    assert len(events) == found and all(event.refuses and event.start_s == pytest.approx(0.6) for event in events)
    assert all(event.stop_s == pytest.approx(0.6 + frames / rate) for event in events)


def test_a_standing_body_that_stands_still_to_the_last_bit_is_flagged_only(shared: Any) -> None:
    markers, rate = trial(shared, "opencap_subject4/static1")
    frozen = np.insert(markers, np.full(100, 200), markers[200], axis=0)
    events = standstills(steps_of_markers(frozen, rate), rate, CONFIG)
    assert [(event.reason, event.refuses) for event in events] == [("standstill", False)]


def test_a_pose_is_no_standstill() -> None:
    data = synthetic.standing()
    assert standstills(steps_of_poses(data["poses"], data["trans"], 100), 100, CONFIG) == []


@pytest.mark.parametrize("own", [25, 30, 50, 80])
def test_frame_rate_raised_by_copies_is_refused_with_the_own_rate(own: int, shared: Any) -> None:
    markers, rate = trial(shared, "moco_walk/markers_walk")
    copied = markers[np.floor(np.floor(np.arange(len(markers)) * own / rate) * rate / own).astype(int)]
    with pytest.raises(StageError) as error:
        check_repeated("x.trc", steps_of_markers(copied, rate), rate, CONFIG)
    assert error.value.reason is Reason.REPEATED_FRAMES and "x.trc" in error.value.detail
    assert f"about {own} Hz" in error.value.remedy or f"about {own + 1} Hz" in error.value.remedy


@pytest.mark.parametrize("name", TRIALS)
def test_measured_trials_repeat_no_frames(name: str, shared: Any) -> None:
    markers, rate = trial(shared, name)
    steps = steps_of_markers(markers, rate)
    assert check_repeated("x", steps, rate, CONFIG) == [] and standstills(steps, rate, CONFIG) == []


def test_a_root_that_stops_while_the_pose_goes_on_is_found() -> None:
    data = synthetic.motion(300)
    assert root_standstills(data["poses"], data["trans"], 100, CONFIG) == []
    trans = data["trans"].copy()
    trans[100:180] = trans[100]
    found = root_standstills(data["poses"], trans, 100, CONFIG)
    assert [(event.start_s, event.refuses) for event in found] == [(1.0, True)] and "root's path" in found[0].detail


@pytest.mark.parametrize("kept", [(0, 0, 0), (0, 1, 0), (1, 0, 1)])
def test_a_walk_whose_root_has_no_path_is_no_treadmill(kept: tuple[int, int, int], shared: Any) -> None:
    table = read_trc(shared("motion/opencap_subject4/walking1.trc"))
    check_fixed_root("walk.trc", "markers", of_markers(table.names, table.positions), CONFIG)
    pelvis = table.positions[:, [table.names.index(f"{side}_HJC") for side in "RL"]].mean(axis=1, keepdims=True)
    centred = table.positions - (pelvis - pelvis[:1]) * (1 - np.array(kept))
    with pytest.raises(StageError, match=r"walk\.trc: markers: the pelvis moves by 0\.00 mm") as error:
        check_fixed_root("walk.trc", "markers", of_markers(table.names, centred), CONFIG)
    assert error.value.reason is Reason.FIXED_ROOT


def test_treadmill_runs_have_a_path(shared: Any) -> None:
    for who in ("01", "02", "04"):
        table = read_trc(shared(f"motion/hamner2013/subject{who}/Run_3.trc"))
        check_fixed_root("run.trc", "markers", of_markers(table.names, table.positions), CONFIG)


def test_only_chunks_near_a_jump_are_refused() -> None:
    jump = Event("teleport", 2.0, 2.02, "the body jumps by 1.00 m", True)
    rest = Event("standstill", 3.0, 3.6, "no value changes", False)
    meta = recorded("walk.npz", [jump, rest], 0.2)
    assert check_window(meta, (0, 80)) == []
    assert check_window(meta, (120, 160)) == ["standstill"]
    for window in ((0, 92), (60, 144), (105, 190)):
        with pytest.raises(StageError) as error:
            check_window(meta, window)
        assert error.value.reason is Reason.TELEPORT and error.value.t_start_s == 2.0
        assert "walk.npz: teleport at 2.00 s: the body jumps by 1.00 m" in error.value.detail


def test_a_result_of_before_events_were_recorded_has_none(tmp_path: Path) -> None:
    assert check_window({}, (0, 84)) == []
