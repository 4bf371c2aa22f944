"""A release is one folder that musint opens, that names nobody's machine, and that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from musint.datasets.mint_dataset import MintDataset

from mint.core.atomic import replaced
from mint.dataset.quality_schema import RUN_COLUMNS
from mint.publish import build, folder
from mint.publish.build import Release
from mint.publish.folder import files_below
from tests.conftest import ENVIRONMENT, ROOT
from tests.publish import project
from tests.publish.folders import sha256sum
from tests.publish.project import CONFIG, DEMO, HOLES, WHOLE
from tests.sequence import factory

TABLES = {
    "sequences",
    "intervals",
    "labels",
    "muscles",
    "gait_events",
    "steps",
    "notes",
    "comparison_forces",
    "comparison_emg",
    "comparison_moments",
    "quality_chunks",
    "quality_sequences",
    "quality_coordinates",
    "ledger",
}


def test_musint_opens_the_release_itself_and_finds_the_true_values(release: Release) -> None:
    reader = MintDataset(str(release.folder))
    assert sorted(reader.metadata["data_path"]) == sorted([DEMO, HOLES, WHOLE])
    sample = reader.by_path(WHOLE)
    assert (sample.path_id, sample.weight, sample.babel_sid) == ("3/walk_straight_v2", 70.0, 77)
    window = sample.get_muscle_activations(time_window=(0.3, 1.0), target_frame_count=14)
    frames = np.rint(50 * window.index.to_numpy()).astype(int)
    truth = factory.activation_truth(frames, 80)[:, factory.leg_muscles().index("soleus_r")]
    assert np.allclose(window["LU_soleus_r"], truth, atol=1e-6)
    assert reader.by_path(HOLES).get_gaps() == [(1.52, 2.94), (4.32, 5.74)]


def test_musint_rebuilds_its_table_from_those_of_the_sub_datasets(release: Release, tmp_path: Path) -> None:
    copied = shutil.copytree(release.folder, tmp_path / "release")
    rebuilt, cached = MintDataset(str(copied), use_cache=False), MintDataset(str(release.folder))
    pd.testing.assert_frame_equal(rebuilt.metadata.sort_index(), cached.metadata.sort_index(), check_index_type=False)
    assert rebuilt.by_path(HOLES).get_gaps() == [(1.52, 2.94), (4.32, 5.74)]


def test_tables_for_musint_are_the_only_csv_below_the_root_and_the_sheets_lie_beside_it(release: Release) -> None:
    assert sorted(path.name for path in release.folder.rglob("*.csv")) == [
        "BioMotionLab_NTroje.csv",
        "KIT.csv",
        "MintDemo.csv",
        "mint_metadata.csv",
    ]
    assert release.sheets is not None and release.sheets.parent == release.folder.parent
    assert release.folder.name == "test_release" and release.sheets.name == "test_release-csv"


def test_all_tables_and_files_of_the_dataset_are_there(release: Release, results: Path) -> None:
    assert {path.stem for path in release.folder.glob("*.parquet")} == TABLES
    below_root = {name for name in files_below(results / "dataset") if "/" in name}
    assert {name for name in files_below(release.folder) if "/" in name} == below_root
    assert f"{WHOLE}/muscle_forces.pkl" in below_root


def test_ledger_has_every_chunk_and_what_to_do_but_no_times_of_a_machine(release: Release) -> None:
    table = pd.read_parquet(release.folder / "ledger.parquet")
    assert list(table.columns) == [
        "sequence_id",
        "chunk",
        "t_start_s",
        "t_end_s",
        "stage",
        "status",
        "reason",
        "remedy",
        "iterations",
    ]
    lost = table[table["status"] != "accepted"].set_index(["sequence_id", "chunk"])
    assert lost["reason"].to_dict() == {
        ("gone", -1): "file_missing",
        ("holes", 1): "pelvis_residual",
        ("holes", 3): "non_foot_support",
    }
    assert (lost["remedy"].str.len() > 0).all()


def test_no_table_has_a_column_about_a_run(release: Release) -> None:
    for path in release.folder.glob("*.parquet"):
        names = pq.read_schema(path).names
        assert not set(names) & set(RUN_COLUMNS)
        assert not [
            name for name in names if name.endswith(("wall_s", "cpu_s", "rss_mb")) or name in ("host", "job", "detail")
        ], path.name


def test_no_file_names_a_folder_of_the_machine(release: Release, results: Path) -> None:
    assert release.sheets is not None
    words = [str(results.parent), str(ROOT), "/home/", "/root/"]
    for path in (p for where in (release.folder, release.sheets) for p in where.rglob("*") if p.is_file()):
        if path.suffix == ".pkl":
            # Numbers and names only: raw bytes may spell anything.
            continue
        content = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            content = (
                str(table.schema.metadata)
                + str([f.metadata for f in table.schema])
                + str([c.to_pylist() for c in table.columns if "string" in str(c.type)])
            )
        assert not [word for word in words if word in content], path


def test_checksums_cover_every_file_and_find_a_changed_byte(release: Release, tmp_path: Path) -> None:
    assert release.sheets is not None
    for where in (release.folder, release.sheets):
        copy = tmp_path / where.name
        shutil.copytree(where, copy)
        assert sha256sum(copy).returncode == 0
        listed = {line.split("  ", 1)[1] for line in (copy / "SHA256SUMS").read_text().splitlines()}
        assert listed == set(files_below(copy)) - {"SHA256SUMS"}
        victim = next(copy.rglob("muscle_activations.*"))
        content = bytearray(victim.read_bytes())
        content[len(content) // 2] ^= 1
        victim.write_bytes(content)
        found = sha256sum(copy)
        assert found.returncode == 1 and victim.name in found.stdout


def test_one_file_names_the_whole_release(release: Release) -> None:
    record = release.folder.with_name("test_release.sha256")
    done = subprocess.run(
        ["sha256sum", "-c", record.name], cwd=record.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and len(record.read_text().splitlines()) == 2


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same project made and published by two processes: other folder, hash seed, time zone, umask, run times."""
    done = []
    for seed, zone, seconds, umask in (("1", "Asia/Tokyo", "1", 0o022), ("77", "America/Lima", "13.7", 0o077)):
        home = tmp_path_factory.mktemp(f"process{seed}" * int(seed[0]))
        environment = {
            **ENVIRONMENT,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": seed[0],
        }
        subprocess.run(
            [sys.executable, "-m", "tests.publish.project", str(home / "project"), seconds],
            cwd=home,
            env=environment,
            check=True,
            umask=umask,
            capture_output=True,
            timeout=300,
        )
        done.append(home / "project" / "results")
    return done


