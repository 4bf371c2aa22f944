"""Reading of MIA's folders: what is right is read, what is not is refused by name and stops nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mint.core.status import Reason, StageError
from mint.learning.mia.reader import Refused, SampleName, find_samples, read_list, read_sample, read_samples
from tests.learning.mia.factory import write_sample

NAME = SampleName("train", 3, "HighKick", 848)


def test_a_sample_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = write_sample(tmp_path)
    sample = read_sample(tmp_path, NAME)
    for values, file in ((sample.emg, "emgvalues"), (sample.poses, "pose"), (sample.betas, "betas")):
        assert values.dtype == np.float64 and np.array_equal(values, np.load(folder / f"{file}.npy"))
    assert NAME.path == "train/Subject3/HighKick/848" and SampleName.parse(NAME.path) == NAME


def test_lists_are_read_with_the_folder_of_the_dataset_or_without(tmp_path: Path) -> None:
    (tmp_path / "val.txt").write_text(
        "MIADatasetOfficial/val/Subject0/Running/5119\n\nval/Subject4/JumpingJack/124\r\nval/Subject4/JumpingJack/124\n"
    )
    names, refused = read_list(tmp_path / "val.txt")
    assert names == [SampleName("val", 0, "Running", 5119), SampleName("val", 4, "JumpingJack", 124)] and not refused


@pytest.mark.parametrize(
    "line",
    [
        "train/Subject3/../848",
        "../../etc/passwd",
        "train/Subject3/High Kick/848",
        "test/Subject3/HighKick/848",
        "train/Me/HighKick/848",
        "train/Subject3/HighKick/848/pose.npy",
        "train/Subject٣/HighKick/848",
    ],
)
def test_a_name_that_is_none_never_becomes_a_path(line: str, tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_text(f"{line}\n{NAME.path}\n")
    names, [refused] = read_list(tmp_path / "train.txt")
    assert names == [NAME] and refused.name == line and refused.error.reason is Reason.FIELD_VALUE


def test_a_name_that_was_made_past_the_check_is_refused_before_its_folder_is_opened(tmp_path: Path) -> None:
    write_sample(tmp_path / "inside", "train/Subject3/HighKick/848")
    write_sample(tmp_path, "secret/Subject3/HighKick/848")
    with pytest.raises(StageError, match="no sample of MIA"):
        read_sample(tmp_path / "inside", SampleName("../secret", 3, "HighKick", 848))


def test_samples_are_found_and_other_folders_named(tmp_path: Path) -> None:
    for path in ("val/Subject1/Squat/7", NAME.path, "train/Subject0/Squat/12", "train/Me/Squat/1"):
        write_sample(tmp_path, path)
    names, [refused] = find_samples(tmp_path)
    assert [name.path for name in names] == ["train/Subject0/Squat/12", NAME.path, "val/Subject1/Squat/7"]
    assert refused.name == "train/Me/Squat/1"
    with pytest.raises(StageError) as caught:
        find_samples(tmp_path / "train")
    assert caught.value.reason is Reason.FILE_MISSING and caught.value.remedy


def nan_in(values: np.ndarray) -> np.ndarray:
    values[7, 2] = np.nan
    return values


@pytest.mark.parametrize(
    ("file", "make", "reason", "says"),
    [
        ("emgvalues", lambda: np.ones((8, 30)), Reason.FIELD_SHAPE, r"\(8, 30\), must be \(30, 8\)"),
        ("pose", lambda: np.ones((30, 24, 3)), Reason.FIELD_SHAPE, r"\(30, 24, 3\), must be \(30, 72\)"),
        ("betas", lambda: nan_in(np.ones((30, 10))), Reason.NOT_FINITE, "frame 7"),
        ("emgvalues", lambda: np.full((30, 8), -1.0), Reason.FIELD_VALUE, "240 values are negative"),
        ("emgvalues", lambda: np.ones((30, 8), dtype=complex), Reason.FIELD_VALUE, "complex128, must be numbers"),
        ("betas", lambda: np.full((30, 10), "a"), Reason.FIELD_VALUE, "must be numbers"),
        ("betas", lambda: np.ones((3000, 10)), Reason.FIELD_SHAPE, "more than 65536 bytes"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_by_name(
    file: str, make: Callable[[], np.ndarray], reason: Reason, says: str, tmp_path: Path
) -> None:
    write_sample(tmp_path, **{file: make()})
    with pytest.raises(StageError, match=f"{file}.npy.*{says}") as caught:
        read_sample(tmp_path, NAME)
    assert caught.value.reason is reason


class Trap:
    """Says so when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("a pickle was loaded",))


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    folder = write_sample(tmp_path)
    np.save(folder / "pose.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(StageError, match=r"pose.npy.*object") as caught:
        read_sample(tmp_path, NAME)
    assert "never loaded" in caught.value.remedy


def test_a_header_that_promises_more_than_is_there_is_refused(tmp_path: Path) -> None:
    path = write_sample(tmp_path) / "pose.npy"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(StageError) as caught:
        read_sample(tmp_path, NAME)
    assert caught.value.reason is Reason.FILE_CORRUPT
    path.write_bytes(b"no array")
    with pytest.raises(StageError, match="no array"):
        read_sample(tmp_path, NAME)


def test_what_is_refused_stops_none_of_the_others(tmp_path: Path) -> None:
    names = [SampleName("train", k, "Squat", k) for k in range(4)]
    for name in names:
        write_sample(tmp_path, name.path, seed=name.subject)
    (tmp_path / names[1].path / "betas.npy").unlink()
    np.save(tmp_path / names[2].path / "emgvalues.npy", np.ones((29, 8)))
    refused: list[Refused] = []
    assert [sample.name for sample in read_samples(tmp_path, names, refused)] == [names[0], names[3]]
    assert [(each.name, each.error.reason) for each in refused] == [
        (names[1].path, Reason.FILE_MISSING),
        (names[2].path, Reason.FIELD_SHAPE),
    ]
