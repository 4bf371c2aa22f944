"""Checks of AMASS pose files: fields, shapes, values, frame rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.pose_fields import check_pose_fields
from mint.body.root_units import check_root_units
from mint.body.smplh import GENDERS, SHAPE_COMPONENTS
from mint.body.speeds import check_speeds
from mint.body.upright import turned_poses, up_of_poses
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.amass import amass_header, text_of
from mint.formats.limits import MotionHeader
from mint.formats.npz import NpzFile

Floats = NDArray[np.float64]


def read_amass(
    path: str | Path, config: ValidateConfig, gender: str | None, frame_rate_override: float | None, human: HumanConfig
) -> Bundle:
    """Poses `(N,156)` rad, `trans (N,3)` m, z up, `betas (16,)`, gender and frame rate. Raises StageError."""
    with NpzFile(path) as data:
        header = amass_header(data, config, frame_rate_override)
        warnings = list(header.warnings)
        for field in ("poses", "trans"):
            _check_precision(data, field, warnings)
        poses = _numbers(data, "poses")
        trans = _numbers(data, "trans")
        betas = _betas(data, config)
        sex = _gender(data, gender, warnings)
        warnings += check_pose_fields(data, poses)
    rate = header.rate_hz
    _check_limit(path, "poses", np.abs(poses), config.max_rotation_rad, "rad", Reason.FIELD_VALUE)
    up = up_of_poses(str(path), poses, trans, human)
    poses, trans = turned_poses(poses, trans, up.axis)
    warnings += up.warnings
    warnings += check_root_units(str(path), poses, trans, rate, config)
    _check_limit(path, "trans", np.abs(trans), config.max_position_m, "m", Reason.FIELD_VALUE)
    warnings += check_speeds(str(path), poses, trans, rate, config)
    meta = {"source": "amass", "gender": sex, "frame_rate_hz": rate, "path": str(path), **up.meta, **stated(header)}
    arrays = {"poses": poses, "trans": trans, "betas": betas}
    return Bundle(StageStatus("validate", warnings=tuple(warnings)), arrays, meta)


def stated(header: MotionHeader) -> dict[str, float | None]:
    """What the file itself says about its rate, for the record: an override may have replaced it."""
    return {"stated_rate_hz": header.stated_hz, "stated_duration_s": header.elapsed_s}


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


def _betas(data: NpzFile, config: ValidateConfig) -> Floats:
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
    _check_limit(
        data.path, "betas", np.abs(values), config.max_beta, "standard deviations", Reason.FIELD_VALUE
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


def _check_limit(
    path: str | Path, field: str, magnitudes: Floats, limit: float, unit: str, reason: Reason
) -> None:
    if magnitudes.size and float(magnitudes.max()) > limit:
        worst = float(magnitudes.max())
        degrees = field == "poses" and worst <= np.rad2deg(limit)
        where = np.unravel_index(int(np.argmax(magnitudes)), magnitudes.shape)
        what = "coefficient" if field == "betas" else "frame"
        raise StageError(
            reason,
            f"{path}: field {field}, {what} {int(where[0])}: {worst:.4g} {unit}, limit {limit:g}"
            + (f"; as degrees it would be {np.deg2rad(worst):.2f} rad" if degrees else ""),
        )
