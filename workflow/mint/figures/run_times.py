"""Run time of the trajectory problem (paper, figure 10)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mint.config.figures import FiguresConfig
from mint.core.status import Reason, Status
from mint.dataset.schema import Column, TableSchema
from mint.figures.data import Data, records
from mint.figures.figure import Drawn, Kind, NoData
from mint.figures.look import MAIN, STATUS, rounded, styled

ACCEPTED, LATER, NOT_CONVERGED, WORK_LIMIT, OTHER = (
    "converged, accepted",
    "converged, discarded later",
    "not converged",
    "work limit",
    "failed otherwise",
)
COLOURS = {
    ACCEPTED: STATUS["accepted"],
    LATER: MAIN,
    NOT_CONVERGED: STATUS["discarded"],
    WORK_LIMIT: STATUS["failed"],
    OTHER: STATUS["excluded_contact"],
}
NUMBERS = TableSchema(
    "run_times",
    "a chunk that reached the trajectory problem",
    (
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column("chunk", "int", "1", "number of the chunk within the sequence", low=0),
        Column("outcome", "text", "1", "what became of the trajectory problem", allowed=tuple(COLOURS)),
        Column("wall_s", "float", "s", "wall time of the trajectory stage, all attempts", low=0),
        Column("iterations", "int", "1", "iterations of the solver, all attempts", nullable=True, low=0),
    ),
    ("sequence_id", "chunk"),
)
# More points than this hide the violin; of fewer than that a violin tells a distribution that nobody knows.
MOST_POINTS, LEAST_VIOLIN = 400, 5


def run_rows(data: Data) -> pd.DataFrame:
    """Chunks that ran the trajectory stage, columns as in `NUMBERS`, in order of sequence and chunk."""
    needed = ("sequence_id", "chunk", "status", "stage", "reason", "trajectory_wall_s", "iterations")
    if not all(name in data.quality for name in needed):
        return pd.DataFrame(columns=NUMBERS.names)
    ran = data.quality[data.quality["trajectory_wall_s"].notna()]
    ran = ran.sort_values(["sequence_id", "chunk"])
    outcomes = [_outcome(*row) for row in zip(ran["status"], ran["stage"], ran["reason"], strict=True)]
    ran = ran.assign(outcome=outcomes, wall_s=ran["trajectory_wall_s"], iterations=ran["iterations"].astype("Int64"))
    return ran[NUMBERS.names]


def _outcome(status: str, stage: str, reason: str) -> str:
    if status == Status.ACCEPTED:
        return ACCEPTED
    if stage != "trajectory":
        return LATER
    return {Reason.NOT_CONVERGED.value: NOT_CONVERGED, Reason.WORK_LIMIT.value: WORK_LIMIT}.get(reason, OTHER)


def make(data: Data, config: FiguresConfig) -> Drawn:
    """Violins of seconds and iterations by outcome."""
    rows = run_rows(data)
    if not len(rows):
        raise NoData("No chunk has a time of the trajectory problem.")
    found = len(rows)
    even = np.linspace(0, found - 1, min(found, config.max_runs)).round().astype(int)
    drawn = rows.iloc[even]
    outcomes = [name for name in COLOURS if (drawn["outcome"] == name).any()]
    plot = make_subplots(rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.03)
    for column, key in enumerate(("wall_s", "iterations"), start=1):
        # The first category is drawn lowest.
        for name in outcomes[::-1]:
            _violin(plot, column, key, name, drawn[drawn["outcome"] == name], int((rows["outcome"] == name).sum()))
    styled(plot, 110 + 90 * len(outcomes), showlegend=False, violingap=0.15)
    plot.update_xaxes(title="wall time [s]", rangemode="tozero", row=1, col=1)
    plot.update_xaxes(title="iterations", rangemode="tozero", row=1, col=2)
    medians = rows.groupby("outcome")["wall_s"].median()
    caption = (
        f"Wall time and iterations of the trajectory problem, all attempts together, of {found} chunks up to 1.68 s"
        + (f" ({len(drawn)} of them drawn)" if len(drawn) < found else "")
        + "; median "
        + ", ".join(f"{medians[name]:.0f} s ({name})" for name in outcomes)
        + ". Inner box: quartiles and median. Source: quality_chunks.parquet."
    )
    return Drawn(plot, caption, records(rows))


def _violin(plot: go.Figure, column: int, key: str, name: str, own: pd.DataFrame, total: int) -> None:
    label = f"{name.replace(', ', ',<br>')}<br>n = {total}"
    text = [
        f"{row['sequence_id']} {row['chunk']}: {row['wall_s']:.0f} s, {row['iterations']} iterations"
        for row in records(own)
    ]
    few = len(own) < LEAST_VIOLIN
    plot.add_violin(
        x=rounded(own[key].astype(float)),
        y=[label] * len(own),
        orientation="h",
        name=name,
        spanmode="hard",
        width=0.8,
        points="all" if len(own) <= MOST_POINTS else "outliers",
        pointpos=0,
        jitter=0 if few else 0.6,
        box={"visible": not few, "width": 0.18},
        line={"color": COLOURS[name], "width": 0 if few else 1.5},
        fillcolor="rgba(0,0,0,0)" if few else None,
        hoveron="points",
        text=text,
        marker={"size": 8 if few else 4, "color": COLOURS[name], "opacity": 0.7},
        hovertemplate="%{text}<extra></extra>",
        row=1,
        col=column,
    )


KIND = Kind("Run time of the trajectory problem", NUMBERS, make)
