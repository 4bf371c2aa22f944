"""From raw surface EMG to its envelope, and what shows that a channel has no signal of a muscle.

Band-pass, full-wave rectification, low-pass, all without a shift in time, as the field reports EMG (Merletti 1999,
Standards for reporting EMG data, J Electromyogr Kinesiol 9(4); Hermens et al. 1999, SENIAM 8; Winter 2009, Biomechanics
and Motor Control of Human Movement, chapter 10).
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, periodogram, sosfiltfilt

from mint.config.measured import MeasuredConfig
from mint.core.low_pass import cutoff_each_way

Floats = NDArray[np.float64]
Kind = Literal["raw", "rectified", "envelope"]

# Why a channel is left out.
NOT_FINITE: Final = "not_finite"
FLAT: Final = "flat"
CLIPPED: Final = "clipped"
MAINS: Final = "mains"
NO_SIGNAL: Final = "no_signal"
SLOW_RATE: Final = "slow_rate"

_UNDERSHOOT = 0.1  # of the largest value: low-pass filters leave up to 0.03, raw signals have about 1
_RUN = 3  # samples at an end of the range that make a clipped run
_RESTING_SHARE = 0.9  # of the samples that repeat the one before them: an electrode that has come off
_RECTIFIED_SKEW = 0.5  # a raw signal with an offset is symmetric about it, a rectified one has a skewness of 1 and more
_MAINS_HZ = (50.0, 60.0)


def kind_of(samples: Floats, rate_hz: float, config: MeasuredConfig) -> Kind:
    """What the channels `(C, n)` are together: raw, rectified but not smoothed, or an envelope.

    What has negative values, other than a filter's undershoot, is raw; so is what lies symmetric about an offset. Of
    the others an envelope is slow: it has `slow_share` of its power below `slow_hz`.
    """
    usable = [row for row in samples if np.isfinite(row).all() and float(np.ptp(row)) > 0]
    if not usable:
        return "raw"
    if float(np.median([row.min() / np.abs(row).max() for row in usable])) < -_UNDERSHOOT:
        return "raw"
    slow = []
    for row in usable:
        frequency, power = periodogram(row, fs=rate_hz, detrend="constant")
        slow.append(float(power[frequency <= config.slow_hz].sum() / power.sum()))
    if float(np.median(slow)) >= config.slow_share:
        return "envelope"
    skew = [float(np.mean((row - row.mean()) ** 3) / np.std(row) ** 3) for row in usable]
    return "rectified" if float(np.median(skew)) > _RECTIFIED_SKEW else "raw"


def envelope(samples: Floats, rate_hz: float, kind: Kind, config: MeasuredConfig) -> Floats:
    """Envelope `(n,)` of one channel in its own unit, not below zero.

    Raw signals need a sampling rate above twice the lower edge of the band, see `flag`.
    """
    if kind == "envelope":
        return np.maximum(samples, 0.0)
    rectified = np.abs(_band(samples, rate_hz, config)) if kind == "raw" else samples
    each_way = config.filter_order // 2
    sections = butter(each_way, cutoff_each_way(config.envelope_hz, rate_hz, each_way), fs=rate_hz, output="sos")
    padding = min(len(rectified) - 1, int(np.ceil(rate_hz / config.envelope_hz)))
    # Continued by its mirror image, what is positive stays so.
    return np.maximum(sosfiltfilt(sections, rectified, padtype="even", padlen=padding), 0.0)


def flag(samples: Floats, smooth: Floats, rate_hz: float, kind: Kind, config: MeasuredConfig) -> str:
    """Why a channel is left out, or nothing: `samples (n,)` as recorded, `smooth (n,)` its envelope."""
    low, high = float(samples.min()), float(samples.max())
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return FLAT
    if kind != "envelope" and float(np.mean(np.diff(samples) == 0)) > _RESTING_SHARE:
        return FLAT
    if kind != "envelope" and _at_ends(samples, kind) > config.clipped_share:
        return CLIPPED
    if kind == "raw" and mains_share(samples, rate_hz, config) > config.mains_share:
        return MAINS
    rest, top = np.percentile(smooth, [5, 95])
    return NO_SIGNAL if top < config.least_ratio * rest else ""


def too_slow(rate_hz: float, config: MeasuredConfig) -> bool:
    """Whether raw EMG at this rate has no band above the lower edge: half of it is lost below an octave."""
    return config.nyquist_share * rate_hz / 2 < 2 * config.band_low_hz


def mains_share(samples: Floats, rate_hz: float, config: MeasuredConfig) -> float:
    """Share of the power in the band that lies in lines at 50 Hz and its multiples, or 60 Hz and its, the larger."""
    frequency, power = periodogram(samples, fs=rate_hz, window="hann", detrend="constant")
    high = _upper_edge(rate_hz, config)
    band = (frequency >= config.band_low_hz) & (frequency <= high)
    total = float(power[band].sum())
    shares = [0.0]
    for mains in _MAINS_HZ:
        nearest = mains * np.maximum(np.round(frequency / mains), 1)
        lines = band & (np.abs(frequency - nearest) <= config.mains_width_hz)
        # What a smooth spectrum would have in bands as wide is no hum.
        beside = band & ~lines & (np.abs(frequency - nearest) <= 3 * config.mains_width_hz)
        level = float(power[beside].mean()) if beside.any() else 0.0
        shares.append(max(float(power[lines].sum()) - level * int(lines.sum()), 0.0) / total if total > 0 else 0.0)
    return max(shares)


def _at_ends(samples: Floats, kind: Kind) -> float:
    """Share of the samples in runs at the largest or smallest value; a rectified signal rests at its smallest."""
    ends = [float(samples.max()), *([float(samples.min())] if kind == "raw" else [])]
    count = 0
    for end in ends:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], (samples == end).astype(int), [0]])))
        lengths = edges[1::2] - edges[::2]
        count += int(lengths[lengths >= _RUN].sum())
    return count / len(samples)


def _upper_edge(rate_hz: float, config: MeasuredConfig) -> float:
    return min(config.band_high_hz, config.nyquist_share * rate_hz / 2)


def _band(samples: Floats, rate_hz: float, config: MeasuredConfig) -> Floats:
    each_way = config.filter_order // 2
    edges = [
        cutoff_each_way(config.band_low_hz, rate_hz, each_way, upper=False),
        cutoff_each_way(_upper_edge(rate_hz, config), rate_hz, each_way),
    ]
    sections = butter(each_way, edges, btype="bandpass", fs=rate_hz, output="sos")
    padding = min(len(samples) - 1, int(np.ceil(3 * rate_hz / config.band_low_hz)))
    return np.asarray(sosfiltfilt(sections, samples - samples.mean(), padlen=padding))
