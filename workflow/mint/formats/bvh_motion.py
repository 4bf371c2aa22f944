"""The motion of the skeleton of a BVH file, as the file has it: in its own unit and axes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.config.validate import ValidateConfig
from mint.formats.bvh import header_of
from mint.formats.bvh_text import END, BvhText, read_bvh_text, read_rows
from mint.formats.trials import Given, SkeletonTrial

Floats = NDArray[np.float64]

_UNMOVED = 0.1  # a joint whose position channels stay below this share of its offset adds them to it


def read_bvh(path: Path, config: ValidateConfig, given: Given) -> SkeletonTrial:
    """The motion of a file's skeleton. Raises StageError."""
    text = read_bvh_text(path)
    header = header_of(text, config, given.frame_rate_hz)
    offsets, local = _pose(text, read_rows(text))
    names = tuple(joint.name for joint in text.joints)
    parents = np.array([joint.parent for joint in text.joints])
    ends = np.array([name == END for name in names])
    gender = given.gender or "neutral"
    warnings = (
        header.warnings
        if given.gender
        else (*header.warnings, f"{path}: BVH states no gender, nor does the sequence table: neutral is used")
    )
    return SkeletonTrial(names, parents, ends, offsets, local, gender, header, warnings)


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
