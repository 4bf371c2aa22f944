"""A motion comes out upright and the right way round, whatever the axes of its file."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mint.body import stage, validate
from mint.body.stick import rest_joints, stick_joints
from mint.body.upright import up_of_markers, up_of_poses, vertical_of_markers
from mint.config.body import BodyConfig
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, read_trc, write_trc
from mint.core.status import Reason
from mint.formats.ground_frame import UP_AXES, in_ground_frame, turn_to_ground
from mint.formats.markers import lost_as_nan
from tests.body import synthetic
from tests.body.people import MOTIONS, NAMES, key_points, lying, on_floor, squatting, standing, walking

HUMAN = HumanConfig()
NAMED = list(NAMES)
OPENCAP, POSE2SIM = "motion/opencap_subject4", "motion/pose2sim_video"
TRIALS = [
    *(f"{OPENCAP}/{trial}" for trial in ("static1", "walking1", "DJ1", "squats1")),
    "motion/moco_walk/markers_walk",
    "motion/hamner2013/subject04/Run_5",
    "motion/hamner2013/subject08/static",
    "motion/falisse2019/gait_60",
    "motion/falisse2019/static",
    f"{POSE2SIM}/S00_P00_T00_StaticTrial_0-12_filt_butterworth_LSTM",
    f"{POSE2SIM}/S00_P01_T02_Participants1-2_P1_0-100_filt_butterworth_LSTM",
]
HEADINGS = (0, 90, 180, 270)
ROTATIONS = [*product(UP_AXES, HEADINGS)]


def in_axes(points: np.ndarray, up: str, heading_deg: float = 0.0) -> np.ndarray:
    """Points `(..., 3)` y up, in a file whose `up` is up, after a turn of the laboratory about the vertical."""
    turn = turn_to_ground(up).T @ Rotation.from_euler("y", heading_deg, degrees=True).as_matrix()
    return np.asarray(points @ turn.T)


def aligned(points: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Points `(n, m, 3)` y up turned about the vertical so that they come nearest to others."""
    ours, theirs = (each[..., 0] + 1j * each[..., 2] for each in (points, like))
    both = np.isfinite(ours) & np.isfinite(theirs)
    turn = np.vdot(ours[both], theirs[both])
    flat = ours * turn / abs(turn)
    return np.stack([flat.real, points[..., 1], flat.imag], axis=-1)


def file_of(path: Path, points: np.ndarray, names: list[str] = NAMED, rate_hz: float = 100.0) -> Path:
    write_trc(path, MarkerTable(names, points, np.arange(len(points)) / rate_hz, rate_hz), 1)
    return path


def validated(path: Path, others: tuple[Path, ...] = (), **settings: Any) -> Bundle:
    return validate.run(path, "trc", path.with_suffix(".npz"), ValidateConfig(**settings), others=others)


