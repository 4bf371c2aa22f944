"""The motion of a file of SMPL or SMPL-X poses, on the joints of SMPL-H."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats.body_poses import clocked, layout_of
from mint.formats.npz import NpzFile
from mint.formats.pose_layout import Model, Part, PoseLayout
from mint.formats.pose_values import check_precision, gender_of, numbers
from mint.formats.trials import BodyPoses, Given

Floats = NDArray[np.float64]

_JOINTS = 52  # of SMPL-H
_NOT_ROTATION = 0.05  # of a matrix times its transpose, against 1
_SPREAD = 0.5  # standard deviations: coefficients of frames that differ by more are doubted


def read_body_poses(path: Path, model: Model, config: ValidateConfig, given: Given) -> BodyPoses:
    """The motion of a file of poses of `model`, `smplx` or `smpl`. Raises StageError."""
    with NpzFile(path) as data:
        layout = layout_of(data, model)
        header = clocked(data, layout, config, given.frame_rate_hz)
        warnings = list(header.warnings)
        poses = _poses(data, layout, warnings)
        check_precision(data, layout.trans, warnings)
        trans = numbers(data, layout.trans).reshape(-1, 3)
        betas = _betas(data, layout, config, warnings)
        gender = gender_of(data, given.gender, warnings)
    return BodyPoses(model, poses, trans, betas, layout.amass, gender, header, tuple(warnings))


def _poses(data: NpzFile, layout: PoseLayout, warnings: list[str]) -> Floats:
    """Rotation vectors `(n,156)` rad of SMPL-H's joints; those that the file lacks stay at rest."""
    out = np.zeros((layout.frames, _JOINTS, 3))
    for part in layout.parts:
        check_precision(data, part.field, warnings)
        values = numbers(data, part.field)
        turns = _vectors(data, part, values) if part.matrices else values.reshape(layout.frames, -1, 3)
        some = turns[:, part.joints]
        out[:, part.first : part.first + some.shape[1]] = some
    return out.reshape(layout.frames, -1)


def _vectors(data: NpzFile, part: Part, values: Floats) -> Floats:
    """Rotation vectors `(n,j,3)` rad of matrices. Raises StageError(FIELD_VALUE) where a matrix is no rotation."""
    matrices = values.reshape(-1, 3, 3)
    with np.errstate(over="ignore", invalid="ignore"):
        off = np.abs(matrices @ np.swapaxes(matrices, 1, 2) - np.eye(3)).max(axis=(1, 2))
        bad = ~(off < _NOT_ROTATION) | ~(np.linalg.det(np.where(off[:, None, None] < 1, matrices, np.eye(3))) > 0)
    if bad.any():
        frame = int(np.argmax(bad)) // max(len(matrices) // len(values), 1)
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field {part.field}, frame {frame}: a matrix is no rotation ({int(bad.sum())} such matrices)",
            remedy="export rotation matrices without scale or mirror, or rotation vectors",
        )
    return Rotation.from_matrix(matrices).as_rotvec().reshape(len(values), -1, 3)


def _betas(data: NpzFile, layout: PoseLayout, config: ValidateConfig, warnings: list[str]) -> Floats | None:
    """Shape coefficients of the file's own model; the median of frames that have one each; None if there are none."""
    if "betas" not in data.fields:
        return None
    shape = data.header("betas").shape
    if len(shape) not in (1, 2) or not 1 <= shape[-1] <= 400 or shape[0] == 0:
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{data.path}: field betas is {shape}, must be one row of 10 to 300",
            remedy="export the shape coefficients of one body",
        )
    rows = numbers(data, "betas").reshape(-1, shape[-1])
    values = np.median(rows, axis=0)
    worst = float(np.abs(rows).max())
    if worst > config.max_beta:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field betas: a coefficient is {worst:.4g} standard deviations, limit {config.max_beta:g}",
        )
    spread = float(np.percentile(np.abs(rows - values), 95))
    if spread > _SPREAD and layout.amass:
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{data.path}: field betas is {shape}, its rows differ: one shape belongs to one body",
            remedy="export the file again with one shape",
        )
    if spread > _SPREAD:
        warnings.append(
            f"{data.path}: field betas differs between frames by {spread:.2f} standard deviations: medians are used"
        )
    return np.asarray(values)
