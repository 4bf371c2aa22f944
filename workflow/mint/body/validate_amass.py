"""Checks of AMASS pose files: fields, shapes, values, frame rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.npz import NpzFile
from mint.body.smplh import GENDERS, POSE_VALUES, SHAPE_COMPONENTS
from mint.body.speeds import check_speeds
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.chunks import MIN_FRAMES, frame_count
from mint.core.status import Reason, StageError, StageStatus

FRAME_RATE_FIELDS = ("mocap_framerate", "mocap_frame_rate")
Floats = NDArray[np.float64]


def read_amass(
    path: str | Path, config: ValidateConfig, gender: str | None, frame_rate_override: float | None
) -> Bundle:
    """Poses `(N,156)` rad, `trans (N,3)` m, `betas (16,)`, gender and frame rate. Raises StageError."""
    warnings: list[str] = []
    with NpzFile(path) as data:
        for field in ("poses", "trans", "betas"):
            data.header(field)
        rate = _frame_rate(data, config, frame_rate_override)
        count = _check_shapes(data)
        check_length(str(path), count, rate, config)
        poses = _numbers(data, "poses")
        trans = _numbers(data, "trans")
        betas = _betas(data, config)
        sex = gender or _gender(data, warnings)
    _check_limit(path, "poses", np.abs(poses), config.max_rotation_rad, "rad", Reason.FIELD_VALUE)
    _check_limit(path, "trans", np.abs(trans), config.max_position_m, "m", Reason.FIELD_VALUE)
    warnings += check_speeds(str(path), poses, trans, rate, config)
    meta = {"source": "amass", "gender": sex, "frame_rate_hz": rate, "path": str(path)}
    arrays = {"poses": poses, "trans": trans, "betas": betas}
    return Bundle(StageStatus("validate", warnings=tuple(warnings)), arrays, meta)


def check_length(path: str, count: int, rate: float, config: ValidateConfig) -> None:
    """Refuse motions too short for a chunk or absurdly long. Raises StageError."""
    duration = max(count - 1, 0) / rate
    if duration > config.max_duration_s:
        raise StageError(
            Reason.TOO_LONG,
            f"{path}: {count} frames at {rate:g} Hz last {duration:.0f} s, limit "
            f"{config.max_duration_s:.0f} s",
            remedy="check the frame rate, split the sequence, or raise validate_input.max_duration_s",
        )
    if frame_count(duration) < MIN_FRAMES:
        raise StageError(
            Reason.TOO_SHORT, f"{path}: {count} frames at {rate:g} Hz last {duration:.2f} s, less than 0.6 s"
        )


def check_rate(path: str, field: str, rate: float, config: ValidateConfig) -> float:
    """The frame rate [Hz] if a camera could have it. Raises StageError(FRAME_RATE)."""
    if not np.isfinite(rate) or not config.min_frame_rate_hz <= rate <= config.max_frame_rate_hz:
        raise StageError(
            Reason.FRAME_RATE,
            f"{path}: field {field} is {rate:g} Hz, outside "
            f"{config.min_frame_rate_hz:g} to {config.max_frame_rate_hz:g} Hz",
        )
    return rate


def _frame_rate(data: NpzFile, config: ValidateConfig, override: float | None) -> float:
    if override is not None:
        return check_rate(str(data.path), "frame_rate_override (sequence table)", float(override), config)
    field = next((name for name in FRAME_RATE_FIELDS if name in data.fields), None)
    if field is None:
        raise StageError(
            Reason.FIELD_MISSING,
            f"{data.path}: field mocap_framerate (or mocap_frame_rate) is missing",
            remedy="set frame_rate_override for this sequence",
        )
    value = data.read(field)
    try:
        rate = float(value.reshape(-1)[0]) if value.size == 1 else np.nan
    except (TypeError, ValueError):
        rate = np.nan
    return check_rate(str(data.path), field, rate, config)


def _check_shapes(data: NpzFile) -> int:
    """Frames of the file, from the headers alone."""
    poses, trans = data.header("poses").shape, data.header("trans").shape
    if len(poses) != 2 or poses[1] != POSE_VALUES:
        hint = (
            " (165 values belong to SMPL-X, 72 to SMPL)" if len(poses) == 2 and poses[1] in (72, 165) else ""
        )
        raise StageError(
            Reason.FIELD_SHAPE, f"{data.path}: field poses is {poses}, must be (frames, {POSE_VALUES}){hint}"
        )
    if len(trans) != 2 or trans[1] != 3:
        raise StageError(Reason.FIELD_SHAPE, f"{data.path}: field trans is {trans}, must be (frames, 3)")
    if poses[0] != trans[0]:
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{data.path}: field trans has {trans[0]} frames, poses has {poses[0]}",
            remedy="export the file again: poses and trans must have the same frames",
        )
    return poses[0]


def _numbers(data: NpzFile, field: str) -> Floats:
    if data.header(field).dtype.kind not in "fiu":
        raise StageError(
            Reason.FIELD_VALUE, f"{data.path}: field {field} is {data.header(field).dtype}, must be numbers"
        )
    values = data.read(field).astype(np.float64)
    bad = np.flatnonzero(~np.all(np.isfinite(values.reshape(len(values), -1)), axis=1))
    if len(bad):
        what = "coefficient" if field == "betas" else "frame"
        raise StageError(
            Reason.NOT_FINITE,
            f"{data.path}: field {field}, {what} {bad[0]}: not a finite number ({len(bad)} such {what}s)",
        )
    return values


def _betas(data: NpzFile, config: ValidateConfig) -> Floats:
    shape = data.header("betas").shape
    # Files with the same shape repeated in every frame exist; any other matrix is an error.
    if len(shape) == 2 and shape[0] > 0:
        repeated = _numbers(data, "betas")
        values = repeated[0] if np.allclose(repeated, repeated[:1]) else np.empty(0)
    else:
        values = _numbers(data, "betas") if len(shape) == 1 else np.empty(0)
    if len(values) not in (10, SHAPE_COMPONENTS):
        raise StageError(
            Reason.FIELD_SHAPE, f"{data.path}: field betas is {shape}, must be one row of 10 or 16"
        )
    _check_limit(
        data.path, "betas", np.abs(values), config.max_beta, "standard deviations", Reason.FIELD_VALUE
    )
    return np.concatenate([values, np.zeros(SHAPE_COMPONENTS - len(values))])


def _gender(data: NpzFile, warnings: list[str]) -> str:
    if "gender" not in data.fields:
        warnings.append(f"{data.path}: field gender is missing: neutral is used")
        return "neutral"
    value = data.read("gender").reshape(-1)
    text = value[0] if value.size == 1 else ""
    name = (text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)).strip().lower()
    # Bytes that were turned into text by str() look like "b'male'".
    if name.startswith(("b'", 'b"')):
        name = name[2:-1]
    if name not in GENDERS:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field gender is {name!r}, must be one of {', '.join(GENDERS)}",
            remedy="set gender for this sequence in the sequence table",
        )
    return name


def _check_limit(
    path: str | Path, field: str, magnitudes: Floats, limit: float, unit: str, reason: Reason
) -> None:
    if magnitudes.size and float(magnitudes.max()) > limit:
        where = np.unravel_index(int(np.argmax(magnitudes)), magnitudes.shape)
        what = "coefficient" if field == "betas" else "frame"
        raise StageError(
            reason,
            f"{path}: field {field}, {what} {int(where[0])}: {float(magnitudes.max()):.4g} {unit}, "
            f"limit {limit:g}",
        )
