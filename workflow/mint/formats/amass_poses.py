"""The motion of an AMASS file: fields, shapes, numbers, what the file says twice. Limits of people are asked later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats.amass import amass_header
from mint.formats.npz import NpzFile
from mint.formats.pose_fields import check_pose_fields
from mint.formats.pose_values import check_precision, gender_of, numbers
from mint.formats.trials import SHAPE_COMPONENTS, Given, PoseTrial

Floats = NDArray[np.float64]


def read_amass(path: Path, config: ValidateConfig, given: Given) -> PoseTrial:
    """Poses, root, shape, gender and frame rate. Raises StageError."""
    with NpzFile(path) as data:
        header = amass_header(data, config, given.frame_rate_hz)
        warnings = list(header.warnings)
        for field in ("poses", "trans"):
            check_precision(data, field, warnings)
        poses = numbers(data, "poses")
        trans = numbers(data, "trans")
        betas = _betas(data)
        gender = gender_of(data, given.gender, warnings)
        warnings += check_pose_fields(data, poses)
    return PoseTrial(poses, trans, betas, gender, header, tuple(warnings))


def _betas(data: NpzFile) -> Floats:
    shape = data.header("betas").shape
    if len(shape) > 2 or shape[-1:] not in ((10,), (SHAPE_COMPONENTS,)):
        raise StageError(Reason.FIELD_SHAPE, f"{data.path}: field betas is {shape}, must be one row of 10 or 16")
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
    return np.concatenate([values, np.zeros(SHAPE_COMPONENTS - len(values))])
