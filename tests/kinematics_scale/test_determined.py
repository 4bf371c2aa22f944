"""Segments that the markers do not determine are refused by name, arms and head named only."""

from __future__ import annotations

import numpy as np
import pytest

from mint.config.kinematics import KinematicsConfig
from mint.core.motionfiles import MarkerTable, write_trc
from mint.core.status import Reason, StageError
from mint.kinematics import ik
from mint.kinematics.inverse.determined import UNDETERMINED_RAD, check_segments, uncertainty
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics
from mint.kinematics.model.export import load_model
from mint.kinematics.model.marker_sets import read_marker_set
from tests.kinematics_scale.conftest import run_scale, write_body

LEFT_LEG = ("LANK", "LANI", "LTOE", "LHEE", "LKNE", "LKNI", "LMT1", "LMT5")
FOLLOWED = read_marker_set("smplh67", "pose2sim").followed


def spread(subject, moving, without=()):
    names = [name for name in FOLLOWED if name not in without]
    kinematics = MarkerKinematics(load_model(subject.osim), names)
    segments, values = uncertainty(kinematics, moving.q[::60], np.ones((4, len(names)), dtype=bool))
    return dict(zip(segments, values.max(axis=0), strict=True))


def test_all_markers_of_the_set_determine_every_segment(subject, moving):
    assert max(spread(subject, moving).values()) < 0.8 * UNDETERMINED_RAD


def test_markers_farther_out_determine_a_segment_without_its_own(subject, moving):
    assert spread(subject, moving, ("LKNE", "LKNI"))["left thigh"] < UNDETERMINED_RAD


@pytest.mark.parametrize(
    ("lost", "segments"),
    [
        (LEFT_LEG, {"left thigh", "left shank", "left foot"}),
        (("LTOE", "LHEE", "LMT1", "LMT5"), {"left foot"}),
        (tuple(name for name, body in FOLLOWED.items() if body == "head"), {"head"}),
    ],
)
def test_segments_without_markers_are_undetermined_and_only_those(lost, segments, subject, moving):
    found = {name for name, value in spread(subject, moving, lost).items() if value > UNDETERMINED_RAD}
    assert found == segments


def trial(moving, folder, name):
    names = [name(each) for each in moving.names]
    write_trc(folder / "x.trc", MarkerTable(names, moving.positions[:110], np.round(np.arange(110) / 50, 2), 50.0))
    return folder / "x.trc"


def solved(subject, trc, folder):
    return ik.run(
        trc, subject.folder / "scale.npz", subject.osim, subject.leg, (0, 84), folder / "ik.npz", KinematicsConfig()
    )


def test_a_leg_of_another_spelling_is_refused_by_name(subject, moving, tmp_path):
    status = solved(subject, trial(moving, tmp_path, lambda n: n.lower() if n in LEFT_LEG else n), tmp_path).status
    assert status.reason is Reason.MARKER_MISSING
    assert "the left shank" in status.detail and "right" not in status.detail
    assert "`lank` for `LANK`" in status.detail and "capital letters" in status.detail and status.remedy


def test_an_arm_without_markers_is_named_and_the_legs_are_solved(subject, moving, tmp_path):
    arm = ("LELB", "LELBIN", "LIWR", "LOWR", "lthumb", "lindex", "lmiddle", "lring", "lpinky")
    bundle = solved(subject, trial(moving, tmp_path, lambda n: f"x{n}" if n in arm else n), tmp_path)
    assert bundle.ok, bundle.status.message
    assert bundle.meta["undetermined"] == ["left upper arm", "left forearm"]
    assert "the left upper arm" in bundle.status.warnings[0]


def test_a_rest_pose_without_a_foot_is_refused(subject, pose2sim_osim, tmp_path):
    points = {name: point for name, point in subject.rest.items() if name not in ("LTOE", "LHEE", "LMT1", "LMT5")}
    bundle = run_scale(pose2sim_osim, write_body(tmp_path / "body.npz", points), tmp_path)
    assert bundle.status.reason is Reason.MARKER_MISSING and "the left foot" in bundle.status.detail
    assert "`LTOE`" in bundle.status.detail


def test_segments_that_the_set_does_not_follow_are_nobodys_fault():
    legs_and_trunk = {name: body for name, body in FOLLOWED.items() if body != "head"}
    assert check_segments(["head"], "a.trc", [], [], legs_and_trunk) == []
    assert "the head" in check_segments(["head"], "a.trc", [], [], FOLLOWED)[0]


def test_markers_that_are_lost_together_are_not_called_absent():
    bodies = {"LASI": "pelvis", "LKNE": "femur_l"}
    with pytest.raises(StageError, match="lost together for longer than a gap") as error:
        check_segments(["pelvis"], "markers.trc", list(bodies), list(bodies), bodies)
    assert "2 of 2 markers" in error.value.detail and "not there" not in error.value.detail
