"""The header of a motion file: what planning needs, and the first thing that validation checks, by one function."""

from __future__ import annotations

from pathlib import Path

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.core.trc import read_claims
from mint.formats.amass import amass_header, stated_amass_rate
from mint.formats.limits import MotionHeader
from mint.formats.npz import NpzFile
from mint.formats.trc import trc_header


def motion_header(
    path: str | Path, source: str, config: ValidateConfig, frame_rate_override: float | None = None
) -> MotionHeader:
    """Frames and rate of a motion file without its poses or markers; `frame_rate_override` [Hz] replaces its rate.

    `source` is `amass` or `trc`. Raises StageError for whatever is wrong, and nothing else.
    """
    if source == "amass":
        with NpzFile(path) as data:
            return amass_header(data, config, frame_rate_override)
    if source == "trc":
        return trc_header(path, config, frame_rate_override)
    raise StageError(
        Reason.FIELD_VALUE,
        f"source {source!r} of {path} is neither amass nor trc",
        remedy="write amass or trc into the column source of the sequence table",
    )


def stated_rate(path: str | Path, source: str) -> float:
    """The frame rate [Hz] that a file states, right or wrong; 0 if it states none that can be read."""
    try:
        if source == "amass":
            with NpzFile(path) as data:
                return stated_amass_rate(data)
        # Any rate in place of the file's own makes its contradictions warnings.
        return read_claims(path, override_hz=1.0).clock.stated_hz
    except StageError:
        return 0.0
