"""The zero-moment point of a measured motion, who is carried by something unseen, and the true frame rate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from mint.config.support import SupportConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, Status
from mint.kinematics.inverse.filtering import derivatives
from mint.support.assess import GRAVITY_M_S2
from mint.support.balance import Motion, excess, side_of
from mint.support.carried import carried
from mint.support.feet import Soles
from mint.support.momentum import angular_velocity, slopes, spin_rate
from mint.support.stage import run
from tests.support.bodies import joint, model, walker

CONFIG = SupportConfig()
N = 85
TIME = np.arange(N) / 50
HEIGHT = 0.95


def test_spin_of_a_turning_body_grows_by_inertia_times_angular_acceleration() -> None:
    inertia, mass = 3.0, 60.0
    bodies = {"torso": {"mass_kg": mass, "com_m": [0.0, 0.3, 0.0], "inertia_kg_m2": [9.0, 9.0, inertia, 0, 0, 0]}}
    record = model([joint("torso", {0: ("tilt", [0, 0, 1]), 3: ("x", [1, 0, 0])})], bodies, [])
    angle = 0.4 * np.sin(3 * TIME)
    rate = spin_rate(record, ["tilt", "x"], np.stack([angle, TIME**2], axis=1))
    expected = inertia * -9 * angle / mass
    np.testing.assert_allclose(rate[5:-5, 2], expected[5:-5], atol=0.01 * np.abs(expected).max())
    assert np.abs(rate[:, :2]).max() < 1e-9


def test_spin_of_two_bodies_counts_their_paths_about_the_common_centre() -> None:
    # A dumbbell of two point masses that turns about its middle has the inertia m d2 / 2 and no other.
    angle = 0.3 * np.sin(4 * TIME)
    names = ["x1", "y1", "x2", "y2"]
    joints = [joint(f"b{i}", {3: (f"x{i}", [1, 0, 0]), 4: (f"y{i}", [0, 1, 0])}) for i in (1, 2)]
    point = {"mass_kg": 1.0, "com_m": [0.0, 0.0, 0.0], "inertia_kg_m2": [0.0] * 6}
    half = 0.5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    drift = np.stack([1.3 * TIME, 2.0 + 0 * TIME], axis=1)
    q = np.concatenate([drift + half, drift - half], axis=1)
    rate = spin_rate(model(joints, {"b1": point, "b2": point}, []), names, q)
    expected = 2 * 0.25 * -16 * angle / 2.0
    np.testing.assert_allclose(rate[5:-5, 2], expected[5:-5], atol=0.02 * np.abs(expected).max())


@pytest.mark.parametrize("frames", [2, 3, 4, 5, 85])
def test_slopes_are_those_of_the_spline_through_the_samples(frames: int) -> None:
    values, time_s = np.random.default_rng(frames).normal(size=(frames, 2, 3)), np.arange(frames) / 50
    expected = CubicSpline(time_s, values)(time_s, 1)
    np.testing.assert_allclose(slopes(values), expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def test_what_is_one_frame_long_stands_still() -> None:
    assert not slopes(np.ones((1, 3))).any()


def test_angular_velocity_is_that_of_a_known_turn() -> None:
    axis = np.array([1.0, 2.0, -0.5]) / np.linalg.norm([1.0, 2.0, -0.5])
    rotation = Rotation.from_rotvec(np.outer(0.7 * TIME, axis)).as_matrix()
    np.testing.assert_allclose(angular_velocity(rotation)[3:-3], np.tile(0.7 * axis, (N - 6, 1)), atol=1e-4)


@pytest.mark.parametrize(("shift", "beyond"), [(0.0, 0.0), (0.1, 0.0), (0.25, 0.13), (-0.37, 0.25)])
def test_distance_of_a_still_body_from_its_soles_is_that_of_its_centre_of_mass(shift: float, beyond: float) -> None:
    soles = np.array([[[x, 0.0, z] for x in (-0.12, 0.12) for z in (-0.15, 0.15)]])
    motion = Motion(np.array([[shift, HEIGHT, 0.0]]), np.zeros((1, 3)), np.zeros((1, 3)))
    value, direction = excess(motion, soles, np.ones((1, 4), dtype=bool))
    assert value[0] == pytest.approx(beyond, abs=2e-3)
    if beyond:
        assert side_of(direction[0], np.array([1.0, 0.0])) == ("in front of" if shift > 0 else "behind")


def test_sides_are_those_of_who_faces_there() -> None:
    assert side_of(np.array([0.0, 1.0]), np.array([1.0, 0.0])) == "to the right of"
    assert side_of(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == "to the left of"


def test_a_turn_of_the_trunk_moves_the_point_by_its_moment_over_weight() -> None:
    soles = np.array([[[0.0, 0.0, 0.0]]])
    motion = Motion(np.array([[0.0, HEIGHT, 0.0]]), np.zeros((1, 3)), np.array([[0.0, 0.0, 0.1 * GRAVITY_M_S2]]))
    value, direction = excess(motion, soles, np.ones((1, 1), dtype=bool))
    assert value[0] == pytest.approx(0.1, abs=1e-4) and direction[0, 0] == pytest.approx(1.0, abs=1e-3)


def judged(folder: Path, com: np.ndarray, q: np.ndarray, **body: Any) -> Bundle:
    """Stage support for a centre of mass (n,3) over the two feet of `walker`, q: x and y of right, then left foot."""
    acceleration = derivatives(com, TIME)[1]
    Bundle.of(
        "ik",
        {
            "frames": np.arange(N),
            "com": com,
            "com_acceleration": acceleration,
            "leg_coordinates": ["x_r", "y_r", "x_l", "y_l"],
            "leg_q": q,
        },
    ).write(folder / "ik.npz")
    heights = np.stack([q[:, 1], q[:, 3], np.full(N, 0.9)], axis=1)
    Bundle.of(
        "body", {"heights": heights, "part_names": ["foot_r", "foot_l", "pelvis"]}, {"frame_rate_hz": 100.0, **body}
    ).write(folder / "body.npz")
    (folder / "leg.json").write_text(json.dumps(walker()))
    return run(
        folder / "ik.npz",
        folder / "body.npz",
        folder / "out.npz",
        CONFIG,
        window=(0, N - 1),
        leg_model_json=folder / "leg.json",
    )


def standing(offset: Any) -> tuple[np.ndarray, np.ndarray]:
    com = np.tile([0.0, HEIGHT, 0.0], (N, 1))
    com[:, 0] += offset
    return com, np.zeros((N, 4))


def test_a_rise_from_a_chair_is_found_with_place_and_time(tmp_path: Path) -> None:
    # The seat carries until 0.8 s: the centre of mass is 25 cm behind the heels, then moves over the feet.
    rise = np.clip((TIME - 0.8) / 0.6, 0, 1)
    com, q = standing(-0.37 * (1 - (3 * rise**2 - 2 * rise**3)))
    status = judged(tmp_path, com, q).status
    assert status.status is Status.EXCLUDED_CONTACT and status.reason is Reason.CARRIED, status.message
    assert "25 cm behind the feet" in status.detail
    assert status.t_start_s == 0.0 and 0.7 <= (status.t_end_s or 0) <= 1.3
    assert "chair" in status.remedy


@pytest.mark.parametrize("offset", [0.0, 0.11, -0.11])
def test_leaning_as_far_as_the_feet_reach_stays(offset: float, tmp_path: Path) -> None:
    assert judged(tmp_path, *standing(offset)).ok


@pytest.mark.parametrize(("seconds", "found"), [(0.3, False), (0.5, True)])
def test_only_what_lasts_longer_than_the_tolerance_is_carried(seconds: float, found: bool) -> None:
    soles = Soles(np.zeros((N, 2, 1, 3)))
    com = standing(np.where(seconds > TIME, 0.1, 0.0))[0]
    motion = Motion(com, np.zeros((N, 3)), np.zeros((N, 3)))
    assert (carried(motion, soles, np.zeros((N, 2)), CONFIG) is not None) == found
    assert carried(motion, soles, np.full((N, 2), 0.2), CONFIG) is None, "nobody stands in flight"


def pendulum_walk(factor: float = 1.0, slip: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Steps of a linear inverted pendulum (Kajita et al. 2001) of 0.5 s, seen at `1 / factor` times its true rate.

    Over each foot x'' = g x / h exactly; both feet change at once, so that no force acts but through the middle of the
    standing sole, on a floor that moves with `slip` m/s.
    """
    omega, half = np.sqrt(GRAVITY_M_S2 / HEIGHT), 0.25
    true = TIME * factor
    step = np.floor((true + half) / (2 * half)).astype(int)
    inside = true - 2 * half * step
    stride = 0.6
    x = stride / 2 * np.sinh(omega * inside) / np.sinh(omega * half)
    sway = 0.1 * (1 - np.cosh(omega * inside) / np.cosh(omega * half))
    right = step % 2 == 0
    com = np.stack([step * stride + x, np.full(N, HEIGHT), np.where(right, sway, -sway)], axis=1)
    q = np.zeros((N, 4))
    for column, mine in ((0, right), (2, ~right)):
        near = np.where(mine, step, step + 1) * stride
        back = np.where(mine, step, step - 1) * stride
        share = (inside + half) / (2 * half)
        q[:, column] = np.where(mine, step * stride, back + (near - back) * share)
        q[:, column + 1] = np.where(mine, 0.0, 0.1)
    com[:, 0] += slip * TIME
    q[:, [0, 2]] += (slip * TIME)[:, None]
    return com, q


