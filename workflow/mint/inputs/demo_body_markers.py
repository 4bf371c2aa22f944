"""Marker vertices of the embedded body by the rules of `resources/marker_sets/demo_body/landmarks.csv`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.inputs.demo_body_shape import stature
from mint.inputs.makehuman import FloatArray, IntArray
from mint.inputs.rays import hits
from mint.retarget.joints import JOINTS


def marker_names() -> list[str]:
    """The 67 markers in the order of the marker set."""
    return [str(name) for name in table("marker_sets/demo_body/markers")["marker"]]


def marker_vertices(
    vertices: FloatArray, joints: FloatArray, weights: FloatArray, faces: IntArray, mirror: IntArray
) -> dict[str, int]:
    """Vertex of each of the 67 markers on a symmetric T-posed body; right markers are mirrored left ones.

    `vertices (V, 3)` m, y up, facing +z; `joints (52, 3)` m; `weights (V, 52)`; `mirror (V,)`.
    Raises `StageError(MARKER_MISSING)` if a rule leaves the body or a marker has no rule.
    """
    body = _Body(vertices, joints, weights, faces, mirror)
    found: dict[str, int] = {}
    for row in table("marker_sets/demo_body/landmarks").to_dict("records"):
        vertex = body.vertex({str(key): value for key, value in row.items()})
        found[row["marker"]] = vertex
        if isinstance(row["mirror"], str):
            found[row["mirror"]] = int(mirror[vertex])
    missing = [name for name in marker_names() if name not in found]
    if missing:
        raise StageError(Reason.MARKER_MISSING, f"landmarks.csv has no rule for {', '.join(missing)}")
    return {name: found[name] for name in marker_names()}


def skin_around_joints(
    vertices: FloatArray, joints: FloatArray, faces: IntArray, mirror: IntArray
) -> dict[str, tuple[int, int]]:
    """Vertices before and behind pelvis, hips (the iliac spines) and spine joints; needs no T-pose.

    `vertices (V, 3)` m, `joints (52, 3)` m, of which only the heights count.
    """
    body = _Body(vertices, joints, np.zeros((len(vertices), 0)), faces, mirror)
    asis, psis = body.vertex(body.rule("LASI")), body.vertex(body.rule("LPSI"))
    out = {
        "pelvis": (asis, psis),
        "left_hip": (asis, psis),
        "right_hip": (int(mirror[asis]), int(mirror[psis])),
    }
    for name in ("spine1", "spine2", "spine3"):
        level = (joints[JOINTS.index(name)][1] - body.sole) / body.stature
        rule = {
            "marker": name,
            "mirror": None,
            "origin": "level",
            "lateral": 0.0,
            "up": level,
            "forward": 0.0,
            "ray_lateral": 0.0,
            "ray_up": 0.0,
        }
        out[name] = (body.vertex({**rule, "ray_forward": 1.0}), body.vertex({**rule, "ray_forward": -1.0}))
    return out


class _Body:
    """The T-posed body on which rules are applied; lengths of the rules are fractions of its stature."""

    def __init__(
        self, vertices: FloatArray, joints: FloatArray, weights: FloatArray, faces: IntArray, mirror: IntArray
    ) -> None:
        self.vertices, self.joints, self.weights, self.faces = vertices, joints, weights, faces
        self.midline = np.flatnonzero(mirror == np.arange(len(mirror)))
        self.stature, self.sole = stature(vertices), float(vertices[:, 1].min())

    def vertex(self, row: dict[str, Any]) -> int:
        """Vertex of one rule. A marker without a mirror lies on the midline, exactly."""
        allowed = np.arange(len(self.vertices)) if isinstance(row["mirror"], str) else self.midline
        if row["origin"] == "top":
            return int(allowed[np.argmax(self.vertices[allowed, 1])])
        if row["origin"] == "tip":
            joint = JOINTS.index(row["joint"])
            allowed = np.flatnonzero(np.argmax(self.weights, axis=1) == joint)
            distance = np.linalg.norm(self.vertices[allowed] - self.joints[joint], axis=1)
            return int(allowed[np.argmax(distance)])
        ray = np.array([row["ray_lateral"], row["ray_up"], row["ray_forward"]], dtype=float)
        point = self._first_hit(self._origin(row), ray / np.linalg.norm(ray), row["marker"])
        return int(allowed[np.argmin(np.linalg.norm(self.vertices[allowed] - point, axis=1))])

    def _first_hit(self, origin: FloatArray, direction: FloatArray, marker: str) -> FloatArray:
        distances = hits(self.vertices, self.faces, origin, direction)
        if not len(distances):
            raise StageError(Reason.MARKER_MISSING, f"landmarks.csv: the ray of {marker} misses the body")
        return origin + distances[0] * direction

    def _origin(self, row: dict[str, Any]) -> FloatArray:
        """Start of the ray, m. The left side is +x, so lateral is x."""
        offset = self.stature * np.array([row["lateral"], row["up"], row["forward"]], dtype=float)
        kind = row["origin"]
        if kind == "joint":
            return self._joint(row["joint"]) + offset
        if kind == "sole":
            joint = self._joint(row["joint"])
            return np.array([joint[0] + offset[0], self.sole + offset[1], joint[2] + offset[2]])
        if kind == "level":
            return self._middle(offset[0], self.sole + offset[1], row["marker"])
        hip = self._joint("left_hip")[1]
        if kind == "hip":
            return self._middle(offset[0], hip + offset[1], row["marker"])
        if kind == "spine":
            cervicale = self.sole + self.stature * self.rule("C7")["up"]
            return self._middle(offset[0], hip + row["up"] * (cervicale - hip), row["marker"])
        raise StageError(Reason.MARKER_MISSING, f"landmarks.csv: unknown origin {kind!r} of {row['marker']}")

    def _joint(self, name: str) -> FloatArray:
        return self.joints[JOINTS.index(name)]

    def rule(self, marker: str) -> dict[str, Any]:
        """Row of the landmark table."""
        rows = table("marker_sets/demo_body/landmarks")
        return {str(k): v for k, v in rows[rows["marker"] == marker].iloc[0].items()}

    def _middle(self, x: float, y: float, marker: str) -> FloatArray:
        """Halfway between front and back skin on the line parallel to z through (x, y)."""
        behind = float(self.vertices[:, 2].min()) - 1.0
        # A hair off the midline, so that the ray does not run along the edges that lie in it.
        distances = hits(self.vertices, self.faces, np.array([x + 1e-6, y, behind]), np.array([0.0, 0.0, 1.0]))
        if len(distances) < 2:
            raise StageError(Reason.MARKER_MISSING, f"landmarks.csv: the level of {marker} misses the body")
        return np.array([x + 1e-6, y, behind + 0.5 * (distances[0] + distances[-1])])
