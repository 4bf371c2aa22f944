"""Plates whose clock is off, by how much is known, under a centre of mass that moves as the true forces make it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.compare.columns import STANCE, rows_of
from mint.compare.stage import compared
from mint.config.compare import CompareConfig
from mint.core.bundle import Bundle
from mint.core.low_pass import low_pass
from mint.sequence.outcome import FORCES_TRACKED

from . import walk

AT_1000_HZ = np.arange(0, 2.4, 0.001)
CONFIG = CompareConfig()
LIMIT_MS = 1000 * CONFIG.clock_late_s


def late(sequence: Bundle, measured: Bundle, config: CompareConfig = CONFIG) -> float | None:
    """What the compared contacts of a sequence say of the clock, all the same."""
    [found] = {
        row["plates_late_ms"]
        for row in rows_of(STANCE, compared(sequence, measured, None, None, config))
        if not row["left_out"]
    }
    return found


def walking(frames: np.ndarray | None = None, *, turn_rad: float = 0.0, noise_bw: float = 0.0, **more: Any) -> Bundle:
    """The walk with the acceleration of its centre of mass, filtered as coordinates are, plus noise of that kind."""
    frames = np.arange(7, 107) if frames is None else frames
    force = walk.forces(np.arange(120))[0].sum(axis=1)
    force += noise_bw * walk.WEIGHT_N * np.random.default_rng(4).normal(size=force.shape)
    asked = low_pass(force, 50.0, CONFIG.clock_cutoff_hz)[frames] / walk.MASS_KG - [0.0, 9.80665, 0.0]
    return walk.sequence(frames, turn_rad=turn_rad, com_acceleration=walk.turned(asked, turn_rad), **more)


def plates(late_ms: float, **more: Any) -> Bundle:
    """Plates whose samples are said to be that much later than they are."""
    measured = walk.measured(times_s=AT_1000_HZ, **more)
    measured.arrays["force_time_s"] = measured["force_time_s"] + 0.001 * late_ms
    measured.meta["forces_from"] = "walk.c3d"
    return measured


@pytest.mark.parametrize("late_ms", [-37.0, -15.0, 0.0, 7.0, 15.0, 41.0])
@pytest.mark.parametrize("turn", [0.0, 2.0])
def test_plates_whose_clock_is_off_are_found_to_two_milliseconds(late_ms: float, turn: float) -> None:
    sequence, measured = walking(turn_rad=turn, noise_bw=0.05), plates(late_ms, turn_rad=turn)
    found = late(sequence, measured)
    assert found == pytest.approx(late_ms, abs=2)
    warnings = compared(sequence, measured, None, None, CONFIG).status.warnings
    if abs(late_ms) < LIMIT_MS:
        assert warnings == ()
        return
    words = (
        "walk.c3d",
        f"{abs(found):.0f} ms {'late' if late_ms > 0 else 'early'}",
        f"{LIMIT_MS:.0f} ms",
        f"{-0.001 * found:.3f} s to forces_offset_s",
    )
    assert len(warnings) == 1 and all(word in warnings[0] for word in words)


def test_simulated_forces_do_not_change_what_the_markers_say_of_the_clock() -> None:
    """Another size and place, and given or not; they tell which feet carry, and no more."""
    other = walking(scale=1.2, shift_m=(0.02, 0.0))
    other.meta["chunks"] = [{"flags": [FORCES_TRACKED]}]
    assert late(other, plates(15.0)) == late(walking(), plates(15.0)) == pytest.approx(15.0, abs=2)


def test_frames_in_which_a_foot_carries_beside_the_plates_do_not_count() -> None:
    away = np.stack([walk.corners(*walk.STEPS["r"][2]), walk.corners(1.3, -0.4)])
    for late_ms in (-15.0, 15.0):
        assert late(walking(), plates(late_ms, corners_m=away)) == pytest.approx(late_ms, abs=4)


def test_a_clock_that_is_farther_off_than_is_looked_for_is_not_told() -> None:
    assert late(walking(), plates(65.0)) is None


def test_a_centre_of_mass_that_markers_tell_badly_says_nothing_of_the_clock() -> None:
    assert late(walking(noise_bw=0.6), plates(15.0)) is None


@pytest.mark.parametrize(("least_s", "told"), [(1.3, True), (1.5, False)])
def test_contacts_that_last_too_short_say_nothing_of_the_clock(least_s: float, told: bool) -> None:
    """From the strike of the first foot to the lift of the second are 1.4 s."""
    assert (late(walking(), plates(15.0), CompareConfig(clock_least_s=least_s)) is not None) == told


def test_a_merged_sequence_of_an_older_version_says_nothing_of_the_clock() -> None:
    assert late(walk.sequence(), plates(15.0)) is None


def on_one_plate(vertical_N: np.ndarray, late_ms: float) -> tuple[Bundle, Bundle]:
    """Both feet on one large plate all the time, with that load at 50 frames/s; the plate has a noise of 1 % of body
    weight."""
    frames = np.arange(len(vertical_N))
    points = np.repeat(np.array([[0.85, 0, 0.1], [0.85, 0, -0.1]]), 6, axis=0)
    points += np.insert(np.tile(walk.OUTLINE, (2, 1)), 1, 0, axis=1)
    force = np.zeros((len(frames), 12, 3))
    force[:, [0, 6], 1] = vertical_N[:, None] / 2
    acceleration = np.zeros((len(frames), 3))
    acceleration[:, 1] = vertical_N / walk.MASS_KG - 9.80665
    sequence = walk.sequence(
        frames,
        sphere_force_N=force,
        sphere_point_m=np.tile(points, (len(frames), 1, 1)),
        leg_q=np.tile([0.8, 0.9, 0.0, 0.0], (len(frames), 1)),
        com_acceleration=acceleration,
    )
    time_s = np.arange(0, frames[-1] / 50, 0.001)
    measured = np.zeros((1, len(time_s), 3))
    measured[0, :, 1] = np.interp(time_s, frames / 50, vertical_N)
    measured[0, :, 1] += np.random.default_rng(2).normal(0, 0.01 * walk.WEIGHT_N, len(time_s))
    return sequence, walk.measured(
        plate_names=["floor"],
        force_time_s=time_s + 0.001 * late_ms,
        plate_force_N=measured,
        plate_centre_m=np.tile([0.85, 0.0, 0.0], (1, len(time_s), 1)),
        plate_free_moment_Nm=0 * measured,
        plate_corners_m=walk.corners(0.85, 0.0, 1.0)[None],
    )


@pytest.mark.parametrize("sway_bw", [0.0, 0.001, 0.005])
def test_standing_says_nothing_of_the_clock(sway_bw: float) -> None:
    """What little the load changes, markers and plates tell differently."""
    sway = low_pass(np.random.default_rng(3).normal(size=300), 50.0, 1.0)
    sequence, measured = on_one_plate(walk.WEIGHT_N * (1 + sway_bw * sway / np.abs(sway).max()), 15.0)
    seen = low_pass(np.random.default_rng(5).normal(size=300), 50.0, 6.0)
    sequence.arrays["com_acceleration"][:, 1] += 0.003 * 9.80665 * seen / seen.std()
    bundle = compared(sequence, measured, None, None, CONFIG)
    assert [row["feet"] for row in rows_of(STANCE, bundle) if not row["left_out"]] == ["both"]
    assert late(sequence, measured) is None and bundle.status.warnings == ()


def test_squats_on_one_plate_tell_the_clock() -> None:
    squats = on_one_plate(walk.WEIGHT_N * (1 + 0.3 * np.sin(2 * np.pi * np.arange(300) / 60)), -20.0)
    assert late(*squats) == pytest.approx(-20.0, abs=2)
