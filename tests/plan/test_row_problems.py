"""A row that cannot be run is a row of the ledger, whatever is wrong with it; rows of one person agree or none is run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.core.status import StageStatus
from mint.plan.build import build_plan
from mint.plan.scan import HeaderCache
from mint.plan.sequences import SequenceRow, read_sequences

COLUMNS = (
    "sequence_id",
    "source",
    "path",
    "dataset",
    "subject",
    "marker_set",
    "static_path",
    "mass_kg",
    "height_m",
    "gender",
)
MARKERS = "\n".join(
    [
        "PathFileType\t4\t(X/Y/Z)\ta.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        "50\t50\t60\t1\tm\t50\t1\t60",
        "Frame#\tTime\tA\t\t",
        "\t\tX1\tY1\tZ1",
        "",
        *(f"{i}\t{(i - 1) / 50}\t1\t1\t1" for i in range(1, 61)),
    ]
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    np.savez(
        tmp_path / "a.npz",
        poses=np.zeros((101, 156)),
        trans=np.zeros((101, 3)),
        betas=np.zeros(16),
        mocap_framerate=np.array(50.0),
    )
    (tmp_path / "a.trc").write_text(MARKERS)
    (tmp_path / "static.trc").write_text(MARKERS)
    (tmp_path / "other.trc").write_text(MARKERS)
    return tmp_path


def plan(folder: Path, *rows: dict[str, Any], model: str = "pose2sim") -> dict[str, Any]:
    lines = ["\t".join(COLUMNS)]
    for number, row in enumerate(rows):
        full = {
            "sequence_id": f"s{number}",
            "source": "amass",
            "path": "a.npz",
            "dataset": "D",
            "subject": f"p{number}",
            **row,
        }
        lines.append("\t".join(str(full.get(column, "")) for column in COLUMNS))
    (folder / "s.tsv").write_text("\n".join(lines) + "\n")
    return build_plan(read_sequences(folder / "s.tsv"), HeaderCache(folder / "c.json"), root=folder, model=model)


def problem(record: dict[str, Any]) -> StageStatus:
    status = StageStatus.from_json(dict(record["problem"]))
    assert status.remedy and not status.remedy.startswith("none")
    return status


OPTICAL = {"source": "trc", "path": "a.trc", "marker_set": "opencap_vicon"}


@pytest.mark.parametrize(
    ("row", "model", "reason", "said"),
    [
        (
            {**OPTICAL, "marker_set": "opencap"},
            "pose2sim",
            "marker_missing",
            ["'opencap'", "opencap_vicon, rajagopal2016"],
        ),
        ({**OPTICAL, "marker_set": "../../config"}, "pose2sim", "marker_missing", ["unknown"]),
        ({**OPTICAL, "marker_set": "demo_body"}, "pose2sim", "marker_missing", ["unknown"]),
        (OPTICAL, "full402", "marker_missing", ["opencap_vicon has no tables for model full402", "smplh67"]),
        ({**OPTICAL, "static_path": "none.trc"}, "pose2sim", "file_missing", ["static_path", "none.trc"]),
        ({**OPTICAL, "static_path": "."}, "pose2sim", "file_missing", ["static_path", "folder"]),
        ({"static_path": "static.trc"}, "pose2sim", "table", ["static_path", "own shape"]),
        ({"path": "none.npz"}, "pose2sim", "file_missing", ["none.npz"]),
        ({"path": "{braces}.npz"}, "pose2sim", "table", ["path", "braces"]),
        ({"path": "folder"}, "pose2sim", "file_missing", ["folder"]),
        ({"path": "dangling.npz"}, "pose2sim", "file_missing", ["link whose target"]),
        ({"path": "pipe"}, "pose2sim", "file_missing", ["no regular file"]),
        ({"path": "x" * 5000}, "pose2sim", "file_missing", ["name too long"]),
        ({"path": "a.npz/below"}, "pose2sim", "file_missing", ["directory"]),
    ],
)
def test_a_row_that_cannot_be_run_costs_nobody_else(
    files: Path, row: dict[str, Any], model: str, reason: str, said: list[str]
) -> None:
    (files / "folder").mkdir()
    (files / "dangling.npz").symlink_to(files / "gone.npz")
    os.mkfifo(files / "pipe")
    made = plan(files, row, {}, model=model)
    bad = problem(made["sequences"]["s0"])
    assert bad.reason.value == reason and "s0" in bad.detail and "line 2" in bad.detail
    assert all(text.lower() in bad.detail.lower() for text in said), bad.detail
    assert made["sequences"]["s1"]["problem"] is None and len(made["sequences"]["s1"]["windows"]) == 2
    assert list(made["subjects"]) == ["D-p1"]


def test_markers_without_a_set_are_registered(files: Path) -> None:
    made = plan(files, {**OPTICAL, "marker_set": "", "subject": "p", "height_m": 1.8})
    assert made["sequences"]["s0"]["problem"] is None
    assert made["subjects"]["D-p"]["marker_set"] == "" and made["subjects"]["D-p"]["height_m"] == 1.8


def test_a_mass_given_in_any_row_of_a_person_counts(files: Path) -> None:
    made = plan(
        files, {**OPTICAL, "subject": "p"}, {**OPTICAL, "subject": "p", "mass_kg": 71.5, "static_path": "static.trc"}
    )
    assert made["subjects"]["D-p"]["mass_kg"] == 71.5 and made["subjects"]["D-p"]["static_path"] == "static.trc"
    assert [made["sequences"][name]["static_path"] for name in ("s0", "s1")] == ["static.trc"] * 2


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"mass_kg": 60}, {"mass_kg": 75}, "mass_kg is 60.0 in line 2 and 75.0 in line 3"),
        ({"height_m": 1.6}, {"height_m": 1.9}, "height_m is 1.6 in line 2 and 1.9 in line 3"),
        ({"gender": "male"}, {"gender": "female"}, "gender is male in line 2 and female in line 3"),
        (
            OPTICAL,
            {**OPTICAL, "marker_set": "rajagopal2016"},
            "marker_set is opencap_vicon in line 2 and rajagopal2016 in line 3",
        ),
        ({}, OPTICAL, "marker_set is smplh67 in line 2 and opencap_vicon in line 3"),
        (
            {**OPTICAL, "static_path": "static.trc"},
            {**OPTICAL, "static_path": "other.trc"},
            "static_path is static.trc in line 2 and other.trc in line 3",
        ),
    ],
)
def test_rows_of_a_person_that_contradict_each_other_are_all_refused(
    files: Path, one: dict[str, Any], other: dict[str, Any], said: str
) -> None:
    made = plan(files, {"subject": "p", **one}, {"subject": "p", **other}, {"subject": "q"})
    for name in ("s0", "s1"):
        status = problem(made["sequences"][name])
        assert status.reason.value == "contradiction" and said in status.detail
    assert made["sequences"]["s2"]["problem"] is None and list(made["subjects"]) == ["D-q"]


def test_masses_of_a_person_within_five_percent_are_one_person(files: Path) -> None:
    made = plan(files, {"subject": "p", "mass_kg": 60.0}, {"subject": "p", "mass_kg": 62.6})
    assert made["subjects"]["D-p"]["mass_kg"] == 60.0


def test_a_slip_in_one_row_does_not_speak_for_the_person(files: Path) -> None:
    made = plan(files, {**OPTICAL, "subject": "p"}, {"source": "trcc", "subject": "p"})
    assert made["sequences"]["s0"]["problem"] is None
    assert problem(made["sequences"]["s1"]).reason.value == "table"


def test_every_column_of_a_row_is_in_its_record(files: Path) -> None:
    made = plan(files, {})
    assert set(SequenceRow.model_fields) < set(made["sequences"]["s0"])