@pytest.mark.parametrize("up", UP_AXES)
def test_the_turn_to_ground_is_a_rotation_and_no_mirror(up: str) -> None:
    turn = turn_to_ground(up)
    axis = (-1.0 if up[0] == "-" else 1.0) * np.eye(3)["xyz".index(up[-1])]
    np.testing.assert_array_equal(turn @ axis, [0, 1, 0])
    np.testing.assert_array_equal(turn @ turn.T, np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(1)


@pytest.mark.parametrize("up", UP_AXES)
def test_a_moment_turns_as_its_force_and_its_point_do(up: str) -> None:
    point, force = np.random.default_rng(1).normal(size=(2, 50, 3))
    moment = in_ground_frame(np.cross(point, force), up)
    np.testing.assert_allclose(moment, np.cross(in_ground_frame(point, up), in_ground_frame(force, up)), atol=1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_measured_trials_come_out_the_same_from_all_24_axes(trial: str, shared: Any) -> None:
    table = read_trc(shared(f"{trial}.trc"))
    markers = lost_as_nan(table.positions)
    for up, heading in ROTATIONS:
        turned = in_axes(markers, up, heading)
        found = up_of_markers(trial, table.names, turned, "auto", HUMAN)
        assert (found.axis, found.by) == (up, "body"), (up, heading)
        # Who stands still beside the origin may as well lie there, beside a plane at zero.
        assert trial.endswith("static1") or found.warnings == (), found.warnings
        upright = aligned(in_ground_frame(turned, found.axis), markers)
        np.testing.assert_allclose(upright, markers, atol=1e-9)


PEOPLE = {
    "2014001": ("C4_05", "C5_01"),
    "2014007": ("C4_04", "C5_04"),
    "2014015": ("C4_04", "C5_03"),
    "2014022": ("C4_04", "C5_02"),
    "2014029": ("C4_05", "C5_05"),
}


@pytest.mark.parametrize("who", PEOPLE)
def test_c3d_files_come_out_upright_with_their_plates_and_their_static_trial_of_one_frame(
    who: str, shared: Any, tmp_path: Path
) -> None:
    folder = shared(f"motion/schreiber2019/{who}")
    for trial in PEOPLE[who]:
        bundle = validate.run(folder / f"{who}_{trial}.c3d", None, tmp_path / "v.npz", ValidateConfig())
        assert bundle.ok, bundle.status.message
        assert (bundle.meta["up_axis"], bundle.meta["up_axis_by"]) == ("z", "body")
        force, centre = bundle["plate_force_N"], bundle["plate_centre_m"]
        loaded = force[..., 1] > 50
        # Ground forces point up, from the floor.
        assert loaded.any() and np.all(force[..., 1].min(axis=1) > -25) and np.nanmax(np.abs(centre[..., 1])) < 0.02
        assert np.max(np.linalg.norm(force[..., [0, 2]], axis=-1)[loaded] / force[..., 1][loaded]) < 1
        body = stage.run(
            tmp_path / "v.npz", None, None, tmp_path / "b.npz", BodyConfig(), static_path=folder / f"{who}_ST.c3d"
        )
        assert body.ok, body.status.message
        rest = dict(zip(body.names("marker_names"), body["rest_markers"], strict=True))
        heights = [rest[name][1] for name in ("R_FCC", "R_FLE", "R_IAS", "R_SAE")]
        assert 0 < heights[0] < 0.1 and np.all(np.diff(heights) > 0.2)
        assert not any("each is turned by its own" in text for text in body.status.warnings)


@pytest.mark.parametrize("kind", ["standing", "walking"])
@pytest.mark.parametrize("level_m", [0.0, -0.9])
def test_who_stands_or_walks_is_upright_from_all_24_axes(level_m: float, kind: str) -> None:
    # Along x, -x, z and -z in turn. A floor away from zero, as in coordinates of a video method, is one too.
    points = key_points(on_floor(MOTIONS[kind](), level_m))
    for up, heading in ROTATIONS:
        found = vertical_of_markers(NAMED, in_axes(points, up, heading), HUMAN)
        assert found is not None and found.up == up, (up, heading)
        assert found.sure or (kind, level_m) == ("standing", -0.9), found


@pytest.mark.parametrize("up", UP_AXES)
@pytest.mark.parametrize("kind", ["lying", "crawling", "on hands", "getting up"])
def test_who_lies_crawls_gets_up_or_stands_on_the_hands_is_told_by_the_floor_at_zero(kind: str, up: str) -> None:
    points = key_points(on_floor(MOTIONS[kind]()))
    for heading in HEADINGS:
        found = vertical_of_markers(NAMED, in_axes(points, up, heading), HUMAN)
        assert found is not None and found.up == up, (heading, found)


def test_a_single_static_frame_tells() -> None:
    points = key_points(on_floor(standing()))[:1]
    for up, heading in ROTATIONS:
        found = vertical_of_markers(NAMED, in_axes(points, up, heading), HUMAN)
        assert found is not None and found.up == up and found.sure


def test_a_turned_file_is_told_as_a_fact_and_not_as_a_doubt(tmp_path: Path) -> None:
    bundle = validated(file_of(tmp_path / "walk.trc", in_axes(key_points(on_floor(walking())), "z")))
    assert bundle.ok and bundle.status.warnings == ()
    assert (bundle.meta["up_axis"], bundle.meta["up_axis_by"]) == ("z", "body")
    (note,) = bundle.meta["notes"]
    assert "walk.trc: +z is up (head and feet lie along +z in 100 % of the frames" in note and "turned to +y" in note


def test_a_file_that_is_y_up_already_has_nothing_to_tell(tmp_path: Path) -> None:
    bundle = validated(file_of(tmp_path / "walk.trc", key_points(on_floor(walking()))))
    assert bundle.ok and bundle.status.warnings == () and bundle.meta["notes"] == [] and bundle.meta["up_axis"] == "y"


@pytest.mark.parametrize("up", ["z", "-y"])
def test_who_lies_above_no_known_floor_takes_the_vertical_of_the_persons_other_trial(up: str, tmp_path: Path) -> None:
    static = file_of(tmp_path / "static.trc", in_axes(key_points(on_floor(standing()))[:1], up))
    lies = file_of(tmp_path / "lies.trc", in_axes(key_points(on_floor(lying(), 0.6)), up, 90))
    alone, together = validated(lies), validated(lies, (tmp_path / "missing.trc", static))
    assert len(alone.status.warnings) == 1 and "may as well lie" in alone.status.warnings[0]
    assert together.status.warnings == () and (together.meta["up_axis"], together.meta["up_axis_by"]) == (up, "subject")
    assert "in static.trc" in together.meta["notes"][0]
    heights = together["markers"][:, :, 1]
    assert np.ptp(heights[0]) < 0.3


def test_a_trial_that_stands_is_not_turned_by_another(tmp_path: Path) -> None:
    other = file_of(tmp_path / "other.trc", in_axes(key_points(on_floor(standing())), "x"))
    bundle = validated(file_of(tmp_path / "a.trc", in_axes(key_points(on_floor(walking())), "z")), (other,))
    assert bundle.meta["up_axis"] == "z"


@pytest.mark.parametrize("frames", [1, 100])
def test_a_static_trial_with_axes_of_its_own_is_turned_by_its_own(frames: int, tmp_path: Path) -> None:
    walk, stand = key_points(on_floor(walking())), key_points(on_floor(standing()))[:frames]
    file_of(tmp_path / "static.trc", in_axes(stand, "z"))
    for up in ("y", "z"):
        assert validated(file_of(tmp_path / f"{up}.trc", in_axes(walk, up))).ok
        body = stage.run(
            tmp_path / f"{up}.npz", None, None, tmp_path / "b.npz", BodyConfig(), static_path=tmp_path / "static.trc"
        )
        assert body.ok, body.status.message
        np.testing.assert_allclose(body["rest_markers"][:, 1], np.median(stand, axis=0)[:, 1], atol=1e-5)
        assert any("each is turned by its own" in text for text in body.status.warnings) == (up == "y")


def test_markers_without_names_are_told_by_the_floor_or_by_a_warning(tmp_path: Path) -> None:
    names = [f"M{i}" for i in range(len(NAMED))]
    points = key_points(on_floor(walking()))
    floor = validated(file_of(tmp_path / "a.trc", in_axes(points, "z"), names))
    assert (floor.meta["up_axis"], floor.meta["up_axis_by"], len(floor.status.warnings)) == ("z", "floor", 1)
    nothing = validated(file_of(tmp_path / "b.trc", points + np.array([0, 3.0, 0]), names))
    assert (nothing.meta["up_axis"], nothing.meta["up_axis_by"]) == ("y", "default")
    assert "neither posture nor floor tell which axis is up" in nothing.status.warnings[0]


@pytest.mark.parametrize("up", UP_AXES)
def test_the_setting_wins_over_the_body(up: str, tmp_path: Path) -> None:
    bundle = validated(file_of(tmp_path / "a.trc", key_points(on_floor(walking()))), trc_up_axis=up)
    assert (bundle.meta["up_axis"], bundle.meta["up_axis_by"]) == (up, "setting")
    body = stage.run(tmp_path / "a.npz", None, None, tmp_path / "b.npz", BodyConfig())
    # It is compared all the same: a body that stands along another axis is refused.
    assert body.ok == (up == "y") and (up == "y" or body.status.reason is Reason.ORIENTATION)


@pytest.mark.parametrize("up", UP_AXES)
@pytest.mark.parametrize("mirrored", range(3))
def test_mirrored_files_are_refused_in_all_axes(mirrored: int, up: str, tmp_path: Path) -> None:
    signs = np.ones(3)
    signs[mirrored] = -1
    points = in_axes(key_points(on_floor(walking())), up) * signs
    assert validated(file_of(tmp_path / "a.trc", points)).ok
    status = stage.run(tmp_path / "a.npz", None, None, tmp_path / "b.npz", BodyConfig()).status
    assert (
        status.reason is Reason.SIDES and "exchanged in the names, or one axis of the file is mirrored" in status.detail
    )


@pytest.mark.parametrize("kept", ["nose and ears", "knees"])
def test_mirrored_key_points_without_toes_are_refused_by_face_or_knees(kept: str, tmp_path: Path) -> None:
    points = key_points(on_floor(walking()))
    names = [name for name in NAMED if "Toe" not in name]
    points = points[:, [NAMED.index(name) for name in names]]
    if kept == "nose and ears":
        face = np.array([[0, 0, 0.1], [-0.07, 0, 0], [0.07, 0, 0]])
        points = np.concatenate([points, points[:, [names.index("Head")]] + face], axis=1)
        names = [*names, "Nose", "REar", "LEar"]
    for signs, refused in (([1, 1, 1], False), ([-1, 1, 1], True)):
        assert validated(file_of(tmp_path / "a.trc", points * np.array(signs), names)).ok
        status = stage.run(tmp_path / "a.npz", None, None, tmp_path / "b.npz", BodyConfig()).status
        assert (status.reason is Reason.SIDES) == refused, status.message
    assert ("the nose" if kept == "nose and ears" else "bent knees") in status.detail


def pose_data(motion: tuple[np.ndarray, np.ndarray], turn: Rotation) -> dict[str, Any]:
    poses, pelvis = motion[0].copy(), rest_joints()[0]
    poses[:, :3] = (turn * Rotation.from_rotvec(poses[:, :3])).as_rotvec()
    return {
        "poses": poses,
        "trans": turn.apply(motion[1] + pelvis) - pelvis,
        "betas": np.zeros(16),
        "gender": np.array("neutral"),
        "mocap_framerate": np.array(100.0),
    }


Z_UP = Rotation.from_euler("x", 90, degrees=True)


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize(("motion", "level_m"), [(walking, 0.0), (walking, -0.9), (squatting, 0.0)])
def test_poses_that_are_y_up_become_z_up(motion: Any, level_m: float, heading: int, tmp_path: Path) -> None:
    given = on_floor(motion(), level_m)
    turn = Rotation.from_euler("y", heading, degrees=True)
    np.savez(tmp_path / "y.npz", **pose_data(given, turn))
    bundle = validate.run(tmp_path / "y.npz", "amass", tmp_path / "v.npz", ValidateConfig())
    assert bundle.ok and bundle.meta["up_axis"] == "y" and bundle.status.warnings == ()
    assert "+y is up" in bundle.meta["notes"][0] and "turned to +z" in bundle.meta["notes"][0]
    joints = stick_joints(bundle["poses"], bundle["trans"])
    np.testing.assert_allclose(
        joints, (Z_UP * turn).apply(stick_joints(*given).reshape(-1, 3)).reshape(joints.shape), atol=1e-9
    )


def test_poses_that_are_y_up_pass_the_stage_of_the_body(models: Path, tmp_path: Path) -> None:
    data = synthetic.standing(200)
    data["trans"][:, 0] += 1.1 * np.arange(200) / 100
    up = Rotation.from_euler("x", -90, degrees=True)
    pelvis = synthetic.joint_positions()[0]
    data["poses"][:, :3] = (up * Rotation.from_rotvec(data["poses"][:, :3])).as_rotvec()
    data["trans"] = up.apply(data["trans"] + pelvis) - pelvis
    np.savez(tmp_path / "y.npz", **data)
    assert validate.run(tmp_path / "y.npz", "amass", tmp_path / "v.npz", ValidateConfig()).meta["up_axis"] == "y"
    body = stage.run(tmp_path / "v.npz", models, models / "markers.csv", tmp_path / "b.npz", BodyConfig())
    assert body.ok, body.status.message
    assert np.abs(body["heights"].min()) < 0.01


@pytest.mark.parametrize("kind", MOTIONS)
def test_poses_that_are_z_up_stay_as_they_are(kind: str) -> None:
    for heading, level_m in product(HEADINGS, (0.0, 0.6)):
        data = pose_data(on_floor(MOTIONS[kind](), level_m), Rotation.from_euler("z", heading, degrees=True) * Z_UP)
        found = up_of_poses("a.npz", data["poses"], data["trans"], HUMAN)
        assert found.axis == "z" and (level_m or found.warnings == ()), (heading, level_m, found)


@pytest.mark.parametrize("kind", ["crawling", "lying", "on hands"])
def test_who_crawls_or_lies_in_a_y_up_file_is_not_taken_for_z_up_in_silence(kind: str) -> None:
    for heading in HEADINGS:
        motion = on_floor(MOTIONS[kind]())
        motion[1][:] += [1.3, 0.0, -0.8]
        data = pose_data(motion, Rotation.from_euler("y", heading, degrees=True))
        found = up_of_poses("a.npz", data["poses"], data["trans"], HUMAN)
        assert found.axis == "y" or "along +y, not along +z" in found.warnings[0], heading
