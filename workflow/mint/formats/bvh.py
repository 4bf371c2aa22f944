"""The header of a BVH file: frames, their rate, and whether there is a path."""

from __future__ import annotations

from pathlib import Path

from mint.config.validate import ValidateConfig
from mint.core.claims import CONTRADICTION, difference
from mint.core.status import Reason, StageError
from mint.formats.bvh_text import BvhText, read_bvh_text
from mint.formats.glimpse import Glimpse
from mint.formats.limits import MotionHeader, check_length, check_rate


def recognizes(seen: Glimpse) -> bool:
    """Text whose first word is HIERARCHY."""
    return next((line.split()[0] == "hierarchy" for line in seen.lines if line.split()), False)


def bvh_header(path: Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate of a file. Raises StageError."""
    return header_of(read_bvh_text(path), config, frame_rate_override)


def stated_bvh_rate(path: Path) -> float:
    """The frame rate [Hz] that the frame time states, 0 if none. Raises StageError."""
    return _rate_hz(read_bvh_text(path))


def header_of(text: BvhText, config: ValidateConfig, frame_rate_override: float | None) -> MotionHeader:
    """Frames and rate of a file whose rows are not read. Raises StageError."""
    warnings: list[str] = []
    path, frames, stated = text.path, len(text.rows), _rate_hz(text)
    if text.stated_frames != frames:
        detail = f"{path}: Frames is {text.stated_frames}, but there are {frames} rows"
        if not frames or difference(max(text.stated_frames, 1), frames) > CONTRADICTION:
            raise StageError(Reason.CONTRADICTION, detail, remedy="export the BVH file again: frames are missing")
        warnings.append(f"{detail}: the rows count")
    if frame_rate_override is not None:
        rate = check_rate(str(path), "frame_rate_override (sequence table)", float(frame_rate_override), config)
        if not stated or difference(stated, rate) > CONTRADICTION:
            warnings.append(
                f"{path}: frame_rate_override is {rate:g} Hz, but Frame Time says {stated:g} Hz: the override counts"
            )
    elif config.min_frame_rate_hz <= text.frame_time_s <= config.max_frame_rate_hz:
        raise StageError(
            Reason.FRAME_RATE,
            f"{path}: Frame Time is {text.frame_time_s:g}: no time between frames in seconds, but it may be a rate",
            remedy=f"set frame_rate_override for this sequence, to {text.frame_time_s:g} if that is its rate",
        )
    else:
        rate = check_rate(str(path), "Frame Time", stated, config)
    check_length(str(path), frames, rate, config)
    if not any("position" in channel for channel in text.joints[0].channels + _first_moved(text)):
        raise StageError(
            Reason.FIXED_ROOT, f"{path}: joint {text.joints[0].name} has no position channels: the path is missing"
        )
    return MotionHeader(frames, rate, stated or None, None, tuple(warnings))


def _first_moved(text: BvhText) -> tuple[str, ...]:
    """Channels of the root's only child: some files put the pelvis below a fixed root."""
    children = [joint for joint in text.joints if joint.parent == 0]
    return children[0].channels if len(children) == 1 else ()


def _rate_hz(text: BvhText) -> float:
    """Frames per second; a whole number where the frame time is that of it, rounded to its decimals."""
    time = text.frame_time_s
    if time <= 0:
        return 0.0
    rate = min(1 / time, 1e9)
    whole = round(rate)
    rounding = max(0.6 * 10.0**-text.decimals, 1e-9 * time)
    return float(whole) if whole and abs(1 / whole - time) <= rounding else rate