@pytest.mark.parametrize("part", ["dataset", "release"])
def test_two_builds_in_different_processes_are_identical_bit_for_bit(
    elsewhere: list[Path], results: Path, release: Release, part: str
) -> None:
    first, second = (where / part for where in elsewhere)
    names = files_below(first)
    assert names == files_below(second) == files_below(results / part) and len(names) > 30
    # The quality tables of a dataset tell how long things took; a release's do not.
    timed = ("quality_chunks.parquet", "quality_sequences.parquet") if part == "dataset" else ()
    changed = [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()]
    assert [name for name in changed if name not in timed] == []
    assert [name for name in names if (first / name).read_bytes() != (results / part / name).read_bytes()] == []
    assert set(changed) == set(timed), "a project that took longer is told apart by nothing else"


def test_a_build_at_another_time_is_identical(
    results: Path, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copytree(results, tmp_path / "results", ignore=shutil.ignore_patterns("release")))
    for path in copy.rglob("*"):
        os.utime(path, (1e9, 1e9))
    now = time.time() + 4e8
    monkeypatch.setattr(time, "time", lambda: now)
    again = build.run(copy, CONFIG, "pose2sim")
    assert again.digests == release.digests


def test_a_dataset_that_is_built_anew_leaves_the_release_as_it_was(tmp_path: Path) -> None:
    made = project.make(tmp_path, datasets=("MintDemo",))
    release = build.run(made.results, CONFIG, "pose2sim")
    linked, there = (where / DEMO / "grf.parquet" for where in (release.folder, made.results / "dataset"))
    assert linked.samefile(there), "links, not copies"
    made.plan["sequences"]["jump"]["subject"] = "another"
    project.dataset_of(made)
    assert not there.exists()
    assert sha256sum(release.folder).returncode == 0


