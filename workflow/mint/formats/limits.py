"""Limits that planning and validation share: frame rate and length of a motion."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mint.config.validate import ValidateConfig
from mint.core.chunks import MIN_FRAMES, frame_count
from mint.core.status import Reason, StageError


@dataclass(frozen=True)
class MotionHeader:
    """What can be told of a motion without reading it: frames, their rate [Hz], and doubts.

    `stated_hz` is the rate by the file itself, None if it states none; an override can have replaced it. `elapsed_s` is
    the duration that the file states beside it, None if it states none.
    """

    frames: int
    rate_hz: float
    stated_hz: float | None = None
    elapsed_s: float | None = None
    warnings: tuple[str, ...] = ()


def check_rate(path: str, field: str, rate: float, config: ValidateConfig) -> float:
    """The frame rate [Hz] if a camera could have it. Raises StageError(FRAME_RATE)."""
    if not math.isfinite(rate) or not config.min_frame_rate_hz <= rate <= config.max_frame_rate_hz:
        remedy = (
            ""
            if not field.startswith("frame_rate_override")
            else ("correct or remove frame_rate_override of this sequence in the sequence table")
        )
        raise StageError(
            Reason.FRAME_RATE,
            f"{path}: field {field} is {rate:g} Hz, outside "
            f"{config.min_frame_rate_hz:g} to {config.max_frame_rate_hz:g} Hz",
            remedy=remedy,
        )
    return rate


def check_length(path: str, count: int, rate: float, config: ValidateConfig) -> None:
    """Refuse motions too short for a chunk or absurdly long. Raises StageError."""
    duration = max(count - 1, 0) / rate
    if duration > config.max_duration_s:
        raise StageError(
            Reason.TOO_LONG,
            f"{path}: {count} frames at {rate:g} Hz last {duration:.0f} s, limit {config.max_duration_s:.0f} s",
            remedy="check the frame rate, split the sequence, or raise validate_input.max_duration_s",
        )
    if frame_count(duration) < MIN_FRAMES:
        raise StageError(
            Reason.TOO_SHORT, f"{path}: {count} frames at {rate:g} Hz last {duration:.2f} s, less than 0.6 s"
        )
