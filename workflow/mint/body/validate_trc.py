"""Checks of optical marker files: table, frame rate, dropouts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from mint.body.axes import z_up_to_y_up
from mint.body.resample import finite_runs
from mint.body.validate_amass import check_length, check_rate
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, read_trc, trc_header
from mint.core.status import Reason, StageError, StageStatus

Floats = NDArray[np.float64]


def read_markers(path: str | Path, config: ValidateConfig, frame_rate_override: float | None) -> Bundle:
    """`markers (N,M,3)` m, y up, short dropouts filled; `marker_names (M,)`; meta `frame_rate_hz`.

    The meta `start_time_s` is the time of the first row. Raises StageError.
    """
    path = Path(path)
    if not path.is_file():
        raise StageError(Reason.FILE_MISSING, f"{path} does not exist")
    table = read_trc(path)
    _check_table(path, table)
    rate = check_rate(str(path), "DataRate", frame_rate_override or table.rate_hz, config)
    check_length(str(path), len(table.positions), rate, config)
    markers = lost_as_nan(table.positions)
    if config.trc_up_axis == "z":
        markers = z_up_to_y_up(markers)
    _check_positions(path, table.names, markers, config)
    filled, warnings = fill_gaps(markers, table.names, rate, config.max_gap_s)
    warnings += _check_marker_speeds(path, filled, rate, config)
    meta = {
        "source": "trc",
        "gender": "neutral",
        "frame_rate_hz": rate,
        "path": str(path),
        "start_time_s": float(table.time_s[0]),
        "up_axis": config.trc_up_axis,
    }
    arrays = {"markers": filled, "marker_names": np.asarray(table.names)}
    return Bundle(StageStatus("validate", warnings=tuple(warnings)), arrays, meta)


def lost_as_nan(positions: Floats) -> Floats:
    """Lost markers as NaN: cells left empty, and the exact (0, 0, 0) that some laboratories write instead."""
    out = positions.copy()
    out[np.all(out == 0, axis=2) | ~np.all(np.isfinite(out), axis=2)] = np.nan
    return out


def fill_gaps(
    markers: Floats, names: list[str], rate_hz: float, max_gap_s: float
) -> tuple[Floats, list[str]]:
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
                f"marker {name} is missing in {missing} of {len(markers)} frames (longest filled gap "
                f"{max_gap_s:g} s)"
            )
    return out, warnings


def _check_table(path: Path, table: MarkerTable) -> None:
    names = table.names
    if not names:
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}: no marker names in line 4",
            remedy="export the .trc again with marker names",
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: marker name {repeated[0]} occurs more than once",
            remedy="give every marker its own name",
        )
    declared = _declared_frames(path)
    if declared != len(table.positions):
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: NumFrames is {declared}, but there are {len(table.positions)} rows",
            remedy="the file is truncated or its header wrong: export it again",
        )
    steps = np.diff(table.time_s) * table.rate_hz
    if len(steps) and np.max(np.abs(steps - 1)) > 0.5:
        row = int(np.argmax(np.abs(steps - 1)))
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: Frame# jumps after row {row + 1}: frames are missing",
            remedy="export the trial without dropped frames",
        )


def _declared_frames(path: Path) -> int:
    with path.open(encoding="utf-8", errors="replace") as handle:
        lines = [handle.readline() for _ in range(3)]
    value = trc_header(lines).get("NumFrames", "")
    try:
        return int(value)
    except ValueError:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: NumFrames is {value!r}, must be a whole number",
            remedy="export the .trc again",
        ) from None


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
            remedy="correct Units in the header of the .trc",
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
    return (
        [f"{text}: is the frame rate right? (frame_rate_override)"]
        if value > config.warn_root_speed_m_s
        else []
    )
