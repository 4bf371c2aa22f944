"""Centres of pressure that roll, wait, go back and end beyond the toes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.sequence.roll import rolls, worst

# Forward places of a foot's spheres, heel first; the pads of the toes are 0.035 m behind the front.
LENGTH, FRONT = 0.2, 0.235
OUTLINE = np.array([[0.0, 0.0], [0.15, -0.03], [0.15, 0.03], [0.07, 0.02], [FRONT, -0.001], [0.22, 0.03]])
FRAMES = np.arange(100)


def walk(
    place: np.ndarray, *, start: int = 20, speed_m_s: float = 1.2, turn: float = 0.0, belt: float = 0.0
) -> dict[str, Any]:
    """One stance of the right foot whose centre of pressure is at `place (n,)` of the foot; the person walks at a speed relative
    to the floor, or belt, which moves by `belt` m/s."""
    stop = start + len(place)
    force, point = np.zeros((100, 12, 3)), np.zeros((100, 12, 3))
    for i in range(12):
        point[:, i, [0, 2]] = OUTLINE[i % 6] + [0.5, 0.1 if i < 6 else -0.1]
        point[:, i, 1] = 0.0 if i < 6 else 0.02
    point[:, :, 0] += belt * FRAMES[:, None] / 50
    # Two spheres carry all, so that their centre of pressure is the wanted one.
    share = (place * LENGTH - OUTLINE[0, 0]) / (OUTLINE[4, 0] - OUTLINE[0, 0])
    vertical = 700 * np.minimum(1, np.minimum(np.arange(len(place)) + 1, len(place) - np.arange(len(place))) / 4)
    force[start:stop, 0, 1], force[start:stop, 4, 1] = vertical * (1 - share), vertical * share
    forward = FRAMES / 50 * (speed_m_s + belt)
    q = np.stack([forward, np.ones(100), np.zeros(100), np.zeros(100)], axis=1)
    c, s = np.cos(turn), np.sin(turn)
    turned = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    place_q = np.stack([q[:, 0], 0 * q[:, 0], q[:, 2]], axis=1) @ turned.T
    q = np.stack([place_q[:, 0], q[:, 1], place_q[:, 2], np.full(100, turn)], axis=1)
    return {
        "frames": FRAMES,
        "spheres": [f"s{i}_{side}" for side in "rl" for i in range(1, 7)],
        "sphere_force_N": force @ turned.T,
        "sphere_point_m": point @ turned.T,
        "leg_coordinates": ["pelvis_tx", "pelvis_ty", "pelvis_tz", "pelvis_rotation"],
        "leg_q": q,
    }


STEADY = np.linspace(0.0, 0.95, 30)


@pytest.mark.parametrize("turn", [0.0, 2.0])
@pytest.mark.parametrize("belt", [0.0, -1.2])
def test_a_steady_roll_is_one_whichever_way_and_on_whatever_floor(turn: float, belt: float) -> None:
    arrays = walk(STEADY, turn=turn, belt=belt)
    [found] = rolls(arrays, (belt * np.cos(turn), 0.0, -belt * np.sin(turn)), 20.0)
    assert (found.side, found.first, found.last) == ("r", 20, 49)
    assert found.retreat_share == pytest.approx(0, abs=1e-9) and found.reach_share == pytest.approx(0.95, abs=0.04)
    assert found.hind_share == pytest.approx(0.5, abs=0.06)


def test_waiting_under_the_heel_going_back_and_reaching_beyond_the_toes_are_measured() -> None:
    late = np.where(np.arange(30) < 24, 0.3, 0.9)
    assert rolls(walk(late), (0, 0, 0), 20.0)[0].hind_share == pytest.approx(0.8, abs=0.04)
    back = STEADY.copy()
    back[10:20] = np.linspace(back[9], back[9] - 0.1, 10)
    assert rolls(walk(back), (0, 0, 0), 20.0)[0].retreat_share == pytest.approx(0.1, rel=1e-5)
    assert rolls(walk(np.linspace(0.0, 1.15, 30)), (0, 0, 0), 20.0)[0].reach_share == pytest.approx(1.15, abs=0.05)


@pytest.mark.parametrize(
    "other",
    [{"speed_m_s": 0.1}, {"speed_m_s": -1.2}, {"start": 0}, {"start": 70}],
    ids=["standing", "backwards", "begins before", "ends after"],
)
def test_what_is_no_whole_step_of_walking_forward_is_not_judged(other: dict[str, Any]) -> None:
    assert rolls(walk(STEADY, **other), (0, 0, 0), 20.0) == []


def test_running_is_not_judged_and_a_gap_cuts_a_stance() -> None:
    assert rolls(walk(np.linspace(0, 0.9, 12)), (0, 0, 0), 20.0) == []
    arrays = walk(STEADY)
    kept = np.r_[0:30, 33:100]
    cut = {
        name: values[kept] if name in ("frames", "sphere_force_N", "sphere_point_m", "leg_q") else values
        for name, values in arrays.items()
    }
    assert rolls(cut, (0, 0, 0), 20.0) == []
    assert rolls({"frames": FRAMES}, (0, 0, 0), 20.0) == []


def test_a_chunk_has_the_worst_of_its_stances() -> None:
    found = rolls(walk(STEADY), (0, 0, 0), 20.0) + rolls(walk(np.linspace(0.0, 1.15, 30)), (0, 0, 0), 20.0)
    assert worst(found, 7, 77)["cop_reach_share"] == found[1].reach_share
    assert worst(found, 77, 147) == {}
