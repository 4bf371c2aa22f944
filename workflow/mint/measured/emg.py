"""EMG of a sequence: channels by their muscles, envelopes on one clock, and which of them tell nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.measured import MeasuredConfig
from mint.core.bundle import Array, Bundle
from mint.core.status import Reason, StageError
from mint.measured.channels import channels_of, strands_of
from mint.measured.envelope import NOT_FINITE, SLOW_RATE, envelope, flag, kind_of, too_slow
from mint.measured.table_file import read_time_table

Floats = NDArray[np.float64]

# Both signs for micro are in use: U+00B5 and the Greek letter.
_VOLTS = {
    "v": 1.0,
    "volt": 1.0,
    "volts": 1.0,
    "mv": 1e-3,
    "millivolt": 1e-3,
    **dict.fromkeys(("uv", "\u00b5v", "\u03bcv", "microvolt"), 1e-6),
}


@dataclass(frozen=True)
class Emg:
    """Envelopes `(C, m)` of C channels at m times since frame 0, `flags (C,)` why one is left out, names in the file.

    `kind` is raw or envelope, empty for no channels; `source` where they come from, empty for none.
    """

    channels: list[str] = field(default_factory=list)
    time_s: Floats = field(default_factory=lambda: np.empty(0))
    envelopes: Floats = field(default_factory=lambda: np.empty((0, 0)))
    flags: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    kind: str = ""
    source: str = ""
    notes: list[str] = field(default_factory=list)

    def arrays(self) -> dict[str, Array]:
        """Arrays of the bundle."""
        return {
            "emg_channels": np.asarray(self.channels, dtype=np.str_),
            "emg_time_s": self.time_s,
            "emg_envelope_V": self.envelopes,
            "emg_flag": np.asarray(self.flags, dtype=np.str_),
            "emg_recorded": np.asarray(self.recorded, dtype=np.str_),
        }

    def meta(self) -> dict[str, Any]:
        """What is no array."""
        return {
            "emg_muscles": {name: strands_of(name) for name in self.channels},
            "emg_unknown": self.unknown,
            "emg_kind": self.kind,
            "emg_from": self.source,
        }


def emg_of_file(path: str | Path, validated: Bundle, offset_s: float, side: str | None, config: MeasuredConfig) -> Emg:
    """EMG of a .mot, .sto or .csv: one column per channel, any unit. Its clock is that of the motion file.

    Raises StageError for a file without a channel of a known muscle.
    """
    table = read_time_table(path, config.max_duration_s)
    time = table.time_s + offset_s - float(validated.meta.get("start_time_s") or 0.0)
    found = _emg(table.columns, table.values.T, time, table.rate_hz, side, config, str(path))
    if not found.channels:
        raise StageError(
            Reason.FIELD_MISSING,
            f"{path}: no column is a known muscle with a side: {', '.join(found.unknown[:20])}",
            remedy="name columns as resources/emg_channels.csv does, such as soleus_r; emg_side is the "
            "side of names that state none",
        )
    return found


def emg_of_motion(validated: Bundle, offset_s: float, side: str | None, config: MeasuredConfig) -> Emg:
    """EMG among the analog channels of the motion file, in V where they state a unit of voltage."""
    if "analog" not in validated:
        return Emg()
    rate = float(validated.meta["analog_rate_hz"])
    samples = np.asarray(validated["analog"], dtype=float)
    units = [str(unit).strip().lower() for unit in validated.meta.get("analog_units") or []]
    scale = [_VOLTS.get(unit, 1.0) for unit in [*units, *[""] * len(samples)][: len(samples)]]
    time = np.arange(samples.shape[1]) / rate + offset_s
    found = _emg(
        validated.names("analog_names"),
        samples * np.array(scale)[:, None],
        time,
        rate,
        side,
        config,
        str(validated.meta.get("path", "")),
    )
    return found if found.channels else Emg(unknown=found.unknown)


def _emg(
    names: Sequence[str],
    samples: Floats,
    time_s: Floats,
    rate_hz: float,
    side: str | None,
    config: MeasuredConfig,
    source: str,
) -> Emg:
    """Envelopes of the known channels among `samples (c, n)` at `time_s (n,)`."""
    known = channels_of(names, side)
    if not known.known or samples.shape[1] < 2:
        return Emg(unknown=known.unknown, source=source)
    own = samples[list(known.known.values())]
    kind = kind_of(own, rate_hz, config)
    kept = _kept_times(time_s, config.rate_hz)
    envelopes, flags = np.full((len(own), len(kept)), np.nan), []
    for row, signal in enumerate(own):
        if not np.isfinite(signal).all():
            flags.append(NOT_FINITE)
            continue
        if kind == "raw" and too_slow(rate_hz, config):
            flags.append(SLOW_RATE)
            continue
        smooth = envelope(signal, rate_hz, kind, config)
        envelopes[row] = np.interp(kept, time_s, smooth)
        flags.append(flag(signal, smooth, rate_hz, kind, config))
    notes = [
        f"EMG of {source}: channel {name} is left out: {why}"
        for name, why in zip(known.known, flags, strict=True)
        if why
    ]
    if kind == "rectified":
        notes.append(f"EMG of {source} is rectified already: it is smoothed, not band-passed")
    if known.unknown:
        notes.append(f"EMG of {source}: channels of no known muscle or side: {', '.join(known.unknown[:20])}")
    return Emg(
        list(known.known),
        kept,
        envelopes,
        flags,
        [names[i] for i in known.known.values()],
        known.unknown,
        "envelope" if kind == "envelope" else "raw",
        source,
        notes,
    )


def _kept_times(time_s: Floats, rate_hz: float) -> Floats:
    """Multiples of 1 / `rate_hz` within the record: they meet the frames of the simulation."""
    first, last = np.ceil(time_s[0] * rate_hz - 1e-6), np.floor(time_s[-1] * rate_hz + 1e-6)
    return np.arange(int(first), int(last) + 1) / rate_hz
