"""MinT as published, and as musint opens it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from musint.datasets.mint_dataset import MintDataset

from mint.core.chunks import time_s
from mint.core.status import Reason, StageError
from mint.core.tables import mint_columns
from mint.dataset.babel import Entry
from mint.dataset.babel_record import FRAME, SEQUENCE, label_of
from mint.learning.data.grid import on_grid
from mint.learning.data.metadata import read_metadata, safe_names
from mint.learning.data.published import PublishedSource
from mint.learning.data.recording import Label
from mint.learning.data.sources import open_source
from tests.learning.data.made import METADATA, Sequenced, chunk, table, truth, write_published

WALK = Sequenced("KIT/KIT/3/walk_poses", np.concatenate([chunk(0), chunk(2)]), babel_sid=7)
JUMP = Sequenced("BMLrub/BioMotionLab_NTroje/rub001/0005_jump_poses", chunk(0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_published(tmp_path, [WALK, JUMP])


def test_what_is_read_is_what_musint_reads(folder: Path) -> None:
    source = open_source(folder)
    theirs = MintDataset(str(folder))
    assert isinstance(source, PublishedSource) and len(source.recordings()) == len(theirs) == 2
    for recording in source.recordings():
        sample = theirs.by_path(recording.data_path)
        times, values = source.activations(recording.name)
        assert np.array_equal(times, sample.muscle_activations.index)
        assert np.array_equal(values, sample.muscle_activations.to_numpy().astype(np.float32))
        assert list(sample.muscle_activations.columns) == list(source.muscles)
        assert recording.person == f"{sample.dataset}/{sample.subject}" and recording.gender == sample.gender
        assert recording.mass_kg == sample.weight and recording.height_m == pytest.approx(sample.height / 100)


def test_samples_are_those_that_musint_gives_where_they_fall_on_frames(folder: Path) -> None:
    name = next(each.name for each in open_source(folder).recordings() if each.data_path == WALK.data_path)
    first, values, _ = on_grid(*open_source(folder).activations(name))
    theirs = (
        MintDataset(str(folder))
        .by_path(WALK.data_path)
        .get_muscle_activations((0.2, 1.4), target_frame_count=13, as_numpy=True)
    )
    assert np.array_equal(values[4 - first : 29 - first : 2], theirs.astype(np.float32))


def test_recordings_are_in_the_order_of_their_paths_with_names_that_are_safe(folder: Path) -> None:
    found = open_source(folder).recordings()
    assert [each.data_path for each in found] == [JUMP.data_path, WALK.data_path]
    assert [each.name for each in found] == ["BMLrub-BioMotionLab_NTroje-rub001-0005_jump", "KIT-KIT-3-walk"]
    assert all(each.split == "" and each.activities == each.actions == () for each in found)


def test_tables_of_sub_datasets_tell_the_same_as_one_of_all(tmp_path: Path) -> None:
    whole, parts = (
        write_published(tmp_path / name, [WALK, JUMP], per_set=name == "parts") for name in ("whole", "parts")
    )
    assert read_metadata(whole) == read_metadata(parts)
    assert len(MintDataset(str(parts))) == 2


def test_a_part_of_the_dataset_is_enough_and_what_is_missing_is_told(folder: Path) -> None:
    (folder / JUMP.data_path / "muscle_activations.pkl").unlink()
    source = PublishedSource(folder)
    assert [each.data_path for each in source.recordings()] == [WALK.data_path] and source.missing == (JUMP.data_path,)
    (folder / WALK.data_path / "muscle_activations.pkl").unlink()
    with pytest.raises(StageError, match="none of 2 sequences") as raised:
        PublishedSource(folder)
    assert "unpack" in raised.value.remedy


def test_parquet_is_read_where_it_lies_beside_the_pickle(folder: Path) -> None:
    place = folder / WALK.data_path
    other = table(WALK, 0.5 * truth(WALK.frames)).reset_index(names="time_s")
    other[["time_s", *reversed(mint_columns())]].to_parquet(place / "muscle_activations.parquet")
    (place / "muscle_activations.pkl").write_bytes(b"no pickle at all")
    times, values = open_source(folder).activations("KIT-KIT-3-walk")
    assert np.array_equal(times, [time_s(int(frame)) for frame in WALK.frames]) and np.array_equal(
        values, 0.5 * truth(WALK.frames)
    )
    (place / "muscle_activations.parquet").write_bytes(b"PAR1")
    with pytest.raises(StageError, match=r"muscle_activations\.parquet"):
        open_source(folder).activations("KIT-KIT-3-walk")


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda frame: frame.iloc[::-1], "time, row 1: .* times increase"),
        (lambda frame: frame.set_axis([math.nan, *frame.index[1:]]), "time, row 0"),
        (lambda frame: frame.set_axis(frame.index + 1e9), "time, row 0"),
        (lambda frame: 100 * frame, "column .*, row .*activations lie in"),
        (lambda frame: frame.replace(frame.iloc[3, 5], math.inf), "column 5, row 3: inf"),
        (lambda frame: frame.iloc[:, 1:], "lacks 1 of 402 columns, the first LU_addbrev_l"),
        (lambda frame: frame.reset_index(drop=True), "numbers its rows"),
    ],
)
def test_what_is_no_activation_over_time_is_named(folder: Path, change: object, finding: str) -> None:
    changed = change(table(WALK))  # type: ignore[operator]
    changed.to_pickle(folder / WALK.data_path / "muscle_activations.pkl")
    with pytest.raises(StageError, match=rf"walk_poses/muscle_activations\.pkl.*{finding}") as raised:
        open_source(folder).activations("KIT-KIT-3-walk")
    assert raised.value.remedy


def test_labels_and_split_of_babel_are_joined_by_number(folder: Path) -> None:
    labels = [
        label_of({"start_t": 1.0, "end_t": 2.0, "act_cat": ["kick", "Turn"]}, FRAME, 0, 0, 4.4),
        label_of({"start_t": 0.0, "end_t": 1.0, "act_cat": ["walk"]}, FRAME, 0, 1, 4.4),
        label_of({"start_t": 0.0, "end_t": 1.0, "act_cat": []}, FRAME, 0, 2, 4.4),
        label_of({"act_cat": ["walk", "no such category"]}, SEQUENCE, 0, 0, 4.4),
    ]
    source = open_source(folder, {7: Entry(7, "val", "KIT/3/walk", 4.4, labels)})
    jump, walk = source.recordings()
    assert (walk.split, walk.actions) == ("val", ("Turn", "kick", "no such category", "walk"))
    assert walk.activities == ("kick", "other", "turn", "walk") and (jump.split, jump.actions) == ("", ())
    assert source.labels(walk.name) == (
        Label(0.0, 1.0, ("walk",), ("walk",)),
        Label(1.0, 2.0, ("kick", "Turn"), ("kick", "turn")),
    )
    assert source.labels(jump.name) == ()


def test_a_table_may_not_lead_out_of_the_dataset(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for path in (
        "../other/KIT/3/walk_poses",
        "/etc",
        "KIT/../../x",
        "KIT\\KIT\\..\\x",
        "KIT//3",
        "",
        ".",
        "KIT/./3",
        "a\x00b",
        "a\nb",
        "--/__",
    ):
        pd.DataFrame([[path, "KIT", "3"]], columns=["data_path", "dataset", "subject"]).to_csv(
            tmp_path / "data/mint_metadata.csv", index=False
        )
        with pytest.raises(StageError, match=r"mint_metadata\.csv"):
            open_source(tmp_path / "data")


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        ({"subject": ""}, "row 2: dataset 'KIT', subject ''"),
        ({"weight_kg": "heavy"}, "row 2, weight_kg: 'heavy' is no number"),
        ({"height_cm": "inf"}, "row 2, height_cm"),
        ({"babel_sid": "1e999"}, "row 2, babel_sid"),
    ],
)
def test_a_cell_that_cannot_be_is_named(tmp_path: Path, row: dict[str, str], finding: str) -> None:
    whole = dict.fromkeys(METADATA, "1") | {"data_path": "KIT/KIT/3/x_poses", "dataset": "KIT"} | row
    pd.DataFrame([whole]).to_csv(tmp_path / "mint_metadata.csv", index=False)
    with pytest.raises(StageError, match=finding):
        read_metadata(tmp_path)


def test_what_is_not_known_of_a_person_is_missing(tmp_path: Path) -> None:
    (tmp_path / "mint_metadata.csv").write_text(
        "data_path,dataset,subject,weight_kg,height_cm,babel_sid\nKIT/KIT/3/x_poses,KIT,3,+nan,,\n"
    )
    entry = read_metadata(tmp_path)[0]
    assert (
        math.isnan(entry.mass_kg) and math.isnan(entry.height_m) and entry.babel_sid == -1 and entry.gender == "neutral"
    )


def test_tables_that_contradict_each_other_or_are_none_are_named(tmp_path: Path) -> None:
    head = "data_path,dataset,subject,gender\n"
    (tmp_path / "a.csv").write_text(head + "KIT/KIT/3/x_poses,KIT,3,male\n")
    (tmp_path / "b.csv").write_text(head + "KIT/KIT/3/x_poses,KIT,3,male\n")
    assert len(read_metadata(tmp_path)) == 1
    (tmp_path / "b.csv").write_text(head + "KIT/KIT/3/x_poses,KIT,4,male\n")
    with pytest.raises(StageError, match=r"b\.csv, row 2.*another row"):
        read_metadata(tmp_path)
    (tmp_path / "b.csv").write_text("time,force\n1,2\n")
    with pytest.raises(StageError, match=r"b\.csv has no column data_path"):
        read_metadata(tmp_path)
    (tmp_path / "b.csv").write_bytes(b"data_path,dataset,subject\n\xff,a,b\n")
    with pytest.raises(StageError, match=r"b\.csv"):
        read_metadata(tmp_path)


def test_a_folder_without_tables_is_named(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"no mint_metadata\.csv") as raised:
        open_source(tmp_path)
    assert raised.value.reason is Reason.FILE_MISSING and "unpacked" in raised.value.remedy


def test_names_stay_different_where_paths_do() -> None:
    paths = [
        "KIT/KIT/3/a_b_poses",
        "KIT/KIT/3/a b_poses",
        "KIT/KIT-3/a_b_poses",
        "kit/kit/3/A_b_poses",
        "KIT/KIT/3/müßig_poses",
    ]
    names = safe_names(paths)
    assert len({name.casefold() for name in names.values()}) == len(paths)
    assert all(name.replace("-", "").replace("_", "").isalnum() and name.isascii() for name in names.values())