@pytest.mark.parametrize("slip", [0.0, -1.2])
def test_a_walk_at_its_true_rate_stays_on_floor_and_belt(slip: float, tmp_path: Path) -> None:
    out = judged(tmp_path, *pendulum_walk(slip=slip))
    assert out.ok, out.status.message
    assert "frame_rate_doubtful" not in out.meta["flags"]


@pytest.mark.parametrize("factor", [0.4, 0.5, 2.0])
def test_a_walk_at_another_rate_is_refused_with_both_rates(factor: float, tmp_path: Path) -> None:
    # At half the true rate the file seems slow: `factor` is true over stated.
    com, q = pendulum_walk(1 / factor)
    status = judged(tmp_path, com, q).status
    assert status.status is Status.FAILED and status.reason is Reason.FRAME_RATE, status.message
    assert "stated 100 Hz" in status.detail and "frame_rate_override" in status.remedy
    fitted = float(status.detail.split("about ")[1].split(" Hz")[0]) / 100
    assert fitted == pytest.approx(factor, rel=0.3)


def test_a_rate_that_no_file_may_have_explains_nothing(tmp_path: Path) -> None:
    com, q = pendulum_walk(1 / 0.4)
    judged(tmp_path, com, q)
    inputs = {"window": (0, N - 1), "leg_model_json": tmp_path / "leg.json"}
    found = [
        run(tmp_path / "ik.npz", tmp_path / "body.npz", tmp_path / "o.npz", CONFIG, **inputs, slowest_hz=lowest).status
        for lowest in (25.0, 60.0)
    ]
    assert [each.reason for each in found] == [Reason.FRAME_RATE, Reason.CARRIED]
    assert found[1].status is Status.EXCLUDED_CONTACT and "no frame rate explains it" in found[1].detail


def swaying(amplitude_m: float, hertz: float) -> tuple[np.ndarray, np.ndarray]:
    """Who balances over both feet by shifting the body: the force moves by x + h w2 x / g, its slower replay by less."""
    return standing(amplitude_m * np.sin(2 * np.pi * hertz * TIME))


def test_balance_that_the_soles_cannot_carry_is_no_evidence_of_another_rate(tmp_path: Path) -> None:
    """At half the rate the same sway stays in the soles, at a quarter even more so: nothing bounds the rate from below."""
    out = judged(tmp_path, *swaying(0.05, 1.6))
    assert out.status.reason is not Reason.FRAME_RATE, out.status.message
    assert out.ok and "frame_rate_doubtful" in out.meta["flags"]


def test_balance_that_something_carries_is_excluded_as_carried_and_told_of_both_causes(tmp_path: Path) -> None:
    status = judged(tmp_path, *swaying(0.11, 0.9)).status
    assert status.status is Status.EXCLUDED_CONTACT and status.reason is Reason.CARRIED, status.message
    assert "zero-moment point" in status.detail and "a frame rate that is too high looks the same" in status.detail
