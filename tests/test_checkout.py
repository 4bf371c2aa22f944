"""No test changes the checkout: neither its files, nor the results and the memory of a run in it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.checkout import ROOT, linked, looks
from tests.wheels import RECORDS, _digest, is_whole


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "known").write_text("1")
    (tmp_path / "results").mkdir()
    for command in (["init", "--quiet"], ["add", "known"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize("path", ["known", "results/new", ".snakemake/locks/0.input.lock"])
def test_what_is_written_into_a_checkout_is_noticed(repository: Path, path: str) -> None:
    before = looks(repository)
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    (repository / path).write_text("22")
    assert looks(repository) != before


def test_what_nobody_keeps_is_not_noticed(repository: Path) -> None:
    before = looks(repository)
    (repository / "__pycache__").mkdir()
    (repository / "__pycache__" / "x.pyc").write_text("x")
    assert looks(repository) == before


def test_a_linked_checkout_has_all_that_a_run_reads(tmp_path: Path) -> None:
    folder = linked(tmp_path / "checkout")
    assert (folder / "Snakefile").read_text() == (ROOT / "Snakefile").read_text()
    assert {path.name for path in folder.iterdir() if not path.exists()} == set()
    assert not (folder / "results").exists() and not (folder / ".snakemake").exists()


def wheel(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small stand-in for the unzipped wheel of the motions, with a true RECORD."""
    data, facts = folder / "pybullet_data/data/motions", folder / "pybullet-3.2.7.dist-info"
    data.mkdir(parents=True)
    facts.mkdir()
    (data / "humanoid3d_walk.txt").write_text("walk")
    rows = [
        f"pybullet_data/data/motions/humanoid3d_walk.txt,{_digest(data / 'humanoid3d_walk.txt')},4",
        "pybullet_data/not_needed.txt,sha256=x,1",
        "pybullet-3.2.7.dist-info/RECORD,,",
    ]
    (facts / "RECORD").write_text("\n".join(rows))
    monkeypatch.setitem(RECORDS, "pybullet", hashlib.sha256((facts / "RECORD").read_bytes()).hexdigest())
    return folder


def test_an_unzipped_wheel_counts_only_as_it_is_in_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = wheel(tmp_path, monkeypatch)
    motion, record = (
        folder / "pybullet_data/data/motions/humanoid3d_walk.txt",
        folder / "pybullet-3.2.7.dist-info/RECORD",
    )
    assert is_whole(folder, "pybullet")
    (folder / ".snakemake_timestamp").touch()
    assert is_whole(folder, "pybullet")
    for change in (
        lambda: motion.write_text("wolk"),
        lambda: motion.unlink(),
        lambda: record.write_text(""),
        lambda: (folder / "further").touch(),
    ):
        kept = {path: path.read_bytes() for path in (motion, record)}
        change()
        assert not is_whole(folder, "pybullet")
        (folder / "further").unlink(missing_ok=True)
        for path, content in kept.items():
            path.write_bytes(content)
    assert is_whole(folder, "pybullet")
    assert not is_whole(tmp_path / "nowhere", "pybullet")
