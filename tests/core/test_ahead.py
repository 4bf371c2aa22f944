"""What was made ahead serves one call, and only while files are as they were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mint.core.ahead import Ahead


class Reader:
    """Reads a file into a new list and counts how often it did."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, path: str | Path, ending: str = "") -> list[str]:
        self.times += 1
        return [Path(path).read_text() + ending]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "numbers"
    path.write_text("one")
    return path


def test_what_was_made_ahead_serves_one_call(file: Path) -> None:
    """The second gets a new object: the first may have changed its own."""
    reader = Reader()
    read = Ahead(reader)
    read.ahead(file)
    first = read(str(file))
    assert first == ["one"] and reader.times == 1
    second = read(file)
    assert second == ["one"] and second is not first and reader.times == 2


def test_a_file_that_has_changed_is_read_again(file: Path) -> None:
    read = Ahead(Reader())
    read.ahead(file)
    file.write_text("two")
    os.utime(file, ns=(1, 1))
    assert read(file) == ["two"]


def test_other_arguments_get_answers_of_their_own(file: Path) -> None:
    read = Ahead(Reader())
    read.ahead(file, ending="!")
    assert read(file) == ["one"] and read(file, ending="!") == ["one!"]


def test_what_fails_ahead_fails_in_the_call(tmp_path: Path) -> None:
    read = Ahead(Reader())
    for answer in (read.ahead, read):
        with pytest.raises(FileNotFoundError):
            answer(tmp_path / "missing")


def test_a_folder_in_which_others_write_is_the_same_folder(tmp_path: Path) -> None:
    count = Ahead(lambda folder: len(list(Path(folder).iterdir())))
    count.ahead(tmp_path)
    (tmp_path / "another").touch()
    assert count(tmp_path) == 0
