"""Events and steps of a walk that is known."""

from __future__ import annotations

import numpy as np
import pytest

from mint.sequence.gait import OFF, STRIKE, events, steps

# Each foot stands for 0.7 s of a stride of 1.2 s, 1.5 m; 1.25 m/s; the left half a stride later.
STRIDE_S, STANCE_S, STRIDE_M, APART_M = 1.2, 0.7, 1.5, 0.16
FRAMES = np.arange(20, 220)


def walk(frames: np.ndarray, belt: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forces (n, 2), heels (n, 2, 3), pelvis (n, 3); on a belt the same walk in place."""
    t = frames / 50
    force, heels = np.zeros((len(t), 2)), np.zeros((len(t), 2, 3))
    for foot in range(2):
        phase = t / STRIDE_S - 0.5 * foot
        stride, within = np.floor(phase), (phase - np.floor(phase)) * STRIDE_S
        force[:, foot] = np.where(within < STANCE_S, 600 * np.sin(np.pi * within / STANCE_S), 0.0)
        swing = np.clip((within - STANCE_S) / (STRIDE_S - STANCE_S), 0, 1)
        heels[:, foot, 0] = STRIDE_M * (stride + swing + 0.5 * foot) + belt * t
        heels[:, foot, 2] = APART_M * (0.5 - foot)
    pelvis = np.stack([STRIDE_M / STRIDE_S * t + belt * t, np.full_like(t, 0.95), np.zeros_like(t)], axis=1)
    return force, heels, pelvis


@pytest.mark.parametrize("belt", [0.0, -STRIDE_M / STRIDE_S])
def test_steps_have_the_length_width_time_speed_of_the_walk_on_floor_and_belt(belt: float) -> None:
    found = events(FRAMES, *walk(FRAMES, belt), 20.0)
    rows = steps(found, FRAMES, [belt, 0.0, 0.0])
    assert [row.side for row in rows] == list("rlrlrlrl")[: len(rows)] and len(rows) >= 4
    for row in rows:
        assert row.stop_s - row.start_s == pytest.approx(STRIDE_S / 2, abs=0.01)
        assert row.length_m == pytest.approx(STRIDE_M / 2, abs=0.03)
        assert row.width_m == pytest.approx(APART_M, abs=1e-6)
        assert row.speed_m_s == pytest.approx(STRIDE_M / STRIDE_S, abs=0.05)
    strides = [row for row in rows if row.stride_s is not None]
    assert strides and strides[0].stride_s == pytest.approx(STRIDE_S, abs=0.01)
    assert strides[0].stride_m == pytest.approx(STRIDE_M, abs=0.03)
    assert rows[0].stance_s == pytest.approx(STANCE_S, abs=0.02)


def test_events_lie_between_frames_where_the_force_meets_the_threshold() -> None:
    found = events(FRAMES, *walk(FRAMES), 20.0)
    strikes = [event.frame / 50 for event in found if event.kind == STRIKE and event.side == "r"]
    meets = STANCE_S / np.pi * np.arcsin(20 / 600)
    assert strikes == pytest.approx(
        [STRIDE_S + meets, 2 * STRIDE_S + meets, 3 * STRIDE_S + meets][: len(strikes)], abs=0.011
    )
    assert {event.kind for event in found} == {STRIKE, OFF}


def test_no_event_lies_at_the_ends_of_what_is_known_and_no_step_spans_a_gap() -> None:
    kept = FRAMES[(FRAMES < 95) | (FRAMES > 110)]
    found = events(kept, *walk(kept), 20.0)
    assert all(20.5 < event.frame < 94.5 or 111.5 < event.frame < 218.5 for event in found)
    assert not [row for row in steps(found, kept, [0, 0, 0]) if row.start_s < 95 / 50 < row.stop_s]


def test_a_wobble_of_the_force_is_no_event() -> None:
    force, heels, pelvis = walk(FRAMES)
    clean = events(FRAMES, force, heels, pelvis, 20.0)
    wobbling = force.copy()
    wobbling[30, 0], wobbling[int(1.0 * 50) - 20 + 6, 1] = 0.0, force[int(1.0 * 50) - 20 + 6, 1]
    lifted = np.flatnonzero(force[:, 0] == 0)[8]
    wobbling[lifted, 0] = 25.0
    assert [(e.kind, e.side) for e in events(FRAMES, wobbling, heels, pelvis, 20.0)] == [
        (e.kind, e.side) for e in clean
    ]


def test_a_jump_with_both_feet_has_events_and_no_steps() -> None:
    force = np.where((FRAMES > 80) & (FRAMES < 110), 0.0, 400.0)[:, None] * [1.0, 1.0]
    pelvis = np.stack([FRAMES / 50, np.ones(200), np.zeros(200)], axis=1)
    found = events(FRAMES, force, np.repeat(pelvis[:, None], 2, axis=1), pelvis, 20.0)
    assert [e.kind for e in found] == [OFF, OFF, STRIKE, STRIKE] and steps(found, FRAMES, [0, 0, 0]) == []


def test_stepping_in_place_has_no_steps() -> None:
    force, heels, pelvis = walk(FRAMES)
    pelvis[:, 0] = 0.0
    assert steps(events(FRAMES, force, heels, pelvis, 20.0), FRAMES, [0, 0, 0]) == []
