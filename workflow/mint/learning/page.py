"""One offline page of what was learned: text and tables of a template, figures beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

import mint
from mint.core.atomic import write_text


def write_page(path: Path, package: str, entries: Sequence[Mapping[str, Any]], **told: Any) -> None:
    """Write the page of `template/page.html` of a package, with what it is told, and figures as entries."""
    folders = [files(name) / "template" for name in (package, "mint.learning")]
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FileSystemLoader([str(each) for each in folders]),
    )
    style = (files("mint.report") / "template" / "style.css").read_text(encoding="utf-8")
    write_text(
        path,
        environment.get_template("page.html").render(
            figures=entries,
            version=mint.__version__,
            style=style,
            plotly=get_plotlyjs() if entries else "",
            payload=_json(list(entries)),
            **told,
        ),
    )


def write_figure(folder: Path, name: str, title: str, plot: go.Figure, caption: str) -> dict[str, Any]:
    """Write `<name>.json` of a figure, as those of the report are, and return its entry."""
    entry = {"name": name, "title": title, "caption": caption, "why": "", "figure": json.loads(plot.to_json())}
    write_text(folder / f"{name}.json", json.dumps(entry, sort_keys=True, allow_nan=False))
    return entry


def _json(value: Any) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, sort_keys=True, allow_nan=False).replace("<", "\\u003c")
