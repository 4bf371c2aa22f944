"""Resampling to 50 frames/s."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from mint.body.resample import frames_within, resample_markers, resample_positions, resample_rotations


@pytest.mark.parametrize("rate", [24.0, 30.0, 50.0, 59.94, 60.0, 100.0, 120.0, 250.0])
def test_frames_fill_the_duration_and_no_more(rate: float) -> None:
    frames = frames_within(241, rate)
    assert frames[0] == 0 and frames[-1] / 50 <= 240 / rate + 1e-9 < (frames[-1] + 1) / 50 + 1e-9


@pytest.mark.parametrize("rate", [30.0, 60.0, 120.0])
def test_smooth_rotation_is_met_better_than_by_slerp(rate: float) -> None:
    time = np.arange(int(2 * rate) + 1) / rate

    def truth(t: np.ndarray) -> Rotation:
        return Rotation.from_rotvec(
            np.array([0.3, -0.5, 0.2]) * np.sin(2 * np.pi * 1.5 * t)[:, None]
        ) * Rotation.from_rotvec(np.array([0, 1.0, 0]) * (2 * t)[:, None])

    ours = resample_rotations(truth(time).as_rotvec(), rate)
    wanted = truth(np.arange(len(ours)) / 50)
    error = np.degrees((Rotation.from_rotvec(ours) * wanted.inv()).magnitude().max())
    slerp = Slerp(time, truth(time))(np.minimum(np.arange(len(ours)) / 50, time[-1]))
    assert error < 0.3 * np.degrees((slerp * wanted.inv()).magnitude().max())
    assert error < {30.0: 0.15, 60.0: 0.02, 120.0: 0.002}[rate]


def test_native_frames_are_kept_exactly() -> None:
    random = np.random.default_rng(0)
    vectors = np.cumsum(0.1 * random.normal(size=(101, 156)), axis=0)
    ours = resample_rotations(vectors, 100.0)
    difference = Rotation.from_rotvec(ours.reshape(-1, 3)) * Rotation.from_rotvec(vectors[::2].reshape(-1, 3)).inv()
    assert difference.magnitude().max() < 1e-7
    positions = random.normal(size=(101, 3))
    np.testing.assert_allclose(resample_positions(positions, 100.0), positions[::2], atol=1e-12)


def test_rotation_vectors_that_jump_at_half_a_turn_stay_continuous() -> None:
    angle = np.linspace(0.9 * np.pi, 1.1 * np.pi, 121)
    vectors = Rotation.from_rotvec(np.array([0, 0, 1.0]) * angle[:, None]).as_rotvec()
    assert np.abs(np.diff(vectors[:, 2])).max() > 6
    ours = Rotation.from_rotvec(resample_rotations(vectors, 60.0))
    steps = (ours[1:] * ours[:-1].inv()).magnitude()
    np.testing.assert_allclose(steps, 0.2 * np.pi / 120 * 60 / 50, rtol=1e-3)


def test_lost_markers_stay_lost_and_nothing_is_extrapolated() -> None:
    time = np.arange(121) / 120
    markers = np.stack([np.stack([np.sin(time), np.cos(time), time], axis=1)] * 2, axis=1)
    markers[40:90, 1] = np.nan
    ours = resample_markers(markers, 120.0)
    at = np.arange(len(ours)) / 50
    lost = np.isnan(ours[:, 1, 0])
    np.testing.assert_array_equal(lost, (at > 39 / 120) & (at < 90 / 120))
    np.testing.assert_allclose(ours[:, 0, 0], np.sin(at), atol=1e-6)
    np.testing.assert_allclose(ours[~lost, 1, 0], np.sin(at[~lost]), atol=1e-6)
