"""The header of a file of SMPL or SMPL-X poses, of AMASS or of video methods, by the layout of its fields."""

from __future__ import annotations

import math
from pathlib import Path

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats.glimpse import Glimpse
from mint.formats.limits import MotionHeader
from mint.formats.npz import NpzFile
from mint.formats.npz_clock import claimed_number, npz_clock
from mint.formats.pose_layout import RATE_FIELDS, Model, PoseLayout, find_layout

_NAMES: dict[Model, str] = {"smplx": "SMPL-X", "smpl": "SMPL"}


def recognizes_smplx(seen: Glimpse) -> bool:
    """An archive with poses of SMPL-X, be something wrong with them."""
    return _recognized(seen) == "smplx"


def recognizes_smpl(seen: Glimpse) -> bool:
    """An archive with poses of SMPL, be something wrong with them."""
    return _recognized(seen) == "smpl"


def _recognized(seen: Glimpse) -> Model | None:
    if seen.npz is None or not seen.fields:
        return None
    try:
        return find_layout(seen.npz).model
    except StageError:
        # Without a path of the root, or with another number of frames, it still is such a file.
        if {"global_orient", "body_pose"} & seen.fields:
            return "smpl"
        width = math.prod(seen.shape("poses")[1:])
        return "smplx" if width == 165 else "smpl" if width == 72 else None


def smplx_header(path: Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate of a file of SMPL-X poses. Raises StageError."""
    return _header(path, "smplx", config, frame_rate_override)


def smpl_header(path: Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate of a file of SMPL poses. Raises StageError."""
    return _header(path, "smpl", config, frame_rate_override)


def stated_body_pose_rate(path: Path) -> float:
    """The first frame rate [Hz] that a file states, 0 if none is a number. Raises StageError."""
    with NpzFile(path) as data:
        rates = [claimed_number(data, field)[0] for field in RATE_FIELDS if field in data.fields]
    return next((rate for rate in rates if rate is not None and math.isfinite(rate)), 0.0)


def _header(path: Path, model: Model, config: ValidateConfig, frame_rate_override: float | None) -> MotionHeader:
    with NpzFile(path) as data:
        return clocked(data, layout_of(data, model), config, frame_rate_override)


def clocked(
    data: NpzFile, layout: PoseLayout, config: ValidateConfig, frame_rate_override: float | None
) -> MotionHeader:
    """Frames and rate of an open file. Raises StageError."""
    warnings: list[str] = []
    rate, stated, elapsed = npz_clock(data, RATE_FIELDS, layout.frames, config, frame_rate_override, warnings)
    return MotionHeader(layout.frames, rate, stated, elapsed, tuple(warnings))


def layout_of(data: NpzFile, model: Model) -> PoseLayout:
    """The layout, if it is that of `model`. Raises StageError."""
    layout = find_layout(data)
    if layout.model != model:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field {layout.parts[0].field} holds poses of {_NAMES[layout.model]}, source says {model}",
            remedy=f"write {layout.model} into the column source of the sequence table, or leave it empty",
        )
    return layout
