"""Body models in SMPL-H format: one loader for the licensed model and for the embedded body."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.model_files import CONVERT, model_data, model_faces, model_numbers
from mint.core.status import Reason, StageError
from mint.formats.npz import NpzFile
from mint.formats.trials import SHAPE_COMPONENTS

JOINTS = 52
POSE_VALUES = 3 * JOINTS
POSE_FEATURES = 9 * (JOINTS - 1)

# Kinematic tree of SMPL-H (Romero et al. 2017): 22 body joints, then 15 joints per hand.
PARENTS = (
    -1,
    0,
    0,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    9,
    9,
    12,
    13,
    14,
    16,
    17,
    18,
    19,
    20,
    22,
    23,
    20,
    25,
    26,
    20,
    28,
    29,
    20,
    31,
    32,
    20,
    34,
    35,
    21,
    37,
    38,
    21,
    40,
    41,
    21,
    43,
    44,
    21,
    46,
    47,
    21,
    49,
    50,
)


@dataclass(frozen=True)
class BodyModel:
    """A linear blend skinning body; rest frame: y up, facing +z, left +x; metres.

    `v_template (V,3)`, `shapedirs (V,3,16)`, `posedirs (V,3,459)`, `joint_regressor (52,V)`, `weights
    (V,52)`, `parents (52,)` with -1 at the root, `faces (F,3)`. `shape_components` tells how many of the 16
    the file has.
    """

    gender: str
    path: Path
    v_template: NDArray[np.float64]
    shapedirs: NDArray[np.float64]
    posedirs: NDArray[np.float64]
    joint_regressor: NDArray[np.float64]
    weights: NDArray[np.float64]
    parents: NDArray[np.int64]
    faces: NDArray[np.int64]
    shape_components: int = SHAPE_COMPONENTS
    warnings: tuple[str, ...] = ()


def load(model_dir: str | Path, gender: str) -> BodyModel:
    """Read `<model_dir>/<gender>/model.npz`; the neutral model, with a warning, if that gender is missing.

    Raises StageError(BODY_MODEL) naming file and field.
    """
    path, used = Path(model_dir) / gender / "model.npz", gender
    warnings: list[str] = []
    if not path.is_file():
        neutral = Path(model_dir) / "neutral" / "model.npz"
        if not neutral.is_file():
            raise StageError(Reason.BODY_MODEL, f"{path} does not exist, nor does {neutral}")
        warnings.append(f"no {gender} body model under {model_dir}: the neutral one is used")
        path, used = neutral, "neutral"
    with model_data(path) as data:
        return _read(data, used, warnings)


def _read(data: NpzFile, gender: str, warnings: list[str]) -> BodyModel:
    template = model_numbers(data, "v_template", (None, 3))
    vertices = len(template)
    shape = model_numbers(data, "shapedirs", (vertices, 3, None))
    components = min(shape.shape[2], SHAPE_COMPONENTS)
    if components < 10:
        raise StageError(
            Reason.BODY_MODEL,
            f"{data.path}: field shapedirs has {components} shape components, need 10 to 16 (AMASS: 16)",
            remedy=CONVERT,
        )
    if components < SHAPE_COMPONENTS:
        warnings.append(f"{data.path} has {components} shape components: betas beyond them do not act")
    shapedirs = np.zeros((vertices, 3, SHAPE_COMPONENTS))
    shapedirs[:, :, :components] = shape[:, :, :components]
    return BodyModel(
        gender=gender,
        path=data.path,
        v_template=template,
        shapedirs=shapedirs,
        posedirs=model_numbers(data, "posedirs", (vertices, 3, POSE_FEATURES)),
        joint_regressor=model_numbers(data, "J_regressor", (JOINTS, vertices)),
        weights=_weights(data, vertices),
        parents=_parents(data),
        faces=model_faces(data, vertices),
        shape_components=components,
        warnings=tuple(warnings),
    )


def _weights(data: NpzFile, vertices: int) -> NDArray[np.float64]:
    weights = model_numbers(data, "weights", (vertices, JOINTS))
    error = float(np.max(np.abs(weights.sum(axis=1) - 1), initial=0))
    if error > 1e-3:
        raise StageError(
            Reason.BODY_MODEL,
            f"{data.path}: field weights: rows must sum to 1, one is off by {error:.3g}",
            remedy=CONVERT,
        )
    return weights


def _parents(data: NpzFile) -> NDArray[np.int64]:
    # The root's parent is stored as -1 or, in unsigned files, as 2^32 - 1.
    parents = model_numbers(data, "kintree_table", (2, JOINTS))[0].astype(np.int64)
    parents[0] = -1
    if tuple(parents) != PARENTS:
        raise StageError(
            Reason.BODY_MODEL,
            f"{data.path}: field kintree_table is not the tree of SMPL-H's 52 joints",
            remedy=CONVERT,
        )
    return parents
