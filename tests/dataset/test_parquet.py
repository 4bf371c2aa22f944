"""Parquet is the primary format: types, units, provenance, intervals."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mint.config.dataset import DatasetConfig
from mint.core.tables import mint_columns
from mint.dataset import build
from mint.dataset.naming import places
from mint.dataset.parquet import read_record
from tests.dataset.conftest import MOTION_SHA256, make
from tests.sequence.factory import Project

WHOLE = "KIT/KIT/3/walk_straight_v2_poses"
HOLES = "BMLrub/BioMotionLab_NTroje/rub001/holes_poses"
FILES = ("muscle_activations", "muscle_forces", "grf", "extra_muscles")


@pytest.mark.parametrize("name", FILES)
def test_every_column_is_float32_or_a_flag_and_has_a_unit(built: SimpleNamespace, name: str) -> None:
    schema = pq.read_schema(built.dataset / WHOLE / f"{name}.parquet")
    units = {field.name: field.metadata[b"unit"].decode() for field in schema}
    assert units["time_s"] == "s"
    for field in list(schema)[2:]:
        assert field.type in (pa.float32(), pa.bool_())
    if name == "grf":
        assert [units[f"ground_{k}"] for k in ("force_left_vy", "force_left_px", "torque_left_y")] == ["N", "m", "N m"]
    if name == "muscle_forces":
        assert units["LU_soleus_r"] == "N"


@pytest.mark.parametrize("name", FILES)
def test_schema_holds_hashes_versions_and_the_present_strands(built: SimpleNamespace, name: str) -> None:
    record = read_record(built.dataset / WHOLE / f"{name}.parquet")
    assert record["input_sha256"]["motion"] == MOTION_SHA256
    assert len(record["input_sha256"]["merged_sequence"]) == 64
    assert {"mint", "numpy", "pandas", "pyarrow"} <= set(record["versions"])
    assert len(record["present"]) == 402 - 124
    assert record["sequence_id"] == "whole" and record["frame_rate_hz"] == 50


def test_columns_are_mints_after_frame_and_time(built: SimpleNamespace) -> None:
    table = pd.read_parquet(built.dataset / HOLES / "muscle_activations.parquet")
    assert list(table.columns) == ["frame", "time_s", *mint_columns()]
    assert (np.abs(table["time_s"] - table["frame"] / 50) < 1e-12).all()
    missing = table.columns[table.isna().all()]
    assert len(missing) == 124 and not table.drop(columns=missing).isna().any().any()


def test_centre_of_pressure_is_nan_exactly_without_contact(built: SimpleNamespace) -> None:
    table = pd.read_parquet(built.dataset / WHOLE / "grf.parquet")
    for side in ("right", "left"):
        contact = table[f"contact_{side}"]
        for axis in "xyz":
            assert (table[f"ground_force_{side}_p{axis}"].notna() == contact).all()
        assert (table.loc[~contact, f"ground_force_{side}_vy"] == 0).all()
        assert (table.loc[contact, f"ground_force_{side}_vy"] >= 20).all()


def test_muscles_without_a_mint_name_are_kept_in_their_own_table(built: SimpleNamespace) -> None:
    table = pd.read_parquet(built.dataset / WHOLE / "extra_muscles.parquet")
    assert list(table.columns)[2:] == [f"{kind}_unnamed_fascicle_{s}" for kind in ("activation", "force") for s in "rl"]
    assert np.allclose(table["force_unnamed_fascicle_l"], 200 * table["activation_unnamed_fascicle_l"], rtol=1e-5)


def test_intervals_cover_the_analysable_range_and_name_why_it_is_missing(built: SimpleNamespace) -> None:
    table = pd.read_parquet(built.dataset / "intervals.parquet")
    rows = table[table["sequence_id"] == "holes"]
    assert rows[["frame_start", "frame_stop", "present", "interior", "reasons"]].to_numpy().tolist() == [
        [7, 77, True, False, ""],
        [77, 147, False, True, "pelvis_residual"],
        [147, 217, True, False, ""],
        [217, 287, False, True, "non_foot_support"],
        [287, 357, True, False, ""],
    ]
    frames = pd.read_parquet(built.dataset / HOLES / "grf.parquet")["frame"]
    present = rows[rows["present"]]
    assert set(frames) == {
        k for a, b in zip(present["frame_start"], present["frame_stop"], strict=True) for k in range(a, b)
    }


def test_only_gaps_with_values_on_both_sides_are_interior(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add("walk", 70 * 5 + 14)
    project.solve("walk", skip=(0, 2, 4))
    project.merge("walk")
    dataset = build.run(project.plan, project.results, DatasetConfig(pickles=False))
    rows = pd.read_parquet(dataset / "intervals.parquet")
    assert rows[["frame_start", "present", "interior"]].to_numpy().tolist() == [
        [7, False, False],
        [77, True, False],
        [147, False, True],
        [217, True, False],
        [287, False, False],
    ]


def test_two_builds_of_the_same_results_are_identical(built: SimpleNamespace, tmp_path: Path) -> None:
    project = make(tmp_path)
    again = build.run(project.plan, project.results, DatasetConfig())
    files = sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(built.dataset) for p in built.dataset.rglob("*") if p.is_file())
    for name in files:
        assert (again / name).read_bytes() == (built.dataset / name).read_bytes(), name


def test_a_failed_build_leaves_the_old_dataset_and_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path)
    project.add("walk", 84)
    project.solve("walk")
    project.merge("walk")
    first = build.run(project.plan, project.results, DatasetConfig(pickles=False))
    assert not list(first.rglob("*.pkl"))
    before = (first / "mint_metadata.csv").read_bytes()

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(build, "write_pickles", broken)
    with pytest.raises(OSError, match="disk full"):
        build.run(project.plan, project.results, DatasetConfig())
    assert (first / "mint_metadata.csv").read_bytes() == before
    assert [p.name for p in project.results.iterdir() if p.name.startswith(".")] == []


def test_rebuilding_removes_sequences_that_left_the_plan(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for name in ("walk", "run"):
        project.add(name, 84)
        project.solve(name)
        project.merge(name)
    dataset = build.run(project.plan, project.results, DatasetConfig())
    del project.plan["sequences"]["run"]
    build.run(project.plan, project.results, DatasetConfig())
    assert [p.name for p in (dataset / "KIT/KIT/s1").iterdir()] == ["walk_poses"]


def test_an_empty_project_still_has_tables(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.results.mkdir()
    dataset = build.run(project.plan, project.results, DatasetConfig())
    assert len(pd.read_csv(dataset / "mint_metadata.csv")) == 0
    assert len(pd.read_parquet(dataset / "intervals.parquet")) == 0


def _record(path: str, dataset: str = "KIT", subject: str = "s1", **extra: str) -> dict[str, str]:
    return {"sequence_id": "id", "path": path, "dataset": dataset, "subject": subject, **extra}


@pytest.mark.parametrize(
    ("path", "dataset", "expected"),
    [
        ("a/acting2_poses.npz", "TotalCapture", "TotalCapture/TotalCapture/s1/acting2_poses"),
        (
            "a/0005_normal_walk1_poses.npz",
            "BioMotionLab_NTroje",
            "BMLrub/BioMotionLab_NTroje/s1/0005_normal_walk1_poses",
        ),
        ("a/walk 1_stageii.npz", "Eyes_Japan_Dataset", "EyesJapanDataset/Eyes_Japan_Dataset/s1/walk_1_poses"),
        ("../../etc/..npz", "Lab", "Lab/Lab/s1/id_poses"),
        ("DJ1.trc", "OpenCap", "OpenCap/OpenCap/s1/DJ1_poses"),
    ],
)
def test_data_path_follows_mints_folders(path: str, dataset: str, expected: str) -> None:
    assert places({"id": _record(path, dataset)})["id"].data_path == expected


def test_path_ids_are_unique_for_the_reader() -> None:
    found = places(
        {
            "a": _record("x/walk_poses.npz", "KIT", sequence_id="a"),
            "b": _record("y/walk_poses.npz", "ACCAD", sequence_id="b"),
            "c": _record("z/run_poses.npz", sequence_id="c"),
            "d": _record("z2/run_poses.npz", sequence_id="d"),
            "e": _record("z/jump_poses.npz", sequence_id="e"),
        }
    )
    assert found["a"].path_id == "KIT-s1/walk" and found["b"].path_id == "ACCAD-s1/walk"
    assert {found[n].path_id for n in "cd"} == {"KIT-s1/c", "KIT-s1/d"}
    assert found["e"].path_id == "s1/jump"
