"""What the walking trial has besides forces: joint moments by inverse dynamics with them, and muscle activity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from runs import save_figure
from trials import MOCO_WALK, TRIALS

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.motionfiles import read_storage
from mint.core.status import Status
from mint.core.tables import mint_columns

mpl.use("Agg")
from matplotlib import pyplot as plt

# Published inverse dynamics and this model count alike: both legs descend from Rajagopal et al. 2016, flexion of hip
# and knee, adduction and internal rotation of the hip and dorsiflexion are positive.
_JOINTS = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
MOMENTS = tuple(f"{name}_{side}" for name in _JOINTS for side in "rl")
# Recorded muscle -> muscles of the model that it stands for. Nothing says which leg was recorded; soleus and
# gastrocnemius are active before right toe-off and silent before left toe-off, so it is the right one.
RECORDED = {
    "soleus": ("soleus",),
    "gastrocnemius": ("gasmed", "gaslat"),
    "tibialis_anterior": ("tibant",),
    "medial_hamstrings": ("semimem", "semiten"),
    "biceps_femoris": ("bflh",),
    "vastus_lateralis": ("vaslat",),
    "vastus_medius": ("vasmed",),
    "rectus_femoris": ("recfem",),
    "gluteus_maximus": ("glmax1", "glmax2", "glmax3"),
    "gluteus_medius": ("glmed1", "glmed2", "glmed3"),
}
SIDE = "r"
# From electrical activity to activation. Force follows electrical activity by about 50 ms (Cavanagh and Komi 1979,
# doi:10.1007/BF00431022), of which stretching the tendon is not part of activation.
DELAY_S = 0.04
ON_SHARE = 0.3  # a muscle is on above this share of the way from its least to its largest value of the trial
LEAST_GAP_S = 0.06  # shorter pauses and bursts do not count


def kept_moments(folder: Path) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Frames (n,), coordinates and OpenSim's inverse dynamics (n, p) N m of the accepted chunks of a sequence."""
    frames: list[np.ndarray] = []
    values: list[np.ndarray] = []
    names: list[str] = []
    for chunk in Bundle.read(folder / "sequence.npz").meta["chunks"]:
        window = chunk["window"]
        verify = Bundle.read(folder / "chunks" / f"{window['chunk']:03d}" / "verify.npz")
        if chunk["status"]["status"] != str(Status.ACCEPTED):
            continue
        names = verify.names("coordinates")
        inside = (verify["frames"] >= window["keep_start"]) & (verify["frames"] < window["keep_stop"])
        frames.append(verify["frames"][inside])
        values.append(verify["inverse_dynamics"][inside])
    return np.concatenate(frames), names, np.concatenate(values)


def moments(folder: Path) -> dict[str, dict[str, float]]:
    """RMSE of each joint moment, N m and as a share of the measured range, over accepted frames with plates."""
    frames, names, values = kept_moments(folder)
    time_s = frames / FRAME_RATE_HZ
    inside = TRIALS["moco_walk"].measured(time_s)
    time, columns, table, _ = read_storage(MOCO_WALK / "id_walk.sto")
    out = {}
    for name in MOMENTS:
        reference = np.interp(time_s[inside], time, table[:, columns.index(f"{name}_moment")])
        error = values[inside, names.index(name)] - reference
        rmse = float(np.sqrt(np.mean(error**2)))
        out[name] = {
            "rmse_Nm": round(rmse, 2),
            "share_of_range": round(rmse / float(np.ptp(reference)), 4),
            "mean_error_Nm": round(float(error.mean()), 2),
        }
    return out


@dataclass(frozen=True)
class Muscle:
    """Envelope, delayed, and activation (n,) of one recorded muscle."""

    name: str
    recorded: np.ndarray
    simulated: np.ndarray


def muscles(sequence: Bundle) -> tuple[np.ndarray, list[Muscle]]:
    """Time (n,) s of the accepted frames and the recorded muscles; several muscles of the model are averaged."""
    time_s = sequence["frames"] / FRAME_RATE_HZ
    time, columns, table, _ = read_storage(MOCO_WALK / "electromyography.sto")
    order = mint_columns()
    out = []
    for name, parts in RECORDED.items():
        recorded = np.interp(time_s - DELAY_S, time, table[:, columns.index(name)])
        places = [order.index(f"LU_{part}_{SIDE}") for part in parts]
        out.append(Muscle(name, recorded, np.asarray(sequence["activation"][:, places], dtype=float).mean(axis=1)))
    return time_s, out


def on_intervals(signal: np.ndarray, time_s: np.ndarray) -> list[tuple[float, float]]:
    """Intervals (s) in which a signal is on; an open end of the trial is the interval's end."""
    level = signal.min() + ON_SHARE * np.ptp(signal)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (signal > level).astype(int), [0]])))
    found: list[list[float]] = []
    for start, stop in edges.reshape(-1, 2):
        begin, end = float(time_s[start]), float(time_s[stop - 1])
        if found and begin - found[-1][1] < LEAST_GAP_S:
            found[-1][1] = end
        else:
            found.append([begin, end])
    return [(begin, end) for begin, end in found if end - begin >= LEAST_GAP_S]


def timing(sequence: Bundle) -> dict[str, dict[str, object]]:
    """Correlation with the envelope, share of frames in which both are on or both off, and the intervals."""
    time_s, found = muscles(sequence)
    out: dict[str, dict[str, object]] = {}
    for muscle in found:
        recorded, simulated = (on_intervals(signal, time_s) for signal in (muscle.recorded, muscle.simulated))
        flags = [np.any([(time_s >= a) & (time_s <= b) for a, b in spans], axis=0) for spans in (recorded, simulated)]
        out[muscle.name] = {
            "correlation": round(float(np.corrcoef(muscle.recorded, muscle.simulated)[0, 1]), 3),
            "agreement": round(float(np.mean(flags[0] == flags[1])), 3),
            "on_recorded_s": recorded,
            "on_simulated_s": simulated,
        }
    return out


def plot(sequence: Bundle, path: Path) -> None:
    """Envelope and activation of the recorded muscles; grey: right foot on its plate."""
    time_s, found = muscles(sequence)
    stance = TRIALS["moco_walk"].plate_force(time_s)[:, 0] > 50
    figure, axes = plt.subplots(5, 2, figsize=(9, 10), sharex=True, sharey=True, layout="constrained")
    for axis, muscle in zip(axes.T.flat, found, strict=True):
        axis.fill_between(time_s, 0, 1, where=stance, color="0.92", linewidth=0)
        envelope = muscle.recorded / muscle.recorded.max()
        axis.plot(time_s, envelope, color="0.45", label="EMG envelope / its largest value")
        axis.plot(time_s, muscle.simulated, color="tab:red", label="activation")
        axis.set_title(muscle.name.replace("_", " "), fontsize=10, loc="left")
    axes[0, 0].set_ylim(0, 1.05)
    axes[0, 0].legend(fontsize=8, loc="upper right")
    figure.supxlabel("time (s)")
    save_figure(figure, path)
    plt.close(figure)
