from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.config.support import SupportConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageStatus, Status
from mint.support.assess import GRAVITY_M_S2
from mint.support.roll import roll, step_forces
from mint.support.stage import run
from mint.support.steps import steps_of
from tests.support.steppers import Gait, coordinates, feet, record

PARTS = ["foot_r", "foot_l", "pelvis", "hand_l"]


def inputs(folder: Path, heights: np.ndarray, first: int, **meta: object) -> tuple[Path, Path]:
    n = 85
    ik, body = folder / "ik.npz", folder / "body.npz"
    Bundle.of(
        "ik",
        {
            "frames": np.arange(first, first + n),
            "com": np.tile([0, 0.95, 0], (n, 1)),
            "com_acceleration": np.zeros((n, 3)),
            "leg_coordinates": ["a"],
            "leg_q": np.zeros((n, 1)),
        },
    ).write(ik)
    Bundle.of("body", {"heights": heights, "part_names": PARTS}, meta).write(body)
    return ik, body


@pytest.fixture
def heights() -> np.ndarray:
    return np.tile([0.0, 0.0, 0.9, 0.7], (200, 1))


def test_time_of_other_support_is_that_of_the_sequence(tmp_path: Path, heights: np.ndarray) -> None:
    heights[100:110, 3] = 0.01
    ik, body = inputs(tmp_path, heights, 70)
    run(ik, body, tmp_path / "out.npz", SupportConfig(), window=(70, 154))
    status = Bundle.read(tmp_path / "out.npz").status
    assert status.status is Status.EXCLUDED_CONTACT and status.reason is Reason.NON_FOOT_SUPPORT
    assert (status.t_start_s, status.t_end_s) == (2.0, 2.18)
    assert "hand_l" in status.detail


def test_contact_outside_the_window_does_not_count(tmp_path: Path, heights: np.ndarray) -> None:
    heights[:60, 3] = 0.01
    ik, body = inputs(tmp_path, heights, 70)
    assert run(ik, body, tmp_path / "out.npz", SupportConfig(), window=(70, 154)).ok


def test_declared_belt_and_handled_object_are_recorded(tmp_path: Path, heights: np.ndarray) -> None:
    ik, body = inputs(tmp_path, heights, 0)
    out = run(ik, body, tmp_path / "out.npz", SupportConfig(), window=(0, 84), belt_velocity=-1.1, name="Lifting_box01")
    assert out.meta["belt_velocity_m_s"] == [-1.1, 0.0, 0.0]
    assert set(out.meta["flags"]) == {"belt_declared", "belt_unconfirmed", "object_mass_neglected"}


def test_upstream_failure_is_passed_on_unchanged(tmp_path: Path, heights: np.ndarray) -> None:
    ik, body = inputs(tmp_path, heights, 0)
    failed = StageStatus("ik", Status.FAILED, Reason.INVERSE_KINEMATICS, "frame 3")
    Bundle(failed).write(ik)
    assert run(ik, body, tmp_path / "out.npz", SupportConfig(), window=(0, 84)).status == failed


def test_window_beyond_the_sequence_is_a_status_not_a_crash(tmp_path: Path, heights: np.ndarray) -> None:
    ik, body = inputs(tmp_path, heights, 150)
    out = run(ik, body, tmp_path / "out.npz", SupportConfig(), window=(150, 234))
    assert out.status.status is Status.FAILED and out.status.reason is Reason.FIELD_SHAPE


@pytest.mark.parametrize(
    ("fall_g", "status", "reason", "factor"),
    [
        (3.7, Status.FAILED, Reason.FRAME_RATE, "0.52 times"),
        (1.6, Status.EXCLUDED_CONTACT, Reason.MISSING_SUPPORT, "0.79 times"),
    ],
)
def test_a_flight_much_faster_than_a_fall_fails_by_its_frame_rate_and_one_a_little_faster_is_excluded(
    fall_g: float, status: Status, reason: Reason, factor: str, tmp_path: Path, heights: np.ndarray
) -> None:
    heights[30:50, :2] = 0.2
    ik, body = inputs(tmp_path, heights, 0)
    bundle = Bundle.read(ik)
    acceleration = np.zeros((85, 3))
    acceleration[30:50, 1] = -fall_g * GRAVITY_M_S2
    bundle.arrays["com_acceleration"] = acceleration
    bundle.write(ik)
    found = run(ik, body, tmp_path / "out.npz", SupportConfig(), window=(0, 84)).status
    assert (found.status, found.reason) == (status, reason) and factor in found.detail
    assert (found.t_start_s, found.t_end_s) == (0.6, 0.98)


def feet_on_sliders(along: tuple[int, int, int] = (1, 0, 0)) -> dict[str, object]:
    """A leg model of two feet that slide along an axis of the floor and move up and down, one contact sphere each."""
    frame = {"R": np.eye(3).tolist(), "p": [0, 0, 0]}
    still = {"coordinate": None, "axis": [1, 0, 0], "function": {"type": "polynomial", "coefficients": [0.0]}}

    def joint(side: str, z: float) -> dict[str, object]:
        axes = [dict(still) for _ in range(6)]
        for slot, letter, axis in ((3, "x", list(along)), (4, "y", [0, 1, 0])):
            axes[slot] = {
                "coordinate": f"{letter}_{side}",
                "axis": axis,
                "function": {"type": "polynomial", "coefficients": [0.0, 1.0]},
            }
        return {
            "name": side,
            "parent": "ground",
            "child": f"calcn_{side}",
            "Xp": {**frame, "p": [0, 0, z]},
            "Xc": frame,
            "coordinates": [f"x_{side}", f"y_{side}"],
            "axes": axes,
        }

    names = [f"{a}_{s}" for s in "rl" for a in "xy"]
    return {
        "coordinates": {n: {"default": 0.0} for n in names},
        "couplers": [],
        "bodies": {},
        "joints": [joint("r", 0.1), joint("l", -0.1)],
        "contacts": [{"body": f"calcn_{s}", "location_m": [0, 0.03, 0], "radius_m": 0.03} for s in "rl"],
    }


