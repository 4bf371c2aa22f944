"""Every measure of a chunk against a truth that can be written down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.config.merge import MergeConfig
from mint.core.bundle import Bundle
from mint.core.chunks import Window, windows
from mint.core.motionfiles import MarkerTable
from mint.core.status import Reason, Status
from mint.sequence.coordinate_metrics import coordinate_rows
from mint.sequence.ground_metrics import foot_slip, impulse_error, loaded_velocity, sole_height, standing_heights
from mint.sequence.marker_metrics import marker_errors, marker_jump, off_path
from mint.sequence.metrics import chunk_metrics
from mint.sequence.outcome import Chunk, read_chunk
from tests.sequence import factory
from tests.sequence.factory import Project, fail_from

G = 9.80665
FRAMES = np.arange(85)
WINDOW = windows(84)[0]
STILL = np.zeros(3)


def markers(positions: np.ndarray) -> MarkerTable:
    return MarkerTable(["A", "B", "C"], positions, FRAMES / 50, 50.0)


def smooth(amplitude: float = 0.3, frequency: float = 1.0) -> np.ndarray:
    """Three markers (85, 3, 3) m that swing along x."""
    out = np.zeros((85, 3, 3))
    out[:, :, 0] = amplitude * np.sin(2 * np.pi * frequency * FRAMES / 50)[:, None] + np.arange(3)
    return out


def test_cubic_paths_are_met_exactly() -> None:
    t = FRAMES[:, None, None] / 50
    path = np.concatenate([1 + 3 * t - 20 * t**2 + 40 * t**3, 2 - t**3, 5 * t**2], axis=2)
    assert np.nanmax(off_path(path)) < 1e-12 and np.isnan(off_path(path)[[0, 1, -2, -1]]).all()


@pytest.mark.parametrize("frequency", [1.0, 3.0, 6.0])
def test_swinging_marker_is_off_its_path_by_the_share_that_theory_gives(frequency: float) -> None:
    w = 2 * np.pi * frequency / 50
    share = abs(1 - (4 * np.cos(w) - np.cos(2 * w)) / 3)
    found = np.nanmax(off_path(smooth(0.3, frequency)))
    assert found == pytest.approx(0.3 * share, rel=0.05)
    assert share < 0.06


@pytest.mark.parametrize(("jump", "stays", "expected"), [(0.08, False, 80.0), (0.08, True, 40.0)])
def test_jump_is_measured_with_marker_and_frame(jump: float, stays: bool, expected: float) -> None:
    positions = smooth(0.0)
    positions[40 : (85 if stays else 41), 1, 2] += jump
    found = marker_jump(markers(positions), WINDOW)
    assert found["marker_jump_mm"] == pytest.approx(expected) and found["marker_jump_name"] == "B"
    assert found["marker_jump_frame"] in ((39, 40) if stays else (40,))
    assert found["marker_jump_share"] == pytest.approx(1 / 3)


def test_jump_of_the_whole_pose_has_all_markers() -> None:
    positions = smooth()
    positions[40] += [0.0, 0.1, 0.0]
    assert marker_jump(markers(positions), WINDOW)["marker_jump_share"] == 1.0


def test_fast_smooth_motion_is_no_jump_and_frames_of_neighbours_do_not_count() -> None:
    positions = smooth(0.5, 2.0)
    positions[[2, 80], 0, 1] += 0.2
    found = marker_jump(markers(positions), WINDOW)
    assert found["marker_jump_mm"] < 10 and WINDOW.keep_start <= found["marker_jump_frame"] < WINDOW.keep_stop


def test_lost_markers_are_left_out_of_jumps() -> None:
    positions = smooth(0.0)
    positions[30:50, 1] = np.nan
    positions[60, 0, 0] += 0.03
    found = marker_jump(markers(positions), WINDOW)
    assert found["marker_jump_mm"] == pytest.approx(30) and found["marker_jump_name"] == "A"
    assert marker_jump(markers(np.full((85, 3, 3), np.nan)), WINDOW) == {}


def test_marker_that_nothing_follows_is_no_jump() -> None:
    positions = smooth(0.0)
    positions[40, 1] += 0.2
    positions[60, 0, 0] += 0.03
    found = marker_jump(markers(positions), WINDOW, ["A", "C"])
    assert found["marker_jump_mm"] == pytest.approx(30) and found["marker_jump_share"] == pytest.approx(1 / 2)
    assert marker_jump(markers(positions), WINDOW)["marker_jump_name"] == "B"


def test_error_of_one_frame_rises_above_its_neighbours() -> None:
    largest = np.full(85, 0.03) + 0.02 * np.sin(FRAMES / 30)
    before = float(largest[40])
    largest[40] += 0.06
    ik = Bundle.of(
        "ik",
        {
            "frames": FRAMES,
            "marker_rms_m": np.full(85, 0.01),
            "marker_max_m": largest,
            "marker_max_name": ["T10"] * 40 + ["RKNE"] + ["T10"] * 44,
        },
    )
    found = marker_errors(ik, WINDOW)
    assert found["marker_error_jump_mm"] == pytest.approx(60, abs=1) and found["marker_error_jump_name"] == "RKNE"
    assert found["marker_error_jump_frame"] == found["marker_max_frame"] == 40
    assert found["marker_max_mm"] == pytest.approx(1e3 * before + 60) and found["marker_rms_mm"] == pytest.approx(10)


def test_marker_error_is_a_root_mean_square_over_frames() -> None:
    rms = np.where(FRAMES < 42, 0.0, 0.02)
    ik = Bundle.of("ik", {"frames": FRAMES, "marker_rms_m": rms, "marker_max_m": rms})
    assert marker_errors(ik, WINDOW)["marker_rms_mm"] == pytest.approx(20 / np.sqrt(2))


def jump_of_a_body(mass: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Force, velocity, acceleration of a body that is pushed up, flies and lands, by Newton's law."""
    acceleration = np.where(FRAMES < 30, 8.0 * np.sin(np.pi * FRAMES / 30), np.where(FRAMES < 55, -G, 12.0))
    velocity = np.concatenate([[0.0], np.cumsum(0.5 * (acceleration[1:] + acceleration[:-1])) / 50])
    return mass * (acceleration + G), velocity, acceleration


