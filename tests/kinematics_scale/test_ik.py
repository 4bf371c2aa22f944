from __future__ import annotations

import numpy as np
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason
from mint.kinematics import ik
from mint.kinematics.ik import weights_of
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.model.export import load_model, without_forces
from mint.kinematics.model.marker_sets import read_marker_set
from mint.kinematics.model.mass_centre import center_of_mass
from tests.kinematics_scale.conftest import MOTION, assert_tools_minimum

CONFIG = KinematicsConfig()
TASKS = {name: row["ik_weight"] for name, row in coordinate_rows("pose2sim").items()}


def run(subject, trc, window, output, config=CONFIG):
    return ik.run(trc, subject.folder / "scale.npz", subject.osim, subject.leg, window, output, config)


@pytest.fixture(scope="module")
def whole(subject, moving, tmp_path_factory):
    return run(subject, moving.trc, (0, 239), tmp_path_factory.mktemp("whole") / "ik.npz")


def angles(bundle, names=tuple(MOTION)):
    return np.degrees(bundle["q"][:, [bundle.names("coordinates").index(name) for name in names]])


def test_joint_angles_of_a_known_motion_are_recovered_within_a_degree(whole, moving):
    truth = np.degrees(moving.q[:, [moving.coordinates.index(name) for name in MOTION]])
    inner = slice(15, -15)
    error = np.abs(angles(whole) - truth)[inner].max(axis=0)
    assert dict(zip(MOTION, error.round(2), strict=True)) == {n: pytest.approx(0, abs=1.0) for n in MOTION}
    assert np.median(error) < 0.1
    assert whole["marker_rms_m"].max() < 1e-3


def test_pelvis_is_raised_by_the_contact_height_and_by_nothing_else(whole, moving, subject):
    place = whole.names("coordinates").index("pelvis_ty")
    raised = whole["q"][15:-15, place] - moving.q[15:-15, moving.coordinates.index("pelvis_ty")]
    assert np.allclose(raised, subject.bundle.meta["contact_height_offset_m"], atol=1e-3)


@pytest.mark.parametrize("window", [(0, 84), (70, 154), (155, 239)])
def test_a_chunk_equals_the_whole_sequence_within_a_tenth_of_a_degree(window, whole, moving, subject, tmp_path):
    first, last = window[0] - CONFIG.margin_frames, window[1] + CONFIG.margin_frames
    rows = np.arange(max(0, first), min(239, last) + 1)
    trc = tmp_path / "markers.trc"
    write_trc(trc, MarkerTable(moving.names, moving.positions[rows], np.round(rows / 50, 2), 50.0), int(rows[0]))
    chunk = run(subject, trc, window, tmp_path / "ik.npz")
    inside = slice(window[0], window[1] + 1)
    assert chunk["frames"].tolist() == list(range(window[0], window[1] + 1))
    assert np.abs(angles(chunk) - angles(whole)[inside]).max() < 0.1
    assert np.degrees(np.abs(chunk["leg_q"] - whole["leg_q"][inside])).max() < 0.1
    assert np.abs(chunk["qdd"] - whole["qdd"][inside]).max() < 1e-2 * np.abs(whole["qdd"]).max()


def test_speeds_and_accelerations_are_those_of_the_known_motion(whole):
    amplitude, frequency, _ = MOTION["knee_angle_r"]
    phase = 2 * np.pi * frequency * whole["frames"] / 50 + 0.3
    column = whole.names("coordinates").index("knee_angle_r")
    rate = np.radians(amplitude) * 2 * np.pi * frequency
    inner = slice(15, -15)
    assert np.allclose(whole["qd"][inner, column], (rate * np.cos(phase))[inner], atol=0.02 * rate)
    rate *= 2 * np.pi * frequency
    assert np.allclose(whole["qdd"][inner, column], (-rate * np.sin(phase))[inner], atol=0.03 * rate)


def test_centre_of_mass_follows_the_walk(whole):
    assert whole["com_velocity"][:, 0].mean() == pytest.approx(1.0, abs=0.05)
    step = np.gradient(whole["com"], 0.02, axis=0)
    assert np.abs(step - whole["com_velocity"])[5:-5].max() < 0.02


