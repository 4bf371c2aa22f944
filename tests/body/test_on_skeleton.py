"""Skeletons in BVH files become motions of a body: joints where the skeleton has them, feet that stand, knees that bend back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body import stage
from mint.body.forward import rest_vertices
from mint.body.shape import volume_m3
from mint.body.smplh import PARENTS, load
from mint.body.validate import run
from mint.config.body import BodyConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason
from mint.retarget.feet import find_stance, slip
from mint.retarget.subject import LEGS, TO_AMASS, TO_SMPL, Subject, forward_kinematics, shaped_subject
from tests.body import synthetic
from tests.body.other_bodies import joints_of
from tests.formats.bvh_files import Style, bvh_text

Floats = NDArray[np.float64]
CONFIG = ValidateConfig()
RATE, FRAMES = 60.0, 150
STANDS_M_S = 0.15
FILES = [
    "BNR_dataset-1_kick_normal_001",
    "BNR_dataset-1_run_normal_001",
    "BNR_dataset-1_walk-back_normal_001",
    "BNR_dataset-1_walk_normal_001",
    "BNR_dataset-2_walk-turn-left_normal_001",
    "CMU_01_01",
    "CMU_salsa_60_10",
    "MASS_dance",
    "MASS_kick",
]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthetic.write_models(tmp_path_factory.mktemp("bodies"))


def stepping() -> tuple[Floats, Floats]:
    """Poses and trans, z up: stepping in place on one spot, arms hanging and bent, trunk bent and turned."""
    time = np.arange(FRAMES) / RATE
    turn, pose = 2 * np.pi * 0.8 * time, np.zeros((FRAMES, 52, 3))
    pose[:, 0] = [np.pi / 2, 0, 0]
    for side, hip, knee, shoulder, elbow, sign in (("l", 1, 4, 16, 18, 1), ("r", 2, 5, 17, 19, -1)):
        lift = np.maximum(np.sin(turn + (np.pi if side == "r" else 0)), 0) ** 2
        pose[:, hip, 0], pose[:, knee, 0] = -0.6 * lift - 0.1, 0.9 * lift + 0.2
        arm = Rotation.from_euler("z", -1.3 * sign) * Rotation.from_euler("y", -0.3 * sign)
        pose[:, shoulder], pose[:, elbow, 1] = arm.as_rotvec(), -sign * (0.7 + 0.3 * np.sin(turn))
    pose[:, [3, 6, 9]] = (np.array([0.05, 0.04, 0.0]) * np.sin(turn)[:, None])[:, None]
    trans = np.tile([0.2, 0.1, 0.0], (FRAMES, 1))
    return pose.reshape(FRAMES, -1), trans


def retargeted(
    folder: Path, models: Path, style: Style | None = None, change: Callable[[str], str] = str, **given: float
) -> Bundle:
    """The validated motion of the stepping body as a BVH file."""
    text = bvh_text(synthetic.joint_positions(), *stepping(), RATE, style)
    (folder / "a.bvh").write_text(change(text))
    return run(folder / "a.bvh", None, folder / "v.npz", CONFIG, gender="female", model_dir=models, **given)


def joints(bundle: Bundle, models: Path) -> Floats:
    assert bundle.ok, bundle.status.message
    return joints_of(models, bundle.meta["gender"], bundle["poses"], bundle["trans"], bundle["betas"])


def expected(models: Path) -> Floats:
    return joints_of(models, "female", *stepping(), np.zeros(16))


def bend(points: Floats, joint: int) -> Floats:
    """Angle (n,) rad by which a limb is bent at a joint."""
    child = PARENTS.index(joint)
    upper, lower = points[:, joint] - points[:, PARENTS[joint]], points[:, child] - points[:, joint]
    cosine = np.sum(upper * lower, axis=1) / np.linalg.norm(upper, axis=1) / np.linalg.norm(lower, axis=1)
    return np.arccos(np.clip(cosine, -1, 1))


STYLES = {
    "mixamo": Style(prefix="mixamorig:"),
    "biovision": Style(prefix="Character1_"),
    "xsens": Style(names="xsens"),
    "metres": Style(unit_m=1.0),
    "inches": Style(unit_m=0.0254),
    "CMU's unit": Style(unit_m=0.0254 / 0.45),
    "other channels": Style(order="YXZ", all_positions=True),
    "z up": Style(up="z"),
    "a rest pose first": Style(rest_frame=True),
}


@pytest.mark.parametrize("name", STYLES)
def test_a_skeleton_of_the_body_itself_gives_its_joints_back(name: str, models: Path, tmp_path: Path) -> None:
    """Bones are fitted within some millimetres. A foot that lifts off slowly counts as standing for the first 3 cm."""
    bundle = retargeted(tmp_path, models, STYLES[name])
    found, right = joints(bundle, models), expected(models)
    shown = slice(1 if STYLES[name].rest_frame else 0, None)
    found = found[shown][:, :22] - found[shown][:, :1]
    assert len(found) == len(right)
    error = np.linalg.norm(found - (right - right[:, :1])[:, :22], axis=2)
    legs = error[:, [1, 2, 4, 5, 7, 8]]
    assert np.median(legs, axis=0).max() < 0.01 and legs.max() < 0.035 and error[:, 15].max() < 0.03
    for joint in (4, 5, 18, 19):
        off = np.degrees(np.abs(bend(found, joint) - bend(right, joint)))
        assert np.median(off) < 1.5 and off.max() < (8 if joint in (4, 5) else 1.5)


def test_units_that_are_no_persons_are_refused_unless_the_height_is_known(models: Path, tmp_path: Path) -> None:
    status = retargeted(tmp_path, models, Style(unit_m=0.037)).status
    assert status.reason is Reason.STATURE and "height_m" in status.remedy and "m in inch" in status.detail
    bundle = retargeted(tmp_path, models, Style(unit_m=0.037), height_m=1.6)
    assert any("scaled" in text for text in bundle.status.warnings)
    assert np.linalg.norm(joints(bundle, models)[0, 4] - joints(bundle, models)[0, 7]) == pytest.approx(0.41, abs=0.03)


def test_a_stated_mass_and_height_shape_the_body(models: Path, tmp_path: Path) -> None:
    bundle = retargeted(tmp_path, models, height_m=1.7, mass_kg=60.0, density_kg_m3=1005.0)
    body = load(models, "female")
    assert 1005.0 * volume_m3(rest_vertices(body, bundle["betas"]), body.faces) == pytest.approx(60.0, rel=0.1)


def test_a_skeleton_that_hangs_head_down_is_refused(models: Path, tmp_path: Path) -> None:
    status = retargeted(tmp_path, models, change=lambda text: upside_down(text)).status
    assert status.reason is Reason.ORIENTATION and "above the feet along -y" in status.detail


def upside_down(text: str) -> str:
    head, rows = text.split("Frame Time: 0.0166667\n")
    out = []
    for row in rows.strip().split("\n"):
        values = [float(word) for word in row.split()]
        turned = Rotation.from_euler("x", 180, degrees=True) * Rotation.from_euler("ZXY", values[3:6], degrees=True)
        values[1], values[3:6] = -values[1], turned.as_euler("ZXY", degrees=True)
        out.append(" ".join(f"{value:.5f}" for value in values))
    return f"{head}Frame Time: 0.0166667\n" + "\n".join(out) + "\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("LeftUpLeg", "FrontPaw"), ("left_hip", "FrontPaw", "bvh_joints.csv")),
        (lambda text: text.replace("Neck", "A").replace("Head", "B"), ("head or neck",)),
    ],
)
def test_a_skeleton_with_other_names_is_refused_with_what_is_missing(
    change: Callable[[str], str], words: tuple[str, ...], models: Path, tmp_path: Path
) -> None:
    status = retargeted(tmp_path, models, change=change).status
    assert status.reason is Reason.FIELD_MISSING and all(word in status.message for word in words), status.message


def test_a_skeleton_without_arms_lets_them_hang_with_a_warning(models: Path, tmp_path: Path) -> None:
    bundle = retargeted(tmp_path, models, change=lambda text: text.replace("LeftForeArm", "Flipper"))
    assert any("the arms hang" in text for text in bundle.status.warnings)
    points = joints(bundle, models)
    assert np.all(points[:, [20, 21], 2] < points[:, [16, 17], 2] - 0.4)


def test_exchanged_names_of_left_and_right_are_refused(
    shared: Callable[[str], Path], models: Path, tmp_path: Path
) -> None:
    head, motion, rows = shared("motion/bvh/BNR_dataset-1_walk_normal_001.bvh").read_text().partition("MOTION")
    swapped = re.sub(r"_[LR]\b", lambda match: {"_L": "_R", "_R": "_L"}[match[0]], head)
    (tmp_path / "a.bvh").write_text(swapped + motion + rows)
    run(tmp_path / "a.bvh", None, tmp_path / "v.npz", CONFIG, model_dir=models)
    judged = stage.run(tmp_path / "v.npz", models, models / "markers.csv", tmp_path / "b.npz", BodyConfig())
    assert judged.status.reason is Reason.SIDES


def test_bones_that_change_their_length_are_refused(models: Path, tmp_path: Path) -> None:
    def stretched(text: str) -> str:
        head, rows = text.split("Frame Time: 0.0166667\n")
        lines = rows.strip().split("\n")
        columns = [
            words
            for words in head.split("\n")
            if "OFFSET" in words or "JOINT" in words or "ROOT" in words or "End" in words
        ]
        names = [line.split()[1] for line in columns if "JOINT" in line or "ROOT" in line]
        at = 6 * names.index("LeftLeg")
        out = []
        for number, line in enumerate(lines):
            words = line.split()
            words[at : at + 3] = [f"{float(word) * (1 + 0.5 * (number % 2)):.4f}" for word in words[at : at + 3]]
            out.append(" ".join(words))
        return f"{head}Frame Time: 0.0166667\n" + "\n".join(out) + "\n"

    status = retargeted(tmp_path, models, Style(all_positions=True), change=stretched).status
    assert status.reason is Reason.FIELD_VALUE and "left_hip to left_knee" in status.detail


def test_a_belt_under_the_feet_leaves_them_as_recorded(models: Path, tmp_path: Path) -> None:
    """Feet that never stand still in the file's axes stand nowhere: nothing is moved."""
    poses, trans = stepping()
    trans[:, 0] += 1.5 * np.arange(FRAMES) / RATE
    (tmp_path / "a.bvh").write_text(bvh_text(synthetic.joint_positions(), poses, trans, RATE))
    bundle = run(tmp_path / "a.bvh", None, tmp_path / "v.npz", CONFIG, gender="female", model_dir=models)
    speed = np.diff(joints(bundle, models)[:, 0, 0]) * RATE
    np.testing.assert_allclose(speed, 1.5, atol=0.02)


