"""Mean bodies and shape components of the embedded body, from MakeHuman's targets, in T-pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.inputs.demo_body_pose import (
    Straightened,
    joint_centres,
    skinning_weights,
    t_pose_rotations,
    to_t_pose,
)
from mint.inputs.makehuman import FloatArray, IntArray, MakeHuman
from mint.retarget.joints import JOINTS

COMPONENTS = 16
_STEP = 1e-3  # of a direction; measures are nearly linear in it


@dataclass(frozen=True)
class ShapedBody:
    """A mean body with shape directions: all linear, in T-pose, metres, pelvis joint at the origin."""

    vertices: FloatArray  # (V, 3)
    joints: FloatArray  # (52, 3)
    vertex_directions: FloatArray  # (16, V, 3) per standard deviation
    joint_directions: FloatArray  # (16, 52, 3) per standard deviation
    weights: FloatArray  # (V, 52)

    def mean_with(self, other: ShapedBody) -> ShapedBody:
        """The body halfway between two."""
        return ShapedBody(*(0.5 * (getattr(self, name) + getattr(other, name)) for name in self.__annotations__))


def volume(vertices: FloatArray, faces: IntArray) -> float:
    """Volume enclosed by a closed, outward-oriented mesh, m^3: sum of signed tetrahedra to the origin."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def stature(vertices: FloatArray) -> float:
    """Height of the T-posed body from sole to crown, m."""
    return float(np.ptp(vertices[:, 1]))


def _symmetric(mesh: MakeHuman, displacement: FloatArray) -> FloatArray:
    return 0.5 * (displacement + displacement[mesh.mirror] * np.array([-1.0, 1.0, 1.0]))


def _direction(mesh: MakeHuman, gender: str, increase: str, decrease: str) -> FloatArray:
    """Sum of the increasing targets less the decreasing ones, (A, 3) m, in the rest pose."""
    total = np.zeros_like(mesh.vertices)
    for text, sign in ((increase, 1.0), (decrease, -1.0)):
        for name in text.split(";"):
            for side in ("l", "r") if "{s}" in name else ("",):
                total += sign * mesh.target(name.format(g=gender, s=side))
    return _symmetric(mesh, total)


class _Measures:
    """How far one unit of a rest-pose direction changes a measure of the T-posed body."""

    def __init__(self, mesh: MakeHuman, base: FloatArray, weights: FloatArray) -> None:
        self.mesh, self.base, self.weights = mesh, base, weights
        self.rotations = t_pose_rotations(joint_centres(mesh, base))
        self.body = self.posed(base)

    def posed(self, vertices: FloatArray) -> Straightened:
        return to_t_pose(self.mesh, vertices, self.rotations, self.weights)

    def value(self, body: Straightened, measure: str) -> float:
        if measure == "stature":
            return stature(body.vertices)
        if measure == "volume":
            return volume(body.vertices, self.mesh.faces)
        start, end = (JOINTS.index(name) for name in measure.split("-"))
        return float(np.linalg.norm(body.joints[start] - body.joints[end]))

    def slope(self, direction: FloatArray, measure: str) -> float:
        ends = [self.value(self.posed(self.base + sign * _STEP * direction), measure) for sign in (1, -1)]
        return (ends[0] - ends[1]) / (2 * _STEP)


def shaped_body(mesh: MakeHuman, gender: str) -> ShapedBody:
    """The mean body of a gender, `male` or `female`, with 16 shape components per standard deviation.

    Template: base mesh and the mean of MakeHuman's three ancestries, brought to the stature and volume of
    `resources/demo_body_templates.csv`. Components: `resources/demo_body_shapes.csv`.
    """
    rows = _components()
    rest = [_direction(mesh, gender, row["increase"], row["decrease"]) for row in rows]
    weights = skinning_weights(mesh)
    base = mean_body(mesh, gender)
    measures = _Measures(mesh, base, weights)
    per_stature = rest[0] / measures.slope(rest[0], "stature")
    vertices, joints = [], []
    for index, (row, raw) in enumerate(zip(rows, rest, strict=True)):
        direction = raw if index == 0 else raw - measures.slope(raw, "stature") * per_stature
        per_unit = 1.0 if row["measure"] == "amount" else measures.slope(direction, row["measure"])
        end = measures.posed(base + direction * (float(row["sd"]) / per_unit))
        vertices.append(end.vertices - measures.body.vertices)
        joints.append(end.joints - measures.body.joints)
    return ShapedBody(measures.body.vertices, measures.body.joints, np.array(vertices), np.array(joints), weights)


def _components() -> list[dict[str, Any]]:
    rows = table("demo_body_shapes").to_dict("records")
    if len(rows) != COMPONENTS:
        raise StageError(Reason.BODY_MODEL, f"resources/demo_body_shapes.csv: {len(rows)} rows, not {COMPONENTS}")
    return [{str(key): value for key, value in row.items()} for row in rows]


def mean_body(mesh: MakeHuman, gender: str) -> FloatArray:
    """Rest-pose vertices (A, 3) m with stature and volume of the table: Newton steps along two components."""
    taller, heavier = (_direction(mesh, gender, row["increase"], row["decrease"]) for row in _components()[:2])
    weights = skinning_weights(mesh)
    wanted = table("demo_body_templates").set_index("gender").loc[gender]
    goal = np.array([wanted["stature_m"], wanted["volume_m3"]], dtype=float)
    ancestries = [mesh.target(f"macrodetails/{name}-{gender}-young") for name in ("african", "asian", "caucasian")]
    base = mesh.vertices + _symmetric(mesh, np.mean(ancestries, axis=0))
    for _ in range(8):
        measures = _Measures(mesh, base, weights)
        error = goal - [measures.value(measures.body, name) for name in ("stature", "volume")]
        if np.all(np.abs(error) < 1e-7):
            return base
        slopes = np.array([[measures.slope(d, name) for d in (taller, heavier)] for name in ("stature", "volume")])
        step = np.linalg.solve(slopes, error)
        base = base + step[0] * taller + step[1] * heavier
    raise StageError(Reason.BODY_MODEL, f"demo body {gender}: no shape has stature and volume {goal}")
