"""Values of pose files: numbers that are finite and not rounded; the sex that file or table names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.formats.amass import text_of
from mint.formats.npz import NpzFile
from mint.formats.trials import GENDERS

Floats = NDArray[np.float64]


def numbers(data: NpzFile, field: str) -> Floats:
    """A field as numbers. Raises StageError(FIELD_VALUE, NOT_FINITE) naming the first frame that is none."""
    if data.header(field).dtype.kind not in "fiu":
        raise StageError(
            Reason.FIELD_VALUE, f"{data.path}: field {field} is {data.header(field).dtype}, must be numbers"
        )
    values = data.read(field).astype(np.float64)
    bad = np.flatnonzero(~np.all(np.isfinite(values.reshape(len(values), -1)), axis=1))
    if len(bad):
        what = "coefficient" if field == "betas" else "frame"
        raise StageError(
            Reason.NOT_FINITE,
            f"{data.path}: field {field}, {what} {bad[0]}: not a finite number ({len(bad)} such {what}s)",
        )
    return values


def check_precision(data: NpzFile, field: str, warnings: list[str]) -> None:
    """Refuse radians and metres that were cut to whole numbers; warn of those with three digits."""
    dtype = data.header(field).dtype
    if dtype.kind in "iu":
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field {field} is {dtype}: as whole numbers radians and metres are no motion",
            remedy="export the file again with numbers of 32 or 64 bits with decimals",
        )
    if dtype == np.float16:
        warnings.append(f"{data.path}: field {field} is float16: three digits make accelerations rough")


def gender_of(data: NpzFile, given: str | None, warnings: list[str]) -> str:
    """Gender of the sequence table, or else of the file; a warning where both say something else."""
    if "gender" not in data.fields:
        if given is None:
            warnings.append(f"{data.path}: field gender is missing: neutral is used")
        return given or "neutral"
    try:
        name = text_of(data.read("gender", 4096))
    except StageError:
        if given is None:
            raise
        name = ""
    if given is not None:
        if name in GENDERS and name != given:
            warnings.append(f"{data.path}: field gender is {name}, the sequence table says {given}: the table counts")
        return given
    if name not in GENDERS:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{data.path}: field gender is {name[:40]!r}, must be one of {', '.join(GENDERS)}",
            remedy="set gender for this sequence in the sequence table",
        )
    return name
