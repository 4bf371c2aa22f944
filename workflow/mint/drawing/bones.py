"""What a subject's body looks like: surfaces of bones, sticks between joints, contact spheres, places of markers.

All of it is fixed in the bodies of the scaled model, so that their poses place it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import opensim
from numpy.typing import NDArray

from mint.core.status import StageError
from mint.drawing.mesh import outward, read_vtp, thinned
from mint.kinematics.model.export import items, vector

Floats = NDArray[np.float64]
_CELL_SHARE = 0.12  # of a surface's diagonal: small bones keep their shape
_LEAST_CELL_M = 0.005
_STUB_M = 0.01  # shorter sticks are left out


def base_frame(frame: Any) -> tuple[str, Any]:
    """Name of the body (or `ground`) that a frame is fixed in, and the frame's transform in it."""
    return str(frame.findBaseFrame().getName()), frame.findTransformInBaseFrame()


def body_names(model: Any) -> list[str]:
    """Bodies in the order of the model."""
    return [str(body.getName()) for body in items(model.getBodySet())]


def meshes(model: Any) -> list[Any]:
    """Surfaces that the model names."""
    found = (opensim.Mesh.safeDownCast(component) for component in model.getComponentsList())
    return [mesh for mesh in found if mesh is not None]


def surfaces(model: Any, geometry: Path | None, cell_m: float) -> dict[str, Any]:
    """`bone_vertex (v, 3)` m in the body `bone_body (v,)`, `bone_triangle (t, 3)`: all surfaces whose files lie in the
    folder `geometry`, thinned to cubes of `cell_m`, of small bones finer. What cannot be read is left out."""
    order = {name: i for i, name in enumerate(body_names(model))}
    vertices, owners, triangles = [np.zeros((0, 3))], [np.zeros(0, int)], [np.zeros((0, 3), int)]
    count = 0
    for mesh in meshes(model) if geometry else ():
        body, placed = base_frame(mesh.getFrame())
        path = Path(geometry or "", Path(mesh.get_mesh_file()).name)
        if body not in order or not path.is_file():
            continue
        try:
            points, faces = read_vtp(path)
        except StageError as error:
            print(error)
            continue
        points = points * vector(mesh.get_scale_factors())
        cell = float(np.clip(_CELL_SHARE * np.linalg.norm(np.ptp(points, axis=0)), _LEAST_CELL_M, cell_m))
        points, faces = thinned(points, faces, cell)
        if not len(faces):
            continue
        rotation = np.array([[placed.R().get(i, j) for j in range(3)] for i in range(3)])
        vertices.append(points @ rotation.T + vector(placed.p()))
        owners.append(np.full(len(points), order[body]))
        triangles.append(outward(points, faces) + count)
        count += len(points)
    return {
        "bone_vertex": np.concatenate(vertices).astype(np.float32),
        "bone_body": np.concatenate(owners).astype(np.uint8),
        "bone_triangle": np.concatenate(triangles).astype(np.int32),
    }


def sticks(model: Any) -> dict[str, Any]:
    """`stick_end (k, 2, 3)` m in the body `stick_body (k,)`: from each body's joint to those of its children.

    A body that the model gives no surface is no bone (an abdomen of weightless parts), unless it gives none to any.
    """
    order = {name: i for i, name in enumerate(body_names(model))}
    own: dict[str, Floats] = {}
    further: dict[str, list[Floats]] = {name: [] for name in order}
    for joint in items(model.getJointSet()):
        parent, in_parent = base_frame(joint.getParentFrame())
        child, in_child = base_frame(joint.getChildFrame())
        own[child] = np.array(vector(in_child.p()))
        if parent in order:
            further[parent].append(np.array(vector(in_parent.p())))
    bones = {base_frame(mesh.getFrame())[0] for mesh in meshes(model)} or set(order)
    ends, owners = [], []
    for body in items(model.getBodySet()):
        name = str(body.getName())
        start = own.get(name, np.zeros(3))
        centre = np.array(vector(body.getMassCenter()))
        for target in further[name] or [2 * centre - start]:
            if name in bones and np.linalg.norm(target - start) > _STUB_M:
                ends.append([start, target])
                owners.append(order[name])
    return {
        "stick_end": np.array(ends, dtype=np.float32).reshape(-1, 2, 3),
        "stick_body": np.array(owners, dtype=np.uint8),
    }


def markers(model: Any) -> dict[str, Any]:
    """`marker_names (k,)`, `marker_place (k, 3)` m in the body `marker_body (k,)`."""
    order = {name: i for i, name in enumerate(body_names(model))}
    rows = []
    for marker in items(model.getMarkerSet()):
        body, placed = base_frame(marker.getParentFrame())
        if body in order:
            place = placed.shiftFrameStationToBase(marker.get_location())
            rows.append((str(marker.getName()), vector(place), order[body]))
    return {
        "marker_names": np.array([row[0] for row in rows], dtype=str),
        "marker_place": np.array([row[1] for row in rows], dtype=np.float32).reshape(-1, 3),
        "marker_body": np.array([row[2] for row in rows], dtype=np.uint8),
    }


def spheres(model: Any, leg_model: Mapping[str, Any]) -> dict[str, Any]:
    """Contact spheres of the leg model: `sphere_place (k, 3)` m in `sphere_body (k,)`, `sphere_radius (k,)` m."""
    order = {name: i for i, name in enumerate(body_names(model))}
    found = [contact for contact in leg_model["contacts"] if contact["body"] in order]
    return {
        "sphere_place": np.array([c["location_m"] for c in found], dtype=np.float32).reshape(-1, 3),
        "sphere_body": np.array([order[c["body"]] for c in found], dtype=np.uint8),
        "sphere_radius": np.array([c["radius_m"] for c in found], dtype=np.float32),
    }


def body_arrays(model: Any, leg_model: Path, geometry: Path | None, cell_m: float) -> dict[str, Any]:
    """All of the above and `bodies (b,)`; spheres only if there is a leg_model.json."""
    record = json.loads(leg_model.read_text(encoding="utf-8")) if leg_model.is_file() else {"contacts": []}
    return {
        "bodies": np.array(body_names(model)),
        **surfaces(model, geometry, cell_m),
        **sticks(model),
        **markers(model),
        **spheres(model, record),
    }
