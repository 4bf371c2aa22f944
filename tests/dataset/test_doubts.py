"""What one sequence of a person proves about the frame rate, the others with the same stated rate are told."""

from __future__ import annotations

import pandas as pd
import pytest

from mint.config.dataset import DatasetConfig
from mint.core.status import Reason, Status
from mint.dataset import build, doubts, ledger
from tests.dataset.planted import fail_from
from tests.sequence.factory import Project

ODD = 120.00004577


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One person: a jump that falls with 4 g, a squat of the same stated rate, one of another; and somebody else."""
    project = Project(tmp_path_factory.mktemp("doubts"))
    stated = {
        "jump": ("p", ODD, None),
        "squat": ("p", ODD, None),
        "walk": ("p", 60.0, None),
        "mended": ("p", ODD, 60.0),
        "stranger": ("q", ODD, None),
    }
    for name, (subject, rate, override) in stated.items():
        project.add(name, 84, path=f"motions/{name}_poses.npz")
        project.plan["sequences"][name] |= {"subject_id": subject, "rate_hz": rate, "frame_rate_override": override}
        project.solve(
            name,
            lambda window, bundles, name=name: (
                fail_from(bundles, "support", Status.FAILED, Reason.FRAME_RATE, "falls with 4.0 g")
                if name == "jump"
                else None
            ),
        )
        project.merge(name)
    tables = ledger.run(project.plan, project.results)
    build.run(project.plan, project.results, DatasetConfig(pickles=False), doubted=tables.doubted)
    return project


def test_the_other_sequence_of_the_session_says_so_in_its_ledger_row(session: Project) -> None:
    rows = pd.read_parquet(session.results / "ledger.parquet").set_index("sequence_id")
    assert rows.loc["jump", "status"] == "failed" and rows.loc["squat", "status"] == "accepted"
    assert all(text in rows.loc["squat", "detail"] for text in ("jump", "120.0000458", "falls with 4.0 g"))
    assert "frame_rate_override" in rows.loc["squat", "remedy"]


def test_only_sequences_of_the_same_person_and_stated_rate_are_doubted(session: Project) -> None:
    rows = pd.read_parquet(session.results / "ledger.parquet").set_index("sequence_id")
    assert [name for name in rows.index if "doubtful" in rows.loc[name, "detail"]] == ["squat"]


def test_doubted_chunks_are_at_fault_in_the_quality_table(session: Project) -> None:
    chunks = pd.read_parquet(session.results / "dataset/quality_chunks.parquet").set_index("sequence_id")
    assert "frame_rate" in chunks.loc["squat", "faults"] and "doubtful" in chunks.loc["squat", "warnings"][-1]
    assert all("frame_rate" not in chunks.loc[name, "faults"] for name in ("walk", "mended", "stranger"))


def test_a_refusal_for_another_reason_proves_nothing() -> None:
    records = {name: {"subject_id": "p", "rate_hz": 60.0} for name in ("a", "b")}
    row = {"sequence_id": "a", "detail": "", "reason": Reason.TRACKING.value}
    assert doubts.doubts(records, [row]) == {}
    assert list(doubts.doubts(records, [row | {"reason": Reason.FRAME_RATE.value}])) == ["b"]
