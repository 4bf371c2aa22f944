"""Weight and height of the subjects (paper, figure 3)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mint.config.figures import FiguresConfig
from mint.dataset.schema import Column, TableSchema
from mint.figures.data import Data, records
from mint.figures.figure import Drawn, Kind, NoData
from mint.figures.look import CATEGORIES, MAIN, SOFT, padded, rounded, styled

NUMBERS = TableSchema(
    "subjects",
    "a subject that has data",
    (
        Column("dataset", "text", "1", "AMASS sub-dataset or lab"),
        Column("subject", "text", "1", "name of the subject within the dataset"),
        Column("gender", "text", "1", "of the body model"),
        Column("weight_kg", "float", "kg", "body mass: median of the subject's sequences", low=0),
        Column("height_cm", "float", "cm", "stature: median of the subject's sequences", low=0),
        Column("bmi_kg_m2", "float", "kg/m2", "weight / height squared", low=0),
        Column("sequences", "int", "1", "sequences that have data", low=1),
        Column("analysed_s", "float", "s", "duration that has values", low=0),
    ),
    ("dataset", "subject"),
)
GENDERS = {"female": (CATEGORIES[3], "circle"), "male": (CATEGORIES[0], "diamond"), "neutral": (SOFT, "square")}
# Limits of underweight, overweight and obesity: World Health Organization, Technical Report Series 894 (2000).
BMI_LIMITS = (18.5, 25.0, 30.0)
HEIGHT_BIN_CM, WEIGHT_BIN_KG = 4.0, 5.0


def subject_rows(sequences: pd.DataFrame) -> pd.DataFrame:
    """One row per subject whose weight and height are known, columns as in `NUMBERS`."""
    if not len(sequences):
        return pd.DataFrame(columns=NUMBERS.names)
    known = sequences.dropna(subset=["weight_kg", "height_cm"])
    rows = known.groupby(["dataset", "subject"], as_index=False).agg(
        gender=("gender", "first"),
        weight_kg=("weight_kg", "median"),
        height_cm=("height_cm", "median"),
        sequences=("sequence_id", "count"),
        analysed_s=("analysed_s", "sum"),
    )
    rows["bmi_kg_m2"] = rows["weight_kg"] / (rows["height_cm"] / 100) ** 2
    return rows[NUMBERS.names]


def histogram(values: pd.Series, weights: pd.Series, width: float) -> tuple[list[float], list[float], list[float]]:
    """Centres of bins whose edges are multiples of `width`, number of values in each, sum of their weights."""
    low, high = np.floor(values.min() / width), np.floor(values.max() / width) + 1
    edges = width * np.arange(low, high + 1)
    counts, _ = np.histogram(values, edges)
    sums, _ = np.histogram(values, edges, weights=weights)
    return rounded(edges[:-1] + width / 2), [int(n) for n in counts], rounded(sums)  # type: ignore[return-value]


def make(data: Data, config: FiguresConfig) -> Drawn:
    """Each subject as a point over its height and weight, with both distributions; by subjects or by seconds."""
    rows = subject_rows(data.sequences)
    if not len(rows):
        raise NoData("No sequence of the dataset has both weight and height of its subject.")
    plot = make_subplots(
        rows=2,
        cols=2,
        shared_xaxes=True,
        shared_yaxes=True,
        column_widths=[0.8, 0.2],
        row_heights=[0.24, 0.76],
        horizontal_spacing=0.015,
        vertical_spacing=0.03,
    )
    heights = padded(rows["height_cm"].min(), rows["height_cm"].max(), 30)
    weights = padded(rows["weight_kg"].min(), rows["weight_kg"].max(), 50)
    _limits(plot, heights, weights)
    size = np.maximum(7.0, 22.0 * np.sqrt(rows["analysed_s"] / rows["analysed_s"].max()))
    for gender, (colour, symbol) in GENDERS.items():
        own = rows[rows["gender"] == gender]
        if not len(own):
            continue
        text = [
            f"{r['dataset']} {r['subject']}<br>{r['height_cm']:.0f} cm, {r['weight_kg']:.0f} kg, BMI "
            f"{r['bmi_kg_m2']:.1f}<br>{r['sequences']} sequences, {r['analysed_s']:.0f} s"
            for r in records(own)
        ]
        plot.add_scatter(
            x=rounded(own["height_cm"]),
            y=rounded(own["weight_kg"]),
            mode="markers",
            name=f"{gender} ({len(own)})",
            text=text,
            hovertemplate="%{text}<extra></extra>",
            marker={
                "color": colour,
                "symbol": symbol,
                "size": rounded(size[own.index]),
                "opacity": 0.75,
                "line": {"color": "white", "width": 1},
            },
            row=2,
            col=1,
        )
    first = len(plot.data)
    by_height = histogram(rows["height_cm"], rows["analysed_s"], HEIGHT_BIN_CM)
    by_weight = histogram(rows["weight_kg"], rows["analysed_s"], WEIGHT_BIN_KG)
    bars = {"marker": {"color": MAIN, "line": {"color": "white", "width": 1}}, "showlegend": False}
    plot.add_bar(
        x=by_height[0],
        y=by_height[1],
        width=HEIGHT_BIN_CM,
        hovertemplate="%{x} cm: %{y}<extra></extra>",
        row=1,
        col=1,
        **bars,
    )
    plot.add_bar(
        x=by_weight[1],
        y=by_weight[0],
        width=WEIGHT_BIN_KG,
        orientation="h",
        hovertemplate="%{y} kg: %{x}<extra></extra>",
        row=2,
        col=2,
        **bars,
    )
    styled(
        plot,
        520,
        bargap=0,
        updatemenus=[_buttons(first, by_height, by_weight)],
        margin={"l": 60, "r": 20, "t": 44, "b": 50},
    )
    plot.update_xaxes(title="height [cm]", range=heights, row=2, col=1)
    plot.update_yaxes(title="weight [kg]", range=weights, row=2, col=1)
    plot.update_yaxes(title="subjects", rangemode="tozero", nticks=4, dtick=_step(by_height[1]), row=1, col=1)
    plot.update_xaxes(title="subjects", rangemode="tozero", nticks=4, dtick=_step(by_weight[1]), row=2, col=2)
    missing = data.sequences.groupby(["dataset", "subject"]).ngroups - len(rows)
    caption = (
        f"Stature and body mass of {len(rows)} subjects, measured or of the body model's mesh, one point each, sized "
        f"by the subject's part of the {rows['analysed_s'].sum() / 60:.1f} minutes with values. Bars count subjects or "
        "add up their seconds. Dotted lines: body mass index 18.5, 25 and 30 kg/m², where by the WHO underweight ends, "
        "overweight and obesity begin."
        + (f" Without weight or height, left out: {missing}." if missing else "")
        + " Source: sequences.parquet."
    )
    return Drawn(plot, caption, records(rows))


def _limits(plot: go.Figure, heights: list[float], weights: list[float]) -> None:
    """Lines of equal body mass index inside the given ranges [cm], [kg], each named where it leaves them."""
    metres = np.linspace(heights[0], heights[1], 60) / 100
    for limit in BMI_LIMITS:
        kilograms = limit * metres**2
        inside = (kilograms >= weights[0]) & (kilograms <= weights[1])
        if not inside.any():
            continue
        last = int(np.flatnonzero(inside)[-1])
        plot.add_scatter(
            x=rounded(100 * metres[inside]),
            y=rounded(kilograms[inside]),
            mode="lines",
            showlegend=False,
            hoverinfo="skip",
            line={"color": SOFT, "width": 1, "dash": "dot"},
            row=2,
            col=1,
        )
        plot.add_annotation(
            x=100 * metres[last],
            y=kilograms[last],
            text=f"BMI {limit:g}",
            showarrow=False,
            xanchor="right",
            bgcolor="white",
            font={"size": 10, "color": SOFT},
            row=2,
            col=1,
        )


def _step(counts: list[float]) -> int | None:
    """Distance of ticks where plotly would choose fractions of a subject."""
    return 1 if max(counts) <= 3 else None


def _buttons(first: int, by_height: tuple[list[float], ...], by_weight: tuple[list[float], ...]) -> dict[str, object]:
    """Buttons that count subjects or add up their seconds in the two histograms, traces `first` and `first + 1`."""
    buttons = []
    for label, at, title in (("subjects", 1, "subjects"), ("seconds", 2, "time [s]")):
        traces = {"y": [by_height[at], by_weight[0]], "x": [by_height[0], by_weight[at]]}
        axes: dict[str, object] = {"yaxis.title.text": title, "xaxis4.title.text": title}
        for axis, values in (("yaxis", by_height[at]), ("xaxis4", by_weight[at])):
            axes[f"{axis}.dtick"] = _step(values) if at == 1 else None
        buttons.append({"label": f"by {label}", "method": "update", "args": [traces, axes, [first, first + 1]]})
    return {
        "type": "buttons",
        "direction": "right",
        "buttons": buttons,
        "x": 0.83,
        "xanchor": "left",
        "y": 0.9,
        "yanchor": "middle",
        "showactive": True,
        "pad": {"t": 0, "b": 0},
        "font": {"size": 11},
    }


KIND = Kind("Weight and height of the subjects", NUMBERS, make)
