"""The mask of a sequence: every frame that could have values, and whether it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from mint.core.bundle import Bundle
from mint.core.chunks import time_s
from mint.dataset.parquet import METADATA_KEY

MASK = "mask"
FIELDS = (
    pa.field("frame", pa.int32(), False, {"unit": "1 (50 frames/s)"}),
    pa.field("time_s", pa.float64(), False, {"unit": "s"}),
    pa.field("present", pa.bool_(), False, {"unit": "1", "description": "whether the tables have a row for the frame"}),
    pa.field("chunk", pa.int32(), True, {"unit": "1", "description": "chunk whose part of the sequence the frame is"}),
    pa.field("status", pa.string(), True, {"unit": "1", "description": "what became of the chunk"}),
)


def mask_table(bundle: Bundle, record: Mapping[str, Any]) -> pa.Table:
    """One row per frame from `first_frame` to `stop_frame` of a merged sequence; `record` is the provenance.

    A frame that no chunk was planned for has neither chunk nor status.
    """
    frames = np.arange(int(bundle.meta["first_frame"]), int(bundle.meta["stop_frame"]), dtype=np.int32)
    chunk = np.full(len(frames), -1, dtype=np.int32)
    status = np.full(len(frames), None, dtype=object)
    for outcome in bundle.meta["chunks"]:
        window = outcome["window"]
        inside = (frames >= window["keep_start"]) & (frames < window["keep_stop"])
        chunk[inside], status[inside] = window["chunk"], outcome["status"]["status"]
    text = json.dumps({**record, "table": MASK}, sort_keys=True)
    return pa.Table.from_arrays(
        [
            pa.array(frames),
            pa.array([time_s(int(k)) for k in frames], pa.float64()),
            pa.array(np.isin(frames, bundle["frames"])),
            pa.array(chunk, mask=chunk < 0),
            pa.array(status, pa.string()),
        ],
        schema=pa.schema(FIELDS, {METADATA_KEY: text.encode()}),
    )
