"""The header of a file of SMPL or SMPL-X poses: layout, frames and rate; shapes and single numbers only."""

from __future__ import annotations

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats.limits import MotionHeader
from mint.formats.npz import NpzFile
from mint.formats.npz_clock import claimed_number, npz_clock
from mint.formats.pose_layout import RATE_FIELDS, PoseLayout, find_layout

NAMES = {"smplx": "SMPL-X", "smpl": "SMPL"}


def body_pose_header(
    data: NpzFile, config: ValidateConfig, frame_rate_override: float | None = None, model: str | None = None
) -> MotionHeader:
    """Frames and rate of an open file of poses of `model` (`smplx`, `smpl`; None: either). Raises StageError."""
    layout = checked_layout(data, model)
    warnings: list[str] = []
    rate, stated, elapsed = npz_clock(data, RATE_FIELDS, layout.frames, config, frame_rate_override, warnings)
    return MotionHeader(layout.frames, rate, stated, elapsed, tuple(warnings))


def checked_layout(data: NpzFile, model: str | None = None) -> PoseLayout:
    """The layout, if it is that of `model`. Raises StageError."""
    layout = find_layout(data)
    if model is not None and layout.model != model:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field {layout.parts[0].field} holds poses of {NAMES[layout.model]}, source says {model}",
            remedy=f"write {layout.model} into the column source of the sequence table, or leave it empty",
        )
    return layout


def stated_body_pose_rate(data: NpzFile) -> float:
    """The first frame rate [Hz] that a file states, 0 if none is a number. Raises StageError."""
    rates = [claimed_number(data, field)[0] for field in RATE_FIELDS if field in data.fields]
    return next((rate for rate in rates if rate is not None and abs(rate) < float("inf")), 0.0)
