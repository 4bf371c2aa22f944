"""Both feature sets come from any file of body poses, and from nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body.forward import rest_vertices
from mint.body.shape import stature_m, volume_m3
from mint.body.smplh import load
from mint.core.status import Reason, StageError
from mint.learning.motion import gravity, humanml3d
from mint.learning.motion.joints import body_motion
from mint.learning.motion.of_file import Features, sequence_features
from tests.body import synthetic
from tests.body.other_bodies import as_smpl, as_smplx, write_model
from tests.body.test_on_skeleton import RATE, stepping
from tests.formats.bvh_files import bvh_text

SIZE = slice(gravity.SLICES["gender"].start, None)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SMPL-H of all genders; the same female body as SMPL-X and SMPL."""
    folder = synthetic.write_models(tmp_path_factory.mktemp("bodies"))
    for model in ("smplx", "smpl"):
        write_model(folder, model, load(folder, "female"))
    return folder


def motion(frames: int = 90, rate_hz: float = 60.0) -> dict[str, Any]:
    """Upright, swaying, walking along x; z up; ten shape components, as SMPL has."""
    data = synthetic.motion(frames, rate_hz)
    betas = np.where(np.arange(16) < 10, 0.5 * data["betas"], 0.0)
    return {**data, "betas": betas, "trans": data["trans"] + [0.0, 0.0, 0.2]}


def of(fields: dict[str, Any], folder: Path, models: Path, **given: Any) -> Features:
    np.savez(folder / "motion.npz", **fields)
    return sequence_features(folder / "motion.npz", model_dir=models, **given)


def test_features_of_an_amass_file_are_those_of_its_poses_on_its_body(models: Path, tmp_path: Path) -> None:
    data = motion()
    found = of(data, tmp_path, models)
    model = load(models, "female")
    rest = rest_vertices(model, data["betas"])
    body = body_motion(data["poses"], data["trans"], 60.0, model.joint_regressor @ rest)
    mass, stature = 1005.0 * volume_m3(rest, model.faces), stature_m(rest)
    np.testing.assert_allclose(found.humanml3d, humanml3d.features(body.joints), atol=1e-5)
    expected = gravity.features(body, gravity.Body(data["betas"], "female", mass, stature))
    np.testing.assert_allclose(found.gravity, expected[:-1], atol=1e-3)
    # 89 intervals of 1/60 s hold 29 of 1/20 s: 30 frames, of which the last has no step.
    assert found.humanml3d.shape == (29, 263) and found.gravity.shape == (29, gravity.FEATURES)
    assert found.rate_hz == 20 and found.status.ok
    assert found.gravity[0, SIZE] == pytest.approx([-1, mass, stature])


def test_smpl_and_smplx_of_the_same_body_have_the_same_features(models: Path, tmp_path: Path) -> None:
    data = motion()
    smplh = of(data, tmp_path, models)
    for other in (as_smplx(data), as_smpl(data)):
        found = of(other, tmp_path, models)
        np.testing.assert_allclose(found.humanml3d, smplh.humanml3d, atol=1e-4)
        np.testing.assert_allclose(found.gravity, smplh.gravity, atol=2e-3)


def test_a_skeleton_in_motion_has_features(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.bvh"
    path.write_text(bvh_text(synthetic.joint_positions(), *stepping(), RATE))
    found = sequence_features(path, model_dir=models, gender="female", height_m=1.62)
    assert found.humanml3d.shape[1] == 263 and len(found.humanml3d) == len(found.gravity) > 10
    assert np.isfinite(found.gravity).all() and found.gravity[0, -1] == pytest.approx(1.62)


def test_rate_gender_mass_and_height_of_the_table_replace_those_of_the_file(models: Path, tmp_path: Path) -> None:
    found = of(motion(), tmp_path, models, frame_rate_override=30.0, gender="male", mass_kg=71.5, height_m=1.81)
    assert len(found.gravity) == 59
    assert found.gravity[0, SIZE] == pytest.approx([1, 71.5, 1.81])


def test_markers_are_refused_with_a_word_what_is_needed(tmp_path: Path, models: Path) -> None:
    path = tmp_path / "markers.trc"
    path.write_text("PathFileType\t4\t(X/Y/Z)\tmarkers.trc\n")
    with pytest.raises(StageError) as error:
        sequence_features(path, model_dir=models)
    assert error.value.reason is Reason.FIELD_MISSING and "poses of a body are expected" in error.value.detail
    assert "markers.trc" in error.value.detail and error.value.remedy


def test_a_file_that_stage_validate_refuses_is_refused(models: Path, tmp_path: Path) -> None:
    data = motion()
    data["trans"][4, 1] = np.nan
    with pytest.raises(StageError) as error:
        of(data, tmp_path, models)
    assert error.value.reason is Reason.NOT_FINITE and "trans" in error.value.detail
