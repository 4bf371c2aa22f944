"""The header of a motion file: what planning needs, and the first thing that validation checks, by one function."""

from __future__ import annotations

from pathlib import Path

from mint.config.validate import ValidateConfig
from mint.core.status import StageError
from mint.formats.limits import MotionHeader
from mint.formats.registry import FORMATS, format_of


def motion_header(
    path: str | Path, source: str | None, config: ValidateConfig, frame_rate_override: float | None = None
) -> MotionHeader:
    """Frames and rate of a motion file without its poses or markers; `frame_rate_override` [Hz] replaces its rate.

    `source` is the name of a format, None to tell it by the content. Raises StageError for whatever is wrong, and
    nothing else.
    """
    return format_of(path, source).header(Path(path), config, frame_rate_override)


def stated_rate(path: str | Path, source: str) -> float:
    """The frame rate [Hz] that a file states, right or wrong; 0 if it states none that can be read."""
    try:
        return FORMATS[source].stated_rate(Path(path))
    except StageError:
        return 0.0
