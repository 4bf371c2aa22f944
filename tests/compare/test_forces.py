"""Forces, centres of pressure, times and impulses of stances, from walks that are known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.compare.columns import CHANNEL, STANCE, rows_of
from mint.compare.stage import compared
from mint.config.compare import CompareConfig
from mint.core.bundle import Bundle
from mint.sequence.outcome import FORCES_TRACKED

from . import walk


def stances(sequence: Bundle, measured: Bundle, config: CompareConfig = walk.EXACT) -> list[dict[str, Any]]:
    return rows_of(STANCE, compared(sequence, measured, walk.maxima(), None, config))


def test_a_simulation_that_is_the_measurement_has_no_error() -> None:
    rows = stances(walk.sequence(), walk.measured())
    assert [(row["plate"], row["feet"], row["left_out"], row["whole"]) for row in rows] == [
        ("first", "r", "", True),
        ("second", "l", "", True),
    ]
    for row in rows:
        assert row.pop("plates_late_ms") is None  # nothing is said of the centre of mass
        for name, value in row.items():
            if name.endswith(("_rmse_bw", "_mae_bw", "_bias_bw", "_mm", "_ms", "_percent")):
                assert value == pytest.approx(0, abs=1e-9), name
            if name.endswith("_correlation"):
                assert value == pytest.approx(1), name
        # Both feet are loaded for 40 frames; the first and the last carry nothing.
        assert row["frames"] == 39 and row["cop_frames"] >= 37


def test_a_scaled_force_has_the_error_of_its_scale() -> None:
    [row, _] = stances(walk.sequence(scale=1.1), walk.measured())
    frames = np.arange(21, 60)
    vertical = walk.load(frames, 20, 60) / walk.WEIGHT_N
    assert row["vertical_rmse_bw"] == pytest.approx(0.1 * np.sqrt(np.mean(vertical**2)))
    assert row["vertical_mae_bw"] == pytest.approx(0.1 * vertical.mean()) == pytest.approx(row["vertical_bias_bw"])
    assert row["lateral_rmse_bw"] == pytest.approx(0.05 * row["vertical_rmse_bw"])
    assert row["vertical_impulse_percent"] == pytest.approx(10.0)
    assert row["vertical_correlation"] == pytest.approx(1)


@pytest.mark.parametrize("turn", [0.0, 0.7, np.pi])
def test_a_shifted_centre_of_pressure_gives_the_shift_whichever_way_the_person_walks(turn: float) -> None:
    for row in stances(walk.sequence(shift_m=(0.012, -0.004), turn_rad=turn), walk.measured(turn_rad=turn)):
        assert row["cop_fore_aft_offset_mm"] == pytest.approx(12) == pytest.approx(row["cop_fore_aft_rmse_mm"])
        assert row["cop_lateral_offset_mm"] == pytest.approx(-4)
        assert row["cop_fore_aft_shape_mm"] == pytest.approx(0, abs=1e-6) == row["cop_lateral_shape_mm"]
        assert row["vertical_rmse_bw"] == pytest.approx(0, abs=1e-9) and row["fore_aft_rmse_bw"] == pytest.approx(
            0, abs=1e-9
        )


def test_offset_and_shape_make_up_the_error_of_the_centre_of_pressure() -> None:
    simulated = walk.sequence()
    loaded = simulated["sphere_force_N"][:, 0, 1] > 0
    simulated.arrays["sphere_point_m"][loaded, :2, 0] += np.linspace(-0.02, 0.04, int(loaded.sum()))[:, None]
    row = stances(simulated, walk.measured())[0]
    assert row["cop_fore_aft_shape_mm"] > 10 and row["cop_fore_aft_offset_mm"] > 5
    assert row["cop_fore_aft_rmse_mm"] ** 2 == pytest.approx(
        row["cop_fore_aft_offset_mm"] ** 2 + row["cop_fore_aft_shape_mm"] ** 2
    )


@pytest.mark.parametrize("delay", [-2, 1, 3])
def test_a_later_simulation_has_the_time_of_its_delay(delay: int) -> None:
    for row in stances(walk.sequence(delay=delay), walk.measured()):
        assert row["strike_ms"] == pytest.approx(-20 * delay) == pytest.approx(row["toe_off_ms"])


def test_times_are_found_between_frames() -> None:
    """Plates at 1000 Hz know the contact to the millisecond; the simulated one is linear between frames."""
    [row, _] = stances(walk.sequence(), walk.measured(times_s=np.arange(0, 2.4, 0.001)))
    assert abs(row["strike_ms"]) < 1 and abs(row["toe_off_ms"]) < 1
    assert row["start_s"] == pytest.approx(0.4 + 0.04 * 20 / walk.WEIGHT_N, abs=1e-4)


def test_the_filter_leaves_slow_forces_and_does_not_delay_them() -> None:
    [row, _] = stances(walk.sequence(), walk.measured(times_s=np.arange(0, 2.4, 0.001)), CompareConfig())
    assert row["vertical_rmse_bw"] < 0.06 and abs(row["vertical_bias_bw"]) < 0.01 and row["vertical_correlation"] > 0.98


def test_a_foot_partly_beside_its_plate_is_left_out() -> None:
    narrow = np.stack([walk.corners(0.45, 0.1, 0.12), walk.corners(1.2, -0.1)])
    rows = stances(walk.sequence(), walk.measured(corners_m=narrow))
    assert [row["left_out"] for row in rows] == ["foot_beside", ""]
    assert rows[0]["vertical_rmse_bw"] is None and rows[1]["vertical_rmse_bw"] == pytest.approx(0, abs=1e-9)


def test_a_plate_with_both_feet_tells_their_sum_only_if_both_are_wholly_on_it() -> None:
    whole, force = walk.measured(), walk.forces(np.arange(0, 2.4, 0.02) * 50)[0]
    centre = whole["plate_centre_m"]
    weighted = np.nan_to_num(centre) * force.transpose(1, 0, 2)[..., 1:2]
    with np.errstate(invalid="ignore"):
        middle = weighted.sum(axis=0) / force.sum(axis=1)[:, 1:2]
    one = {
        "plate_names": ["floor"],
        "plate_force_N": force.sum(axis=1)[None],
        "plate_centre_m": middle[None],
        "plate_free_moment_Nm": free_moment(force, centre, middle)[None],
    }
    for edge, expected in ((3.0, ""), (0.62, "two_feet")):
        [row] = stances(
            walk.sequence(), walk.measured(**one, plate_corners_m=walk.corners(0.85, 0.0, edge / 2 + 0.05)[None])
        )
        assert (row["feet"], row["left_out"]) == ("both", expected), edge
    [row] = stances(
        walk.sequence(shift_m=(0.01, 0.0)), walk.measured(**one, plate_corners_m=walk.corners(0.85, 0.0, 2.0)[None])
    )
    assert row["vertical_rmse_bw"] == pytest.approx(0, abs=1e-9) and row["cop_fore_aft_rmse_mm"] == pytest.approx(10)


def free_moment(force: np.ndarray, centre: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Vertical torque (n, 3) of two forces about their common centre of pressure."""
    each = np.cross(np.nan_to_num(centre) - np.nan_to_num(middle), force.transpose(1, 0, 2)).sum(axis=0)
    return np.stack([0 * each[:, 0], each[:, 1], 0 * each[:, 0]], axis=1)


