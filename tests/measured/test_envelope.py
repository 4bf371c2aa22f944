"""Envelopes against signals whose envelope is known; channels without a signal are found, those of measured walks are not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.config.measured import MeasuredConfig
from mint.config.validate import ValidateConfig
from mint.formats.c3d import read_trial
from mint.formats.trials import Given
from mint.measured.envelope import envelope, flag, kind_of, mains_share, too_slow

CONFIG = MeasuredConfig()
RATE = 1500.0
TIME = np.arange(int(6 * RATE)) / RATE
INSIDE = (TIME > 0.5) & (TIME < 5.5)
MEAN_OF_SINE = 2 / np.pi  # of a rectified sine


def bursts(seed: int = 0) -> np.ndarray:
    """Noise of the band in bursts once a second, as a muscle in walking has; V."""
    noise = np.random.default_rng(seed).normal(size=len(TIME))
    return 1e-4 * noise * (0.03 + np.exp(-((TIME % 1 - 0.5) ** 2) / 0.02))


def hum(hertz: float, size: float, samples: np.ndarray) -> np.ndarray:
    """`samples` with mains whose power is `size` times theirs."""
    return samples + np.sqrt(2 * size) * samples.std() * np.sin(2 * np.pi * hertz * TIME)


@pytest.mark.parametrize(("modulation_hz", "gain"), [(0.5, 1.0), (1.0, 1.0), (6.0, np.sqrt(0.5)), (30.0, 0.0)])
def test_the_envelope_is_the_amplitude_below_the_cutoff_without_a_shift(modulation_hz: float, gain: float) -> None:
    """A carrier of 120 Hz: its rectified mean follows the amplitude; at the cut-off the gain is that of two passes together."""
    wave = 0.5 * np.sin(2 * np.pi * modulation_hz * TIME)
    smooth = envelope((1 + wave) * np.sin(2 * np.pi * 120 * TIME), RATE, "raw", CONFIG)
    wanted = MEAN_OF_SINE * (1 + gain * wave)
    np.testing.assert_allclose(smooth[INSIDE], wanted[INSIDE], atol=0.012)


@pytest.mark.parametrize(
    ("hertz", "gain"),
    [(0.0, 0.0), (2.0, 0.0), (20.0, np.sqrt(0.5)), (120.0, 1.0), (250.0, 1.0), (450.0, np.sqrt(0.5)), (700.0, 0.0)],
)
def test_the_band_keeps_muscle_and_removes_offset_and_movement(hertz: float, gain: float) -> None:
    smooth = envelope(np.cos(2 * np.pi * hertz * TIME), RATE, "raw", CONFIG)
    np.testing.assert_allclose(smooth[INSIDE], gain * MEAN_OF_SINE, atol=0.03)


def test_a_burst_that_is_symmetric_in_time_stays_so() -> None:
    middle = len(TIME) // 2
    signal = np.exp(-((TIME - TIME[middle]) ** 2) / 0.01) * np.cos(2 * np.pi * 100 * (TIME - TIME[middle]))
    smooth = envelope(signal, RATE, "raw", CONFIG)
    assert abs(int(np.argmax(smooth)) - middle) <= 2
    np.testing.assert_allclose(smooth[middle - 600 : middle], smooth[middle + 1 : middle + 601][::-1], atol=2e-3)


def test_a_shorter_record_has_the_same_envelope_but_for_its_ends() -> None:
    whole = envelope(bursts(), RATE, "raw", CONFIG)
    part = envelope(bursts()[3000:6000], RATE, "raw", CONFIG)
    inside = slice(450, -450)
    assert np.abs(part[inside] - whole[3000:6000][inside]).max() < 0.03 * whole.max()
    assert part.min() >= 0 and np.isfinite(part).all()


def test_the_upper_edge_stays_below_half_of_a_low_rate() -> None:
    signal = np.sin(2 * np.pi * 70 * np.arange(1000) / 250)
    smooth = envelope(signal, 250.0, "raw", CONFIG)
    np.testing.assert_allclose(smooth[100:-100], MEAN_OF_SINE, atol=0.02)
    assert too_slow(50.0, CONFIG) and not too_slow(250.0, CONFIG)


def test_what_a_signal_is_shows_in_its_values() -> None:
    raw = np.stack([bursts(seed) for seed in range(3)])
    smooth = np.stack([envelope(row, RATE, "raw", CONFIG) for row in raw])
    assert kind_of(raw, RATE, CONFIG) == "raw"
    assert kind_of(raw + 2.5, RATE, CONFIG) == "raw"  # of a converter from 0 to 5 V
    assert kind_of(np.abs(raw), RATE, CONFIG) == "rectified"
    assert kind_of(smooth, RATE, CONFIG) == "envelope"
    assert kind_of(smooth - 0.02 * smooth.max(), RATE, CONFIG) == "envelope"  # a filter's undershoot
    assert (
        kind_of(np.concatenate([smooth, np.full((1, len(TIME)), np.nan), np.zeros((1, len(TIME)))]), RATE, CONFIG)
        == "envelope"
    )
    np.testing.assert_array_equal(envelope(smooth[0], RATE, "envelope", CONFIG), smooth[0])


def flagged(samples: np.ndarray) -> str:
    return flag(samples, envelope(samples, RATE, "raw", CONFIG), RATE, "raw", CONFIG)


@pytest.mark.parametrize("hertz", [50.0, 60.0, 150.0, 180.0])
def test_a_hum_is_flagged_from_a_third_of_the_muscles_power_on(hertz: float) -> None:
    for seed in range(5):
        assert flagged(bursts(seed)) == "" and mains_share(bursts(seed), RATE, CONFIG) < 0.05
        assert flagged(hum(hertz, 0.1, bursts(seed))) == ""
        assert flagged(hum(hertz, 0.5, bursts(seed))) == "mains"
    # White noise has 430 of its 750 Hz in the band.
    assert mains_share(hum(hertz, 1.0, bursts()), RATE, CONFIG) == pytest.approx(1 / (1 + 430 / 750), abs=0.03)
    assert mains_share(hum(55.0, 1.0, bursts()), RATE, CONFIG) < 0.05  # a tone that is no mains


def test_clipping_flat_lines_and_noise_are_flagged() -> None:
    assert flagged(np.clip(bursts(), -1.2e-4, 1.2e-4)) == "clipped"
    assert flagged(np.clip(bursts(), -1e-4, 1.0)) == "clipped"  # one side
    assert flagged(np.full(len(TIME), 0.3)) == "flat" and flagged(np.zeros(len(TIME))) == "flat"
    assert flagged(np.where(TIME > 0.1, 5.0, bursts())) == "flat"  # an electrode that came off
    for seed in range(5):
        assert flagged(1e-6 * np.random.default_rng(seed).normal(size=len(TIME))) == "no_signal"
    assert flagged(np.round(bursts() / 2e-6) * 2e-6) == ""  # a coarse converter clips nothing


def test_a_rectified_signal_rests_at_zero_without_being_clipped() -> None:
    rectified = np.maximum(np.abs(bursts()) - 1e-5, 0)
    assert flag(rectified, envelope(rectified, RATE, "rectified", CONFIG), RATE, "rectified", CONFIG) == ""


def test_channels_of_measured_walks_are_good_and_a_planted_hum_is_found(shared: Callable[[str], Path]) -> None:
    """Eight channels of a person in the half that settings are chosen on."""
    devices = read_trial(shared("motion/schreiber2019/2014030/2014030_C4_03.c3d"), ValidateConfig(), Given()).devices
    time = np.arange(devices.analog.shape[1]) / devices.rate_hz
    assert kind_of(devices.analog.astype(float), devices.rate_hz, CONFIG) == "raw" and len(devices.analog) == 8
    for samples in devices.analog.astype(float):
        smooth = envelope(samples, devices.rate_hz, "raw", CONFIG)
        assert flag(samples, smooth, devices.rate_hz, "raw", CONFIG) == ""
        spoiled = samples + 1.5 * samples.std() * np.sin(2 * np.pi * 50 * time)
        assert flag(spoiled, smooth, devices.rate_hz, "raw", CONFIG) == "mains"
