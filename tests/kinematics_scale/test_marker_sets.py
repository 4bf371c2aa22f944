"""Tables of marker sets: every name in them means something, and survives a marker file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.core.motionfiles import MarkerTable, read_trc, write_trc
from mint.core.tables import RESOURCES
from mint.kinematics.model.marker_sets import MarkerSet, read_marker_set
from mint.kinematics.scaling.placement import mirror_pairs
from mint.kinematics.scaling.tool import usable

SETS = sorted(path.parent.name for path in RESOURCES.glob("marker_sets/*/markers_pose2sim.csv"))


@pytest.fixture(params=SETS)
def marker_set(request: pytest.FixtureRequest) -> MarkerSet:
    return read_marker_set(request.param, "pose2sim")


def test_every_measurement_uses_points_of_its_set_and_every_point_its_markers(marker_set: MarkerSet) -> None:
    points = dict.fromkeys([*marker_set.names, *(point.name for point in marker_set.derived)])
    assert len(points) == len(marker_set.names) + len(marker_set.derived)
    assert marker_set.measurements and all(usable(m, points) for m in marker_set.measurements)
    assert all(set(point.sources) <= set(marker_set.names) for point in marker_set.derived)


def test_every_body_is_measured_along_all_axes_at_most_once(marker_set: MarkerSet) -> None:
    axes = [(body, axis) for m in marker_set.measurements for body in m.bodies for axis in m.axes]
    assert len(axes) == len(set(axes))
    for part in ("pelvis", "femur_r", "femur_l", "tibia_r", "tibia_l", "calcn_r", "calcn_l", "torso"):
        assert {axis for body, axis in axes if body == part} == set("XYZ"), part


def test_marker_names_survive_a_trc(marker_set: MarkerSet, tmp_path: Path) -> None:
    positions = np.random.default_rng(0).normal(size=(3, len(marker_set.names), 3))
    write_trc(tmp_path / "a.trc", MarkerTable(marker_set.names, positions, np.arange(3) / 50, 50.0))
    assert read_trc(tmp_path / "a.trc").names == marker_set.names


def test_landmarks_of_both_legs_are_mirror_images() -> None:
    table = {m.name: m for m in read_marker_set("rajagopal2016", "pose2sim").markers}
    pairs = mirror_pairs(list(table), {name: m.body for name, m in table.items()})
    assert ("R.Knee", "L.Knee") in pairs
    for a, b in pairs:
        if table[a].scale_weight >= 10:
            x, y, z = table[a].location_m
            assert table[b].location_m == (x, y, -z), a


def test_the_walking_trial_has_exactly_the_markers_of_its_set(shared) -> None:
    names = read_trc(shared("motion/moco_walk/markers_walk.trc")).names
    assert names == read_marker_set("rajagopal2016", "pose2sim").names
