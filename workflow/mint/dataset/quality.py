"""Tables of all that was planned: quality per chunk, per sequence, and per coordinate of a chunk; notes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mint.config.quality import QualityConfig
from mint.core.chunks import FRAME_RATE_HZ, Window, time_s
from mint.core.status import StageStatus, Status
from mint.dataset.measurements import measurement_warnings
from mint.dataset.notes import NOTES, note_rows
from mint.dataset.outcomes import ChunkOutcome, Outcomes, sequence_outcomes
from mint.dataset.parquet import METADATA_KEY, write_table
from mint.dataset.quality_limits import KINDS, Limit, faults, limits_of
from mint.dataset.quality_schema import CHUNKS, COORDINATES, MEASURES, SEQUENCES, SUMMARISED
from mint.dataset.schema import Column
from mint.sequence.outcome import STAGES

Row = dict[str, Any]
_SCHEMAS = (CHUNKS, SEQUENCES, COORDINATES, NOTES)
_AT_ONCE = 500  # sequences whose rows are Python objects at a time


def quality_tables(
    plan: Mapping[str, Any],
    results_dir: str | Path,
    config: QualityConfig,
    data_paths: Mapping[str, str],
    doubted: Mapping[str, str] | None = None,
) -> dict[str, pa.Table]:
    """`quality_chunks`, `quality_sequences`, `quality_coordinates` and `notes` as Arrow tables by name.

    Every sequence of `plan` is there, and every chunk planned of it; `data_paths` gives the folders of those that are
    in the dataset, `doubted` why the frame rate of a sequence is doubtful. The limits that `faults` is judged by are in
    the metadata of `quality_chunks`. A damaged result is a row of a lost chunk and never an error.
    """
    limits = limits_of(config)
    names = iter(sorted(plan["sequences"]))
    parts: dict[str, list[pa.Table]] = {schema.name: [] for schema in _SCHEMAS}
    while (some := list(islice(names, _AT_ONCE))) or not parts[CHUNKS.name]:
        rows: dict[str, list[Row]] = {name: [] for name in parts}
        for name in some:
            add_sequence(
                rows,
                name,
                plan["sequences"][name],
                Path(results_dir),
                data_paths.get(name),
                limits,
                (doubted or {}).get(name, ""),
            )
        for schema in _SCHEMAS:
            parts[schema.name].append(schema.arrow(rows[schema.name]))
    tables = {name: pa.concat_tables(some_parts) for name, some_parts in parts.items()}
    chunks = tables[CHUNKS.name]
    record = json.loads(chunks.schema.metadata[METADATA_KEY]) | {"limits": [limit.to_json() for limit in limits]}
    tables[CHUNKS.name] = chunks.replace_schema_metadata({METADATA_KEY: json.dumps(record, sort_keys=True)})
    return tables


def write_tables(tables: Mapping[str, pa.Table], folder: Path, compression: str = "zstd") -> None:
    """Write each table as `<folder>/<name>.parquet`."""
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet", compression)


def add_sequence(
    rows: Mapping[str, list[Row]],
    name: str,
    record: Mapping[str, Any],
    results: Path,
    data_path: str | None,
    limits: tuple[Limit, ...],
    doubt: str = "",
) -> None:
    """Add the rows of one sequence; `doubt` says why its frame rate is doubtful."""
    outcomes = sequence_outcomes(name, record, results)
    place = {"sequence_id": name, "data_path": data_path}
    chunks = [place | chunk_row(each, limits, doubt) for each in _planned(outcomes, record)]
    rows[CHUNKS.name].extend(chunks)
    measured = measurement_warnings(name, record, results)
    told = {"warnings": [*outcomes.warnings, *measured, *([doubt] if doubt else [])]}
    rows[SEQUENCES.name].append(place | sequence_row(record, outcomes.whole, chunks) | told)
    rows[NOTES.name].extend(note_rows(name, outcomes.notes))
    for each in outcomes.chunks:
        mine = place | {"chunk": each.window.chunk}
        rows[COORDINATES.name].extend(mine | row for row in coordinate_rows(each.coordinates))


def _planned(outcomes: Outcomes, record: Mapping[str, Any]) -> list[ChunkOutcome]:
    """Outcomes of all planned chunks: those of a sequence that failed as a whole share its status."""
    if outcomes.whole is None:
        return outcomes.chunks
    windows = [Window(**values) for values in record.get("windows") or []]
    return [ChunkOutcome(window, outcomes.whole, {}, [], {}, [], [], []) for window in windows]


def chunk_row(outcome: ChunkOutcome, limits: tuple[Limit, ...], doubt: str = "") -> Row:
    """A row of `quality_chunks` without its place."""
    window, status = outcome.window, outcome.status
    measures = {column.name: fitting(column, outcome.metrics.get(column.name)) for column in MEASURES}
    solver = outcome.stages.get("trajectory")
    tried = solver is not None and solver.stage == "trajectory"
    own = {stage: each for stage, each in outcome.stages.items() if each.stage == stage}
    return {
        "chunk": window.chunk,
        "frame_start": window.keep_start,
        "frame_stop": window.keep_stop,
        "t_start_s": time_s(window.keep_start),
        "t_stop_s": time_s(window.keep_stop),
        "status": status.status.value,
        "stage": status.stage,
        "reason": status.reason.value,
        "faults": faults(measures, status.status, status.reason, limits, doubted=bool(doubt)),
        "flags": outcome.flags,
        **measures,
        "iterations": status.iterations if tried else None,
        "attempts": status.attempt if tried else None,
        "wall_s": _seconds(each.wall_s for each in own.values()),
        "cpu_s": _seconds(each.cpu_s for each in own.values()),
        **{f"{stage}_wall_s": own[stage].wall_s if stage in own else None for stage in STAGES},
        "warnings": [*outcome.warnings, *([doubt] if doubt else [])],
    }


def sequence_row(record: Mapping[str, Any], whole: StageStatus | None, chunks: list[Row]) -> Row:
    """A row of `quality_sequences` without its place, from rows of its chunks."""
    accepted = [row for row in chunks if row["status"] == Status.ACCEPTED.value]
    duration = max(0.0, float(record.get("duration_s") or time_s(int(record.get("last_frame") or 0))))
    analysed = sum(row["frame_stop"] - row["frame_start"] for row in accepted) / FRAME_RATE_HZ
    out: Row = {
        "dataset": str(record.get("dataset") or ""),
        "subject": str(record.get("subject") or ""),
        "reason": "none" if whole is None else whole.reason.value,
        "duration_s": duration,
        "analysed_s": round(analysed, 2),
        "analysed_share": min(1.0, round(analysed / duration, 4)) if duration > 0 else 0.0,
        "faultless_s": round(
            sum(row["frame_stop"] - row["frame_start"] for row in accepted if not row["faults"]) / FRAME_RATE_HZ, 2
        ),
        "chunks": len(chunks),
        **{status: sum(row["status"] == status for row in chunks) for status in _STATUSES},
        "faulty": sum(bool(row["faults"]) for row in accepted),
        "faults": [kind for kind in KINDS if any(kind in row["faults"] for row in chunks)],
        "missing_s": missing(chunks),
        "wall_s": _seconds(row["wall_s"] for row in chunks),
    }
    for name in SUMMARISED:
        values = [abs(row[name]) for row in chunks if row[name] is not None]
        if values:
            out |= {f"{name}_worst": max(values), f"{name}_median": float(np.median(values))}
    return out


_STATUSES = tuple(status.value for status in Status if status is not Status.OK)


def missing(chunks: list[Row]) -> list[str]:
    """Intervals of neighbouring chunks without values, as text `start-stop` in seconds."""
    joined: list[list[int]] = []
    for row in chunks:
        if row["status"] == Status.ACCEPTED.value:
            continue
        if joined and joined[-1][1] == row["frame_start"]:
            joined[-1][1] = row["frame_stop"]
        else:
            joined.append([row["frame_start"], row["frame_stop"]])
    return [f"{time_s(a):.2f}-{time_s(b):.2f}" for a, b in joined]


def coordinate_rows(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows of `quality_coordinates` without their place; one that is none of a coordinate is left out."""
    columns = [column for column in COORDINATES.columns if column.name not in ("sequence_id", "data_path", "chunk")]
    out: dict[tuple[Any, Any], Row] = {}
    for row in rows:
        fit = {column.name: fitting(column, row.get(column.name)) for column in columns}
        if fit["coordinate"] and fit["model"] in ("leg", "trunk"):
            out[fit["model"], fit["coordinate"]] = fit
    return list(out.values())


def fitting(column: Column, value: Any) -> Any:
    """A measured value if the column can hold it, else null: a number that cannot be is as good as none."""
    if column.kind == "text":
        return value if isinstance(value, str) and value and "\0" not in value else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if (column.low is not None and value < column.low) or (column.high is not None and value > column.high):
        return None
    return int(value) if column.kind == "int" else float(value)


def _seconds(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known), 3) if known else None