def walk_on_a_belt(
    folder: Path, heights: np.ndarray, belt: float, along: tuple[int, int, int] = (1, 0, 0)
) -> Callable[[float | None], Bundle]:
    """What the stage makes of a walk on a belt that runs with `belt` m/s along an axis, by the velocity that is declared."""
    n, time = 85, np.arange(85) / 50
    walking = (np.sin(2 * np.pi * time) > 0).astype(float)
    q = np.zeros((n, 4))
    for column, stance in ((0, walking), (2, 1 - walking)):
        q[:, column] = np.cumsum(np.where(stance > 0, belt, 1.5)) / 50
        heights[:n, column // 2] = q[:, column + 1] = np.where(stance > 0, 0.0, 0.1)
    ik, body = inputs(folder, heights, 0)
    bundle = Bundle.read(ik)
    com = np.where(walking > 0, q[:, 0], q[:, 2])[:, None] * along
    com += np.stack([np.zeros(n), np.full(n, 0.95), np.where(walking > 0, 0.1, -0.1)], axis=1)
    bundle.arrays.update(leg_coordinates=np.array(["x_r", "y_r", "x_l", "y_l"]), leg_q=q, com=com)
    bundle.write(ik)
    (folder / "leg.json").write_text(json.dumps(feet_on_sliders(along)))
    return lambda declared: run(
        ik,
        body,
        folder / "out.npz",
        SupportConfig(),
        window=(0, 84),
        leg_model_json=folder / "leg.json",
        belt_velocity=declared,
    )


@pytest.mark.parametrize("belt", [-1.0, 0.0])
def test_belt_is_estimated_from_the_leg_model(belt: float, tmp_path: Path, heights: np.ndarray) -> None:
    judged = walk_on_a_belt(tmp_path, heights, belt)
    out = judged(None)
    assert out.ok, out.status.message
    assert out.meta["belt_velocity_m_s"] == pytest.approx([belt, 0, 0], abs=0.05)
    assert out.meta["flags"] == (["belt_estimated"] if belt else [])
    confirmed = judged(belt - 0.05)
    assert confirmed.meta["flags"] == ["belt_declared"]
    # Wrong sign, km/h instead of m/s, half the speed, a belt for a walk over ground.
    for wrong, words in (
        ((-belt, "sign"), (3.6 * belt, "km/h"), (0.5 * belt, "frame rate")) if belt else ((-1.2, "at rest"),)
    ):
        refused = judged(wrong).status
        assert refused.status is Status.FAILED and refused.reason is Reason.BELT_VELOCITY
        assert f"{wrong:g} m/s" in refused.detail and words in refused.detail, refused.detail


def test_a_belt_across_the_declared_axis_is_estimated_and_its_declaration_refused(
    tmp_path: Path, heights: np.ndarray
) -> None:
    judged = walk_on_a_belt(tmp_path, heights, -1.0, along=(0, 0, 1))
    assert judged(None).meta["belt_velocity_m_s"] == pytest.approx([0, 0, -1.0], abs=0.05)
    refused = judged(-1.0).status
    assert (refused.status, refused.reason) == (
        Status.FAILED,
        Reason.BELT_VELOCITY,
    ) and "the belt runs along z" in refused.detail


@pytest.mark.parametrize("belt", [False, True])
def test_where_a_walkers_feet_carry_is_in_the_bundle_and_without_toes_or_model_nothing_is(
    belt: bool, tmp_path: Path, heights: np.ndarray
) -> None:
    gait = Gait(belt=belt)
    names, q = coordinates(gait)
    seen = feet(gait)
    heights[:85, :2] = seen.heel[:, :, 1] - 0.03
    ik, body = inputs(tmp_path, heights, 0)
    bundle = Bundle.read(ik)
    bundle.arrays.update(leg_coordinates=np.array(names), leg_q=q, com=seen.pelvis)
    bundle.write(ik)
    leg = tmp_path / "leg.json"
    # A centre of mass without acceleration is no walk that balances.
    config = SupportConfig(carried_distance_m=1.0, rate_fast_m=1.0, rate_slow_m=1.0)

    def judged(**model: object) -> Bundle:
        leg.write_text(json.dumps({**record(), **model}))
        out = run(
            ik,
            body,
            tmp_path / "out.npz",
            config,
            window=(0, 84),
            leg_model_json=leg,
            belt_velocity=-gait.speed if belt else None,
        )
        assert out.ok, out.status.message
        return out

    out = judged()
    steps = steps_of(seen, SupportConfig())
    point, sd = roll(seen, steps)
    force, force_sd = step_forces(seen, steps, point, seen.pelvis, np.zeros((85, 3)))
    for name, values in {
        "roll_point_m": point,
        "roll_sd_m": sd,
        "step_force_bw": force,
        "step_force_sd_bw": force_sd,
    }.items():
        assert np.isfinite(values).any()
        np.testing.assert_allclose(out[name], values, atol=1e-9)
    joints = [each for each in record()["joints"] if not each["child"].startswith("toes")]
    assert "roll_point_m" not in judged(joints=joints)
    assert "roll_point_m" not in run(ik, body, tmp_path / "out.npz", SupportConfig(), window=(0, 84))
