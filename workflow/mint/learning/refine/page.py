"""One offline page of the refinement: what was learned from, tables, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.learning import page
from mint.learning.refine.controls import MeanEmg, Simulation
from mint.learning.refine.registry import METHODS
from mint.learning.refine.tables import IMPROVEMENT, SHORTCUT, TUKEY


def write_page(
    path: Path,
    told: Mapping[str, Any],
    rows: Mapping[Any, Sequence[Mapping[str, Any]]],
    entries: Sequence[Mapping[str, Any]],
) -> None:
    """Write the page from `refine.json`, rows of the tables and entries of the figures; without them it says why."""
    page.write_page(
        path,
        "mint.learning.refine",
        entries,
        told=told,
        methods=METHODS,
        improvement=_by_channel(rows.get(IMPROVEMENT, ())),
        conditions=rows.get(TUKEY, ()),
        shortcut=rows.get(SHORTCUT, ()),
        simulation=Simulation.name,
        mean=MeanEmg.name,
    )


def _by_channel(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """For each channel the methods with their errors and both improvements."""
    out: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        entry = out.setdefault(str(row["channel"]), {}).setdefault(str(row["method"]), dict(row))
        entry[f"over_{row['over']}"] = row
    return {channel: [methods[name] for name in METHODS if name in methods] for channel, methods in out.items()}
