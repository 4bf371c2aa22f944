"""The ledger knows every chunk and every reason, whatever became of the files."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from mint.core.bundle import Bundle
from mint.dataset import ledger
from tests.dataset.conftest import make
from tests.sequence.factory import Project

COLUMNS = [
    "sequence_id",
    "chunk",
    "t_start_s",
    "t_end_s",
    "stage",
    "status",
    "reason",
    "remedy",
    "attempt",
    "iterations",
    "wall_s",
    "max_rss_mb",
]
STATUSES = {"accepted", "discarded", "excluded_contact", "failed", "pending"}


@pytest.fixture(scope="session")
def rows(built: SimpleNamespace) -> pd.DataFrame:
    return pd.read_parquet(built.project.results / "ledger.parquet")


def _row(rows: pd.DataFrame, name: str, chunk: int) -> pd.Series:
    found = rows[(rows["sequence_id"] == name) & (rows["chunk"] == chunk)]
    assert len(found) == 1
    return found.iloc[0]


def test_ledger_has_the_agreed_columns_and_the_detail(rows: pd.DataFrame) -> None:
    assert list(rows.columns) == [*COLUMNS, "detail", "constraint", "coordinate", "muscle", "part", "node"]
    assert set(rows["status"]) == STATUSES


def test_every_chunk_of_the_plan_is_one_row(rows: pd.DataFrame) -> None:
    assert rows.groupby("sequence_id").size().to_dict() == {
        "bad": 1,
        "gone": 1,
        "holes": 5,
        "lost": 3,
        "waiting": 3,
        "whole": 5,
    }
    assert not rows.duplicated(["sequence_id", "chunk"]).any()


def test_accepted_chunk_has_its_window_time_and_memory(rows: pd.DataFrame) -> None:
    row = _row(rows, "holes", 2)
    assert (row["status"], row["reason"], row["remedy"]) == ("accepted", "none", "")
    assert (row["t_start_s"], row["t_end_s"]) == (2.8, 4.48)
    assert (row["iterations"], row["attempt"]) == (122, 1)
    assert row["wall_s"] == 1 + 2 + 3 + 4 + 5 and row["max_rss_mb"] == 500


def test_failures_keep_stage_reason_detail_and_remedy(rows: pd.DataFrame) -> None:
    discarded, excluded = _row(rows, "holes", 1), _row(rows, "holes", 3)
    assert (discarded["stage"], discarded["status"], discarded["reason"]) == ("verify", "discarded", "pelvis_residual")
    assert "frame 99" in discarded["detail"] and discarded["remedy"]
    assert (excluded["stage"], excluded["status"]) == ("support", "excluded_contact")
    assert (discarded["constraint"], discarded["coordinate"], discarded["node"]) == (
        "equation of motion",
        "pelvis_ty",
        29,
    )
    assert excluded["constraint"] == "" and pd.isna(excluded["node"])
    assert excluded["wall_s"] == 1 + 9, "time of the stages that ran, not of those that passed the failure on"
    assert excluded["iterations"] == 0


def test_failures_of_a_whole_sequence_are_one_row_with_chunk_minus_one(rows: pd.DataFrame) -> None:
    assert (_row(rows, "gone", -1)["reason"], _row(rows, "gone", -1)["remedy"]) == ("file_missing", "fetch it")
    bad = _row(rows, "bad", -1)
    assert (bad["stage"], bad["status"], bad["reason"]) == ("validate", "failed", "field_missing")
    assert bad["detail"] == "bad.npz: betas" and (bad["t_start_s"], bad["t_end_s"]) == (0.0, 3.2)


def test_what_has_not_run_is_pending(rows: pd.DataFrame) -> None:
    assert set(rows[rows["sequence_id"] == "waiting"]["status"]) == {"pending"}


def test_attempts_are_rows_of_their_own(built: SimpleNamespace) -> None:
    table = pd.read_parquet(built.project.results / "attempts.parquet")
    assert list(table.columns[:3]) == ["sequence_id", "chunk", "attempt"]
    # 5 of whole, 4 of holes (one was never solved), 3 of lost.
    assert table.groupby("sequence_id").size().to_dict() == {"holes": 4, "lost": 3, "whole": 5}
    row = table[(table["sequence_id"] == "whole") & (table["chunk"] == 2)].iloc[0]
    assert (row["iterations"], row["formulation"], row["wall_s"]) == (122, "staged", 42.0)


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "foreign", "zeroed"])
@pytest.mark.parametrize("file", ["sequence.npz", "chunks/001/trajectory.npz", "validated.npz"])
def test_damaged_results_are_rows_never_errors(tmp_path: Path, damage: str, file: str) -> None:
    project = Project(tmp_path)
    project.add("walk", 154)
    project.solve("walk")
    if file == "sequence.npz":
        project.merge("walk")
    path = project.file("walk", file)
    whole = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(
            {
                "empty": b"",
                "truncated": whole[: len(whole) // 2],
                "foreign": b"hello" * 100,
                "zeroed": whole[:200] + bytes(len(whole) - 400) + whole[-200:],
            }[damage]
        )
    tables = ledger.run(project.plan, project.results)
    assert [row["chunk"] for row in tables.ledger] == [0, 1]
    expected = "failed" if damage != "missing" and file != "validated.npz" else "pending"
    assert tables.ledger[1]["status"] == expected
    assert pd.read_parquet(project.results / "ledger.parquet")["remedy"].str.len().gt(0).all()


TWICE = {"window": {"chunk": 0, "start": 0, "stop": 84, "keep_start": 7, "keep_stop": 77}, "status": {}}


@pytest.mark.parametrize(
    "meta", [{"chunks": [3]}, {"chunks": [{"window": {}}]}, {"chunks": "none"}, {"chunks": [TWICE, TWICE]}, {}]
)
def test_bundle_of_something_else_is_one_failed_row_or_read_from_its_chunks(tmp_path: Path, meta: dict) -> None:
    project = Project(tmp_path)
    for name in ("strange", "walk"):
        project.add(name, 84)
        project.solve(name)
        project.merge(name)
    Bundle.of("merge", {}, meta).write(project.file("strange", "sequence.npz"))
    tables = ledger.run(project.plan, project.results)
    strange, walk = tables.ledger
    assert strange["status"] in ("failed", "pending") and strange["remedy"] and walk["status"] == "accepted"


def test_empty_plan_gives_empty_tables_with_their_columns(tmp_path: Path) -> None:
    ledger.run({"sequences": {}}, tmp_path)
    assert len(pd.read_parquet(tmp_path / "ledger.parquet")) == 0
    assert list(pd.read_parquet(tmp_path / "attempts.parquet").columns) == ["sequence_id", "chunk", "attempt"]


def test_tables_appear_whole(tmp_path: Path) -> None:
    project = make(tmp_path)
    ledger.run(project.plan, project.results)
    assert not [path for path in project.results.iterdir() if path.name.startswith(".")]
