"""Muscle paths as polylines with the same points in every frame, each fixed to one body.

Points of the path that its model fixes in a body stay where they are. Where a path runs over a wrapping surface, a few
points of its arc follow frame by frame; while it does not touch, they lie on the straight line between the neighbours.
So do points that exist under a condition only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import opensim
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.drawing.bones import base_frame
from mint.kinematics.model.export import vector
from mint.trunk.model import TrunkModel

Floats = NDArray[np.float64]
_DENSE = 16  # points of an arc that are read; OpenSim has one every millimetre
_FEWEST, _MOST = 3, 9  # points of an arc that are kept


@dataclass
class _Muscle:
    """One path: its points in order, those of each frame, and the arcs between them."""

    path: Any
    bodies: list[int]
    stations: list[Floats]
    fixed: list[bool]
    names: dict[str, int]
    moving: dict[int, dict[int, Floats | None]] = field(default_factory=dict)  # point -> row -> place in its body
    arcs: dict[tuple[int, str], dict[int, Floats]] = field(default_factory=dict)  # point before, surface: row -> arc
    surfaces: dict[str, int] = field(default_factory=dict)  # surface -> body
    rank: dict[tuple[int, str], int] = field(default_factory=dict)  # arcs before it between the same points

    @property
    def live(self) -> bool:
        """Whether frames differ."""
        return not all(self.fixed) or self.path.getWrapSet().getSize() > 0


class PathRecorder:
    """Reads the paths of all muscles of a model, frame by frame, and then makes polylines of them."""

    def __init__(self, model: TrunkModel, bodies: list[str]) -> None:
        self._model, self._order = model, {name: i for i, name in enumerate(bodies)}
        self._muscles = {name: self._muscle(path) for name, path in model.paths.items()}
        self._rows: list[int] = []

    def _muscle(self, path: Any) -> _Muscle:
        out = _Muscle(path, [], [], [], {})
        points = path.getPathPointSet()
        for i in range(points.getSize()):
            point = points.get(i)
            body, placed = base_frame(point.getParentFrame())
            fixed = point.getConcreteClassName() == "PathPoint"
            local = opensim.PathPoint.safeDownCast(point).get_location() if fixed else opensim.Vec3(0)
            out.bodies.append(self._order[body])
            out.stations.append(np.array(vector(placed.shiftFrameStationToBase(local))))
            out.fixed.append(fixed)
            out.names[str(point.getName())] = i
        out.moving = {i: {} for i, fixed in enumerate(out.fixed) if not fixed}
        return out

    def record(self, row: int) -> None:
        """Keep the paths at the model's present pose as those of `row`."""
        self._rows.append(row)
        for muscle in self._muscles.values():
            if muscle.live:
                self._record(muscle, row)

    def _record(self, muscle: _Muscle, row: int) -> None:
        state, current = self._model.state, muscle.path.getCurrentPath(self._model.state)
        before = rank = 0
        for i in range(current.getSize()):
            point = current.get(i)
            wrapped = opensim.PathWrapPoint.safeDownCast(point)
            if wrapped is None:
                before, rank = muscle.names[str(point.getName())], 0
                if before in muscle.moving:
                    muscle.moving[before][row] = self._place(point)[1]
                continue
            if i + 1 < current.getSize() and wrapped.getWrapLength(state) == 0.0:
                surface = str(wrapped.getWrapObject().getName())
                following = opensim.PathWrapPoint.safeDownCast(current.get(i + 1))
                if following is not None:
                    arc = before, surface
                    muscle.arcs.setdefault(arc, {})[row] = self._arc(muscle, surface, wrapped, following)
                    muscle.rank[arc] = max(rank, muscle.rank.get(arc, 0))
                    rank += 1

    def _place(self, point: Any) -> tuple[int, Floats]:
        body, placed = base_frame(point.getParentFrame())
        local = placed.shiftFrameStationToBase(point.getLocation(self._model.state))
        return self._order[body], np.array(vector(local))

    def _arc(self, muscle: _Muscle, surface: str, first: Any, last: Any) -> Floats:
        """Points (k, 3) of an arc in the body of its surface, ends included."""
        body, start = self._place(first)
        _, placed = base_frame(first.getParentFrame())
        path = last.getWrapPath(self._model.state)
        inner = range(1, path.getSize(), max(1, path.getSize() // _DENSE))
        between = [vector(placed.shiftFrameStationToBase(path.get(k))) for k in inner]
        muscle.surfaces[surface] = body
        return np.array([start, *between, self._place(last)[1]])

    def arrays(self, position: Floats, turn: Floats, tolerance_m: float) -> dict[str, Any]:
        """`muscles (m,)`, `point_muscle (s,)`, `point_body (s,)`, `point_place (s, 3)` m in the body; those of
        `moving_point (k,)` are at `moving_place (n, k, 3)` instead (NaN without a pose)."""
        owners: list[int] = []
        bodies: list[int] = []
        places: list[Floats] = []
        moving: list[int] = []
        tracks: list[Floats] = []
        for number, muscle in enumerate(self._muscles.values()):
            for body, station, track in self._points(muscle, position, turn, tolerance_m):
                if track is not None:
                    moving.append(len(owners))
                    tracks.append(track)
                owners.append(number)
                bodies.append(body)
                places.append(station)
        return {
            "muscles": np.array(list(self._muscles)),
            "point_muscle": np.array(owners, dtype=np.int32),
            "point_body": np.array(bodies, dtype=np.uint8),
            "point_place": np.array(places, dtype=np.float32).reshape(-1, 3),
            "moving_point": np.array(moving, dtype=np.int32),
            "moving_place": np.array(tracks, dtype=np.float32).reshape(-1, len(position), 3).swapaxes(0, 1),
        }

    def _points(
        self, muscle: _Muscle, position: Floats, turn: Floats, tolerance_m: float
    ) -> list[tuple[int, Floats, Floats | None]]:
        """Body, place and, where frames differ, places (n, 3) in the body of each point of the polyline."""
        out: list[tuple[int, Floats, Floats | None]] = []
        n = len(position)
        for i, body in enumerate(muscle.bodies):
            track = None
            if i in muscle.moving:
                track = np.full((n, 3), np.nan)
                for row, place in muscle.moving[i].items():
                    track[row] = place
            out.append((body, muscle.stations[i], track))
            for (before, surface), arcs in sorted(muscle.arcs.items(), key=lambda item: muscle.rank[item[0]]):
                if before == i:
                    longest = max(arcs.values(), key=_length)
                    count = _needed(longest, tolerance_m)
                    tracks = np.full((count, n, 3), np.nan)
                    for row, arc in arcs.items():
                        tracks[:, row] = _spread(arc, count)
                    out += [(muscle.surfaces[surface], np.zeros(3), each) for each in tracks]
        return self._filled(out, position, turn)

    def _filled(
        self, points: list[tuple[int, Floats, Floats | None]], position: Floats, turn: Floats
    ) -> list[tuple[int, Floats, Floats | None]]:
        """Points that a frame does not have, put on the straight line between those that it has."""
        if all(track is None for _, _, track in points):
            return points
        for row in self._rows:
            rotation = Rotation.from_quat(turn[row]).as_matrix()
            local = np.array([station if track is None else track[row] for _, station, track in points])
            bodies = [body for body, _, _ in points]
            ground = np.einsum("pij,pj->pi", rotation[bodies], local) + position[row, bodies]
            known = np.isfinite(ground[:, 0])
            at = np.arange(len(points))
            for axis in range(3):
                ground[~known, axis] = np.interp(at[~known], at[known], ground[known, axis])
            back = np.einsum("pji,pj->pi", rotation[bodies], ground - position[row, bodies])
            for (_, _, track), place, there in zip(points, back, known, strict=True):
                if track is not None and not there:
                    track[row] = place
        return points


def _length(arc: Floats) -> float:
    return float(np.linalg.norm(np.diff(arc, axis=0), axis=1).sum())


def _spread(arc: Floats, count: int) -> Floats:
    """`count` points (count, 3) at equal distances along the polyline `arc (k, 3)`."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(arc, axis=0), axis=1))])
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, arc[:, axis]) for axis in range(3)], axis=1)


def _needed(arc: Floats, tolerance_m: float) -> int:
    """How few points keep within the tolerance of an arc."""
    fine = _spread(arc, 8 * _DENSE)
    for count in range(_FEWEST, _MOST):
        along = np.linspace(0, count - 1, len(fine))
        kept = _spread(arc, count)
        chord = np.stack([np.interp(along, np.arange(count), kept[:, axis]) for axis in range(3)], axis=1)
        if np.linalg.norm(fine - chord, axis=1).max() <= tolerance_m:
            return count
    return _MOST
