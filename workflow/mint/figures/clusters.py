"""Do windows with like muscle activation show like activities? (paper, figure 5, left)"""

from __future__ import annotations

from collections import Counter
from typing import Any

import plotly.graph_objects as go

from mint.config.figures import FiguresConfig
from mint.core.chunks import time_s
from mint.dataset.schema import Column, TableSchema
from mint.figures.data import Data, records
from mint.figures.features import FEATURES, featured, normalized
from mint.figures.figure import Drawn, Kind, NoData
from mint.figures.grouping import Clustering, clustered
from mint.figures.labels import OTHERS, UNLABELLED, by_frequency, limited, of_windows
from mint.figures.look import CATEGORIES, INK, OTHER, SOFT, SYMBOLS, rounded, styled

NUMBERS = TableSchema(
    "clusters",
    "a window of activations",
    (
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column("start_frame", "int", "frames at 50/s", "first frame", low=0),
        Column("activity", "text", "1", "group of BABEL's categories, or without labels the recording's name"),
        Column("cluster", "int", "1", "cluster by FINCH in the partition that is drawn", low=0),
        Column("x", "float", "1", "place in the figure"),
        Column("y", "float", "1", "place in the figure"),
    ),
    ("sequence_id", "start_frame"),
)
# FINCH links each window to its nearest: with fewer than three there is nothing to group.
LEAST_WINDOWS = 3


def make(data: Data, config: FiguresConfig) -> Drawn:
    """Windows as points, near where their activations are alike; colour is the activity, marker the cluster."""
    windows, features = featured(data, config)
    if len(windows) < LEAST_WINDOWS:
        raise NoData(f"{len(windows)} windows of {config.window_s:g} s without gap are too few to group them.")
    points = normalized(features)
    if not points.shape[1]:
        raise NoData(f"All {len(windows)} windows have the same activations.")
    names, whence = of_windows(data, windows, config.window_s)
    found = clustered(points, names)
    # Digits beyond these depend on the number of threads of the linear algebra.
    x, y = found.places.round(6).T
    rows = records(windows.assign(activity=names, cluster=found.clusters, x=x, y=y))
    caption = (
        f"{len(windows)} windows of {config.window_s:g} s by {points.shape[1]} features of their muscle activations "
        f"({', '.join(FEATURES).replace('_', ' ')} of each strand, by tsfresh, normalized), placed by {found.method}; "
        f"axes have no unit. {whence} Markers are the {len(set(found.clusters.tolist()))} clusters that FINCH finds "
        f"without knowing activities{_repeated(found)}. {_agreement(found)} "
        "Source: muscle_activations.parquet, labels.parquet."
    )
    return Drawn(_plot(rows, limited(names, config.max_groups)), caption, rows)


def _repeated(found: Clustering) -> str:
    return "; markers repeat, the number is told at the point" if found.clusters.max() >= len(SYMBOLS) else ""


def _agreement(found: Clustering) -> str:
    if found.agreement is None:
        return "Agreement of clusters with colours is not known, as there are fewer than two colours."
    others = [f"{value:.2f} with {size} clusters" for size, value in found.partitions if value is not None]
    return (
        f"Agreement of clusters with colours (adjusted mutual information; 0 chance, 1 the same): "
        f"{found.agreement:.2f}; in all of FINCH's partitions: {', '.join(others)}."
    )


def _plot(rows: list[dict[str, Any]], names: list[str]) -> go.Figure:
    order = by_frequency([name for name in names if name not in (OTHERS, UNLABELLED)])
    colours = dict(zip(order, CATEGORIES, strict=False)) | {OTHERS: OTHER, UNLABELLED: "white"}
    plot = go.Figure()
    for name in [*order, OTHERS, UNLABELLED]:
        own = [row for row, shown in zip(rows, names, strict=True) if shown == name]
        if not own:
            continue
        look = {"color": colours[name], "line": {"color": INK if name == UNLABELLED else "white", "width": 0.8}}
        plot.add_scatter(
            x=rounded(row["x"] for row in own),
            y=rounded(row["y"] for row in own),
            mode="markers",
            legendgroup=name,
            showlegend=False,
            hovertemplate="%{text}<extra></extra>",
            text=[
                f"{row['sequence_id']} at {time_s(row['start_frame']):.2f} s<br>{row['activity']}, cluster "
                f"{row['cluster']}"
                for row in own
            ],
            marker={
                **look,
                "size": 11 if len(rows) < 300 else 6,
                "opacity": 0.85,
                "symbol": [SYMBOLS[row["cluster"] % len(SYMBOLS)] for row in own],
            },
        )
        _key(plot, f"{name} ({len(own)})", name, look)
    count = Counter(row["cluster"] for row in rows)
    if len(count) <= len(SYMBOLS):
        for cluster, size in sorted(count.items()):
            _key(plot, f"cluster {cluster} ({size})", "clusters", {"color": SOFT, "symbol": SYMBOLS[cluster]})
    styled(
        plot,
        520,
        margin={"l": 20, "r": 20, "t": 32, "b": 20},
        legend={"orientation": "v", "x": 1.01, "y": 1, "yanchor": "top", "tracegroupgap": 0},
    )
    for axes in (plot.update_xaxes, plot.update_yaxes):
        axes(showticklabels=False, ticks="", showgrid=False, mirror=True, showline=True)
    return plot


def _key(plot: go.Figure, name: str, group: str, look: dict[str, Any]) -> None:
    """An entry of the legend without points: those of an activity have several symbols, those of a cluster colours."""
    plot.add_scatter(x=[None], y=[None], mode="markers", name=name, legendgroup=group, marker={**look, "size": 10})


KIND = Kind("Clusters of windows with like muscle activation", NUMBERS, make)
