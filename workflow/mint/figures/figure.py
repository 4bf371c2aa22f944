"""What a figure is: a drawing, the numbers behind it, and a text that says what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from mint.config.figures import FiguresConfig
from mint.core.atomic import atomic_path, write_text
from mint.dataset.parquet import write_table
from mint.dataset.schema import TableSchema
from mint.figures.data import Data


class NoData(Exception):
    """A figure cannot be drawn; the message is a sentence that says why."""


@dataclass(frozen=True)
class Drawn:
    """A drawing, its caption (what, units, n, source) and the rows of its table of numbers."""

    plot: go.Figure
    caption: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Kind:
    """A figure that can be made of a dataset. `make` raises `NoData` where what it needs is not there."""

    title: str
    numbers: TableSchema
    make: Callable[[Data, FiguresConfig], Drawn]

    @property
    def name(self) -> str:
        """Stem of the figure's files, the same as that of its table of numbers."""
        return self.numbers.name

    def write(self, data: Data, config: FiguresConfig, folder: Path) -> None:
        """Write `<name>.json` and `<name>.parquet`, each whole or not at all.

        The JSON has `name, title, caption, why, figure`; `figure` is what `plotly.graph_objects.Figure` takes, or
        null, and then `why` is a sentence and the table has no rows.
        """
        entry: dict[str, Any] = {"name": self.name, "title": self.title, "caption": "", "why": "", "figure": None}
        rows: Sequence[Mapping[str, Any]] = []
        try:
            drawn = self.make(data, config)
        except NoData as reason:
            entry["why"] = str(reason)
        else:
            rows = drawn.rows
            entry |= {"caption": drawn.caption, "figure": json.loads(drawn.plot.to_json())}
        with atomic_path(folder / f"{self.name}.parquet") as temporary:
            write_table(self.numbers.arrow(rows), temporary, "zstd")
        write_text(folder / f"{self.name}.json", json.dumps(entry, sort_keys=True, allow_nan=False))
