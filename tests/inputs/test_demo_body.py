from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body import smplh
from mint.core.status import Reason, StageError
from mint.inputs import demo_body
from mint.retarget.joints import JOINTS, mirrored

GENDERS = ["male", "female", "neutral"]
# Figures of the SMPL-H body model: 22 body joints, then three joints of five fingers on each wrist.
SMPLH_PARENTS = [
    -1,
    0,
    0,
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    9,
    9,
    12,
    13,
    14,
    16,
    17,
    18,
    19,
    20,
    22,
    23,
    20,
    25,
    26,
    20,
    28,
    29,
    20,
    31,
    32,
    20,
    34,
    35,
    21,
    37,
    38,
    21,
    40,
    41,
    21,
    43,
    44,
    21,
    46,
    47,
    21,
    49,
    50,
]
L_HIP, L_KNEE, L_ANKLE, L_FOOT, L_SHOULDER, L_ELBOW, L_WRIST = 1, 4, 7, 10, 16, 18, 20


@pytest.fixture(scope="session", params=GENDERS)
def body(request: pytest.FixtureRequest, body_folder: Path) -> dict[str, Any]:
    with np.load(body_folder / request.param / "model.npz", allow_pickle=False) as data:
        return {"gender": request.param, **{name: data[name] for name in data.files if name != "gender"}}


def _volume(vertices: np.ndarray[Any, Any], faces: np.ndarray[Any, Any]) -> float:
    corners = vertices[faces.astype(int)]
    return float(np.linalg.det(corners).sum() / 6)


def test_arrays_have_the_shapes_of_an_smplh_file(body: dict[str, Any]) -> None:
    count = len(body["v_template"])
    assert count == 13380
    shapes = {
        "v_template": (count, 3),
        "shapedirs": (count, 3, 16),
        "posedirs": (count, 3, 459),
        "J_regressor": (52, count),
        "weights": (count, 52),
        "kintree_table": (2, 52),
        "f": (26756, 3),
        "hands_meanl": (45,),
        "hands_meanr": (45,),
        "hands_componentsl": (45, 45),
        "hands_componentsr": (45, 45),
    }
    assert {name: body[name].shape for name in shapes} == shapes


def test_kinematic_tree_is_that_of_smplh(body: dict[str, Any]) -> None:
    parents = body["kintree_table"].astype(np.int64)
    parents[parents == 2**32 - 1] = -1
    assert parents[0].tolist() == SMPLH_PARENTS
    assert parents[1].tolist() == list(range(52))


def test_body_passes_the_loader_of_real_smplh_files(body_folder: Path) -> None:
    for gender in GENDERS:
        model = smplh.load(body_folder, gender)
        with np.load(body_folder / gender / "model.npz", allow_pickle=False) as data:
            np.testing.assert_allclose(model.v_template, data["v_template"], atol=1e-6)


def test_mesh_is_watertight_and_oriented_outwards(body: dict[str, Any]) -> None:
    faces = body["f"].astype(np.int64)
    directed = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    code = directed[:, 0] * len(body["v_template"]) + directed[:, 1]
    reverse = directed[:, 1] * len(body["v_template"]) + directed[:, 0]
    assert len(np.unique(code)) == len(code)
    np.testing.assert_array_equal(np.sort(code), np.sort(reverse))
    assert _volume(body["v_template"], faces) > 0


def test_stature_and_mass_are_those_of_adults(body: dict[str, Any]) -> None:
    stature = np.ptp(body["v_template"][:, 1])
    volume = _volume(body["v_template"], body["f"])
    expected = {"male": (1.76, 0.074), "female": (1.64, 0.061), "neutral": (1.70, 0.067)}[body["gender"]]
    assert abs(stature - expected[0]) < 0.002
    assert abs(volume - expected[1]) < 0.001
    assert 60 < 1000 * volume < 85


def test_weights_are_convex(body: dict[str, Any]) -> None:
    assert body["weights"].min() >= 0
    np.testing.assert_allclose(body["weights"].sum(axis=1), 1, atol=1e-12)


def test_joint_regressor_is_sparse_and_convex(body: dict[str, Any]) -> None:
    regressor = body["J_regressor"]
    assert regressor.min() >= 0
    np.testing.assert_allclose(regressor.sum(axis=1), 1, atol=1e-12)
    assert (regressor > 0).sum(axis=1).max() <= 60


