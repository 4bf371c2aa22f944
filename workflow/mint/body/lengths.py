"""Lengths of a marker file in metres: a wrong unit in its header is corrected where the body proves another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mint.body.declared import leg_stature_m, size_of_markers
from mint.body.landmarks import of_markers
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.motionfiles import MarkerTable
from mint.core.trc_header import UNIT_M
from mint.formats.markers import check_body_size, marker_spread_m

Floats = NDArray[np.float64]

# Units that exporters mean; others are guesses.
_USUAL = ("m", "cm", "mm")


def in_metres(
    path: str, table: MarkerTable, field: str, config: ValidateConfig, human: HumanConfig
) -> tuple[MarkerTable, list[str]]:
    """Markers in metres by the unit that `field` of the file states, corrected with a warning where it is wrong.

    It is wrong beyond doubt where the markers cannot be on a person as they are, and with exactly one of the usual
    units both their spread and the stature by their landmarks are those of a person. Raises StageError(FIELD_VALUE)
    where the unit is wrong and none is proved.
    """
    spread, unit = marker_spread_m(table.positions), table.unit
    if spread is None or config.min_marker_spread_m <= spread <= config.max_marker_spread_m:
        return table, []
    stature = _stature_m(table.names, table.positions)
    fitting = []
    for other in _USUAL:
        ratio = UNIT_M[other] / UNIT_M[unit]
        if stature is not None and config.min_marker_spread_m <= spread * ratio <= config.max_marker_spread_m:
            fitting += [other] if human.min_stature_m <= stature * ratio <= human.max_stature_m else []
    if len(fitting) != 1 or stature is None:
        check_body_size(path, table.positions, config, field)
        return table, []
    ratio = UNIT_M[fitting[0]] / UNIT_M[unit]
    return replace(table, positions=table.positions * ratio), [
        f"{path}: {field} is {unit}, stature from segments between the markers would be {stature:.3g} m: read as "
        f"{fitting[0]}, stature {stature * ratio:.2f} m; correct {field} in the header"
    ]


def _stature_m(names: list[str], markers: Floats) -> float | None:
    """Stature by the landmarks that there are, in the unit of the markers; half a thousand frames tell."""
    frames = np.unique(np.linspace(0, len(markers) - 1, min(len(markers), 500)).astype(int))
    marks = of_markers(names, markers[frames])
    stature = size_of_markers(marks).stature_m
    return stature if stature is not None else leg_stature_m(marks)
