"""What was measured beside a trial: forces of the plates, and muscle activity as envelopes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from mint.core.bundle import Bundle
from mint.core.motionfiles import read_storage

Floats = NDArray[np.float64]
# Electromyography of the surface: ISEK's standards for reporting (Merletti 1999), SENIAM; the envelope as in the field.
BAND_HZ = (20.0, 450.0)
ENVELOPE_HZ = 6.0
ORDER = 4
# Channel -> muscles of the model that it stands for; the ending `_r` or `_l` is the side's.
CHANNELS = {
    "tibialis_anterior": ("tibant",), "soleus": ("soleus",), "gastrocnemius": ("gasmed", "gaslat"),
    "gastrocnemius_medialis": ("gasmed",), "vastus_medialis": ("vasmed",), "rectus_femoris": ("recfem",),
    "semitendinosus": ("semiten",), "gluteus_maximus": ("glmax1", "glmax2", "glmax3"),
    "gluteus_medius": ("glmed1", "glmed2", "glmed3"), "medial_hamstrings": ("semimem", "semiten"),
    "biceps_femoris": ("bflh",), "vastus_lateralis": ("vaslat",), "vastus_medius": ("vasmed",),
    "sol": ("soleus",), "gaslat": ("gaslat",), "gasmed": ("gasmed",), "ta": ("tibant",), "sm": ("semimem",),
    "bflh": ("bflh",), "vl": ("vaslat",), "vm": ("vasmed",), "rf": ("recfem",), "gmax": ("glmax1", "glmax2", "glmax3"),
    "gmed": ("glmed1", "glmed2", "glmed3"),
}


@dataclass(frozen=True)
class Plate:
    """Force on the person `force (n, 3)` N and where it acts `centre (n, 3)` m in ground (y up) at `time_s (n,)` from
    the first frame of the trial; `side` where the file names the foot, else empty."""

    name: str
    time_s: Floats
    force: Floats
    centre: Floats
    side: str = ""


@dataclass(frozen=True)
class Channel:
    """Envelope (n,) of a muscle of one side at `time_s (n,)` from the first frame of the trial."""

    name: str
    side: str
    time_s: Floats
    envelope: Floats


def forces_path(trial: Path) -> Path | None:
    """The table of forces beside a motion file."""
    names = (f"{trial.stem}_grf.mot", f"GRF_{trial.stem}.mot", f"{trial.stem.replace('markers', 'grf')}.mot")
    return next((trial.with_name(name) for name in names if trial.with_name(name).is_file()), None)


def plates(trial: Path, validated: Bundle, late_s: float = 0.0) -> list[Plate]:
    """Plates of a trial: those that its file holds, else those of the table beside it. `late_s` is by how much their
    clock is behind that of the markers."""
    if "plate_force_N" in validated:
        force, centre = validated["plate_force_N"].astype(float), validated["plate_centre_m"].astype(float)
        time_s = np.arange(force.shape[1]) / float(validated.meta["analog_rate_hz"]) - late_s
        return [Plate(f"plate {i + 1}", time_s, force[i], centre[i]) for i in range(len(force))]
    path = forces_path(trial)
    if path is None:
        return []
    time_s, columns, values, _ = read_storage(path)
    time_s = time_s - float(validated.meta["start_time_s"]) - late_s

    def vector(name: str, kind: str) -> Floats:
        return np.stack([values[:, columns.index(f"{name}{kind}{axis}")] for axis in "xyz"], axis=1)

    out = []
    for name in (column[:-2] for column in columns if column.endswith("force_vy") or column.endswith("_vy")):
        side = next((s for s in "rl" if s in name.lower().split("_")), "")
        out.append(Plate(name, time_s, vector(name, "v"), vector(name, "p"), side))
    return out


def channels(trial: Path, validated: Bundle) -> list[Channel]:
    """Envelopes of the channels that are known: raw ones of the file, or those of a table beside it that are
    envelopes already (of the right leg: SOURCES.md, and `moco_walk.RECORDED`)."""
    if "analog" in validated:
        rate = float(validated.meta["analog_rate_hz"])
        time_s = np.arange(validated["analog"].shape[1]) / rate
        names = [name.lower() for name in validated.names("analog_names")]
        return [Channel(name[2:], name[0], time_s, envelope(row.astype(float), rate))
                for name, row in zip(names, validated["analog"], strict=True)
                if name[:2] in ("r_", "l_") and name[2:] in CHANNELS]
    path = next((trial.with_name(name) for name in (f"{trial.stem}_emg.sto", "electromyography.sto")
                 if trial.with_name(name).is_file()), None)
    if path is None:
        return []
    time_s, columns, values, _ = read_storage(path)
    time_s = time_s - float(validated.meta["start_time_s"])
    return [Channel(name.lower(), "r", time_s, values[:, i]) for i, name in enumerate(columns)
            if name.lower() in CHANNELS]


def envelope(raw: Floats, rate_hz: float) -> Floats:
    """Band-pass, rectified, low-pass, without delay."""
    band = butter(ORDER // 2, BAND_HZ, "bandpass", fs=rate_hz, output="sos")
    low = butter(ORDER // 2, ENVELOPE_HZ, fs=rate_hz, output="sos")
    return np.asarray(sosfiltfilt(low, np.abs(sosfiltfilt(band, raw))))
