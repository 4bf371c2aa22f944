"""The labels of the embedded motions are BABEL's format to our reader and to the public one."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from musint.datasets.babel_dataset import BabelDataset

from mint.config.babel import BabelConfig
from mint.config.project import ProjectConfig
from mint.core.tables import table
from mint.dataset.babel import demo_files, read_babel
from mint.dataset.babel_join import Joined, join
from mint.dataset.babel_labels import activities, groups
from mint.dataset.naming import places
from mint.inputs import demo_babel
from mint.plan.demo import demo_clips
from tests.conftest import ROOT

CLIP_S = 1.5


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("babel")
    facts = pd.DataFrame(
        [{"subject": subject, "clip": row["clip"], "distinct_s": CLIP_S} for subject, row in demo_clips()]
    )
    demo_babel.build(facts, [folder / Path(name).name for name in demo_files(ProjectConfig())])
    return folder


@pytest.fixture(scope="session")
def planned() -> dict[str, dict[str, Any]]:
    """Records of the table of sequences that the repository ships, with lengths of the embedded motions."""
    rows = pd.read_csv(ROOT / "config" / "sequences.tsv", sep="\t", comment="#", dtype=str).to_dict("records")
    length = {f"{subject}_{row['clip']}": row["frames"] / row["rate_hz"] for subject, row in demo_clips()}
    return {
        row["sequence_id"]: {
            **row,
            "kind": "poses",
            "babel_sid": -1,
            "duration_s": round(length[row["sequence_id"]], 3),
        }
        for row in rows
    }


@pytest.fixture(scope="session")
def found(folder: Path, planned: dict[str, dict[str, Any]]) -> dict[str, Joined]:
    babel = read_babel(sorted(folder.glob("*.json")))
    assert babel.warnings == []
    return join(babel, planned, BabelConfig())


def test_every_embedded_sequence_is_found_and_labelled_but_for_the_test_split(found: dict[str, Joined]) -> None:
    assert len(found) == 20
    assert all(each.found_by == "path" and each.warnings == () for each in found.values())
    unlabelled = {name for name, each in found.items() if not activities(each)}
    assert (
        unlabelled
        == {name for name, each in found.items() if each.split == "test"}
        == {"demo_m_dance_a", "demo_m_dance_b"}
    )
    assert {each.split for name, each in found.items() if name.startswith("demo_f")} == {"train"}
    assert activities(found["demo_f_kick"]) == ["kick", "stand"] and activities(found["demo_m_walk"]) == [
        "forward movement",
        "walk",
    ]


def test_labels_of_a_clip_between_stands_follow_the_table(found: dict[str, Joined]) -> None:
    duration_s = 371 / 120
    for clip, before_s in (("kick", (duration_s - CLIP_S) / 2), ("punch", duration_s - CLIP_S)):
        frame = [each for each in found[f"demo_f_{clip}"].labels if each.level == "frame"]
        words = [each.proc_label for each in frame]
        assert words == (["stand", "kick", "stand"] if clip == "kick" else ["stand", "punch"])
        assert frame[1].t_start_s == pytest.approx(before_s, abs=1e-3) and frame[1].t_end_s == pytest.approx(
            before_s + CLIP_S, abs=1e-3
        )
        assert frame[0].t_start_s == 0 and frame[-1].t_end_s == pytest.approx(duration_s, abs=1e-3)
        assert all(a.t_end_s == b.t_start_s for a, b in pairwise(frame))


def test_second_annotators_are_in_files_with_plural_names(folder: Path, found: dict[str, Joined]) -> None:
    keys = {
        path.stem: {key for record in json.loads(path.read_text()).values() for key in record}
        for path in folder.glob("*.json")
    }
    assert {"seq_ann", "frame_ann"} <= keys["train"] and {"seq_anns", "frame_anns"} <= keys["extra_train"]
    assert not keys["train"] & {"seq_anns", "frame_anns"} and not keys["extra_train"] & {"seq_ann", "frame_ann"}
    assert {each.annotation for each in found["demo_f_walk"].labels} == {0, 1}


def test_every_embedded_clip_has_words_and_known_categories() -> None:
    rows = table("demo_labels")
    assert list(rows["clip"]) == list(table("demo_clips")["clip"])
    assert "other" not in groups(each for text in rows["act_cat"] for each in text.split(";"))


def test_writing_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    facts = pd.DataFrame(
        [{"subject": subject, "clip": row["clip"], "distinct_s": CLIP_S} for subject, row in demo_clips()]
    )
    demo_babel.build(facts, [tmp_path / "train.json"])
    assert (tmp_path / "train.json").read_bytes() == (folder / "train.json").read_bytes()


def test_public_reader_finds_the_same_labels_by_number_and_by_our_data_path(
    folder: Path, planned: dict[str, dict[str, Any]], found: dict[str, Joined]
) -> None:
    public = BabelDataset.from_directory(str(folder))
    assert len(public) == len(found)
    where = places(planned)
    for name, each in found.items():
        theirs = public.by_babel_sid(each.babel_sid)
        assert theirs.split == each.split and theirs.feat_p == f"{where[name].data_path}.npz"
        if each.split != "test":
            assert public.by_feat_p(where[name].data_path) is theirs
            start, end, actions = theirs.sequence_actions()
            ours = next(label for label in each.labels if label.level == "sequence" and label.annotation == 0)
            assert (start, end, actions) == (ours.t_start_s, ours.t_end_s, list(ours.act_cat))
            frame = [
                (label.t_start_s, label.t_end_s, list(label.act_cat)) for label in each.labels if label.level == "frame"
            ]
            assert not frame or theirs.clip_actions() == frame
