"""The report stage: one HTML page that works from the file system, without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from plotly.offline import get_plotlyjs

import mint
from mint.config.report import ReportConfig
from mint.core.atomic import write_text
from mint.core.status import Status
from mint.dataset.frames import read_table
from mint.dataset.ledger import LEDGER_COLUMNS
from mint.dataset.notes import NOTES
from mint.dataset.quality_schema import CHUNKS, SEQUENCES
from mint.drawing.places import shown_sequences
from mint.figures.build import read as read_figures
from mint.report import overview
from mint.report import quality as quality_part
from mint.report.figure import add_drawings
from mint.report.lineage import lineage_payload
from mint.report.markers import registered_markers
from mint.report.measured import measured_figures
from mint.report.motion import sequence_payload
from mint.sequence.outcome import STAGES

_SCRIPTS = (
    "decode.js",
    "raster.js",
    "body.js",
    "figure.js",
    "charts.js",
    "figures.js",
    "quality.js",
    "lineage.js",
    "facts.js",
    "player.js",
)


def run(plan: Mapping[str, Any], results_dir: str | Path, output_html: str | Path, config: ReportConfig) -> Path:
    """Write the page from the plan, `ledger.parquet`, the dataset's tables of quality, figures and merged sequences.

    Missing or damaged tables and sequences leave their part of the page empty; traces are read of the sequences that
    the page shows. Raises ValueError for an unknown `muscle_subset` only.
    """
    results, output = Path(results_dir), Path(output_html)
    dataset = results / "dataset"
    ledger, quality = read_table(results / "ledger.parquet"), CHUNKS.read(dataset)
    sequence_table = SEQUENCES.read(dataset)
    limits = quality_part.read_limits(dataset / f"{CHUNKS.name}.parquet")
    ledger = ledger.reindex(columns=list(LEDGER_COLUMNS)) if not len(ledger) else ledger
    ledger = overview.with_seconds(ledger, quality)
    sequences = _sequences(plan, results, config)
    notes = NOTES.read(dataset)
    for each in sequences:
        each["notes"] = list(notes.loc[notes["sequence_id"] == each["id"], "text"]) if len(notes) else []
    bodies = add_drawings(sequences, plan, results)
    figures = [*read_figures(results), *measured_figures(results, sequences)]
    payload = {
        "totals": overview.totals(ledger),
        "coverage": overview.coverage(ledger, plan),
        "quality": quality_part.quality_payload(quality, limits),
        "quality_sequences": quality_part.sequence_rows(sequence_table),
        "force_scale_N_per_m": config.force_scale_N_per_m,
        "stage_seconds": _stage_seconds(quality),
    }
    page = _template("page.html").render(
        title=config.title,
        version=mint.__version__,
        totals=payload["totals"],
        reasons=overview.by_reason(ledger),
        rows=overview.rows_of(ledger, quality, config.max_ledger_rows),
        faults=quality_part.fault_rows(quality, limits),
        row_count=len(ledger),
        shown=len(sequences),
        subset=config.muscle_subset,
        with_rows=ledger.loc[ledger["status"] == Status.ACCEPTED, "sequence_id"].nunique(),
        statuses=[s.value for s in overview.STATUSES],
        payload=_json(payload),
        lineage=_json(lineage_payload(results, [s["id"] for s in sequences])),
        sequences=[{"title": s["title"], "json": _json(s)} for s in sequences],
        bodies=[_json(body) for body in bodies],
        registered=registered_markers(results, (plan["sequences"][s["id"]]["subject_id"] for s in sequences)),
        figures=figures,
        drawings=_json({entry["name"]: entry["figure"] for entry in figures if entry["figure"]}),
        plotly=get_plotlyjs(),
        style=_source("style.css"),
        scripts=[_source(name) for name in _SCRIPTS],
    )
    write_text(output, page)
    return output


def _sequences(plan: Mapping[str, Any], results: Path, config: ReportConfig) -> list[dict[str, Any]]:
    """Payloads of the sequences that the page shows."""
    shown: list[dict[str, Any]] = []
    for name, bundle in shown_sequences(plan, results, config.max_sequences):
        record = plan["sequences"][name]
        title = f"{record['dataset']} / {record['subject']} / {name}"
        try:
            shown.append(sequence_payload(title, bundle, config))
        except (KeyError, IndexError, TypeError) as error:
            print(f"sequence.npz of {name} is not what merge writes and is left out of the page: {error!r}")
    return shown


def _stage_seconds(quality: pd.DataFrame) -> dict[str, float]:
    """Total wall time of each stage over all chunks, s."""
    columns = [f"{stage}_wall_s" for stage in STAGES]
    return {name: round(float(quality[name].sum()), 1) for name in columns if name in quality}


def _json(value: Any) -> str:
    """JSON that is safe inside a script element."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _source(name: str) -> str:
    return files("mint.report").joinpath("template", name).read_text(encoding="utf-8")


def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_source(name))
