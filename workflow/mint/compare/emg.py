"""Simulated activation against the envelope of EMG, channel by channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.signal import lfilter

from mint.compare.forces import correlation, rms
from mint.compare.simulated import Floats
from mint.config.compare import CompareConfig
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason, StageError
from mint.core.tables import mint_columns, table

# Why a channel is not compared, beside what the stage measured says of it.
NOT_SIMULATED, SHORT = "no strand of it is simulated", "too short"


@dataclass(frozen=True)
class Channel:
    """A channel: its envelope over its own time (V), the maximum (V) that makes it 1 (NaN: not known), activation
    (n,) of its strands at the frames of the sequence (NaN where not simulated), and why it is left out ("": it is
    not)."""

    name: str
    time_s: Floats
    envelope_V: Floats
    maximum_V: float
    activation: Floats
    strands: tuple[str, ...]
    left_out: str

    def at(self, time_s: Floats) -> Floats:
        """Normalized envelope at times, linear between samples; in volts where no maximum is known. NaN outside."""
        if len(self.time_s) == 0:
            return np.full(len(time_s), np.nan)
        scale = self.maximum_V if self.maximum_V > 0 else 1.0
        return np.interp(time_s, self.time_s, self.envelope_V, left=np.nan, right=np.nan) / scale


def channels(measured: Bundle, maxima: Mapping[str, float], sequence: Bundle) -> list[Channel]:
    """Channels of `measured.npz` with the strands that they see.

    Raises `StageError` for arrays that do not fit together.
    """
    if "emg_channels" not in measured or not len(measured["emg_channels"]):
        return []
    names, flags = measured.names("emg_channels"), measured.names("emg_flag")
    time_s, envelope = (np.asarray(measured[name], dtype=float) for name in ("emg_time_s", "emg_envelope_V"))
    if envelope.shape != (len(names), len(time_s)) or len(flags) != len(names) or np.any(np.diff(time_s) <= 0):
        raise StageError(
            Reason.FIELD_SHAPE,
            f"measured.npz: emg_envelope_V has shape {envelope.shape}, emg_flag "
            f"{len(flags)} values, expected ({len(names)}, {len(time_s)}) at rising times, {len(names)}",
            remedy="delete the result, and run the stage measured again",
        )
    muscles = measured.meta.get("emg_muscles") or {}
    out = []
    for name, flag, values in zip(names, flags, envelope, strict=True):
        strands = [str(strand) for strand in muscles.get(name, ())]
        activation, used = mean_activation(np.asarray(sequence["activation"], dtype=float), strands)
        known = np.isfinite(values)
        out.append(
            Channel(
                name,
                time_s[known],
                values[known],
                float(maxima.get(name, np.nan)),
                activation,
                used,
                flag or ("" if used else NOT_SIMULATED),
            )
        )
    return out


def mean_activation(values: Floats, strands: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
    """Mean activation (n,) of those of the strands that are simulated, weighted by maximum isometric force, and which
    these are: strands of a muscle that is divided in the model count as much as they pull. `values (n, 402)`."""
    columns = mint_columns()
    weight = dict(zip(columns, table("muscles_402")["max_isometric_force_N"].astype(float), strict=True))
    used = tuple(name for name in strands if name in weight and np.isfinite(values[:, columns.index(name)]).any())
    if not used:
        return np.full(len(values), np.nan), ()
    return np.average(
        values[:, [columns.index(name) for name in used]], axis=1, weights=[weight[name] for name in used]
    ), used


def numbers(channel: Channel, frames: Floats, config: CompareConfig) -> dict[str, Any]:
    """Columns of a channel: `correlation` at lag 0, `active_correlation` with the active state that the envelope
    predicts (`active_state`), `best_lag_s` (positive: the activation is later than the
    envelope) and `best_correlation`, `on_overlap` (frames in which both are on over frames in which one is), `rmse`
    of activation against the normalized envelope, `compared_s`. NaN, with the reason in `left_out`, where it is not
    compared."""
    nothing = {"compared_s": 0.0, **dict.fromkeys(_MEASURES, np.nan)}
    if channel.left_out:
        return {"left_out": channel.left_out, **nothing}
    time_s = frames / FRAME_RATE_HZ
    at_once = channel.at(time_s)
    known = np.isfinite(at_once) & np.isfinite(channel.activation)
    compared_s = np.count_nonzero(known) / FRAME_RATE_HZ
    if compared_s < config.least_channel_s:
        return {"left_out": SHORT, **nothing, "compared_s": compared_s}
    activation, envelope = channel.activation[known], at_once[known]
    lag_s, best = best_lag(channel, time_s, config)
    return {
        "left_out": "",
        "compared_s": compared_s,
        "correlation": correlation(activation, envelope),
        "active_correlation": correlation(activation, active_state(channel, config.twitch_hz).at(time_s)[known]),
        "best_lag_s": lag_s,
        "best_correlation": best,
        "on_overlap": on_overlap(activation, envelope, config.on_share),
        "rmse": rms(activation - envelope) if channel.maximum_V > 0 else np.nan,
    }


_MEASURES = ("correlation", "active_correlation", "best_lag_s", "best_correlation", "on_overlap", "rmse")


def active_state(channel: Channel, twitch_hz: float) -> Channel:
    """The channel with the active state of the muscle that its envelope predicts, in the place of the envelope.

    A motor unit answers an impulse by a twitch, the response of a critically damped system of second order
    (Milner-Brown, Stein and Yemm 1973, doi:10.1113/jphysiol.1973.sp010193); rectified EMG after such a filter of 3 Hz
    follows the force of an isometric muscle (Winter 2009, Biomechanics and Motor Control of Human Movement, section
    10.3). Before the recording the envelope is taken to be what it is first.
    """
    if len(channel.time_s) < 2:
        return channel
    passed = np.exp(-2 * np.pi * twitch_hz * (channel.time_s[-1] - channel.time_s[0]) / (len(channel.time_s) - 1))
    values = channel.envelope_V
    for _ in range(2):
        values, _ = lfilter([1 - passed], [1, -passed], values, zi=[passed * values[0]])
    return replace(channel, envelope_V=values)


def best_lag(channel: Channel, time_s: Floats, config: CompareConfig) -> tuple[float, float]:
    """The lag [s] at which activation and envelope correlate best, and that correlation; of equal ones the smallest
    lag. Frames whose shifted time leaves the recording are left out, at most half of the compared ones."""
    steps = int(np.floor(config.lag_s / config.lag_step_s + 1e-9))
    lags = sorted(config.lag_step_s * np.arange(-steps, steps + 1), key=abs)
    found, best = float("nan"), float("nan")
    whole = np.count_nonzero(np.isfinite(channel.activation) & np.isfinite(channel.at(time_s)))
    for lag in lags:
        envelope = channel.at(time_s - lag)
        known = np.isfinite(envelope) & np.isfinite(channel.activation)
        if np.count_nonzero(known) < max(whole / 2, config.least_channel_s * FRAME_RATE_HZ / 2):
            continue
        value = correlation(channel.activation[known], envelope[known])
        if np.isfinite(value) and not value <= best + 1e-9:
            found, best = float(round(lag, 6)), value
    return found, best


def on_overlap(a: Floats, b: Floats, share: float) -> float:
    """Jaccard index of the frames in which each is above `share` of its range; NaN where one does not vary."""
    if not (np.ptp(a) > 0 and np.ptp(b) > 0):
        return float("nan")
    on = [values >= values.min() + share * np.ptp(values) for values in (a, b)]
    return float(np.count_nonzero(on[0] & on[1]) / np.count_nonzero(on[0] | on[1]))