def test_arms_are_horizontal_and_legs_slightly_apart(body: dict[str, Any]) -> None:
    joints = body["J_regressor"] @ body["v_template"]
    for start, end in ((L_SHOULDER, L_ELBOW), (L_ELBOW, L_WRIST)):
        for side in (0, 1):
            segment = joints[end + side] - joints[start + side]
            lateral = segment[0] * (1 if side == 0 else -1)
            assert np.degrees(np.arccos(lateral / np.linalg.norm(segment))) < 2
    leg = joints[L_ANKLE] - joints[L_HIP]
    assert 0 < np.degrees(np.arctan2(leg[0], -leg[1])) < 5


def test_body_faces_forward_with_the_left_at_positive_x(body: dict[str, Any]) -> None:
    joints = body["J_regressor"] @ body["v_template"]
    assert joints[L_HIP, 0] > 0.05 and joints[L_WRIST, 0] > 0.5
    assert joints[L_FOOT, 2] - joints[L_ANKLE, 2] > 0.08
    assert np.linalg.norm(joints[0]) < 0.02


def test_mesh_and_joints_are_symmetric_for_every_shape(body: dict[str, Any]) -> None:
    mirror, flip = body["vert_sym_idxs"], np.array([-1, 1, 1])
    for beta in (np.zeros(16), *(2 * np.eye(16))):
        vertices = body["v_template"] + body["shapedirs"] @ beta
        assert np.abs(vertices[mirror] * flip - vertices).max() < 1e-6
        joints = body["J_regressor"] @ vertices
        assert np.abs(joints[mirrored()] * flip - joints).max() < 0.002


def test_limb_joints_stay_inside_the_limb_for_extreme_shapes(body: dict[str, Any]) -> None:
    # Winding number of the closed surface around the joint: 4 pi inside, 0 outside (van Oosterom and Strackee 1983).
    corners = body["f"].astype(np.int64)
    for beta in (np.zeros(16), 2.5 * np.eye(16)[0], -2.5 * np.eye(16)[0], 2.5 * np.eye(16)[1], -2.5 * np.eye(16)[1]):
        vertices = body["v_template"] + body["shapedirs"] @ beta
        joints = body["J_regressor"] @ vertices
        for joint in range(22):
            a, b, c = (vertices[corners[:, i]] - joints[joint] for i in range(3))
            la, lb, lc = (np.linalg.norm(x, axis=1) for x in (a, b, c))
            above = np.einsum("ij,ij->i", a, np.cross(b, c))
            below = (
                la * lb * lc
                + np.einsum("ij,ij->i", a, b) * lc
                + np.einsum("ij,ij->i", b, c) * la
                + np.einsum("ij,ij->i", c, a) * lb
            )
            winding = 2 * np.arctan2(above, below).sum() / (4 * np.pi)
            assert abs(winding - 1) < 1e-3, JOINTS[joint]


def test_all_16_shape_components_act_and_are_independent(body: dict[str, Any]) -> None:
    directions = body["shapedirs"].reshape(-1, 16)
    size = np.sqrt((directions**2).sum(axis=0) / len(body["v_template"]))
    assert size.min() > 0.0003
    singular = np.linalg.svd(directions / np.linalg.norm(directions, axis=0), compute_uv=False)
    assert singular[-1] > 0.05


def test_components_are_named_for_what_they_change(body: dict[str, Any]) -> None:
    def measures(beta: np.ndarray[Any, Any]) -> tuple[float, float]:
        vertices = body["v_template"] + body["shapedirs"] @ beta
        return float(np.ptp(vertices[:, 1])), _volume(vertices, body["f"])

    mean = measures(np.zeros(16))
    taller, heavier = measures(np.eye(16)[0]), measures(np.eye(16)[1])
    assert abs(taller[0] - mean[0] - 0.066) < 0.003
    assert abs(heavier[0] - mean[0]) < 0.002 and abs(heavier[1] - mean[1] - 0.006) < 0.001


def test_missing_wheel_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"base\.obj") as caught:
        demo_body.build(tmp_path, tmp_path / "out")
    assert caught.value.reason is Reason.FILE_MISSING
