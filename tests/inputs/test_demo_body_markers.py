from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mint.core.tables import table
from mint.retarget.joints import JOINTS

GENDERS = ["male", "female", "neutral"]
SPINE = [
    "C7",
    "T1",
    *(f"Tracking_T{i}" for i in range(2, 8)),
    "T8",
    "Tracking_T9",
    "T10",
    "Tracking_T11",
    "T12",
    *(f"Tracking_L{i}" for i in range(1, 6)),
]
# The joints whose skin may carry a marker: the body segment the marker is to follow, or that joint's neighbours.
SEGMENTS = {
    "LASI": {"pelvis"},
    "LPSI": {"pelvis"},
    "LKNE": {"left_hip", "left_knee"},
    "LKNI": {"left_hip", "left_knee"},
    "LANK": {"left_knee", "left_ankle"},
    "LANI": {"left_knee", "left_ankle"},
    "LHEE": {"left_ankle"},
    "LTOE": {"left_foot"},
    "LMT1": {"left_ankle", "left_foot"},
    "LMT5": {"left_ankle", "left_foot"},
    "LSHO": {"left_collar", "spine3"},
    "LCLAV": {"left_collar", "spine3"},
    "CLAV": {"spine3"},
    "LELB": {"left_shoulder", "left_elbow"},
    "LELBIN": {"left_shoulder", "left_elbow"},
    "LIWR": {"left_elbow", "left_wrist"},
    "LOWR": {"left_elbow", "left_wrist"},
    "LFHD": {"head"},
    "LBHD": {"head"},
    "HEAD_TOP": {"head"},
    "lthumb": {"left_thumb3"},
    "lindex": {"left_index3"},
    "lmiddle": {"left_middle3"},
    "lring": {"left_ring3"},
    "lpinky": {"left_pinky3"},
    "STRN": {"spine2", "spine3"},
}


@pytest.fixture(scope="session")
def vertex(body_folder: Path) -> dict[str, int]:
    rows = pd.read_csv(body_folder / "markers.csv")
    assert list(rows.columns) == ["marker", "vertex"]
    return dict(zip(rows["marker"], rows["vertex"], strict=True))


@pytest.fixture(scope="session", params=GENDERS)
def body(request: pytest.FixtureRequest, body_folder: Path) -> dict[str, Any]:
    with np.load(body_folder / request.param / "model.npz", allow_pickle=False) as data:
        names = ("v_template", "shapedirs", "J", "weights", "vert_sym_idxs")
        return {name: data[name] for name in names}


def _other_side(name: str) -> str | None:
    rows = table("marker_sets/demo_body/landmarks").set_index("marker")["mirror"].dropna()
    pairs = {**rows.to_dict(), **{right: left for left, right in rows.items()}}
    return pairs.get(name)


def test_map_has_67_distinct_vertices_in_the_order_of_the_marker_set(vertex: dict[str, int]) -> None:
    assert list(vertex) == list(table("marker_sets/demo_body/markers")["marker"])
    assert len(vertex) == 67 and len(set(vertex.values())) == 67
    assert list(vertex)[:3] == ["STRN", "T1", "T8"] and list(vertex)[-1] == "HEAD_TOP"


def test_markers_are_mirrored_and_spine_markers_lie_on_the_midline(
    body: dict[str, Any], vertex: dict[str, int]
) -> None:
    for beta in (np.zeros(16), np.ones(16)):
        points = body["v_template"] + body["shapedirs"] @ beta
        for name, index in vertex.items():
            other = _other_side(name)
            partner = points[vertex[other]] if other else points[index]
            assert np.abs(points[index] * [-1, 1, 1] - partner).max() < 1e-6, name
            if other and name[0] in "Ll":
                assert points[index][0] > 0.02, name


def test_markers_lie_on_the_segment_they_name(body: dict[str, Any], vertex: dict[str, int]) -> None:
    for name, segments in SEGMENTS.items():
        share = body["weights"][vertex[name]]
        assert share[[JOINTS.index(joint) for joint in segments]].sum() > 0.6, name


def test_spine_markers_descend_along_the_back(body: dict[str, Any], vertex: dict[str, int]) -> None:
    points = np.array([body["v_template"][vertex[name]] for name in SPINE])
    steps = -np.diff(points[:, 1])
    assert steps.min() > 0.003 and steps.max() < 0.07
    trunk = [JOINTS.index(name) for name in ("pelvis", "spine1", "spine2", "spine3", "neck")]
    behind = np.interp(points[:, 1], body["J"][trunk, 1], body["J"][trunk, 2])
    assert np.all(points[:, 2] < behind)


def test_landmarks_lie_around_their_joints_as_in_a_skeleton(body: dict[str, Any], vertex: dict[str, int]) -> None:
    point = {name: body["v_template"][index] for name, index in vertex.items()}
    joint = {name: body["J"][index] for index, name in enumerate(JOINTS)}
    for outer, inner, centre in (("LKNE", "LKNI", "left_knee"), ("LANK", "LANI", "left_ankle")):
        assert point[outer][0] > joint[centre][0] + 0.015 and point[inner][0] < joint[centre][0] - 0.015
        assert np.linalg.norm(0.5 * (point[outer] + point[inner]) - joint[centre]) < 0.025
    assert point["LELB"][1] > joint["left_elbow"][1] + 0.02 and point["LELBIN"][1] < joint["left_elbow"][1] - 0.02
    assert point["LIWR"][2] > joint["left_wrist"][2] and point["LOWR"][2] < joint["left_wrist"][2]
    assert point["LHEE"][2] < joint["left_ankle"][2] - 0.03 < point["LMT1"][2] < point["LTOE"][2]
    assert point["LMT1"][0] < joint["left_foot"][0] < point["LMT5"][0]
    assert point["LFHD"][2] > joint["head"][2] > point["LBHD"][2]
    assert 0.02 < point["LSHO"][1] - joint["left_shoulder"][1] < 0.09
    assert point["HEAD_TOP"][1] == body["v_template"][:, 1].max()


def test_hips_lie_between_the_iliac_spines_as_regressions_predict(body: dict[str, Any], vertex: dict[str, int]) -> None:
    # Harrington et al. 2007, J. Biomech. 40(3), regression 3, mm: x = -0.24 PD - 9.9, z = 0.33 PW + 7.3, from the
    # middle of the front spines; PD pelvic depth, PW pelvic width.
    front, back = (body["v_template"][vertex[name]] for name in ("LASI", "LPSI"))
    width, depth = 2 * front[0], front[2] - back[2]
    hip = body["J"][JOINTS.index("left_hip")]
    assert abs(hip[0] - (0.33 * width + 0.0073)) < 0.015
    assert abs((hip[2] - front[2]) - (-0.24 * depth - 0.0099)) < 0.02
