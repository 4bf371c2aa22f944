"""SMPL and SMPL-X give the same joints in space as the SMPL-H motion that they were written from, or one clear refusal."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.convert import convert
from mint.body.forward import rest_vertices
from mint.body.shape import stature_m, volume_m3
from mint.body.smplh import load
from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason
from tests.body import synthetic
from tests.body.other_bodies import ORIGIN, as_smpl, as_smplx, joints_of, write_model

Floats = NDArray[np.float64]
Fields = dict[str, Any]
CONFIG = ValidateConfig()
RATE, FRAMES = 60.0, 90
BODY = slice(0, 22)


@pytest.fixture(scope="module")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SMPL-H of all genders; the same female body as SMPL-X and SMPL."""
    folder = synthetic.write_models(tmp_path_factory.mktemp("bodies"))
    for model in ("smplx", "smpl"):
        write_model(folder, model, load(folder, "female"))
    return folder


def motion(components: int = 16) -> Fields:
    """Upright, swaying, walking along x; z up."""
    data = synthetic.motion(FRAMES, RATE)
    betas = np.zeros(16)
    betas[:components] = 0.5 * data["betas"][:components]
    return {**data, "betas": betas, "trans": data["trans"] + [0.0, 0.0, 0.2]}


def validated(fields: Fields, folder: Path, models: Path, **given: Any) -> Bundle:
    np.savez(folder / "motion.npz", **fields)
    return run(folder / "motion.npz", None, folder / "v.npz", CONFIG, model_dir=models, **given)


def joints(bundle: Bundle, models: Path) -> Floats:
    assert bundle.ok, bundle.status.message
    return joints_of(models, bundle.meta["gender"], bundle["poses"], bundle["trans"], bundle["betas"])


def reference(data: Fields, models: Path) -> Floats:
    return joints_of(models, "female", data["poses"], data["trans"], data["betas"])


def test_smplx_gives_the_same_joints_and_fingers_through_its_model(bodies: Path, tmp_path: Path) -> None:
    data = motion()
    bundle = validated(as_smplx(data), tmp_path, bodies)
    assert (bundle.meta["source"], bundle.status.warnings) == ("smplx", ())
    np.testing.assert_allclose(joints(bundle, bodies), reference(data, bodies), atol=1e-9)


def test_smplx_of_another_mesh_differs_by_what_the_fit_of_its_bones_leaves(bodies: Path, tmp_path: Path) -> None:
    """The prior of 0.05 a standard deviation against 2 mm: 16 coefficients of 0.5 pull bones by 0.1 mm; a chain has 8."""
    data = motion()
    path = bodies / "smplx" / "female" / "model.npz"
    with np.load(path) as model:
        fields = {name: model[name] for name in model.files}
    order = np.random.default_rng(1).permutation(len(fields["v_template"]))
    back = np.argsort(order)
    other = {
        **fields,
        **{name: fields[name][order] for name in ("v_template", "shapedirs", "weights", "posedirs")},
        "J_regressor": fields["J_regressor"][:, order],
        "f": back[fields["f"]],
    }
    models = synthetic.write_models(tmp_path / "models")
    (models / "smplx" / "female").mkdir(parents=True)
    np.savez(models / "smplx" / "female" / "model.npz", **other)
    bundle = validated(as_smplx(data), tmp_path, models)
    error = np.linalg.norm(joints(bundle, models) - reference(data, models), axis=2)
    assert error[:, 0].max() < 1e-9 and error[:, BODY].max() < 2e-3


def test_smpl_gives_the_same_body_joints_through_its_model(bodies: Path, tmp_path: Path) -> None:
    data = motion(10)
    bundle = validated(as_smpl(data), tmp_path, bodies)
    assert bundle.meta["source"] == "smpl"
    np.testing.assert_allclose(joints(bundle, bodies)[:, BODY], reference(data, bodies)[:, BODY], atol=1e-9)
    assert np.abs(bundle["poses"][:, 66:]).max() == 0


def video(data: Fields, how: str) -> Fields:
    """The fields of SMPL under other names and in other forms."""
    fields = as_smpl(data)
    poses = fields.pop("poses")
    turns = Rotation.from_rotvec(poses.reshape(-1, 3)).as_matrix().reshape(-1, 24, 3, 3)
    out: Fields = {
        "vectors": {"global_orient": poses[:, :3], "body_pose": poses[:, 3:], "transl": fields["trans"]},
        "joints": {"pose": poses.reshape(-1, 24, 3), "trans": fields["trans"]},
        "matrices": {"poses": turns, "trans": fields["trans"]},
        "matrices of parts": {
            "global_orient": turns[:, :1],
            "body_pose": turns[:, 1:],
            "transl": fields["trans"][:, None],
        },
        "root as a matrix": {"global_orient": turns[:, 0], "body_pose": poses[:, 3:], "transl": fields["trans"]},
        "21 joints": {"global_orient": poses[:, :3], "body_pose": poses[:, 3:66], "transl": fields["trans"]},
        "world and camera": {
            "pose": 0 * poses,
            "trans": 0 * fields["trans"],
            "pose_world": poses,
            "trans_world": fields["trans"],
        },
    }[how]
    rest = {name: value for name, value in fields.items() if name != "trans"}
    return {**rest, **out}