def test_a_model_without_forces_moves_as_before_to_the_last_bit(subject):
    names = list(weights_of(read_marker_set("smplh67", "pose2sim"), load_model(subject.osim)))
    found = []
    for model in (load_model(subject.osim), without_forces(load_model(subject.osim))):
        kinematics = MarkerKinematics(model, names, state := model.initSystem())
        places = kinematics.positions(kinematics.neutral + 0.1)
        q = kinematics.full(kinematics.neutral + 0.2)[None]
        com = center_of_mass(model, state, kinematics.coordinates, q)
        found.append((places, kinematics.jacobian(), com))
    for before, after in zip(*found, strict=True):
        np.testing.assert_array_equal(before, after)


def test_minimum_is_that_of_opensims_own_tool(subject, moving, tmp_path):
    weights = weights_of(read_marker_set("smplh67", "pose2sim"), load_model(subject.osim))
    names = [name for name in moving.names if name in weights]
    points = moving.positions[:4, [moving.names.index(n) for n in names]]
    assert_tools_minimum(tmp_path, subject.osim, names, points, weights, TASKS)


def test_second_derivatives_of_markers_are_exact_but_for_bent_joints(subject):
    kinematics = MarkerKinematics(
        load_model(subject.osim), sorted(weights_of(read_marker_set("smplh67", "pose2sim"), load_model(subject.osim)))
    )
    rng = np.random.default_rng(0)
    lower, upper = np.maximum(kinematics.lower, -1), np.minimum(kinematics.upper, 1)
    q = lower + (upper - lower) * rng.random(len(lower))
    forces = rng.normal(size=(kinematics.positions(q).shape[0], 3))
    second = kinematics.derivatives()[1](forces)

    def slope(q):
        kinematics.positions(q)
        return np.einsum("ka,kai->i", forces, kinematics.jacobian())

    steps = 1e-6 * np.eye(len(q))
    expected = np.array([(slope(q + step) - slope(q - step)) / 2e-6 for step in steps])
    assert np.allclose(second, second.T)
    bent = [name.startswith("knee_angle") for name in kinematics.names]
    error = np.abs(second - expected)
    error[bent, bent] = 0.0
    assert error.max() < 1e-6 * np.abs(expected).max()


def test_lost_markers_do_not_act_and_do_not_count(subject, moving, whole, tmp_path):
    positions = moving.positions[:130].copy()
    positions[20:60, moving.names.index("RKNE")] = np.nan
    positions[70, moving.names.index("LTOE")] = np.nan
    write_trc(tmp_path / "x.trc", MarkerTable(moving.names, positions, np.round(np.arange(130) / 50, 2), 50.0))
    bundle = run(subject, tmp_path / "x.trc", (0, 84), tmp_path / "ik.npz")
    assert bundle.ok
    assert (
        np.abs(
            angles(bundle, ("knee_angle_r", "hip_flexion_r")) - angles(whole, ("knee_angle_r", "hip_flexion_r"))[:85]
        ).max()
        < 0.1
    )


def test_an_arm_whose_markers_are_all_lost_keeps_its_place(subject, moving, whole, tmp_path):
    arm = ["LELB", "LELBIN", "LIWR", "LOWR", "lthumb", "lindex", "lmiddle", "lring", "lpinky"]
    positions = moving.positions[:120].copy()
    positions[:, [moving.names.index(name) for name in arm]] = np.nan
    write_trc(tmp_path / "x.trc", MarkerTable(moving.names, positions, np.round(np.arange(120) / 50, 2), 50.0))
    bundle = run(subject, tmp_path / "x.trc", (0, 84), tmp_path / "ik.npz")
    assert bundle.ok, bundle.status.message
    assert np.abs(np.diff(angles(bundle, ["elbow_flex_l"]), axis=0)).max() < 0.1
    assert "LELB" not in bundle.meta["marker_rms_by_marker_m"] and "RELB" in bundle.meta["marker_rms_by_marker_m"]
    legs = ["knee_angle_r", "hip_flexion_l"]
    assert np.abs(angles(bundle, legs) - angles(whole, legs)[:85]).max() < 0.1


