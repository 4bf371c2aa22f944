"""HumanML3D's features are those of the published sample, and those that made motions must have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.core.status import Reason, StageError
from mint.learning.motion.humanml3d import FEATURES, LAYOUT, SLICES, features, placed, positions
from mint.learning.motion.joints import body_motion
from mint.learning.motion.skeleton import JOINTS, Skeleton, target, uniform
from mint.retarget import joints as smpl
from tests.learning.motion import made

Floats = NDArray[np.float64]
WITHIN = {
    "root_rotation_speed": 4e-4,
    "root_speed": 4e-4,
    "root_height": 4e-4,
    "positions": 8e-3,
    "rotations": 0.015,
    "velocities": 5e-4,
    "contacts": 0.0,
}
MIRROR = np.array([-1.0, 1.0, 1.0])


@pytest.fixture
def sample(shared: Callable[[str], Path]) -> tuple[Floats, NDArray[np.float32]]:
    """Joints (170, 22, 3) and features (170, 263) of the published sample."""
    return tuple(
        np.load(shared(f"reference/humanml3d/{name}/012314.npy"), allow_pickle=False)  # type: ignore[return-value]
        for name in ("new_joints", "new_joint_vecs")
    )


@pytest.fixture(scope="module")
def curve() -> Floats:
    """Joints (160, 22, 3) of a made motion that differs in every frame and turns past backwards."""
    return body_motion(*made.swinging(np.arange(160) / 20), 20.0, made.REST).joints


def block(rows: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    return rows[:, SLICES[name]]


def test_features_of_the_published_sample_are_met(sample: tuple[Floats, NDArray[np.float32]]) -> None:
    joints, published = sample
    ours = features(joints)
    assert ours.shape == (169, 263) and ours.dtype == np.float32
    for name, tolerance in WITHIN.items():
        np.testing.assert_allclose(
            block(ours, name), block(published[:169], name), rtol=0, atol=tolerance, err_msg=name
        )
    # The sample lacks the frame after its last, which the smoothing of the heading sees over 80 frames before the end.
    np.testing.assert_allclose(ours[:80], published[:80], rtol=0, atol=1e-5)


def test_joints_of_the_published_sample_come_back_from_its_features(sample: tuple[Floats, NDArray[np.float32]]) -> None:
    joints, published = sample
    np.testing.assert_allclose(positions(published), joints, atol=1e-4)
    np.testing.assert_allclose(positions(features(joints)), joints[:169], atol=1e-4)


def test_bones_of_the_table_are_those_of_the_published_sample(sample: tuple[Floats, NDArray[np.float32]]) -> None:
    lengths = np.linalg.norm(target().bones(sample[0]), axis=2)
    np.testing.assert_allclose(lengths, np.broadcast_to(target().lengths_m, lengths.shape), atol=5e-6)


def test_joints_come_back_from_features_of_a_motion_that_turns_past_backwards(curve: Floats) -> None:
    assert np.ptp(np.cumsum(2 * features(curve)[:, 0])) > 1.5 * np.pi
    np.testing.assert_allclose(positions(features(curve)), placed(curve, target())[:-1], atol=1e-4)


@pytest.fixture(scope="module")
def even() -> Skeleton:
    """A skeleton with equal sides, on which a body of equal sides faces exactly where it was turned."""
    skeleton = target()
    return replace(skeleton, lengths_m=(skeleton.lengths_m + skeleton.mirrored().lengths_m) / 2)


def test_turning_on_the_spot_has_a_known_speed_and_no_other(even: Skeleton) -> None:
    still = on_the_spot(turn_rad_s=1.5, frames=300)
    rows = features(still, even)
    # The smoothing of the heading reaches over 80 frames: away from the ends a steady turn is left as it is.
    inner = slice(85, 214)
    np.testing.assert_allclose(block(rows, "root_rotation_speed")[inner], -1.5 / 20 / 2, atol=1e-6)
    np.testing.assert_allclose(block(rows, "root_speed"), 0, atol=1e-6)
    own = np.ptp(block(rows, "positions")[inner], axis=0).max()
    assert own < 1e-5, "a body that turns as a whole keeps its joints in its heading frame"
    # What a joint does in a step is the chord of its circle, seen from the frame before.
    placed_rest = placed(still, even)[0]
    chord = (Rotation.from_euler("y", 1.5 / 20).as_matrix() - np.eye(3)) @ (placed_rest * [1, 0, 1]).T
    np.testing.assert_allclose(block(rows, "velocities")[100].reshape(22, 3), chord.T, atol=1e-6)


def on_the_spot(turn_rad_s: float, frames: int) -> Floats:
    return made.carried(turn_rad_s * np.arange(frames) / 20, np.tile(made.REST[0], (frames, 1)))


def test_walking_straight_has_the_speed_of_the_scaled_root_and_faces_forward(even: Skeleton) -> None:
    time = np.arange(60) / 20
    path = made.REST[0] + np.outer(time, 1.2 * np.array([np.sin(2.0), 0, np.cos(2.0)])) + [4.0, 0.3, -7.0]
    walk = made.carried(np.full(60, 2.0), path)
    rows = features(walk, even)
    lengths = np.linalg.norm(made.REST[[5, 8]] - made.REST[[2, 5]], axis=1)
    scale = even.lengths_m[[4, 7]].sum() / lengths.sum()
    np.testing.assert_allclose(block(rows, "root_speed"), np.tile([0, 1.2 / 20 * scale], (59, 1)), atol=1e-6)
    velocities = block(rows, "velocities").reshape(59, 22, 3)
    np.testing.assert_allclose(velocities, np.broadcast_to([0, 0, 1.2 / 20 * scale], velocities.shape), atol=1e-6)
    np.testing.assert_allclose(block(rows, "root_rotation_speed"), 0, atol=1e-6)
    joints = block(rows, "positions").reshape(59, 21, 3)
    assert joints[:, :, 1].min() == pytest.approx(0, abs=1e-6), "the lowest joint is on the floor"
    assert (joints[:, 0, 0] > 0.05).all(), "left is positive"
    assert (joints[:, 9, 2] > joints[:, 6, 2] + 0.05).all(), "toes are before ankles"


def test_contacts_are_slow_feet_in_the_order_left_ankle_and_toe_then_right() -> None:
    frames = 40
    joints = on_the_spot(0.0, frames)
    # 0.0447 m a frame is the limit: the right toe moves a little faster, the right ankle a little slower.
    swing = 0.5 * (-1.0) ** np.arange(frames)
    joints[:, 11, 0] += swing * 0.048
    joints[:, 8, 0] += swing * 0.030
    scaled = placed(joints, target())
    steps = np.linalg.norm(np.diff(scaled, axis=0), axis=2)
    expected = (steps[:, [7, 10, 8, 11]] ** 2 < 0.002).astype(np.float32)
    contacts = block(features(joints), "contacts")
    np.testing.assert_array_equal(contacts, expected)
    assert contacts.mean(axis=0).tolist() == [1, 1, 1, 0]


def test_bones_along_the_axes_of_the_rest_pose_have_no_rotation() -> None:
    skeleton = target()
    joints = np.zeros((30, 22, 3))
    for bone, parent in enumerate(skeleton.parents):
        joints[:, bone + 1] = joints[:, parent] + skeleton.lengths_m[bone] * skeleton.directions[bone]
    rows = block(features(joints), "rotations").reshape(29, 21, 6)
    np.testing.assert_allclose(rows, np.broadcast_to([1, 0, 0, 0, 1, 0], rows.shape), atol=1e-6)


def test_a_bone_turns_relative_to_the_bone_before_in_its_chain() -> None:
    skeleton = target()
    knee, hip = Rotation.from_euler("x", 0.7), Rotation.from_euler("x", -0.4)
    turns = {5: hip, 8: hip * knee, 11: hip * knee}
    joints = np.zeros((30, 22, 3))
    for bone, parent in enumerate(skeleton.parents):
        turn = turns.get(bone + 1, Rotation.identity())
        joints[:, bone + 1] = joints[:, parent] + skeleton.lengths_m[bone] * turn.apply(skeleton.directions[bone])
    rows = block(features(joints), "rotations").reshape(29, 21, 6)
    for joint, turn in ((5, hip), (8, knee), (11, Rotation.identity())):
        expected = turn.as_matrix()[:, :2].T.ravel()
        np.testing.assert_allclose(rows[3, joint - 1], expected, atol=1e-6, err_msg=JOINTS[joint])


def test_features_do_not_depend_on_place_heading_or_size(curve: Floats) -> None:
    turn = Rotation.from_euler("y", 2.2).as_matrix()
    elsewhere = 1.3 * curve @ turn.T + [5.0, -0.7, 3.0]
    np.testing.assert_allclose(features(elsewhere), features(curve), atol=1e-5)


def test_mirrored_features_are_those_of_the_mirrored_motion(curve: Floats) -> None:
    seen = curve[:, smpl.mirrored()[:22]] * MIRROR
    skeleton = target()
    mirrored = LAYOUT.mirrored(features(curve, skeleton))
    assert np.abs(mirrored - features(curve, skeleton)).max() > 0.1
    np.testing.assert_allclose(features(seen, skeleton.mirrored()), mirrored, atol=1e-4)
    # The legs of the published skeleton differ by 1 cm: on it, the mirrored motion differs by about that much.
    assert 1e-3 < np.abs(block(features(seen), "positions") - block(mirrored, "positions")).max() < 0.03


def test_mirroring_twice_changes_nothing(curve: Floats) -> None:
    rows = features(curve)
    np.testing.assert_array_equal(LAYOUT.mirrored(LAYOUT.mirrored(rows)), rows)
    order, sign = LAYOUT.mirror
    assert sorted(order) == list(range(FEATURES)) and set(sign.tolist()) == {-1.0, 1.0}


def test_every_bone_gets_the_length_of_the_skeleton_and_keeps_its_direction(curve: Floats) -> None:
    before, after = target().bones(curve), target().bones(uniform(curve, target()))
    lengths = np.linalg.norm(after, axis=2)
    np.testing.assert_allclose(lengths, np.broadcast_to(target().lengths_m, lengths.shape), atol=1e-12)
    np.testing.assert_allclose(np.cross(before, after), 0, atol=1e-12)


@pytest.mark.parametrize(
    "broken, reason", [("nan", Reason.NOT_FINITE), ("bone", Reason.FIELD_VALUE), ("shape", Reason.FIELD_SHAPE)]
)
def test_joints_that_are_no_body_are_refused_by_name(curve: Floats, broken: str, reason: Reason) -> None:
    joints = curve[:, :21] if broken == "shape" else curve.copy()
    if broken == "nan":
        joints[3, 4, 1] = np.nan
    if broken == "bone":
        joints[7, 18] = joints[7, 16]
    with pytest.raises(StageError) as error:
        features(joints)
    assert error.value.reason is reason
    if broken == "bone":
        assert "frame 7" in error.value.detail and "left_elbow lies on left_shoulder" in error.value.detail
