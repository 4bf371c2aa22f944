"""Marker files of OpenSim checked against the limits of the configuration: rate, length, units."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.core.trc import read_claims, read_trc
from mint.formats.glimpse import Glimpse
from mint.formats.limits import MotionHeader, check_length, check_rate
from mint.formats.markers import check_body_size, lost_as_nan
from mint.formats.trials import Given, MarkerTrial


def recognizes(seen: Glimpse) -> bool:
    """Text whose first lines have words of a .trc: its type, or the keys above its values."""
    words = {word for line in seen.lines[:12] for word in line.split()}
    return "pathfiletype" in words or {"datarate", "numframes"} <= words


def trc_header(path: str | Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate by header, first rows and last row. Raises StageError."""
    claims = read_claims(path, frame_rate_override)
    _check_named(path, claims.markers)
    rate = _checked_rate(path, claims.clock.rate_hz, frame_rate_override, config)
    check_length(str(path), claims.frames, rate, config)
    return MotionHeader(claims.frames, rate, claims.clock.stated_hz, None, claims.warnings)


def stated_trc_rate(path: Path) -> float:
    """The rate [Hz] that a file states, right or wrong. Raises StageError."""
    # Any rate in place of the file's own makes its contradictions warnings.
    return read_claims(path, override_hz=1.0).clock.stated_hz


def read_trial(path: Path, config: ValidateConfig, given: Given) -> MarkerTrial:
    """A trial with units and rate that a person in a laboratory can have.

    Positions that laboratories write for lost markers are NaN. Raises StageError.
    """
    header = trc_header(path, config, given.frame_rate_hz)
    table = read_trc(path, given.frame_rate_hz)
    _check_named(path, len(table.names))
    _checked_rate(path, table.rate_hz, given.frame_rate_hz, config)
    positions = lost_as_nan(table.positions)
    check_body_size(path, positions, config, "Units")
    return MarkerTrial(replace(table, positions=positions), header)


def read_static(path: Path, given: Given) -> MarkerTrial:
    """A static trial of any length. Raises StageError."""
    table = read_trc(path)
    return MarkerTrial(replace(table, positions=lost_as_nan(table.positions)))


def _check_named(path: str | Path, markers: int) -> None:
    if not markers:
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}: NumMarkers is 0",
            remedy="export the .trc again with its markers",
        )


def _checked_rate(path: str | Path, rate_hz: float, override: float | None, config: ValidateConfig) -> float:
    field = "DataRate" if override is None else "frame_rate_override (sequence table)"
    return check_rate(str(path), field, rate_hz, config)
