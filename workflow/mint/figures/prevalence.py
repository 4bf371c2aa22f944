"""How often each group of activities occurs (paper, figure 4)."""

from __future__ import annotations

from math import log10
from typing import Any

import plotly.graph_objects as go

from mint.config.figures import FiguresConfig
from mint.dataset.schema import Column, TableSchema
from mint.figures.data import Data
from mint.figures.figure import Drawn, Kind, NoData
from mint.figures.labels import counted
from mint.figures.look import CATEGORIES, LINE, MAIN, styled

NUMBERS = TableSchema(
    "prevalence",
    "a group of activities",
    (
        Column("activity", "text", "1", "group of BABEL's action categories (resources/activity_groups.csv)"),
        Column("labels", "int", "1", "labels that name it", low=1),
        Column("sequences", "int", "1", "sequences with such a label", low=1),
        Column("labelled_s", "float", "s", "duration of these labels together", low=0),
    ),
    ("activity",),
)


def activity_rows(data: Data) -> list[dict[str, Any]]:
    """One row per group of activities, the most frequent first; a label in several groups counts in each."""
    labels = counted(data.labels).explode("group").dropna(subset=["group"])
    rows = [
        {
            "activity": str(name),
            "labels": len(own),
            "sequences": int(own["sequence_id"].nunique()),
            "labelled_s": round(float((own["t_end_s"] - own["t_start_s"]).sum()), 2),
        }
        for name, own in labels.groupby("group")
    ]
    return sorted(rows, key=lambda row: (-row["labels"], row["activity"]))


def make(data: Data, config: FiguresConfig) -> Drawn:
    """Numbers of labels and of sequences of each group of activities on a logarithmic axis."""
    rows = activity_rows(data)
    if not rows:
        raise NoData(
            "The dataset has no labels of activities: set babel.folder to BABEL's label files to see how "
            "often which motion occurs."
        )
    names, most = [row["activity"] for row in rows], rows[0]["labels"]
    plot = go.Figure()
    plot.add_scatter(
        x=[x for row in rows for x in (row["sequences"], row["labels"], None)],
        y=[y for name in names for y in (name, name, None)],
        mode="lines",
        line={"color": LINE, "width": 4},
        hoverinfo="skip",
        showlegend=False,
    )
    text = [f"{row['labels']} labels in {row['sequences']} sequences, {row['labelled_s']:.0f} s" for row in rows]
    # The second is drawn over the first: both are seen where they are equal.
    for key, colour, symbol, size in (("labels", MAIN, "circle", 14), ("sequences", CATEGORIES[3], "diamond", 8)):
        plot.add_scatter(
            x=[row[key] for row in rows],
            y=names,
            mode="markers",
            name=key,
            text=text,
            hovertemplate="%{y}: %{text}<extra></extra>",
            marker={"color": colour, "symbol": symbol, "size": size},
        )
    styled(plot, max(240, 110 + 22 * len(rows)))
    plot.update_xaxes(
        type="log",
        title="number of labels or sequences",
        range=[-0.06, log10(1.3 * max(most, 2))],
        tickvals=[a * 10**b for b in range(8) for a in (1, 2, 5)],
    )
    plot.update_yaxes(categoryorder="array", categoryarray=names[::-1], range=[-0.7, len(names) - 0.3])
    used = counted(data.labels)
    named = used[used["group"].map(len) > 0]
    caption = (
        f"How often each of {len(rows)} groups of activities is named, by {len(named)} labels (BABEL, or its format) "
        f"on {named['sequence_id'].nunique()} of {len(data.sequences)} sequences. Counted are labels of intervals "
        "where a sequence has them, else those of the whole sequence, of its first annotator; a label in two groups "
        "counts in "
        "both."
        + (
            f" Labels whose category is not published (test split), left out: {len(used) - len(named)}."
            if len(named) < len(used)
            else ""
        )
        + " Source: labels.parquet."
    )
    return Drawn(plot, caption, rows)


KIND = Kind("Prevalence of motions", NUMBERS, make)
