"""Polylines of muscles against OpenSim's own paths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.drawing.chunks import read_chunks
from mint.drawing.motion import whole_body
from mint.drawing.paths import _needed, _spread
from mint.drawing.poses import placed
from mint.drawing.subject import draw
from mint.trunk.model import load_model
from tests.drawing.geometry import carried, length, path_points
from tests.drawing.squat import Squat


@pytest.fixture(scope="module")
def polylines(drawn_squat: Squat) -> tuple[Bundle, list[dict[str, tuple[np.ndarray, list, float]]]]:
    """A drawing of 47 frames; of each and each muscle: our points, OpenSim's named points, OpenSim's length."""
    drawing = draw(drawn_squat.model, drawn_squat.mapping, drawn_squat.folder, ReportConfig(max_frames=50))
    chunks = read_chunks(drawn_squat.folder, [c["window"] for c in drawn_squat.merged.meta["chunks"]])
    q, _ = whole_body(drawn_squat.model, drawn_squat.mapping, drawn_squat.merged, chunks, drawing["frames"])
    out = []
    for row, values in enumerate(q):
        drawn_squat.model.place(values)
        places = drawing["point_place"].astype(float)
        places[drawing["moving_point"]] = drawing["moving_place"][row]
        ground = carried(drawing["body_position"][row], drawing["body_turn"][row], drawing["point_body"], places)
        out.append(
            {
                name: (
                    ground[drawing["point_muscle"] == i],
                    path_points(path, drawn_squat.model.state),
                    path.getLength(drawn_squat.model.state),
                )
                for i, (name, path) in enumerate(drawn_squat.model.paths.items())
            }
        )
    return drawing, out


def tolerance(theirs: list) -> float:
    """1 mm. Where a path touches two surfaces, OpenSim's points depend on the pose that it was asked for before, and its
    length is not that of its points, by up to 5 mm."""
    return 1e-3 if sum(kind == "wrap" for kind, _ in theirs) <= 2 else 6e-3


def test_every_point_that_opensim_has_is_on_the_polyline_within_a_millimetre(polylines: tuple) -> None:
    for at_row in polylines[1]:
        for name, (ours, theirs, _) in at_row.items():
            for _, place in theirs:
                assert np.linalg.norm(ours - place, axis=1).min() < tolerance(theirs), name


def test_polylines_are_as_long_as_the_paths(polylines: tuple) -> None:
    assert len(polylines[1][0]) == 318
    for at_row in polylines[1]:
        for name, (ours, theirs, whole) in at_row.items():
            assert length(ours) == pytest.approx(whole, abs=tolerance(theirs)), name


def test_muscles_meet_and_leave_their_surfaces_in_this_motion(polylines: tuple) -> None:
    touching = np.array(
        [[any(kind == "wrap" for kind, _ in theirs) for _, theirs, _ in at_row.values()] for at_row in polylines[1]]
    )
    drawing, both = polylines[0], touching.any(axis=0) & ~touching.all(axis=0)
    assert both.sum() > 5 and touching.all(axis=0).sum() > 5
    assert set(drawing["point_muscle"][drawing["moving_point"]]) >= set(np.flatnonzero(both))


def test_points_that_exist_under_a_condition_come_and_go_without_a_bend(shared: Any) -> None:
    model = load_model(shared("models/cyclistFullBodyMuscle.osim"))
    coordinates = model.model.getCoordinateSet()
    q = np.tile([coordinates.get(name).getDefaultValue() for name in model.coordinates], (5, 1))
    q[:, [model.coordinates.index(name) for name in ("knee_angle_r", "elbow_flex_r")]] = np.linspace(0, 1.6, 5)[:, None]
    model.follow_couplers(q, np.zeros_like(q), np.zeros_like(q))
    drawn = placed(model, q, 0.0015)
    changing = 0
    for number, (name, path) in enumerate(model.paths.items()):
        points = path.getPathPointSet()
        if path.getWrapSet().getSize() or all(
            points.get(i).getConcreteClassName() == "PathPoint" for i in range(points.getSize())
        ):
            continue
        counts = set()
        for row, values in enumerate(q):
            model.place(values)
            places = drawn["point_place"].astype(float)
            places[drawn["moving_point"]] = drawn["moving_place"][row]
            ground = carried(drawn["body_position"][row], drawn["body_turn"][row], drawn["point_body"], places)
            counts.add(path.getCurrentPath(model.state).getSize())
            assert length(ground[drawn["point_muscle"] == number]) == pytest.approx(
                path.getLength(model.state), abs=1e-4
            ), name
        changing += len(counts) > 1
    assert changing > 0


def test_an_arc_gets_the_points_that_its_tolerance_needs() -> None:
    angle = np.linspace(0, np.pi, 40)
    arc = 0.05 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    assert _needed(arc, 0.02) == 3 and _needed(arc, 0.002) > _needed(arc, 0.008) > 3
    kept = _spread(arc, 5)
    assert np.linalg.norm(kept, axis=1) == pytest.approx([0.05] * 5, rel=1e-3)
    assert np.linalg.norm(np.diff(kept, axis=0), axis=1) == pytest.approx([length(kept) / 4] * 4, rel=1e-3)
