"""Motion between frames: exact in the frames, smooth enough for OpenSim's splines, faded as stage merge fades."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline, make_interp_spline

from mint.core.chunks import FRAME_RATE_HZ, Window, windows
from mint.exchange.curves import Curve, stretches
from mint.exchange.layout import trial_names
from mint.sequence import blend

MARGIN = 7


def solution(window: Window, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A cubic spline with a knot in each frame, hence accelerations with a corner in each: (nodes, 2) each."""
    times = np.arange(window.start, window.stop + 1) / FRAME_RATE_HZ
    noise = np.random.default_rng(seed).normal(0.0, 0.004, (len(times), 2))
    spline = CubicSpline(times, np.sin(4.0 * times)[:, None] * [0.3, 1.0] + noise, bc_type="natural")
    return spline(times), spline(times, 1), spline(times, 2)


@pytest.fixture(scope="module")
def parts() -> tuple[list[Window], list[tuple[np.ndarray, np.ndarray, np.ndarray]]]:
    planned = windows(160)[:2]
    return planned, [solution(window, i) for i, window in enumerate(planned)]


def curve(planned: list[Window], solved: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Curve:
    return Curve(planned, *([each[order] for each in solved] for order in range(3)), MARGIN)


def test_values_speeds_and_accelerations_in_frames_are_those_of_the_solution(parts) -> None:
    planned, solved = parts
    found = curve(planned[:1], solved[:1]).at(np.arange(planned[0].start, planned[0].stop + 1))
    for ours, theirs in zip(found, solved[0], strict=True):
        assert np.allclose(ours, theirs, rtol=0, atol=1e-9)


def test_a_spline_of_degree_5_through_5_rows_a_frame_has_the_accelerations_of_the_solution(parts) -> None:
    planned, solved = parts
    rows = np.arange(planned[0].start * 5, planned[0].stop * 5 + 1) / 5
    spline = make_interp_spline(rows / FRAME_RATE_HZ, curve(planned[:1], solved[:1]).at(rows)[0], k=5)
    inside = np.arange(planned[0].start + 4, planned[0].stop - 3)
    wanted = solved[0][2][inside - planned[0].start]
    assert np.abs(spline(inside / FRAME_RATE_HZ, 2) - wanted).max() < 0.005 * np.abs(wanted).max()
    plain = make_interp_spline(np.arange(planned[0].start, planned[0].stop + 1) / FRAME_RATE_HZ, solved[0][0], k=5)
    assert np.abs(plain(inside / FRAME_RATE_HZ, 2) - wanted).max() > 0.05 * np.abs(wanted).max(), (
        "rows at frames only are too few"
    )


def test_seams_are_faded_as_stage_merge_does(parts) -> None:
    planned, solved = parts
    frames = blend.kept_frames(planned)
    merged = blend.blend(planned, [each[0] for each in solved], MARGIN)
    assert np.allclose(curve(planned, solved).at(frames.astype(float))[0], merged, rtol=0, atol=1e-12)


def test_speeds_and_accelerations_in_a_fade_are_those_of_the_faded_curve(parts) -> None:
    planned, solved = parts
    both, step = curve(planned, solved), 1e-3
    frames = np.linspace(planned[1].keep_start - 6.3, planned[1].keep_start + 5.7, 40)
    q, qd, qdd = both.at(frames)
    before, after = both.at(frames - step)[0], both.at(frames + step)[0]
    assert np.allclose(qd, (after - before) / (2 * step) * FRAME_RATE_HZ, atol=1e-3)
    assert np.allclose(qdd, (after - 2 * q + before) / step**2 * FRAME_RATE_HZ**2, atol=0.05)


def test_gaps_split_a_sequence_into_numbered_trials() -> None:
    planned = windows(500)
    parts = stretches([planned[0], planned[1], planned[3], planned[5]])
    assert parts == [[0, 1], [2], [3]]
    assert trial_names("walk", len(parts)) == ["walk_1", "walk_2", "walk_3"] and trial_names("walk", 1) == ["walk"]


def test_outside_the_fades_motion_is_that_of_each_chunk(parts) -> None:
    planned, solved = parts
    faded = blend.faded(planned, blend.seams(planned)[0], MARGIN)
    found = curve(planned, solved).at(blend.kept_frames(planned).astype(float))
    for window, own in zip(planned, solved, strict=True):
        kept = np.setdiff1d(np.arange(window.keep_start, window.keep_stop), faded)
        assert len(kept) >= 60
        for ours, theirs in zip(found, own, strict=True):
            rows = np.searchsorted(blend.kept_frames(planned), kept)
            assert np.allclose(ours[rows], theirs[kept - window.start], rtol=0, atol=1e-9)


def test_a_fade_goes_on_beyond_a_last_window_that_keeps_few_frames() -> None:
    """Rows beyond the last frame are there for the splines of OpenSim's tools, which see a jump as an acceleration."""
    planned = windows(86)
    assert planned[1].keep_stop - planned[1].keep_start < MARGIN
    solved = [
        tuple(np.full((w.stop - w.start + 1, 1), 0.05 * i * (k == 0)) for k in range(3)) for i, w in enumerate(planned)
    ]
    rows = np.arange(planned[0].keep_start * 5, planned[0].stop * 5 + 1) / 5
    steps = np.diff(curve(planned, solved).at(rows)[0][:, 0])
    steepest = 0.05 * np.pi / (4 * MARGIN) / 5  # of a raised cosine over twice the margin, a row
    assert steps.min() >= 0 and steps.max() <= 1.01 * steepest
    assert steps.sum() == pytest.approx(0.05)
