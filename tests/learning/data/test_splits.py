"""Splits keep recordings, people and motions apart."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from mint.core.status import StageError
from mint.learning.data.grid import Ints
from mint.learning.data.recording import Recording
from mint.learning.data.splits import automatic, motion_of, split
from mint.learning.data.windows import Track, windows_of
from tests.learning.data.made import recording


def random_set(seed: int) -> list[Recording]:
    random = np.random.default_rng(seed)
    people = [f"{dataset}/{i}" for dataset in ("KIT", "Lab") for i in range(random.integers(2, 15))]
    out = []
    for i in range(int(random.integers(len(people), 4 * len(people)))):
        # Everybody is there; the same numbers of subjects occur in both datasets.
        person = people[i] if i < len(people) else people[random.integers(len(people))]
        motion = f"motion{random.integers(12)}"
        out.append(recording(f"r{i}", person, f"X/{person}/{motion}_poses", split=("train", "val", "test", "")[i % 4]))
    return out


@pytest.mark.parametrize("how", ["babel", "people", "motions", "auto"])
@pytest.mark.parametrize("seed", range(40))
def test_every_recording_is_in_one_split_and_no_split_is_empty(how: str, seed: int) -> None:
    recordings = random_set(seed)
    found = split(recordings, how, seed)
    assert list(found) == [each.name for each in recordings]
    assert {"train", "val", "test"} <= set(found.values()) <= {"train", "val", "test", "out"}


@pytest.mark.parametrize(("how", "key"), [("people", lambda each: each.person), ("motions", motion_of)])
@pytest.mark.parametrize("seed", range(40))
def test_no_person_and_no_motion_is_in_two_splits(how: str, key: object, seed: int) -> None:
    recordings = random_set(seed)
    found = split(recordings, how, seed)
    where: dict[str, set[str]] = {}
    for each in recordings:
        where.setdefault(key(each), set()).add(found[each.name])  # type: ignore[operator]
    assert all(len(splits) == 1 for splits in where.values())


@pytest.mark.parametrize("seed", range(10))
def test_no_window_of_a_person_is_in_two_splits(seed: int) -> None:
    recordings = random_set(seed)
    found = split(recordings, "people", seed)
    person = {each.name: each.person for each in recordings}
    stretch: Ints = np.zeros(90, np.int64)
    tracks = [
        Track(each.name, 0, np.zeros((90, 1), np.float32), np.zeros((90, 1), np.float32), stretch)
        for each in recordings
    ]
    seen = {}
    for name in ("train", "val", "test"):
        windows = windows_of(name, [each for each in tracks if found[each.name] == name])
        seen[name] = {person[windows.names[i]] for i in windows.sequence}
    assert all(seen.values()) and set().union(*seen.values()) == set(person.values())
    assert not (seen["train"] & seen["val"] or seen["train"] & seen["test"] or seen["val"] & seen["test"])


def test_people_are_left_out_in_the_order_of_the_hash_of_seed_and_name() -> None:
    people = [f"KIT/{i}" for i in range(20)]
    recordings = [recording(f"r{i}", person) for i, person in enumerate(people)]
    order = sorted(people, key=lambda name: hashlib.sha256(f"7\n{name}".encode()).hexdigest())
    found = split(recordings, "people", 7)
    by_person = {each.person: found[each.name] for each in recordings}
    assert [by_person[name] for name in order] == ["test"] * 5 + ["val"] * 3 + ["train"] * 12
    assert split(recordings[::-1], "people", 7) == found, "the order of recordings does not count"
    assert split(recordings, "people", 8) != found


def test_who_is_left_out_does_not_depend_on_how_many_recordings_somebody_has() -> None:
    few = [recording(f"r{i}", f"KIT/{i}") for i in range(9)]
    many = [*few, *(recording(f"more{i}", "KIT/4") for i in range(50))]
    assert {name: of for name, of in split(many, "people").items() if name in split(few, "people")} == split(
        few, "people"
    )


@pytest.mark.parametrize("count", [3, 4, 5, 100])
def test_shares_are_met_with_at_least_one_of_each(count: int) -> None:
    found = list(split([recording(f"r{i}", f"KIT/{i}") for i in range(count)], "people").values())
    assert found.count("test") == max(1, round(0.25 * count)) and found.count("val") == max(1, round(0.15 * count))
    assert found.count("train") == count - found.count("test") - found.count("val") >= 1


def test_the_split_of_the_dataset_is_taken_as_it_is() -> None:
    recordings = [
        recording("a", split="train"),
        recording("b", split="val"),
        recording("c", split="test"),
        recording("d"),
    ]
    assert (
        split(recordings, "babel") == {"a": "train", "b": "val", "c": "test", "d": "out"} == split(recordings, "auto")
    )


def test_automatic_takes_babel_then_people_then_motions() -> None:
    three = [recording(f"r{i}", f"KIT/{i}", f"KIT/KIT/{i}/m{i}_poses", split="train") for i in range(3)]
    assert automatic(three) == "people"
    two = [recording(f"r{i}", f"KIT/{i % 2}", f"KIT/KIT/{i % 2}/m{i}_poses", split="train") for i in range(4)]
    assert automatic(two) == "motions" and len(set(split(two).values())) == 3
    assert automatic([*three, recording("v", split="val"), recording("t", split="test")]) == "babel"


@pytest.mark.parametrize(
    ("how", "found"), [("people", "2 people"), ("motions", "2 motions"), ("babel", "val, test without")]
)
def test_a_split_that_cannot_be_says_what_is_there(how: str, found: str) -> None:
    recordings = [recording(f"r{i}", f"KIT/{i}", f"KIT/KIT/{i}/m{i}_poses", split="train") for i in range(2)]
    with pytest.raises(StageError, match=found) as raised:
        split(recordings, how)
    assert raised.value.remedy


def test_shares_that_leave_nobody_to_train_are_refused() -> None:
    with pytest.raises(StageError, match=r"leaves train without a recording \(train 0, val 3, test 6, out 0\)"):
        split([recording(f"r{i}", f"KIT/{i}") for i in range(9)], "people", val=0.34, test=0.66)


def test_a_recording_that_is_there_twice_and_an_unknown_split_are_refused() -> None:
    with pytest.raises(StageError, match="r0 is there more than once"):
        split([recording("r0"), recording("r0")], "people")
    with pytest.raises(StageError, match="'peple' is none of auto, babel"):
        split([recording("r0")], "peple")
    with pytest.raises(StageError, match="no folder"):
        split([recording("r0")], "humanml3d")


@pytest.mark.parametrize(
    ("person", "file", "motion"),
    [
        ("KIT/3", "kick_high_left02_poses", "kick_high_left02"),
        ("BMLmovi/Subject_45_F_MoSh", "Subject_45_F_20_poses", "20"),
        ("Eyes_Japan_Dataset/kudo", "greeting-04-salute-kudo_poses", "greeting_04_salute"),
        ("MPI_HDM05/mm", "HDM_mm_03-02_02_poses", "hdm_03_02_02"),
        ("MintLearn/body01", "walk_poses", "walk"),
        ("Lab/walk", "walk_poses", "walk"),
        ("TotalCapture/s1", "acting2_poses", "acting2"),
        ("Lab/3", "3_poses", "3"),
        ("Lab/3", "step_3_poses", "step_3"),
    ],
)
def test_the_name_of_a_motion_has_no_person_in_it(person: str, file: str, motion: str) -> None:
    assert motion_of(recording("r", person, f"X/{person}/{file}")) == motion


HUMANML3D = """source_path,start_frame,end_frame,new_name
./pose_data/KIT/3/kick_high_left02_poses.npy,0,117,000000.npy
./pose_data/KIT/3/kick_high_left02_poses.npy,117,200,000001.npy
./pose_data/BioMotionLab_NTroje/rub001/0005_normal walk3_poses.npy,0,81,010203.npy
./pose_data/Eyes_Japan_Dataset/kudo/greeting-04-salute (head)-kudo_poses.npy,0,200,006785.npy
./pose_data/KIT/3/turn_poses.npy,0,80,M000009.npy
./pose_data/KIT/4/turn_poses.npy,0,80,000010.npy
"""


def lists(
    folder: Path, val: str = "000009\nM010203\n", test: str = "M000001\n", index: str = "humanml3d_index.csv"
) -> Path:
    for name, text in {
        index: HUMANML3D,
        "train.txt": "000000\nM000000\n006785\n",
        "val.txt": val,
        "test.txt": test,
    }.items():
        (folder / name).write_text(text)
    return folder


AMASS = [
    recording("kick", "KIT/3", "KIT/KIT/3/kick_high_left02_poses"),
    recording("walk", "BioMotionLab_NTroje/rub001", "BMLrub/BioMotionLab_NTroje/rub001/0005_normal_walk3_poses"),
    recording(
        "salute",
        "Eyes_Japan_Dataset/kudo",
        "EyesJapanDataset/Eyes_Japan_Dataset/kudo/greeting-04-salute_head_-kudo_poses",
    ),
    recording("turn", "KIT/KIT-3", "KIT/KIT/KIT-3/turn_poses"),
    recording("other", "KIT/4", "KIT/KIT/4/turn_poses"),
    recording("unlisted", "KIT/5", "KIT/KIT/5/turn_poses"),
]


@pytest.mark.parametrize("index", ["humanml3d_index.csv", "index.csv"])
def test_what_humanml3d_validates_or_tests_with_is_not_trained_on(tmp_path: Path, index: str) -> None:
    found = split(AMASS, "humanml3d", lists=lists(tmp_path, index=index))
    assert found == {
        "kick": "test",
        "walk": "val",
        "salute": "train",
        "turn": "val",
        "other": "train",
        "unlisted": "train",
    }


def test_a_recording_with_motions_in_both_lists_tests(tmp_path: Path) -> None:
    found = split(AMASS, "humanml3d", lists=lists(tmp_path, val="000000\n000010\n", test="000001\n"))
    assert found["kick"] == "test" and found["other"] == "val"


@pytest.mark.parametrize("missing", ["humanml3d_index.csv", "val.txt", "test.txt"])
def test_a_missing_or_empty_list_is_named_with_what_to_do(tmp_path: Path, missing: str) -> None:
    (lists(tmp_path) / missing).unlink()
    with pytest.raises(StageError, match=missing.removeprefix("humanml3d_")) as raised:
        split(AMASS, "humanml3d", lists=tmp_path)
    assert "index.csv" in raised.value.remedy
    (tmp_path / missing).write_text("\n")
    with pytest.raises(StageError, match=missing):
        split(AMASS, "humanml3d", lists=tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00index", b"a,b\n1,2\n", b"source_path,new_name\n"])
def test_a_damaged_index_or_one_of_other_recordings_is_named(tmp_path: Path, content: bytes) -> None:
    (lists(tmp_path) / "humanml3d_index.csv").write_bytes(content)
    with pytest.raises(StageError, match="index"):
        split(AMASS, "humanml3d", lists=tmp_path)
