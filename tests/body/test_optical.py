"""Measured markers through the body and marker stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body import markers, stage, validate
from mint.body.marker_parts import part_of_name
from mint.body.parts import part_of_body
from mint.config.body import BodyConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import read_storage, read_trc
from mint.core.status import Reason
from tests.formats.c3d_files import C3d, reals, text
from tests.formats.mutations import walking

TRIALS = "motion/opencap_subject4"


def measured(shared: Any, folder: Path, trial: str, static: bool = True) -> Bundle:
    validate.run(shared(f"{TRIALS}/{trial}.trc"), "trc", folder / "v.npz", ValidateConfig())
    return stage.run(
        folder / "v.npz",
        None,
        None,
        folder / "b.npz",
        BodyConfig(),
        static_path=shared(f"{TRIALS}/static1.trc") if static else None,
    )


def feet(bundle: Bundle) -> np.ndarray:
    parts = bundle.names("part_names")
    return bundle["heights"][:, [parts.index("foot_r"), parts.index("foot_l")]]


@pytest.mark.parametrize("static", [True, False])
def test_soles_of_a_walk_are_on_the_floor_where_plates_measure_force(static: bool, shared: Any, tmp_path: Path) -> None:
    soles = feet(measured(shared, tmp_path, "walking1", static))
    time, columns, forces, _ = read_storage(shared(f"{TRIALS}/walking1_grf.mot"))
    at = np.arange(len(soles)) / 50
    vertical = [np.interp(at, time, forces[:, i]) for i, name in enumerate(columns) if name.endswith("_vy")]
    assert len(vertical) == 2
    loaded = np.sum(vertical, axis=0) > 100
    assert loaded.mean() > 0.5
    assert np.abs(soles[loaded].min(axis=1)).max() < 0.02
    assert soles.max() > 0.025, "the swinging foot leaves the floor"


@pytest.mark.parametrize("static", [True, False])
def test_feet_on_the_box_are_above_the_floor(static: bool, shared: Any, tmp_path: Path) -> None:
    soles = feet(measured(shared, tmp_path, "DJ1", static))
    assert soles[:40].min() > 0.2
    assert np.nanmin(soles[85:]) < 0.02


def test_rest_markers_come_from_the_static_trial_or_flagged_from_this_one(shared: Any, tmp_path: Path) -> None:
    with_static = measured(shared, tmp_path, "squats1")
    static = read_trc(shared(f"{TRIALS}/static1.trc"))
    assert with_static.meta["rest_source"] == "static" and with_static.names("marker_names") == static.names
    np.testing.assert_allclose(with_static["rest_markers"], np.nanmedian(static.positions, axis=0), atol=1e-9)
    without = measured(shared, tmp_path, "squats1", static=False)
    assert without.meta["rest_source"] == "trial" and "no static trial" in without.status.warnings[0]

    # Distances within a rigid segment agree between the two.
    def distance(bundle: Bundle, a: str, b: str) -> float:
        names = bundle.names("marker_names")
        return float(bundle["marker_distances"][names.index(a), names.index(b)])

    for pair in (("L.ASIS", "r.ASIS"), ("L_toe", "L_5meta"), ("r_thigh1", "r_thigh2")):
        assert distance(without, *pair) == pytest.approx(distance(with_static, *pair), abs=0.005)


def test_marker_trc_holds_the_measured_positions_at_50_frames(shared: Any, tmp_path: Path) -> None:
    measured(shared, tmp_path, "squats1")
    markers.run(
        tmp_path / "v.npz",
        tmp_path / "b.npz",
        None,
        None,
        tmp_path / "m.trc",
        window=(70, 154),
        margin_frames=10,
        config=BodyConfig(),
    )
    ours, raw = read_trc(tmp_path / "m.trc"), read_trc(shared(f"{TRIALS}/squats1.trc"))
    assert ours.names == raw.names and ours.rate_hz == 50
    np.testing.assert_allclose(ours.time_s, np.round(np.arange(60, 165) / 50, 2), atol=1e-9)
    np.testing.assert_allclose(ours.positions, raw.positions[120:330:2], atol=1e-6)


def test_every_measured_marker_is_on_the_right_part(shared: Any) -> None:
    expected = {
        "C7": "torso",
        "L.ASIS": "pelvis",
        "r.PSIS": "pelvis",
        "L_5meta": "foot_l",
        "L_HJC": "upper_leg_l",
        "L_Shoulder": "torso",
        "L_Sternum": "torso",
        "L_ankle": "lower_leg_l",
        "L_calc": "foot_l",
        "L_elbow_lat": "forearm_l",
        "L_forearm": "forearm_l",
        "R_humerus": "upper_arm_r",
        "L_knee": "lower_leg_l",
        "r_sh2": "lower_leg_r",
        "L_shank_antsup": "lower_leg_l",
        "r_thigh4": "upper_leg_r",
        "r_toe": "foot_r",
        "R_wrist_ulna": "forearm_r",
    }
    names = read_trc(shared(f"{TRIALS}/walking1.trc")).names
    assert set(expected) <= set(names)
    assert {name: part_of_name(name) for name in expected} == expected


def test_bodies_of_the_model_map_to_parts() -> None:
    wanted = {
        "calcn_r": "foot_r",
        "toes_l": "foot_l",
        "tibia_r": "lower_leg_r",
        "femur_l": "upper_leg_l",
        "pelvis": "pelvis",
        "humerus": "upper_arm_r",
        "ulna_l": "forearm_l",
        "skull": "head",
        "lumbar3": "torso",
    }
    assert {body: part_of_body(body) for body in wanted} == wanted


def test_mass_height_and_sex_of_the_file_are_used_where_the_table_has_none(tmp_path: Path) -> None:
    names, points, time = walking(0)
    swaying = points + np.array([0.0, 0.0, 0.02]) * np.sin(6 * time)[:, None, None]
    said = {"SUBJECTS": {"WEIGHT": reals([67.5]), "HEIGHT": reals([1720.0]), "SEX": text(["F"])}}
    C3d(points=1000 * swaying, labels=list(names), further=said).write(tmp_path / "a.c3d")
    assert validate.run(tmp_path / "a.c3d", None, tmp_path / "v.npz", ValidateConfig()).ok

    def body(**declared: float) -> Bundle:
        return stage.run(tmp_path / "v.npz", None, None, tmp_path / "b.npz", BodyConfig(), **declared)

    ours = body()
    assert ours.ok, ours.status.message
    assert (ours.meta["mass_kg"], ours.meta["stature_m"], ours.meta["gender"]) == (67.5, 1.72, "female")
    table = body(mass_kg=75.0)
    assert table.meta["mass_kg"] == 75.0
    assert any(
        "75 kg in the sequence table, 67.5 kg in the file: the table counts" in each for each in table.status.warnings
    )


def test_a_mass_of_the_file_that_no_person_of_that_height_has_is_refused_with_the_remedy(tmp_path: Path) -> None:
    names, points, _ = walking(0)
    said = {"SUBJECTS": {"WEIGHT": reals([290.0]), "HEIGHT": reals([1720.0])}}
    C3d(points=1000 * points, labels=list(names), further=said).write(tmp_path / "a.c3d")
    validate.run(tmp_path / "a.c3d", None, tmp_path / "v.npz", ValidateConfig())
    status = stage.run(tmp_path / "v.npz", None, None, tmp_path / "b.npz", BodyConfig()).status
    assert (
        status.reason is Reason.DECLARED_BODY
        and "of the file itself" in status.detail
        and "sequence table" in status.remedy
    )


def test_a_static_trial_of_one_frame_in_another_format_shapes_the_subject(shared: Any, tmp_path: Path) -> None:
    standing = read_trc(shared(f"{TRIALS}/static1.trc"))
    C3d(points=1000 * standing.positions[:1], labels=[f"S4:{name}" for name in standing.names]).write(
        tmp_path / "static.c3d"
    )
    validate.run(shared(f"{TRIALS}/squats1.trc"), None, tmp_path / "v.npz", ValidateConfig())
    bundle = stage.run(
        tmp_path / "v.npz", None, None, tmp_path / "b.npz", BodyConfig(), static_path=tmp_path / "static.c3d"
    )
    assert bundle.ok, bundle.status.message
    ours = dict(zip(bundle.names("marker_names"), bundle["rest_markers"], strict=True))
    np.testing.assert_allclose(ours["C7"], standing.positions[0, standing.names.index("C7")], atol=1e-6)
