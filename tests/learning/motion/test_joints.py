"""Joints are those of the body model, and features do not depend on the frame rate of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mint.body.resample import frames_within, resample_positions, resample_rotations
from mint.body.shape_model import load_shape
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import z_up_to_y_up
from mint.learning.motion import gravity, humanml3d
from mint.learning.motion.joints import body_motion
from tests.body import synthetic
from tests.body.other_bodies import joints_of
from tests.learning.motion import made

SECONDS = 4.0
# What a cubic spline through the native frames may leave of an analytic motion of 1.5 Hz [m, and of rotations 1].
WITHIN = {24.0: 1e-4, 59.99: 1e-6, 120.0: 1e-6, 250.0: 1e-6}


def sampled(rate_hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return made.swinging(np.arange(int(SECONDS * rate_hz + 1e-9) + 1) / rate_hz)


def test_joints_are_those_of_the_body_model(tmp_path: Path) -> None:
    models = synthetic.write_models(tmp_path, ("female",))
    data = synthetic.motion(40, 20.0)
    model = load_shape(models, "smplh", "female")
    assert model is not None
    rest = model.regressor @ model.vertices(data["betas"])
    ours = body_motion(data["poses"], data["trans"], 20.0, rest).joints
    expected = joints_of(models, "female", data["poses"], data["trans"], data["betas"])[:, :22]
    np.testing.assert_allclose(ours, z_up_to_y_up(expected), atol=1e-7)


@pytest.mark.parametrize("rate_hz", WITHIN)
def test_frame_rate_of_the_file_leaves_features_as_they_are(rate_hz: float) -> None:
    direct = body_motion(*sampled(20.0), 20.0, made.REST)
    native = body_motion(*sampled(rate_hz), rate_hz, made.REST)
    assert len(native.joints) >= len(direct.joints) - 1, "at 59.99 Hz the last frame may lie just beyond the end"
    count = len(native.joints)
    np.testing.assert_allclose(native.joints, direct.joints[:count], atol=WITHIN[rate_hz])
    body = gravity.Body(np.zeros(10), "male", 80.0, 1.8)
    ours, theirs = (gravity.features(motion, body) for motion in (native, direct))
    # At an end a spline has no frames beyond, and differences are one-sided.
    inner = slice(3, count - 4)
    for name, part in gravity.SLICES.items():
        # Second differences of 1/20 s have 400 times the error of a position, first ones 20 times.
        scale = {
            "accelerations": 400.0,
            "velocities": 20.0,
            "angular_velocities": 20.0,
            "root_angular_velocity": 20.0,
            "contacts": 20.0,
        }.get(name, 1.0)
        np.testing.assert_allclose(
            ours[inner, part], theirs[inner, part], atol=scale * WITHIN[rate_hz] + 1e-5, err_msg=name
        )


@pytest.mark.parametrize("rate_hz", WITHIN)
def test_frame_rate_of_the_file_leaves_humanml3ds_features_as_they_are(rate_hz: float) -> None:
    direct, native = (body_motion(*sampled(rate), rate, made.REST).joints for rate in (20.0, rate_hz))
    count = min(len(direct), len(native))
    ours, theirs = humanml3d.features(native[:count]), humanml3d.features(direct[:count])
    part = humanml3d.SLICES["contacts"]
    assert np.mean(ours[:, part] != theirs[:, part]) < 0.02
    np.testing.assert_allclose(ours[:, : part.start], theirs[:, : part.start], atol=10 * WITHIN[rate_hz])


def test_dropping_frames_would_not_do() -> None:
    """The published features take every twelfth frame of 250 and every second of 59.99: the clock runs off."""
    direct = body_motion(*sampled(20.0), 20.0, made.REST).joints
    poses, trans = sampled(250.0)
    dropped = body_motion(poses[::12], trans[::12], 20.0, made.REST).joints
    assert np.abs(dropped[:81] - direct[:81]).max() > 0.1


@pytest.mark.parametrize("rate_hz", [24.0, 50.0, 59.94, 100.0, 120.0, 250.0])
def test_the_rate_of_the_workflow_is_what_a_named_rate_of_50_gives(rate_hz: float) -> None:
    poses, trans = sampled(rate_hz)
    np.testing.assert_array_equal(resample_rotations(poses, rate_hz), resample_rotations(poses, rate_hz, 50.0))
    np.testing.assert_array_equal(resample_positions(trans, rate_hz), resample_positions(trans, rate_hz, 50.0))
    assert FRAME_RATE_HZ == 50


@pytest.mark.parametrize("rate_hz", [20.0, 24.0, 59.99, 60.0, 120.0, 250.0])
def test_frames_at_another_rate_fill_the_duration_and_no_more(rate_hz: float) -> None:
    frames = frames_within(241, rate_hz, 20.0)
    assert frames[-1] / 20 <= 240 / rate_hz + 1e-6 < (frames[-1] + 1) / 20 + 1e-6


def test_too_few_frames_are_refused() -> None:
    with pytest.raises(StageError) as error:
        body_motion(*made.swinging(np.arange(9) / 100), 100.0, made.REST)
    assert error.value.reason is Reason.TOO_SHORT and "100 Hz" in error.value.detail
