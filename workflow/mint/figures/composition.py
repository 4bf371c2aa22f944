"""What the sub-datasets contribute (paper, figure 9)."""

from __future__ import annotations

from math import nan
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mint.config.figures import FiguresConfig
from mint.dataset.schema import Column, TableSchema
from mint.figures.data import Data
from mint.figures.figure import Drawn, Kind, NoData
from mint.figures.labels import counted
from mint.figures.look import CATEGORIES, MAIN, PALE, SOFT, rounded, styled

NUMBERS = TableSchema(
    "composition",
    "a sub-dataset",
    (
        Column("dataset", "text", "1", "AMASS sub-dataset or lab"),
        Column("sequences", "int", "1", "sequences that have data", low=1),
        Column("analysed_s", "float", "s", "duration that has values", low=0),
        Column("share", "float", "1", "of the analysed duration of all sub-datasets", low=0, high=1),
        Column("mean_duration_s", "float", "s", "mean duration of the motion files", low=0),
        Column("mean_analysed_s", "float", "s", "mean duration that has values", low=0),
        Column("labelled_sequences", "int", "1", "sequences with labels of BABEL", low=0),
        Column("mean_labels", "float", "1", "mean number of labels of those that have any", nullable=True, low=0),
    ),
    ("dataset",),
)


def dataset_rows(data: Data) -> list[dict[str, Any]]:
    """One row per sub-dataset, the largest share first."""
    if not len(data.sequences):
        return []
    count = counted(data.labels)["sequence_id"].value_counts()
    total = float(data.sequences["analysed_s"].sum())
    rows = []
    for name, own in data.sequences.groupby("dataset"):
        labels = count.reindex(own["sequence_id"]).dropna()
        analysed = float(own["analysed_s"].sum())
        rows.append(
            {
                "dataset": str(name),
                "sequences": len(own),
                "analysed_s": analysed,
                "share": analysed / total if total else 0.0,
                "mean_duration_s": float(own["duration_s"].mean()),
                "mean_analysed_s": float(own["analysed_s"].mean()),
                "labelled_sequences": len(labels),
                "mean_labels": float(labels.mean()) if len(labels) else None,
            }
        )
    return sorted(rows, key=lambda row: (-row["share"], row["dataset"]))


def make(data: Data, config: FiguresConfig) -> Drawn:
    """Share of the analysed time, mean length and mean number of labels of a sequence, by sub-dataset."""
    rows = dataset_rows(data)
    if not rows:
        raise NoData("The dataset has no sequence.")
    names = [row["dataset"] for row in rows]
    plot = make_subplots(rows=1, cols=3, shared_yaxes=True, horizontal_spacing=0.04)
    count = [f"{row['sequences']} sequences" for row in rows]
    _bars(
        plot,
        1,
        names,
        [100 * row["share"] for row in rows],
        MAIN,
        "share of time",
        ".0f",
        " %",
        [f"{row['analysed_s'] / 60:.1f} min in {row['sequences']} sequences" for row in rows],
    )
    _bars(plot, 2, names, [row["mean_duration_s"] for row in rows], PALE, "motion file", ".1f", " s", count)
    _bars(
        plot, 2, names, [row["mean_analysed_s"] for row in rows], CATEGORIES[2], "has values", ".1f", " s", count, 0.35
    )
    _bars(
        plot,
        3,
        names,
        [row["mean_labels"] for row in rows],
        CATEGORIES[1],
        "labels",
        ".1f",
        "",
        [f"{row['labelled_sequences']} of {row['sequences']} sequences have labels" for row in rows],
    )
    styled(plot, max(240, 130 + 34 * len(rows)), barmode="overlay", showlegend=False)
    labelled = sum(row["labelled_sequences"] for row in rows)
    titles = (
        "share of analysed time [%]",
        "mean length of a sequence [s]<br>(grey: motion file, green: has values)",
        "mean number of labels per sequence",
    )
    for at, title in enumerate(titles, start=1):
        plot.update_xaxes(title=title, rangemode="tozero", row=1, col=at)
    if not labelled:
        plot.update_xaxes(range=[0, 1], showticklabels=False, row=1, col=3)
        plot.add_annotation(
            text="no labels", x=0.5, y=0.5, xref="x3 domain", yref="y3 domain", showarrow=False, font={"color": SOFT}
        )
    plot.update_yaxes(categoryorder="array", categoryarray=names[::-1], range=[-0.6, len(names) - 0.4])
    hours = sum(row["analysed_s"] for row in rows) / 3600
    unit = f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.1f} minutes"
    caption = (
        f"{len(rows)} sub-dataset{'s' if len(rows) > 1 else ''}, {len(data.sequences)} sequences, {unit} with values. "
        + (
            f"Counted are labels of intervals where a sequence has them, else of the whole sequence; mean over the "
            f"{labelled} sequences that have any. "
            if labelled
            else "There are no labels of activities. "
        )
        + "Source: sequences.parquet, labels.parquet."
    )
    return Drawn(plot, caption, rows)


def _bars(
    plot: go.Figure,
    column: int,
    names: list[str],
    values: list[float | None],
    colour: str,
    name: str,
    form: str,
    unit: str,
    text: list[str],
    width: float = 0.7,
) -> None:
    plot.add_bar(
        x=rounded(nan if value is None else value for value in values),
        y=names,
        orientation="h",
        name=name,
        width=width,
        marker={"color": colour},
        customdata=text,
        row=1,
        col=column,
        hovertemplate=f"%{{y}}: %{{x:{form}}}{unit}<br>%{{customdata}}<extra>{name}</extra>",
    )


KIND = Kind("Sub-datasets", NUMBERS, make)
