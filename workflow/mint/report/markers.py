"""Registered markers of subjects for the page: where each lies on the body, how well, and how far from its landmark."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mint.core.bundle import Bundle
from mint.sequence.outcome import read_bundle

_NAMES = ("registered", "registered_landmark", "registered_body")
_NUMBERS = ("registered_residual_m", "registered_offset_m", "registered_weight")


def registered_markers(results: Path, subjects: Iterable[str]) -> list[dict[str, Any]]:
    """`subject` and `rows` of its markers, those with the largest residuals first; residual and distance from the
    landmark's place in mm, the latter None for markers that are no landmarks.

    Subjects with a marker set of their own have none registered, and those whose model failed or cannot be read.
    """
    out = []
    for subject in dict.fromkeys(subjects):
        scaled, _ = read_bundle("scale", results / "subjects" / subject / "scale.npz")
        if scaled is not None and scaled.ok and (rows := _rows(scaled)):
            out.append({"subject": subject, "rows": rows})
    return out


def _rows(scaled: Bundle) -> list[dict[str, Any]]:
    if not all(name in scaled for name in (*_NAMES, *_NUMBERS)):
        return []  # a marker set of the table
    if any(scaled[name].dtype.kind != "f" for name in _NUMBERS):
        return []
    names = zip(*(scaled.names(name) for name in _NAMES), strict=False)
    numbers = zip(*(scaled[name].ravel().tolist() for name in _NUMBERS), strict=False)
    rows = [
        {
            "marker": marker,
            "landmark": landmark,
            "body": body,
            "residual_mm": _mm(residual),
            "offset_mm": _mm(offset),
            "weight": f"{weight:.1f}",
        }
        for (marker, landmark, body), (residual, offset, weight) in zip(names, numbers, strict=False)
    ]
    return sorted(rows, key=lambda row: -float(row["residual_mm"] or 0.0))


def _mm(metres: float) -> str | None:
    return f"{1e3 * metres:.1f}" if math.isfinite(metres) else None
