"""Seams against loops over single frames, and numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mint.core.chunks import Window, windows
from mint.sequence.blend import (
    Seam,
    aligned_turns,
    blend,
    disagreement,
    faded,
    gaps,
    hard_cut,
    kept_frames,
    largest_step,
    rms_disagreement,
    seams,
    weight,
)

# Three windows of 84 intervals, the last slid back: seams at 77 and 147.
THREE = windows(170)
# Two windows of 12 frames that meet at 9: the first solves up to 12, the second from 6.
FIRST, SECOND = Window(0, 0, 12, 2, 9), Window(1, 6, 18, 9, 16)
PAIR = [FIRST, SECOND]
MEETING = Seam(0, 1, 9)


def solved(of: list[Window], columns: int = 2) -> list[np.ndarray]:
    """Values that differ from window to window, as windows disagree."""
    rng = np.random.default_rng(3)
    return [rng.normal(size=(w.nodes, columns)) for w in of]


def test_windows_meet_where_one_ends_and_the_next_begins_and_not_across_a_gap() -> None:
    assert seams(THREE) == [Seam(0, 1, 77), Seam(1, 2, 147)]
    assert seams([THREE[0], THREE[2]]) == [] and seams(THREE[:1]) == [] and seams([]) == []


def test_kept_frames_are_in_order_and_none_without_windows() -> None:
    assert kept_frames(THREE).tolist() == list(range(7, 163))
    assert kept_frames([]).tolist() == [] and kept_frames([]).dtype == np.int64
    # frame by frame, the same type of whole numbers as with windows
    assert kept_frames(THREE).dtype == np.int64


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ([0, 1, 2], []),
        ([0, 2], [(77, 147)]),
        ([1], [(7, 77), (147, 163)]),
        ([0], [(77, 163)]),
        ([2], [(7, 147)]),
        ([], [(7, 163)]),
    ],
)
def test_gaps_are_what_no_window_keeps(kept: list[int], expected: list[tuple[int, int]]) -> None:
    chosen = [THREE[i] for i in kept]
    assert gaps(chosen, 7, 163) == expected
    missing = set(range(7, 163)) - set(kept_frames(chosen).tolist())
    assert {frame for start, stop in expected for frame in range(start, stop)} == missing


def test_the_weight_is_a_raised_cosine_from_a_margin_before_the_seam_to_one_after() -> None:
    """At the seam a half; a third of the way (of the turn) before it cos 60 degrees, and so on."""
    frames = np.array([60, 70, 74, 77, 80, 84, 90])
    expected = [0.0, 0.0, 0.5 - 0.5 * np.sin(3 / 14 * np.pi), 0.5, 0.5 + 0.5 * np.sin(3 / 14 * np.pi), 1.0, 1.0]
    assert weight(frames, 77) == pytest.approx(expected)
    assert weight(np.array([71, 74, 77, 80, 83]), 77, 6) == pytest.approx(
        [0.0, 0.5 - 0.5 * 0.5**0.5, 0.5, 0.5 + 0.5 * 0.5**0.5, 1.0]
    )


def naive_faded(of: list[Window], seam: Seam, margin: int) -> list[int]:
    """Frames within the margin that both windows solve and one of them keeps."""
    a, b = of[seam.before], of[seam.after]
    return [
        k
        for k in range(500)
        if abs(k - seam.frame) <= margin
        and a.start <= k <= a.stop
        and b.start <= k <= b.stop
        and (a.keep_start <= k < a.keep_stop or b.keep_start <= k < b.keep_stop)
    ]


@pytest.mark.parametrize("margin", [1, 2, 3, 5, 30])
@pytest.mark.parametrize(
    "of",
    [
        PAIR,
        [FIRST, Window(1, 6, 12, 9, 11)],  # the second keeps two frames
        [Window(0, 0, 12, 8, 9), SECOND],  # the first keeps one
        [FIRST, Window(1, 1, 18, 9, 16)],
        [Window(0, 0, 17, 2, 9), SECOND],
    ],
)
def test_frames_of_a_fade_are_those_that_both_solve_and_one_keeps(of: list[Window], margin: int) -> None:
    assert faded(of, MEETING, margin).tolist() == naive_faded(of, MEETING, margin)


def test_a_fade_takes_280_ms_unless_told() -> None:
    for seam in seams(THREE):
        assert faded(THREE, seam).tolist() == naive_faded(THREE, seam, 7)


def naive_blend(of: list[Window], values: list[np.ndarray], margin: int) -> np.ndarray:
    """Frame by frame: what its window keeps, or the mean of two, weighted by a raised cosine."""
    rows = []
    for i, window in enumerate(of):
        for frame in range(window.keep_start, window.keep_stop):
            row = values[i][frame - window.start]
            for seam in seams(of):
                if i in (seam.before, seam.after) and frame in naive_faded(of, seam, margin):
                    later = 0.5 - 0.5 * np.cos(np.pi * (frame - seam.frame + margin) / (2 * margin))
                    a, b = (values[j][frame - of[j].start] for j in (seam.before, seam.after))
                    row = (1 - later) * a + later * b
            rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("margin", [2, 7])
@pytest.mark.parametrize("chosen", [[0, 1, 2], [0, 2], [1]])
def test_a_blended_series_is_that_of_a_loop_over_frames(chosen: list[int], margin: int) -> None:
    of = [THREE[i] for i in chosen]
    values = solved(of)
    assert blend(of, values, margin) == pytest.approx(naive_blend(of, values, margin), abs=1e-12)


def test_seams_are_faded_over_seven_frames_each_way_unless_told() -> None:
    values = solved(THREE)
    assert np.array_equal(blend(THREE, values), blend(THREE, values, 7))


def test_series_of_any_shape_are_blended_like_their_columns() -> None:
    values = solved(THREE, 6)
    flat = blend(THREE, values)
    assert np.array_equal(blend(THREE, [v.reshape(-1, 2, 3) for v in values]), flat.reshape(-1, 2, 3))
    assert np.array_equal(blend(THREE, [v[:, 0] for v in values]), flat[:, 0])


def test_a_hard_cut_takes_every_frame_from_the_window_that_keeps_it() -> None:
    values = solved(THREE)
    expected = [values[i][frame - w.start] for i, w in enumerate(THREE) for frame in range(w.keep_start, w.keep_stop)]
    assert np.array_equal(hard_cut(THREE, values), np.array(expected))


@pytest.mark.parametrize("function", [blend, hard_cut])
def test_windows_without_values_are_an_error(function: object) -> None:
    with pytest.raises(ValueError, match="zip"):
        function(THREE, solved(THREE)[:2])  # type: ignore[operator]


def test_angles_that_differ_by_whole_turns_are_made_one_and_others_left() -> None:
    """The second window is two turns ahead in one coordinate, the third three behind it; half a degree stays."""
    truth = np.stack([np.linspace(0, 3, 200), np.linspace(5, 1, 200)], axis=1)
    turns = np.array([[0, 0], [2, 0], [-3, 1]]) * 2 * np.pi
    given = [truth[w.start : w.stop + 1] + turns[i] + 0.01 * i for i, w in enumerate(THREE)]
    found = aligned_turns(THREE, given)
    for i, w in enumerate(THREE):
        assert found[i] == pytest.approx(truth[w.start : w.stop + 1] + 0.01 * i)
    assert given[1][0, 0] == truth[70, 0] + turns[1, 0] + 0.01  # what was given stays


def test_turns_follow_the_mean_over_the_fade_not_one_frame() -> None:
    """Angles differ by 0.4 turns on the mean, by 0.8 in single frames: not a whole turn."""
    around = faded(PAIR, MEETING)
    a, b = np.zeros((FIRST.nodes, 1)), np.zeros((SECOND.nodes, 1))
    b[around - SECOND.start, 0] = np.where(np.arange(len(around)) % 2, 0.8, 0.0) * 2 * np.pi
    assert len(around) % 2 == 1 and np.array_equal(aligned_turns(PAIR, [a, b])[1], b)


def test_angles_of_whole_numbers_become_decimal_ones() -> None:
    given = [np.zeros((w.nodes, 1), dtype=int) for w in PAIR]
    given[1] += 6  # nearly a turn
    assert aligned_turns(PAIR, given)[1] == pytest.approx(np.full((SECOND.nodes, 1), 6 - 2 * np.pi))


def test_the_largest_step_is_that_between_neighbours_in_the_fade_of_any_column() -> None:
    series = np.zeros((len(kept_frames(THREE)), 2))
    series[kept_frames(THREE) == 60] = 100.0  # outside the fade of frames 70 to 84
    series[kept_frames(THREE) == 75, 1] = -3.0
    series[kept_frames(THREE) >= 80, 0] = 2.0
    seam = seams(THREE)[0]
    assert largest_step(THREE, seam, series) == 3.0
    assert largest_step(THREE, seam, series[:, :1]) == 2.0
    assert largest_step(THREE, seam, series, 1) == 0.0
    assert largest_step(THREE, seam, series[:, :0]) == 0.0


def test_a_fade_of_two_frames_has_one_step_and_one_of_one_frame_none() -> None:
    of = [Window(0, 0, 12, 8, 9), Window(1, 6, 18, 9, 16)]
    series = np.arange(len(kept_frames(of)), dtype=float)[:, None] ** 2
    assert faded(of, MEETING, 0).tolist() == [9] and largest_step(of, MEETING, series, 0) == 0.0
    two = [Window(0, 0, 9, 8, 9), SECOND]
    assert faded(two, MEETING, 1).tolist() == [8, 9] and largest_step(two, MEETING, series, 1) == 1.0


def test_disagreement_is_that_of_the_first_frame_that_the_later_window_keeps() -> None:
    of = [Window(4, 3, 12, 5, 9), SECOND]
    values = [np.zeros((w.nodes, 3)) for w in of]
    values[0][9 - 3] = [1.0, 2.0, 3.0]
    values[1][9 - 6] = [1.0, 5.0, -1.0]
    assert disagreement(of, MEETING, values) == 4.0
    assert rms_disagreement(of, MEETING, values) == pytest.approx(np.sqrt((0 + 9 + 16) / 3))


def test_what_has_no_columns_does_not_disagree() -> None:
    assert disagreement(PAIR, MEETING, [np.zeros((w.nodes, 0)) for w in PAIR]) == 0.0
