"""Stage compare: a merged sequence and what was measured during it become numbers and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mint.compare import clock, emg, forces, moments
from mint.compare.columns import CHANNEL, MOMENT, STANCE, arrays_of
from mint.compare.simulated import SIDES, Simulated, simulated
from mint.compare.stances import Stance, stances
from mint.config.compare import CompareConfig
from mint.core.bundle import Bundle, passed_on
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import StageError, StageStatus
from mint.measured.plates import Plates, contacts, read_plates
from mint.sequence.outcome import FORCES_TRACKED

STAGE = "compare"
FEET = ("r", "l", "both")


def run(
    sequence: str | Path,
    measured: str | Path,
    output: str | Path,
    config: CompareConfig,
    maxima: str | Path | None = None,
    leg_osim: str | Path | None = None,
) -> Bundle:
    """Write `comparison.npz`.

    `sequence` is sequence.npz, `measured` measured.npz, `maxima` the subject's emg.npz, `leg_osim` its leg model. A
    sequence without measurements has a bundle without rows; failures of the sequence or of reading what was measured
    are passed on. Only an unwritable output raises.
    """
    try:
        merged, told = Bundle.read(sequence), Bundle.read(measured)
        largest = Bundle.read(maxima) if maxima is not None and Path(maxima).exists() else None
        bundle = passed_on(merged, told)
        if bundle is None:
            bundle = compared(merged, told, largest, leg_osim, config)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def compared(
    merged: Bundle, told: Bundle, largest: Bundle | None, leg_osim: str | Path | None, config: CompareConfig
) -> Bundle:
    """The comparison of an ok sequence. Raises `StageError` for bundles that do not fit together."""
    stance_rows: list[dict[str, Any]] = []
    moment_rows: list[dict[str, Any]] = []
    warnings: list[str] = []
    arrays: dict[str, Any] = {"frames": merged["frames"]}
    tracked = any(FORCES_TRACKED in (chunk.get("flags") or []) for chunk in merged.meta.get("chunks") or [])
    plates = read_plates(told, config) if len(merged["frames"]) else None
    if plates is not None:
        body = simulated(merged)
        found = stances(body, plates, contacts(plates, config), config)
        curve = _Curves(body)
        late_s = _plates_late_s(merged, body, plates, found, config)
        if late_s is not None and abs(late_s) > config.clock_late_s:
            warnings.append(clock.warning(late_s, str(told.meta.get("forces_from") or "measured.npz"), config))
        for stance in found:
            row = {
                "plate": plates.names[stance.contact.plate],
                "feet": stance.feet,
                "start_s": stance.contact.start_s,
                "stop_s": stance.contact.stop_s,
                "whole": stance.whole,
                "left_out": stance.left_out,
                "given": tracked and stance.feet in SIDES,
            }
            if not stance.left_out:
                row["plates_late_ms"] = np.nan if late_s is None else 1000 * late_s
                shown = forces.curves(body, plates, stance, config)
                row |= forces.numbers(body, plates, stance, shown, config)
                curve.add(stance.feet, stance.start, stance.stop, shown)
            stance_rows.append(row)
        arrays |= curve.arrays
        known = moments.compare_moments(merged, body, plates, found, leg_osim, config) if leg_osim else None
        if known is not None:
            moment_rows = moments.numbers(known, body.weight_N, _stature(merged))
            arrays |= _moment_curves(known, len(body.frames))
    seen = emg.channels(told, _maxima(largest), merged) if len(merged["frames"]) else []
    channel_rows = [
        {"channel": each.name, "strands": " ".join(each.strands), **emg.numbers(each, merged["frames"], config)}
        for each in seen
    ]
    time_s = np.round(np.asarray(merged["frames"], dtype=float) / FRAME_RATE_HZ, 2)
    arrays |= {
        "curve_channels": np.array([each.name for each in seen], dtype=str),
        "curve_envelope": _stacked([each.at(time_s) for each in seen], len(time_s)),
        "curve_activation": _stacked([each.activation for each in seen], len(time_s)),
    }
    for columns, rows in ((STANCE, stance_rows), (CHANNEL, channel_rows), (MOMENT, moment_rows)):
        arrays |= arrays_of(columns, rows)
    meta = {
        "sequence_id": merged.meta.get("sequence_id"),
        "mass_kg": merged.meta.get("mass_kg"),
        "left_out": _counted(stance_rows),
        "channels_left_out": _counted(channel_rows),
    }
    return Bundle(StageStatus(STAGE, warnings=tuple(warnings)), arrays, meta)


class _Curves:
    """Forces and centres of pressure over the frames of a sequence, NaN where no plate tells."""

    def __init__(self, body: Simulated) -> None:
        n = len(body.frames)
        widths = {"measured_bw": 3, "simulated_bw": 3, "measured_cop_m": 2, "simulated_cop_m": 2}
        self.arrays = {
            f"curve_{name}": np.full((n, len(FEET), width), np.nan, dtype=np.float32) for name, width in widths.items()
        }

    def add(self, feet: str, start: int, stop: int, shown: forces.Curves) -> None:
        for name, out in self.arrays.items():
            out[start:stop, FEET.index(feet)] = getattr(shown, name.removeprefix("curve_"))


def _plates_late_s(
    merged: Bundle, body: Simulated, plates: Plates, found: Sequence[Stance], config: CompareConfig
) -> float | None:
    if "com_acceleration" not in merged:
        return None
    return clock.plates_late_s(np.asarray(merged["com_acceleration"], dtype=float), body, plates, found, config)


def _moment_curves(known: Mapping[str, Any], n: int) -> dict[str, Any]:
    out: dict[str, Any] = {"curve_moment_coordinates": np.array(known["coordinates"], dtype=str)}
    for name in ("measured_Nm", "simulated_Nm"):
        values = np.full((n, len(known["coordinates"])), np.nan, dtype=np.float32)
        values[known["rows"]] = known[name]
        out[f"curve_moment_{name}"] = values
    return out


def _maxima(largest: Bundle | None) -> dict[str, float]:
    """Largest envelope [V] of each channel of the person; empty where it is not known."""
    if largest is None or not largest.ok or not {"channels", "maximum_V"} <= largest.arrays.keys():
        return {}
    return {name: float(value) for name, value in zip(largest.names("channels"), largest["maximum_V"], strict=False)}


def _stature(merged: Bundle) -> float | None:
    stature = merged.meta.get("stature_m")
    return float(stature) if isinstance(stature, int | float) and stature > 0 else None


def _stacked(values: Sequence[Any], n: int) -> Any:
    return np.asarray(values, dtype=np.float32).reshape(len(values), n)


def _counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows were left out, by reason."""
    reasons = [str(row["left_out"]) for row in rows if row["left_out"]]
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}
