"""How figures look: colours that colour-blind readers can tell apart, and one layout for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import plotly.graph_objects as go

# The page has the same ones (report/template/decode.js, charts.js).
STATUS = {
    "accepted": "#2a9d6f",
    "discarded": "#e0932f",
    "excluded_contact": "#7a6fc9",
    "failed": "#cf4646",
    "pending": "#9aa5b1",
}
SIDE = {"l": "#6b3fa0", "r": "#12806a"}
INK, SOFT, PALE, LINE, MAIN = "#1d2733", "#5b6775", "#c3ccd6", "#dde3ea", "#5b84b1"
# Okabe and Ito 2008 without its yellow, which is faint on white, then the darkest of Tol's muted scheme.
CATEGORIES = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#d55e00",
    "#cc79a7",
    "#56b4e9",
    "#332288",
    "#999933",
    "#882255",
    "#117733",
    "#aa4499",
    "#6b4f2a",
)
OTHER = "#b4bcc6"
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "triangle-up",
    "cross",
    "x",
    "star",
    "triangle-down",
    "pentagon",
    "hourglass",
    "hexagram",
    "bowtie",
)

_AXIS = {
    "gridcolor": LINE,
    "linecolor": SOFT,
    "zeroline": False,
    "automargin": True,
    "ticks": "outside",
    "tickcolor": LINE,
}


def styled(plot: go.Figure, height: int, **layout: Any) -> go.Figure:
    """The figure with the common look, `height` px high, and the given parts of a layout; returns the same figure."""
    plot.update_layout(
        template=None,
        height=height,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 12, "color": INK},
        hovermode="closest",
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": "#9aa5b1", "activecolor": INK},
        margin={"l": 60, "r": 20, "t": 40, "b": 50},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    plot.update_xaxes(**_AXIS)
    plot.update_yaxes(**_AXIS)
    return plot.update_layout(**layout)


def rounded(values: Iterable[float], digits: int = 4) -> list[float | None]:
    """Plain numbers with so many significant digits, None where there is no value: short JSON that anyone can read."""
    return [None if value != value else float(f"{value:.{digits}g}") for value in values]


def padded(low: float, high: float, least: float) -> list[float]:
    """Range of an axis: the values with a margin, at least `least` wide."""
    margin = max(0.06 * (high - low), 0.5 * (least - (high - low)))
    return [low - margin, high + margin]
