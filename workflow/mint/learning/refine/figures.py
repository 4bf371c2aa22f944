"""Figures of the refinement, as the paper has them (Teramae et al. 2025, sections 4.1 to 4.3), and of what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mint.dataset.schema import TableSchema
from mint.figures.look import CATEGORIES, INK, PALE, SOFT, rounded, styled
from mint.learning.page import write_figure
from mint.learning.refine.controls import MeanEmg, Simulation
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.evaluate import Judged
from mint.learning.refine.folds import CURVE
from mint.learning.refine.registry import CONDITIONS, METHODS
from mint.learning.refine.scores import improvements
from mint.learning.refine.skeleton import Skeleton, add_skeleton
from mint.learning.refine.stdr import AllEntire, OneEntire
from mint.learning.refine.tables import IMPROVEMENT, LEARNING, SCORES, SHORTCUT

Rows = Sequence[Mapping[str, Any]]
SIMULATED, REFINED, MEASURED = "#0072b2", "#d55e00", INK
FIGURES = (
    "refined",
    "errors",
    "improvement",
    "conditions",
    "losses",
    "temporal_attention",
    "spatial_attention",
    "shortcut",
    "learning_curve",
)
_SHOWN_PEOPLE = 3
_TOP = 10


def colour(method: str) -> str:
    """The colour of a method in all figures."""
    return CATEGORIES[list(METHODS).index(method) % len(CATEGORIES)]


def said(channel: str) -> str:
    """A channel in words."""
    return channel.replace("_", " ")


def write_figures(
    found: Judged, rows: Mapping[TableSchema, Rows], method: str, skeleton: Skeleton | None, folder: Path
) -> list[dict[str, Any]]:
    """Write `<name>.json` of every figure and return the entries in order."""
    drawn: dict[str, Callable[[], tuple[str, go.Figure, str]]] = {
        "refined": lambda: _refined(found, method),
        "errors": lambda: _errors(rows[IMPROVEMENT]),
        "improvement": lambda: _improvement(rows[IMPROVEMENT]),
        "conditions": lambda: _conditions(rows[SCORES]),
        "losses": lambda: _losses(found),
        "temporal_attention": lambda: _temporal(found),
        "spatial_attention": lambda: _spatial(found, skeleton),
        "shortcut": lambda: _shortcut(rows[SHORTCUT]),
        "learning_curve": lambda: _learning(rows[LEARNING], len(found.folds) - 1),
    }
    entries = []
    for name in FIGURES:
        entries.append(write_figure(folder, name, *drawn[name]()))
    return entries


def _grid(channels: Sequence[str], columns: int, **options: Any) -> tuple[go.Figure, list[tuple[int, int]]]:
    """A panel for each channel, and its row and column."""
    rows = -(-len(channels) // columns)
    plot = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=[said(each) for each in channels],
        vertical_spacing=0.3 / max(rows, 2),
        horizontal_spacing=0.05,
        **options,
    )
    plot.update_annotations(font={"size": 12, "color": SOFT})
    return plot, [(1 + i // columns, 1 + i % columns) for i in range(len(channels))]


def _refined(found: Judged, method: str) -> tuple[str, go.Figure, str]:
    """Simulated, refined and measured curves of the mean of all people who were left out, and of single cycles."""
    cycles = found.cycles
    percent = 100 * cycles.phase
    shown = cycles.people[:_SHOWN_PEOPLE]
    plot = make_subplots(
        rows=len(cycles.channels),
        cols=1 + len(shown),
        shared_xaxes=True,
        shared_yaxes=True,
        column_titles=["mean of all people", *shown],
        vertical_spacing=0.02,
        horizontal_spacing=0.02,
    )
    lines = (
        ("simulated", cycles.own, SIMULATED, "solid"),
        ("refined", found.refined[method], REFINED, "solid"),
        ("all muscles (STDR-Net)", found.refined[AllEntire.name], REFINED, "dot"),
        ("measured", cycles.measured, MEASURED, "solid"),
    )
    for row, channel in enumerate(cycles.channels, start=1):
        there = np.isfinite(cycles.measured[:, :, row - 1]).all(axis=1)
        for column, person in enumerate([None, *shown], start=1):
            own = np.array([person in (None, each) for each in cycles.persons]) & there
            if not own.any():
                continue
            if person is not None:
                own &= np.arange(len(own)) == np.flatnonzero(own)[0]
            for name, values, ink, dash in lines:
                plot.add_scatter(
                    x=rounded(percent),
                    y=rounded(_of_people(cycles, values[..., row - 1], own)),
                    mode="lines",
                    name=name,
                    legendgroup=name,
                    showlegend=row == column == 1,
                    line={"color": ink, "width": 1.6, "dash": dash},
                    row=row,
                    col=column,
                    hovertemplate=f"{name} %{{y}} at %{{x}} %<extra>{said(channel)}</extra>",
                )
        plot.update_yaxes(
            title={"text": said(channel).replace(" ", "<br>", 1), "font": {"size": 10, "color": SOFT}}, row=row, col=1
        )
    styled(
        plot,
        130 + 110 * len(cycles.channels),
        margin={"l": 90, "r": 20, "t": 70, "b": 70},
        legend={"orientation": "h", "y": 1.03, "yanchor": "bottom", "x": 0},
    )
    plot.update_xaxes(title="gait cycle [%]", row=len(cycles.channels))
    return (
        "Simulated, refined and measured activity",
        plot,
        f"Refined by {METHODS[method].title} (and, dotted, by {AllEntire.title}) that never saw the person; "
        f"{len(cycles)} cycles of {len(cycles.people)} people. Single people: their first cycle. Envelopes are 1 "
        "at the person's largest value. As figure 3 of the paper.",
    )


def _of_people(cycles: Cycles, values: Floats, wanted: Any) -> Floats:
    """Mean (S,) over people of the means of their cycles where `wanted (N,)`; `values (N, S)`."""
    some = cycles.rows(wanted)
    return np.asarray(np.average(values[np.flatnonzero(wanted)], axis=0, weights=some.weights()))


def _errors(rows: Rows) -> tuple[str, go.Figure, str]:
    channels = list(dict.fromkeys(str(row["channel"]) for row in rows))
    plot = go.Figure()
    for name in METHODS:
        own = {row["channel"]: row for row in rows if row["method"] == name and row["over"] == Simulation.name}
        plot.add_bar(
            x=[said(each) for each in channels],
            y=rounded(own[each]["rmse"] for each in channels),
            name=METHODS[name].title,
            marker={"color": colour(name)},
            text=[f"r {own[each]['r']:.2f}" if own[each]["r"] is not None else "" for each in channels],
            textposition="none",
            hovertemplate="%{y}, %{text}<extra>%{x}</extra>",
        )
    styled(plot, 420, legend={"orientation": "h", "y": -0.25, "x": 0, "yanchor": "top"})
    plot.update_yaxes(title="RMSE [1]", rangemode="tozero")
    return (
        "Error of every method",
        plot,
        "Root mean square error over the cycle, mean over people who were left out. Source: improvement.parquet.",
    )


def _improvement(rows: Rows) -> tuple[str, go.Figure, str]:
    channels = list(dict.fromkeys(str(row["channel"]) for row in rows))
    overs = (Simulation.name, MeanEmg.name)
    plot = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=[f"over {METHODS[over].title}" for over in overs],
    )
    names = [name for name in METHODS if name not in overs]
    for column, over in enumerate(overs, start=1):
        for name in (*names, *([MeanEmg.name] if over == Simulation.name else ())):
            own = {row["channel"]: row for row in rows if row["method"] == name and row["over"] == over}
            there = [each for each in channels if each in own]
            beside = 0.7 * (list(METHODS).index(name) / (len(METHODS) - 1) - 0.5)
            plot.add_scatter(
                y=[channels.index(each) + beside for each in there],
                text=[said(each) for each in there],
                x=rounded(100 * own[each]["improvement"] for each in there),
                mode="markers",
                name=METHODS[name].title,
                legendgroup=name,
                showlegend=column == 1,
                marker={"color": colour(name), "size": 7},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "thickness": 1,
                    "width": 0,
                    "array": rounded(_reach(own[each], "ci_high") for each in there),
                    "arrayminus": rounded(_reach(own[each], "ci_low") for each in there),
                },
                hovertemplate="%{x} %<extra>%{text}</extra>",
                row=1,
                col=column,
            )
        plot.add_vline(x=0, line={"color": SOFT, "width": 1}, row=1, col=column)
    styled(
        plot,
        140 + 75 * len(channels),
        legend={"orientation": "h", "y": -0.12, "x": 0, "yanchor": "top"},
        margin={"l": 130, "r": 20, "t": 40, "b": 50},
    )
    plot.update_xaxes(title="change of the error [%]")
    plot.update_yaxes(
        range=[len(channels) - 0.5, -0.5],
        tickvals=list(range(len(channels))),
        ticktext=[said(each) for each in channels],
    )
    return (
        "Improvement and its confidence",
        plot,
        "Relative change of the error, mean over people who were left out, "
        "with its 95 % confidence interval (Student's t); left of zero is better. A network that is no better than "
        "the mean EMG of other people has learned no more than that. Source: improvement.parquet.",
    )


def _reach(row: Mapping[str, Any], end: str) -> float:
    return float("nan") if row[end] is None else 100 * abs(row[end] - row["improvement"])


def _conditions(scores: Rows) -> tuple[str, go.Figure, str]:
    plot = go.Figure()
    for name in CONDITIONS:
        values = improvements(scores, name, Simulation.name)
        plot.add_box(
            x=[said(channel) for channel, each in values.items() for _ in each],
            y=rounded(100 * value for each in values.values() for value in each),
            name=METHODS[name].title,
            marker={"color": colour(name), "size": 4},
            boxpoints="all",
            jitter=0.3,
            line={"width": 1},
        )
    plot.add_hline(y=0, line={"color": SOFT, "width": 1})
    styled(plot, 460, boxmode="group", legend={"orientation": "h", "y": -0.35, "x": 0, "yanchor": "top"})
    plot.update_yaxes(title="change of the error [%]")
    return (
        "Conditions of STDR-Net",
        plot,
        "Improvement over the simulation of each person who was left out, by "
        "condition; Tukey's comparison of the three is in conditions.parquet. As figure 4 of the paper.",
    )


def _losses(found: Judged) -> tuple[str, go.Figure, str]:
    plot, places = _grid(found.cycles.channels, 4, shared_xaxes=True)
    for name in (OneEntire.name, AllEntire.name):
        for kind, dash in (("train", "dot"), ("watched", "solid")):
            curves = [each[f"loss_{name}_{kind}"] for each in found.folds.values() if f"loss_{name}_{kind}" in each]
            epochs = next(each[f"loss_{name}_epoch"] for each in found.folds.values())
            mean = np.nanmean(curves, axis=0)
            for c, (row, column) in enumerate(places):
                what = f"{METHODS[name].title}: {'people left out' if kind == 'watched' else 'people learned from'}"
                plot.add_scatter(
                    x=rounded(epochs),
                    y=rounded(mean[:, c]),
                    mode="lines",
                    name=what,
                    legendgroup=what,
                    showlegend=c == 0,
                    line={"color": colour(name), "dash": dash, "width": 1.5},
                    row=row,
                    col=column,
                )
    styled(plot, 160 + 170 * -(-len(places) // 4), legend={"orientation": "h", "y": -0.15, "x": 0, "yanchor": "top"})
    plot.update_yaxes(rangemode="tozero")
    plot.update_annotations(font={"size": 12, "color": SOFT})
    return (
        "Error while learning",
        plot,
        "Mean squared error after each epoch, mean over folds. A solid line that "
        "rises while the dotted one falls says that the people are too few. As figure 5 of the paper.",
    )


def _temporal(found: Judged) -> tuple[str, go.Figure, str]:
    """Attention over time of two channels: those whose attention lies farthest before and behind its sample."""
    cycles = found.cycles
    attention = _attention(found, OneEntire.name)
    samples = attention.shape[1]
    at = np.arange(samples)
    lag = ((attention * (at[None, :] - at[:, None])).sum(axis=2)).mean(axis=1)
    chosen = list(dict.fromkeys((int(lag.argmin()), int(lag.argmax()))))
    percent = rounded(100 * cycles.phase)
    plot = make_subplots(
        rows=2,
        cols=len(chosen),
        row_heights=[0.65, 0.35],
        vertical_spacing=0.1,
        subplot_titles=[said(cycles.channels[c]) for c in chosen],
    )
    for column, c in enumerate(chosen, start=1):
        plot.add_heatmap(
            z=[rounded(row, 3) for row in attention[c]],
            x=percent,
            y=percent,
            colorscale="YlOrRd",
            showscale=column == 1,
            colorbar={"title": "weight", "len": 0.6, "y": 0.7},
            row=1,
            col=column,
            hovertemplate="input %{x} %, output %{y} %: %{z}<extra></extra>",
        )
        there = np.isfinite(cycles.measured[:, :, c]).all(axis=1)
        for name, values, ink in (
            ("simulated", cycles.own, SIMULATED),
            ("refined", found.refined[OneEntire.name], REFINED),
            ("measured", cycles.measured, MEASURED),
        ):
            plot.add_scatter(
                x=percent,
                y=rounded(_of_people(cycles, values[..., c], there)),
                mode="lines",
                name=name,
                legendgroup=name,
                showlegend=column == 1,
                line={"color": ink, "width": 1.6},
                row=2,
                col=column,
            )
        plot.update_yaxes(title="output [% of the cycle]" if column == 1 else None, row=1, col=column)
        plot.update_xaxes(title="input [% of the cycle]", row=1, col=column)
        plot.update_xaxes(title="gait cycle [%]", row=2, col=column)
    styled(plot, 680, legend={"orientation": "h", "y": -0.14, "x": 0, "yanchor": "top"})
    plot.update_annotations(font={"size": 12, "color": SOFT})
    return (
        "Attention over time",
        plot,
        f"{OneEntire.title}: how much each sample of the output attends to each "
        "of the input, mean over people who were left out; below, their mean curves. Channels: the one that looks "
        "farthest back, and the one that looks farthest ahead. As figure 6 of the paper.",
    )


def _attention(found: Judged, name: str) -> Floats:
    """Mean attention (C, S, T) over people."""
    return np.mean(
        [np.asarray(each[f"attention_{name}"], dtype=float).mean(axis=0) for each in found.folds.values()], axis=0
    )


def _spatial(found: Judged, skeleton: Skeleton | None) -> tuple[str, go.Figure, str]:
    """Attention over muscles of one channel, and the heaviest muscles on the skeleton at 0, 50 and 100 %."""
    cycles = found.cycles
    channel = "tibialis_anterior" if "tibialis_anterior" in cycles.channels else cycles.channels[0]
    attention = _attention(found, AllEntire.name)[cycles.channels.index(channel)]
    moments = [0, (attention.shape[0] - 1) // 2, attention.shape[0] - 1]
    heaviest = [[cycles.muscles[i] for i in np.argsort(-attention[k])[:_TOP]] for k in moments]
    listed = [i for i in np.argsort(-attention.mean(axis=0))[:40]]
    drawn = skeleton is not None
    specs: list[list[Any]] = [[{"colspan": 3}, None, None], *([[{"type": "scene"}] * 3] if drawn else [])]
    plot = make_subplots(
        rows=len(specs),
        cols=3,
        specs=specs,
        row_heights=[0.55, 0.45][: len(specs)],
        vertical_spacing=0.09,
        horizontal_spacing=0.01,
    )
    plot.add_heatmap(
        z=[rounded(attention[:, i], 3) for i in listed],
        x=rounded(100 * cycles.phase),
        y=[cycles.muscles[i].removeprefix("LU_").removeprefix("TL_") for i in listed],
        colorscale="Viridis",
        colorbar={"title": "weight", "len": 0.5 if drawn else 1.0, "y": 0.78 if drawn else 0.5},
        row=1,
        col=1,
        hovertemplate="%{y} at %{x} %: %{z}<extra></extra>",
    )
    told = ""
    if skeleton is not None:
        for column, (k, names) in enumerate(zip(moments, heaviest, strict=True), start=1):
            add_skeleton(plot, skeleton, k / (attention.shape[0] - 1), names, REFINED, PALE, column)
        told = f" Skeleton: {skeleton.sequence}, its ten heaviest muscles at 0, 50 and 100 % of a cycle."
    styled(plot, 1000 if drawn else 560, margin={"l": 110, "r": 20, "t": 30, "b": 20})
    plot.update_xaxes(title="gait cycle [%]", row=1, col=1)
    plot.update_yaxes(autorange="reversed", tickfont={"size": 9}, row=1, col=1)
    words = "; ".join(
        f"{round(100 * k / (attention.shape[0] - 1))} %: "
        + ", ".join(name.removeprefix("LU_").removeprefix("TL_") for name in names)
        for k, names in zip(moments, heaviest, strict=True)
    )
    return (
        "Attention over muscles",
        plot,
        f"{AllEntire.title}, {said(channel)}: how much each sample of the output "
        f"attends to each muscle (_r: side of the electrodes), mean over people who were left out; the forty "
        f"heaviest. Ten heaviest at {words}.{told} As figure 7 of the paper.",
    )


def _shortcut(rows: Rows) -> tuple[str, go.Figure, str]:
    channels = list(dict.fromkeys(str(row["channel"]) for row in rows))
    plot = go.Figure()
    for name in METHODS:
        own = {row["channel"]: row for row in rows if row["method"] == name}
        there = [each for each in channels if each in own]
        plot.add_bar(
            x=[said(each) for each in there],
            y=rounded(100 * own[each]["own_change"] for each in there),
            name=METHODS[name].title,
            marker={"color": colour(name)},
            text=["" if own[each]["own_p"] is None else f"p {own[each]['own_p']:.3f}" for each in there],
            textposition="none",
            hovertemplate="%{y} %, %{text}<extra>%{x}</extra>",
        )
    plot.add_hline(y=0, line={"color": SOFT, "width": 1})
    styled(plot, 400, legend={"orientation": "h", "y": -0.25, "x": 0, "yanchor": "top"})
    plot.update_yaxes(title="change of the error [%]")
    return (
        "Shortcut test",
        plot,
        "Inputs of changed frequency and phase, against what was measured: how much larger "
        "the error of a method is than with the input as it is. One that has learned a curve of time alone, as the "
        "mean EMG, does not notice. Over the simulation, as the paper has it (+48 %): shortcut.parquet.",
    )


def _learning(rows: Rows, most: int) -> tuple[str, go.Figure, str]:
    channels = list(dict.fromkeys(str(row["channel"]) for row in rows))
    plot, places = _grid(channels, 4, shared_xaxes=True)
    for name in CURVE:
        for c, (channel, (row, column)) in enumerate(zip(channels, places, strict=True)):
            own = sorted(
                (each["people"], each["rmse"]) for each in rows if (each["method"], each["channel"]) == (name, channel)
            )
            plot.add_scatter(
                x=[people for people, _ in own],
                y=rounded(value for _, value in own),
                mode="lines+markers",
                name=METHODS[name].title,
                legendgroup=name,
                showlegend=c == 0,
                line={"color": colour(name), "width": 1.5},
                marker={"size": 5},
                row=row,
                col=column,
            )
    styled(plot, 160 + 170 * -(-len(places) // 4), legend={"orientation": "h", "y": -0.15, "x": 0, "yanchor": "top"})
    plot.update_annotations(font={"size": 12, "color": SOFT})
    plot.update_yaxes(rangemode="tozero")
    return (
        "Error and number of people",
        plot,
        f"Mean error on the person left out, learned from up to {most} others "
        "(x axis). A line that still falls at its end asks for more people. Source: learning_curve.parquet.",
    )
