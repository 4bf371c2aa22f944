"""Surfaces of bones: read from VTK's text format, thinned for a web page."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
_FLAT = 0.05  # share of the largest singular value below which a direction says nothing about a vertex


def read_vtp(path: str | Path) -> tuple[Floats, Indices]:
    """Vertices (v, 3) and triangles (t, 3) of a text `.vtp`; polygons become fans. Raises StageError(FILE_CORRUPT)."""
    try:
        piece = ElementTree.parse(path).getroot().find("PolyData/Piece")
        assert piece is not None
        points = _numbers(piece.find("Points/DataArray"), float).reshape(-1, 3)
        arrays = {array.get("Name"): array for array in piece.iterfind("Polys/DataArray")}
        corners, ends = _numbers(arrays["connectivity"], int), _numbers(arrays["offsets"], int)
        polygons = np.split(corners, ends[:-1])
        fans = [np.stack([np.full(len(p) - 2, p[0]), p[1:-1], p[2:]], axis=1) for p in polygons if len(p) > 2]
        triangles = np.concatenate(fans)
        points[triangles]  # an index that does not exist is a fault of the file
    except (OSError, ValueError, KeyError, IndexError, AssertionError, ElementTree.ParseError) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path} is no surface: {error!r}") from error
    return points, triangles


def outward(vertices: Floats, triangles: Indices) -> Indices:
    """The triangles of a closed surface in the order in which each is seen from outside against the clock."""
    a, b, c = (vertices[triangles[:, i]] - vertices.mean(axis=0) for i in range(3))
    inside_out = np.einsum("ti,ti->", a, np.cross(b, c)) < 0
    return triangles[:, ::-1] if inside_out else triangles


def _numbers(array: Any, kind: type) -> Any:
    if array is None or array.get("format") != "ascii":
        raise ValueError("not in text format")
    return np.array((array.text or "").split(), dtype=kind)


def thinned(vertices: Floats, triangles: Indices, cell_m: float) -> tuple[Floats, Indices]:
    """The surface with one vertex for all that lie in one cube of side `cell_m`, as near as can be to the planes of the
    triangles that meet there (Lindstrom 2000, "Out-of-core simplification of large polygonal models")."""
    low = vertices.min(axis=0)
    _, cell = np.unique(np.floor((vertices - low) / cell_m).astype(np.int64), axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    count = int(cell.max()) + 1
    size = np.bincount(cell, minlength=count)[:, None]
    centre = np.stack([np.bincount(cell, vertices[:, i], count) for i in range(3)], axis=1) / size
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    quadric, pull = np.zeros((count, 3, 3)), np.zeros((count, 3))
    for corner in range(3):
        at = cell[triangles[:, corner]]
        offset = np.einsum("ti,ti->t", normal, a - centre[at])
        np.add.at(quadric, at, normal[:, :, None] * normal[:, None, :])
        np.add.at(pull, at, normal * offset[:, None])
    u, strength, vt = np.linalg.svd(quadric)
    known = strength > _FLAT * np.maximum(strength[:, :1], 1e-300)
    inverse = np.where(known, 1 / np.where(known, strength, 1.0), 0.0)
    move = np.einsum("nji,nj,nkj,nk->ni", vt, inverse, u.transpose(0, 2, 1), pull)
    placed = centre + np.clip(move, -cell_m, cell_m)
    faces = cell[triangles]
    faces = faces[(faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])]
    _, first = np.unique(np.sort(faces, axis=1), axis=0, return_index=True)
    return _used(placed, faces[np.sort(first)])


def _used(vertices: Floats, triangles: Indices) -> tuple[Floats, Indices]:
    """Without vertices that no triangle has."""
    used, triangles = np.unique(triangles, return_inverse=True)
    return vertices[used], triangles.reshape(-1, 3)
