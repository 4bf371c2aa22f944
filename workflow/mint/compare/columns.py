"""Columns of `comparison.npz`: arrays `stance_*`, `channel_*` and `moment_*`, a value a row, and rows made of them
again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mint.core.bundle import Bundle

Kind = Literal["text", "int", "bool", "float"]


@dataclass(frozen=True)
class Measure:
    """A column: `kind` is text, int, bool or float; unit, meaning, least and largest value."""

    name: str
    kind: Kind
    unit: str
    description: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Rows:
    """A set of columns: arrays are named `<prefix>_<column>`."""

    prefix: str
    columns: tuple[Measure, ...]


_CORRELATION = (-1.000001, 1.000001)  # rounding


def _force(name: str, words: str) -> tuple[Measure, ...]:
    return (
        Measure(f"{name}_rmse_bw", "float", "body weight", f"{words}: root mean square difference over the stance", 0),
        Measure(f"{name}_mae_bw", "float", "body weight", f"{words}: mean absolute difference", 0),
        Measure(f"{name}_bias_bw", "float", "body weight", f"{words}: mean of simulated minus measured"),
        Measure(
            f"{name}_correlation",
            "float",
            "1",
            f"{words}: Pearson's correlation of simulated and measured",
            *_CORRELATION,
        ),
    )


def _cop(name: str, words: str) -> tuple[Measure, ...]:
    return (
        Measure(
            f"cop_{name}_rmse_mm",
            "float",
            "mm",
            f"centre of pressure {words}: root mean square difference while "
            "the plate carries compare.cop_share of body weight",
            0,
        ),
        Measure(f"cop_{name}_offset_mm", "float", "mm", f"centre of pressure {words}: mean simulated minus measured"),
        Measure(
            f"cop_{name}_shape_mm",
            "float",
            "mm",
            f"centre of pressure {words}: root mean square difference "
            "without its mean; rmse squared is offset squared plus shape squared",
            0,
        ),
    )


STANCE = Rows(
    "stance",
    (
        Measure("plate", "text", "1", "name of the plate"),
        Measure("feet", "text", "1", "feet on it: r, l, or both, whose sum is compared; empty where no foot is found"),
        Measure("start_s", "float", "s", "when the vertical force of the plate exceeds compare.contact_threshold_N"),
        Measure("stop_s", "float", "s", "when it falls below it again"),
        Measure("whole", "bool", "1", "the recording and the sequence hold all of the contact"),
        Measure(
            "given",
            "bool",
            "1",
            "the simulation was given this force (trajectory.ground_force: tracked), so that the "
            "difference says how well it was followed, and is no judgement of a prediction",
        ),
        Measure(
            "left_out",
            "text",
            "1",
            "why it is not compared; empty if it is: outside, cut, no_foot, two_feet, "
            "foot_beside, two_plates (docs/method/comparison.md)",
        ),
        Measure("frames", "int", "1", "frames that are compared", 1),
        *_force("vertical", "vertical force"),
        *_force("fore_aft", "force along the way of the pelvis"),
        *_force("lateral", "force to the right of that way"),
        Measure("cop_frames", "int", "1", "frames in which the centre of pressure is compared", 0),
        *_cop("fore_aft", "along the way of the pelvis"),
        *_cop("lateral", "to the right of that way"),
        Measure(
            "strike_ms",
            "float",
            "ms",
            "time of foot strike, measured minus simulated; null where it is cut, or "
            "farther apart than compare.impulse_margin_s",
        ),
        Measure("toe_off_ms", "float", "ms", "time of toe off, measured minus simulated; null as strike_ms"),
        Measure(
            "plates_late_ms",
            "float",
            "ms",
            "how much later the clock of the plates is than that of the markers, from "
            "all compared contacts of the sequence together; null where they do not determine it",
        ),
        Measure("vertical_impulse_percent", "float", "%", "vertical impulse: simulated minus measured, of measured"),
        Measure(
            "fore_aft_impulse_percent",
            "float",
            "%",
            "fore-aft impulse: simulated minus measured, of the integral of the magnitude of the measured force",
        ),
    ),
)

CHANNEL = Rows(
    "channel",
    (
        Measure("channel", "text", "1", "channel of the EMG"),
        Measure(
            "strands",
            "text",
            "1",
            "columns of the muscle tables that it sees, separated by spaces: their mean "
            "activation, weighted by maximum isometric force, is compared",
        ),
        Measure("left_out", "text", "1", "why it is not compared; empty if it is"),
        Measure("compared_s", "float", "s", "duration that is compared", 0),
        Measure(
            "correlation",
            "float",
            "1",
            "Pearson's correlation of activation and envelope, without delay",
            *_CORRELATION,
        ),
        Measure(
            "active_correlation",
            "float",
            "1",
            "Pearson's correlation of activation and the active state that the "
            "envelope predicts: the envelope after a twitch, a critically damped filter of compare.twitch_hz",
            *_CORRELATION,
        ),
        Measure(
            "best_lag_s",
            "float",
            "s",
            "lag of the activation behind the envelope at which they correlate best, at "
            "most compare.lag_s; negative: it is earlier",
        ),
        Measure("best_correlation", "float", "1", "correlation at that lag", *_CORRELATION),
        Measure(
            "on_overlap",
            "float",
            "1",
            "Jaccard index of the frames in which each is above compare.on_share of its range",
            0,
            1,
        ),
        Measure(
            "rmse",
            "float",
            "1",
            "root mean square difference of activation and the envelope that is 1 at the "
            "person's largest value of the channel; null where that is not known",
            0,
        ),
    ),
)

MOMENT = Rows(
    "moment",
    (
        Measure("coordinate", "text", "1", "coordinate of the leg model"),
        Measure("frames", "int", "1", "frames that are compared: both feet are known, this one is loaded", 1),
        Measure(
            "rmse_Nm",
            "float",
            "N m",
            "root mean square difference of the simulated moment and that of the simulated "
            "motion under the measured forces",
            0,
        ),
        Measure("rmse_percent_bw_height", "float", "%", "the same, of body weight times stature; null if not known", 0),
        Measure(
            "rmse_percent_range", "float", "%", "the same, of the range of the moment under the measured forces", 0
        ),
        Measure("bias_Nm", "float", "N m", "mean of simulated minus measured"),
        Measure("measured_range_Nm", "float", "N m", "range of the moment under the measured forces", 0),
        Measure("correlation", "float", "1", "Pearson's correlation of both", *_CORRELATION),
    ),
)

ALL = (STANCE, CHANNEL, MOMENT)
_TYPE: dict[str, Any] = {"text": str, "int": np.int32, "bool": bool, "float": np.float64}
_ABSENT: dict[str, Any] = {"text": "", "int": -1, "bool": False, "float": np.nan}


def arrays_of(rows: Rows, values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Arrays `<prefix>_<column> (k,)` of k rows; -1, NaN or "" where a row lacks a column."""
    return {
        f"{rows.prefix}_{column.name}": np.array(
            [row.get(column.name, _ABSENT[column.kind]) for row in values], dtype=_TYPE[column.kind]
        )
        for column in rows.columns
    }


def rows_of(rows: Rows, bundle: Bundle) -> list[dict[str, Any]]:
    """Rows of a set of columns of `comparison.npz`, None where there is no value; none of a bundle that is not ok.

    Raises KeyError or ValueError for a bundle that is none of the stage compare.
    """
    if not bundle.ok:
        return []
    columns = {column.name: bundle[f"{rows.prefix}_{column.name}"] for column in rows.columns}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise ValueError(f"arrays {rows.prefix}_* have lengths {sorted(lengths)}")
    return [
        {column.name: _plain(column.kind, columns[column.name][k]) for column in rows.columns}
        for k in range(lengths.pop())
    ]


def _plain(kind: Kind, value: Any) -> Any:
    if kind == "text":
        return str(value)
    if kind == "bool":
        return bool(value)
    if kind == "int":
        return int(value) if value >= 0 else None
    return float(value) if np.isfinite(value) else None
