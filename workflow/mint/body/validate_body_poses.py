"""SMPL and SMPL-X poses as poses in SMPL-H format: joint for joint, the pelvis at the same place in space.

Both models turn a joint by the same rotation in the same rest frame, so that body and fingers keep their values; jaw
and eyes of SMPL-X and the one joint of each hand of SMPL have no counterpart. `trans` moves the body from where its
pelvis lies at rest, which is another place in each model: it is corrected by the difference.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.pose_values import check_limit, check_precision, gender_of, numbers
from mint.body.root_units import check_root_units
from mint.body.smplh import JOINTS, PARENTS
from mint.body.source_shape import Person, SourceShape, source_shape
from mint.body.speeds import check_speeds
from mint.body.up_axis import turn_to_z_up
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.body_poses import body_pose_header, checked_layout
from mint.formats.npz import NpzFile
from mint.formats.pose_layout import BODY_JOINTS, Part, PoseLayout
from mint.retarget.chain import chain

Floats = NDArray[np.float64]

_NOT_ROTATION = 0.05  # of a matrix times its transpose, against 1
_SPREAD = 0.5  # standard deviations: coefficients of frames that differ by more are doubted


def read_body_poses(
    path: str | Path,
    config: ValidateConfig,
    *,
    gender: str | None,
    frame_rate_override: float | None,
    model_dir: str | Path,
    density_kg_m3: float,
    mass_kg: float | None = None,
    height_m: float | None = None,
    model: str | None = None,
) -> Bundle:
    """Poses `(N,156)` rad, `trans (N,3)` m, z up, `betas (16,)` of SMPL-H, gender, frame rate. Raises StageError.

    `model` is what the table calls the file, `smplx` or `smpl`, None for either. `model_dir` holds the SMPL-H body and
    the user's models of the other kinds; `mass_kg` and `height_m` of the table shape the body without them.
    """
    with NpzFile(path) as data:
        header = body_pose_header(data, config, frame_rate_override, model)
        layout = checked_layout(data, model)
        warnings = list(header.warnings)
        poses = _poses(data, layout, config, warnings)
        check_precision(data, layout.trans, warnings)
        trans = numbers(data, layout.trans).reshape(-1, 3)
        betas = _betas(data, layout, config, warnings)
        person = Person(gender_of(data, gender, warnings), mass_kg, height_m, density_kg_m3)
    shape = source_shape(str(path), layout.model, betas, model_dir, person)
    warnings += shape.warnings
    poses, trans = _on_smplh(str(path), layout, poses, trans, shape, warnings)
    rate = header.rate_hz
    warnings += check_root_units(str(path), poses, trans, rate, config)
    check_limit(path, layout.trans, np.abs(trans), config.max_position_m, "m", Reason.FIELD_VALUE)
    warnings += check_speeds(str(path), poses, trans, rate, config)
    meta = {"source": layout.model, "kind": "poses", "gender": person.gender, "frame_rate_hz": rate, "path": str(path),
            "stated_rate_hz": header.stated_hz, "stated_duration_s": header.elapsed_s}
    return Bundle(StageStatus("validate", warnings=tuple(warnings)),
                  {"poses": poses, "trans": trans, "betas": shape.betas}, meta)


def _poses(data: NpzFile, layout: PoseLayout, config: ValidateConfig, warnings: list[str]) -> Floats:
    """Rotation vectors `(n,156)` rad of SMPL-H's joints; those that the file lacks stay at rest."""
    out = np.zeros((layout.frames, JOINTS, 3))
    for part in layout.parts:
        check_precision(data, part.field, warnings)
        values = numbers(data, part.field)
        turns = _vectors(data, part, values) if part.matrices else values.reshape(layout.frames, -1, 3)
        check_limit(data.path, part.field, np.abs(turns), config.max_rotation_rad, "rad", Reason.FIELD_VALUE)
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
            Reason.FIELD_SHAPE, f"{data.path}: field betas is {shape}, must be one row of 10 to 300",
            remedy="export the shape coefficients of one body",
        )
    rows = numbers(data, "betas").reshape(-1, shape[-1])
    values = np.median(rows, axis=0)
    check_limit(data.path, "betas", np.abs(rows), config.max_beta, "standard deviations", Reason.FIELD_VALUE)
    spread = float(np.percentile(np.abs(rows - values), 95))
    if spread > _SPREAD and layout.amass:
        raise StageError(
            Reason.FIELD_SHAPE, f"{data.path}: field betas is {shape}, its rows differ: one shape belongs to one body",
            remedy="export the file again with one shape",
        )
    if spread > _SPREAD:
        warnings.append(
            f"{data.path}: field betas differs between frames by {spread:.2f} standard deviations: medians are used"
        )
    return np.asarray(values)


def _on_smplh(
    path: str, layout: PoseLayout, poses: Floats, trans: Floats, shape: SourceShape, warnings: list[str]
) -> tuple[Floats, Floats]:
    """Poses and `trans` of the SMPL-H body, z up, whose pelvis is where the source's is."""
    pelvis = shape.pelvis + trans
    turn = Rotation.identity()
    if not layout.amass:
        local = Rotation.from_rotvec(poses[:, : 3 * BODY_JOINTS].reshape(-1, 3)).as_matrix()
        rest = shape.joints[:BODY_JOINTS]
        offsets = rest - rest[np.array(PARENTS[:BODY_JOINTS])]
        joints, _ = chain(offsets, np.array(PARENTS), local.reshape(-1, BODY_JOINTS, 3, 3), pelvis)
        turn = turn_to_z_up(path, joints, warnings)
    out = poses.copy()
    if turn.magnitude() > 0:
        out[:, :3] = (turn * Rotation.from_rotvec(poses[:, :3])).as_rotvec()
    return out, np.asarray(turn.apply(pelvis) - shape.joints[0])
