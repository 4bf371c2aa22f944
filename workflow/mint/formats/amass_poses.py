"""The motion of an AMASS file: fields, shapes, numbers, what the file says twice. Limits of people are asked later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats.amass import amass_header, text_of
from mint.formats.npz import NpzFile
from mint.formats.pose_fields import check_pose_fields
from mint.formats.trials import GENDERS, SHAPE_COMPONENTS, Given, PoseTrial

Floats = NDArray[np.float64]


def read_amass(path: Path, config: ValidateConfig, given: Given) -> PoseTrial:
    """Poses, root, shape, gender and frame rate. Raises StageError."""
    with NpzFile(path) as data:
        header = amass_header(data, config, given.frame_rate_hz)
        warnings = list(header.warnings)
        for field in ("poses", "trans"):
            _check_precision(data, field, warnings)
        poses = _numbers(data, "poses")
        trans = _numbers(data, "trans")
        betas = _betas(data)
        gender = _gender(data, given.gender, warnings)
        warnings += check_pose_fields(data, poses)
    return PoseTrial(poses, trans, betas, gender, header, tuple(warnings))


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


def _check_precision(data: NpzFile, field: str, warnings: list[str]) -> None:
    """Refuse radians and metres that were cut to whole numbers; warn of those with three digits."""
    dtype = data.header(field).dtype
    if dtype.kind in "iu":
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field {field} is {dtype}: as whole numbers radians and metres are no motion",
            remedy="export the file again with numbers of 32 or 64 bits with decimals",
        )
    if dtype == np.float16:
        warnings.append(f"{data.path}: field {field} is float16: three digits make accelerations rough")


def _betas(data: NpzFile) -> Floats:
    shape = data.header("betas").shape
    if len(shape) > 2 or shape[-1:] not in ((10,), (SHAPE_COMPONENTS,)):
        raise StageError(
            Reason.FIELD_SHAPE, f"{data.path}: field betas is {shape}, must be one row of 10 or 16"
        )
    # Files with the same shape repeated in every frame exist; any other matrix is an error.
    if len(shape) == 2 and shape[0] > 0:
        repeated = _numbers(data, "betas")
        values = repeated[0] if np.allclose(repeated, repeated[:1]) else np.empty(0)
    else:
        values = _numbers(data, "betas") if len(shape) == 1 else np.empty(0)
    if not len(values):
        raise StageError(
            Reason.FIELD_SHAPE, f"{data.path}: field betas is {shape}, its rows differ: one shape belongs to one body"
        )
    return np.concatenate([values, np.zeros(SHAPE_COMPONENTS - len(values))])


def _gender(data: NpzFile, given: str | None, warnings: list[str]) -> str:
    """Gender of the sequence table, or else of the file; a warning where both say something else."""
    if "gender" not in data.fields:
        if given is None:
            warnings.append(f"{data.path}: field gender is missing: neutral is used")
        return given or "neutral"
    try:
        name = text_of(data.read("gender", 4096))
    except StageError:
        if given is None:
            raise
        name = ""
    if given is not None:
        if name in GENDERS and name != given:
            warnings.append(f"{data.path}: field gender is {name}, the sequence table says {given}: the table counts")
        return given
    if name not in GENDERS:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field gender is {name[:40]!r}, must be one of {', '.join(GENDERS)}",
            remedy="set gender for this sequence in the sequence table",
        )
    return name
