"""C3D files: markers, force plates, analog channels, events, the person; checked against the configuration's limits."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from mint.config.validate import ValidateConfig
from mint.core.claims import AGREEMENT, CONTRADICTION, difference
from mint.core.motionfiles import MarkerTable
from mint.core.status import Reason, StageError
from mint.formats.c3d_analog import analog_of, read_plates
from mint.formats.c3d_data import read_data
from mint.formats.c3d_header import C3dHeader, read_c3d_header
from mint.formats.c3d_person import read_events, read_person
from mint.formats.c3d_points import markers_of, unit_of
from mint.formats.devices import Devices
from mint.formats.limits import MotionHeader, check_length, check_rate
from mint.formats.markers import check_body_size
from mint.formats.trials import Given, MarkerTrial


def c3d_header(path: Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate by the header and its parameters. Raises StageError."""
    return _motion_header(path, read_c3d_header(path), config, frame_rate_override)


def stated_c3d_rate(path: Path) -> float:
    """The rate [Hz] that a file states first, 0 if none is a number. Raises StageError."""
    return _stated(read_c3d_header(path)) or 0.0


def read_trial(path: Path, config: ValidateConfig, given: Given) -> MarkerTrial:
    """A trial with its devices. Raises StageError."""
    raw = read_c3d_header(path)
    header = _motion_header(path, raw, config, given.frame_rate_hz)
    trial = _read(path, raw, header.rate_hz, given)
    check_body_size(path, trial.table.positions, config, "POINT:UNITS")
    table = MarkerTable(
        trial.table.names, trial.table.positions, trial.table.time_s, header.rate_hz, header.stated_hz,
        (*header.warnings, *trial.table.warnings),
    )  # fmt: skip
    return MarkerTrial(table, header, trial.devices)


def read_static(path: Path, given: Given) -> MarkerTrial:
    """A static trial of any length, which may state no rate. Raises StageError."""
    raw = read_c3d_header(path)
    stated = _stated(raw)
    return _read(path, raw, stated if stated and stated > 0 else 1.0, given)


def _motion_header(
    path: Path, raw: C3dHeader, config: ValidateConfig, frame_rate_override: float | None
) -> MotionHeader:
    if not raw.points:
        raise StageError(
            Reason.MARKER_MISSING, f"{path}: the number of points is 0", remedy="export the trial with its markers"
        )
    warnings = list(raw.warnings)
    if frame_rate_override is not None:
        rate = check_rate(str(path), "frame_rate_override (sequence table)", frame_rate_override, config)
        said = [
            f"{name} says {value:g} Hz" for name, value in raw.rates.items() if difference(value, rate) > CONTRADICTION
        ]
        if said:
            against = " and ".join(said)
            warnings.append(f"{path}: frame_rate_override is {rate:g} Hz, but {against}: the override counts")
    else:
        rate = _rate(path, raw, config, warnings)
    check_length(str(path), raw.frames, rate, config)
    return MotionHeader(raw.frames, rate, _stated(raw), None, tuple(warnings))


def _rate(path: Path, raw: C3dHeader, config: ValidateConfig, warnings: list[str]) -> float:
    """The rate [Hz] that counts, compared with all that the file says of it. Raises StageError."""
    if not raw.rates:
        raise StageError(
            Reason.FIELD_MISSING,
            f"{path}: POINT:RATE is missing, and the header states no rate",
            remedy="set frame_rate_override for this sequence",
        )
    (first, rate), *others = raw.rates.items()
    check_rate(str(path), first, rate, config)
    for name, value in others:
        off = difference(value, rate)
        text = f"{path}: {first} is {rate:g} Hz, but {name} is {value:.6g} Hz"
        if off > CONTRADICTION:
            raise StageError(
                Reason.FRAME_RATE,
                text,
                remedy=f"set frame_rate_override for this sequence to the true one, {rate:g} or {value:.4g}",
            )
        if off > AGREEMENT:
            warnings.append(f"{text}: {first} counts")
    return rate


def _stated(raw: C3dHeader) -> float | None:
    return next((rate for rate in raw.rates.values() if math.isfinite(rate)), None)


def _read(path: Path, raw: C3dHeader, rate_hz: float, given: Given) -> MarkerTrial:
    unit_m, notes = unit_of(path, raw)
    data = read_data(path, raw)
    names, positions, told = markers_of(path, raw, data.points, data.residuals, unit_m, given.subject)
    time_s = (raw.first_frame - 1 + np.arange(raw.frames)) / rate_hz
    table = MarkerTable(names, positions, time_s, rate_hz, _stated(raw), (*notes, *told))
    return MarkerTrial(table, None, _devices(path, raw, data.analog, rate_hz, unit_m))


def _devices(path: Path, raw: C3dHeader, samples: np.ndarray, rate_hz: float, unit_m: float) -> Devices:
    """What stands beside the markers; nothing of it refuses the motion."""
    analog = analog_of(raw, samples, unit_m)
    plates, used, warnings = read_plates(path, raw, analog)
    others = [i for i in range(raw.channels) if i not in used]
    person, doubts = read_person(path, raw.parameters)
    return Devices(
        rate_hz * raw.samples,
        plates,
        analog.samples[others].astype(np.float32) if raw.channels else np.empty((0, 0), dtype=np.float32),
        [analog.names[i] for i in others],
        [analog.units[i] for i in others],
        read_events(raw.parameters, rate_hz, raw.first_frame, _stated(raw) or 0.0),
        person,
        (*warnings, *doubts),
    )