@pytest.mark.parametrize(
    "how", ["vectors", "joints", "matrices", "matrices of parts", "root as a matrix", "21 joints", "world and camera"]
)
def test_fields_of_video_methods_give_the_same_motion(how: str, bodies: Path, tmp_path: Path) -> None:
    data = motion(10)
    bundle = validated(video(data, how), tmp_path, bodies)
    np.testing.assert_allclose(joints(bundle, bodies)[:, BODY], reference(data, bodies)[:, BODY], atol=1e-7)


def turned(fields: Fields, turn: Rotation, origin: Floats) -> Fields:
    """SMPL poses seen from turned axes: the pelvis, at `origin` + trans, turns with them."""
    poses = fields["poses"].copy()
    poses[:, :3] = (turn * Rotation.from_rotvec(poses[:, :3])).as_rotvec()
    return {**fields, "poses": poses, "trans": turn.apply(fields["trans"] + origin) - origin}


def pelvis_at_rest(models: Path, betas: Floats) -> Floats:
    body = load(models, "female")
    return np.asarray(body.joint_regressor[0] @ rest_vertices(body, betas) + ORIGIN["smpl"])


def test_y_up_becomes_z_up_with_a_warning(bodies: Path, tmp_path: Path) -> None:
    data = motion(10)
    fields = turned(as_smpl(data), Rotation.from_euler("x", -90, degrees=True), pelvis_at_rest(bodies, data["betas"]))
    bundle = validated(fields, tmp_path, bodies)
    assert any("y is taken as up" in text for text in bundle.status.warnings)
    np.testing.assert_allclose(joints(bundle, bodies)[:, BODY], reference(data, bodies)[:, BODY], atol=1e-7)


def test_coordinates_of_a_camera_are_refused_with_the_remedy(bodies: Path, tmp_path: Path) -> None:
    data = motion(10)
    fields = turned(as_smpl(data), Rotation.from_euler("x", 90, degrees=True), pelvis_at_rest(bodies, data["betas"]))
    status = validated(fields, tmp_path, bodies).status
    assert status.reason is Reason.ORIENTATION and "camera" in status.detail and "world coordinates" in status.remedy


@pytest.mark.parametrize(("height_m", "mass_kg"), [(1.55, None), (1.7, 55.0), (1.75, 90.0)])
def test_without_its_model_a_body_of_the_stated_height_and_mass_stands_in(
    height_m: float, mass_kg: float | None, tmp_path: Path
) -> None:
    models, data = synthetic.write_models(tmp_path / "models"), motion(10)
    bundle = validated(as_smpl(data), tmp_path, models, height_m=height_m, mass_kg=mass_kg, density_kg_m3=1005.0)
    assert any("stands in" in text and f"{height_m:g} m" in text for text in bundle.status.warnings)
    body = load(models, "female")
    vertices = rest_vertices(body, bundle["betas"])
    assert stature_m(vertices) == pytest.approx(height_m, abs=0.005)
    assert mass_kg is None or 1005.0 * volume_m3(vertices, body.faces) == pytest.approx(mass_kg, rel=0.03)
    np.testing.assert_array_equal(bundle["poses"][:, :66], data["poses"][:, :66])


def test_without_model_and_height_it_is_refused_with_both_remedies(tmp_path: Path) -> None:
    status = validated(as_smpl(motion()), tmp_path, synthetic.write_models(tmp_path / "models")).status
    assert (
        status.reason is Reason.FIELD_MISSING
        and "smpl/female/model.npz" in status.detail
        and "height_m" in status.remedy
    )


@pytest.mark.parametrize("field", ["mocap_framerate", "mocap_frame_rate", "fps", "frame_rate"])
def test_the_frame_rate_is_read_under_any_usual_name(field: str, bodies: Path, tmp_path: Path) -> None:
    fields = as_smpl(motion())
    rate = fields.pop("mocap_framerate")
    bundle = validated({**fields, field: rate}, tmp_path, bodies)
    assert bundle.ok and bundle.meta["frame_rate_hz"] == RATE


