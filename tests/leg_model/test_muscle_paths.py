"""Polynomials of muscle-tendon lengths follow OpenSim, where paths slip off their wraps too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mint.config.muscle_paths import MusclePathsConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason
from mint.kinematics.leg_model.muscles import lower_limb_names
from mint.kinematics.model.export import load_model
from mint.kinematics.muscle_paths import fit_all, run
from mint.kinematics.paths.fit import evaluate_path, exponents, fit_path
from mint.kinematics.paths.sampling import PathSamples, sample_paths
from mint.kinematics.paths.spans import sampled_ranges, spanned_coordinates

from .conftest import Derived

FAST = MusclePathsConfig(samples=600)


@pytest.fixture(scope="session")
def paths(single_torso: Derived, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    output = tmp_path_factory.mktemp("paths") / "muscle_paths.npz"
    run(single_torso.leg_path, output, FAST)
    return Bundle.read(output)


def test_held_out_errors_are_below_a_millimetre_of_length(paths: Bundle) -> None:
    length = np.array(list(paths.meta["length_rmse_m"].values()))
    arm = np.array(list(paths.meta["moment_arm_rmse_m"].values()))
    assert paths.ok and len(length) == 80
    assert length.max() < 1.2e-3 and np.median(length) < 0.4e-3
    assert arm.max() < 4e-3 and np.median(arm) < 1.5e-3


def test_lengths_in_a_squat_and_a_stride_equal_opensim(single_torso: Derived, paths: Bundle) -> None:
    """Poses of everyday motion, chosen independently of the sampled ones."""
    squat = {
        "hip_flexion": 80.0,
        "hip_adduction": -8.0,
        "hip_rotation": 5.0,
        "knee_angle": 95.0,
        "ankle_angle": 20.0,
    }
    stride = {
        "hip_flexion": -15.0,
        "hip_adduction": 4.0,
        "hip_rotation": -4.0,
        "knee_angle": 35.0,
        "ankle_angle": -12.0,
        "subtalar_angle": 6.0,
        "mtp_angle": 20.0,
    }
    model = load_model(single_torso.leg_path)
    state = model.initSystem()
    names = paths.names("muscles")
    for pose in (squat, stride):
        values = {f"{c}_{s}": np.radians(v) for c, v in pose.items() for s in "rl"}
        for name, value in values.items():
            model.getCoordinateSet().get(name).setValue(state, float(value), False)
        for side in "rl":
            model.getCoordinateSet().get(f"knee_angle_{side}_beta").setValue(
                state, float(values[f"knee_angle_{side}"]), False
            )
        model.realizePosition(state)
        errors = []
        for i, name in enumerate(names):
            q = np.array([[values.get(c, 0.0) for c in paths.names(f"span_{i}")]])
            length, _ = evaluate_path(paths[f"exponents_{i}"], paths[f"coefficients_{i}"], q)
            errors.append(length[0] - model.getMuscles().get(name).getGeometryPath().getLength(state))
        assert np.abs(errors).max() < 2.5e-3, names[int(np.argmax(np.abs(errors)))]
        for name in values:
            model.getCoordinateSet().get(name).setValue(state, 0.0, False)


def test_moment_arms_are_those_opensim_computes(single_torso: Derived, paths: Bundle) -> None:
    """OpenSim's computeMomentArm, which knows the coupled patella, at the knee and the hip."""
    model = load_model(single_torso.leg_path)
    state = model.initSystem()
    coordinates = model.getCoordinateSet()
    pose = {"hip_flexion_r": 0.6, "knee_angle_r": 0.9, "knee_angle_r_beta": 0.9, "ankle_angle_r": 0.1}
    for name, value in pose.items():
        coordinates.get(name).setValue(state, value, False)
    model.realizePosition(state)
    names = paths.names("muscles")
    for muscle, coordinate in (
        ("vaslat_r", "knee_angle_r"),
        ("recfem_r", "knee_angle_r"),
        ("bflh_r", "hip_flexion_r"),
        ("soleus_r", "ankle_angle_r"),
        ("gaslat_r", "knee_angle_r"),
    ):
        i = names.index(muscle)
        span = paths.names(f"span_{i}")
        _, arms = evaluate_path(
            paths[f"exponents_{i}"], paths[f"coefficients_{i}"], np.array([[pose.get(c, 0.0) for c in span]])
        )
        theirs = model.getMuscles().get(muscle).computeMomentArm(state, coordinates.get(coordinate))
        assert abs(theirs) > 0.01
        assert arms[0, span.index(coordinate)] == pytest.approx(theirs, abs=3e-3), muscle


def test_terms_are_the_same_for_every_model(single_torso: Derived, full_trunk: Derived, paths: Bundle) -> None:
    """Only coefficients may differ between subjects: spans and exponents follow from the topology."""
    models = load_model(single_torso.leg_path), load_model(full_trunk.leg_path)
    for name in lower_limb_names(models[0]):
        assert spanned_coordinates(models[0].getMuscles().get(name), single_torso.leg) == spanned_coordinates(
            models[1].getMuscles().get(name), full_trunk.leg
        ), name
    names = paths.names("muscles")
    for i, name in enumerate(names):
        mirror = names.index(name[:-1] + ("l" if name.endswith("r") else "r"))
        np.testing.assert_array_equal(paths[f"exponents_{i}"], paths[f"exponents_{mirror}"])


