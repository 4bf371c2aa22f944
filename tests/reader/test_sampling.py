"""Samples at any rate: exact where the signal is straight, and no frame asked for in vain."""

from __future__ import annotations

import numpy as np
import pytest

from mint.reader.sampling import sampling

RATES = (7.0, 20.0, 24.0, 30.0, 50.0, 59.94, 100.0, 120.0)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_a_straight_line_is_sampled_exactly_at_any_rate(rate: float, antialias: bool) -> None:
    samples = sampling(40, rate, antialias)
    at = (samples.weights * samples.offsets).sum(axis=1)
    assert np.allclose(at, np.arange(40) * 50 / rate, atol=1e-4)
    assert np.allclose(samples.weights.sum(axis=1), 1, atol=1e-6)


def test_samples_on_frames_are_single_frames_and_others_lie_between_two() -> None:
    assert sampling(5, 50.0, False).offsets.tolist() == [[0], [1], [2], [3], [4]]
    assert sampling(3, 25.0, False).offsets.tolist() == [[0], [2], [4]]
    half = sampling(3, 20.0, False)
    assert [set(row) for row in half.offsets.tolist()] == [{0}, {2, 3}, {5}]
    assert (half.first, half.last) == (0, 5)


def test_no_sample_uses_a_frame_farther_away_than_its_neighbours() -> None:
    for rate in RATES:
        samples = sampling(50, rate, False)
        at = (np.arange(50) * 50 / rate)[:, None]
        assert np.abs(samples.offsets - at).max() < 1


def test_averaging_takes_out_what_a_lower_rate_would_alias() -> None:
    frames = np.arange(-10, 200)
    fast = np.cos(2 * np.pi * 20 * frames / 50)  # 20 Hz: a constant to 20 samples per second
    levels = []
    for antialias in (False, True):
        samples = sampling(60, 20.0, antialias)
        values = (samples.weights * fast[samples.offsets + 10]).sum(axis=1)
        levels.append(np.abs(values[::2]).mean())
    assert levels[0] == pytest.approx(1) and levels[1] < 0.1


def test_averages_need_half_a_period_beyond_their_ends_and_only_below_50_per_second() -> None:
    averaged = sampling(3, 10.0, True)
    assert (averaged.first, averaged.last) == (-3, 13)
    assert sampling(3, 50.0, True).offsets.shape == (3, 1)


def test_times_at_50_per_second_are_those_of_the_tables() -> None:
    assert sampling(1000, 50.0, False).times_s(7).tolist() == [round(k / 50, 2) for k in range(7, 1007)]
