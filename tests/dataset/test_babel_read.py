"""Label files of BABEL are read in both spellings, and what is wrong in them costs only itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mint.config.project import ProjectConfig
from mint.dataset import babel
from mint.dataset.babel import label_files, read_babel


def label(word: str, *categories: str, **times: float) -> dict[str, Any]:
    return {
        "raw_label": f"{word}s",
        "proc_label": word,
        "seg_id": f"seg-{word}",
        "act_cat": list(categories or (word,)),
        **times,
    }


def annotation(*labels: dict[str, Any]) -> dict[str, Any]:
    return {"babel_lid": "l", "anntr_id": "a", "mul_act": len(labels) > 1, "labels": list(labels)}


def record(
    sid: int, feat_p: str = "KIT/KIT/3/kick01_poses.npz", dur: float = 4.0, **annotations: Any
) -> dict[str, Any]:
    return {"babel_sid": sid, "url": "", "feat_p": feat_p, "dur": dur, **annotations}


def files(folder: Path, **contents: Any) -> list[Path]:
    """A file for each keyword; records by their number, or text as it is."""
    for name, content in contents.items():
        data = content if isinstance(content, str) else json.dumps({str(each["babel_sid"]): each for each in content})
        (folder / f"{name}.json").write_text(data, encoding="utf-8")
    return [folder / f"{name}.json" for name in contents]


def words(entry: babel.Entry) -> list[tuple[str, int, str | None, float, float]]:
    return [(each.level, each.annotation, each.proc_label, each.t_start_s, each.t_end_s) for each in entry.labels]


SINGULAR = {
    "seq_ann": annotation(label("kick")),
    "frame_ann": annotation(
        label("stand", start_t=0, end_t=1.5), label("kick", "kick", "leg movements", start_t=1.5, end_t=4)
    ),
}
EXPECTED = [("sequence", 0, "kick", 0.0, 4.0), ("frame", 0, "stand", 0.0, 1.5), ("frame", 0, "kick", 1.5, 4.0)]


@pytest.mark.parametrize(
    "annotations",
    [
        SINGULAR,
        {"seq_anns": [SINGULAR["seq_ann"]], "frame_anns": [SINGULAR["frame_ann"]]},
        {"seq_ann": SINGULAR["seq_ann"], "frame_anns": [SINGULAR["frame_ann"]]},
        {"seq_ann": [SINGULAR["seq_ann"]], "frame_anns": SINGULAR["frame_ann"]},
        {"seq_ann": None, "seq_anns": [SINGULAR["seq_ann"]], "frame_ann": SINGULAR["frame_ann"], "frame_anns": None},
    ],
)
def test_both_spellings_give_the_same_labels(tmp_path: Path, annotations: dict[str, Any]) -> None:
    read = read_babel(files(tmp_path, train=[record(7, **annotations)]))
    assert words(read.entries[7]) == EXPECTED
    assert read.entries[7].labels[2].act_cat == ("kick", "leg movements")
    assert read.warnings == []


def test_annotators_are_counted_over_all_files_of_a_split(tmp_path: Path) -> None:
    second = record(7, seq_anns=[annotation(label("punch")), annotation(label("hit"), label("fight"))], frame_anns=[])
    read = read_babel(
        files(tmp_path, extra_train=[second], train=[record(7, seq_ann=annotation(label("kick")), frame_ann=None)])
    )
    assert [(each.annotation, each.position, each.proc_label) for each in read.entries[7].labels] == [
        (0, 0, "kick"),
        (1, 0, "punch"),
        (2, 0, "hit"),
        (2, 1, "fight"),
    ]
    assert read.entries[7].split == "train"


@pytest.mark.parametrize(
    "annotations",
    [
        {"seq_ann": None, "frame_ann": None},
        {},
        {"seq_anns": [], "frame_anns": [None]},
        {"seq_ann": {"labels": None}, "frame_ann": {}},
    ],
)
def test_sequence_without_annotations_is_known_all_the_same(tmp_path: Path, annotations: dict[str, Any]) -> None:
    read = read_babel(files(tmp_path, val=[record(7, **annotations)]))
    assert (read.entries[7].split, read.entries[7].labels, read.warnings) == ("val", [], [])


def test_labels_of_the_test_split_have_times_but_no_words(tmp_path: Path) -> None:
    hidden = {"raw_label": None, "proc_label": float("nan"), "seg_id": "x", "act_cat": None, "start_t": 1, "end_t": 2}
    read = read_babel(files(tmp_path, test=[record(7, seq_ann=None, frame_ann=annotation(hidden))]))
    [only] = read.entries[7].labels
    assert (only.raw_label, only.proc_label, only.act_cat, only.t_start_s, only.t_end_s) == (None, None, (), 1.0, 2.0)
    assert read.warnings == []


def test_splits_are_those_of_the_files_names(tmp_path: Path) -> None:
    names = {"test": 3, "extra_val": 5, "train": 1, "val": 2, "extra_train": 4}
    read = read_babel(
        files(tmp_path, **{name: [record(sid, f"KIT/KIT/3/m{sid}_poses.npz")] for name, sid in names.items()})
    )
    assert {sid: entry.split for sid, entry in read.entries.items()} == {
        1: "train",
        2: "val",
        3: "test",
        4: "train",
        5: "val",
    }
    assert read.files == ["train.json", "val.json", "test.json", "extra_train.json", "extra_val.json"]


def test_sequence_in_two_splits_stays_in_the_first_and_is_warned_of(tmp_path: Path) -> None:
    read = read_babel(
        files(
            tmp_path,
            val=[record(7, seq_ann=annotation(label("walk")))],
            train=[record(7, seq_ann=annotation(label("kick")))],
        )
    )
    assert read.entries[7].split == "train" and [each.proc_label for each in read.entries[7].labels] == ["kick"]
    assert (
        len(read.warnings) == 1 and "val.json, babel_sid 7, split" in read.warnings[0] and "train" in read.warnings[0]
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [("{", "Expecting"), ("", "Expecting"), ("[]", "list"), ("null", "NoneType"), ("[" * 100_000, "recursion")],
)
def test_corrupt_file_costs_only_itself(tmp_path: Path, text: str, why: str) -> None:
    read = read_babel(files(tmp_path, train=text, val=[record(7)]))
    assert list(read.entries) == [7]
    assert len(read.warnings) == 1 and read.warnings[0].startswith("train.json: ") and why in read.warnings[0]
    assert "download" in read.warnings[0]


def test_file_that_is_missing_no_text_or_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "val.json").write_bytes(b"\xff\xfe{}")
    (tmp_path / "test.json").write_text(json.dumps({"1": record(1)}))
    monkeypatch.setattr(babel, "MAX_BYTES", 50)
    read = read_babel([tmp_path / "train.json", tmp_path / "val.json", tmp_path / "test.json"])
    assert read.entries == {}
    assert [warning.split(":")[0] for warning in read.warnings] == ["train.json", "val.json", "test.json"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"babel_sid": "seven"}, "babel_sid"),
        ({"babel_sid": -3}, "babel_sid"),
        ({"babel_sid": 10**30}, "babel_sid"),
        ({"feat_p": None}, "feat_p"),
        ({"feat_p": ""}, "feat_p"),
        ({"feat_p": "KIT/\ud800"}, "feat_p"),
        ({"dur": None}, "dur"),
        ({"dur": -1}, "dur"),
        ({"dur": float("inf")}, "dur"),
        ({"dur": [1]}, "dur"),
    ],
)
def test_bad_record_is_left_out_and_named(tmp_path: Path, change: dict[str, Any], field: str) -> None:
    text = json.dumps({"7": {**record(7), **change}, "8": record(8)})
    read = read_babel(files(tmp_path, train=text))
    assert list(read.entries) == [8]
    assert len(read.warnings) == 1
    assert read.warnings[0].startswith(f"train.json, babel_sid 7, {field}: the record is left out")


def test_record_that_is_no_mapping_is_left_out(tmp_path: Path) -> None:
    read = read_babel(files(tmp_path, train=json.dumps({"7": [1], "8": None, "9": record(9)})))
    assert list(read.entries) == [9] and len(read.warnings) == 2


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"start_t": 3, "end_t": 2}, "end_t 2.0 s is before start_t 3.0 s"),
        ({"start_t": -1, "end_t": 2}, "start_t"),
        ({"end_t": 2}, "start_t"),
        ({"start_t": 0, "end_t": float("nan")}, "end_t"),
        ({"start_t": 0, "end_t": 1, "act_cat": "walk"}, "act_cat"),
        ({"start_t": 0, "end_t": 1, "raw_label": 5}, "raw_label"),
        ({"start_t": 0, "end_t": 1, "proc_label": "x" * 5000}, "proc_label"),
        ({"start_t": 0, "end_t": 1, "raw_label": "\udfff"}, "raw_label"),
    ],
)
def test_bad_label_costs_only_itself(tmp_path: Path, bad: dict[str, Any], field: str) -> None:
    given = record(
        7,
        seq_ann=annotation(label("kick")),
        frame_ann=annotation({**label("walk"), **bad}, label("stand", start_t=1, end_t=2)),
    )
    read = read_babel(files(tmp_path, train=[given]))
    assert [each.proc_label for each in read.entries[7].labels] == ["kick", "stand"]
    assert len(read.warnings) == 1 and field in read.warnings[0]
    assert "babel_sid 7, frame_ann.labels.0" in read.warnings[0]


def test_annotation_of_a_wrong_type_costs_only_itself(tmp_path: Path) -> None:
    given = record(7, seq_ann="kick", frame_anns=[3, annotation("stand", label("walk", start_t=0, end_t=1))])
    read = read_babel(files(tmp_path, train=[given]))
    assert [each.proc_label for each in read.entries[7].labels] == ["walk"]
    assert len(read.warnings) == 3


def test_number_of_the_record_counts_where_its_key_differs(tmp_path: Path) -> None:
    read = read_babel(files(tmp_path, train=json.dumps({"7": record(70)})))
    assert list(read.entries) == [70] and "says 70" in read.warnings[0]


def test_two_motions_under_one_number_are_not_mixed(tmp_path: Path) -> None:
    other = record(7, "KIT/KIT/4/run_poses.npz", seq_anns=[annotation(label("run"))])
    read = read_babel(files(tmp_path, train=[record(7, seq_ann=annotation(label("kick")))], extra_train=[other]))
    assert [each.proc_label for each in read.entries[7].labels] == ["kick"]
    assert "feat_p" in read.warnings[0]


def test_without_files_babel_is_empty() -> None:
    read = read_babel([])
    assert (read.entries, read.files, read.warnings) == ({}, [], [])


OWN = {"a": {"path": "data/KIT/3/a_poses.npz"}}


def project(folder: str) -> ProjectConfig:
    return ProjectConfig.model_validate({"results": "out", "babel": {"folder": folder}})


def test_files_of_a_folder_are_those_that_exist(tmp_path: Path) -> None:
    files(tmp_path, val=[], train=[], notes="{}")
    assert label_files(project(str(tmp_path)), OWN) == [str(tmp_path / "train.json"), str(tmp_path / "val.json")]


def test_folder_without_label_files_ends_before_any_job(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"babel\.folder: .*gone has none of train\.json"):
        label_files(project(str(tmp_path / "gone")), OWN)
    (tmp_path / "babel_v1.0_release").mkdir()
    files(tmp_path / "babel_v1.0_release", train=[])
    with pytest.raises(ValueError, match=r"did you mean .*babel_v1\.0_release\?"):
        label_files(project(str(tmp_path)), OWN)


def test_embedded_labels_are_for_embedded_motions_only() -> None:
    embedded = {"b": {"path": "out/inputs/amass/MintDemo/demo_f/walk_poses.npz"}}
    assert "out/inputs/babel/train.json" in label_files(project("embedded"), {**OWN, **embedded})
    assert label_files(project("embedded"), OWN) == []
    assert label_files(project(""), embedded) == []