@pytest.mark.parametrize("gone", ["all markers", "all but those of the right leg"])
def test_who_leaves_the_volume_within_the_margin_moves_as_if_nobody_had_left(gone, subject, moving, whole, tmp_path):
    """Filter and splines end with the last frame that tells of the body, not at a body that nothing holds."""
    right_leg = ("RANK", "RANI", "RTOE", "RHEE", "RKNE", "RKNI", "RMT1", "RMT5")
    lost = [i for i, name in enumerate(moving.names) if gone == "all markers" or name not in right_leg]
    positions = moving.positions[60:170].copy()
    positions[:10, lost] = positions[-12:, lost] = np.nan
    write_trc(tmp_path / "x.trc", MarkerTable(moving.names, positions, np.round(np.arange(60, 170) / 50, 2), 50.0), 60)
    bundle = run(subject, tmp_path / "x.trc", (70, 154), tmp_path / "ik.npz")
    assert bundle.ok, bundle.status.message
    inside = slice(70, 155)
    assert np.abs(angles(bundle) - angles(whole)[inside])[7:-7].max() < 0.3
    assert np.abs(bundle["qdd"] - whole["qdd"][inside])[7:-7].max() < 0.05 * np.abs(whole["qdd"]).max()


def test_turning_the_markers_turns_the_pelvis_and_nothing_else(subject, moving, whole, tmp_path):
    turn = np.radians(170)
    rotation = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    write_trc(
        tmp_path / "x.trc",
        MarkerTable(moving.names, moving.positions[:120] @ rotation.T, np.round(np.arange(120) / 50, 2), 50.0),
    )
    bundle = run(subject, tmp_path / "x.trc", (0, 84), tmp_path / "ik.npz")
    joints = [name for name in MOTION if not name.startswith("pelvis")]
    assert np.abs(angles(bundle, joints) - angles(whole, joints)[:85]).max() < 0.01
    assert np.abs(np.diff(angles(bundle, ["pelvis_rotation"]), axis=0)).max() < 20, "unwrapped"


def test_mirrored_markers_give_mirrored_coordinates(subject, moving, whole, tmp_path):
    swap = {"R": "L", "L": "R", "r": "l", "l": "r"}
    partner = [swap.get(name[0], name[0]) + name[1:] for name in moving.names]
    order = [moving.names.index(p if p in moving.names else n) for p, n in zip(partner, moving.names, strict=True)]
    positions = moving.positions[:120, order] * [1, 1, -1]
    write_trc(tmp_path / "x.trc", MarkerTable(moving.names, positions, np.round(np.arange(120) / 50, 2), 50.0))
    bundle = run(subject, tmp_path / "x.trc", (0, 84), tmp_path / "ik.npz")
    limbs = [name for name in MOTION if name.endswith("_r")]
    assert np.abs(angles(bundle, limbs) - angles(whole, [n[:-1] + "l" for n in limbs])[:85]).max() < 0.02
    for name, sign in (("L5_S1_Flex_Ext", 1), ("L5_S1_Lat_Bending", -1), ("neck_rotation", -1), ("pelvis_list", -1)):
        assert np.allclose(angles(bundle, [name]), sign * angles(whole, [name])[:85], atol=0.02), name


def test_misplaced_markers_are_a_marker_error_that_names_the_worst(subject, moving, tmp_path):
    positions = moving.positions[:120].copy()
    positions[:, moving.names.index("C7"), 1] += 0.6
    write_trc(tmp_path / "x.trc", MarkerTable(moving.names, positions, np.round(np.arange(120) / 50, 2), 50.0))
    bundle = run(subject, tmp_path / "x.trc", (0, 84), tmp_path / "ik.npz")
    assert bundle.status.reason is Reason.MARKER_ERROR
    assert "C7" in bundle.status.detail
    assert Bundle.read(tmp_path / "ik.npz").status == bundle.status


def test_a_window_that_the_markers_do_not_cover_is_a_status(subject, moving, tmp_path):
    bundle = run(subject, moving.trc, (200, 284), tmp_path / "ik.npz")
    assert bundle.status.reason is Reason.TOO_SHORT
    assert "240" in bundle.status.detail
