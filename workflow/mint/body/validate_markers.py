"""Checks of optical marker files: table, frame rate, dropouts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from mint.body.lengths import in_metres
from mint.body.resample import finite_runs
from mint.body.upright import up_of_markers
from mint.body.validate_poses import stated
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.devices import in_ground
from mint.formats.ground_frame import in_ground_frame
from mint.formats.trials import Given, MarkerTrial

Floats = NDArray[np.float64]


def checked_markers(
    path: str | Path,
    trial: MarkerTrial,
    config: ValidateConfig,
    given: Given,
    human: HumanConfig,
    others: Sequence[str | Path] = (),
) -> Bundle:
    """`markers (N,M,3)` m, y up, short dropouts filled; `marker_names (M,)`; meta `frame_rate_hz`.

    What was recorded beside them is kept (`mint.formats.devices`). The meta `start_time_s` is the time of the first
    row; `up_axis`, `up_axis_by` and `notes` say which axis of the file was up, and why. `others` are further marker
    files of the person. Raises StageError.
    """
    path, table = Path(path), trial.table
    told: list[str] = []
    if trial.unit_field:
        table, told = in_metres(str(path), table, trial.unit_field, config, human)
    rate = table.rate_hz
    names, markers, never = _seen(path, table)
    up = up_of_markers(str(path), names, markers, config.trc_up_axis, human, others, given.subject)
    markers = in_ground_frame(markers, up.axis)
    _check_positions(path, names, markers, config)
    filled, gaps = fill_gaps(markers, names, rate, config.max_gap_s)
    devices = in_ground(trial.devices, up.axis)
    warnings = [*table.warnings, *told, *up.warnings, *never, *gaps, *devices.warnings]
    warnings += _check_marker_speeds(path, filled, rate, config)
    meta = {
        "gender": given.gender or devices.person.sex or "neutral",
        "frame_rate_hz": rate,
        "path": str(path),
        "start_time_s": float(table.time_s[0]),
        **up.meta,
        "subject": given.subject,
        **(stated(trial.header) if trial.header else {}),
        **devices.meta(),
    }
    arrays = {"markers": filled, "marker_names": np.asarray(names), **devices.arrays()}
    return Bundle(StageStatus("validate", warnings=tuple(warnings)), arrays, meta)


def _seen(path: Path, table: MarkerTable) -> tuple[list[str], Floats, list[str]]:
    """Names and positions of the markers that are seen at least once, and a warning that names the others."""
    seen = np.any(np.isfinite(table.positions[:, :, 0]), axis=0)
    if not seen.any():
        raise StageError(
            Reason.NOT_FINITE,
            f"{path}: no marker has a position in any row",
            remedy="track the markers again, or leave the trial out",
        )
    never = [name for name, each in zip(table.names, seen, strict=True) if not each]
    warnings = (
        [
            f"{path}: {len(never)} markers are never seen and left out: {', '.join(never[:20])}"
            f"{', ...' if len(never) > 20 else ''}"
        ]
        if never
        else []
    )
    return [name for name, each in zip(table.names, seen, strict=True) if each], table.positions[:, seen], warnings


def fill_gaps(markers: Floats, names: list[str], rate_hz: float, max_gap_s: float) -> tuple[Floats, list[str]]:
    """Fill dropouts up to `max_gap_s` inside a track by a cubic spline; a warning for longer ones.

    Tracks are never prolonged beyond their first and last frame.
    """
    out = markers.copy()
    warnings = []
    for index, name in enumerate(names):
        runs = finite_runs(markers[:, index])
        missing = len(markers) - sum(stop - start for start, stop in runs)
        present = np.flatnonzero(np.all(np.isfinite(markers[:, index]), axis=1))
        for (_, left), (right, _) in pairwise(runs):
            if (right - left) / rate_hz <= max_gap_s + 1e-9 and len(present) >= 4:
                gap = np.arange(left, right)
                out[gap, index] = CubicSpline(present, markers[present, index])(gap)
                missing -= right - left
        if missing:
            warnings.append(
                f"marker {name} is missing in {missing} of {len(markers)} frames (longest filled gap {max_gap_s:g} s)"
            )
    return out, warnings


def _check_positions(path: Path, names: list[str], markers: Floats, config: ValidateConfig) -> None:
    # How many may be missing is a matter of the marker set, which the body stage knows.
    if not np.isfinite(markers).any():
        raise StageError(
            Reason.NOT_FINITE,
            f"{path}: no marker is seen in any frame",
            remedy="track the markers again, or leave the trial out",
        )
    distance = np.nan_to_num(np.abs(markers))
    if float(distance.max()) > config.max_position_m:
        frame, marker = (int(i) for i in np.unravel_index(int(np.argmax(distance)), distance.shape)[:2])
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: marker {names[marker]}, row {frame + 1}: {distance.max():.4g} m from "
            f"the origin, limit {config.max_position_m:g} m",
            remedy="look at this row; if most rows are so far away, correct Units or move the origin",
        )


def _check_marker_speeds(path: Path, markers: Floats, rate: float, config: ValidateConfig) -> list[str]:
    """The median marker stands for the body: its speed is bounded like that of a root."""
    speed = np.linalg.norm(np.diff(markers, axis=0), axis=2) * rate
    with np.errstate(invalid="ignore"):
        median = np.median(np.where(np.isfinite(speed), speed, 0.0), axis=1)
    value = float(np.percentile(median, 95)) if len(median) else 0.0
    text = f"{path}: speed of the median marker, 95th percentile, is {value:.1f} m/s at {rate:g} Hz"
    if value > config.max_root_speed_m_s:
        raise StageError(Reason.FRAME_RATE, f"{text}, people reach {config.max_root_speed_m_s:g} m/s")
    return [f"{text}: is the frame rate right? (frame_rate_override)"] if value > config.warn_root_speed_m_s else []
