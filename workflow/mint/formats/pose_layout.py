"""How a `.npz` of body poses is laid out: which fields hold which joints of which body model, and in what form.

AMASS writes all joints into `poses`, video methods write `global_orient` and `body_pose`; turns are rotation vectors
or matrices. Told from names and shapes alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mint.core.status import Reason, StageError
from mint.formats.amass import text_of
from mint.formats.npz import NpzFile
from mint.formats.npz_clock import SMALL

Model = Literal["smplx", "smpl"]

# In world coordinates, beside others in those of the camera.
WORLD_FIELDS = ("pose_world", "trans_world")
WHOLE_FIELDS = ("poses", "pose", "fullpose", "full_pose")
ROOT_FIELDS = ("root_orient", "global_orient")
BODY_FIELDS = ("pose_body", "body_pose")
HAND_FIELDS = ("pose_hand",)
LEFT_FIELDS, RIGHT_FIELDS = ("left_hand_pose",), ("right_hand_pose",)
TRANS_FIELDS = ("trans", "transl", "translation")
MODEL_FIELDS = ("surface_model_type", "model_type", "body_model")
RATE_FIELDS = ("mocap_framerate", "mocap_frame_rate", "fps", "frame_rate", "framerate", "frameRate")
# What only SMPL-X has.
_FACE_FIELDS = ("pose_jaw", "jaw_pose", "pose_eye", "leye_pose", "reye_pose", "expression", "pose_hand")

# Joints of the whole pose by model. SMPL-X (Pavlakos et al. 2019, doi:10.1109/CVPR.2019.01123): pelvis and 21 of the
# body, jaw, two eyes, 15 of each hand. SMPL (Loper et al. 2015, doi:10.1145/2816795.2818013): one for each hand.
SMPLX_JOINTS, SMPL_JOINTS, BODY_JOINTS, HAND_JOINTS = 55, 24, 22, 15
# Where AMASS's joints of SMPL-H lie among those of SMPL-X: fingers are in the same order in both.
_SMPLX_HANDS = slice(25, 55)


@dataclass(frozen=True)
class Part:
    """`joints` of `field`, put at `first` among the 52 joints of SMPL-H; as matrices or as rotation vectors."""

    field: str
    matrices: bool
    joints: slice
    first: int


@dataclass(frozen=True)
class PoseLayout:
    """Where the poses of a file lie; `amass` if it has AMASS's own axes, z up."""

    model: Model
    frames: int
    parts: tuple[Part, ...]
    trans: str
    amass: bool


def find_layout(data: NpzFile) -> PoseLayout:
    """The layout of an open file. Raises StageError naming what is missing or has another shape."""
    whole = _present(data, WHOLE_FIELDS)
    root, body = _present(data, ROOT_FIELDS), _present(data, BODY_FIELDS)
    trans = _present(data, TRANS_FIELDS)
    if all(field in data.fields for field in WORLD_FIELDS):
        (whole, trans), root = WORLD_FIELDS, None
    if whole is None and (root is None or body is None):
        raise StageError(
            Reason.FIELD_MISSING,
            f"{data.path}: no field poses, nor both of global_orient and body_pose; there are "
            f"{', '.join(sorted(data.fields))[:300] or 'none'}",
            remedy="export poses (SMPL 72, SMPL-X 165 values a frame), or global_orient and body_pose",
        )
    if trans is None:
        raise StageError(
            Reason.FIELD_MISSING,
            f"{data.path}: no field {' or '.join(TRANS_FIELDS[:2])}: the path of the body is missing",
            remedy="export the motion in world coordinates with the path of its root, under one of these names",
        )
    if whole is not None and _turns(data, whole)[1] > BODY_JOINTS:
        model, frames, parts = _of_whole(data, whole)
    elif root is not None and body is not None:
        model, frames, parts = _of_parts(data, root, body)
    else:
        assert whole is not None
        model, frames, parts = _of_whole(data, whole)
    _check_trans(data, trans, frames, parts[0].field)
    amass = {"surface_model_type", "mocap_frame_rate"} <= data.fields
    return PoseLayout(model, frames, parts, trans, amass)


def _of_whole(data: NpzFile, field: str) -> tuple[Model, int, tuple[Part, ...]]:
    frames, joints, matrices = _turns(data, field)
    if joints not in (SMPLX_JOINTS, SMPL_JOINTS, BODY_JOINTS):
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{data.path}: field {field} is {data.header(field).shape}, {joints} joints; SMPL has 24 (72 values), "
            "SMPL-X 55 (165), SMPL-H 52 (156)",
            remedy="export all joints of SMPL, SMPL-H or SMPL-X",
        )
    parts = [Part(field, matrices, slice(0, BODY_JOINTS), 0)]
    if joints == SMPLX_JOINTS:
        parts.append(Part(field, matrices, _SMPLX_HANDS, BODY_JOINTS))
    model: Model = "smplx" if joints == SMPLX_JOINTS else "smpl" if joints == SMPL_JOINTS else _named(data) or "smpl"
    _agree(data, field, joints, model)
    return model, frames, tuple(parts)


