"""Arrays small enough for a web page: 8 or 16 bit integers in base64, with scale and offset."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

MISSING = -32768  # int16 code of a value that does not exist


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


def unpacked(record: dict[str, Any]) -> NDArray[np.float64]:
    """The array again, as the page decodes it."""
    codes = np.frombuffer(
        base64.b64decode(record["data"]), dtype="<i2" if record["type"] == "i16" else np.uint8
    )
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