def test_without_corners_the_centre_of_pressure_tells_the_foot() -> None:
    unknown = np.full((2, 4, 3), np.nan)
    assert [row["feet"] for row in stances(walk.sequence(), walk.measured(corners_m=unknown))] == ["r", "l"]
    far = walk.measured(corners_m=unknown)
    far.arrays["plate_centre_m"] = far["plate_centre_m"] + np.array([0.0, 0.0, 0.3])
    assert [row["left_out"] for row in stances(walk.sequence(), far)] == ["no_foot", "no_foot"]


def test_one_foot_on_two_plates_is_left_out() -> None:
    halves = walk.measured(corners_m=np.full((2, 4, 3), np.nan))
    for name in ("plate_force_N", "plate_centre_m"):
        halves.arrays[name] = np.stack([halves[name][0]] * 2) * (0.5 if name == "plate_force_N" else 1)
    assert [row["left_out"] for row in stances(walk.sequence(), halves)] == ["two_plates", "two_plates"]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [(np.arange(40, 107), ["cut", ""]), (np.r_[7:30, 42:107], ["cut", ""]), (np.arange(62, 107), ["outside", "cut"])],
)
def test_a_step_that_the_sequence_cuts_is_left_out(frames: np.ndarray, expected: list[str]) -> None:
    bundle = compared(walk.sequence(frames), walk.measured(), walk.maxima(), None, walk.EXACT)
    assert [row["left_out"] for row in rows_of(STANCE, bundle)] == expected
    assert bundle.meta["left_out"] == {reason: expected.count(reason) for reason in expected if reason}


