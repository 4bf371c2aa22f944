"""Poses of video on the body and axes of the benchmark, and EMG at the times of the features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mint.body.stick import stick_joints
from mint.learning.mia.channels import percentiles
from mint.learning.mia.features import arrays, on_smplh, shape_of, targets, windows
from mint.learning.mia.reader import SampleName, read_sample
from tests.learning.mia.factory import write_sample

HEAD, LEFT_HIP, LEFT_TOE, LEFT_HEEL, KNEES, HIPS = 15, 1, 10, 7, (4, 5), (1, 2)


def facing_the_camera(count: int = 3) -> np.ndarray:
    """SMPL's rest pose, upright before the camera, whose y points down."""
    poses = np.zeros((count, 72))
    poses[:, 0] = np.pi
    return poses


def test_who_stands_before_the_camera_stands_upright_and_faces_it() -> None:
    poses, trans = on_smplh(facing_the_camera())
    joints = stick_joints(poses, trans)
    assert np.all(joints[:, HEAD, 2] > joints[:, 0, 2] + 0.5)
    # The camera looks along its z, which is y here; left is to its right.
    assert np.all(joints[:, LEFT_TOE, 1] < joints[:, LEFT_HEEL, 1] - 0.05) and np.all(joints[:, LEFT_HIP, 0] > 0)


def test_body_joints_stay_where_they_are_and_hands_rest() -> None:
    given = np.random.default_rng(0).normal(0, 0.3, (4, 72))
    poses, _ = on_smplh(given)
    assert poses.shape == (4, 156) and np.array_equal(poses[:, 3:66], given[:, 3:66]) and not poses[:, 66:].any()
    turned = Rotation.from_rotvec(given[:, :3]).as_matrix() @ [0.1, 0.2, 0.3]
    expected = turned @ np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]).T
    assert Rotation.from_rotvec(poses[:, :3]).as_matrix() @ [0.1, 0.2, 0.3] == pytest.approx(expected)


def test_the_lowest_joint_is_on_the_floor_in_every_frame_and_a_squat_lowers_the_pelvis() -> None:
    given = facing_the_camera(2)
    for joint in HIPS:
        given[1, 3 * joint] = -1.2
    for joint in KNEES:
        given[1, 3 * joint] = 2.0
    poses, trans = on_smplh(given)
    joints = stick_joints(poses, trans)
    assert joints[..., 2].min(axis=1) == pytest.approx([0, 0], abs=1e-12) and not trans[:, :2].any()
    assert joints[1, 0, 2] < joints[0, 0, 2] - 0.2


def test_one_shape_is_the_median_of_all_frames() -> None:
    betas = np.zeros((30, 10))
    betas[:, 0], betas[3, 1] = 1.5, 40.0
    assert list(shape_of(betas)) == [1.5, *[0.0] * 15]


def test_targets_are_linear_between_samples_and_one_at_the_percentile() -> None:
    emg = np.arange(30)[:, None] * percentiles()
    found = targets(emg, 59)
    assert found == pytest.approx(np.tile(np.arange(59)[:, None] / 2, 8)) and targets(emg, 0).shape == (0, 8)
    with pytest.raises(ValueError, match="outlast"):
        targets(emg, 60)


def test_features_get_the_sample_at_its_rate_and_targets_are_cut_to_them(tmp_path: Path) -> None:
    write_sample(tmp_path)
    sample = read_sample(tmp_path, SampleName("train", 3, "HighKick", 848))
    asked = []

    def features(poses: np.ndarray, trans: np.ndarray, betas: np.ndarray, rate_hz: float) -> np.ndarray:
        asked.append((poses.shape, trans.shape, betas.shape, rate_hz))
        return np.arange(58.0)[:, None] * np.ones(4)  # features of a step: one less than the 59 instants

    inputs, found = arrays(sample, features)
    assert asked == [((30, 156), (30, 3), (16,), 10.0)] and inputs.shape == (58, 4)
    assert np.array_equal(found, targets(sample.emg, 59)[:58]) and windows(inputs, 28).shape == (2, 28, 4)
    assert windows(inputs, 28)[1, 0, 0] == 28
    longer, found = arrays(sample, lambda *given: np.zeros((60, 4)))
    assert len(longer) == len(found) == 59
