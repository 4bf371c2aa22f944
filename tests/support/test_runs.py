"""Stances and forces of runners whose flights and stances are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mint.config.support import SupportConfig
from mint.support.runs import SPREAD_BW, run_forces, runs_of
from mint.support.steps import Feet
from tests.support.steppers import FRAMES, Gait, feet

CONFIG = SupportConfig()
G = 9.80665
STEP, STANCE = 17.6, 11.3  # frames from strike to strike of opposite feet, and of a stance: 0.35 and 0.23 s


def strikes(first: float) -> list[tuple[int, float]]:
    """(foot, frame) of all strikes that the window may show."""
    return [(i % 2, first + i * STEP) for i in range(-2, 8)]


def runner(first: float = 5.2, speed: float = 3.0, feet_of: tuple[int, int] = (0, 1)) -> tuple[Feet, np.ndarray]:
    """Feet, and acceleration of the centre of mass, which asks for half a sine in each stance and for a little less than
    nothing in flight. `feet_of` are the feet of even and odd strikes."""
    frames = np.arange(FRAMES, dtype=float)
    total, height = np.full(FRAMES, -0.05), np.full((FRAMES, 2), 0.25)
    for odd, strike in strikes(first):
        phase = (frames - strike) / STANCE
        inside = (phase > 0) & (phase < 1)
        total[inside] += (np.pi / 2 * STEP / STANCE) * np.sin(np.pi * phase[inside])
        height[inside, feet_of[odd]] = 0.02
    pelvis = np.stack([0 * frames, 0.95 + 0 * frames, 0 * frames], axis=1)
    heel = pelvis[:, None] * [1, 0, 1] + np.stack(
        [0 * height, height, np.broadcast_to([0.1, -0.1], height.shape)], axis=2
    )
    axis = np.broadcast_to([1.0, 0.0, 0.0], (FRAMES, 2, 3))
    side = np.broadcast_to([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]], (FRAMES, 2, 3))
    travel = np.broadcast_to([speed, 0.0, 0.0], (FRAMES, 3))
    acceleration = np.stack([0.5 * np.sin(frames / 5), G * (total - 1), 0.3 * np.cos(frames / 7)], axis=1)
    return Feet(pelvis, heel, heel + 0.2 * axis, axis, side, np.array([0.2, 0.2]), travel), acceleration


@pytest.mark.parametrize("first", [5.2, -3.0, 14.9])
def test_stances_between_flights_are_those_of_the_runner(first: float) -> None:
    seen, acceleration = runner(first)
    found = runs_of(seen, acceleration, CONFIG)
    shown = [(foot, strike) for foot, strike in strikes(first) if strike + STANCE > 1 and strike < FRAMES - 2]
    assert [step.foot for step in found] == [foot for foot, _ in shown]
    for step, (_, strike) in zip(found, shown, strict=True):
        if strike > 1:
            assert step.strike == pytest.approx(strike, abs=0.6)
        if strike + STANCE < FRAMES - 2:
            assert step.lift == pytest.approx(strike + STANCE, abs=0.6)


def test_the_foot_that_stands_carries_what_is_asked_for_and_the_other_nothing() -> None:
    seen, acceleration = runner()
    found = runs_of(seen, acceleration, CONFIG)
    force, sd = run_forces(seen, found, acceleration)
    total = acceleration / G + [0, 1, 0]
    stands = np.zeros((FRAMES, 2), dtype=bool)
    for step in found:
        frames = np.arange(int(np.ceil(step.strike)), int(step.lift) + 1)
        stands[frames[(frames >= 0) & (frames < FRAMES)], step.foot] = True
    known = np.isfinite(force).all(axis=(1, 2))
    assert known.mean() > 0.9 and not (stands.all(axis=1)).any()
    for foot in (0, 1):
        np.testing.assert_allclose(force[stands[:, foot], foot], total[stands[:, foot]])
        np.testing.assert_allclose(sd[stands[:, foot], foot], np.broadcast_to(SPREAD_BW, (stands[:, foot].sum(), 3)))
        np.testing.assert_array_equal(force[known & ~stands[:, foot], foot], 0.0)


def turned(seen: Feet) -> Feet:
    """Across the floor, instead of along x."""
    return replace(seen, travel=seen.travel[:, [2, 1, 0]] * [1, 1, -1])


def test_across_the_floor_the_spread_goes_with_the_travel() -> None:
    seen, acceleration = runner()
    across = turned(seen)
    found = runs_of(across, acceleration, CONFIG)
    _, sd = run_forces(across, found, acceleration)
    step = found[1]
    np.testing.assert_allclose(sd[round(step.strike) + 3, step.foot], SPREAD_BW[[2, 1, 0]])


@pytest.mark.parametrize("what", ["slow", "on one foot", "both feet low", "one flight too long", "walking"])
def test_what_is_no_run_has_no_stances(what: str) -> None:
    seen, acceleration = runner(
        speed=1.0 if what == "slow" else 3.0, feet_of=(0, 0) if what == "on one foot" else (0, 1)
    )
    if what == "both feet low":
        seen.heel[..., 1] = seen.toe[..., 1] = 0.02
    if what == "one flight too long":
        acceleration[20:70, 1] = -1.05 * G
    if what == "walking":
        seen, acceleration = feet(Gait(speed=2.0)), np.zeros((FRAMES, 3))
    found = runs_of(seen, acceleration, CONFIG)
    assert found == []
    assert all(np.isnan(each).all() for each in run_forces(seen, found, acceleration))


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_a_window_that_shows_next_to_nothing_tells_nothing(frames: int) -> None:
    seen, acceleration = runner()
    short = Feet(
        *(
            each if each.shape[0] == 2 and each.ndim == 1 else each[:frames]
            for each in (seen.pelvis, seen.heel, seen.toe, seen.axis, seen.side, seen.length, seen.travel)
        )
    )
    assert runs_of(short, acceleration[:frames], CONFIG) == []
