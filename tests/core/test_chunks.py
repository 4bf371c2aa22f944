"""Chunk arithmetic: the paper's 1.4 s chunks with 0.14 s buffers, in integers."""

from __future__ import annotations

from mint.core.chunks import BUFFER_FRAMES, MESH_INTERVALS, frame_count, kept_nodes, time_s, windows


def test_windows_follow_the_stated_grid() -> None:
    for chunk, window in enumerate(windows(70 * 4 + 84)):
        assert (window.start, window.stop) == (70 * chunk, 70 * chunk + 84)
        assert (window.keep_start, window.keep_stop) == (7 + 70 * chunk, 7 + 70 * (chunk + 1))


def test_every_frame_between_the_buffers_is_kept_exactly_once() -> None:
    for last in range(30, 500):
        kept = [frame for w in windows(last) for frame in range(w.keep_start, w.keep_stop)]
        assert kept == list(range(BUFFER_FRAMES, last - BUFFER_FRAMES)), last


def test_kept_frames_stay_a_buffer_away_from_the_ends_of_their_window() -> None:
    for last in range(30, 500):
        for w in windows(last):
            assert w.keep_start - w.start >= BUFFER_FRAMES
            assert w.stop - w.keep_stop >= BUFFER_FRAMES


def test_the_last_window_is_slid_back_to_full_length() -> None:
    last = windows(200)[-1]
    assert (last.start, last.stop, last.nodes) == (200 - MESH_INTERVALS, 200, MESH_INTERVALS + 1)


def test_short_sequences_are_one_chunk_and_shorter_ones_none() -> None:
    assert windows(29) == []
    assert [(w.start, w.stop) for w in windows(30)] == [(0, 30)]
    assert [(w.start, w.stop) for w in windows(84)] == [(0, 84)]


def test_time_is_rounded_from_the_frame_not_accumulated() -> None:
    assert [time_s(k) for k in (0, 7, 77, 123456)] == [0.0, 0.14, 1.54, 2469.12]
    assert all(frame_count(time_s(k)) == k for k in range(5000))


def test_windows_are_numbered_in_order() -> None:
    for last in (30, 84, 85, 154, 155, 500):
        assert [w.chunk for w in windows(last)] == list(range(len(windows(last))))


def test_windows_of_some_lengths_by_hand() -> None:
    def rows(last: int) -> list[tuple[int, int, int, int]]:
        return [(w.start, w.stop, w.keep_start, w.keep_stop) for w in windows(last)]

    assert rows(30) == [(0, 30, 7, 23)]
    assert rows(84) == [(0, 84, 7, 77)]
    assert rows(85) == [(0, 84, 7, 77), (1, 85, 77, 78)]
    assert rows(154) == [(0, 84, 7, 77), (70, 154, 77, 147)]
    assert rows(155) == [(0, 84, 7, 77), (70, 154, 77, 147), (71, 155, 147, 148)]


def test_windows_that_begin_later_are_those_of_a_shorter_motion_moved() -> None:
    for last in (29, 30, 84, 85, 154, 155, 500):
        moved = [tuple(field + 37 for field in (w.start, w.stop, w.keep_start, w.keep_stop)) for w in windows(last)]
        later = windows(last + 37, 37)
        assert [(w.start, w.stop, w.keep_start, w.keep_stop) for w in later] == moved
        assert [w.chunk for w in later] == list(range(len(moved)))


def test_nodes_that_survive_merging_are_those_that_the_windows_keep() -> None:
    for w in windows(84 + 2 * 70):
        assert list(range(w.start, w.stop + 1))[kept_nodes(w.nodes)] == list(range(w.keep_start, w.keep_stop + 1))
