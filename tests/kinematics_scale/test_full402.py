"""The model with every vertebra: its tables are complete, it scales, and 67 markers give all 115 coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.core.motionfiles import MarkerTable, write_trc
from mint.kinematics import ik, scale
from mint.kinematics.ik import weights_of
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics
from mint.kinematics.inverse.problem import Problem, minimize
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.model.export import items, load_model
from mint.kinematics.model.marker_sets import read_marker_set
from mint.kinematics.scaling.model import marker_positions, replace_markers
from tests.kinematics_scale.conftest import assert_tools_minimum, write_body


@pytest.fixture(scope="module")
def osim(shared):
    return shared("models/cyclistFullBodyMuscle.osim")


@pytest.fixture(scope="module")
def scaled(osim, tmp_path_factory):
    folder = tmp_path_factory.mktemp("full402")
    model = load_model(osim)
    markers = read_marker_set("smplh67", "full402")
    replace_markers(model, markers, markers.names)
    points = {n: p * 1.05 for n, p in marker_positions(model, model.initSystem()).items()}
    body = write_body(folder / "body.npz", points, 80.0)
    bundle = scale.run(
        osim,
        [body],
        "smplh67",
        "full402",
        folder / "scaled.osim",
        folder / "leg.osim",
        folder / "leg_model.json",
        folder / "scale.npz",
        KinematicsConfig(),
    )
    assert bundle.ok, bundle.status.message
    return folder, bundle


def test_every_free_coordinate_has_a_range_and_a_source(osim):
    model = load_model(osim)
    locked = {c.getName() for c in items(model.getCoordinateSet()) if c.getDefaultLocked()}
    free = {c.getName() for c in items(model.getCoordinateSet())} - locked - {"knee_angle_r_beta", "knee_angle_l_beta"}
    assert set(coordinate_rows("full402")) == free
    assert len(free) == 115


def test_a_uniformly_larger_body_scales_every_body_by_the_same_factor(scaled):
    _, bundle = scaled
    for name, factors in bundle.meta["scale_factors"].items():
        assert np.allclose(factors, 1.05, atol=2e-3), name


def test_all_free_coordinates_are_clamped_in_the_scaled_model(scaled):
    folder, _ = scaled
    model = load_model(folder / "scaled.osim")
    rows = coordinate_rows("full402")
    for coordinate in items(model.getCoordinateSet()):
        if coordinate.getName() in rows:
            assert coordinate.getDefaultClamped(), coordinate.getName()


def test_bending_of_the_spine_is_found_and_the_abdomen_follows_the_lumbar_joints(scaled, tmp_path):
    folder, _ = scaled
    model = load_model(folder / "scaled.osim")
    names = read_marker_set("smplh67", "full402").names
    kinematics = MarkerKinematics(model, names)
    independent = kinematics.names
    lumbar = [f"{level}_FE" for level in ("L5_S1", "L4_L5", "L3_L4", "L2_L3", "L1_L2", "T12_L1")]
    frames = np.arange(40)
    truth = -np.radians(5) * np.sin(2 * np.pi * 0.8 * frames / 50)
    reduced = np.tile(kinematics.neutral, (len(frames), 1))
    for name in lumbar:
        reduced[:, independent.index(name)] = truth
    positions = np.array([kinematics.positions(row) for row in reduced])
    write_trc(tmp_path / "x.trc", MarkerTable(names, positions, np.round(frames / 50, 2), 50.0))
    bundle = ik.run(
        tmp_path / "x.trc",
        folder / "scale.npz",
        folder / "scaled.osim",
        folder / "leg.osim",
        (5, 35),
        tmp_path / "ik.npz",
        KinematicsConfig(),
    )
    assert bundle.ok, bundle.status.message
    assert bundle["marker_rms_m"].max() < 2e-3
    q = {name: bundle["q"][:, i] for i, name in enumerate(bundle.names("coordinates"))}
    total = sum(q[name] for name in lumbar)
    assert np.degrees(np.abs(total - 6 * truth[5:36])).max() < 3.0
    assert np.allclose(q["Abs_FE"], total, atol=1e-9)


def test_an_arm_that_winds_past_a_full_turn_meets_no_bound(scaled):
    folder, _ = scaled
    model = load_model(folder / "scaled.osim")
    markers = read_marker_set("smplh67", "full402").names
    kinematics = MarkerKinematics(model, markers)
    arm = [kinematics.names.index(f"{name}_r") for name in ("elv_angle", "shoulder_elv", "shoulder_rot")]
    knee = kinematics.names.index("knee_angle_r")
    assert not np.isfinite(kinematics.upper[arm]).any() and np.isfinite(kinematics.upper[knee])
    # The elevation winds on past the end of its range in the model (2 pi) while its plane turns.
    angles = np.linspace(2 * np.pi - 0.3, 2 * np.pi + 0.6, 10)
    q = np.tile(kinematics.neutral, (len(angles), 1))
    q[:, arm[0]], q[:, arm[1]] = np.linspace(0.2, 0.6, len(angles)), angles
    points = np.array([kinematics.positions(row) for row in q])
    wound = minimize(kinematics, Problem(points[0], np.ones(len(markers)), np.zeros_like(q[0]), q[0]), q[0], 1e-6)[0]
    for row, target in enumerate(points):
        problem = Problem(target, np.ones(len(markers)), np.zeros_like(wound), wound)
        wound, placed, _ = minimize(kinematics, problem, wound, 1e-6)
        assert np.abs(placed - target).max() < 1e-5, row
    assert wound[arm[1]] == pytest.approx(angles[-1], abs=1e-3)


def test_minimum_is_that_of_opensims_own_tool(scaled, tmp_path):
    folder, _ = scaled
    model = load_model(folder / "scaled.osim")
    weights, rows = weights_of(read_marker_set("smplh67", "full402"), model), coordinate_rows("full402")
    names = [name for name in read_marker_set("smplh67", "full402").names if name in weights]
    kinematics = MarkerKinematics(model, names)
    points = kinematics.positions(np.clip(kinematics.neutral + 0.05, kinematics.lower, kinematics.upper))[None]
    tasks = {name: rows[name]["ik_weight"] for name in kinematics.names}
    assert_tools_minimum(tmp_path, folder / "scaled.osim", names, points, weights, tasks)