def test_standing_that_the_recording_cuts_is_compared_without_times() -> None:
    """Both feet on their plates all the time, as in a squat."""
    time_s = np.arange(0, 2.4, 0.02)
    frames, simulated = np.arange(7, 107), walk.sequence()
    force = np.broadcast_to([0.0, walk.WEIGHT_N / 2, 0.0], (2, len(time_s), 3))
    centre = np.broadcast_to(np.array([[0.5, 0, 0.1], [1.2, 0, -0.1]])[:, None], (2, len(time_s), 3))
    simulated.arrays["leg_q"] = np.tile([0.8, 0.9, 0.0, 0.0], (len(frames), 1))
    points = np.repeat(np.array([[0.5, 0, 0.1], [1.2, 0, -0.1]]), 6, axis=0) + np.insert(
        np.tile(walk.OUTLINE, (2, 1)), 1, 0, axis=1
    )
    points[[0, 6]], points[[1, 7]] = centre[:, 0] + [0, 0, 0.02], centre[:, 0] - [0, 0, 0.02]
    simulated.arrays["sphere_point_m"] = np.tile(points, (len(frames), 1, 1))
    simulated.arrays["sphere_force_N"] = np.zeros((len(frames), 12, 3))
    simulated.arrays["sphere_force_N"][:, [0, 1, 6, 7], 1] = walk.WEIGHT_N / 4
    rows = stances(simulated, walk.measured(plate_force_N=force, plate_centre_m=centre), CompareConfig())
    assert [(row["feet"], row["left_out"], row["whole"], row["frames"]) for row in rows] == [
        ("r", "", False, 100),
        ("l", "", False, 100),
    ]
    assert all(
        row["strike_ms"] is None and row["toe_off_ms"] is None and row["vertical_correlation"] is None for row in rows
    )
    assert all(row["vertical_rmse_bw"] == pytest.approx(0, abs=1e-9) for row in rows)
    assert all(row["cop_fore_aft_rmse_mm"] == pytest.approx(0, abs=1e-6) for row in rows)


def test_without_plates_there_are_no_stances_and_emg_is_still_compared() -> None:
    none = {
        name: walk.measured()[name][:0]
        for name in (
            "plate_names",
            "plate_force_N",
            "plate_centre_m",
            "plate_free_moment_Nm",
            "plate_corners_m",
            "force_time_s",
        )
    }
    bundle = compared(walk.sequence(), walk.measured(**none), walk.maxima(), None, walk.EXACT)
    assert rows_of(STANCE, bundle) == [] and rows_of(CHANNEL, bundle)[0]["correlation"] == pytest.approx(1)


def test_forces_that_the_simulation_was_given_are_marked() -> None:
    assert [row["given"] for row in stances(walk.sequence(), walk.measured())] == [False, False]
    tracked = walk.sequence()
    tracked.meta["chunks"] = [{"flags": []}, {"flags": [FORCES_TRACKED]}]
    assert [row["given"] for row in stances(tracked, walk.measured())] == [True, True]