def test_impulse_of_a_jump_has_no_error() -> None:
    force, velocity, _ = jump_of_a_body(70.0)
    assert abs(velocity[-1] - velocity[0]) > 1
    assert impulse_error(force, velocity, 70.0) == pytest.approx(0.0, abs=1e-9)


def test_force_that_is_too_large_is_an_error_of_the_impulse() -> None:
    force = np.full(85, 1.1 * 70 * G)
    assert impulse_error(force, np.zeros(85), 70.0) == pytest.approx(10.0)
    falling = -0.5 * FRAMES / 50
    assert impulse_error(np.full(85, 70 * (G - 0.5)), falling, 70.0) == pytest.approx(0.0, abs=1e-9)


def slip(force: np.ndarray, point: np.ndarray, belt: np.ndarray = STILL, mass: float = 100.0) -> dict:
    """Slip of a right foot; the left one is in the air."""
    load, velocity = loaded_velocity(force, point, belt)
    speed = np.linalg.norm(velocity, axis=1)
    return foot_slip(np.stack([load, 0 * load], axis=1), np.stack([speed, 0 * speed], axis=1), slice(7, 77), 20.0, mass)


def pressed(load_N: np.ndarray | float) -> np.ndarray:
    """Vertical forces (85, 2, 3) N of heel and toe, half the load each."""
    out = np.zeros((85, 2, 3))
    out[:, :, 1] = 0.5 * np.broadcast_to(load_N, 85)[:, None]
    return out


def sliding(speed: float) -> np.ndarray:
    """Heel and toe (85, 2, 3) m that move along z."""
    out = np.zeros((85, 2, 3))
    out[:, 1, 0] = 0.2
    out[:, :, 2] = speed * FRAMES[:, None] / 50
    return out


