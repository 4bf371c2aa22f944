"""BVH files: header, and the motion of the skeleton as the file has it, in its own unit and axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.config.validate import ValidateConfig
from mint.core.claims import CONTRADICTION, difference
from mint.core.status import Reason, StageError
from mint.formats.bvh_text import END, BvhText, read_bvh_text, read_rows
from mint.formats.glimpse import Glimpse
from mint.formats.limits import MotionHeader, check_length, check_rate
from mint.formats.trials import Given, SkeletonTrial

Floats = NDArray[np.float64]

_UNMOVED = 0.1  # a joint whose position channels stay below this share of its offset adds them to it


def recognizes(seen: Glimpse) -> bool:
    """Text whose first word is HIERARCHY."""
    return next((line.split()[0] == "hierarchy" for line in seen.lines if line.split()), False)


def bvh_header(path: Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate of a file. Raises StageError."""
    return _header(read_bvh_text(path), config, frame_rate_override)


def stated_bvh_rate(path: Path) -> float:
    """The frame rate [Hz] that the frame time states, 0 if none. Raises StageError."""
    return _rate_hz(read_bvh_text(path))


def no_root(path: Path) -> None:
    """Unit and axes of a BVH file are told by the whole skeleton: no root without it."""
    return None


def read_bvh(path: Path, config: ValidateConfig, given: Given) -> SkeletonTrial:
    """The motion of a file's skeleton. Raises StageError."""
    text = read_bvh_text(path)
    header = _header(text, config, given.frame_rate_hz)
    offsets, local = _pose(text, read_rows(text))
    names = tuple(joint.name for joint in text.joints)
    parents = np.array([joint.parent for joint in text.joints])
    ends = np.array([name == END for name in names])
    gender = given.gender or "neutral"
    warnings = header.warnings if given.gender else (
        *header.warnings, f"{path}: BVH states no gender, nor does the sequence table: neutral is used")
    return SkeletonTrial(names, parents, ends, offsets, local, gender, header, warnings)


def _header(text: BvhText, config: ValidateConfig, frame_rate_override: float | None) -> MotionHeader:
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


def _pose(text: BvhText, rows: Floats) -> tuple[Floats, Floats]:
    """Offsets `(n,J,3)` of the joints from their parents and turns `(n,J,3,3)` in the parent's frame."""
    offsets = np.empty((len(rows), len(text.joints), 3))
    local = np.empty((len(rows), len(text.joints), 3, 3))
    column = 0
    for index, joint in enumerate(text.joints):
        values = rows[:, column : column + len(joint.channels)]
        column += len(joint.channels)
        offsets[:, index] = _offset(joint.offset, joint.channels, values, root=index == 0)
        local[:, index] = _turn(joint.channels, values)
    return offsets, local


def _offset(offset: tuple[float, float, float], channels: tuple[str, ...], values: Floats, *, root: bool) -> Floats:
    """Where a joint is in its parent's frame: position channels replace the offset, or add to it where they are small.

    Exporters differ. Only one of both keeps the bone its length; for the root the difference is a constant.
    """
    moved = np.tile(np.asarray(offset, dtype=float), (len(values), 1))
    columns = [(number, "XYZ".index(name[0])) for number, name in enumerate(channels) if "position" in name]
    if not columns:
        return moved
    positions = np.zeros((len(values), 3))
    for number, axis in columns:
        positions[:, axis] = values[:, number]
    length = np.linalg.norm(offset)
    small = np.median(np.linalg.norm(positions, axis=1)) <= _UNMOVED * length
    return moved + positions if small and not root else positions


def _turn(channels: tuple[str, ...], values: Floats) -> Floats:
    """Turns `(n,3,3)`: the first rotation channel is the outermost, degrees."""
    numbers = [number for number, name in enumerate(channels) if "rotation" in name]
    order = "".join(channels[number][0] for number in numbers)
    if not order:
        return np.tile(np.eye(3), (len(values), 1, 1))
    angles = values[:, numbers] if len(numbers) > 1 else values[:, numbers[0]]
    return Rotation.from_euler(order, angles, degrees=True).as_matrix().reshape(-1, 3, 3)

