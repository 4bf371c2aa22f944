"""Measured and simulated curves of the sequences that the page shows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from mint.batch.check import OUTPUT
from mint.compare.columns import CHANNEL, STANCE, rows_of
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import StageError
from mint.figures.look import INK, SIDE, SOFT, rounded, styled

_FEET = (("r", SIDE["r"]), ("l", SIDE["l"]), ("both", INK))
_MOST_CHANNELS = 8
_ROW_PX = 110
Floats = NDArray[Any]
# What a line shows, its colour, its values, whether it was measured; a panel is its label and its lines.
_Line = tuple[str, str, Floats, bool]
_Panel = tuple[str, list[_Line]]


def measured_figures(results: Path, sequences: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """An entry as `mint.figures.build.read` gives them for each of the shown `sequences` (payloads with id and title)
    that was measured; a bundle that is not what the stage compare writes is printed and left out."""
    for number, shown in enumerate(sequences):
        path = results / "sequences" / shown["id"] / OUTPUT["compare"]
        try:
            bundle = Bundle.read(path) if path.exists() else None
            plot, caption = (None, "") if bundle is None or not bundle.ok else curves(bundle)
        except (StageError, KeyError, ValueError, IndexError, TypeError) as error:
            print(f"{path} is not what the stage compare writes and is left out of the page: {error!r}")
            continue
        if plot is not None:
            title = f"Measured and simulated: {shown['title']}"
            yield {
                "name": f"measured_{number}",
                "title": title,
                "caption": caption,
                "why": "",
                "figure": json.loads(plot.to_json()),
            }


def curves(bundle: Bundle) -> tuple[go.Figure | None, str]:
    """Forces, centre of pressure and up to eight channels over time, measured dotted; None where nothing was
    compared."""
    panels: list[_Panel] = []
    feet = [
        i
        for i in range(len(_FEET))
        if "curve_measured_bw" in bundle and np.isfinite(bundle["curve_measured_bw"][:, i]).any()
    ]
    if feet:
        for k, name in enumerate(("vertical", "fore-aft", "lateral")):
            panels.append((f"{name}<br>[body weight]", _pairs(bundle, "bw", k, feet)))
        for k, name in enumerate(("fore-aft", "lateral")):
            panels.append((f"pressure<br>{name} [m]", _pairs(bundle, "cop_m", k, feet)))
    rows = {row["channel"]: row for row in rows_of(CHANNEL, bundle) if not row["left_out"]}
    names = [name for name in bundle.names("curve_channels") if name in rows][:_MOST_CHANNELS]
    for name in names:
        at = bundle.names("curve_channels").index(name)
        measured, simulated = bundle["curve_envelope"][at], bundle["curve_activation"][at]
        if rows[name]["rmse"] is None and np.nanmax(measured) > 0:  # volts: drawn as a share of their largest value
            measured = measured / np.nanmax(measured)
        colour = SIDE.get(name[-1], INK)
        label = name.replace("_", "<br>")
        panels.append((label, [(name, colour, measured, True), (name, colour, simulated, False)]))
    if not panels:
        return None, ""
    return _drawn(bundle, panels), _caption(bundle, names, rows)


def _pairs(bundle: Bundle, unit: str, k: int, feet: Sequence[int]) -> list[_Line]:
    return [
        (
            f"foot {_FEET[i][0]}" if _FEET[i][0] != "both" else "both feet",
            _FEET[i][1],
            bundle[f"curve_{what}_{unit}"][:, i, k],
            what == "measured",
        )
        for i in feet
        for what in ("measured", "simulated")
    ]


def _drawn(bundle: Bundle, panels: Sequence[_Panel]) -> go.Figure:
    frames = np.asarray(bundle["frames"])
    # A line never bridges missing frames.
    cuts = np.flatnonzero(np.diff(frames) != 1) + 1
    time_s = rounded(np.insert((frames / FRAME_RATE_HZ).astype(float), cuts, np.nan), 6)
    plot = make_subplots(rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.25 / len(panels))
    for row, (label, lines) in enumerate(panels, start=1):
        for name, colour, values, dotted in lines:
            what = "measured" if dotted else "simulated"
            drawn = rounded(np.insert(np.asarray(values, dtype=float), cuts, np.nan))
            plot.add_scatter(
                x=time_s,
                y=drawn,
                mode="lines",
                name=what,
                legendgroup=what,
                showlegend=row == 1 and name == lines[0][0],
                line={"color": colour, "width": 1.6, "dash": "dot" if dotted else "solid"},
                hovertemplate=f"{name}, {what}: %{{y}} at %{{x}} s<extra></extra>",
                row=row,
                col=1,
            )
        plot.update_yaxes(title={"text": label, "font": {"size": 10, "color": SOFT}}, nticks=4, row=row, col=1)
    styled(plot, 90 + _ROW_PX * len(panels))
    return plot.update_xaxes(title="time [s]", row=len(panels), col=1)


def _caption(bundle: Bundle, names: Sequence[str], rows: dict[str, dict[str, Any]]) -> str:
    stances = [row for row in rows_of(STANCE, bundle) if not row["left_out"]]
    out = ["Dotted: measured; lines: simulated."]
    if stances:
        force = ", ".join(_median(stances, f"{name}_rmse_bw", 100, 1) for name in ("vertical", "fore_aft", "lateral"))
        pressure = ", ".join(_median(stances, f"cop_{name}_rmse_mm", 1, 0) for name in ("fore_aft", "lateral"))
        out.append(
            "Right foot green, left foot violet, both together dark; fore-aft and lateral relative to the way "
            f"of the pelvis. Median rmse of {len(stances)} stances: vertical, fore-aft and lateral {force} % of "
            f"body weight; centre of pressure fore-aft and lateral {pressure} mm."
        )
    if any(row["given"] for row in stances):
        out.append("The simulation was given these forces (trajectory.ground_force: tracked): they do not judge it.")
    if names:
        told = ", ".join(f"{name} {_text(rows[name]['correlation'], 2)}" for name in names)
        out.append("Activation [1] and envelope of EMG, 1 at the person's largest value; correlation: " + told + ".")
    left = {**bundle.meta.get("left_out", {}), **bundle.meta.get("channels_left_out", {})}
    if left:
        out.append("Left out: " + ", ".join(f"{count} x {reason}" for reason, count in left.items()) + ".")
    return " ".join([*out, "Source: comparison.npz."])


def _median(rows: Sequence[dict[str, Any]], key: str, factor: float, digits: int) -> str:
    known = [row[key] for row in rows if row[key] is not None]
    return _text(factor * float(np.median(known)) if known else None, digits)


def _text(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
