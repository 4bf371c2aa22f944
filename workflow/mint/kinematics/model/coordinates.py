"""Coordinates of a model as `resources/coordinates_<model>.csv` has them: ranges, weights, couplings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mint.core.status import Reason, StageError
from mint.core.tables import RESOURCES, table


def coordinate_rows(model_key: str) -> dict[str, dict[str, Any]]:
    """Rows of `resources/coordinates_<model>.csv` by coordinate: lo, hi (rad or m), scale_weight,
    ik_weight and coupling: the coordinates whose sum it is."""
    if not (RESOURCES / f"coordinates_{model_key}.csv").exists():
        raise StageError(Reason.MODEL_INCOMPLETE, f"no resources/coordinates_{model_key}.csv")
    rows = {}
    for row in table(f"coordinates_{model_key}").to_dict("records"):
        to_si = np.pi / 180 if row["unit"] == "deg" else 1.0
        rows[str(row["coordinate"])] = {
            "lo": float(row["lo"]) * to_si,
            "hi": float(row["hi"]) * to_si,
            "scale_weight": float(row["scale_weight"]),
            "ik_weight": float(row["ik_weight"]),
            "coupling": _names(row.get("coupling", "")),
        }
    return rows


def _names(cell: object) -> tuple[str, ...]:
    return tuple(cell.split()) if isinstance(cell, str) else ()


def set_coordinate_ranges(model: Any, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Give every listed coordinate its range and clamp it there. Raises `StageError(MODEL_INCOMPLETE)`."""
    for name, row in rows.items():
        if not model.getCoordinateSet().contains(name):
            raise StageError(Reason.MODEL_INCOMPLETE, f"the model has no coordinate {name}")
        coordinate = model.updCoordinateSet().get(name)
        coordinate.setRangeMin(row["lo"])
        coordinate.setRangeMax(row["hi"])
        coordinate.setDefaultClamped(True)
        default = coordinate.getDefaultValue()
        if not row["lo"] - 1e-9 <= default <= row["hi"] + 1e-9:
            raise StageError(Reason.MODEL_INCOMPLETE, f"default {default:.4f} of {name} is outside its range")
