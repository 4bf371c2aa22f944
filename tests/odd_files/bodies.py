"""Rows of SMPL and SMPL-X poses in `.npz` files, made from the walk of `amass`; the shape comes from the user's own model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mint.core.status import Reason
from tests.body.other_bodies import as_smpl, as_smplx
from tests.body.test_axes import Z_UP
from tests.odd_files import amass
from tests.odd_files.rows import Refused, Right, Row

FRAMES = amass.FRAMES
Fields = dict[str, Any]


def row(kind: str, fields: Fields, expected: Right | Refused, issue: str = "") -> Row:
    def make(folder: Path) -> Path:
        np.savez(folder / "walk.npz", **{name: value for name, value in fields.items() if value is not None})
        return folder / "walk.npz"

    return Row(kind, make, expected, issue)


def damaged(fields: Fields, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "walk.npz"
        np.savez(path, **fields)
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def x(turn: Rotation = Z_UP, **changes: Any) -> Fields:
    """The walk as SMPL-X, some fields changed, those that are None left out."""
    return as_smplx(amass.data(turn)) | changes


def s(turn: Rotation = Z_UP, **changes: Any) -> Fields:
    """The walk as SMPL."""
    return as_smpl(amass.data(turn)) | changes


def split(fields: Fields) -> Fields:
    """Under the names of video methods."""
    poses = fields["poses"]
    return {
        **fields,
        "poses": None,
        "trans": None,
        "global_orient": poses[:, :3],
        "body_pose": poses[:, 3:],
        "transl": fields["trans"],
    }


def matrices(poses: np.ndarray) -> np.ndarray:
    return Rotation.from_rotvec(poses.reshape(-1, 3)).as_matrix().reshape(len(poses), -1, 3, 3)


def with_nan(values: np.ndarray) -> np.ndarray:
    out = values.copy()
    out[17, 4] = np.nan
    return out


CAMERA, Y_UP = Rotation.from_euler("x", 180, degrees=True), Rotation.identity()
X, S = x(), s()
LARGER = matrices(S["poses"])
LARGER[7, 3] *= 1.2

SMPLX = SimpleNamespace(
    __name__="smplx",
    SOURCE="smplx",
    FRAMES=FRAMES,
    compare=amass.compare,
    ROWS=[
        row("as it is", x(), Right()),
        row("y up", x(Y_UP), Right(told=("+y is up", "turned to +z"))),
        row("a camera's coordinates", x(CAMERA), Refused(Reason.ORIENTATION, ("-y axis", "expected along +z"))),
        row("the body alone, of video", {**split(x()), "body_pose": X["poses"][:, 3:66]}, Right()),
        row(
            "called another body",
            x(surface_model_type=np.array("smplh")),
            Refused(Reason.FIELD_VALUE, ("smplh", "55 joints")),
        ),
        row(
            "no rate",
            x(mocap_frame_rate=None),
            Refused(Reason.FIELD_MISSING, ("mocap_frame_rate", "would give 100 Hz", "frame_rate_override")),
        ),
        row(
            "two rates",
            x(mocap_framerate=np.array(60.0)),
            Refused(Reason.FRAME_RATE, ("mocap_framerate", "60", "100")),
            "amass #49",
        ),
        row(
            "a duration of another rate",
            x(mocap_time_length=np.array(FRAMES / 60.0)),
            Refused(Reason.FRAME_RATE, ("mocap_time_length", "60 Hz")),
        ),
        row("no path", x(trans=None), Refused(Reason.FIELD_MISSING, ("trans",))),
        row("no number", x(poses=with_nan(X["poses"])), Refused(Reason.NOT_FINITE, ("frame 17",))),
        row("an unknown shape", x(betas=np.full(16, 20.0)), Refused(Reason.FIELD_VALUE, ("betas", "20"))),
        row("centimetres", x(trans=100 * X["trans"]), Refused(Reason.FIELD_VALUE, ("trans", "metres"))),
        Row("cut", damaged(X, lambda raw: raw[: len(raw) // 2]), Refused(Reason.FILE_CORRUPT, ("walk.npz",))),
    ],
)

SMPL = SimpleNamespace(
    __name__="smpl",
    SOURCE="smpl",
    FRAMES=FRAMES,
    compare=amass.compare,
    ROWS=[
        row("as it is", s(), Right()),
        row("names of video methods", split(s()), Right()),
        row("matrices", s(poses=matrices(S["poses"])), Right()),
        row("y up", s(Y_UP), Right(warned=("y is taken as up",))),
        row("a camera's coordinates", s(CAMERA), Refused(Reason.ORIENTATION, ("camera", "world coordinates"))),
        row("matrices that are no rotations", s(poses=LARGER), Refused(Reason.FIELD_VALUE, ("frame 7", "no rotation"))),
        row(
            "75 values",
            s(poses=np.zeros((FRAMES, 75))),
            Refused(Reason.CONTRADICTION, ("source is smpl", "content is amass")),
        ),
        row("degrees", s(poses=np.degrees(S["poses"])), Refused(Reason.FIELD_VALUE, ("poses", "degrees"))),
        row("another number of rows", s(trans=S["trans"][:150]), Refused(Reason.FIELD_SHAPE, ("trans", "200 frames"))),
        row(
            "shapes that differ between frames",
            s(betas=np.linspace(-1, 1, FRAMES)[:, None] * np.ones(10)),
            Right(warned=("betas",)),
        ),
        row(
            "no path of the root", s(trans=np.tile(S["trans"][:1], (FRAMES, 1))), Refused(Reason.FIXED_ROOT, ("trans",))
        ),
        row(
            "no rate",
            s(mocap_framerate=None),
            Refused(Reason.FIELD_MISSING, ("mocap_framerate", "frame_rate_override")),
        ),
        row("whole numbers", s(poses=S["poses"].astype(int)), Refused(Reason.FIELD_VALUE, ("poses",))),
        Row("empty", damaged(S, lambda raw: b""), Refused(Reason.FILE_CORRUPT, ("walk.npz",))),
    ],
)
