"""Facts about motion files that are no doubts: from the check of a file to the table, without the paths of a machine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from mint.config.quality import QualityConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.dataset.quality import quality_tables
from mint.reader import MintReader
from tests.dataset.conftest import NOTE
from tests.sequence.factory import Project


def rows_of(project: Project) -> list[tuple[str, str, str]]:
    table = quality_tables(project.plan, project.results, QualityConfig(), {})["notes"]
    return [(row["sequence_id"], row["stage"], row["text"]) for row in table.to_pylist()]


def test_a_fact_is_a_row_without_the_path_of_the_file(built: SimpleNamespace) -> None:
    table = pd.read_parquet(built.dataset / "notes.parquet")
    assert table.to_dict("records") == [{"sequence_id": "whole", "stage": "validate", "text": NOTE}]
    reader = MintReader(built.dataset)
    assert list(reader.notes("whole")["text"]) == [NOTE] and len(reader.notes("holes")) == 0


def test_a_sequence_that_is_refused_later_keeps_its_facts(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.add("walk", 160, notes=["amass/walk_poses.npz: turned", "told twice", "told twice"])
    Bundle(StageError(Reason.ORIENTATION, "head below the feet").as_status("body")).write(
        project.file("walk", "body.npz")
    )
    project.merge("walk")
    assert rows_of(project) == [("walk", "validate", "turned"), ("walk", "validate", "told twice")]


@pytest.mark.parametrize("damage", [3, "text", {"a": 1}, None])
def test_notes_that_no_stage_writes_are_none(tmp_path: Path, damage: object) -> None:
    project = Project(tmp_path)
    project.add("walk", 100)
    validated = Bundle.read(project.file("walk", "validated.npz"))
    validated.meta["notes"] = damage
    validated.write(project.file("walk", "validated.npz"))
    project.solve("walk")
    assert project.merge("walk").ok and rows_of(project) == []
