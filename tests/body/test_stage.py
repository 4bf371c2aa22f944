"""Body stage: mass, stature, ground and heights; markers of a chunk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mint.body import markers, stage, validate
from mint.body.shape import open_edges, volume_m3
from mint.body.smplh import load
from mint.config.body import BodyConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.motionfiles import MarkerTable, read_trc
from mint.core.status import Reason, StageStatus, Status
from tests.body import synthetic

CONFIG = BodyConfig()


def measured(models: Path, folder: Path, data: dict[str, Any], name: str = "a") -> Bundle:
    np.savez(folder / f"{name}.npz", **data)
    assert validate.run(folder / f"{name}.npz", "amass", folder / f"{name}.v.npz", ValidateConfig()).ok
    return stage.run(folder / f"{name}.v.npz", models, models / "markers.csv", folder / f"{name}.b.npz", CONFIG)


def chunk(models: Path, folder: Path, window: tuple[int, int], margin: int = 10, name: str = "a") -> MarkerTable:
    markers.run(
        folder / f"{name}.v.npz",
        folder / f"{name}.b.npz",
        models,
        models / "markers.csv",
        folder / "m.trc",
        window=window,
        margin_frames=margin,
        config=CONFIG,
    )
    return read_trc(folder / "m.trc")


def walk() -> dict[str, Any]:
    """Both soles rest in turn: a standing body whose legs swing alternately at the hips."""
    data = synthetic.standing(300)
    time = np.arange(300) / 100
    for hip, phase in ((1, 0.0), (2, np.pi)):
        data["poses"][:, 3 * hip] = -0.6 * np.maximum(np.sin(2 * np.pi * time + phase), 0)
    data["trans"] += np.stack(
        [1.1 * time, 0.005 * np.sin(5 * time), 0.001 * np.cos(12 * time)], axis=1
    )  # nobody walks without swaying
    return data


def test_volume_of_a_cube_is_known_and_a_hole_is_found() -> None:
    corners = np.array([[x, y, z] for x in (0, 2) for y in (0, 2) for z in (0, 2)], dtype=float) + 5
    faces = np.array(
        [
            (0, 1, 3),
            (0, 3, 2),
            (4, 6, 7),
            (4, 7, 5),
            (0, 4, 5),
            (0, 5, 1),
            (2, 3, 7),
            (2, 7, 6),
            (0, 2, 6),
            (0, 6, 4),
            (1, 5, 7),
            (1, 7, 3),
        ]
    )
    assert volume_m3(corners, faces) == pytest.approx(8.0, abs=1e-12)
    assert open_edges(faces) == 0
    assert open_edges(faces[1:]) == 3


def test_mass_and_stature_belong_to_the_shaped_body(models: Path, tmp_path: Path) -> None:
    plain = measured(models, tmp_path, synthetic.standing())
    template = load(models, "female").v_template
    assert plain.meta["stature_m"] == pytest.approx(np.ptp(template[:, 1]), abs=1e-9)
    assert plain.meta["mass_kg"] == pytest.approx(plain.meta["volume_m3"] * 1005.0)
    # The first shape component scales the body by 1.03.
    taller = measured(models, tmp_path, {**synthetic.standing(), "betas": np.eye(16)[0]}, "tall")
    assert taller.meta["stature_m"] == pytest.approx(1.03 * plain.meta["stature_m"], rel=1e-9)
    assert taller.meta["mass_kg"] == pytest.approx(1.03**3 * plain.meta["mass_kg"], rel=1e-9)


def test_rest_markers_face_forward_in_the_opensim_frame(models: Path, tmp_path: Path) -> None:
    bundle = measured(models, tmp_path, synthetic.standing())
    rest = dict(zip(bundle.names("marker_names"), bundle["rest_markers"], strict=True))
    assert bundle["rest_markers"].shape == (67, 3)
    assert rest["RTOE"][0] > rest["RHEE"][0] + 0.1
    assert rest["RTOE"][2] > 0.05 and rest["LTOE"][2] < -0.05
    assert rest["HEAD_TOP"][1] == pytest.approx(bundle.meta["stature_m"], abs=1e-9)


def test_standing_body_touches_the_floor_with_its_feet_only(models: Path, tmp_path: Path) -> None:
    bundle = measured(models, tmp_path, synthetic.standing(lift_m=0.07))
    assert bundle.meta["ground_m"] == pytest.approx(0.07, abs=1e-5)
    heights = dict(zip(bundle.names("part_names"), bundle["heights"].T, strict=True))
    assert len(heights["head"]) == 75
    # The two feet are mirror images but their capsules are not, hence 2 mm.
    np.testing.assert_allclose(heights["foot_r"], 0, atol=2e-3)
    np.testing.assert_allclose(heights["foot_l"], 0, atol=2e-3)
    assert heights["lower_leg_r"].min() > 0.02 and heights["pelvis"].min() > 0.7 and heights["hand_l"].min() > 1.2


def test_raising_the_motion_changes_only_the_ground(models: Path, tmp_path: Path) -> None:
    low, data = measured(models, tmp_path, walk(), "low"), walk()
    data["trans"][:, 2] += 0.10
    high = measured(models, tmp_path, data, "high")
    assert high.meta["ground_m"] - low.meta["ground_m"] == pytest.approx(0.10, abs=1e-6)
    assert high.meta["ground_paper_m"] - low.meta["ground_paper_m"] == pytest.approx(0.10, abs=1e-6)
    np.testing.assert_allclose(high["heights"], low["heights"], atol=1e-6)
    np.testing.assert_array_equal(high["rest_markers"], low["rest_markers"])
    for key in ("mass_kg", "stature_m", "slow_share"):
        assert high.meta[key] == low.meta[key]
    np.testing.assert_allclose(
        chunk(models, tmp_path, (0, 84), name="high").positions,
        chunk(models, tmp_path, (0, 84), name="low").positions,
        atol=2e-6,
    )


def test_a_moving_belt_does_not_change_the_ground(models: Path, tmp_path: Path) -> None:
    over, data = measured(models, tmp_path, walk(), "over"), walk()
    data["trans"][:, 0] += 0.005 * np.sin(np.arange(300) / 20) - 1.1 * np.arange(300) / 100
    belt = measured(models, tmp_path, data, "belt")
    assert belt.meta["ground_m"] == pytest.approx(over.meta["ground_m"], abs=1e-6)


def test_a_walk_whose_root_has_no_path_is_refused(models: Path, tmp_path: Path) -> None:
    data = walk()
    data["trans"][:] = 0
    status = measured(models, tmp_path, data).status
    assert status.reason is Reason.FIXED_ROOT and "a.npz: field trans" in status.detail, status.message
    assert measured(models, tmp_path, walk(), "moving").ok


def test_a_sunken_frame_moves_the_papers_ground_but_not_the_robust_one(models: Path, tmp_path: Path) -> None:
    clean, data = measured(models, tmp_path, walk(), "clean"), walk()
    data["trans"][150:153, 2] -= 0.06
    sunken = measured(models, tmp_path, data, "sunken")
    assert sunken.meta["ground_paper_m"] < clean.meta["ground_paper_m"] - 0.05
    assert abs(sunken.meta["ground_m"] - clean.meta["ground_m"]) < 0.003


def test_ground_falls_back_with_a_flag_when_soles_are_never_slow(models: Path, tmp_path: Path) -> None:
    data = synthetic.standing(300)
    data["trans"][:, 2] += 2.0 * np.arange(300) / 100
    bundle = measured(models, tmp_path, data)
    assert bundle.ok and bundle.meta["ground_method"] == "lowest_marker"
    assert bundle.meta["ground_m"] == bundle.meta["ground_paper_m"]
    assert any(warning.startswith("ground:") for warning in bundle.status.warnings)


def test_chunks_see_the_same_markers_as_the_whole_sequence(models: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **synthetic.motion(400))
    validate.run(tmp_path / "a.npz", "amass", tmp_path / "a.v.npz", ValidateConfig())
    stage.run(tmp_path / "a.v.npz", models, models / "markers.csv", tmp_path / "a.b.npz", CONFIG)
    whole = chunk(models, tmp_path, (0, 199), 0)
    some = chunk(models, tmp_path, (70, 154), 20)
    assert len(whole.positions) == 200 and len(some.positions) == 125
    np.testing.assert_allclose(some.positions, whole.positions[50:175], atol=2e-6)
    np.testing.assert_allclose(some.time_s, np.round(np.arange(50, 175) / 50, 2))
    ends = chunk(models, tmp_path, (115, 199), 20)
    assert len(ends.positions) == 105 and ends.time_s[-1] == 3.98


def test_yawed_motion_gives_yawed_markers_and_equal_heights(models: Path, tmp_path: Path) -> None:
    plain, data = measured(models, tmp_path, walk(), "plain"), walk()
    turn = Rotation.from_rotvec([0, 0, np.pi / 2])
    pelvis = load(models, "female").joint_regressor[0] @ load(models, "female").v_template
    data["poses"][:, :3] = (turn * Rotation.from_rotvec(data["poses"][:, :3])).as_rotvec()
    data["trans"] = turn.apply(data["trans"] + pelvis) - pelvis
    yawed = measured(models, tmp_path, data, "yawed")
    np.testing.assert_allclose(yawed["heights"], plain["heights"], atol=2e-6)
    x, y, z = np.moveaxis(chunk(models, tmp_path, (0, 84), name="plain").positions, -1, 0)
    # A quarter turn to the left about the vertical takes x (forward) to -z.
    np.testing.assert_allclose(
        chunk(models, tmp_path, (0, 84), name="yawed").positions, np.stack([z, y, -x], -1), atol=5e-6
    )


def test_failure_upstream_is_passed_on_and_leaves_an_empty_trc(models: Path, tmp_path: Path) -> None:
    status = StageStatus("validate", Status.FAILED, Reason.NOT_FINITE, "x.npz: field poses", "repair")
    Bundle(status).write(tmp_path / "a.v.npz")
    bundle = stage.run(tmp_path / "a.v.npz", models, models / "markers.csv", tmp_path / "a.b.npz", CONFIG)
    assert bundle.status == status
    table = chunk(models, tmp_path, (0, 84))
    assert len(table.positions) == 0


def test_missing_gender_falls_back_to_neutral_and_missing_models_are_named(tmp_path: Path) -> None:
    only_neutral = synthetic.write_models(tmp_path / "neutral_only", ("neutral",))
    bundle = measured(only_neutral, tmp_path, synthetic.standing())
    assert bundle.ok and bundle.meta["gender"] == "neutral" and "neutral one is used" in bundle.status.warnings[0]
    (tmp_path / "empty").mkdir()
    bundle = stage.run(
        tmp_path / "a.v.npz", tmp_path / "empty", only_neutral / "markers.csv", tmp_path / "b.npz", CONFIG
    )
    assert bundle.status.reason is Reason.BODY_MODEL and "female/model.npz" in bundle.status.message


BAD_MODELS: dict[str, tuple[dict[str, Any], str]] = {
    "posedirs": ({"posedirs": np.zeros((936, 3, 207))}, "field posedirs"),
    "shapedirs": ({"shapedirs": np.zeros((936, 3, 8))}, "field shapedirs has 8"),
    "regressor": ({"J_regressor": np.zeros((24, 936))}, "field J_regressor"),
    "weights": ({"weights": np.full((936, 52), 0.5)}, "field weights"),
    "tree": ({"kintree_table": np.zeros((2, 52), int)}, "field kintree_table"),
    "faces": ({"f": np.array([[0, 1, 99999]])}, "field f"),
    "template": ({"v_template": np.full((936, 3), np.nan)}, "field v_template"),
    "object": ({"J_regressor": np.array([None, {}], dtype=object)}, "field J_regressor is a pickled object"),
}


@pytest.mark.parametrize("name", BAD_MODELS)
def test_bad_body_model_names_file_and_field(name: str, models: Path, tmp_path: Path) -> None:
    change, words = BAD_MODELS[name]
    (tmp_path / "m" / "female").mkdir(parents=True)
    np.savez(tmp_path / "m" / "female" / "model.npz", **{**synthetic.arrays(), **change})
    measured(models, tmp_path, synthetic.standing())
    status = stage.run(tmp_path / "a.v.npz", tmp_path / "m", models / "markers.csv", tmp_path / "b.npz", CONFIG).status
    assert status.reason is Reason.BODY_MODEL and "model.npz" in status.message and words in status.message
    assert "mint bodies convert" in status.remedy


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("LTOE,197", "LTOE,99999", "LTOE is on vertex 99999"),
        ("LTOE", "RTOE", "66 different markers"),
        ("vertex", "v", "vertex"),
    ],
)
def test_bad_marker_map_is_named(old: str, new: str, words: str, models: Path, tmp_path: Path) -> None:
    measured(models, tmp_path, synthetic.standing())
    text = (models / "markers.csv").read_text()
    assert old in text
    (tmp_path / "map.csv").write_text(text.replace(old, new, 1))
    status = stage.run(tmp_path / "a.v.npz", models, tmp_path / "map.csv", tmp_path / "b.npz", CONFIG).status
    assert status.reason is Reason.MARKER_MISSING and "map.csv" in status.message and words in status.message
