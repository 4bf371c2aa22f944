"""The forward pass is linear blend skinning with all 16 shape components."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from smplx import lbs

from mint.body.forward import forward, rest_vertices
from mint.body.smplh import BodyModel, load
from tests.body import synthetic


@pytest.fixture(scope="module")
def model(models: Path) -> BodyModel:
    return load(models, "female")


def skin_by_hand(model: BodyModel, pose: np.ndarray, trans: np.ndarray, betas: np.ndarray) -> np.ndarray:
    """Linear blend skinning after Loper et al. 2015, equations 2 to 7, one frame, plain loops over joints."""
    shaped = model.v_template + model.shapedirs @ betas
    joints = model.joint_regressor @ shaped
    local = Rotation.from_rotvec(pose.reshape(52, 3)).as_matrix()
    corrected = shaped + model.posedirs @ (local[1:] - np.eye(3)).ravel()
    rotation, origin = [local[0]], [joints[0]]
    for j in range(1, 52):
        p = model.parents[j]
        rotation.append(rotation[p] @ local[j])
        origin.append(origin[p] + rotation[p] @ (joints[j] - joints[p]))
    out = np.zeros_like(shaped)
    for j in range(52):
        out += model.weights[:, j : j + 1] * ((corrected - joints[j]) @ rotation[j].T + origin[j])
    return out + trans


def test_forward_pass_matches_independent_skinning(model: BodyModel) -> None:
    data = synthetic.motion(40)
    points, _ = forward(model, data["poses"], data["trans"], data["betas"], batch=16)
    for frame in (0, 15, 16, 39):
        expected = skin_by_hand(model, data["poses"][frame], data["trans"][frame], data["betas"])
        np.testing.assert_allclose(points[frame], expected, atol=1e-7)


def test_forward_pass_matches_smplx_with_all_betas(model: BodyModel) -> None:
    data = synthetic.motion(3)
    tensors = [
        torch.from_numpy(np.ascontiguousarray(x))
        for x in (
            np.tile(data["betas"], (3, 1)),
            data["poses"],
            model.v_template,
            model.shapedirs,
            model.posedirs.reshape(-1, 459).T,
            model.joint_regressor,
            model.parents,
            model.weights,
        )
    ]
    vertices, joints = lbs.lbs(*tensors)
    points, own_joints = forward(model, data["poses"], data["trans"], data["betas"])
    np.testing.assert_allclose(points, vertices.numpy() + data["trans"][:, None], atol=1e-10)
    np.testing.assert_allclose(own_joints, joints.numpy() + data["trans"][:, None], atol=1e-10)


@pytest.mark.parametrize("component", range(16))
def test_every_shape_component_acts(model: BodyModel, component: int) -> None:
    betas = np.zeros(16)
    betas[component] = 1.0
    moved = np.linalg.norm(rest_vertices(model, betas) - model.v_template, axis=1)
    assert moved.max() > 5e-3, f"beta {component + 1} moves the surface by {moved.max()} m"
    expected = np.linalg.norm(model.shapedirs[:, :, component], axis=1)
    np.testing.assert_allclose(moved, expected, atol=1e-12)


def test_ten_betas_are_sixteen_with_zeros(model: BodyModel) -> None:
    betas = np.linspace(-2, 2, 16)
    short = rest_vertices(model, betas[:10])
    np.testing.assert_array_equal(short, rest_vertices(model, np.r_[betas[:10], np.zeros(6)]))
    assert np.abs(short - rest_vertices(model, betas)).max() > 0.01


def test_subset_equals_whole_body(model: BodyModel) -> None:
    data = synthetic.motion(20)
    chosen = np.array([5, 900, 17, 400])
    whole, joints = forward(model, data["poses"], data["trans"], data["betas"])
    some, some_joints = forward(model, data["poses"], data["trans"], data["betas"], vertices=chosen)
    np.testing.assert_allclose(some, whole[:, chosen], atol=1e-12)
    np.testing.assert_allclose(some_joints, joints, atol=1e-12)


def test_single_precision_is_within_a_hundredth_of_a_millimetre(model: BodyModel) -> None:
    data = synthetic.motion(20)
    double, _ = forward(model, data["poses"], data["trans"], data["betas"])
    single, _ = forward(model, data["poses"], data["trans"], data["betas"], dtype=torch.float32)
    assert np.abs(double - single).max() < 1e-5
