"""How active each muscle strand is: histograms of areas under activation curves (paper, figure 5, right)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from mint.config.figures import FiguresConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.tables import mint_columns, table
from mint.dataset.schema import Column, TableSchema
from mint.figures.data import Data, records
from mint.figures.figure import Drawn, Kind, NoData
from mint.figures.look import CATEGORIES, MAIN, rounded, styled

NUMBERS = TableSchema(
    "areas",
    "a muscle strand that has values",
    (
        Column("mint_column", "text", "1", "name of the strand's column"),
        Column("position", "int", "1", "place in the figure, from the smallest median", low=0),
        Column("windows", "int", "1", "windows whose area is known", low=1),
        Column("median_s", "float", "s", "median of the areas", low=0),
        Column("p05_s", "float", "s", "their 5th percentile", low=0),
        Column("p95_s", "float", "s", "their 95th percentile", low=0),
        Column("maximum_s", "float", "s", "largest area", low=0),
    ),
    ("mint_column",),
)
REGIONS = {"lower_limb": ("lower limb", CATEGORIES[3]), "trunk": ("trunk", MAIN)}
FEW_BINS = 20  # of few windows: narrower ones would be empty or hold one
MEDIAN_COLOUR = "#d81b60"
STEPS = (1, 2, 5)  # of a decade, for ticks


def window_areas(data: Data, window_s: float) -> NDArray[np.float64]:
    """Areas (windows, 402) under the activation curves, s: sum over the frames times 0.02 s; NaN where not modelled."""
    windows = data.windows(window_s)
    areas = [values.sum(axis=0, dtype=np.float64) / FRAME_RATE_HZ for _, values in data.activations(windows, window_s)]
    return np.array(areas).reshape(len(areas), len(mint_columns()))


def strand_rows(areas: NDArray[np.float64]) -> pd.DataFrame:
    """One row per strand that has values, sorted by median; strands with equal medians in MinT's order."""
    known = np.flatnonzero(np.isfinite(areas).any(axis=0))
    if not len(known):
        return pd.DataFrame(columns=NUMBERS.names)
    own = areas[:, known]
    p05, median, p95 = np.nanquantile(own, [0.05, 0.5, 0.95], axis=0)
    rows = pd.DataFrame(
        {
            "mint_column": np.array(mint_columns(), dtype=object)[known],
            "windows": np.isfinite(own).sum(axis=0),
            "median_s": median,
            "p05_s": p05,
            "p95_s": p95,
            "maximum_s": np.nanmax(own, axis=0),
        }
    )
    rows = rows.sort_values("median_s", kind="stable").reset_index(drop=True)
    rows.insert(1, "position", np.arange(len(rows)))
    return rows


def histograms(areas: NDArray[np.float64], strands: list[str], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Windows (bins, strands) whose area is in each bin; what lies beyond the edges counts in the first or last bin."""
    columns = mint_columns()
    out = np.zeros((len(edges) - 1, len(strands)), dtype=np.int64)
    for at, name in enumerate(strands):
        values = areas[:, columns.index(name)]
        out[:, at] = np.histogram(np.clip(values[np.isfinite(values)], edges[0], edges[-1]), edges)[0]
    return out


def make(data: Data, config: FiguresConfig) -> Drawn:
    """An image with one column per strand, sorted by median; colour is the number of windows on a logarithmic scale."""
    areas = window_areas(data, config.window_s)
    rows = strand_rows(areas)
    if not len(rows):
        raise NoData(f"No sequence has {config.window_s:g} s of activations without gap.")
    # Activations have a floor near zero and most strands stay at it: only a logarithmic axis tells them apart.
    low, high = max(float(rows["p05_s"].min()), 1e-4), max(float(rows["maximum_s"].max()), 2e-4)
    edges = np.geomspace(low, 1.001 * high, min(config.area_bins, max(len(areas), FEW_BINS)) + 1)
    names = [str(name) for name in rows["mint_column"]]
    plot = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.96, 0.04], vertical_spacing=0.012)
    _image(plot, names, edges, histograms(areas, names, edges))
    plot.add_scatter(
        x=names,
        y=rounded(rows["median_s"]),
        mode="lines",
        name="median",
        line={"color": MEDIAN_COLOUR, "width": 2},
        hovertemplate="%{x}: median %{y:.3g} s<extra></extra>",
        row=1,
        col=1,
    )
    _regions(plot, names)
    styled(plot, 480, bargap=0)
    plot.update_xaxes(showticklabels=False, showgrid=False, ticks="", type="category")
    plot.update_xaxes(title=f"{len(names)} muscle strands, sorted by median", row=2, col=1)
    plot.update_yaxes(
        title=f"area in {config.window_s:g} s [s]",
        type="log",
        tickvals=_ticks(edges),
        showgrid=False,
        range=[float(np.log10(edges[0])), float(np.log10(edges[-1]))],
        row=1,
        col=1,
    )
    plot.update_yaxes(visible=False, row=2, col=1)
    return Drawn(plot, _caption(areas, rows, config), records(rows))


def _caption(areas: NDArray[np.float64], rows: pd.DataFrame, config: FiguresConfig) -> str:
    missing = areas.shape[1] - len(rows)
    small = int((rows["median_s"] < 0.05).sum())
    return (
        f"Area under the activation curve of each muscle strand in {len(areas)} windows of {config.window_s:g} s; "
        f"activation is 0 to 1, an area at most {config.window_s:g} s. Each column is the histogram of one strand, "
        f"sorted by median; colour is the number of windows. {small} of {len(rows)} medians are below 0.05 s."
        + (f" {missing} strands are not in the model and are left out." if missing else "")
        + " Source: muscle_activations.parquet of all sequences."
    )


def _image(plot: go.Figure, names: list[str], edges: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
    most = max(1, int(counts.max()))
    ticks = [n for n in (a * 10**b for b in range(7) for a in STEPS) if n <= most]
    logarithms = [[None if n == 0 else round(float(np.log10(n)), 3) for n in line] for line in counts]
    plot.add_heatmap(
        x=names,
        y=rounded(edges, 5),
        z=logarithms,
        customdata=counts.tolist(),
        hoverongaps=False,
        hovertemplate="%{x}: %{customdata} windows near %{y:.2g} s<extra></extra>",
        colorscale="Viridis",
        zmin=0,
        zmax=max(0.3, float(np.log10(most))),
        colorbar={
            "title": {"text": "windows"},
            "tickvals": [float(np.log10(n)) for n in ticks],
            "ticktext": [str(n) for n in ticks],
            "len": 0.9,
            "y": 0.55,
            "thickness": 14,
        },
        row=1,
        col=1,
    )


def _regions(plot: go.Figure, names: list[str]) -> None:
    """A strip below the image: which strands are of the legs, which of the trunk."""
    region = dict(zip(table("muscles_402")["mint_column"], table("muscles_402")["region"], strict=True))
    for key, (label, colour) in REGIONS.items():
        own = [name for name in names if region[name] == key]
        plot.add_bar(
            x=own,
            y=[1] * len(own),
            name=label,
            marker={"color": colour, "line": {"width": 0}},
            width=1,
            hovertemplate=f"%{{x}}: {label}<extra></extra>",
            row=2,
            col=1,
        )


def _ticks(edges: NDArray[np.float64]) -> list[float]:
    return [t for t in (float(f"{a}e{b}") for b in range(-5, 2) for a in STEPS) if edges[0] <= t <= edges[-1]]


KIND = Kind("Areas under the activation curves of all muscle strands", NUMBERS, make)
