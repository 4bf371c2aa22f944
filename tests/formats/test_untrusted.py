"""Whatever stands where a motion file should be ends in a status: in planning and in validation, with the same words."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.body.validate import run
from mint.config.validate import ValidateConfig
from mint.core.status import Reason, StageError
from mint.formats.header import motion_header
from mint.formats.npz import NpzFile
from mint.formats.registry import FORMATS
from mint.plan.cost import read_root
from tests.body import synthetic
from tests.formats.archives import array, member, with_broken_stream, with_member

CONFIG = ValidateConfig()


def refused(path: Path, source: str, reason: Reason) -> str:
    """Both must refuse, and say the same."""
    with pytest.raises(StageError) as error:
        motion_header(path, source, CONFIG)
    status = run(path, source, path.parent / "v.out", CONFIG).status
    assert (status.reason, status.detail) == (error.value.reason, error.value.detail)
    assert status.reason is reason, status.detail
    assert str(path.name) in status.message and "\n" not in status.message and status.remedy
    return status.message


def npz(path: Path, **fields: Any) -> Path:
    np.savez_compressed(path, **{**synthetic.motion(), **fields})
    return path


@pytest.mark.parametrize("source", FORMATS)
class TestWhatIsNoFile:
    def test_nothing(self, source: str, tmp_path: Path) -> None:
        assert "does not exist" in refused(tmp_path / "a.x", source, Reason.FILE_MISSING)

    def test_dangling_link(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "a.x").symlink_to(tmp_path / "gone")
        assert "a link to" in refused(tmp_path / "a.x", source, Reason.FILE_MISSING)

    def test_link_to_itself(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "a.x").symlink_to(tmp_path / "a.x")
        refused(tmp_path / "a.x", source, Reason.FILE_UNREADABLE)

    def test_folder(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "a.x").mkdir()
        assert "is a folder" in refused(tmp_path / "a.x", source, Reason.FILE_UNREADABLE)

    def test_pipe_that_nobody_writes_to(self, source: str, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.x")
        assert "is a named pipe" in refused(tmp_path / "a.x", source, Reason.FILE_UNREADABLE)

    def test_device(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "a.x").symlink_to("/dev/zero")
        assert "is a device" in refused(tmp_path / "a.x", source, Reason.FILE_UNREADABLE)

    def test_file_as_folder(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "f").write_text("x")
        with pytest.raises(StageError) as error:
            motion_header(tmp_path / "f" / "a.x", source, CONFIG)
        assert error.value.reason is Reason.FILE_MISSING

    @pytest.mark.parametrize("name", ["a\0b", "a" * 5000, "\ud800"])
    def test_name_that_no_file_can_have(self, source: str, name: str, tmp_path: Path) -> None:
        with pytest.raises(StageError) as error:
            motion_header(tmp_path / name, source, CONFIG)
        assert error.value.reason in (Reason.FILE_UNREADABLE, Reason.FILE_MISSING)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_file_that_may_not_be_read(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "a.x").write_text("x")
        (tmp_path / "a.x").chmod(0)
        refused(tmp_path / "a.x", source, Reason.FILE_UNREADABLE)

    @pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
    def test_file_that_cannot_be_opened(
        self, source: str, error: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, opened = tmp_path / "a.x", os.open
        path.write_text("x")

        def fail(target: Any, *arguments: Any, **more: Any) -> int:
            if str(target) == str(path):
                raise error
            return opened(target, *arguments, **more)

        monkeypatch.setattr(os, "open", fail)
        assert str(error.strerror) in refused(path, source, Reason.FILE_UNREADABLE)

    def test_file_that_vanishes_between_asking_and_opening(
        self, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.x"
        path.write_text("x")
        opened = os.open

        def vanish(target: Any, *arguments: Any, **more: Any) -> int:
            if str(target) == str(path):
                path.unlink()
            return opened(target, *arguments, **more)

        monkeypatch.setattr(os, "open", vanish)
        with pytest.raises(StageError) as error:
            motion_header(path, source, CONFIG)
        assert error.value.reason is Reason.FILE_MISSING

    @pytest.mark.parametrize("content", [b"", b"\n", b"PathFileType\t4\t(X/Y/Z)\ta.trc\n"])
    def test_file_of_a_line_at_most(self, source: str, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "a.x").write_bytes(content)
        other = content.startswith(b"PathFileType") and source != "trc"
        refused(tmp_path / "a.x", source, Reason.CONTRADICTION if other else Reason.FILE_CORRUPT)

    def test_file_of_noise(self, source: str, tmp_path: Path) -> None:
        (tmp_path / "a.x").write_bytes(np.random.default_rng(1).bytes(200_000))
        refused(tmp_path / "a.x", source, Reason.FILE_CORRUPT)


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "claims a terabyte": lambda p: with_member(p, member(array("(1000000000000, 156)"))),
    "claims more than it holds": lambda p: with_member(p, member(array("(200, 156)"), bytes(100))),
    "holds more than it claims": lambda p: with_member(p, member(array("(200, 156)"), bytes(200 * 156 * 8 + 1))),
    "more elements than any number": lambda p: with_member(p, member(array(f"({'9' * 18}, {'9' * 18}, {'9' * 18})"))),
    "endless text of no length": lambda p: with_member(p, member(array("(1000000000000,)", "'<U0'"))),
    "nested header": lambda p: with_member(p, member(b"(" * 9000)),
    "header of a gigabyte": lambda p: with_member(
        p, b"\x93NUMPY\x02\x00" + (2**30).to_bytes(4, "little") + b" " * 1000
    ),
    "header that is code": lambda p: with_member(p, member(b"__import__('os').abort()")),
    "negative shape": lambda p: with_member(p, member(array("(-1, 156)"))),
    "shape that is text": lambda p: with_member(p, member(array("'many'"))),
    "structured array": lambda p: with_member(p, member(array("(200,)", "[('a', '<f8'), ('b', 'O')]"), bytes(3200))),
    "unknown type": lambda p: with_member(p, member(array("(200, 156)", "'<q9'"), bytes(200))),
    "text that is no array": lambda p: with_member(p, b"poses"),
    "future version": lambda p: with_member(p, member(array("(200, 156)"), bytes(8), version=9)),
    "empty member": lambda p: with_member(p, b""),
    "compressed in another way": lambda p: with_member(
        p, member(array("(200, 156)"), bytes(249600)), compress_type=zipfile.ZIP_LZMA
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_array_is_refused_by_planning_and_validation(name: str, tmp_path: Path) -> None:
    path = HOSTILE[name](tmp_path / "a.npz")
    if name == "compressed in another way":
        data = bytearray(path.read_bytes())
        at = data.rfind(b"poses.npy")
        data[at - 46 + 10 : at - 46 + 12] = (99).to_bytes(2, "little")  # a method that nobody knows
        path.write_bytes(data)
    assert "poses" in refused(path, "amass", Reason.FILE_CORRUPT)


@pytest.mark.parametrize("field", ["poses", "trans", "betas", "mocap_framerate"])
def test_a_field_that_cannot_be_unpacked_is_refused_by_name(field: str, tmp_path: Path) -> None:
    said = refused(with_broken_stream(tmp_path / "a.npz", field), "amass", Reason.FILE_CORRUPT)
    assert f"field {field} cannot be read" in said


def test_a_root_that_cannot_be_unpacked_costs_the_mean(tmp_path: Path) -> None:
    assert read_root(with_broken_stream(tmp_path / "a.npz", "trans"), "amass") is None


def test_a_bomb_is_refused_by_its_size_before_it_is_unpacked(tmp_path: Path) -> None:
    frames = 200_000
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for field, value in synthetic.motion().items():
            if field not in ("poses", "trans"):
                buffer = io.BytesIO()
                np.save(buffer, value)
                archive.writestr(f"{field}.npy", buffer.getvalue())
        for field, width in (("poses", 156), ("trans", 3)):
            with archive.open(f"{field}.npy", "w") as handle:
                handle.write(member(array(f"({frames}, {width})", "'|i1'")))
                for _ in range(width):
                    handle.write(bytes(frames))
    assert f"{frames} frames" in refused(tmp_path / "a.npz", "amass", Reason.TOO_LONG)


def test_a_single_number_of_sixty_megabytes_is_not_read(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(npz(tmp_path / "a.npz"), "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("mocap_frame_rate.npy", "w") as handle,
    ):
        handle.write(member(array("(60000000,)", "'|i1'")))
        for _ in range(60):
            handle.write(bytes(1_000_000))
    assert "mocap_frame_rate" in refused(tmp_path / "a.npz", "amass", Reason.TOO_LONG)


def test_a_field_that_is_twice_in_the_file_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path / "a.npz")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("poses.npy", b"x")
    assert "field poses is in the file more than once" in refused(path, "amass", Reason.FILE_CORRUPT)


def test_a_directory_larger_than_any_motion_needs_is_not_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for number in range(20_000):
            archive.writestr(f"field_{number}.npy", b"")
    assert "its directory claims" in refused(tmp_path / "a.npz", "amass", Reason.FILE_CORRUPT)


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    data = bytearray(npz(tmp_path / "a.npz").read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(mark, at + 4)
    (tmp_path / "a.npz").write_bytes(data)
    refused(tmp_path / "a.npz", "amass", Reason.FILE_CORRUPT)


def test_arrays_of_every_order_and_version_are_read_as_numpy_reads_them(tmp_path: Path) -> None:
    values = {
        "c": np.arange(6.0).reshape(2, 3),
        "f": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "scalar": np.array(7),
        "text": np.array(["a", "bc"]),
        "bytes": np.array(b"x"),
        "empty": np.zeros((0, 3)),
        "big": np.arange(3, dtype=">f4"),
        "bool": np.array([True]),
        "none": np.array(""),
    }
    np.savez(tmp_path / "a.npz", **values)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        for version in (2, 3):
            archive.writestr(f"v{version}.npy", member(array("(2L, 1)", "'<f8'"), np.arange(2.0).tobytes(), version))
    with NpzFile(tmp_path / "a.npz") as data:
        for name, value in values.items():
            np.testing.assert_array_equal(data.read(name), value)
            assert (data.read(name).dtype, data.read(name).shape) == (value.dtype, value.shape)
        for version in (2, 3):
            np.testing.assert_array_equal(data.read(f"v{version}"), [[0.0], [1.0]])