def test_left_and_right_coefficients_agree_in_a_symmetric_model(full_trunk: Derived) -> None:
    """Length at mirrored poses is the same on both sides where the model's paths are."""
    model = load_model(full_trunk.leg_path)
    samples = sample_paths(
        model,
        full_trunk.leg,
        ["soleus_r", "soleus_l", "semimem_r", "semimem_l"],
        MusclePathsConfig(samples=200),
    )
    np.testing.assert_allclose(samples.length["soleus_r"], samples.length["soleus_l"], atol=1e-5)
    np.testing.assert_allclose(samples.length["semimem_r"], samples.length["semimem_l"], atol=1e-5)
    np.testing.assert_allclose(samples.moment_arm["semimem_r"], samples.moment_arm["semimem_l"], atol=1e-4)


def test_a_known_polynomial_is_recovered() -> None:
    rng = np.random.default_rng(0)
    powers = exponents(2, 3)
    truth = rng.standard_normal(len(powers)) * 0.02
    q = rng.uniform(-1, 1, (400, 2))
    length, arm = evaluate_path(powers, truth, q)
    fit = fit_path(powers, q, length, arm, np.ones(len(q), dtype=bool), MusclePathsConfig())
    np.testing.assert_allclose(fit.coefficients, truth, atol=1e-8)
    assert fit.length_rmse_m < 1e-9 and fit.dropped == 0


def test_moment_arm_is_minus_the_slope_of_length() -> None:
    powers = exponents(3, 4)
    c = np.random.default_rng(1).standard_normal(len(powers))
    q, h = np.array([[0.3, -0.4, 0.7]]), 1e-6
    _, arm = evaluate_path(powers, c, q)
    for j in range(3):
        step = h * np.eye(3)[j]
        slope = (evaluate_path(powers, c, q + step)[0] - evaluate_path(powers, c, q - step)[0]) / (2 * h)
        assert arm[0, j] == pytest.approx(-slope[0], rel=1e-6)


def test_a_path_that_slips_off_its_wrap_is_continued_smoothly() -> None:
    """Beyond 0.6 rad the sampled length falls by 2 cm; the fit stays on the branch of the other poses."""
    rng = np.random.default_rng(2)
    q = rng.uniform(-1, 1, (1000, 1))
    length, arm = 0.3 - 0.05 * q[:, 0] + 0.01 * q[:, 0] ** 2, 0.05 - 0.02 * q
    off = q[:, 0] > 0.6
    fit = fit_path(exponents(1, 5), q, length - 0.02 * off, arm, np.ones(len(q), dtype=bool), MusclePathsConfig())
    assert fit.dropped == pytest.approx(off.mean(), abs=0.01)
    continued, _ = evaluate_path(fit.exponents, fit.coefficients, q)
    assert np.abs(continued - length).max() < 1e-3


def test_a_wrap_that_slips_on_one_side_only_is_left_out_on_both() -> None:
    """A mirrored muscle has mirrored moment arms; one side alone would keep a slip too small for its tolerance."""
    rng = np.random.default_rng(3)
    q = rng.uniform(-1, 1, (1000, 1))
    length, arm = 0.3 - 0.05 * q[:, 0] + 0.01 * q[:, 0] ** 2, 0.05 - 0.02 * q
    slipped = length - np.where(q[:, 0] > 0.5, 1e-3, 0.0)

    def fits(left: np.ndarray) -> dict:
        samples = PathSamples(
            ("ankle_angle",),
            q,
            dict.fromkeys(("soleus_r", "soleus_l"), ("ankle_angle",)),
            {"soleus_r": length, "soleus_l": left},
            {"soleus_r": arm, "soleus_l": arm},
        )
        return fit_all(samples, ["soleus_r", "soleus_l"], MusclePathsConfig())

    found = fits(slipped)
    assert np.array_equal(found["soleus_r"].coefficients, found["soleus_l"].coefficients)
    assert (
        np.abs(evaluate_path(found["soleus_l"].exponents, found["soleus_l"].coefficients, q)[0] - length).max() < 1e-6
    )
    assert found["soleus_l"].dropped == pytest.approx((q[:, 0] > 0.5).mean())
    longer = fits(length + 0.01)
    assert not np.array_equal(longer["soleus_r"].coefficients, longer["soleus_l"].coefficients), "legs of two sizes"


def test_every_spanned_coordinate_has_a_range_wide_enough_for_running_and_squatting() -> None:
    names, lo, hi = sampled_ranges()
    ranges = {n: (np.degrees(a), np.degrees(b)) for n, a, b in zip(names, lo, hi, strict=True)}
    assert ranges["hip_flexion"][0] <= -39.9 and ranges["hip_flexion"][1] >= 119.9
    assert ranges["knee_angle"][0] <= -4.9 and ranges["knee_angle"][1] >= 139.9


def test_a_missing_leg_model_is_a_status_not_a_crash(tmp_path: Path) -> None:
    bundle = run(tmp_path / "absent.osim", tmp_path / "muscle_paths.npz", FAST)
    assert bundle.status.reason is Reason.FILE_MISSING
    assert Bundle.read(tmp_path / "muscle_paths.npz").status == bundle.status
