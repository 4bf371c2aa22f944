"""What the page carries of bodies, muscles and markers."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.drawing.places import body_path, drawing_path
from mint.report import build
from mint.report.figure import add_drawings, body_payload, drawing_payload
from mint.report.quantise import packed_codes, packed_columns, unpacked
from tests.drawing.geometry import carried
from tests.drawing.squat import SEQUENCE, SUBJECT, Squat
from tests.report.conftest import embedded


def test_unpacked_columns_are_within_half_a_step_of_their_own_range() -> None:
    values = np.stack([np.linspace(0, 1, 40), 100 + np.linspace(0, 0.01, 40), np.full(40, -3.0)], axis=1)
    error = np.abs(unpacked(packed_columns(values)) - values).max(axis=0)
    assert (error < np.array([1, 0.01, 0]) / 255 / 2 + 103 / 65534).all() and error[0] > 1e-3


def test_rows_without_values_do_not_spoil_the_columns_of_the_others() -> None:
    values = np.stack([np.linspace(0, 1, 9), np.linspace(2, 4, 9)], axis=1)
    values[4] = np.nan
    assert np.abs(unpacked(packed_columns(values)) - values)[np.isfinite(values)].max() < 5e-3


@pytest.mark.parametrize(
    ("values", "kind"), [([0, 3, 255], "u8"), ([0, 256], "u16"), ([True, False], "u8"), ([], "u8")]
)
def test_whole_numbers_are_packed_exactly(values: list, kind: str) -> None:
    record = packed_codes(np.array(values))
    assert record["type"] == kind and unpacked(record).tolist() == [float(v) for v in values]


@pytest.mark.parametrize("values", [[-1], [65536]])
def test_whole_numbers_that_do_not_fit_are_refused(values: list) -> None:
    with pytest.raises(ValueError, match="fit"):
        packed_codes(np.array(values))


@pytest.mark.parametrize("frame", [7, 33, 76, 110])
def test_the_pages_numbers_put_paths_and_markers_where_they_are_within_a_millimetre(
    viewed: Path, drawn_squat: Squat, frame: int
) -> None:
    drawing, body = Bundle.read(drawing_path(viewed, SEQUENCE)), Bundle.read(body_path(viewed, SUBJECT))
    d, b = drawing_payload(drawing, 0), body_payload(body)
    row = frame - 7
    position, turn = unpacked(d["position"])[row], unpacked(d["turn"])[row]

    places = unpacked(d["point_place"])
    places[unpacked(d["moving_point"]).astype(int)] = unpacked(d["moving_place"])[row]
    true = drawing["point_place"].astype(float)
    true[drawing["moving_point"]] = drawing["moving_place"][row]
    drawn = carried(position, turn, unpacked(d["point_body"]).astype(int), places)
    assert (
        np.abs(
            drawn - carried(drawing["body_position"][row], drawing["body_turn"][row], drawing["point_body"], true)
        ).max()
        < 1e-3
    )

    if frame > 76:  # inverse kinematics, whose markers are known
        models = carried(position, turn, unpacked(b["marker_body"]).astype(int), unpacked(b["marker_place"]))
        order = [d["marker_names"].index(name) for name in b["marker_names"]]
        assert np.abs(models - drawn_squat.markers[frame][order]).max() < 1e-3
        assert np.abs(unpacked(d["marker"])[row] - drawn_squat.markers[frame]).max() < 1e-3


def test_a_frame_costs_less_than_three_kilobytes(viewed_page: Path) -> None:
    data = embedded(viewed_page.read_text(encoding="utf-8"))
    records = [value for value in data["sequence-0"]["drawing"].values() if isinstance(value, dict) and "data" in value]
    perframe = sum(len(record["data"]) for record in records if record["shape"][0] == 140)
    assert 1000 < perframe / 140 < 3000
    assert "bone_vertex" in data["body-0"]


def test_sequences_of_one_subject_share_its_body(viewed: Path, drawn_squat: Squat, tmp_path: Path) -> None:
    results = Path(shutil.copytree(viewed, tmp_path / "results"))
    shutil.copy(drawing_path(results, SEQUENCE), drawing_path(results, "again"))
    record = drawn_squat.plan["sequences"][SEQUENCE]
    sequences = [{"id": SEQUENCE}, {"id": "again"}, {"id": "undrawn"}]
    plan = {"sequences": {name: record for name in (SEQUENCE, "again", "undrawn")}}
    assert len(add_drawings(sequences, plan, results)) == 1
    assert ["drawing" in s for s in sequences] == [True, True, False] and sequences[1]["drawing"]["body"] == 0


def test_a_damaged_drawing_costs_the_page_its_drawing_only(viewed: Path, drawn_squat: Squat, tmp_path: Path) -> None:
    results = Path(shutil.copytree(viewed, tmp_path / "results"))
    drawing_path(results, SEQUENCE).write_bytes(b"no")
    text = build.run(drawn_squat.plan, results, tmp_path / "index.html", ReportConfig()).read_text(encoding="utf-8")
    assert "drawing" not in embedded(text)["sequence-0"]
