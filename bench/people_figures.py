"""Every person of the people bench: measured against simulated forces of stances, and EMG against activation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from runs import save_figure

from mint.compare.columns import CHANNEL, STANCE, rows_of
from mint.compare.emg import Channel, active_state
from mint.compare.stage import FEET
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ

Array = np.ndarray[Any, Any]
FORCES = ("vertical", "fore-aft", "lateral")
MUSCLES = (
    "tibialis_anterior",
    "soleus",
    "gastrocnemius_medialis",
    "vastus_medialis",
    "rectus_femoris",
    "semitendinosus",
    "gluteus_maximus",
    "gluteus_medius",
)
# Channels of others that stand for them.
ALIKE = {"gastrocnemius": "gastrocnemius_medialis", "medial_hamstrings": "semitendinosus"}
MEASURED, SIMULATED, STATE = "0.55", "tab:red", "black"
POINTS = 51

People = Mapping[str, Sequence[Bundle]]


@dataclass(frozen=True)
class Line:
    """A curve of a panel, and its standard deviation where it has one."""

    x: Array
    y: Array
    color: str
    spread: Array | None = None


def write_figures(people: People, folder: Path, twitch_hz: float) -> None:
    """`people_forces.png` and `people_muscles.png`; `people` are the comparisons of each person's trials."""
    _grid(
        {name: [_forces(trials, i) for i in range(len(FORCES))] for name, trials in people.items()},
        FORCES,
        folder / "people_forces.png",
        "one stance; body weights, lateral to the outside of the foot; grey measured, red simulated, band: standard "
        "deviation over stances",
    )
    _grid(
        {name: [_muscle(trials, muscle, twitch_hz) for muscle in MUSCLES] for name, trials in people.items()},
        MUSCLES,
        folder / "people_muscles.png",
        "one trial; each over its largest value; grey envelope of EMG, black active state that it predicts, red "
        "simulated activation",
    )


def _grid(people: Mapping[str, Sequence[Sequence[Line]]], columns: Sequence[str], path: Path, caption: str) -> None:
    """A row of panels for every person of whom one has lines."""
    shown = {name: lines for name, lines in people.items() if any(lines)}
    if not shown:
        return
    figure = Figure(figsize=(1.0 + 1.9 * len(columns), 0.8 + 1.1 * len(shown)), layout="constrained")
    panels = figure.subplots(len(shown), len(columns), squeeze=False, sharey="col" if columns is FORCES else False)
    for row, (name, parts) in zip(panels, shown.items(), strict=True):
        for axis, lines in zip(row, parts, strict=True):
            axis.set_xticks([])
            axis.tick_params(labelsize=6)
            if columns is MUSCLES and lines:
                axis.set_yticks([])
            if not lines:
                axis.axis("off")
            for line in lines:
                axis.plot(line.x, line.y, color=line.color, lw=1.0)
                if line.spread is not None:
                    axis.fill_between(
                        line.x, line.y - line.spread, line.y + line.spread, color=line.color, alpha=0.25, lw=0
                    )
        row[0].set_ylabel(name.replace("/", "\n"), fontsize=6)
        row[0].axis("on")
    for axis, column in zip(panels[0], columns, strict=True):
        axis.set_title(column.replace("_", " "), fontsize=8)
    figure.supxlabel(caption, fontsize=7)
    save_figure(figure, path)


def _forces(trials: Sequence[Bundle], i: int) -> list[Line]:
    """Mean and spread of a component over all whole stances of one foot."""
    phase = np.linspace(0, 1, POINTS)
    found: dict[str, list[Array]] = {"measured": [], "simulated": []}
    for trial in trials:
        for stance in rows_of(STANCE, trial):
            if stance["left_out"] or not stance["whole"] or stance["feet"] == "both":
                continue
            time_s = trial["frames"] / FRAME_RATE_HZ
            rows = np.flatnonzero((time_s >= stance["start_s"]) & (time_s <= stance["stop_s"]))
            # To the outside of the foot, so that right and left stances can be put together.
            sign = -1.0 if FORCES[i] == "lateral" and stance["feet"] == "l" else 1.0
            for name, curves in found.items():
                values = sign * trial[f"curve_{name}_bw"][rows, FEET.index(stance["feet"]), i]
                curves.append(np.interp(phase, np.linspace(0, 1, len(rows)), values))
    return [
        Line(phase, np.mean(curves, axis=0), color, np.std(curves, axis=0))
        for curves, color in zip(found.values(), (MEASURED, SIMULATED), strict=True)
        if curves
    ]


def _muscle(trials: Sequence[Bundle], muscle: str, twitch_hz: float) -> list[Line]:
    """Envelope, active state and activation in the first trial that has a good channel of the muscle."""
    for trial in trials:
        for i, row in enumerate(rows_of(CHANNEL, trial)):
            stem = row["channel"].rpartition("_")[0]
            if row["left_out"] or ALIKE.get(stem, stem) != muscle:
                continue
            time_s = trial["frames"] / FRAME_RATE_HZ
            envelope, activation = (trial[f"curve_{each}"][i].astype(float) for each in ("envelope", "activation"))
            known = np.isfinite(envelope) & np.isfinite(activation)
            channel = Channel(row["channel"], time_s[known], envelope[known], np.nan, activation[known], (), "")
            state = active_state(channel, twitch_hz)
            return [
                Line(channel.time_s, values / max(float(values.max()), 1e-9), color)
                for values, color in (
                    (channel.envelope_V, MEASURED),
                    (state.envelope_V, STATE),
                    (channel.activation, SIMULATED),
                )
            ]
    return []