def test_slip_is_speed_times_time_and_counts_with_the_load() -> None:
    found = slip(pressed(100 * G), sliding(0.1))
    assert found["foot_slip_mm"] == pytest.approx(140) and found["foot_slip_loaded_mm"] == pytest.approx(140)
    assert (found["foot_slip_side"], found["foot_slip_frame"]) == ("r", 7)
    assert found["foot_slip_speed_mm_s"] == pytest.approx(100)
    half = slip(pressed(50 * G), sliding(0.1))
    assert half["foot_slip_mm"] == pytest.approx(140) and half["foot_slip_loaded_mm"] == pytest.approx(70)
    landing = slip(pressed(200 * G), sliding(0.1))
    assert landing["foot_slip_loaded_mm"] == pytest.approx(140), (
        "more than the weight of the body counts no more than it"
    )
    dragged = slip(pressed(30.0), sliding(0.1))
    assert dragged["foot_slip_mm"] == pytest.approx(140) and dragged["foot_slip_loaded_mm"] < 5


def test_foot_in_the_air_does_not_slip() -> None:
    found = slip(pressed(19.0), sliding(3.0))
    assert found["foot_slip_mm"] == found["foot_slip_loaded_mm"] == 0.0


def test_stances_are_not_added_up() -> None:
    load = np.where((FRAMES // 20) % 2 == 0, 100 * G, 0.0)
    assert slip(pressed(load), sliding(0.1))["foot_slip_mm"] == pytest.approx(40)


def test_rolling_from_heel_to_toe_is_no_slip() -> None:
    share = np.clip((FRAMES - 20) / 40, 0, 1)
    force = np.zeros((85, 2, 3))
    force[:, 0, 1], force[:, 1, 1] = 1000 * (1 - share), 1000 * share
    point = sliding(0.0)
    # Where a sphere is not loaded it moves: the toe comes down, the heel lifts off.
    point[:20, 1, 0] += 0.002 * (20 - FRAMES[:20])
    point[62:, 0, 0] += 0.004 * (FRAMES[62:] - 62)
    assert slip(force, point)["foot_slip_mm"] < 1.0


def test_foot_that_moves_with_the_belt_does_not_slip() -> None:
    belt = np.array([0.0, 0.0, 1.2])
    assert slip(pressed(100 * G), sliding(1.2), belt)["foot_slip_mm"] == pytest.approx(0, abs=1e-6)
    assert slip(pressed(100 * G), sliding(0.0), belt)["foot_slip_mm"] == pytest.approx(1.2 * 1400)


def test_sole_height_is_that_of_the_loaded_lowest_points() -> None:
    point = sliding(0.0)
    point[:, 0, 1], point[:, 1, 1] = -0.005, 0.2
    force = pressed(500.0)
    force[:, 1] = 0
    assert sole_height(force, point, 20.0) == pytest.approx(-10.0)
    assert sole_height(0 * force, point, 20.0) is None


def test_hovering_body_is_found_and_a_jump_is_not() -> None:
    still = np.zeros(85)
    assert standing_heights(np.full((85, 2), 0.04), still) == {"hover_mm": pytest.approx(40), "sink_mm": 0.0}
    _, _, acceleration = jump_of_a_body(70.0)
    feet = np.where((FRAMES >= 30) & (FRAMES < 55), 0.3, 0.0)[:, None] * np.ones(2)
    assert standing_heights(feet, acceleration) == {"hover_mm": 0.0, "sink_mm": 0.0}
    assert standing_heights(feet, still)["hover_mm"] == pytest.approx(300)


def test_one_foot_on_the_floor_is_enough() -> None:
    feet = np.stack([np.zeros(85), np.full(85, 0.6)], axis=1)
    assert standing_heights(feet, np.zeros(85))["hover_mm"] == 0.0
    feet[:, 0] = np.nan
    assert standing_heights(feet, np.zeros(85))["hover_mm"] == pytest.approx(600), "a foot that is not seen is none"


def test_body_below_the_floor_is_found_and_a_short_dip_is_not() -> None:
    feet = np.full((85, 2), -0.05)
    assert standing_heights(feet, np.zeros(85)) == {"hover_mm": 0.0, "sink_mm": pytest.approx(50)}
    feet = np.where((FRAMES > 40) & (FRAMES < 48), -0.05, 0.0)[:, None] * np.ones(2)
    assert standing_heights(feet, np.zeros(85))["sink_mm"] == 0.0


def solved(folder: Path, change: Callable[[Window, dict[str, Bundle]], None] | None = None) -> Chunk:
    """The one chunk of a synthetic sequence, read from its files."""
    project = Project(folder)
    record = project.add("walk", 84)
    project.solve("walk", change)
    return read_chunk(Window(**record["windows"][0]), project.paths("walk", 0))


def measured(chunk: Chunk) -> dict:
    return chunk_metrics(chunk, factory.MASS_KG, MergeConfig())


def test_synthetic_walk_is_without_fault(tmp_path: Path) -> None:
    found = measured(solved(tmp_path))
    assert found["impulse_error_percent"] == pytest.approx(0, abs=1e-9)
    assert found["foot_slip_mm"] == pytest.approx(0, abs=1e-6) and found["foot_slip_loaded_mm"] == pytest.approx(
        0, abs=1e-6
    )
    assert found["sole_height_mm"] == 0 and found["pelvis_correction_mm"] == 0
    assert (found["saturated_muscle_share"], found["saturated_muscle"]) == (0.0, "")
    assert (found["solver_status"], found["formulation"]) == ("Solve_Succeeded", "staged")
    assert found["penetration_mm"] == pytest.approx(11)


@pytest.mark.parametrize("stage", ["trajectory", "trunk"])
def test_most_saturated_muscle_is_named_with_its_share_of_frames(tmp_path: Path, stage: str) -> None:
    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles[stage].arrays["activation"][20:41, 5] = 1.0

    found = measured(solved(tmp_path, change))
    names = factory.leg_muscles() if stage == "trajectory" else factory.trunk_muscles()
    assert found["saturated_muscle"] == names[5] and found["saturated_muscle_share"] == pytest.approx(21 / 70)


def test_slip_of_a_chunk_names_foot_and_frame_of_the_sequence(tmp_path: Path) -> None:
    project = Project(tmp_path)
    record = project.add("walk", 154)

    def slide(window: Window, bundles: dict[str, Bundle]) -> None:
        left = [name.endswith("_l") for name in factory.SPHERES]
        bundles["trajectory"].arrays["sphere_point_m"][:, left, 0] += 0.5 * np.arange(85)[:, None] / 50

    project.solve("walk", slide)
    found = measured(read_chunk(Window(**record["windows"][1]), project.paths("walk", 1)))
    # From there on it carries 20 N or more: the right one has 0.5 + 0.8 sin(2 pi frame / 60) of the weight.
    assert (found["foot_slip_side"], found["foot_slip_frame"]) == ("l", 84)


def test_feet_that_move_with_the_belt_of_the_solution_do_not_slip(tmp_path: Path) -> None:
    def ride(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["trajectory"].arrays["sphere_point_m"][:, :, 0] += -1.2 * np.arange(85)[:, None] / 50
        bundles["trajectory"].meta["belt_velocity_m_s"] = [-1.2, 0.0, 0.0]

    assert measured(solved(tmp_path, ride))["foot_slip_mm"] == pytest.approx(0, abs=1e-6)


def test_last_attempt_of_the_solver_is_told(tmp_path: Path) -> None:
    def again(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["trajectory"].meta["attempts"] = [
            {"rung": "warm", "status": "Infeasible"},
            {"rung": "cold", "status": "Solved"},
        ]

    found = measured(solved(tmp_path, again))
    assert (found["solver_rung"], found["solver_status"]) == ("cold", "Solved")


def test_body_that_falls_does_not_hover(tmp_path: Path) -> None:
    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["ik"].arrays["com_acceleration"] = np.tile([0.0, -G, 0.0], (85, 1))

    feet = np.full((85, 2), 0.3)
    assert "hover_mm" not in chunk_metrics(solved(tmp_path / "falls", change), factory.MASS_KG, MergeConfig(), feet)
    assert chunk_metrics(solved(tmp_path / "floats"), factory.MASS_KG, MergeConfig(), feet)[
        "hover_mm"
    ] == pytest.approx(300)


def test_impulse_and_saturation_of_a_short_last_chunk_are_those_of_its_whole_solution(tmp_path: Path) -> None:
    project = Project(tmp_path)
    record = project.add("walk", 70 + 14 + 5)

    def step(window: Window, bundles: dict[str, Bundle]) -> None:
        if window.chunk == 1:
            bundles["trajectory"].arrays["grf_force_N"][-13:] *= 1.5
            bundles["trunk"].arrays["activation"][-13:, 5] = 1.0

    project.solve("walk", step)
    window = Window(**record["windows"][1])
    assert window.keep_stop - window.keep_start == 5
    found = measured(read_chunk(window, project.paths("walk", 1)))
    # Half a weight more in the last 5 of 70 frames, which are 4.5 of 69 intervals.
    assert found["impulse_error_percent"] == pytest.approx(50 * 4.5 / 69)
    assert found["saturated_muscle_share"] == pytest.approx(5 / 70)
    assert found["peak_vertical_force_bw"] == pytest.approx(1.5) and found["mean_vertical_force_bw"] == pytest.approx(
        1.5
    )


def test_mean_correction_of_the_pelvis_keeps_its_sign(tmp_path: Path) -> None:
    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["trajectory"].arrays["q"] = bundles["trajectory"]["q"] - 0.04 * (
            np.array(factory.COORDINATES) == "pelvis_ty"
        )
        bundles["ik"].meta["contact_height_offset_m"] = 0.012

    found = measured(solved(tmp_path, change))
    assert found["pelvis_correction_mm"] == pytest.approx(-40) and found["contact_height_offset_mm"] == pytest.approx(
        12
    )


def test_worst_coordinates_are_named(tmp_path: Path) -> None:
    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["verify"].meta["metrics"] |= {
            "tracking_rms_knee_angle_r_deg": 1.4,
            "tracking_rms_hip_flexion_l_deg": 2.5,
            "tracking_rms_mtp_angle_r_deg": 9.0,
            "tracking_rms_worst_deg": 2.5,
            "tracking_max_knee_angle_r_deg": 6.0,
            "tracking_max_worst_deg": 6.0,
            "tracking_rms_pelvis_tx_m": 0.004,
            "tracking_rms_worst_m": 0.004,
            "reserve_percent": 1.5,
            "reserve_knee_angle_r_percent": 1.5,
            "reserve_ankle_angle_l_percent": 0.2,
        }
        bundles["trajectory"].arrays |= {
            "reserve_coordinates": np.array(["knee_angle_r"]),
            "reserve": np.full((85, 1), -2.0),
        }
        bundles["trunk"].meta["reserve_limit"] = {"flexion": 4.0, "bending": 0.5}

    chunk = solved(tmp_path, change)
    found = measured(chunk)
    assert (found["tracking_rms_deg"], found["tracking_rms_coordinate"]) == (2.5, "hip_flexion_l"), (
        "passive toes are not judged"
    )
    assert (found["tracking_max_deg"], found["tracking_max_coordinate"]) == (6.0, "knee_angle_r")
    assert found["tracking_rms_mm"] == pytest.approx(4)
    assert (found["reserve_percent"], found["reserve_coordinate"]) == (1.5, "knee_angle_r")
    # Reserves of the trunk are 0.01 and -0.02 times the frame, at most 76: 0.76 of 4 and 1.52 of 0.5.
    assert (
        found["trunk_reserve_limit_share"] == pytest.approx(1.52 / 0.5)
        and found["trunk_reserve_coordinate"] == "bending"
    )
    rows = {row["coordinate"]: row for row in coordinate_rows(chunk)}
    assert rows["knee_angle_r"] == {
        "coordinate": "knee_angle_r",
        "model": "leg",
        "unit": "deg",
        "tracking_rms": 1.4,
        "tracking_max": 6.0,
        "reserve_percent": 1.5,
        "reserve_max": 2.0,
        "reserve_unit": "N m",
    }
    assert rows["bending"]["reserve_unit"] == "N m" and rows["bending"]["reserve_limit_share"] == pytest.approx(3.04)
    assert rows["pelvis_tx"]["unit"] == "m"


def test_markers_of_a_chunk_are_those_that_inverse_kinematics_follows(tmp_path: Path) -> None:
    project = Project(tmp_path)
    record = project.add("walk", 84)

    def follow(window: Window, bundles: dict[str, Bundle]) -> None:
        bundles["ik"].meta["marker_rms_by_marker_m"] = {name: 0.01 for name in factory.MARKERS if name != "RKNE"}

    def flicker(window: Window, frames: np.ndarray, positions: np.ndarray) -> None:
        positions[40, list(factory.MARKERS).index("RKNE")] += 0.2

    project.solve("walk", follow)
    project.mark("walk", flicker)
    chunk = read_chunk(
        Window(**record["windows"][0]), {**project.paths("walk", 0), "markers": project.markers("walk", 0)}
    )
    assert measured(chunk)["marker_jump_mm"] < 5
    del chunk.meta("ik")["marker_rms_by_marker_m"]
    assert measured(chunk)["marker_jump_name"] == "RKNE"


def test_hands_on_the_floor_are_not_a_body_that_hovers(tmp_path: Path) -> None:
    for reason, seen in (
        (Reason.NON_FOOT_SUPPORT, False),
        (Reason.UNEVEN_FLOOR, False),
        (Reason.MISSING_SUPPORT, True),
    ):

        def change(window: Window, bundles: dict[str, Bundle], reason: Reason = reason) -> None:
            fail_from(bundles, "support", Status.EXCLUDED_CONTACT, reason)

        chunk = solved(tmp_path / reason.value, change)
        found = chunk_metrics(chunk, factory.MASS_KG, MergeConfig(), np.full((85, 2), 0.5))
        assert ("hover_mm" in found) is seen


DAMAGE: dict[str, Callable[[dict[str, Bundle]], None]] = {
    "a stage without arrays": lambda b: b["ik"].arrays.clear(),
    "rows are missing": lambda b: b["trajectory"].arrays.update(sphere_force_N=b["trajectory"]["sphere_force_N"][:40]),
    "other shape": lambda b: b["trajectory"].arrays.update(grf_force_N=np.zeros(85)),
    "text for numbers": lambda b: b["ik"].arrays.update(com_velocity=np.array(["x"] * 85)),
    "no names": lambda b: b["trunk"].arrays.pop("muscles"),
    "metrics are a list": lambda b: b["verify"].meta.update(metrics=[1, 2]),
    "metrics hold text": lambda b: b["trunk"].meta.update(metrics={"flagged_share": "many"}),
    "not numbers": lambda b: b["ik"].arrays.update(marker_max_m=np.full(85, np.nan)),
    "attempts of something else": lambda b: b["trajectory"].meta.update(attempts=["once", 3]),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_costs_its_own_numbers_and_no_others(tmp_path: Path, damage: str) -> None:
    chunk = solved(tmp_path, lambda window, bundles: DAMAGE[damage](bundles))
    found = measured(chunk)
    assert len(found) >= 8 and all(isinstance(v, str) or np.isfinite(v) for v in found.values())
    assert "saturation_share" in found


def test_solution_of_nothing_is_measured_as_far_as_it_got(tmp_path: Path) -> None:
    def change(window: Window, bundles: dict[str, Bundle]) -> None:
        fail_from(bundles, "trajectory", Status.DISCARDED, Reason.NOT_CONVERGED)

    found = measured(solved(tmp_path, change))
    assert found["marker_rms_mm"] == pytest.approx(12)
    assert not [name for name in found if "force" in name or "slip" in name or "satur" in name]
