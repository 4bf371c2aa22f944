"""Contact spheres of a standing person's own soles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.kinematics.leg_model.derive import derive_leg_model
from mint.kinematics.model.export import load_model, model_record
from mint.kinematics.model.forward_kinematics import ForwardKinematics, place
from mint.kinematics.scaling.contact_height import sphere_bottoms
from mint.kinematics.scaling.soles import move_spheres, sole_shifts

COORDINATES = ["pelvis_ty", "ankle_angle_r", "ankle_angle_l", "subtalar_angle_r", "subtalar_angle_l"]
TILT = (4.0, 3.0, -3.0, 2.0)  # deg, within what a standing foot has in the frame of its model


@pytest.fixture(scope="module")
def leg(pose2sim_osim: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("soles") / "leg.osim"
    derive_leg_model(pose2sim_osim, path)
    return path


def standing(leg: Path, tilt: tuple[float, ...] = TILT, above_m: float = 0.012) -> np.ndarray:
    """A pose (1, m) whose right soles are a mean of `above_m` above the floor."""
    record = model_record(load_model(leg))
    pose = np.array([[0.0, *np.radians(tilt)]])
    right = [i for i, each in enumerate(record["contacts"]) if each["body"].endswith("_r")]
    pose[0, 0] = above_m - sphere_bottoms(record, COORDINATES, pose)[0, right].mean()
    return pose


def test_the_spheres_of_standing_feet_end_on_the_floor(leg: Path, tmp_path: Path) -> None:
    pose = standing(leg)
    shifts = sole_shifts(leg, COORDINATES, pose)
    moved = tmp_path / "leg.osim"
    moved.write_text(leg.read_text())
    before = sphere_bottoms(model_record(load_model(moved)), COORDINATES, pose)
    move_spheres(moved, {**shifts, "no_such_sphere": np.ones(3)})
    after = sphere_bottoms(model_record(load_model(moved)), COORDINATES, pose)
    assert len(shifts) == 12 and np.abs(before).max() > 0.015
    np.testing.assert_allclose(after, 0.0, atol=1e-6)


def test_heels_and_toes_carry_nearer_to_the_middle_of_the_foot_and_nothing_else_moves_along_it(
    leg: Path, tmp_path: Path
) -> None:
    pose = standing(leg)
    moved = tmp_path / "leg.osim"
    moved.write_text(leg.read_text())
    move_spheres(moved, sole_shifts(leg, COORDINATES, pose))
    records = [model_record(load_model(path)) for path in (leg, moved)]
    bodies = ForwardKinematics(records[0]).transforms(COORDINATES, pose)
    seen: dict[str, list[float]] = {"heel": [], "toes": [], "else": []}
    for one, other in zip(*(record["contacts"] for record in records), strict=True):
        body, side = one["body"], one["body"][-1]
        gone = (place(bodies[body], other["location_m"]) - place(bodies[body], one["location_m"]))[0]
        length = np.linalg.norm(bodies[f"toes_{side}"][1] - bodies[f"calcn_{side}"][1])
        same = [each["location_m"][0] for each in records[0]["contacts"] if each["body"] == f"calcn_{side}"]
        kind = "toes" if body.startswith("toes") else "heel" if one["location_m"][0] == min(same) else "else"
        forward = bodies[body][0][0, [0, 2], 0]
        seen[kind].append(float(gone[[0, 2]] @ forward / np.linalg.norm(forward) / length))
    assert len(seen["heel"]) == 2 and len(seen["toes"]) >= 4 and len(seen["else"]) >= 4
    np.testing.assert_allclose(seen["heel"], 0.10, atol=1e-6)
    np.testing.assert_allclose(seen["toes"], -0.14, atol=1e-6)
    np.testing.assert_allclose(seen["else"], 0.0, atol=1e-6)


def test_a_tilted_foot_is_left_alone_and_the_other_is_not(leg: Path) -> None:
    tilted = (4.0, 20.0, -3.0, 2.0)
    shifts = sole_shifts(leg, COORDINATES, standing(leg, tilted))
    left = {each["name"] for each in model_record(load_model(leg))["contacts"] if each["body"].endswith("_l")}
    assert len(shifts) == 6 and not left & set(shifts)


@pytest.mark.parametrize("above_m", [0.06, -0.06])
def test_an_impossible_sole_is_left_alone(leg: Path, above_m: float) -> None:
    flat = (4.0, 4.0, -3.0, -3.0)
    assert sole_shifts(leg, COORDINATES, standing(leg, flat, above_m)) == {}
    assert sole_shifts(leg, COORDINATES, standing(leg, flat, above_m / 2)) != {}


def test_the_median_of_the_frames_counts(leg: Path) -> None:
    pose = standing(leg)
    jump = pose + np.array([0.3, 0.2, 0.2, 0.0, 0.0])
    one, other = (sole_shifts(leg, COORDINATES, poses) for poses in (pose, np.vstack([pose, pose, jump])))
    for name, shift in one.items():
        np.testing.assert_allclose(other[name], shift, atol=1e-12)
