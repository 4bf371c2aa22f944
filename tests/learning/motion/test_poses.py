"""Poses in memory have the features of their file, and joints of the shaped body."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.formats.ground_frame import z_up_to_y_up
from mint.learning.motion.joints import body_motion, posed_joints
from mint.learning.motion.of_file import pose_features, rest_joints, sequence_features
from tests.body import synthetic
from tests.body.other_bodies import joints_of


def test_features_of_poses_are_those_of_their_file(tmp_path: Path) -> None:
    models = synthetic.write_models(tmp_path / "bodies")
    data = synthetic.motion(90, 60.0)
    data["trans"] = data["trans"] + [0.0, 0.0, 0.2]
    np.savez(tmp_path / "motion.npz", **data)
    ours = pose_features(data["poses"], data["trans"], data["betas"], 60.0, models, "female", mass_kg=61.0)
    theirs = sequence_features(tmp_path / "motion.npz", model_dir=models, mass_kg=61.0)
    np.testing.assert_allclose(ours.humanml3d, theirs.humanml3d, atol=1e-6)
    np.testing.assert_allclose(ours.gravity, theirs.gravity, atol=1e-5)
    plain = pose_features(data["poses"], data["trans"], data["betas"], 60.0, models)
    assert plain.gravity[0, -3] == 0 and plain.gravity[0, -2] != ours.gravity[0, -2] == 61.0


def test_joints_at_native_rate_are_those_of_the_body_model(tmp_path: Path) -> None:
    models = synthetic.write_models(tmp_path, ("neutral",))
    data = synthetic.motion(40, 20.0)
    rest = rest_joints(data["betas"], models)
    found = posed_joints(data["poses"], data["trans"], rest)
    expected = joints_of(models, "neutral", data["poses"], data["trans"], data["betas"])[:, :22]
    np.testing.assert_allclose(found, expected, atol=1e-7)
    again = body_motion(data["poses"], data["trans"], 20.0, rest).joints
    np.testing.assert_allclose(z_up_to_y_up(found), again, atol=1e-7)
