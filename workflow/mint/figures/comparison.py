"""How far the simulation is from what was measured, person by person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mint.config.figures import FiguresConfig
from mint.dataset.schema import Column, TableSchema
from mint.figures.data import Data
from mint.figures.figure import Drawn, Kind, NoData
from mint.figures.look import CATEGORIES, SOFT, rounded, styled

NUMBERS = TableSchema(
    "comparison",
    "a measure of a person",
    (
        Column("dataset", "text", "1", "AMASS sub-dataset or lab"),
        Column("subject", "text", "1", "name of the person within the dataset"),
        Column("measure", "text", "1", "what is compared"),
        Column("of", "text", "1", "force component, muscle or coordinate; both legs together"),
        Column("unit", "text", "1", "unit of the values"),
        Column("count", "int", "1", "stances, or channels and coordinates of sequences", low=1),
        Column("low_quartile", "float", "1", "a quarter of the values is lower; in the unit of the row"),
        Column("median", "float", "1", "in the unit of the row"),
        Column("high_quartile", "float", "1", "a quarter of the values is higher; in the unit of the row"),
    ),
    ("dataset", "subject", "measure", "of"),
)


@dataclass(frozen=True)
class _Panel:
    """A measure: its title, its unit, and the columns it is taken from (with a factor), or its column by muscle or
    coordinate."""

    measure: str
    unit: str
    title: str


FORCE = _Panel("force", "% body weight", "force, rmse of a stance [% body weight]")
COP = _Panel("centre of pressure", "mm", "centre of pressure, rmse of a stance [mm]")
EMG = _Panel("EMG", "1", "activation and EMG, correlation [1]")
MOMENT = _Panel("joint moment", "% range", "joint moment, rmse [% of its range]")
PANELS = (FORCE, COP, EMG, MOMENT)
_STANCES = {
    "vertical": (FORCE, "vertical_rmse_bw", 100.0),
    "fore-aft": (FORCE, "fore_aft_rmse_bw", 100.0),
    "lateral": (FORCE, "lateral_rmse_bw", 100.0),
    "fore-aft ": (COP, "cop_fore_aft_rmse_mm", 1.0),
    "lateral ": (COP, "cop_lateral_rmse_mm", 1.0),
}


def comparison_rows(data: Data) -> list[dict[str, Any]]:
    """Quartiles of every measure of every person, columns as in `NUMBERS`."""
    found = [
        *_of_stances(data.forces),
        *_by(data.emg, EMG, "channel", "correlation"),
        *_by(data.moments, MOMENT, "coordinate", "rmse_percent_range"),
    ]
    if not found or not len(data.sequences):
        return []
    values = pd.DataFrame(found).merge(data.sequences[["sequence_id", "dataset", "subject"]], on="sequence_id")
    rows = []
    order = ["dataset", "subject", "measure", "of", "unit"]
    for keys, own in values.groupby(order, sort=True):
        low, middle, high = own["value"].astype(float).quantile([0.25, 0.5, 0.75])
        rows.append(
            {
                **dict(zip(order, map(str, keys), strict=True)),
                "count": len(own),
                "low_quartile": float(low),
                "median": float(middle),
                "high_quartile": float(high),
            }
        )
    return rows


def _of_stances(forces: pd.DataFrame) -> list[dict[str, Any]]:
    if not len(forces):
        return []
    return [
        {"sequence_id": name, "measure": panel.measure, "of": of.strip(), "unit": panel.unit, "value": factor * value}
        for of, (panel, column, factor) in _STANCES.items()
        for name, value in zip(forces["sequence_id"], forces[column], strict=True)
        if pd.notna(value)
    ]


def _by(table: pd.DataFrame, panel: _Panel, key: str, column: str) -> list[dict[str, Any]]:
    """Values of a column by muscle or coordinate, without the side that ends its name."""
    if not len(table):
        return []
    return [
        {
            "sequence_id": name,
            "measure": panel.measure,
            "of": str(of).removesuffix("_r").removesuffix("_l"),
            "unit": panel.unit,
            "value": value,
        }
        for name, of, value in zip(table["sequence_id"], table[key], table[column], strict=True)
        if pd.notna(value)
    ]


def make(data: Data, config: FiguresConfig) -> Drawn:
    """Medians and quartiles of each person, a panel for each measure."""
    rows = comparison_rows(data)
    if not rows:
        raise NoData("No sequence of the dataset has force plates or EMG that it could be compared with.")
    plot = make_subplots(
        rows=2, cols=2, subplot_titles=[panel.title for panel in PANELS], vertical_spacing=0.16, horizontal_spacing=0.09
    )
    people = sorted({(row["dataset"], row["subject"]) for row in rows})
    named: set[tuple[str, str]] = set()
    for number, panel in enumerate(PANELS):
        own = [row for row in rows if row["measure"] == panel.measure]
        _panel(plot, 1 + number // 2, 1 + number % 2, own, people, named)
    styled(plot, 760, scattermode="group", scattergap=0.4)
    plot.update_annotations(font={"size": 12, "color": SOFT})
    for panel, (row, column) in ((FORCE, (1, 1)), (COP, (1, 2)), (MOMENT, (2, 2))):
        plot.update_yaxes(title=panel.unit, rangemode="tozero", row=row, col=column)
    plot.update_yaxes(title="correlation", range=[-1.02, 1.02], row=2, col=1)
    stances = int(data.forces["vertical_rmse_bw"].notna().sum()) if len(data.forces) else 0
    given = int((data.forces["given"] & data.forces["vertical_rmse_bw"].notna()).sum()) if len(data.forces) else 0
    told = f" ({given} of them given to the simulation, which they do not judge)" if given else ""
    channels = int(data.emg["correlation"].notna().sum()) if len(data.emg) else 0
    caption = (
        f"The simulation against what was measured: {stances} stances on force plates{told}, {channels} channels of "
        "EMG of sequences, joint moments of the simulated motion under simulated and under measured forces. Points: "
        f"median of a person ({len(people)}), lines: quartiles. What is compared, and what not: "
        "docs/method/comparison.md. Source: comparison_forces.parquet, comparison_emg.parquet, "
        "comparison_moments.parquet."
    )
    return Drawn(plot, caption, rows)


def _panel(
    plot: go.Figure,
    row: int,
    column: int,
    rows: list[dict[str, Any]],
    people: list[tuple[str, str]],
    named: set[tuple[str, str]],
) -> None:
    """Points of each person over force component, muscle or coordinate; the legend names each person once."""
    for number, (dataset, subject) in enumerate(people):
        own = [each for each in rows if (each["dataset"], each["subject"]) == (dataset, subject)]
        if not own:
            continue
        text = [
            f"{dataset} {subject}, {each['of']}<br>median {each['median']:.3g} {each['unit']}, n = {each['count']}"
            for each in own
        ]
        plot.add_scatter(
            x=[each["of"].replace("_", " ") for each in own],
            y=rounded(each["median"] for each in own),
            mode="markers",
            name=f"{dataset} {subject}",
            legendgroup=f"{dataset} {subject}",
            showlegend=(dataset, subject) not in named,
            error_y={
                "type": "data",
                "symmetric": False,
                "thickness": 1,
                "width": 0,
                "array": rounded(each["high_quartile"] - each["median"] for each in own),
                "arrayminus": rounded(each["median"] - each["low_quartile"] for each in own),
            },
            marker={"color": CATEGORIES[number % len(CATEGORIES)], "size": 7},
            text=text,
            hovertemplate="%{text}<extra></extra>",
            row=row,
            col=column,
        )
        named.add((dataset, subject))


KIND = Kind("Simulation and measurement", NUMBERS, make)
