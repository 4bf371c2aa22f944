"""Optical markers of a measured subject (external data): scaled from a static trial, compared with published angles."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mint.body.declared import Declared
from mint.body.optical import measure_optical
from mint.body.validate import run as validate
from mint.config.body import BodyConfig
from mint.config.human import HumanConfig
from mint.config.kinematics import KinematicsConfig
from mint.config.validate import ValidateConfig
from mint.core.motionfiles import MarkerTable, read_storage, read_trc, write_trc
from mint.formats.ground_frame import UP_AXES, turn_to_ground
from mint.kinematics import ik, scale
from mint.kinematics.inverse.solver import solve
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.model.export import load_model
from mint.kinematics.model.marker_sets import read_marker_set

FOLDER = "motion/opencap_subject4"
MASS_KG = 589 / 9.81


@pytest.fixture(scope="module")
def measured(pose2sim_osim, shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("measured")
    bundle = scale.run(
        pose2sim_osim,
        [],
        "opencap_vicon",
        "pose2sim",
        folder / "scaled.osim",
        folder / "leg.osim",
        folder / "leg_model.json",
        folder / "scale.npz",
        KinematicsConfig(),
        static_path=shared(f"{FOLDER}/static1.trc"),
        mass_kg=MASS_KG,
    )
    assert bundle.ok, bundle.status.message
    return folder


@pytest.mark.parametrize(("trial", "window"), [("walking1", (0, 65)), ("squats1", (100, 200))])
def test_markers_fit_within_a_centimetre_and_flexion_agrees_with_the_published_angles(
    trial, window, measured, shared, tmp_path
):
    markers = read_trc(shared(f"{FOLDER}/{trial}.trc"))
    rows = slice(None, None, round(markers.rate_hz / 50))
    positions = markers.positions[rows]
    write_trc(tmp_path / "m.trc", MarkerTable(markers.names, positions, np.arange(len(positions)) / 50, 50.0))
    bundle = ik.run(
        tmp_path / "m.trc",
        measured / "scale.npz",
        measured / "scaled.osim",
        measured / "leg.osim",
        window,
        tmp_path / "ik.npz",
        KinematicsConfig(),
    )
    assert bundle.ok, bundle.status.message
    assert bundle["marker_rms_m"].mean() < 0.01
    time, columns, values, degrees = read_storage(shared(f"{FOLDER}/{trial}_ik.mot"))
    assert not degrees
    for name, limit in (("hip_flexion", 5.0), ("knee_angle", 5.0)):
        for side in "rl":
            published = np.interp(bundle["frames"] / 50, time - time[0], values[:, columns.index(f"{name}_{side}")])
            ours = bundle["q"][:, bundle.names("coordinates").index(f"{name}_{side}")]
            assert np.degrees(np.sqrt(np.mean((ours - published) ** 2))) < limit, (name, side)


def test_joint_angles_do_not_depend_on_the_axes_of_the_file(measured, shared, tmp_path):
    table = read_trc(shared(f"{FOLDER}/walking1.trc"))
    marker_set = read_marker_set("opencap_vicon", "pose2sim")
    weights = {marker.name: marker.ik_weight for marker in marker_set.markers if marker.ik_weight > 0}
    tasks = {name: row["ik_weight"] for name, row in coordinate_rows("pose2sim").items()}
    model = load_model(measured / "scaled.osim")
    angles = {}
    for up, heading in [("y", 0), *product(UP_AXES, (0, 90, 180, 270))]:
        turn = turn_to_ground(up).T @ Rotation.from_euler("y", heading, degrees=True).as_matrix()
        write_trc(
            tmp_path / "turned.trc", MarkerTable(table.names, table.positions @ turn.T, table.time_s, table.rate_hz)
        )
        bundle = validate(tmp_path / "turned.trc", "trc", tmp_path / "turned.npz", ValidateConfig())
        solution = solve(
            model, bundle.names("marker_names"), bundle["markers"][20:100:40], np.arange(2) / 50, weights, tasks, 1e-6
        )
        # Tilt and list of the pelvis come before its rotation, so that they change with the heading.
        own = [not name.startswith("pelvis_") or name == "pelvis_ty" for name in solution.coordinates]
        angles[up, heading] = solution.q[:, own]
    for axes, found in angles.items():
        # A micrometre is what the text of a .trc keeps.
        np.testing.assert_allclose(found, angles["y", 0], atol=np.radians(0.05), err_msg=str(axes))


def test_walking_without_a_static_trial_fits_within_a_centimetre_and_bends_knees_as_published(
    pose2sim_osim, shared, tmp_path
):
    folder = "motion/moco_walk"
    validated = validate(shared(f"{folder}/markers_walk.trc"), "trc", tmp_path / "validated.npz", ValidateConfig())
    measure_optical(validated, BodyConfig(), None, None, HumanConfig(), Declared()).write(tmp_path / "body.npz")
    scaled = scale.run(
        pose2sim_osim,
        [tmp_path / "body.npz"],
        "rajagopal2016",
        "pose2sim",
        tmp_path / "scaled.osim",
        tmp_path / "leg.osim",
        tmp_path / "leg_model.json",
        tmp_path / "scale.npz",
        KinematicsConfig(),
        mass_kg=85.27,
    )
    assert scaled.ok and not scaled.meta["unused_measurements"], scaled.status.message
    markers = MarkerTable(validated.names("marker_names"), validated["markers"][::2], np.arange(119) / 50, 50.0)
    write_trc(tmp_path / "m.trc", markers)
    bundle = ik.run(
        tmp_path / "m.trc",
        tmp_path / "scale.npz",
        tmp_path / "scaled.osim",
        tmp_path / "leg.osim",
        (30, 70),
        tmp_path / "ik.npz",
        KinematicsConfig(),
    )
    assert bundle.ok, bundle.status.message
    assert bundle["marker_rms_m"].mean() < 0.01
    time, columns, values, degrees = read_storage(shared(f"{folder}/coordinates.sto"))
    assert not degrees
    for side in "rl":
        column = next(i for i, name in enumerate(columns) if f"/knee_angle_{side}/" in name)
        published = np.interp(bundle["frames"] / 50, time, values[:, column])
        ours = bundle["q"][:, bundle.names("coordinates").index(f"knee_angle_{side}")]
        assert np.degrees(np.sqrt(np.mean((ours - published) ** 2))) < 5.0, side
