"""The trace of a result: written beside it, read back, or nothing where it cannot be read; where it was made."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from mint.batch import made
from mint.batch.made import Made, notes_path, trace_path

TRACE = Made(
    "ik", "d1", "f1", 3, {"limit": 0.5}, {"mass_kg": 70.0}, {"markers": [["a.trc", "d0"]]}, "ok", "none", {"s": 60.0}
)


def test_a_trace_lies_beside_its_result_and_attempts_do_too() -> None:
    assert trace_path("chunks/000/ik.npz") == Path("chunks/000/ik.made.json")
    assert notes_path("chunks/000/ik.npz") == Path("chunks/000/ik.attempts.json")


def test_a_trace_is_read_as_it_was_written(tmp_path: Path) -> None:
    TRACE.write(tmp_path / "ik.npz")
    assert Made.read(tmp_path / "ik.npz") == Made.read(str(tmp_path / "ik.npz")) == TRACE
    assert [path.name for path in tmp_path.iterdir()] == ["ik.made.json"]


def test_people_read_a_trace_line_by_line_and_values_without_a_json_form_as_text(tmp_path: Path) -> None:
    Made(**{**vars(TRACE), "values": {"folder": Path("a/b"), "name": "Zoë"}}).write(tmp_path / "ik.npz")
    text = (tmp_path / "ik.made.json").read_text(encoding="utf-8")
    assert json.loads(text)["values"] == {"folder": "a/b", "name": "Zoë"}
    assert text.splitlines()[:3] == ["{", ' "stage": "ik",', ' "digest": "d1",']


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"stage": "ik"}', '{"unknown": 1}', "\udcff"])
def test_a_trace_that_cannot_be_read_is_none(text: str | None, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "ik.made.json").write_bytes(text.encode(errors="surrogateescape"))
    assert Made.read(tmp_path / "ik.npz") is None


CPUINFO = "processor\t: 0\nvendor_id\t: Brand\nmodel name\t: Brand(R) 7: 2.5 GHz \nmodel name\t: another\n"


@pytest.mark.parametrize(
    ("text", "expected"), [(CPUINFO, "Brand(R) 7: 2.5 GHz"), ("processor : 0\n", "arm"), (None, "arm"), ("", "arm")]
)
def test_the_processor_is_named_as_the_kernel_does_or_else_as_python(
    text: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        (tmp_path / "cpuinfo").write_text(text)

    def moved(path: str) -> Path:
        assert path == "/proc/cpuinfo"
        return tmp_path / "cpuinfo"

    monkeypatch.setattr(made, "Path", moved)
    monkeypatch.setattr(platform, "processor", lambda: "arm")
    assert made._cpu() == expected


BRANCH = "ref: refs/heads/main\n"
PACKED = "# pack-refs with: peeled\n1111 refs/heads/other/main\n2222 refs/heads/main\n^3333\n4444 refs/heads/main2\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"HEAD": "abcd\n"}, "abcd"),
        ({"HEAD": BRANCH, "refs/heads/main": "5555\n", "packed-refs": PACKED}, "5555"),
        ({"HEAD": BRANCH, "packed-refs": PACKED}, "2222"),
        ({"HEAD": "ref: refs/heads/gone\n", "packed-refs": PACKED}, ""),
        ({"HEAD": BRANCH}, ""),
        ({}, ""),
    ],
)
def test_the_commit_is_that_of_the_working_tree(
    files: dict[str, str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in files.items():
        path = tmp_path / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(made, "__file__", str(tmp_path / "workflow/mint/batch/made.py"))
    assert made._commit() == expected
