"""Activations of key muscles of both legs in single motions (paper, figure 6)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mint.config.figures import FiguresConfig
from mint.core.chunks import BUFFER_FRAMES, FRAME_RATE_HZ, time_s
from mint.core.tables import muscle_subset
from mint.dataset.schema import Column, TableSchema
from mint.figures.data import Data, records
from mint.figures.figure import Drawn, Kind, NoData
from mint.figures.labels import by_frequency, counted
from mint.figures.look import INK, SIDE, rounded, styled

NUMBERS = TableSchema(
    "examples",
    "activation of a muscle at a frame of an example",
    (
        Column("activity", "text", "1", "what the example shows"),
        Column("sequence_id", "text", "1", "sequence that it is from"),
        Column("mint_column", "text", "1", "muscle"),
        Column("frame", "int", "frames at 50/s", "frame of the sequence", low=0),
        Column("activation", "float", "1", "activation of the muscle", nullable=True, low=0, high=1),
    ),
    ("activity", "mint_column", "frame"),
)
LEAST_FRAMES = 15  # 0.3 s: less shows no course


@dataclass(frozen=True, order=True)
class Example:
    """Frames [start, stop) of a sequence that show an activity and all have values; the smallest is the best.

    `missing` is the share of the activity's stretch without values, `marker_mm` the sequence's mean marker error.
    """

    missing: float
    marker_mm: float
    sequence_id: str
    start: int
    stop: int
    activity: str


def stretches(data: Data) -> pd.DataFrame:
    """Where which activity is, columns `activity, sequence_id, start, stop`, frames [start, stop).

    From the labels; without any, the whole of each recording, and its name for the activity.
    """
    labels = counted(data.labels).explode("group").dropna(subset=["group"])
    if len(labels):
        return pd.DataFrame(
            {
                "activity": labels["group"],
                "sequence_id": labels["sequence_id"],
                "start": [ceil(FRAME_RATE_HZ * t - 1e-6) for t in labels["t_start_s"]],
                "stop": [int(FRAME_RATE_HZ * t + 1e-6) + 1 for t in labels["t_end_s"]],
            }
        )
    whole = data.sequences.reindex(columns=["sequence", "sequence_id", "first_frame", "stop_frame"])
    whole["sequence"] = whole["sequence"].astype(str).str.removesuffix("_poses")
    return whole.set_axis(["activity", "sequence_id", "start", "stop"], axis=1)


def candidates(activity: str, found: pd.DataFrame, data: Data, longest: int) -> list[Example]:
    """What could be shown of an activity that has the stretches `found`: parts with values, cut to `longest` frames."""
    errors: dict[Any, float] = {}
    if "marker_rms_mm" in data.quality:
        errors = data.quality.groupby("sequence_id")["marker_rms_mm"].mean().dropna().to_dict()
    present = data.intervals[data.intervals["present"].astype(bool)]
    out = []
    for row in records(found.merge(present, on="sequence_id")):
        start, stop = max(row["start"], row["frame_start"]), min(row["stop"], row["frame_stop"])
        if stop - start < LEAST_FRAMES:
            continue
        # Buffers at both ends of a sequence never have values: they are no fault of the example.
        lost = max(0, row["stop"] - row["start"] - (stop - start) - 2 * BUFFER_FRAMES)
        out.append(
            Example(
                round(lost / (row["stop"] - row["start"]), 2),
                errors.get(row["sequence_id"], inf),
                row["sequence_id"],
                start,
                min(stop, start + longest),
                activity,
            )
        )
    return out


def examples(data: Data, config: FiguresConfig) -> list[Example]:
    """The best example of each configured activity; where one does not occur, of the most frequent that does."""
    if not len(data.intervals):
        return []
    where = stretches(data)
    longest = round(config.example_s * FRAME_RATE_HZ)
    out: list[Example] = []
    for activity in dict.fromkeys([*config.examples, *by_frequency([str(name) for name in where["activity"]])]):
        named = where["activity"] == activity
        if not len(data.labels) and activity in config.examples:
            # A name says more than the activity: kick_left, side kick 3.
            named = where["activity"].str.contains(activity, case=False, regex=False)
        if len(out) < len(config.examples) and (found := candidates(activity, where[named], data, longest)):
            out.append(min(found))
    return out


def make(data: Data, config: FiguresConfig) -> Drawn:
    """A column for each example, a row for each muscle, left and right over time."""
    shown = examples(data, config)
    if not shown:
        raise NoData("No stretch of the dataset has values and a known activity.")
    muscles = muscle_subset(config.muscle_subset)
    labels = list(dict.fromkeys(muscles["label"]))
    plot = make_subplots(
        rows=len(labels),
        cols=len(shown),
        shared_xaxes=True,
        shared_yaxes=True,
        vertical_spacing=0.035,
        horizontal_spacing=0.03,
        column_titles=[f"<b>{e.activity}</b>, {e.sequence_id}" for e in shown],
    )
    rows: list[dict[str, Any]] = []
    for column, example in enumerate(shown, start=1):
        try:
            rows += _draw(plot, column, example, data, muscles, labels)
        except (ValueError, KeyError) as error:
            raise NoData(f"The activations of {example.sequence_id} cannot be read: {error}") from None
    styled(
        plot,
        90 + 110 * len(labels),
        margin={"l": 60, "r": 20, "t": 70, "b": 50},
        legend={"orientation": "h", "x": 0, "y": 1.06, "yanchor": "bottom"},
    )
    top = max((row["activation"] for row in rows if row["activation"] is not None), default=1.0)
    plot.update_yaxes(range=[-0.02, max(0.2, 1.04 * top)], tickvals=[0, 0.5] if top > 0.6 else [0, 0.1, 0.2])
    plot.update_yaxes(title={"text": "activation", "font": {"size": 10}}, col=1)
    plot.update_xaxes(title="time [s]", row=len(labels))
    return Drawn(plot, _caption(shown, labels, data, config), rows)


def _caption(shown: list[Example], labels: list[str], data: Data, config: FiguresConfig) -> str:
    cut = [example.activity for example in shown if example.missing]
    return (
        f"Activation (0 to 1) of {len(labels)} muscles of each leg ({config.muscle_subset}), one example of each "
        "activity: the one with the least missing, then with the smallest marker error."
        + (f" Part of {' and '.join(cut)} has no values and is not shown." if cut else "")
        + (
            " Activities are those of the labels."
            if len(data.labels)
            else " There are no labels: activities are names of recordings."
        )
        + " Source: muscle_activations.parquet of "
        + ", ".join(example.sequence_id for example in shown)
        + "."
    )


def _draw(
    plot: go.Figure, column: int, example: Example, data: Data, muscles: pd.DataFrame, labels: list[str]
) -> list[dict[str, Any]]:
    """Draw an example into a column of the figure; returns its rows of numbers."""
    names = [str(name) for name in muscles["mint_column"]]
    frames = range(example.start, example.stop)
    values = data.activation(example.sequence_id, example.start, len(frames), names)
    seconds = [time_s(k) for k in frames]
    for i, muscle in enumerate(records(muscles)):
        row, left = 1 + labels.index(muscle["label"]), muscle["side"] == "l"
        plot.add_scatter(
            x=seconds,
            y=rounded(values[:, i]),
            mode="lines",
            name="left" if left else "right",
            legendgroup=muscle["side"],
            showlegend=row == 1 and column == 1,
            line={"color": SIDE[muscle["side"]], "width": 2},
            hovertemplate=f"{names[i]}: %{{y:.2f}} at %{{x:.2f}} s<extra></extra>",
            row=row,
            col=column,
        )
    for row, label in enumerate(labels, start=1):
        plot.add_annotation(
            text=label,
            x=0.01,
            y=1,
            xref="x domain",
            yref="y domain",
            xanchor="left",
            yanchor="top",
            showarrow=False,
            font={"color": INK},
            bgcolor="rgba(255,255,255,0.75)",
            row=row,
            col=column,
        )
    return [
        {
            "activity": example.activity,
            "sequence_id": example.sequence_id,
            "mint_column": name,
            "frame": k,
            "activation": None if np.isnan(x) else float(x),
        }
        for i, name in enumerate(names)
        for k, x in zip(frames, values[:, i], strict=True)
    ]


KIND = Kind("Activation of key muscles, left and right", NUMBERS, make)
