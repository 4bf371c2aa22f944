"""`mint bodies convert IN OUT.npz`: a pickle becomes plain arrays, no code of it runs.

A licensed body model, of SMPL-H, SMPL-X or SMPL, or a motion, as video methods write them.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.body.convert_motion import motion_fields
from mint.body.passive_pickle import PassiveObject, load_passive
from mint.body.shape_model import MODEL_JOINTS
from mint.body.smplh import JOINTS
from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError

FIELDS = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f")
OPTIONAL = ("hands_meanl", "hands_meanr", "hands_componentsl", "hands_componentsr")
_MAX_DEPTH = 8  # chumpy values wrap chumpy values; a file may wrap one in itself
Array = NDArray[Any]


def convert(source: str | Path, target: str | Path, person: str | None = None) -> dict[str, tuple[int, ...]]:
    """Convert a pickled body model or motion to `.npz`; returns the shapes written.

    `source` is a `.pkl`, or an `.npz` whose fields are pickled objects; `person` chooses one of several motions.
    Raises StageError(BODY_MODEL) for anything that is neither, and before anything of a file runs that names other
    classes than arrays, sparse matrices and chumpy values.
    """
    source = Path(source)
    record = _fields_of_npz(source) if source.suffix == ".npz" else _fields_of_pickle(source)
    if not set(FIELDS) & set(record):
        motion = motion_fields(record, source, person)
        return _written(target, {field: _plain(values, source, field) for field, values in motion.items()})
    out: dict[str, Array] = {}
    for field in FIELDS:
        if field not in record:
            raise StageError(Reason.BODY_MODEL, f"{source}: field {field} is missing")
        out[field] = _plain(record[field], source, field)
    for field in OPTIONAL:
        if field in record:
            out[field] = _plain(record[field], source, field)
    vertices, joints = len(out["v_template"]), len(out["J_regressor"])
    joints = joints if joints in MODEL_JOINTS.values() else JOINTS
    wanted = {
        "J_regressor": (joints, vertices),
        "weights": (vertices, joints),
        "posedirs": (vertices, 3, 9 * (joints - 1)),
    }
    for field, shape in wanted.items():
        if out[field].shape != shape:
            raise StageError(
                Reason.BODY_MODEL,
                f"{source}: field {field} is {out[field].shape}, must be {shape}",
                remedy="SMPL has 24 joints, SMPL-H 52, SMPL-X 55: other models do not fit",
            )
    return _written(target, out)


def _written(target: str | Path, out: dict[str, Array]) -> dict[str, tuple[int, ...]]:
    with atomic_path(target) as temporary, temporary.open("wb") as handle:
        np.savez(handle, allow_pickle=False, **out)
    return {field: values.shape for field, values in out.items()}


def _fields_of_pickle(source: Path) -> dict[str, Any]:
    if not source.is_file():
        raise StageError(Reason.FILE_MISSING, f"{source} does not exist")
    with source.open("rb") as handle:
        record = load_passive(handle, str(source))
    if not isinstance(record, dict):
        raise StageError(Reason.BODY_MODEL, f"{source}: holds {type(record).__name__}, not a table of fields")
    return {str(key): value for key, value in record.items()}


def _fields_of_npz(source: Path) -> dict[str, Any]:
    # The array header is read by numpy, the pickle behind an object array by the passive reader.
    record: dict[str, Any] = {}
    try:
        with zipfile.ZipFile(source) as archive:
            for field in (*FIELDS, *OPTIONAL):
                if f"{field}.npy" not in archive.namelist():
                    continue
                with archive.open(f"{field}.npy") as handle:
                    version = np.lib.format.read_magic(handle)
                    read = (
                        np.lib.format.read_array_header_1_0
                        if version == (1, 0)
                        else np.lib.format.read_array_header_2_0
                    )
                    dtype = read(handle)[2]
                    if dtype.hasobject:
                        record[field] = load_passive(handle, f"{source}, field {field}")
                        continue
                with archive.open(f"{field}.npy") as handle:
                    record[field] = np.lib.format.read_array(handle, allow_pickle=False)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise StageError(Reason.BODY_MODEL, f"{source} cannot be read: {error}") from error
    return record


def _plain(value: Any, source: Path, field: str) -> Array:
    """A pickled value as a plain array of numbers."""
    if isinstance(value, np.ndarray) and value.dtype == object and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, PassiveObject):
        value = _sparse(value) if value.name.startswith("scipy.sparse") else _chumpy(value)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu":
        raise StageError(Reason.BODY_MODEL, f"{source}: field {field} is not an array of numbers")
    return np.ascontiguousarray(value)


def _chumpy(value: PassiveObject) -> Any:
    """The array inside a chumpy value, which stores it as `x`; `r` is its result where that was kept."""
    inner: Any = value
    for _ in range(_MAX_DEPTH):
        if not isinstance(inner, PassiveObject):
            return inner
        inner = inner.state.get("x", inner.state.get("r"))
    return None


def _sparse(value: PassiveObject) -> Any:
    """Dense form of a compressed sparse matrix, every index checked; None if it is none."""
    state = value.state
    try:
        rows, columns = (int(n) for n in (state.get("_shape") or state["shape"]))
        data, indices, starts = (np.asarray(state[name]) for name in ("data", "indices", "indptr"))
        by_column = "csc" in value.name
        major, minor = (columns, rows) if by_column else (rows, columns)
        counts = np.diff(starts)
        if (
            rows * columns > 10**8
            or len(counts) != major
            or counts.min() < 0
            or starts[0] != 0
            or starts[-1] != len(data)
        ):
            return None
        if len(indices) != len(data) or (len(indices) and (indices.min() < 0 or indices.max() >= minor)):
            return None
        dense = np.zeros((major, minor), dtype=np.float64)
        np.add.at(dense, (np.repeat(np.arange(major), counts), indices), data)
    except (KeyError, TypeError, ValueError, IndexError):
        return None
    return dense.T if by_column else dense
