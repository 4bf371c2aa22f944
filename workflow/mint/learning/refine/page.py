"""One offline page of the refinement: what was learned from, tables, figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from plotly.offline import get_plotlyjs

import mint
from mint.core.atomic import write_text
from mint.learning.refine.controls import MeanEmg, Simulation
from mint.learning.refine.registry import METHODS
from mint.learning.refine.tables import IMPROVEMENT, SHORTCUT, TUKEY


def write_page(path: Path, told: Mapping[str, Any], rows: Mapping[Any, Sequence[Mapping[str, Any]]],
               entries: Sequence[Mapping[str, Any]]) -> None:
    """Write the page from `refine.json`, rows of the tables and entries of the figures; without them it says why."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    folder = files("mint.learning.refine") / "template"
    page = environment.from_string((folder / "page.html").read_text(encoding="utf-8"))
    style = (files("mint.report") / "template" / "style.css").read_text(encoding="utf-8")
    write_text(path, page.render(
        told=told, methods=METHODS, improvement=_by_channel(rows.get(IMPROVEMENT, ())),
        conditions=rows.get(TUKEY, ()), shortcut=rows.get(SHORTCUT, ()), figures=entries, version=mint.__version__,
        style=style, plotly=get_plotlyjs() if entries else "", payload=_json(list(entries)),
        simulation=Simulation.name, mean=MeanEmg.name))


def _by_channel(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """For each channel the methods with their errors and both improvements."""
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        entry = out.setdefault(str(row["channel"]), {}).setdefault(str(row["method"]), dict(row))
        entry[f"over_{row['over']}"] = row
    return {channel: [methods[name] for name in METHODS if name in methods] for channel, methods in out.items()}


def _json(value: Any) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, sort_keys=True, allow_nan=False).replace("<", "\\u003c")
