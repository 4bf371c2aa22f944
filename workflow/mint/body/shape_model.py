"""What shapes a body of the SMPL family: template, shape components, joints; the pose corrections are not read.

`<model_dir>/<gender>/model.npz` is SMPL-H, the body that is computed with. A user's own SMPL-X or SMPL model lies
beside it, as `<model_dir>/smplx/<gender>/model.npz`, `<model_dir>/smpl/<gender>/model.npz` or SMPL-X's own file name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.model_files import CONVERT, candidates, model_data, model_faces, model_numbers, model_path
from mint.body.smplh import PARENTS
from mint.core.status import Reason, StageError
from mint.formats.npz import NpzFile

Floats = NDArray[np.float64]

# Joints of each model. Their first 22 are the same in all three.
MODEL_JOINTS = {"smplh": 52, "smplx": 55, "smpl": 24}
BODY_JOINTS = 22
# Shape components that SMPL-X's files hold ahead of those of expression: 300 of 400, or 10 of 20.
_SMPLX_COMPONENTS, _SMPLX_ALL = 300, 400
_SMPLX_FEW = 10


@dataclass(frozen=True)
class ShapeModel:
    """A linear body; rest frame y up, facing +z, left +x; m. `template (V,3)`, `directions (V,3,k)`, `regressor (J,V)`,
    `weights (V,J)`, `faces (F,3)`."""

    path: Path
    gender: str
    template: Floats
    directions: Floats
    regressor: Floats
    weights: Floats
    faces: NDArray[np.int64]

    def vertices(self, betas: Floats) -> Floats:
        """Vertices `(V,3)` m at rest of a shape; components beyond the model's do not act."""
        count = min(len(betas), self.directions.shape[2])
        return np.asarray(self.template + self.directions[:, :, :count] @ betas[:count])


def load_shape(model_dir: str | Path, model: str, gender: str) -> ShapeModel | None:
    """The shape model of a gender, or the neutral one; None if there is none. Raises StageError(BODY_MODEL)."""
    path = model_path(model_dir, model, gender)
    if path is None:
        return None
    used = gender if path in candidates(model_dir, model, gender) else "neutral"
    with model_data(path) as data:
        return _read(data, model, used)


def _read(data: NpzFile, model: str, gender: str) -> ShapeModel:
    joints = MODEL_JOINTS[model]
    template = model_numbers(data, "v_template", (None, 3))
    count = len(template)
    directions = model_numbers(data, "shapedirs", (count, 3, None))
    if model == "smplx":
        directions = directions[:, :, : _SMPLX_COMPONENTS if directions.shape[2] >= _SMPLX_ALL else _SMPLX_FEW]
    parents = model_numbers(data, "kintree_table", (2, joints))[0].astype(np.int64)
    if tuple(parents[1:BODY_JOINTS]) != PARENTS[1:BODY_JOINTS]:
        raise StageError(
            Reason.BODY_MODEL,
            f"{data.path}: field kintree_table: its first 22 joints are not those of SMPL",
            remedy=CONVERT,
        )
    faces = model_faces(data, count)
    regressor, weights = (
        model_numbers(data, "J_regressor", (joints, count)),
        model_numbers(data, "weights", (count, joints)),
    )
    return ShapeModel(data.path, gender, template, directions, regressor, weights, faces)
