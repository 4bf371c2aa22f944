"""Checks of AMASS pose files: fields, shapes, values, frame rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.pose_fields import check_pose_fields
from mint.body.pose_values import check_limit, check_precision, gender_of, numbers
from mint.body.root_units import check_root_units
from mint.body.smplh import SHAPE_COMPONENTS
from mint.body.speeds import check_speeds
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.amass import amass_header
from mint.formats.limits import MotionHeader
from mint.formats.npz import NpzFile

Floats = NDArray[np.float64]


def read_amass(
    path: str | Path, config: ValidateConfig, gender: str | None, frame_rate_override: float | None
) -> Bundle:
    """Poses `(N,156)` rad, `trans (N,3)` m, `betas (16,)`, gender and frame rate. Raises StageError."""
    with NpzFile(path) as data:
        header = amass_header(data, config, frame_rate_override)
        warnings = list(header.warnings)
        for field in ("poses", "trans"):
            check_precision(data, field, warnings)
        poses = numbers(data, "poses")
        trans = numbers(data, "trans")
        betas = _betas(data, config)
        sex = gender_of(data, gender, warnings)
        warnings += check_pose_fields(data, poses)
    rate = header.rate_hz
    check_limit(path, "poses", np.abs(poses), config.max_rotation_rad, "rad", Reason.FIELD_VALUE)
    warnings += check_root_units(str(path), poses, trans, rate, config)
    check_limit(path, "trans", np.abs(trans), config.max_position_m, "m", Reason.FIELD_VALUE)
    warnings += check_speeds(str(path), poses, trans, rate, config)
    meta = {"source": "amass", "gender": sex, "frame_rate_hz": rate, "path": str(path), **stated(header)}
    arrays = {"poses": poses, "trans": trans, "betas": betas}
    return Bundle(StageStatus("validate", warnings=tuple(warnings)), arrays, meta)


def stated(header: MotionHeader) -> dict[str, float | None]:
    """What the file itself says about its rate, for the record: an override may have replaced it."""
    return {"stated_rate_hz": header.stated_hz, "stated_duration_s": header.elapsed_s}


def _betas(data: NpzFile, config: ValidateConfig) -> Floats:
    shape = data.header("betas").shape
    if len(shape) > 2 or shape[-1:] not in ((10,), (SHAPE_COMPONENTS,)):
        raise StageError(
            Reason.FIELD_SHAPE, f"{data.path}: field betas is {shape}, must be one row of 10 or 16"
        )
    # Files with the same shape repeated in every frame exist; any other matrix is an error.
    if len(shape) == 2 and shape[0] > 0:
        repeated = numbers(data, "betas")
        values = repeated[0] if np.allclose(repeated, repeated[:1]) else np.empty(0)
    else:
        values = numbers(data, "betas") if len(shape) == 1 else np.empty(0)
    if not len(values):
        raise StageError(
            Reason.FIELD_SHAPE, f"{data.path}: field betas is {shape}, its rows differ: one shape belongs to one body"
        )
    check_limit(
        data.path, "betas", np.abs(values), config.max_beta, "standard deviations", Reason.FIELD_VALUE
    )
    return np.concatenate([values, np.zeros(SHAPE_COMPONENTS - len(values))])
