"""Markers after scaling: to the bodies that carry them in motion, adjusted by hand, mirrored left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import opensim

from mint.body.parts import partner_body
from mint.core.status import Reason, StageError
from mint.kinematics.inverse.solver import solve
from mint.kinematics.model.export import items, vector
from mint.kinematics.model.marker_sets import Array, MarkerSet

_MM = 1e-3
_MIRROR = np.array([1.0, 1.0, -1.0])


def static_pose(
    model: Any,
    points: Mapping[str, Array],
    marker_set: MarkerSet,
    task_weights: Mapping[str, float],
    tolerance_rad: float,
) -> dict[str, float]:
    """Coordinates (rad and m) that fit the rest `points` (name -> (3,) m) with the set's scaling weights."""
    weights = {m.name: m.scale_weight for m in marker_set.markers if m.name in points and m.scale_weight > 0}
    positions = np.array([[points[name] for name in weights]])
    solution = solve(model, list(weights), positions, np.zeros(1), weights, task_weights, tolerance_rad)
    return dict(zip(solution.coordinates, solution.q[0].tolist(), strict=True))


def place(model: Any, points: Mapping[str, Array], pose: Mapping[str, float]) -> dict[str, float]:
    """Move every marker that is not fixed to its rest point in the static `pose`; return the distances in m.

    The distance of a fixed marker is its error in that pose.
    """
    state = model.initSystem()
    set_pose(model, state, pose)
    places, distances = {}, {}
    for name, point in points.items():
        marker, ground = model.getMarkerSet().get(name), model.getGround()
        distances[name] = float(np.linalg.norm(point - np.array(vector(marker.getLocationInGround(state)))))
        if not marker.get_fixed():
            frame = marker.getParentFrame()
            places[name] = ground.findStationLocationInAnotherFrame(state, opensim.Vec3(*point), frame)
    for name, location in places.items():
        model.updMarkerSet().get(name).set_location(location)
    return distances


def carry_over(model: Any, marker_set: MarkerSet, pose: Mapping[str, float]) -> None:
    """Move knee and ankle markers to their body after scaling, at the same place in space in the static `pose`.

    `pose` maps coordinates to rad or m.
    """
    state = model.initSystem()
    set_pose(model, state, pose)
    for marker in marker_set.markers:
        if not marker.body_after_scaling or not model.getMarkerSet().contains(marker.name):
            continue
        item = model.updMarkerSet().get(marker.name)
        body = model.getBodySet().get(marker.body_after_scaling)
        location = item.getParentFrame().findStationLocationInAnotherFrame(state, item.get_location(), body)
        item.setParentFrame(body)
        item.set_location(location)
    model.finalizeConnections()


def set_pose(model: Any, state: Any, pose: Mapping[str, float]) -> None:
    """Set coordinates (rad or m) and satisfy the model's couplers; realizes position."""
    for coordinate in items(model.getCoordinateSet()):
        name = coordinate.getName()
        if name in pose and not coordinate.getLocked(state):
            coordinate.setValue(state, float(pose[name]), False)
    model.assemble(state)
    model.realizePosition(state)


def adjust(model: Any, adjustments: Sequence[Mapping[str, Any]]) -> None:
    """Add one subject's rows (marker, dx_mm, dy_mm, dz_mm; frame of the carrying body) to marker locations.

    Raises `StageError(MARKER_MISSING)` for a marker the model does not have, `FIELD_VALUE` for a bad number.
    """
    for row in adjustments:
        name = str(row["marker"])
        if not model.getMarkerSet().contains(name):
            raise StageError(
                Reason.MARKER_MISSING,
                f"marker_adjustments: no marker {name} on the model",
                remedy="use a marker name of the subject's marker set",
            )
        try:
            shift = [_MM * float(row[key]) for key in ("dx_mm", "dy_mm", "dz_mm")]
        except (TypeError, ValueError) as error:
            raise StageError(Reason.FIELD_VALUE, f"marker_adjustments: {name}: {error}") from error
        if not np.all(np.isfinite(shift)):
            raise StageError(Reason.FIELD_VALUE, f"marker_adjustments: {name}: shift is {shift} m")
        marker = model.updMarkerSet().get(name)
        marker.set_location(opensim.Vec3(*(np.array(vector(marker.get_location())) + shift)))


def mirror_pairs(names: Sequence[str], bodies: Mapping[str, str]) -> list[tuple[str, str]]:
    """Right and left partner of every pair, markers on the midline with themselves.

    Partners differ by R/L, r/l at the start of the name or by R_/L_ or r./L.; `bodies` maps marker to body
    and decides between candidates: their bodies must be partners too.
    """
    pairs = []
    for name in names:
        other_side = partner_body(bodies[name])
        partner = next((p for p in _partner_names(name) if bodies.get(p) == other_side), "")
        if partner:
            pairs.append((name, partner))
        elif not _has_side(name, bodies):
            pairs.append((name, name))
    return pairs


def asymmetry(points: Mapping[str, Array], pairs: Sequence[tuple[str, str]]) -> float:
    """Largest distance in m of a marker from the mirror image of its partner, mirror plane through the mean z."""
    middle = float(np.mean([points[name][2] for pair in pairs for name in pair]))
    centred = {name: points[name] - [0, 0, middle] for pair in pairs for name in pair}
    return max(float(np.linalg.norm(centred[a] - _MIRROR * centred[b])) for a, b in pairs)


def mirrored_points(points: Mapping[str, Array], pairs: Sequence[tuple[str, str]]) -> dict[str, Array]:
    """Points made exactly symmetric about the mean z: each is averaged with the mirror image of its partner."""
    middle = float(np.mean([points[name][2] for pair in pairs for name in pair]))
    out = dict(points)
    for a, b in pairs:
        right, left = points[a] - [0, 0, middle], points[b] - [0, 0, middle]
        out[a] = (right + _MIRROR * left) / 2 + [0, 0, middle]
        out[b] = out[a] * _MIRROR + [0, 0, 2 * middle]
    return out


def mirror_locations(model: Any, pairs: Sequence[tuple[str, str]]) -> None:
    """Make marker locations of partners on partner bodies mirror images of each other (mean of both)."""
    markers = model.updMarkerSet()
    for a, b in pairs:
        right, left = (np.array(vector(markers.get(name).get_location())) for name in (a, b))
        mean = (right + _MIRROR * left) / 2
        markers.get(a).set_location(opensim.Vec3(*mean))
        markers.get(b).set_location(opensim.Vec3(*(_MIRROR * mean)))


def _partner_names(name: str) -> list[str]:
    swap = {"R": "L", "L": "R", "r": "l", "l": "r"}
    first = swap.get(name[:1], "")
    return [first + name[1:], first.swapcase() + name[1:]] if first else []


def _has_side(name: str, bodies: Mapping[str, str]) -> bool:
    return partner_body(bodies[name]) != bodies[name]
