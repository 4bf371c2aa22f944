"""Arrays small enough for a web page: 8 or 16 bit integers in base64, with scale and offset."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = -32768  # int16 code of a value that does not exist
_TYPES = {"i16": "<i2", "u16": "<u2", "u8": "u1"}


def packed(values: NDArray[Any]) -> dict[str, Any]:
    """Any float array as int16: value = code * scale + offset, resolution 1/65534 of its range, NaN kept.

    Returns `{type, shape, scale, offset, data}`; `data` is little-endian base64.
    """
    values = np.asarray(values, dtype=float)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    scale = (high - low) / 65534 or 1.0
    offset = (high + low) / 2
    codes = np.full(values.shape, MISSING, dtype="<i2")
    finite = np.isfinite(values)
    codes[finite] = np.clip(np.rint((values[finite] - offset) / scale), -32767, 32767)
    return _record("i16", codes, scale, offset)


def packed_share(values: NDArray[Any]) -> dict[str, Any]:
    """Values in [0, 1] as bytes, resolution 1/255; NaN becomes 0."""
    codes = np.rint(np.clip(np.nan_to_num(np.asarray(values, dtype=float)), 0, 1) * 255).astype(np.uint8)
    return _record("u8", codes, 1 / 255, 0.0)


def packed_columns(values: NDArray[Any]) -> dict[str, Any]:
    """Rows (n, ..) as bytes, each column with its own `low` and `step`: resolution 1/255 of the column's range.

    For columns that vary little over the rows; NaN becomes the column's lowest value.
    """
    values = np.asarray(values, dtype=float)
    rows = values[np.isfinite(values).reshape(len(values), -1).all(axis=1)]
    low = rows.min(axis=0) if len(rows) else np.zeros(values.shape[1:])
    step = (rows.max(axis=0) - low) / 255 if len(rows) else np.zeros(values.shape[1:])
    share = (values - low) / np.where(step > 0, step, 1.0)
    codes = np.rint(np.clip(np.nan_to_num(share), 0, 255)).astype(np.uint8)
    return {**_record("u8", codes, 1.0, 0.0), "low": packed(low), "step": packed(step)}


def packed_codes(values: NDArray[Any]) -> dict[str, Any]:
    """Whole numbers from 0, or truth values, as bytes or, above 255, as two each. Raises ValueError above 65535."""
    values = np.asarray(values).astype(np.int64)
    most = int(values.max(initial=0))
    if values.min(initial=0) < 0 or most > 65535:
        raise ValueError(f"{most} does not fit into two bytes")
    kind = "u8" if most < 256 else "u16"
    return _record(kind, values.astype(_TYPES[kind]), 1.0, 0.0)


def unpacked(record: dict[str, Any]) -> NDArray[np.float64]:
    """The array again, as the page decodes it."""
    codes = np.frombuffer(base64.b64decode(record["data"]), dtype=_TYPES[record["type"]])
    if "low" in record:
        low, step = unpacked(record["low"]), unpacked(record["step"])
        return np.asarray(low + codes.reshape(record["shape"]) * step)
    values = codes * record["scale"] + record["offset"]
    if record["type"] == "i16":
        values = np.where(codes == MISSING, np.nan, values)
    return values.reshape(record["shape"])


def _record(kind: str, codes: NDArray[Any], scale: float, offset: float) -> dict[str, Any]:
    return {
        "type": kind,
        "shape": list(codes.shape),
        "scale": scale,
        "offset": offset,
        "data": base64.b64encode(codes.tobytes()).decode("ascii"),
    }
