"""Features of the gravity frame are known for made motions, and depend on the motion alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.learning.motion.gravity import FEATURES, LAYOUT, SLICES, Body, features, headings
from mint.learning.motion.joints import body_motion
from tests.learning.motion import made

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
BODY = Body(np.linspace(-1, 1, 16), "female", 61.5, 1.68)
TIME = np.arange(60) / 20


def rows_of(poses: Floats, trans: Floats, rate_hz: float = 20.0, **settings: float) -> Rows:
    return features(body_motion(poses, trans, rate_hz, made.REST), BODY, **settings)


def block(rows: Rows, name: str, width: int = 1) -> Rows:
    return rows[:, SLICES[name]].reshape(len(rows), -1, width)


@pytest.fixture(scope="module")
def swinging() -> Rows:
    return rows_of(*made.swinging(TIME))


def standing(yaw: Floats, trans: Floats) -> tuple[Floats, Floats]:
    poses = np.zeros((len(yaw), 156))
    poses[:, :3] = (Rotation.from_euler("z", yaw[:, None]) * made.UPRIGHT).as_rotvec()
    return poses, trans


def test_columns_are_those_of_the_named_blocks(swinging: Rows) -> None:
    assert swinging.shape == (60, FEATURES) == (60, 412) and swinging.dtype == np.float32
    assert [part.start for part in SLICES.values()] == [0, *(part.stop for part in SLICES.values())][:-1]
    assert np.isfinite(swinging).all()


def test_a_body_that_falls_while_it_is_thrown_has_a_known_motion() -> None:
    yaw = np.full(40, 0.8)
    time = np.arange(40) / 20
    # Thrown 1.5 m/s forward and 0.4 m/s to the left in its own heading. In AMASS, who faces z+ in the rest frame faces y-.
    forward, left = np.array([np.sin(0.8), -np.cos(0.8), 0]), np.array([np.cos(0.8), np.sin(0.8), 0])
    trans = np.outer(time, 1.5 * forward + 0.4 * left) + np.outer(3 * time - 9.81 / 2 * time**2, [0, 0, 1])
    rows = rows_of(*standing(yaw, trans))
    velocity = np.stack([np.full(40, 0.4), 3 - 9.81 * time, np.full(40, 1.5)], axis=1)
    np.testing.assert_allclose(block(rows, "velocities", 3), np.repeat(velocity[:, None], 22, axis=1), atol=1e-4)
    np.testing.assert_allclose(block(rows, "accelerations", 3), np.broadcast_to([0, -9.81, 0], (40, 22, 3)), atol=1e-3)
    np.testing.assert_allclose(block(rows, "up", 3)[:, 0], np.tile([0, 1, 0], (40, 1)), atol=1e-6)
    np.testing.assert_allclose(
        block(rows, "positions", 3), np.broadcast_to(made.REST[1:] - made.REST[0], (40, 21, 3)), atol=1e-6
    )
    np.testing.assert_allclose(block(rows, "angular_velocities"), 0, atol=1e-5)
    height = trans[:, 2] - trans[:, 2].min() + made.REST[0, 1] - made.REST[:, 1].min()
    np.testing.assert_allclose(block(rows, "root_height")[:, 0, 0], height, atol=1e-6)
    np.testing.assert_allclose(
        rows[:, SLICES["betas"].start :], np.tile([*BODY.betas[:10], -1, 61.5, 1.68], (40, 1)), rtol=1e-6
    )


def test_turning_on_the_spot_has_a_known_angular_velocity_and_centripetal_acceleration() -> None:
    speed, step = 2.0, 2.0 / 20
    rows = rows_of(*standing(speed * TIME, np.zeros((60, 3))))
    np.testing.assert_allclose(
        block(rows, "root_angular_velocity", 3)[:, 0], np.tile([0, speed, 0], (60, 1)), atol=1e-5
    )
    arm = made.REST - made.REST[0]
    tangential = np.cross([0, 1, 0], arm)
    # Central differences of a circle are smaller than the derivative by sin(x)/x, and by 2 (1 - cos x)/x2.
    np.testing.assert_allclose(block(rows, "velocities", 3)[30], tangential * np.sin(step) / step * speed, atol=1e-5)
    inward = -(arm * [1, 0, 1]) * 2 * (1 - np.cos(step)) / step**2 * speed**2
    np.testing.assert_allclose(block(rows, "accelerations", 3)[30], inward, atol=1e-4)


def test_joint_that_turns_steadily_has_its_angular_velocity_in_the_parents_frame() -> None:
    poses, trans = standing(np.full(60, 0.3), np.zeros((60, 3)))
    axis = np.array([0.6, 0.0, 0.8])
    poses[:, 3 * 18 : 3 * 19] = np.outer(3.0 * TIME, axis)
    rates = block(rows_of(poses, trans), "angular_velocities", 3)
    np.testing.assert_allclose(rates[:, 17], np.tile(3.0 * axis, (60, 1)), atol=1e-4)
    np.testing.assert_allclose(np.delete(rates, 17, axis=1), 0, atol=1e-4)


def test_rotations_are_smpls_own(swinging: Rows) -> None:
    poses, _ = made.swinging(TIME)
    own = Rotation.from_rotvec(poses[:, 3:66].reshape(-1, 3)).as_matrix().reshape(60, 21, 3, 3)
    six = block(swinging, "rotations", 6)
    np.testing.assert_allclose(six[..., :3], own[..., 0], atol=1e-6)
    np.testing.assert_allclose(six[..., 3:], own[..., 1], atol=1e-6)


def test_contacts_are_certain_in_stance_and_absent_in_flight_or_while_sliding() -> None:
    still, zero = np.zeros(20), np.zeros((20, 3))
    assert block(rows_of(*standing(still, zero)), "contacts").min() > 0.8
    slides = np.outer(np.arange(20) / 20, [0, -1.5, 0])
    assert block(rows_of(*standing(still, slides)), "contacts").max() < 0.01
    lifted = zero + np.where(np.arange(20)[:, None] < 10, [0.0, 0.0, 0.0], [0.0, 0.0, 0.4])
    assert block(rows_of(*standing(still, lifted)), "contacts")[12:].max() < 0.01


def test_nothing_depends_on_where_and_how_the_motion_faces(swinging: Rows) -> None:
    elsewhere = rows_of(*made.moved(*made.swinging(TIME), 2.4, np.array([3.0, -8.0, 0.6])))
    np.testing.assert_allclose(elsewhere, swinging, atol=2e-4)


def test_heading_stays_defined_for_who_lies_or_bends_forward() -> None:
    yaw = np.linspace(-3, 3, 7)
    for pitch in (-90, -60, 0, 60, 90, 120):
        root = Rotation.from_euler("y", yaw[:, None]) * Rotation.from_euler("x", pitch, degrees=True)
        np.testing.assert_allclose(np.exp(1j * headings(root.as_matrix())), np.exp(1j * yaw), atol=1e-9)


def test_mirrored_features_are_those_of_the_mirrored_motion(swinging: Rows) -> None:
    seen = rows_of(*made.in_mirror(*made.swinging(TIME)))
    assert np.abs(seen - swinging).max() > 0.5
    np.testing.assert_allclose(LAYOUT.mirrored(swinging), seen, atol=1e-4)
    np.testing.assert_array_equal(LAYOUT.mirrored(LAYOUT.mirrored(swinging)), swinging)


def test_smoothing_takes_a_tremor_out_of_accelerations_and_leaves_positions() -> None:
    poses, trans = made.swinging(TIME)
    shaken = trans + np.outer(0.002 * (-1.0) ** np.arange(60), [0, 0, 1])
    raw, smooth = rows_of(poses, shaken), rows_of(poses, shaken, cutoff_hz=4.0)
    # The pelvis rises and sinks at 0.5 Hz, which passes; what shakes at 10 Hz does not.
    calm, rough, filtered = (
        block(rows, "accelerations", 3)[10:-10, 0, 1] for rows in (rows_of(poses, trans), raw, smooth)
    )
    assert np.abs(rough - calm).max() > 2
    assert np.abs(filtered - calm).max() < 0.05
    np.testing.assert_array_equal(block(raw, "positions"), block(smooth, "positions"))
