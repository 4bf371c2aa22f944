"""Parquet with units: float32 columns, a unit on every field, provenance as JSON in the schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mint.core.chunks import time_s

METADATA_KEY = b"mint"


def frame_table(
    frames: NDArray[np.int32],
    columns: Mapping[str, NDArray[Any]],
    units: Mapping[str, str] | str,
    record: Mapping[str, Any],
) -> pa.Table:
    """A table over time: `frame` int32, `time_s` float64 (rounded to 0.02 s), `columns` as float32 or bool.

    `units` is one unit for all or one per column; `record` goes into the schema metadata under `mint`.
    """
    fields = [
        pa.field("frame", pa.int32(), False, {"unit": "1 (50 frames/s)"}),
        pa.field("time_s", pa.float64(), False, {"unit": "s"}),
    ]
    arrays = [pa.array(frames, pa.int32()), pa.array([time_s(int(k)) for k in frames], pa.float64())]
    for name, values in columns.items():
        flag = values.dtype == np.bool_
        unit = units if isinstance(units, str) else units[name]
        fields.append(pa.field(name, pa.bool_() if flag else pa.float32(), False, {"unit": unit}))
        arrays.append(pa.array(values if flag else values.astype(np.float32)))
    text = json.dumps(record, sort_keys=True)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, {METADATA_KEY: text.encode()}))


def write_table(table: pa.Table, path: Path, compression: str) -> None:
    """Write a table; the folder is made. Not atomic: the dataset folder as a whole is.

    Measured values are float32 and hardly ever repeat: a dictionary and the smallest and largest value of each of 402
    columns take more room and time than they save. Bytes of equal rank side by side (BYTE_STREAM_SPLIT) would save 6 %
    more, but not every reader knows that encoding.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    others = [field.name for field in table.schema if field.type != pa.float32()]
    pq.write_table(table, path, compression=compression, use_dictionary=others, write_statistics=others)


def read_record(path: str | Path) -> dict[str, Any]:
    """The provenance record of a Parquet file written here."""
    metadata = pq.read_schema(path).metadata or {}
    record: dict[str, Any] = json.loads(metadata[METADATA_KEY])
    return record
