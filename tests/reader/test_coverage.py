"""Windows and gaps, against an enumeration of every frame."""

from __future__ import annotations

import numpy as np
import pytest

from mint.reader.coverage import Runs, window_starts
from mint.reader.sampling import sampling


def random_frames(seed: int) -> np.ndarray:
    """Frames with gaps of 1 to 40 frames between runs of 1 to 120."""
    rng = np.random.default_rng(seed)
    lengths = np.stack([rng.integers(1, 120, 12), rng.integers(1, 40, 12)], axis=1)
    edges = 7 + np.cumsum([0, *lengths.ravel()])
    return np.concatenate([np.arange(a, b) for a, b in zip(edges[:-1:2], edges[1::2], strict=True)])


def runs_of(frames: np.ndarray) -> Runs:
    return Runs.of((int(k), int(k) + 1) for k in frames)


def needed(start: int, n: int, rate: float) -> set[int]:
    """Frames on or next to each of n samples, told apart from the code by exact fractions."""
    out: set[int] = set()
    for i in range(n):
        whole, part = divmod(round(i * 50 * 1000), round(rate * 1000))
        out |= {start + whole} | ({start + whole + 1} if part else set())
    return out


@pytest.mark.parametrize("rate", [20.0, 30.0, 50.0, 100.0])
@pytest.mark.parametrize("seed", range(5))
def test_windows_are_those_a_search_over_every_frame_finds(seed: int, rate: float) -> None:
    frames, n, stride = random_frames(seed), round(0.7 * rate), 10
    have = set(frames.tolist())
    expected, at = [], None
    for start in range(int(frames[0]), int(frames[-1]) + 1):
        if start not in have:
            continue
        if start - 1 not in have:
            at = start  # a run begins
        span = range(start, max(needed(start, n, rate)) + 1)
        if (start - at) % stride == 0 and have.issuperset(span):
            expected.append(start)
    starts, coverage = window_starts(runs_of(frames), sampling(n, rate, False), stride, 1.0)
    assert starts.tolist() == expected and len(expected) > 5
    assert (coverage == 1).all()


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("seed", range(5, 10))
def test_no_window_touches_a_missing_frame(seed: int, antialias: bool) -> None:
    frames = random_frames(seed)
    for rate in (12.5, 20.0, 33.0, 100.0):
        samples = sampling(round(0.5 * rate), rate, antialias)
        starts, _ = window_starts(runs_of(frames), samples, 1, 1.0)
        assert len(starts) and np.isin(starts[:, None, None] + samples.offsets, frames).all()


def test_windows_start_on_the_frames_nearest_to_even_steps() -> None:
    starts, _ = window_starts(Runs.of([(10, 31)]), sampling(10, 50.0, False), 2.5, 1.0)
    assert starts.tolist() == [10, 13, 15, 18, 20]


def test_a_low_coverage_window_counts_the_samples_that_have_all_their_frames() -> None:
    frames = np.array([*range(0, 50), *range(60, 100)])
    starts, coverage = window_starts(runs_of(frames), sampling(100, 50.0, False), 100, 0.5)
    assert starts.tolist() == [0] and coverage.tolist() == [0.9]
    starts, coverage = window_starts(runs_of(frames), sampling(40, 20.0, False), 100, 0.5)
    # Samples at 49.., 52.5, 55, 57.5 and 60: the frames 50 to 59 are missing.
    have = set(frames.tolist())
    assert coverage.tolist() == [sum(have.issuperset({i * 5 // 2, (i * 5 + 1) // 2}) for i in range(40)) / 40]
    assert len(window_starts(runs_of(frames), sampling(100, 50.0, False), 100, 0.95)[0]) == 0


def test_rows_of_frames_are_found_and_missing_ones_named() -> None:
    frames = random_frames(3)
    runs = runs_of(frames)
    assert runs.frames().tolist() == frames.tolist() and len(runs) == len(frames)
    asked = np.arange(-3, int(frames[-1]) + 5)
    place = {int(k): i for i, k in enumerate(frames)}
    assert runs.rows(asked).tolist() == [place.get(int(k), -1) for k in asked]


def test_runs_within_intervals_are_their_intersection() -> None:
    runs = Runs.of([(0, 10), (20, 30)]).within([(5, 22), (22, 25), (28, 40)])
    assert list(zip(runs.starts.tolist(), runs.stops.tolist(), strict=True)) == [(5, 10), (20, 25), (28, 30)]
