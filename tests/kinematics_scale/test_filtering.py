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
