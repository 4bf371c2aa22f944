"""Figures of the benchmark: errors beside the floors, actions, muscles, curves of random windows, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mint.core.bundle import Bundle
from mint.core.tables import table
from mint.dataset.schema import TableSchema
from mint.figures.look import CATEGORIES, INK, PALE, SOFT, rounded, styled
from mint.learning.benchmark.markdown import GROUPS
from mint.learning.benchmark.names import ABLATION_TITLES, FLOOR_TITLES, NETWORK_TITLES, OURS, TRANSFORMER, title_of
from mint.learning.benchmark.tables import LEARNING, MUSCLE_SCORES, RESULTS
from mint.learning.data.windows import LENGTH
from mint.learning.motion.joints import RATE_HZ
from mint.learning.page import write_figure

Rows = Sequence[Mapping[str, Any]]
# Muscles of the curves: those of the paper's figures; of others the ones that move most.
_CURVES = 6
_WINDOWS = 4


def write_figures(
    rows: Mapping[TableSchema, Rows], judged: Mapping[tuple[str, int], Bundle], folder: Path
) -> list[dict[str, Any]]:
    """Write all figures that there are results for, and return their entries in order."""
    results = rows[RESULTS]
    drawn = {
        "errors": _errors(results),
        "actions": _actions(results),
        "muscles": _muscles(rows[MUSCLE_SCORES]),
        "curves": _curves(judged),
        "ablations": _ablations(results),
        "learning": _learning(rows[LEARNING]),
    }
    return [write_figure(folder, name, *each) for name, each in drawn.items() if each is not None]


def colour(entry: str) -> str:
    """The colour of an entry in all figures: floors are pale."""
    if entry in FLOOR_TITLES:
        return PALE
    names = [*NETWORK_TITLES, *ABLATION_TITLES]
    return CATEGORIES[names.index(entry) % len(CATEGORIES)]


def _errors(results: Rows) -> tuple[str, go.Figure, str]:
    found = {(row["entry"], row["muscles"]): row for row in results if not row["action"]}
    entries = [name for name in (*FLOOR_TITLES, *NETWORK_TITLES) if (name, "all") in found]
    groups = [group for group in GROUPS if (entries[0], group) in found]
    plot = make_subplots(rows=1, cols=2, subplot_titles=["RMSE [1]", "Pearson's correlation"], horizontal_spacing=0.08)
    for entry in entries:
        for column, number in enumerate(("rmse", "pcc"), start=1):
            plot.add_bar(
                x=[GROUPS[group] for group in groups],
                name=title_of(entry),
                legendgroup=entry,
                y=rounded(_nan(found[entry, group][number]) for group in groups),
                showlegend=column == 1,
                error_y={
                    "type": "data",
                    "thickness": 1,
                    "width": 0,
                    "color": SOFT,
                    "array": rounded(_nan(found[entry, group][f"{number}_sd"]) for group in groups),
                },
                marker={"color": colour(entry), "line": {"color": SOFT, "width": 0.5}},
                row=1,
                col=column,
            )
    styled(plot, 460, legend={"orientation": "h", "y": -0.18, "x": 0, "yanchor": "top"})
    plot.update_annotations(font={"size": 12, "color": SOFT})
    return (
        "Errors of networks and floors",
        plot,
        "Test windows, mean over seeds with its standard deviation. Pale "
        "bars are floors: what is reached without a network. A floor that does not move has no correlation. "
        "Source: results.parquet.",
    )


def _actions(results: Rows) -> tuple[str, go.Figure, str] | None:
    found = {(row["entry"], row["action"]): row for row in results if row["muscles"] == "all" and row["action"]}
    actions = sorted({action for _, action in found})
    if not actions:
        return None
    plot = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for entry in (*FLOOR_TITLES, *NETWORK_TITLES):
        own = [found.get((entry, action)) for action in actions]
        for row, number in enumerate(("rmse", "pcc"), start=1):
            plot.add_scatter(
                x=actions,
                y=rounded(_nan(each[number] if each else None) for each in own),
                mode="markers",
                name=title_of(entry),
                legendgroup=entry,
                showlegend=row == 1,
                marker={"color": colour(entry), "size": 9, "line": {"color": SOFT, "width": 0.5}},
                row=row,
                col=1,
            )
    styled(plot, 560, legend={"orientation": "h", "y": -0.12, "x": 0, "yanchor": "top"})
    plot.update_yaxes(title="RMSE [1]", row=1)
    plot.update_yaxes(title="correlation", row=2)
    return (
        "Errors by action",
        plot,
        "All muscles, in the test windows of an action or a group of activities. Source: results.parquet.",
    )


def _muscles(scores: Rows) -> tuple[str, go.Figure, str] | None:
    own = {row["muscle"]: row for row in scores if row["entry"] == OURS}
    other = {row["muscle"]: row for row in scores if row["entry"] == TRANSFORMER}
    both = [muscle for muscle in own if muscle in other]
    if not both:
        return None
    plot = make_subplots(rows=1, cols=2, subplot_titles=["RMSE [1]", "Pearson's correlation"], horizontal_spacing=0.08)
    for column, number in enumerate(("rmse", "pcc"), start=1):
        for prefix, name, ink in (("LU_", "lower body", CATEGORIES[0]), ("TL_", "trunk", CATEGORIES[3])):
            some = [muscle for muscle in both if muscle.startswith(prefix)]
            plot.add_scatter(
                x=rounded(_nan(other[each][number]) for each in some),
                mode="markers",
                name=name,
                y=rounded(_nan(own[each][number]) for each in some),
                text=some,
                legendgroup=name,
                showlegend=column == 1,
                marker={"color": ink, "size": 5, "opacity": 0.7},
                row=1,
                col=column,
                hovertemplate="%{text}: %{x} and %{y}<extra></extra>",
            )
        values = [_nan(each[number]) for rows in (own, other) for each in rows.values()]
        ends = [float(np.nanmin(values)), float(np.nanmax(values))] if np.isfinite(values).any() else [0.0, 1.0]
        plot.add_scatter(
            x=ends,
            y=ends,
            mode="lines",
            line={"color": SOFT, "width": 1},
            showlegend=False,
            row=1,
            col=column,
            hoverinfo="skip",
        )
    styled(plot, 460)
    plot.update_xaxes(title=title_of(TRANSFORMER))
    plot.update_yaxes(title=title_of(OURS), col=1)
    plot.update_annotations(font={"size": 12, "color": SOFT})
    return (
        "Muscle by muscle",
        plot,
        "Each muscle in all test windows, transformer and ours; on the line both are as "
        "good. Source: muscle_scores.parquet.",
    )


def _curves(judged: Mapping[tuple[str, int], Bundle]) -> tuple[str, go.Figure, str] | None:
    good = {entry: bundle for (entry, number), bundle in judged.items() if number == 0 and bundle.ok}
    shown = [name for name in NETWORK_TITLES if name in good]
    if not shown:
        return None
    first = good[shown[0]]
    muscles = first.names("muscles")
    wanted = [str(name) for name in table("muscle_subsets")["mint_column"].drop_duplicates()]
    chosen = [name for name in wanted if name in muscles and name.endswith("_r")][:_CURVES]
    moving = np.argsort(-first["simulated"].std(axis=1).mean(axis=0))
    chosen += [muscles[i] for i in moving if muscles[i].startswith("TL_")][: _CURVES - len(chosen)] or []
    windows = range(min(_WINDOWS, len(first["shown_k"])))
    at = rounded(np.arange(LENGTH) / RATE_HZ)
    titles = [f"{first.names('shown_sequence')[w]}, {first['shown_k'][w] / RATE_HZ:.2f} s" for w in windows]
    plot = make_subplots(
        rows=len(chosen),
        cols=len(windows),
        shared_xaxes=True,
        shared_yaxes="rows",
        column_titles=titles,
        vertical_spacing=0.02,
        horizontal_spacing=0.02,
    )
    for row, muscle in enumerate(chosen, start=1):
        c = muscles.index(muscle)
        for w in windows:
            lines = [("simulated", first["simulated"][w, :, c], INK)]
            lines += [(title_of(name), good[name]["predicted"][w, :, c], colour(name)) for name in shown]
            for name, values, ink in lines:
                plot.add_scatter(
                    x=at,
                    y=rounded(values),
                    mode="lines",
                    name=name,
                    legendgroup=name,
                    showlegend=row == 1 and w == 0,
                    row=row,
                    col=w + 1,
                    line={"color": ink, "width": 2 if name == "simulated" else 1.2},
                    hovertemplate=f"{name} %{{y}} at %{{x}} s<extra>{muscle}</extra>",
                )
        plot.update_yaxes(title={"text": muscle.partition("_")[2], "font": {"size": 10, "color": SOFT}}, row=row, col=1)
    styled(
        plot,
        140 + 110 * len(chosen),
        legend={"orientation": "h", "y": -0.1, "x": 0, "yanchor": "top"},
        margin={"l": 90, "r": 20, "t": 40, "b": 60},
    )
    plot.update_xaxes(title="time [s]", row=len(chosen))
    plot.update_annotations(font={"size": 11, "color": SOFT})
    return (
        "Predicted and simulated activity",
        plot,
        "Windows of test sequences, drawn by a seed, first seed of each "
        "network. As figures 6 and 11 to 17 of the paper.",
    )


def _ablations(results: Rows) -> tuple[str, go.Figure, str] | None:
    found = {row["entry"]: row for row in results if row["muscles"] == "all" and not row["action"]}
    names = [name for name in ABLATION_TITLES if name in found]
    if OURS not in found or not names:
        return None
    plot = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=["change of RMSE [%]", "change of correlation"],
    )
    whole = found[OURS]
    changes = (
        [100 * (found[name]["rmse"] / whole["rmse"] - 1) for name in names],
        [_nan(found[name]["pcc"]) - _nan(whole["pcc"]) for name in names],
    )
    for column, values in enumerate(changes, start=1):
        plot.add_bar(
            y=[ABLATION_TITLES[name] for name in names],
            x=rounded(values),
            orientation="h",
            showlegend=False,
            marker={"color": colour(OURS)},
            row=1,
            col=column,
        )
    styled(plot, 160 + 34 * len(names), margin={"l": 210, "r": 20, "t": 40, "b": 40})
    plot.update_yaxes(autorange="reversed")
    plot.update_annotations(font={"size": 12, "color": SOFT})
    return (
        "What each choice is worth",
        plot,
        "Ours with one choice taken back, against ours; one seed each. Source: results.parquet.",
    )


def _learning(rows: Rows) -> tuple[str, go.Figure, str] | None:
    names = [name for name in NETWORK_TITLES if any(row["entry"] == name for row in rows)]
    if not names:
        return None
    plot = go.Figure()
    for name in names:
        for number in sorted({row["number"] for row in rows if row["entry"] == name}):
            own = [row for row in rows if row["entry"] == name and row["number"] == number]
            plot.add_scatter(
                x=[row["iteration"] for row in own],
                y=rounded(row["val_rmse"] for row in own),
                mode="lines",
                name=title_of(name),
                legendgroup=name,
                showlegend=number == 0,
                line={"color": colour(name), "width": 1.5},
            )
    styled(plot, 420)
    plot.update_xaxes(title="iterations")
    plot.update_yaxes(title="RMSE in validation windows [1]")
    return (
        "Learning curves",
        plot,
        "A line for each seed. The weights of the least error are used. Source: learning_curves.parquet.",
    )


def _nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)
