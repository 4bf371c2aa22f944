"""Models and motions of SMPL and SMPL-X made of a body in SMPL-H format, with the same joints in space."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.body.forward import forward
from mint.body.smplh import PARENTS, BodyModel, load

Floats = NDArray[np.float64]
# Where the origin of the rest frame lies in the other models, seen from SMPL-H's [m]: it must not matter.
ORIGIN = {"smplx": np.array([0.02, 0.11, -0.03]), "smpl": np.array([-0.01, -0.04, 0.05])}
BODY = 22


def write_model(folder: Path, model: str, body: BodyModel) -> Path:
    """The body as the user's own file of another model: SMPL-X with jaw and eyes on the head, SMPL with one joint a hand."""
    regressor, weights = body.joint_regressor, body.weights
    head, hands = regressor[15:16], regressor[[25, 40]]
    if model == "smplx":
        # Jaw and eyes at the head, then the fingers.
        joints = np.concatenate([regressor[:BODY], head, head, head, regressor[BODY:]])
        skin = np.concatenate([weights[:, :BODY], np.zeros((len(weights), 3)), weights[:, BODY:]], axis=1)
        parents = [*PARENTS[:BODY], 15, 15, 15, *(p if p < BODY else p + 3 for p in PARENTS[BODY:])]
        shapes = np.concatenate([body.shapedirs, np.zeros((len(weights), 3, 384))], axis=2)
    else:
        joints = np.concatenate([regressor[:BODY], hands])
        skin = np.concatenate(
            [weights[:, :BODY], weights[:, 22:37].sum(1, keepdims=True), weights[:, 37:].sum(1, keepdims=True)], axis=1
        )
        parents = [*PARENTS[:BODY], 20, 21]
        shapes = body.shapedirs[:, :, :10]
    path = folder / model / body.gender / "model.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        v_template=body.v_template + ORIGIN[model],
        shapedirs=shapes,
        J_regressor=joints,
        weights=skin,
        f=body.faces,
        kintree_table=np.array([parents, range(len(parents))]).astype(np.uint32),
        posedirs=np.zeros((len(weights), 3, 9 * (len(parents) - 1)), np.float32),
    )
    return path


def joints_of(model_dir: Path, gender: str, poses: Floats, trans: Floats, betas: Floats) -> Floats:
    """Joints `(n,52,3)` m of an SMPL-H motion, z up."""
    return forward(load(model_dir, gender), poses, trans, betas, vertices=np.arange(1))[1]


def as_smplx(motion: dict[str, Any]) -> dict[str, Any]:
    """The same motion as AMASS writes it for SMPL-X (`_stageii.npz`), jaw and eyes moving."""
    poses, count = motion["poses"], len(motion["poses"])
    face = 0.1 * np.sin(np.arange(count * 9)).reshape(count, 9)
    whole = np.concatenate([poses[:, :66], face, poses[:, 66:]], axis=1)
    return {
        "gender": motion["gender"],
        "surface_model_type": np.array("smplx"),
        "mocap_frame_rate": motion["mocap_framerate"],
        "mocap_time_length": np.array(count / float(motion["mocap_framerate"])),
        "trans": motion["trans"] - ORIGIN["smplx"],
        "poses": whole,
        "betas": motion["betas"],
        "num_betas": np.array(16),
        "root_orient": whole[:, :3],
        "pose_body": whole[:, 3:66],
        "pose_jaw": face[:, :3],
        "pose_eye": face[:, 3:],
        "pose_hand": whole[:, 75:],
    }


def as_smpl(motion: dict[str, Any]) -> dict[str, Any]:
    """The same motion as 72 values of SMPL, z up."""
    return {
        "poses": np.concatenate([motion["poses"][:, :66], np.zeros((len(motion["poses"]), 6))], axis=1),
        "trans": motion["trans"] - ORIGIN["smpl"],
        "betas": motion["betas"][:10],
        "gender": motion["gender"],
        "mocap_framerate": motion["mocap_framerate"],
    }
