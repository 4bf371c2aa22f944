"""Tables of what was measured at the same time: forces of stances, EMG of channels, joint moments of coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.batch.check import OUTPUT
from mint.compare.columns import CHANNEL, MOMENT, STANCE, Measure, Rows, rows_of
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.dataset.quality import fitting
from mint.dataset.schema import Column, TableSchema


def _table(name: str, row: str, rows: Rows, key: str) -> TableSchema:
    own = tuple(_column(measure) for measure in rows.columns)
    return TableSchema(
        name,
        row,
        (Column("sequence_id", "text", "1", "name in the table of sequences"), *own),
        ("sequence_id", *key.split()),
    )


def _column(measure: Measure) -> Column:
    return Column(
        measure.name,
        measure.kind,
        measure.unit,
        measure.description,
        nullable=measure.kind in ("int", "float"),
        low=measure.low,
        high=measure.high,
    )


FORCES = _table("comparison_forces", "a contact with a force plate", STANCE, "plate start_s")
EMG = _table("comparison_emg", "a channel of EMG in a sequence", CHANNEL, "channel")
MOMENTS = _table("comparison_moments", "a coordinate of the legs in a sequence with force plates", MOMENT, "coordinate")
COMPARISONS = {FORCES.name: (FORCES, STANCE), EMG.name: (EMG, CHANNEL), MOMENTS.name: (MOMENTS, MOMENT)}


def comparison_rows(name: str, results: Path) -> Mapping[str, list[dict[str, Any]]]:
    """Rows of the tables by their names, of a sequence; none where nothing was measured or its bundle is of no use,
    which is printed."""
    path = results / "sequences" / name / OUTPUT["compare"]
    try:
        bundle = Bundle.read(path) if path.exists() else None
        if bundle is None:
            return {table: [] for table in COMPARISONS}
        return {
            table: _unlike([_row(name, schema, row) for row in rows_of(rows, bundle)], schema)
            for table, (schema, rows) in COMPARISONS.items()
        }
    except (StageError, KeyError, ValueError, TypeError) as error:
        print(f"{path} is not what the stage compare writes, its rows are left out: {error!r}")
        return {table: [] for table in COMPARISONS}


def envelopes(name: str, results: Path, frames: NDArray[Any]) -> dict[str, NDArray[np.float32]]:
    """Measured envelopes (n,) at the frames of a sequence, by channel, NaN outside the recording; 1 is the person's
    largest value. Channels that are left out, or have no largest value, are not among them; none where the bundle is
    of no use, of which `comparison_rows` tells."""
    path = results / "sequences" / name / OUTPUT["compare"]
    try:
        bundle = Bundle.read(path) if path.exists() else None
        if bundle is None or not bundle.ok or not np.array_equal(bundle["frames"], frames):
            return {}
        good = {row["channel"] for row in rows_of(CHANNEL, bundle) if not row["left_out"] and row["rmse"] is not None}
        curves = np.asarray(bundle["curve_envelope"], dtype=np.float32).reshape(-1, len(frames))
        return {
            channel: curve
            for channel, curve in zip(bundle.names("curve_channels"), curves, strict=True)
            if channel in good
        }
    except (StageError, KeyError, ValueError, TypeError):
        return {}


def _row(name: str, schema: TableSchema, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sequence_id": name,
        **{
            column.name: row[column.name] if column.kind in ("text", "bool") else fitting(column, row[column.name])
            for column in schema.columns[1:]
        },
    }


def _unlike(rows: list[dict[str, Any]], schema: TableSchema) -> list[dict[str, Any]]:
    """The rows without those that share the key of an earlier one."""
    return list({tuple(row[name] for name in schema.key): row for row in reversed(rows)}.values())[::-1]
