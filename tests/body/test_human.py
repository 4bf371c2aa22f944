"""Measured trials and poses that are turned, mirrored, renamed or declared wrongly are refused; the trials themselves not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mint.body import stage, validate
from mint.body.declared import Size, check_declared, check_size, size_of_markers
from mint.body.knees import check_knees, knee_angles
from mint.body.landmarks import of_markers, point_of_name
from mint.body.orientation import Frame, check_orientation
from mint.config.body import BodyConfig
from mint.config.human import HumanConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, read_trc, write_trc
from mint.core.status import REMEDY, Reason, StageError
from tests.body import synthetic

CONFIG = HumanConfig()
OPENCAP = "motion/opencap_subject4"
TRIALS = ("static1", "walking1", "DJ1", "squats1")
Change = Callable[[list[str], np.ndarray], tuple[list[str], np.ndarray]]


def judged(
    shared: Any, folder: Path, trial: str, change: Change, config: ValidateConfig | None = None, **declared: float
) -> Bundle:
    table = read_trc(shared(f"{trial}.trc"))
    names, positions = change(list(table.names), table.positions.copy())
    write_trc(folder / "trial.trc", MarkerTable(names, positions, table.time_s, table.rate_hz))
    assert validate.run(folder / "trial.trc", "trc", folder / "v.npz", config or ValidateConfig()).ok
    return stage.run(folder / "v.npz", None, None, folder / "b.npz", BodyConfig(), **declared)


def turned(matrix: list[list[int]]) -> Change:
    return lambda names, positions: (names, positions @ np.array(matrix, dtype=float).T)


def renamed(swap: Callable[[str], str]) -> Change:
    return lambda names, positions: ([swap(name) for name in names], positions)


def other_side(name: str) -> str:
    return {"L": "r", "l": "r", "R": "L", "r": "L"}[name[0]] + name[1:] if name[1] in "._" else name


def same(names: list[str], positions: np.ndarray) -> tuple[list[str], np.ndarray]:
    return names, positions


WRONG_AXES = {
    "z up": ([[1, 0, 0], [0, 0, -1], [0, 1, 0]], "+z", "trc_up_axis: auto, or z"),
    "upside down": ([[1, 0, 0], [0, -1, 0], [0, 0, -1]], "-y", "trc_up_axis: auto, or -y"),
    "x up": ([[0, 1, 0], [-1, 0, 0], [0, 0, 1]], "+x", "trc_up_axis: auto, or x"),
    "z down": ([[1, 0, 0], [0, 0, 1], [0, -1, 0]], "-z", "trc_up_axis: auto, or -z"),
}


@pytest.mark.parametrize("trial", TRIALS)
@pytest.mark.parametrize("kind", WRONG_AXES)
def test_markers_with_other_axes_than_the_setting_are_refused_by_axis_and_remedy(
    kind: str, trial: str, shared: Any, tmp_path: Path
) -> None:
    matrix, axis, remedy = WRONG_AXES[kind]
    status = judged(shared, tmp_path, f"{OPENCAP}/{trial}", turned(matrix), ValidateConfig(trc_up_axis="y")).status
    assert status.reason is Reason.ORIENTATION
    assert f"{axis} axis" in status.detail and "trial.trc" in status.detail and "expected along +y" in status.detail
    assert remedy in status.remedy


@pytest.mark.parametrize("trial", TRIALS)
def test_y_up_markers_declared_z_up_are_refused(trial: str, shared: Any, tmp_path: Path) -> None:
    status = judged(shared, tmp_path, f"{OPENCAP}/{trial}", same, ValidateConfig(trc_up_axis="z")).status
    assert (
        status.reason is Reason.ORIENTATION
        and "+y axis" in status.detail
        and "trc_up_axis: auto, or y" in status.remedy
    )


GOOD = [
    *(f"{OPENCAP}/{trial}" for trial in TRIALS),
    "motion/moco_walk/markers_walk",
    *(
        f"motion/hamner2013/subject{who}/{run}"
        for who in ("01", "04", "08", "11")
        for run in ("Run_3", "Run_5", "static")
        if (who, run) != ("11", "Run_3")
    ),  # whose NumFrames is 7 % beyond its rows
    *(f"motion/falisse2019/{run}" for run in ("gait_14", "gait_25", "gait_60", "static")),
    "motion/pose2sim_video/S00_P00_T01_BalancingTrial_0-100_filt_butterworth",
    "motion/pose2sim_video/S00_P01_T02_Participants1-2_P1_0-100_filt_butterworth_LSTM",
]


@pytest.mark.parametrize("trial", GOOD)
def test_measured_trials_are_those_of_people(trial: str, shared: Any, tmp_path: Path) -> None:
    bundle = judged(shared, tmp_path, trial, same)
    assert bundle.ok, bundle.status.message
    assert bundle.meta["events"] == []
    assert [text for text in bundle.status.warnings if "static trial" not in text and "missing" not in text] == []


@pytest.mark.parametrize("trial", TRIALS)
def test_exchanged_names_of_left_and_right_are_refused(trial: str, shared: Any, tmp_path: Path) -> None:
    status = judged(shared, tmp_path, f"{OPENCAP}/{trial}", renamed(other_side)).status
    assert status.reason is Reason.SIDES
    assert "exchanged in the names, or one axis of the file is mirrored" in status.detail


@pytest.mark.parametrize("trial", TRIALS)
@pytest.mark.parametrize("axis", range(3))
def test_mirrored_markers_are_refused_with_both_readings(axis: int, trial: str, shared: Any, tmp_path: Path) -> None:
    signs = np.ones(3)
    signs[axis] = -1
    status = judged(shared, tmp_path, f"{OPENCAP}/{trial}", lambda names, positions: (names, positions * signs)).status
    # A mirrored vertical is upside down in the first place, and turned.
    assert status.reason is Reason.SIDES and "mirrored" in status.detail and "right-handed" in status.remedy


@pytest.mark.parametrize("joint", ["_knee", "_ankle", "Shoulder", "elbow", "ASIS"])
def test_names_exchanged_at_one_joint_are_refused_there(joint: str, shared: Any, tmp_path: Path) -> None:
    status = judged(
        shared, tmp_path, f"{OPENCAP}/walking1", renamed(lambda name: other_side(name) if joint in name else name)
    ).status
    place = {"_knee": "knee", "_ankle": "ankle", "Shoulder": "shoulder", "elbow": "elbow", "ASIS": "front"}[joint]
    assert status.reason is Reason.SIDES and place in status.detail


def test_markers_of_a_walk_whose_root_has_no_path_are_refused(shared: Any, tmp_path: Path) -> None:
    def centred(names: list[str], positions: np.ndarray) -> tuple[list[str], np.ndarray]:
        pelvis = positions[:, [names.index(f"{side}_HJC") for side in "RL"]].mean(axis=1, keepdims=True)
        return names, positions - (pelvis - pelvis[:1])

    status = judged(shared, tmp_path, f"{OPENCAP}/walking1", centred).status
    assert status.reason is Reason.FIXED_ROOT, status.message
    assert "trial.trc: markers of the pelvis" in status.detail


def test_exchanged_heels_and_toes_are_refused(shared: Any, tmp_path: Path) -> None:
    names = {"toe": "calc", "calc": "toe"}
    change = renamed(lambda name: name[:2] + names[name[2:]] if name[2:] in names else name)
    status = judged(shared, tmp_path, f"{OPENCAP}/walking1", change).status
    assert status.reason is Reason.SIDES


def poses(models: Path, folder: Path, data: dict[str, Any], **declared: float) -> Bundle:
    np.savez(folder / "a.npz", **data)
    assert validate.run(folder / "a.npz", "amass", folder / "a.v.npz", ValidateConfig()).ok
    return stage.run(folder / "a.v.npz", models, models / "markers.csv", folder / "a.b.npz", BodyConfig(), **declared)


def turned_poses(turn: Rotation) -> dict[str, Any]:
    data = synthetic.standing(300)
    data["trans"][:, 0] += 1.1 * np.arange(300) / 100
    data["poses"][:, 9] = 0.01 * np.sin(np.arange(300) / 20)
    pelvis = synthetic.joint_positions()[0]
    data["poses"][:, :3] = (turn * Rotation.from_rotvec(data["poses"][:, :3])).as_rotvec()
    data["trans"] = turn.apply(data["trans"] + pelvis) - pelvis
    return data


@pytest.mark.parametrize(("axis", "degrees", "found"), [("x", 180, "-z"), ("y", 90, "+x"), ("x", 90, "-y")])
def test_poses_with_other_axes_are_refused(axis: str, degrees: int, found: str, models: Path, tmp_path: Path) -> None:
    status = poses(models, tmp_path, turned_poses(Rotation.from_euler(axis, degrees, degrees=True))).status
    assert status.reason is Reason.ORIENTATION
    assert f"{found} axis" in status.detail and "expected along +z" in status.detail and "trans" in status.remedy
    assert ("coordinates of a camera" in status.remedy) == (found == "-y")


@pytest.mark.parametrize("degrees", [0, 70, 180])
def test_heading_of_poses_does_not_matter(degrees: int, models: Path, tmp_path: Path) -> None:
    bundle = poses(models, tmp_path, turned_poses(Rotation.from_euler("z", degrees, degrees=True)))
    assert bundle.ok and bundle.status.warnings == ()


def test_knees_that_bend_forwards_are_refused(models: Path, tmp_path: Path) -> None:
    for sign, refused in ((1, False), (-1, True)):
        data = synthetic.standing(200)
        data["poses"][:, [12, 15]] = sign * 0.9 * np.sin(np.pi * np.arange(200) / 199)[:, None] ** 2
        status = poses(models, tmp_path, data).status
        assert (status.reason is Reason.POSTURE) == refused, status.message
    assert "knee bends forwards by up to 47 deg" in status.detail and status.t_start_s is not None


def lying(frames: int = 100) -> dict[str, np.ndarray]:
    """Landmarks of a body on its back on the floor y = 0, head along x, feet pointed, breathing."""
    points = {"head": (1.6, 0.12, 0), "trunk": (1.4, 0.1, 0), "pelvis": (0.9, 0.1, 0)}
    for side, z in (("r", 0.1), ("l", -0.1)):
        points |= {
            f"hip_{side}": (0.9, 0.1, z),
            f"knee_{side}": (0.5, 0.1, z),
            f"ankle_{side}": (0.08, 0.07, z),
            f"heel_{side}": (0.04, 0.03, z),
            f"toe_{side}": (-0.08, 0.17, z),
            f"shoulder_{side}": (1.4, 0.1, 2 * z),
            f"elbow_{side}": (1.1, 0.08, 2 * z),
            f"wrist_{side}": (0.85, 0.06, 2 * z),
        }
    breath = 0.005 * np.sin(np.arange(frames) / 15)[:, None]
    return {name: np.array(point, dtype=float) + breath * [0, 1, 0] for name, point in points.items()}


def test_a_person_who_lies_on_the_files_own_floor_is_not_refused_for_its_axes() -> None:
    frame = Frame("y", setting="validate_input.trc_up_axis")
    said = check_orientation("x", lying(), frame, CONFIG)
    assert len(said) == 1 and "lies or is upside down throughout, or the file has other axes" in said[0]
    # Rolling sideways over the floor is travel across the body's axis as well.
    rolling = {
        name: points + np.linspace(0, 2, 100)[:, None] * [0, 0, 1] + [3.0, 0, 0] for name, points in lying().items()
    }
    assert len(check_orientation("x", rolling, frame, CONFIG)) == 1


def test_a_handstand_is_not_upside_down_data() -> None:
    frame = Frame("z")
    standing = {name: points[:, [2, 0, 1]] for name, points in lying().items()}
    standing |= {f"toe_{side}": standing[f"heel_{side}"] + [0.2, 0.0, 0.0] for side in "rl"}
    turned_over = {name: points * [1, -1, -1] + [0, 1.9, 0] for name, points in standing.items()}
    with pytest.raises(StageError) as error:
        check_orientation("x", turned_over, frame, CONFIG)
    assert error.value.reason is Reason.ORIENTATION and "-z axis" in error.value.detail
    on_hands = {**turned_over, **{f"wrist_{side}": turned_over["head"] * [1, 0, 1] + [0, 0.02, 0] for side in "rl"}}
    assert all("lies or is upside down" in said for said in check_orientation("x", on_hands, frame, CONFIG))


def test_checks_without_their_landmarks_are_skipped() -> None:
    marks = of_markers(["Marker1", "Marker2", "C7"], np.random.default_rng(0).normal(size=(50, 3, 3)))
    assert set(marks) == {"neck", "trunk"}
    assert check_orientation("x", marks, Frame("y"), CONFIG) == [] and check_knees("x", marks, CONFIG) == []
    assert size_of_markers(marks).stature_m is None and knee_angles(marks, "r") is None


def test_landmarks_are_found_whatever_laboratories_call_them() -> None:
    names = {
        "R_knee": "knee_r",
        "L.Toe": "toe_l",
        "RASI": "front_r",
        "LeftHeel": "heel_l",
        "toe_l": "toe_l",
        "RKNE": "knee_r",
        "Subject01:LANK": "ankle_l",
        "r_mankle_study": "ankle_r",
        "L_FCC": "heel_l",
        "RAnkle": "ankle_r",
        "r.PSIS": "back_r",
        "C7": "neck",
        "L_thigh1": "",
        "Reflection": "",
        "": "",
        "L": "",
        "R_shank_antsup": "",
    }
    assert {name: point_of_name(name) for name in names} == names


MESH = Size(1.70, 70.0, "the mesh")


@pytest.mark.parametrize(
    ("declared", "refused"),
    [
        ({"mass_kg": 70.0, "height_m": 1.70}, False),
        ({"mass_kg": 75.0}, False),
        ({"height_m": 1.68}, False),
        ({"mass_kg": 154.0}, True),
        ({"mass_kg": 32.0}, True),
        ({"height_m": 1.40}, True),
        ({"height_m": 2.10}, True),
    ],
)
def test_declared_body_is_compared_with_the_mesh(declared: dict[str, float], refused: bool) -> None:
    given = {"mass_kg": None, "height_m": None, **declared}
    if not refused:
        assert check_declared("x.npz", MESH, config=CONFIG, **given) == []
        return
    with pytest.raises(StageError) as error:
        check_declared("x.npz", MESH, config=CONFIG, **given)
    assert error.value.reason is Reason.DECLARED_BODY
    # Both values and the field are named.
    field, value = next(iter(declared.items()))
    assert f"{field} is {value:.{1 if field == 'mass_kg' else 2}f}" in error.value.detail
    assert ("70.0 kg" if field == "mass_kg" else "1.70 m") in error.value.detail


def test_doubtful_declared_body_is_said() -> None:
    assert "mass_kg is 88.0 kg, mass from the mesh 70.0 kg" in check_declared("x", MESH, 88.0, None, CONFIG)[0]
    assert "height_m is 1.85 m, stature from the mesh 1.70 m (+9 %)" in check_declared("x", MESH, None, 1.85, CONFIG)[0]


@pytest.mark.parametrize(
    ("declared", "refused"),
    [
        ({}, False),
        ({"mass_kg": 60.1, "height_m": 1.72}, False),
        ({"mass_kg": 60.1 * 2.2046}, True),
        ({"mass_kg": 25.0}, True),
        ({"height_m": 1.45}, True),
        ({"height_m": 2.05}, True),
    ],
)
def test_declared_body_is_compared_with_the_markers(
    declared: dict[str, float], refused: bool, shared: Any, tmp_path: Path
) -> None:
    status = judged(shared, tmp_path, f"{OPENCAP}/squats1", same, **declared).status
    assert status.ok != refused and (not refused or status.reason is Reason.DECLARED_BODY)


def test_stature_from_markers_is_that_of_the_subject(shared: Any) -> None:
    estimates = {}
    for trial in ("walking1", "squats1", "static1", "DJ1"):
        table = read_trc(shared(f"{OPENCAP}/{trial}.trc"))
        estimates[trial] = size_of_markers(of_markers(table.names, table.positions)).stature_m
    # Shoulders of the standing subject are 1.44 m high, at 0.818 of stature (Winter 2009, fig. 4.1).
    assert all(stature == pytest.approx(1.75, rel=0.03) for stature in estimates.values()), estimates


@pytest.mark.parametrize("stature", [0.4, 2.7])
def test_a_body_of_no_persons_size_is_refused(stature: float) -> None:
    with pytest.raises(StageError) as error:
        check_size("x.npz", Size(stature, None, "the mesh"), CONFIG)
    assert error.value.reason is Reason.STATURE and f"{stature:.2f} m" in error.value.detail


def test_declared_body_reaches_the_stage_of_poses(models: Path, tmp_path: Path) -> None:
    mesh = poses(models, tmp_path, synthetic.standing()).meta
    assert poses(models, tmp_path, synthetic.standing(), height_m=mesh["stature_m"]).ok
    status = poses(models, tmp_path, synthetic.standing(), mass_kg=2.2 * mesh["mass_kg"]).status
    assert status.reason is Reason.DECLARED_BODY and "a.npz" in status.detail and "mass_kg" in REMEDY[status.reason]
