"""What is wrong is said with the file, what is there, and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mint.dataset.quality_schema import SEQUENCES
from mint.reader import MintReader
from tests.reader.written import Written

FILE = "KIT/KIT/s1/walk_poses/muscle_activations.parquet"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Written(tmp_path / "dataset").add("walk", range(7, 147)).add("run", range(7, 90)).reader().root


Ask = Callable[[MintReader], Any]


@pytest.mark.parametrize(
    ("ask", "kind", "words"),
    [
        (lambda r: r.read("wlak", "grf"), KeyError, ["wlak", "sequences.parquet", "walk"]),
        (lambda r: r.read("walk", "forces"), KeyError, ["forces", "walk_poses", "muscle_activations"]),
        (lambda r: r.read("walk", "grf", ["copp"]), KeyError, ["grf.parquet", "copp", "cop, contact_right"]),
        (lambda r: r.windows(0.5, 50, columns=["wav"])[0], KeyError, ["muscle_activations.parquet", "wav", "wave"]),
        (lambda r: r.windows(0.5, 50, tables=("grf", "muscle_activations"), columns=["cop"]), ValueError, ["mapping"]),
        (lambda r: r.windows(0.5, 50, columns="wave"), ValueError, ["list"]),
        (lambda r: r.windows(0.5, 50, columns={"grf": ["cop"]}), ValueError, ["grf", "muscle_activations"]),
        (lambda r: r.windows(0.5, 50, tables="mask")[0], ValueError, ["mask", "present"]),
        (lambda r: r.windows(0.001, 50), ValueError, ["0 samples"]),
        (lambda r: r.windows(0.5, 50, stride_s=0.001), ValueError, ["stride", "1/50"]),
        (lambda r: r.windows(0.5, 50, min_coverage=0), ValueError, ["min_coverage"]),
        (lambda r: r.windows(0.5, 50, sequences=[True]), ValueError, ["mask of 1", "2 sequences"]),
        (lambda r: r.windows(0.5, 50, sequences=["wlk"]), KeyError, ["wlk"]),
        (lambda r: r.select(split="vall"), ValueError, ["split", "vall", "train"]),
        (lambda r: r.quality(), KeyError, ["quality_sequences", "intervals, sequences"]),
        (lambda r: r.labels(), KeyError, ["labels"]),
        (lambda r: r.read("walk", "grf", time_window=(1.0, 0.5)), ValueError, ["time_window"]),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_there(folder: Path, ask: Ask, kind: type, words: list[str]) -> None:
    with pytest.raises(kind) as caught:
        ask(MintReader(folder))
    for word in words:
        assert word in str(caught.value), word


def broken(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def of_another_sequence(path: Path) -> None:
    shutil.copy(path.parents[1] / "run_poses" / path.name, path)


def shifted(path: Path) -> None:
    shutil.rmtree(path.parent)
    Written(path.parents[4]).add("walk", range(8, 148))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (broken, ["muscle_activations.parquet", "not a Parquet file", "copy it again"]),
        (of_another_sequence, ["muscle_activations.parquet", "83 rows", "140 frames", "copy it again"]),
        (shifted, ["muscle_activations.parquet", "frame 8 in row 0", "has 7", "copy it again"]),
        (lambda path: shutil.rmtree(path.parent), ["walk_poses", "sequences.parquet lists it", "copy it again"]),
    ],
)
def test_a_damaged_file_is_named_with_its_remedy(
    folder: Path, damage: Callable[[Path], None], words: list[str]
) -> None:
    damage(folder / FILE)
    reader = MintReader(folder)
    for ask in (
        lambda: reader.read("walk", "muscle_activations"),
        lambda: reader.windows(0.5, 50, sequences="walk")[0],
    ):
        with pytest.raises(ValueError) as caught:
            ask()
        for word in words:
            assert word in str(caught.value), word


def test_a_folder_that_is_no_dataset_says_where_one_is(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no sequences.parquet and no intervals.parquet: give .*dataset"):
        MintReader(folder.parent)
    with pytest.raises(ValueError, match="folder `dataset` of the results, or that of a release"):
        MintReader(tmp_path / "nowhere")


def test_tables_that_disagree_are_noticed_at_once(folder: Path, tmp_path: Path) -> None:
    other = Written(tmp_path / "other").add("walk", range(7, 146)).add("run", range(7, 90)).reader().root
    shutil.copy(other / "intervals.parquet", folder / "intervals.parquet")
    with pytest.raises(ValueError, match="differ about walk"):
        MintReader(folder)


@pytest.mark.parametrize(
    ("question", "kind", "word"),
    [
        ("duration < 20", KeyError, "duration_s"),
        ("duration_s <", ValueError, "no question"),
        ("duration_s + 1", ValueError, "yes or no"),
    ],
)
def test_a_question_about_quality_that_cannot_be_answered_is_named(
    folder: Path, question: str, kind: type, word: str
) -> None:
    SEQUENCES.write([], folder)
    with pytest.raises(kind) as caught:
        MintReader(folder).select(quality=question)
    assert word in str(caught.value) and "quality_sequences.parquet" in str(caught.value)


@pytest.mark.parametrize("data_path", ["../outside", "KIT/../../outside", "/etc"])
def test_a_data_path_that_leads_out_of_the_dataset_is_refused(tmp_path: Path, data_path: str) -> None:
    written = Written(tmp_path / "dataset").add("walk", range(7, 90))
    written.rows[0]["data_path"] = data_path
    with pytest.raises(ValueError, match=f"data_path '{data_path}' of walk leads out of the dataset"):
        written.reader(cache_folder=tmp_path / "cache")