def test_a_file_system_without_links_gets_copies(
    results: Path, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_: object, **__: object) -> None:
        raise OSError("cross-device link")

    copy = Path(shutil.copytree(results, tmp_path / "results", ignore=shutil.ignore_patterns("release")))
    monkeypatch.setattr(folder.os, "link", no_link)
    again = build.run(copy, CONFIG, "pose2sim")
    assert again.digests == release.digests
    assert not (again.folder / WHOLE / "grf.parquet").samefile(copy / "dataset" / WHOLE / "grf.parquet")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = project.make(tmp_path_factory.mktemp("small"), datasets=("MintDemo",)).results
    build.run(results, CONFIG, "pose2sim")
    return results


@pytest.fixture
def small(original: Path, tmp_path: Path) -> Path:
    """Results of one sequence with a release, to change at will."""
    return Path(shutil.copytree(original, tmp_path / "results"))


@pytest.mark.parametrize("step", ["write_croissant", "write_sheets", "write_sums"])
def test_an_interrupted_build_leaves_the_former_release(
    small: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = {name: (small / "release" / name).read_bytes() for name in files_below(small / "release")}

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(build, step, broken)
    with pytest.raises(OSError, match="disk full"):
        build.run(small, CONFIG.model_copy(update={"version": "3.0.0"}), "pose2sim")
    assert {name: (small / "release" / name).read_bytes() for name in files_below(small / "release")} == before
    assert not [path for path in (small / "release").iterdir() if path.name.startswith(".")]


def test_a_release_that_was_set_aside_when_the_build_was_killed_is_put_back(tmp_path: Path) -> None:
    target = tmp_path / "release"
    (tmp_path / ".release.former").mkdir()
    (tmp_path / ".release.former" / "kept").write_text("former")
    (tmp_path / ".release.new-abc").mkdir()
    with pytest.raises(RuntimeError), replaced(target):
        assert (target / "kept").read_text() == "former"
        raise RuntimeError("again")
    assert (target / "kept").read_text() == "former" and [path.name for path in tmp_path.iterdir()] == ["release"]
    with replaced(target) as new:
        (new / "new").write_text("new")
    assert files_below(tmp_path) == ["release/new"]


def test_a_swap_that_fails_halfway_puts_the_former_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "release"
    target.mkdir()
    (target / "kept").write_text("former")
    rename = Path.rename

    def failing(self: Path, to: Path) -> Path:
        if ".new-" in self.name:
            raise OSError("stale handle")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="stale"), replaced(target):
        pass
    assert files_below(tmp_path) == ["release/kept"]


def test_without_csv_there_is_no_sheets_folder_any_more(small: Path) -> None:
    assert (small / "release" / "test_release-csv").is_dir()
    release = build.run(small, CONFIG.model_copy(update={"csv": False}), "pose2sim")
    assert release.sheets is None and sorted(p.name for p in (small / "release").iterdir()) == [
        "test_release",
        "test_release.sha256",
    ]


def test_a_dataset_without_sequences_can_be_released(tmp_path: Path) -> None:
    results = project.make(tmp_path, datasets=()).results
    release = build.run(results, CONFIG, "pose2sim")
    assert pd.read_parquet(release.folder / "sequences.parquet").empty
    assert "0 of 1 planned" in (release.folder / "README.md").read_text()


def test_a_missing_table_is_named(small: Path) -> None:
    (small / "dataset" / "intervals.parquet").unlink()
    with pytest.raises(ValueError, match=r"intervals\.parquet is missing: make the dataset first"):
        build.run(small, CONFIG, "pose2sim")
