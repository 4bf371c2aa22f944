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

from mint.body.shape_model import BODY_JOINTS
from mint.body.smplh import PARENTS
from mint.body.source_shape import Person, SourceShape, source_shape
from mint.body.up_axis import turn_upright
from mint.formats.ground_frame import UpAxis
from mint.formats.trials import BodyPoses, PoseTrial
from mint.retarget.chain import chain

Floats = NDArray[np.float64]

_NECK, _ANKLES = 12, (7, 8)
_REFUSED: dict[UpAxis, tuple[str, str]] = {
    "-y": (
        ": these are coordinates of a camera, whose y points down",
        "export the motion in world coordinates, z or y up (WHAM: pose_world and trans_world, GVHMR: "
        "smpl_params_global): a camera knows no floor and no vertical",
    )
}


def on_smplh(path: str | Path, trial: BodyPoses, person: Person) -> PoseTrial:
    """The motion on an SMPL-H body, z up. Raises StageError."""
    shape = source_shape(str(path), trial.model, trial.betas, person)
    warnings = [*trial.warnings, *shape.warnings]
    poses, trans = _moved(str(path), trial, shape, warnings)
    return PoseTrial(poses, trans, shape.betas, trial.gender, trial.header, tuple(warnings))


def _moved(path: str, trial: BodyPoses, shape: SourceShape, warnings: list[str]) -> tuple[Floats, Floats]:
    """Poses and `trans` of the SMPL-H body whose pelvis is where the source's is."""
    pelvis = shape.pelvis + trial.trans
    turn = Rotation.identity()
    if not trial.z_up:
        joints = _joints(trial, shape, pelvis)
        body = joints[:, _NECK] - joints[:, list(_ANKLES)].mean(axis=1)
        turn = turn_upright(path, body, "z", _REFUSED, warnings)
    poses = trial.poses.copy()
    if turn.magnitude() > 0:
        poses[:, :3] = (turn * Rotation.from_rotvec(trial.poses[:, :3])).as_rotvec()
    return poses, np.asarray(turn.apply(pelvis) - shape.joints[0])


def _joints(trial: BodyPoses, shape: SourceShape, pelvis: Floats) -> Floats:
    """The 22 joints of the body `(n,22,3)` m in the file's axes."""
    local = Rotation.from_rotvec(trial.poses[:, : 3 * BODY_JOINTS].reshape(-1, 3)).as_matrix()
    rest, parents = shape.joints[:BODY_JOINTS], np.array(PARENTS[:BODY_JOINTS])
    points, _ = chain(rest - rest[parents], parents, local.reshape(-1, BODY_JOINTS, 3, 3), pelvis)
    return np.asarray(points)