def _of_parts(data: NpzFile, root: str, body: str) -> tuple[Model, int, tuple[Part, ...]]:
    (frames, one, root_matrices), (_, joints, body_matrices) = _turns(data, root), _turns(data, body)
    if one != 1 or joints not in (BODY_JOINTS - 1, SMPL_JOINTS - 1):
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{data.path}: field {root} has {one} joints and {body} {joints}; must be 1 and 21 or 23",
            remedy="export global_orient (3 values a frame) and body_pose (63 or 69)",
        )
    parts = [Part(root, root_matrices, slice(0, 1), 0), Part(body, body_matrices, slice(0, BODY_JOINTS - 1), 1)]
    for fields, first, count in (
        (HAND_FIELDS, BODY_JOINTS, 2),
        (LEFT_FIELDS, BODY_JOINTS, 1),
        (RIGHT_FIELDS, BODY_JOINTS + HAND_JOINTS, 1),
    ):
        hand = _present(data, fields)
        # Hands in components of their own (6 or 12 values) need the model that wrote them: they stay at rest.
        if hand is not None and _joints_of(data, hand) == count * HAND_JOINTS:
            parts.append(Part(hand, _turns(data, hand)[2], slice(0, count * HAND_JOINTS), first))
    for part in parts[1:]:
        if _turns(data, part.field)[0] != frames:
            raise StageError(
                Reason.FIELD_SHAPE,
                f"{data.path}: field {part.field} has {_turns(data, part.field)[0]} frames, {root} has {frames}",
                remedy="export the file again: all fields must have the same frames",
            )
    face = any(field in data.fields for field in (*_FACE_FIELDS, *LEFT_FIELDS, *RIGHT_FIELDS))
    model: Model = "smpl" if joints == SMPL_JOINTS - 1 else _named(data) or ("smplx" if face else "smpl")
    _agree(data, body, joints + 1, model)
    return model, frames, tuple(parts)


def _turns(data: NpzFile, field: str) -> tuple[int, int, bool]:
    """Frames, joints, and whether the turns are matrices, by the shape of a field. Raises StageError(FIELD_SHAPE)."""
    shape = data.header(field).shape
    if len(shape) >= 3 and shape[-2:] == (3, 3) and (len(shape) == 4 or field in ROOT_FIELDS):
        return shape[0], (shape[1] if len(shape) == 4 else 1), True
    if len(shape) == 3 and shape[2] == 3:
        return shape[0], shape[1], False
    if len(shape) == 2 and shape[1] % 3 == 0 and shape[1]:
        return shape[0], shape[1] // 3, False
    raise StageError(
        Reason.FIELD_SHAPE,
        f"{data.path}: field {field} is {shape}, must be rotation vectors (frames, 3 x joints) or (frames, joints, 3), "
        "or matrices (frames, joints, 3, 3)",
        remedy="export rotation vectors (axis-angle) or rotation matrices",
    )


def _joints_of(data: NpzFile, field: str) -> int:
    try:
        return _turns(data, field)[1]
    except StageError:
        return 0


def _check_trans(data: NpzFile, trans: str, frames: int, other: str) -> None:
    shape = data.header(trans).shape
    if shape not in ((frames, 3), (frames, 1, 3)):
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{data.path}: field {trans} is {shape}, must be ({frames}, 3): {other} has {frames} frames",
            remedy="export the file again: poses and the path of the root must have the same frames",
        )


def model_word(data: NpzFile) -> str:
    """What the file calls its body model, small letters and digits only; empty if it says nothing."""
    for field in MODEL_FIELDS:
        if field in data.fields:
            try:
                word = text_of(data.read(field, SMALL))
            except StageError:
                continue
            return "".join(letter for letter in word if letter.isalnum())
    return ""


def _named(data: NpzFile) -> Model | None:
    word = model_word(data)
    if word.startswith("smplx"):
        return "smplx"
    return "smpl" if word == "smpl" else None


def _agree(data: NpzFile, field: str, joints: int, model: Model) -> None:
    """Refuse a file that names another body model than its poses have joints for."""
    word = model_word(data)
    known = {"smpl": "smpl", "smplh": "smplh", "smplx": "smplx", "smplxlockedhead": "smplx"}
    other = {"smal", "mano", "flame", "star", "supr", "skel"}
    if word in other or (word in known and known[word] != model and not (joints == BODY_JOINTS and word == "smplh")):
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: the body model is called {word!r}, but field {field} has the {joints} joints of {model}",
            remedy="export the file again with the poses of one body model, SMPL, SMPL-H or SMPL-X",
        )


def _present(data: NpzFile, fields: tuple[str, ...]) -> str | None:
    return next((field for field in fields if field in data.fields), None)
