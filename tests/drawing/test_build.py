"""The stage as the rule calls it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.drawing import build
from mint.drawing.places import body_path, drawing_path
from tests.drawing.geometry import carried
from tests.drawing.squat import SEQUENCE, SUBJECT, Squat, surface


@pytest.fixture(scope="module")
def results(drawn_squat: Squat, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, dict]:
    """Three sequences: a good one, one whose merged bundle has no motion, one whose subject has no model."""
    folder = Path(shutil.copytree(drawn_squat.results, tmp_path_factory.mktemp("run") / "results"))
    plan = {"sequences": dict(drawn_squat.plan["sequences"]), "subjects": {}}
    for name, subject in (("bare", SUBJECT), ("stranger", "D-none")):
        shutil.copytree(folder / "sequences" / SEQUENCE, folder / "sequences" / name)
        plan["sequences"][name] = {**plan["sequences"][SEQUENCE], "sequence_id": name, "subject_id": subject}
    bare = Bundle.read(folder / "sequences" / "bare" / "sequence.npz")
    del bare.arrays["leg_q"]
    bare.write(folder / "sequences" / "bare" / "sequence.npz")
    surface(folder / "geometry", "femur_r.vtp", 0.1)
    (folder / "geometry" / "tibia_r.vtp").write_text("no surface")
    (folder / "drawings").mkdir()
    (folder / "drawings" / "gone.npz").write_text("of a run before")
    index = build.run(plan, folder, folder / "geometry", ReportConfig(max_frames=50))
    return folder, plan, json.loads(index.read_text())


def test_what_cannot_be_drawn_is_left_out_with_its_reason(results: tuple) -> None:
    folder, _, index = results
    assert index["sequences"] == [SEQUENCE] and set(index["left_out"]) == {"bare", "stranger"}
    assert "leg_q" in index["left_out"]["bare"] and "scaled.osim" in index["left_out"]["stranger"]
    assert sorted(path.name for path in (folder / "drawings").glob("*.npz")) == [f"{SEQUENCE}.npz"]


def test_frames_are_thinned(results: tuple) -> None:
    drawing = Bundle.read(drawing_path(results[0], SEQUENCE))
    assert drawing["frames"].tolist() == list(range(7, 147, 3))
    assert drawing["moving_place"].shape[0] == drawing["marker_position"].shape[0] == 47


def test_a_bodys_surfaces_are_those_that_could_be_read(results: tuple) -> None:
    body = Bundle.read(body_path(results[0], SUBJECT))
    assert {body.names("bodies")[i] for i in body["bone_body"]} == {"femur_r"}
    assert len(body["bone_triangle"]) == 12 and np.ptp(body["bone_vertex"], axis=0) == pytest.approx(
        [0.1] * 3, rel=0.02
    )


def test_model_markers_of_the_drawn_pose_are_opensims(results: tuple, drawn_squat: Squat) -> None:
    body, drawing = Bundle.read(body_path(results[0], SUBJECT)), Bundle.read(drawing_path(results[0], SEQUENCE))
    row = int(np.flatnonzero(drawing["frames"] == 100)[0])
    ground = carried(
        drawing["body_position"][row], drawing["body_turn"][row], body["marker_body"], body["marker_place"]
    )
    order = [drawing.names("marker_names").index(name) for name in body.names("marker_names")]
    assert np.abs(ground - drawn_squat.markers[100][order]).max() < 1e-4


def test_sticks_join_neighbouring_joints(results: tuple) -> None:
    body = Bundle.read(body_path(results[0], SUBJECT))
    names = [body.names("bodies")[i] for i in body["stick_body"]]
    thigh = body["stick_end"][names.index("femur_r")]
    assert 0.3 < np.linalg.norm(thigh[1] - thigh[0]) < 0.5 and {"torso", "hand_l", "tibia_r"} <= set(names)
    assert "Abdomen" not in names, "it has no surface in the model, so it is no bone"


def test_contact_spheres_are_the_leg_models(results: tuple, drawn_squat: Squat) -> None:
    body = Bundle.read(body_path(results[0], SUBJECT))
    contacts = json.loads((drawn_squat.results / "subjects" / SUBJECT / "leg_model.json").read_text())["contacts"]
    assert body["sphere_place"] == pytest.approx(np.array([c["location_m"] for c in contacts]), abs=1e-6)
    assert [body.names("bodies")[i] for i in body["sphere_body"]] == [c["body"] for c in contacts]
