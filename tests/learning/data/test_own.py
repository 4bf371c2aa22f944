"""A dataset of this workflow as a source."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mint.core.status import StageError
from mint.core.tables import mint_columns
from mint.learning.data.grid import on_grid
from mint.learning.data.own import OwnSource
from mint.learning.data.recording import Label
from mint.learning.data.sources import open_source
from mint.learning.data.splits import split
from mint.learning.data.windows import Track, windows_of
from tests.learning.data.made import Sequenced, chunk, truth, write_own

WALK = Sequenced("KIT/KIT/3/walk_poses", np.concatenate([chunk(0), chunk(2)]), split="train")
JUMP = Sequenced("Lab/Lab/a/jump_poses", chunk(0), split="val")
LABELS = [
    ("id_3_walk_poses", "frame", 1.0, 2.0, ["kick"], ["kick"]),
    ("id_3_walk_poses", "frame", 0.0, 1.0, ["walk", "march"], ["walk"]),
    ("id_3_walk_poses", "sequence", 0.0, 4.0, ["walk", "turn"], ["walk", "turn"]),
    ("id_3_walk_poses", "frame", 0.0, 1.0, [], []),
]


def test_recordings_have_what_the_dataset_tells(tmp_path: Path) -> None:
    source = open_source(write_own(tmp_path, [JUMP, WALK], LABELS))
    assert isinstance(source, OwnSource) and list(source.muscles) == mint_columns()
    walk, jump = source.recordings()
    assert (walk.name, walk.person, walk.split, walk.gender, walk.mass_kg) == (
        "id_3_walk_poses",
        "KIT/3",
        "train",
        "male",
        80.0,
    )
    assert walk.activities == ("kick", "turn", "walk") and walk.actions == ("kick", "march", "turn", "walk")
    assert math.isnan(walk.height_m) and (jump.split, jump.activities, jump.actions) == ("val", (), ())
    assert source.labels(walk.name) == (
        Label(0.0, 1.0, ("walk", "march"), ("walk",)),
        Label(1.0, 2.0, ("kick",), ("kick",)),
    )
    assert source.labels(jump.name) == ()


def test_activations_are_those_of_the_frames_and_gaps_are_missing_rows(tmp_path: Path) -> None:
    source = open_source(write_own(tmp_path, [WALK]))
    times, values = source.activations("id_3_walk_poses")
    assert np.array_equal(np.rint(50 * times), WALK.frames) and np.array_equal(values, truth(WALK.frames))
    assert values.dtype == np.float32 and times.dtype == np.float64 and source.labels("id_3_walk_poses") == ()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    source = open_source(write_own(tmp_path, [WALK]))
    path = tmp_path / WALK.data_path / "muscle_activations.parquet"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(StageError, match=r"walk_poses/muscle_activations\.parquet") as raised:
        source.activations("id_3_walk_poses")
    assert raised.value.remedy
    path.unlink()
    with pytest.raises(StageError, match="walk_poses"):
        source.activations("id_3_walk_poses")


def test_a_dataset_of_other_muscles_is_refused(tmp_path: Path) -> None:
    write_own(tmp_path, [WALK])
    pd.DataFrame({"mint_column": ["a", "b"], "position": [0, 1]}).to_parquet(tmp_path / "muscles.parquet")
    with pytest.raises(StageError, match=r"muscles\.parquet: 2 columns are not the 402"):
        open_source(tmp_path)


def test_a_dataset_and_its_release_are_read_alike(built: SimpleNamespace) -> None:
    ours, release = open_source(built.dataset), open_source(built.release)
    assert [each.name for each in ours.recordings()] == [each.name for each in release.recordings()]
    assert sorted(each.name for each in ours.recordings()) == ["holes", "whole"]
    for each in ours.recordings():
        (times, values), (again, same) = ours.activations(each.name), release.activations(each.name)
        assert np.array_equal(times, again) and np.array_equal(values, same, equal_nan=True)
        assert np.array_equal(np.rint(50 * times), built.merged[each.name]["frames"])


def test_frames_of_chunks_that_do_not_meet_the_question_are_missing(built: SimpleNamespace) -> None:
    everything, good = open_source(built.dataset), open_source(built.dataset, chunk_quality="faults.str.len() == 0")
    kept, all_ = good.activations("holes")[0], everything.activations("holes")[0]
    assert 0 < len(kept) < len(all_) and np.isin(kept, all_).all()
    chunks = pd.read_parquet(built.dataset / "quality_chunks.parquet")
    wanted = chunks[(chunks["sequence_id"] == "holes") & (chunks["faults"].str.len() == 0)]
    frames = {
        frame
        for a, b in zip(wanted["frame_start"], wanted["frame_stop"], strict=True)
        for frame in range(int(a), int(b))
    }
    assert set(np.rint(50 * kept).astype(int)) == frames & set(np.rint(50 * all_).astype(int))
    with pytest.raises(StageError, match=r"quality_chunks\.parquet has no column fault"):
        open_source(built.dataset, chunk_quality="fault == 1").activations("holes")


def test_from_a_dataset_to_batches(tmp_path: Path) -> None:
    sequences = [
        Sequenced(f"KIT/KIT/{person}/{motion}_poses", chunk(0)) for person in "abcd" for motion in ("walk", "kick")
    ]
    source = open_source(write_own(tmp_path, sequences))
    splits = split(source.recordings())
    shapes = {}
    for name in ("train", "val", "test"):
        tracks = []
        for each in source.recordings():
            if splits[each.name] == name:
                first, activations, stretch = on_grid(*source.activations(each.name))
                tracks.append(Track(each.name, first, np.ones((len(stretch), 5), np.float32), activations, stretch))
        windows = windows_of(name, tracks)
        shapes[name] = tuple(batch.shape for batch in windows.gather(np.arange(len(windows))))
    assert shapes == {
        "train": ((4, 28, 5), (4, 28, 402)),
        "val": ((2, 28, 5), (2, 28, 402)),
        "test": ((2, 28, 5), (2, 28, 402)),
    }
