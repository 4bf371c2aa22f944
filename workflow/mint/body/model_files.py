"""Where body models lie, SMPL-H by sex, the user's own SMPL-X and SMPL beside it; and how their fields are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.formats.npz import NpzFile

CONVERT = "convert the licensed .pkl or .npz with `mint bodies convert IN OUT.npz`"


def candidates(model_dir: str | Path, model: str, gender: str) -> tuple[Path, ...]:
    """Files that may hold the model of a gender, `smplh`, `smplx` or `smpl`; none for a format without bodies."""
    folder = Path(model_dir)
    if model == "smplh":
        return (folder / gender / "model.npz",)
    own = folder / model / gender / "model.npz"
    return {"smplx": (own, folder / "smplx" / f"SMPLX_{gender.upper()}.npz"), "smpl": (own,)}.get(model, ())


def model_path(model_dir: str | Path, model: str, gender: str) -> Path | None:
    """Where the model of a gender lies, or else the neutral one; None without either."""
    for name in dict.fromkeys((gender, "neutral")):
        for path in candidates(model_dir, model, name):
            if path.is_file():
                return path
    return None


@contextmanager
def model_data(path: str | Path) -> Iterator[NpzFile]:
    """The fields of a model's file; whatever is wrong with them is StageError(BODY_MODEL)."""
    try:
        with NpzFile(path) as data:
            yield data
    except StageError as error:
        if error.reason is Reason.BODY_MODEL:
            raise
        raise StageError(Reason.BODY_MODEL, error.detail, remedy=CONVERT) from error


def model_numbers(data: NpzFile, field: str, shape: tuple[int | None, ...]) -> NDArray[np.float64]:
    """A field of a body model with numbers of this shape (None: any length). Raises StageError(BODY_MODEL)."""
    header = data.header(field)
    wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
    fits = len(header.shape) == len(shape) and all(
        want is None or want == got for want, got in zip(shape, header.shape, strict=True)
    )
    if not fits or header.dtype.kind not in "fiu":
        raise StageError(
            Reason.BODY_MODEL,
            f"{data.path}: field {field} is {header.dtype} {header.shape}, must be numbers {wanted}",
            remedy=CONVERT,
        )
    values = data.read(field).astype(np.float64)
    if not np.all(np.isfinite(values)):
        raise StageError(
            Reason.BODY_MODEL, f"{data.path}: field {field} holds values that are not finite", remedy=CONVERT
        )
    return values


def model_faces(data: NpzFile, vertices: int) -> NDArray[np.int64]:
    """The triangles `(F, 3)` of a model. Raises StageError(BODY_MODEL) if they name vertices that it does not have."""
    faces = model_numbers(data, "f", (None, 3)).astype(np.int64)
    if len(faces) == 0 or faces.min() < 0 or faces.max() >= vertices:
        raise StageError(
            Reason.BODY_MODEL,
            f"{data.path}: field f names vertices outside 0..{vertices - 1}",
            remedy=CONVERT,
        )
    return faces
