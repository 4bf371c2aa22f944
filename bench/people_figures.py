"""Every person of the people bench: measured against simulated forces of stances, and EMG against activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from runs import save_figure

from mint.compare.columns import CHANNEL, STANCE, rows_of
from mint.compare.emg import Channel, active_state
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ

Array = np.ndarray[Any, Any]
FORCES = ("vertical", "fore-aft", "lateral")
FEET = ("r", "l", "both")
MUSCLES = ("tibialis_anterior", "soleus", "gastrocnemius_medialis", "vastus_medialis", "rectus_femoris",
           "semitendinosus", "gluteus_maximus", "gluteus_medius")
# Channels of others that stand for them.
ALIKE = {"gastrocnemius": "gastrocnemius_medialis", "medial_hamstrings": "semitendinosus"}
MEASURED, SIMULATED, STATE = "0.55", "tab:red", "black"
POINTS = 51

People = Mapping[str, Sequence[Bundle]]


def write_figures(people: People, folder: Path, twitch_hz: float) -> None:
    """`people_forces.png` and `people_muscles.png`; `people` are the comparisons of each person's trials."""
    _grid(people, FORCES, folder / "people_forces.png", lambda axis, trials, i: _forces(axis, trials, i),
          "one stance; body weights, lateral to the outside of the foot; grey measured, red simulated, band: standard "
          "deviation over stances")
    _grid(people, MUSCLES, folder / "people_muscles.png",
          lambda axis, trials, i: _muscle(axis, trials, MUSCLES[i], twitch_hz),
          "one trial; each over its largest value; grey envelope of EMG, black active state that it predicts, red "
          "simulated activation")


def _grid(people: People, columns: Sequence[str], path: Path, draw: Callable[[Any, Sequence[Bundle], int], bool],
          caption: str) -> None:
    """A row of panels for every person of whom one can be drawn."""
    figure = Figure(figsize=(1.0, 1.0))
    shown = [name for name, trials in people.items() if any(draw(Figure().subplots(), trials, i)
                                                            for i in range(len(columns)))]
    if not shown:
        return
    figure = Figure(figsize=(1.0 + 1.9 * len(columns), 0.8 + 1.1 * len(shown)), layout="constrained")
    panels = figure.subplots(len(shown), len(columns), squeeze=False, sharey="col" if columns is FORCES else False)
    for row, name in zip(panels, shown, strict=True):
        for i, axis in enumerate(row):
            axis.set_xticks([])
            axis.tick_params(labelsize=6)
            if not draw(axis, people[name], i):
                axis.axis("off")
        row[0].set_ylabel(name.replace("/", "\n"), fontsize=6)
        row[0].axis("on")
    for axis, column in zip(panels[0], columns, strict=True):
        axis.set_title(column.replace("_", " "), fontsize=8)
    figure.supxlabel(caption, fontsize=7)
    save_figure(figure, path)


def _forces(axis: Any, trials: Sequence[Bundle], i: int) -> bool:
    measured, simulated = [], []
    for trial in trials:
        time_s = trial["frames"] / FRAME_RATE_HZ if trial.ok and "frames" in trial else np.zeros(0)
        for stance in rows_of(STANCE, trial):
            if stance["left_out"] or not stance["whole"] or stance["feet"] == "both":
                continue
            rows = np.flatnonzero((time_s >= stance["start_s"]) & (time_s <= stance["stop_s"]))
            foot, phase = FEET.index(stance["feet"]), np.linspace(0, 1, POINTS)
            # To the outside of the foot, so that right and left stances can be put together.
            sign = -1.0 if FORCES[i] == "lateral" and stance["feet"] == "l" else 1.0
            for name, out in (("measured", measured), ("simulated", simulated)):
                values = sign * trial[f"curve_{name}_bw"][rows, foot, i]
                out.append(np.interp(phase, np.linspace(0, 1, len(rows)), values))
    if not measured:
        return False
    for curves, color in ((np.array(measured), MEASURED), (np.array(simulated), SIMULATED)):
        middle, spread = curves.mean(axis=0), curves.std(axis=0)
        axis.plot(middle, color=color, lw=1.0)
        axis.fill_between(np.arange(POINTS), middle - spread, middle + spread, color=color, alpha=0.25, lw=0)
    return True


def _muscle(axis: Any, trials: Sequence[Bundle], muscle: str, twitch_hz: float) -> bool:
    for trial in trials:
        kept = {row["channel"] for row in rows_of(CHANNEL, trial) if not row["left_out"]}
        names = [str(name) for name in trial["curve_channels"]] if kept else []
        for i, name in enumerate(names):
            stem = name.rpartition("_")[0]
            if name not in kept or ALIKE.get(stem, stem) != muscle:
                continue
            time_s = trial["frames"] / FRAME_RATE_HZ
            envelope, activation = (trial[f"curve_{each}"][i].astype(float) for each in ("envelope", "activation"))
            known = np.isfinite(envelope) & np.isfinite(activation)
            channel = Channel(name, time_s[known], envelope[known], float("nan"), activation[known], (), "")
            state = active_state(channel, twitch_hz).envelope_V
            for values, color in ((channel.envelope_V, MEASURED), (state, STATE), (channel.activation, SIMULATED)):
                axis.plot(channel.time_s, values / max(float(values.max()), 1e-9), color=color, lw=1.0)
            axis.set_yticks([])
            return True
    return False
