from __future__ import annotations

import numpy as np
import pytest

from mint.core.low_pass import low_pass
from mint.kinematics.inverse.filtering import derivatives, fill_short_gaps

TIME = np.arange(500) / 50


@pytest.mark.parametrize("frequency", [0.5, 3.0, 6.0, 15.0])
def test_low_pass_has_the_gain_of_a_double_butterworth_and_no_phase(frequency):
    # Two passes of 2nd order, bilinear transform, half power at 6 Hz.
    ratio = np.tan(np.pi * frequency / 50) / np.tan(np.pi * 6.0 / 50)
    gain = 1 / (1 + (np.sqrt(2) - 1) * ratio**4)
    wave = np.sin(2 * np.pi * frequency * TIME)[:, None]
    filtered = low_pass(wave, 50.0, 6.0)
    assert np.allclose(filtered[100:-100], gain * wave[100:-100], atol=1e-4)


def test_derivatives_of_a_cubic_are_exact():
    q = np.stack([TIME**3 - 2 * TIME, np.ones_like(TIME)], axis=1)
    qd, qdd = derivatives(q, TIME)
    assert np.allclose(qd[:, 0], 3 * TIME**2 - 2, atol=1e-6)
    assert np.allclose(qdd[:, 0], 6 * TIME, atol=1e-5)
    assert np.allclose(qd[:, 1], 0) and np.allclose(qdd[:, 1], 0)


def test_short_gaps_are_closed_and_long_ones_and_ends_stay_open():
    points = np.stack([np.sin(TIME), np.cos(TIME), TIME], axis=1)[:, None, :].copy()
    truth = points.copy()
    points[50:58], points[100:140], points[:3] = np.nan, np.nan, np.nan
    filled = fill_short_gaps(points, 10)
    assert np.allclose(filled[50:58], truth[50:58], atol=1e-4)
    assert np.isnan(filled[100:140]).all() and np.isnan(filled[:3]).all()


def test_a_single_frame_is_at_rest_and_two_frames_move_on_a_line():
    one = np.array([[0.3, -1.0, 2.0]])
    for derivative in derivatives(one, TIME[:1]):
        assert np.array_equal(derivative, np.zeros((1, 3)))
    qd, qdd = derivatives(np.array([[0.0, 1.0], [0.1, 0.8]]), TIME[:2])
    assert np.allclose(qd, [[5.0, -10.0]] * 2) and np.allclose(qdd, 0.0)


def cubic(frames=30):
    """Two markers on cubics, which a cubic spline meets exactly."""
    t = np.arange(frames) / 50
    return np.stack([np.stack([t**3, t**2, t], axis=1), np.stack([1 - t, t**3 - t, t**2], axis=1)], axis=1)


def gaps_left(missing, longest, frames=30):
    """Frames of the first marker that stay open when `missing` ones are, after those closed are found right."""
    truth = cubic(frames)
    seen = truth.copy()
    seen[missing, 0] = np.nan
    filled = fill_short_gaps(seen, longest)
    open_frames = np.isnan(filled[:, 0]).any(axis=1)
    assert np.allclose(filled[~open_frames], truth[~open_frames], atol=1e-12)
    assert np.allclose(filled[:, 1], truth[:, 1], atol=1e-12)
    return np.flatnonzero(open_frames).tolist()


def test_a_gap_just_as_long_as_allowed_is_closed_and_one_a_frame_longer_is_not():
    assert gaps_left([10, 11, 12], 3) == []
    assert gaps_left([10, 11, 12], 2) == [10, 11, 12]


def test_a_single_missing_frame_is_closed_but_not_at_the_ends():
    assert gaps_left([10], 1) == []
    assert gaps_left([0], 5) == [0] and gaps_left([29], 5) == [29]


def test_gaps_beside_the_first_and_the_last_known_frame_are_closed():
    assert gaps_left([1, 2], 2) == [] and gaps_left([27, 28], 2) == []


def test_gaps_with_one_known_frame_between_them_are_two():
    assert gaps_left([10, 12], 1) == []


def test_four_known_frames_close_a_gap_and_three_do_not():
    assert gaps_left([2], 1, frames=5) == []
    assert gaps_left([2], 1, frames=4) == [2]


def test_a_marker_that_is_never_seen_stays_so_and_later_ones_are_closed():
    seen = cubic()
    seen[:, 0], seen[10, 1] = np.nan, np.nan
    filled = fill_short_gaps(seen, 3)
    assert np.isnan(filled[:, 0]).all() and np.allclose(filled[:, 1], cubic()[:, 1], atol=1e-12)


def test_a_marker_that_is_always_seen_does_not_keep_later_ones_open():
    seen = cubic()
    seen[10, 1] = np.nan
    assert np.allclose(fill_short_gaps(seen, 3), cubic(), atol=1e-12)