def soles(bundle: Bundle, models: Path) -> tuple[Subject, Floats, Floats]:
    """The body, and its joints `(n,52,3)` m and orientations `(n,52,3,3)`, y up and x forward at rest."""
    body = load(models, bundle.meta["gender"])
    vertices = rest_vertices(body, bundle["betas"])
    subject = shaped_subject(
        vertices,
        body.joint_regressor @ vertices,
        body.weights,
        np.array(PARENTS),
        {side: np.zeros(45) for side in "lr"},
    )
    smpl = Rotation.from_rotvec(bundle["poses"].reshape(-1, 3)).as_matrix().reshape(-1, 52, 3, 3)
    local = TO_SMPL.T @ smpl @ TO_SMPL
    local[:, 0] = TO_AMASS.T @ smpl[:, 0] @ TO_SMPL
    points, turns = forward_kinematics(subject, local, (bundle["trans"] + subject.pelvis_smpl) @ TO_AMASS)
    return subject, points, turns


@pytest.mark.parametrize("name", FILES)
def test_measured_skeletons_stand_on_still_feet_and_bend_their_knees_back(
    name: str, shared: Callable[[str], Path], models: Path, tmp_path: Path
) -> None:
    bundle = run(shared(f"motion/bvh/{name}.bvh"), None, tmp_path / "v.npz", CONFIG, model_dir=models)
    assert bundle.ok, bundle.status.message
    subject, points, turns = soles(bundle, models)
    rate = bundle.meta["frame_rate_hz"]
    for side, leg in subject.legs.items():
        ankle, foot = points[:, LEGS[side][2]], Rotation.from_matrix(turns[:, LEGS[side][2]])
        stance = find_stance(ankle, foot, leg, 0.0, rate, np.full(len(ankle), STANDS_M_S))
        assert stance.mean() > 0.05
        assert slip(ankle, foot, leg, 0.0, stance, 0.01) < 0.03
        hip, knee = points[:, LEGS[side][0]], points[:, LEGS[side][1]]
        forward = turns[:, LEGS[side][0], :, 0]
        flexed = bend(points, LEGS[side][1]) > np.radians(20)
        behind = np.sum(((ankle + hip) / 2 - knee) * forward, axis=1)
        assert behind[flexed].max() < 0
    # Orientation, sides, knees, size: as of any motion.
    judged = stage.run(tmp_path / "v.npz", models, models / "markers.csv", tmp_path / "b.npz", BodyConfig())
    assert judged.ok, judged.status.message


def test_a_doubtful_rate_is_told_and_the_true_one_is_not(
    shared: Callable[[str], Path], models: Path, tmp_path: Path
) -> None:
    """The salsa's frame time says 120 Hz, the notes of its recording 60."""
    for override, told in ((None, True), (60.0, False)):
        bundle = run(
            shared("motion/bvh/CMU_salsa_60_10.bvh"),
            None,
            tmp_path / "v.npz",
            CONFIG,
            model_dir=models,
            frame_rate_override=override,
        )
        assert (
            any("is the frame rate right" in text and "outside their soles" in text for text in bundle.status.warnings)
            is told
        )
