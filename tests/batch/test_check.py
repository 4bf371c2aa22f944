"""Damaged and lost results are found, with the record of their batch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mint.batch.check import Damage, damages, output_path
from mint.batch.digest import digest_of
from mint.core.bundle import Bundle


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for batch, chunks in (("s.000", ("walk/000", "walk/001")), ("s.001", ("run/000",))):
        record = {}
        for name in chunks:
            output = output_path(tmp_path, "ik", name)
            Bundle.of("ik", {"q": np.arange(5.0)}).write(output)
            record[name] = [digest_of(output), "ok"]
        path = tmp_path / "batches" / batch / "ik.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(record))
    return tmp_path


def test_sound_results_are_no_damage(results: Path) -> None:
    assert list(damages(results)) == []


@pytest.mark.parametrize(
    ("damage", "what"),
    [("truncated", "not what was written"), ("missing", "missing"), ("other", "not what was written")],
)
def test_a_damaged_result_is_found_with_its_record(results: Path, damage: str, what: str) -> None:
    output = output_path(results, "ik", "walk/001")
    if damage == "truncated":
        output.write_bytes(output.read_bytes()[:100])
    elif damage == "missing":
        output.unlink()
    else:
        Bundle.of("ik", {"q": np.arange(6.0)}).write(output)
    assert list(damages(results)) == [Damage(results / "batches/s.000/ik.json", output, what)]


def test_a_crash_is_tried_again(results: Path) -> None:
    record = results / "batches/s.001/ik.json"
    digest, _ = json.loads(record.read_text())["run/000"]
    record.write_text(json.dumps({"run/000": [digest, "crash"]}))
    assert [damage.what for damage in damages(results)] == ["its process crashed"]


def test_a_lost_record_is_found_by_what_its_batch_has_made(results: Path) -> None:
    (results / "plan").mkdir()
    (results / "plan/plan.json").write_text(
        json.dumps(
            {
                "batches": {
                    "motions": {},
                    "rescue": {},
                    "chunks": {"s.000": ["walk/000", "walk/001"], "s.001": ["run/000"], "s.002": ["jump/000"]},
                }
            }
        )
    )
    for name in ("walk/000", "walk/001", "run/000"):
        output_path(results, "ik", name).with_suffix(".made.json").write_text("{}")
    assert list(damages(results)) == []  # s.002 has not begun
    record = results / "batches/s.000/ik.json"
    record.unlink()
    assert list(damages(results)) == [Damage(record, record, "missing")]


@pytest.mark.parametrize("reason", ["time_limit", "memory_limit", "solver_setup"])
def test_what_a_guard_or_the_machine_ended_is_tried_again(results: Path, reason: str) -> None:
    record = results / "batches/s.001/ik.json"
    digest, _ = json.loads(record.read_text())["run/000"]
    record.write_text(json.dumps({"run/000": [digest, reason]}))
    assert [damage.what for damage in damages(results)] == [f"the machine ended it: {reason}"]


def test_a_record_that_cannot_be_read_is_a_damage(results: Path) -> None:
    record = results / "batches/s.001/ik.json"
    record.write_text("{")
    assert [damage.record for damage in damages(results)] == [record]