def test_a_missing_frame_rate_is_refused_unless_the_table_has_one(bodies: Path, tmp_path: Path) -> None:
    fields = as_smpl(motion())
    fields.pop("mocap_framerate")
    status = validated(fields, tmp_path, bodies).status
    assert status.reason is Reason.FIELD_MISSING and "fps" in status.detail and "frame_rate_override" in status.remedy
    assert validated(fields, tmp_path, bodies, frame_rate_override=50.0).meta["frame_rate_hz"] == 50.0


def scaled_matrices(fields: Fields) -> Fields:
    turns = Rotation.from_rotvec(fields["poses"].reshape(-1, 3)).as_matrix().reshape(-1, 24, 3, 3)
    turns[7, 3] *= 1.2
    return {**fields, "poses": turns}


# What is wrong with SMPL's fields: (change, reason, words of the message).
BROKEN = {
    "75 values": (lambda d: {**d, "poses": np.zeros((FRAMES, 75))}, Reason.FIELD_SHAPE, ("poses", "75")),
    "no path": (lambda d: {k: v for k, v in d.items() if k != "trans"}, Reason.FIELD_MISSING, ("trans", "path")),
    "other frames": (lambda d: {**d, "trans": d["trans"][:50]}, Reason.FIELD_SHAPE, ("trans", "90 frames")),
    "half of the parts": (
        lambda d: {"global_orient": d["poses"][:, :3], "trans": d["trans"], "betas": d["betas"]},
        Reason.FIELD_MISSING,
        ("global_orient and body_pose",),
    ),
    "another body": (
        lambda d: {**d, "surface_model_type": np.array("smplx")},
        Reason.FIELD_VALUE,
        ("smplx", "24 joints"),
    ),
    "no rotations": (scaled_matrices, Reason.FIELD_VALUE, ("frame 7", "no rotation")),
    "NaN": (
        lambda d: {**d, "poses": np.where(np.arange(FRAMES)[:, None] == 4, np.nan, d["poses"])},
        Reason.NOT_FINITE,
        ("frame 4",),
    ),
    "degrees": (lambda d: {**d, "poses": np.rad2deg(d["poses"])}, Reason.FIELD_VALUE, ("degrees",)),
    "absurd shape": (lambda d: {**d, "betas": np.full(10, 20.0)}, Reason.FIELD_VALUE, ("betas", "20")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_one_clear_message(name: str, bodies: Path, tmp_path: Path) -> None:
    change, reason, words = BROKEN[name]
    status = validated(change(as_smpl(motion())), tmp_path, bodies).status
    assert status.reason is reason and status.remedy, status.message
    assert all(word in status.message for word in words), status.message


def test_shapes_that_differ_between_frames_give_their_median_and_a_warning(bodies: Path, tmp_path: Path) -> None:
    data = motion(10)
    rows = np.tile(data["betas"][:10], (FRAMES, 1))
    rows[::9] += 2.0
    bundle = validated({**as_smpl(data), "betas": rows}, tmp_path, bodies)
    assert any("medians are used" in text for text in bundle.status.warnings)
    np.testing.assert_allclose(joints(bundle, bodies)[:, BODY], reference(data, bodies)[:, BODY], atol=1e-9)


def test_coefficients_beyond_those_of_the_model_are_told(bodies: Path, tmp_path: Path) -> None:
    bundle = validated({**as_smpl(motion(10)), "betas": np.full(16, 0.1)}, tmp_path, bodies)
    assert any("6 betas beyond do not act" in text for text in bundle.status.warnings)


@pytest.mark.parametrize("source", [None, "smpl", "amass"])
def test_a_pickle_is_refused_with_the_converter_which_makes_it_readable(
    source: str | None, bodies: Path, tmp_path: Path
) -> None:
    data = motion(10)
    path = tmp_path / "wham_output.pkl"
    path.write_bytes(pickle.dumps({0: video(data, "world and camera")}, protocol=4))
    status = run(path, source, tmp_path / "v.npz", CONFIG, model_dir=bodies).status
    assert status.reason is Reason.FILE_CORRUPT and "mint bodies convert" in status.remedy
    convert(path, tmp_path / "motion.npz")
    bundle = run(tmp_path / "motion.npz", None, tmp_path / "v.npz", CONFIG, gender="female", model_dir=bodies)
    np.testing.assert_allclose(joints(bundle, bodies)[:, BODY], reference(data, bodies)[:, BODY], atol=1e-7)


def test_a_pickle_of_several_people_names_them(tmp_path: Path) -> None:
    people = {"anna": as_smpl(motion()), "ben": as_smpl(motion())}
    (tmp_path / "p.pkl").write_bytes(pickle.dumps(people, protocol=4))
    with pytest.raises(Exception, match="motions are anna, ben"):
        convert(tmp_path / "p.pkl", tmp_path / "out.npz")
    assert convert(tmp_path / "p.pkl", tmp_path / "out.npz", "ben")["poses"] == (FRAMES, 72)
