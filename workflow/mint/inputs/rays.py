"""Where a ray leaves a closed triangle mesh."""

from __future__ import annotations

import numpy as np

from mint.inputs.makehuman import FloatArray, IntArray


def hits(vertices: FloatArray, faces: IntArray, origin: FloatArray, direction: FloatArray) -> FloatArray:
    """Distances (k,) along the ray at which it meets the mesh, ascending, none behind the origin.

    Moeller and Trumbore 1997, J. Graphics Tools 2(1), all triangles at once. `direction` (3,) need not have
    unit length; distances are in its units.
    """
    a = vertices[faces[:, 0]]
    edge1, edge2 = vertices[faces[:, 1]] - a, vertices[faces[:, 2]] - a
    p = np.cross(direction, edge2)
    determinant = np.einsum("ij,ij->i", edge1, p)
    meets = np.abs(determinant) > 1e-14
    inverse = np.divide(1.0, determinant, where=meets, out=np.zeros_like(determinant))
    offset = origin - a
    u = np.einsum("ij,ij->i", offset, p) * inverse
    q = np.cross(offset, edge1)
    v = (q @ direction) * inverse
    distance = np.einsum("ij,ij->i", edge2, q) * inverse
    # A ray in the plane of symmetry runs along edges: a margin keeps it from slipping between triangles.
    margin = 1e-9
    inside = meets & (u >= -margin) & (v >= -margin) & (u + v <= 1 + margin) & (distance > 0)
    return np.sort(distance[inside])
