"""The header of an AMASS file: frames, rate, and whether what it says twice agrees; shapes and single numbers only."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.validate import ValidateConfig
from mint.core.claims import CONTRADICTION, difference
from mint.core.status import Reason, StageError
from mint.formats.glimpse import Glimpse
from mint.formats.limits import MotionHeader
from mint.formats.npz import NpzFile
from mint.formats.npz_clock import SMALL, claimed_number, npz_clock, number

POSE_VALUES = 156
FRAME_RATE_FIELDS = ("mocap_framerate", "mocap_frame_rate")
# Fields with one row per frame, and their dimensions: labels and latent markers of other files have others.
_PER_FRAME = {
    "dmpls": 2,
    "root_orient": 2,
    "pose_body": 2,
    "pose_hand": 2,
    "pose_jaw": 2,
    "pose_eye": 2,
    "marker_data": 3,
    "markers": 3,
}
_OTHER_BODIES = ("smpl", "smplx", "smplxlockedhead", "smal", "mano", "flame", "star", "supr", "skel")
_LONGEST_ROOT = 2**26  # 20 minutes at 1000 frames/s are 29 MB


def amass_header(data: NpzFile, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate of an open file. Raises StageError."""
    warnings: list[str] = []
    for field in ("poses", "trans", "betas"):
        data.header(field)
    frames = _check_shapes(data)
    rate, stated, elapsed = npz_clock(data, FRAME_RATE_FIELDS, frames, config, frame_rate_override, warnings)
    _check_rows(data, frames, warnings)
    _check_body(data, warnings)
    return MotionHeader(frames, rate, stated, elapsed, tuple(warnings))


def recognizes(seen: Glimpse) -> bool:
    """An archive with fields of AMASS, be some of them missing."""
    return bool({"poses", "trans"} & seen.fields)


def read_amass_header(path: Path, config: ValidateConfig, frame_rate_override: float | None = None) -> MotionHeader:
    """Frames and rate of a file. Raises StageError."""
    with NpzFile(path) as data:
        return amass_header(data, config, frame_rate_override)


def read_stated_rate(path: Path) -> float:
    """The first frame rate [Hz] that a file states, 0 if none is a number. Raises StageError."""
    with NpzFile(path) as data:
        rates = [claimed_number(data, field)[0] for field in FRAME_RATE_FIELDS if field in data.fields]
    return next((rate for rate in rates if rate is not None and math.isfinite(rate)), 0.0)


def read_root(path: Path) -> tuple[NDArray[np.float64], float] | None:
    """Root translation `(n, 3)` m, z up, and the stated frame rate [Hz], the poses unread.

    None where they are no numbers. Raises StageError.
    """
    with NpzFile(path) as data:
        return _root(data)


def _root(data: NpzFile) -> tuple[NDArray[np.float64], float] | None:
    header = data.header("trans")
    rates = [number(data, field)[0] for field in FRAME_RATE_FIELDS if field in data.fields]
    rate = next((value for value in rates if value is not None and math.isfinite(value) and value > 0), None)
    if rate is None or len(header.shape) != 2 or header.shape[1] != 3 or header.dtype.kind not in "fiu":
        return None
    return data.read("trans", _LONGEST_ROOT).astype(np.float64), rate


def _check_shapes(data: NpzFile) -> int:
    """Frames of the file, from the headers alone."""
    poses, trans = data.header("poses").shape, data.header("trans").shape
    if len(poses) != 2 or poses[1] != POSE_VALUES:
        hint = " (165 values belong to SMPL-X, 72 to SMPL)" if len(poses) == 2 and poses[1] in (72, 165) else ""
        raise StageError(
            Reason.FIELD_SHAPE, f"{data.path}: field poses is {poses}, must be (frames, {POSE_VALUES}){hint}"
        )
    if len(trans) != 2 or trans[1] != 3:
        raise StageError(Reason.FIELD_SHAPE, f"{data.path}: field trans is {trans}, must be (frames, 3)")
    if poses[0] != trans[0]:
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{data.path}: field trans has {trans[0]} frames, poses has {poses[0]}",
            remedy="export the file again: poses and trans must have the same frames",
        )
    return poses[0]


def text_of(values: NDArray[Any]) -> str:
    """The single word of an array in small letters, empty if it holds another number of them; bytes that became text by
    `str()` look like `b'male'`."""
    if values.size != 1:
        return ""
    item = values.reshape(-1)[0]
    text = (item.decode("ascii", "replace") if isinstance(item, bytes) else str(item)).strip().lower()
    return text[2:-1] if text.startswith(("b'", 'b"')) else text


def _check_rows(data: NpzFile, frames: int, warnings: list[str]) -> None:
    """Fields that are not used tell whether poses were cut or thinned out after they were made."""
    for field, dimensions in _PER_FRAME.items():
        if field not in data.fields:
            continue
        try:
            shape = data.header(field).shape
        except StageError as error:
            if error.reason is not Reason.FIELD_VALUE:
                warnings.append(f"{error.detail}; it is not used")
            continue
        if len(shape) != dimensions or shape[0] == frames:
            continue
        text = f"{data.path}: field {field} has {shape[0]} frames, poses has {frames}"
        if shape[0] and difference(shape[0], frames) > CONTRADICTION:
            raise StageError(
                Reason.FIELD_SHAPE,
                text,
                remedy="export the file again: all fields must have the same frames; if "
                "poses alone were thinned out, the frame rate is wrong, too",
            )
        warnings.append(text)


def _check_body(data: NpzFile, warnings: list[str]) -> None:
    if "surface_model_type" in data.fields:
        try:
            text = text_of(data.read("surface_model_type", SMALL))
        except StageError:
            text = "unreadable"
        plain = "".join(letter for letter in text if letter.isalnum())
        if plain in _OTHER_BODIES:
            raise StageError(
                Reason.FIELD_VALUE,
                f"{data.path}: field surface_model_type is {text!r}, but poses has the {POSE_VALUES} values of smplh",
                remedy="fetch the SMPL-H version of the file: shape and rest pose of other body models differ",
            )
        if "smplh" not in plain:
            warnings.append(
                f"{data.path}: field surface_model_type is {text[:40]!r}, not smplh: poses and betas are read as smplh"
            )
    if "num_betas" in data.fields:
        value, text = claimed_number(data, "num_betas")
        shape = data.header("betas").shape
        if value is not None and shape and value != shape[-1]:
            warnings.append(
                f"{data.path}: field num_betas is {text}, betas has {shape[-1]} values: all of them are used"
            )
