"""The sequence table of an AMASS folder is read by the planner as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body.list_amass import COLUMNS, write_list
from mint.core.tables import table
from mint.plan.sequences import SequenceRow, read_sequences
from tests.body import synthetic


@pytest.fixture
def amass(tmp_path: Path) -> Path:
    folder = tmp_path / "AMASS"
    data = synthetic.motion()
    files: dict[str, dict[str, Any]] = {
        "KIT/3/walk 01_poses.npz": data,
        "KIT/3/walk-01_poses.npz": {**data, "gender": np.array(b"male")},
        "KIT/3/walk_01_poses.npz": data,
        "KIT/3/shape.npz": {"betas": np.zeros(16)},
        "CMU/../CMU/sübj/jump_stageii.npz": data,
        "CMU/x/neutral_stagei.npz": {"betas": np.zeros(16)},
        "CMU/x/wide_poses.npz": {**data, "poses": np.zeros((9, 160))},
        "KIT/4/run_stageii.npz": {**data, "poses": np.zeros((9, 165)), "surface_model_type": np.array("smplx")},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        np.savez(folder / name, **content)
    (folder / "CMU/x/cut_poses.npz").write_bytes(b"PK")
    return folder


def test_table_is_read_by_the_planner(amass: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert write_list(amass, tmp_path / "sequences.tsv") == 0
    rows = read_sequences(tmp_path / "sequences.tsv")
    assert [row.problem for row in rows] == [None] * 7
    assert [row.sequence_id.removesuffix(f"-{row.sequence_id[-10:]}") for row in rows] == [
        "CMU_s_bj_jump",
        "CMU_x_cut",
        "CMU_x_wide",
        "KIT_3_walk_01",
        "KIT_3_walk-01",
        "KIT_3_walk_01",
        "KIT_4_run",
    ]
    assert all(Path(row.path).is_file() for row in rows)
    assert [row.source for row in rows] == ["amass", None, "amass", "amass", "amass", "amass", "smplx"]
    assert [row.gender for row in rows] == ["female", None, "female", "female", "male", "female", "female"]
    assert rows[-1].subject_id == "KIT-4"
    errors = capsys.readouterr().err
    assert "cut_poses.npz" in errors and "(9, 160)" in errors


NASTY = [
    "a#b",
    "tab\there",
    "two\nlines",
    'quo"te',
    '"quoted"',
    "{braces}",
    "Müller",
    "Möller",
    "山田",
    "田中",
    " blank ",
    "a*b?[c]",
    "--",
    "__",
]


def test_paths_of_any_characters_are_read_back_as_they_are(tmp_path: Path) -> None:
    files = [tmp_path / "AMASS" / "KIT" / name / f"{name}_poses.npz" for name in NASTY]
    for file in files:
        file.parent.mkdir(parents=True)
        np.savez(file, **synthetic.motion())
    assert write_list(tmp_path / "AMASS", tmp_path / "sequences.tsv") == 0
    rows = read_sequences(tmp_path / "sequences.tsv")
    assert sorted(row.path for row in rows) == sorted(map(str, files))
    assert [row.problem for row in rows] == [None] * len(NASTY)
    assert len({row.subject_id for row in rows}) == len({row.sequence_id for row in rows}) == len(NASTY)


def test_a_name_that_no_table_can_hold_is_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b\udcff"):
        (tmp_path / "AMASS/KIT/s").mkdir(parents=True, exist_ok=True)
        np.savez(tmp_path / f"AMASS/KIT/s/{name}_poses.npz", **synthetic.motion())
    assert write_list(tmp_path / "AMASS", tmp_path / "sequences.tsv") == 0
    assert [row.sequence_id for row in read_sequences(tmp_path / "sequences.tsv")] == ["KIT_s_a"]
    assert "rename" in capsys.readouterr().err


def test_links_keep_their_names_and_are_followed_once(tmp_path: Path) -> None:
    store = tmp_path / "store" / "3"
    store.mkdir(parents=True)
    np.savez(store / "walk_poses.npz", **synthetic.motion())
    (tmp_path / "AMASS").mkdir()
    (tmp_path / "AMASS" / "KIT").symlink_to(tmp_path / "store")
    (store / "round").symlink_to(tmp_path / "AMASS")
    assert write_list(tmp_path / "AMASS", tmp_path / "sequences.tsv") == 0
    assert [row.path for row in read_sequences(tmp_path / "sequences.tsv")] == [
        str(tmp_path / "AMASS/KIT/3/walk_poses.npz")
    ]


def test_a_relative_folder_gives_relative_paths(amass: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert write_list(Path("AMASS"), Path("sequences.tsv")) == 0
    assert all(row.path.startswith("AMASS/") for row in read_sequences("sequences.tsv"))


def test_columns_are_those_of_the_sequence_table() -> None:
    assert set(COLUMNS) == set(SequenceRow.model_fields)


def test_existing_table_is_kept_without_force(amass: Path, tmp_path: Path) -> None:
    target = tmp_path / "sequences.tsv"
    target.write_text("mine\n")
    assert write_list(amass, target) == 1 and target.read_text() == "mine\n"
    assert write_list(amass, target, force=True) == 0 and target.read_text() != "mine\n"


def test_folder_without_motion_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert write_list(tmp_path / "empty", tmp_path / "s.tsv") == 1 and not (tmp_path / "s.tsv").exists()


def test_marker_map_of_smplh_is_the_published_one(shared: Any) -> None:
    import pandas as pd

    published = pd.read_csv(shared("reference/markers_bittner.csv"))
    published = published[published["kind"] == "vertex"]
    ours = table("marker_sets/smplh67/vertices")
    assert list(ours["marker"]) == [*published["marker"], "HEAD_TOP"]
    assert list(ours["vertex"]) == [*published["smplh_vertex"].astype(int), 411]
    assert ours["source"].notna().all()
