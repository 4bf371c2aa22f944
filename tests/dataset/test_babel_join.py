"""Sequences find their labels by number or by path, in every spelling of AMASS, and nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mint.config.babel import BabelConfig
from mint.core.tables import table
from mint.dataset.babel import Babel, read_babel
from mint.dataset.babel_join import Joined, join, path_key
from mint.dataset.babel_labels import LABELS, activities, groups, label_rows, summary
from tests.dataset.test_babel_read import annotation, files, label, record

RUB = "BMLrub/BioMotionLab_NTroje/rub055/0020_lifting heavy2_poses.npz"


def planned(
    path: str, babel_sid: int = -1, dataset: str = "x", subject: str = "y", kind: str = "poses", duration_s: float = 4.0
) -> dict[str, Any]:
    return {
        "path": path,
        "babel_sid": babel_sid,
        "dataset": dataset,
        "subject": subject,
        "kind": kind,
        "duration_s": duration_s,
    }


def joined(babel: Babel, **sequences: dict[str, Any]) -> dict[str, Joined]:
    return join(babel, sequences, BabelConfig())


@pytest.fixture
def babel(tmp_path: Path) -> Babel:
    kick = record(
        7,
        "KIT/KIT/3/kick_high01_poses.npz",
        seq_ann=annotation(label("kick")),
        frame_ann=annotation(label("stand", start_t=0, end_t=1), label("kick", "kick", "levitate", start_t=1, end_t=4)),
    )
    lift = record(0, RUB, seq_ann=annotation(label("lift", "lift something")), frame_ann=None)
    twice = [record(sid, "CMU/CMU/01/01_09_poses.npz") for sid in (20, 21)]
    return read_babel(files(tmp_path, train=[kick, *twice], val=[lift]))


@pytest.mark.parametrize(
    ("path", "dataset", "subject"),
    [
        ("amass/KIT/KIT/3/kick_high01_poses.npz", "KIT", "3"),
        ("/data/KIT/3/kick_high01_poses.npz", "KIT", "3"),
        ("KIT/3/kick_high01_stageii.npz", "KIT", "3"),
        ("amass\\KIT\\KIT\\3\\Kick High01_poses.npz", "KIT", "3"),
        ("flat/kick_high01_poses.npz", "KIT", "3"),
        ("kick_high01.npz", "kit", "3"),
    ],
)
def test_kit_is_found_by_path(babel: Babel, path: str, dataset: str, subject: str) -> None:
    found = joined(babel, a=planned(path, dataset=dataset, subject=subject))["a"]
    assert (found.babel_sid, found.split, found.found_by, found.warnings) == (7, "train", "path", ())
    assert [each.proc_label for each in found.labels] == ["kick", "stand", "kick"]


@pytest.mark.parametrize(
    "path",
    [
        "BMLrub/BioMotionLab_NTroje/rub055/0020_lifting heavy2_poses.npz",
        "BMLrub/rub055/0020_lifting_heavy2_stageii.npz",
        "BioMotionLab_NTroje/rub055/0020_lifting_heavy2_poses.npz",
    ],
)
def test_bmlrub_is_found_under_both_its_names(babel: Babel, path: str) -> None:
    found = joined(babel, a=planned(path))["a"]
    assert (found.babel_sid, found.split) == (0, "val")


@pytest.mark.parametrize(
    ("in_babel", "in_amass"),
    [
        (
            "EyesJapanDataset/Eyes_Japan_Dataset/aita/gesture_etc-04-set 4-aita_poses.npz",
            "EyesJapanDataset/aita/gesture_etc-04-set_4-aita_stageii.npz",
        ),
        ("ACCAD/ACCAD/Female1General_c3d/A1 -  Stand_poses.npz", "ACCAD/Female1General_c3d/A1_-__Stand_stageii.npz"),
        ("MPIHDM05/MPI_HDM05/dg/HDM_dg_03-11_03_120_poses.npz", "HDM05/dg/HDM_dg_03-11_03_120_stageii.npz"),
        ("MPILimits/MPI_Limits/03101/ulr5_poses.npz", "PosePrior/03101/ulr5_stageii.npz"),
        ("MPImosh/MPI_mosh/50022/misc_poses.npz", "MoSh/50022/misc_stageii.npz"),
        ("Transitionsmocap/Transitions_mocap/mazen_c3d/a_b_poses.npz", "Transitions/mazen_c3d/a_b_stageii.npz"),
        ("TCDhandMocap/TCD_handMocap/ExperimentDatabase/w1_poses.npz", "TCDHands/ExperimentDatabase/w1_stageii.npz"),
        ("SSMsynced/SSM_synced/20160330_03333/x_poses.npz", "SSM/20160330_03333/x_stageii.npz"),
        ("DFaust67/DFaust_67/50002/50002_jump_poses.npz", "DFaust/50002/50002_jump_stageii.npz"),
        (
            "BMLmovi/BMLmovi/Subject_11_F_MoSh/Subject_11_F_21_poses.npz",
            "BMLmovi/Subject_11_F_MoSh/Subject_11_F_21_stageii.npz",
        ),
    ],
)
def test_sets_of_both_releases_of_amass_have_one_key(in_babel: str, in_amass: str) -> None:
    assert path_key(in_babel) == path_key(in_amass) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KIT/KIT/3/walk_1_1_poses.npz", "KIT/KIT/3/walk_11_poses.npz"),
        ("KIT/KIT/3/a_poses.npz", "KIT/KIT/31/a_poses.npz"),
        ("KIT/KIT/3/a_poses.npz", "EKUT/EKUT/3/a_poses.npz"),
        ("ACCAD/ACCAD/s/B1-walk_poses.npz", "ACCAD/ACCAD/s/B1 walk_poses.npz"),
    ],
)
def test_different_recordings_have_different_keys(one: str, other: str) -> None:
    assert path_key(one) != path_key(other)


def test_number_of_the_table_counts_and_zero_is_a_number(babel: Babel) -> None:
    found = joined(
        babel,
        a=planned("own/names/a.npz", 7),
        b=planned("own/names/b.npz", 0),
        c=planned("lab/x/c.trc", 20, kind="markers"),
    )
    assert [(found[name].babel_sid, found[name].found_by) for name in "abc"] == [
        (7, "babel_sid"),
        (0, "babel_sid"),
        (20, "babel_sid"),
    ]
    assert not any(each.warnings for each in found.values())


def test_number_wins_over_the_path_with_a_warning(babel: Babel) -> None:
    found = joined(babel, a=planned(RUB, 7))["a"]
    assert (found.babel_sid, found.split) == (7, "train")
    assert len(found.warnings) == 1 and "babel_sid 7" in found.warnings[0] and RUB in found.warnings[0]


def test_unknown_number_is_kept_without_labels_and_warned_of(babel: Babel) -> None:
    found = joined(babel, a=planned("own/names/a.npz", 999))["a"]
    assert (found.babel_sid, found.split, found.labels) == (999, "", ())
    assert "999 is in none of" in found.warnings[0]


def test_path_that_fits_two_sequences_is_left_unknown(babel: Babel) -> None:
    found = joined(babel, a=planned("CMU/01/01_09_poses.npz"), b=planned("CMU/01/01_09_poses.npz", 21))
    assert (found["a"].babel_sid, found["a"].labels) == (-1, ()) and "20, 21" in found["a"].warnings[0]
    assert found["b"].babel_sid == 21 and found["b"].warnings == ()


def test_sequences_not_in_babel_and_markers_stay_unknown(babel: Babel) -> None:
    found = joined(
        babel,
        a=planned("KIT/KIT/3/walk_poses.npz"),
        b=planned("KIT/KIT/3/kick_high01_poses.npz", kind="markers"),
        c=planned("a.npz"),
    )
    assert set(found.values()) == {Joined()}


def test_one_number_for_two_sequences_is_warned_of(babel: Babel) -> None:
    found = joined(
        babel,
        a=planned("x/y/a.npz", 7),
        b=planned("KIT/KIT/3/kick_high01_poses.npz"),
        c=planned("x/y/c.npz"),
        d=planned("x/y/d.npz"),
    )
    assert "that of b too" in found["a"].warnings[0] and "that of a too" in found["b"].warnings[0]
    assert found["c"].warnings == found["d"].warnings == ()


@pytest.mark.parametrize(
    ("duration_s", "warned"), [(4.0, False), (4.09, False), (4.11, True), (3.3, True), (0.0, False)]
)
def test_duration_that_differs_from_babels_is_warned_of(babel: Babel, duration_s: float, warned: bool) -> None:
    found = joined(babel, a=planned("KIT/3/kick_high01_poses.npz", duration_s=duration_s))["a"]
    assert [("lasts 4.00 s" in warning) for warning in found.warnings] == [True] * warned
    assert found.babel_sid == 7


def test_without_babel_numbers_stay_and_nothing_is_warned_of() -> None:
    found = joined(read_babel([]), a=planned("x/y/a.npz", 5), b=planned("KIT/3/b_poses.npz"))
    assert [found[name].babel_sid for name in "ab"] == [5, -1]
    assert all((each.split, each.labels, each.warnings) == ("", (), ()) for each in found.values())
    assert label_rows(found, {"a": "x/a", "b": "x/b"}) == [] and activities(found["a"]) == []


def test_table_of_labels_has_every_label_of_sequences_with_data(babel: Babel, tmp_path: Path) -> None:
    found = joined(babel, k=planned("KIT/3/kick_high01_poses.npz"), r=planned(RUB), lost=planned("a/b/c.npz", 20))
    rows = label_rows(found, {"r": "BMLrub/r_poses", "k": "KIT/k_poses"})
    LABELS.write(rows, tmp_path)
    read = pd.read_parquet(tmp_path / "labels.parquet")
    assert list(read["sequence_id"]) == ["r", "k", "k", "k"]
    kick = read[read["sequence_id"] == "k"].to_dict("records")
    assert [
        (r["level"], r["t_start_s"], r["t_end_s"], r["raw_label"], list(r["act_cat"]), list(r["group"])) for r in kick
    ] == [
        ("sequence", 0.0, 4.0, "kicks", ["kick"], ["kick"]),
        ("frame", 0.0, 1.0, "stands", ["stand"], ["stand"]),
        ("frame", 1.0, 4.0, "kicks", ["kick", "levitate"], ["kick", "other"]),
    ]
    assert set(read["split"]) == {"train", "val"}
    assert pq.read_schema(tmp_path / "labels.parquet").field("t_end_s").metadata[b"unit"] == b"s"


def test_empty_table_of_labels_can_be_written(tmp_path: Path) -> None:
    LABELS.write([], tmp_path)
    assert list(pd.read_parquet(tmp_path / "labels.parquet").columns) == LABELS.names


def test_categories_are_grouped_in_any_spelling_and_unknown_ones_are_other() -> None:
    assert groups(["interact with/use object", "interact with / use object", "Interact  with / use Object"]) == [
        "use object"
    ]
    assert groups(["jog", "run", "jumping jacks", "hop"]) == ["jump", "run"]
    assert groups(["levitate"]) == ["other"]
    assert groups([]) == []


def test_table_of_groups_lists_every_category_once_in_the_readers_spelling() -> None:
    rows = table("activity_groups")
    assert rows.notna().all(axis=None)
    assert not rows["act_cat"].duplicated().any()
    assert all(groups([category]) == [group] for category, group in zip(rows["act_cat"], rows["group"], strict=True))


def test_every_category_of_the_public_readers_list_is_in_the_table() -> None:
    from musint.datasets.babel_dataset import babel_action_cats_encode

    assert len(babel_action_cats_encode) > 250
    assert set(babel_action_cats_encode) <= set(table("activity_groups")["act_cat"])


def test_summary_counts_what_was_found_and_cuts_long_lists(babel: Babel) -> None:
    babel.warnings += [f"w{i}" for i in range(30)]
    found = joined(babel, a=planned(RUB), b=planned("x/y/z.npz", 7), c=planned("x/y/z.npz", 99), d=planned("q/r/s.npz"))
    lines = summary(babel, found, limit=20)
    assert lines[0] == "BABEL: 4 sequences in train.json, val.json"
    assert lines[1] == "BABEL: 2 of 4 sequences found (1 babel_sid, 1 path; 1 train, 1 val)"
    assert sum(": w" in line for line in lines) == 20 and any("10 warnings more" in line for line in lines)
    assert any("c: babel_sid 99" in line for line in lines)
    assert summary(read_babel([]), found) == ["BABEL: no label files (babel.folder), hence no labels and no splits"]
