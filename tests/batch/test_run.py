"""A batch computes what is new, keeps what still holds, and leaves the trace of every result."""

from __future__ import annotations

import json
import platform
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mint.batch.digest import digest_of
from mint.batch.forced import Forced, note_run
from mint.batch.made import Made
from mint.batch.run import Stage, run_batch
from mint.core import packages
from mint.core.bundle import Bundle
from mint.core.methods import METHOD_VERSION
from mint.core.status import StageStatus

LIMITS = {"chunk_deadline_s": 60.0, "chunk_memory_mb": 2000.0}


class Batch:
    """Three members with a file of numbers each."""

    def __init__(self, folder: Path) -> None:
        self.results, self.diary = folder / "results", folder / "diary"
        self.diary.touch()
        self.members: list[dict[str, Any]] = []
        for name, numbers in (("a", "1 2"), ("b", "3 4"), ("c", "5 6")):
            self.number_file(name).parent.mkdir(parents=True)
            self.number_file(name).write_text(numbers)
            self.members.append({"name": name, "folder": f"members/{name}", "fail": False, "seconds": 0.0})

    def number_file(self, name: str) -> Path:
        return self.results / "members" / name / "numbers.txt"

    def run(
        self, *, factor: float = 1.0, limits: dict[str, float] = LIMITS, members: int = 3, **more: Any
    ) -> list[str]:
        """Members that were computed."""
        before = len(self.diary.read_text().split())
        stage = Stage(
            "support",
            "out.npz",
            "tests.batch.toy:run",
            own={"source": "numbers.txt"},
            values={"fail": "fail", "seconds": "seconds"},
            arguments={"factor": factor},
            places={"diary": str(self.diary)},
        )
        run_batch(stage, self.members[:members], self.record, results=self.results, limits=limits, **more)
        return self.diary.read_text().split()[before:]

    @property
    def record(self) -> Path:
        return self.results / "batches/x.000/support.json"

    def output(self, name: str) -> Path:
        return self.results / "members" / name / "out.npz"


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return Batch(tmp_path)


def test_every_member_gets_result_trace_and_place_in_the_record(batch: Batch) -> None:
    assert batch.run() == ["a", "b", "c"]
    assert float(Bundle.read(batch.output("b"))["sum"]) == 7.0
    record = json.loads(batch.record.read_text())
    made = {name: Made.read(batch.output(name)) for name in "abc"}
    assert record == {name: [digest_of(batch.output(name)), "ok", made[name].fingerprint] for name in "abc"}
    made = Made.read(batch.output("c"))
    assert made is not None and made.method == METHOD_VERSION["support"] and made.attempt == 1 and made.host
    assert made.inputs["source"] == [["members/c/numbers.txt", digest_of(batch.number_file("c"))]]
    assert made.packages["numpy"] == np.__version__ and made.values["factor"] == 1.0


def test_files_above_a_folder_that_does_not_exist_yet_are_found(batch: Batch) -> None:
    batch.members = [{**member, "folder": f"{member['folder']}/chunks/000"} for member in batch.members]
    stage = Stage(
        "support",
        "out.npz",
        "tests.batch.toy:run",
        own={"source": "../../numbers.txt"},
        places={"diary": str(batch.diary)},
    )
    run_batch(stage, batch.members, batch.record, results=batch.results, limits=LIMITS, patience_s=0)
    assert float(Bundle.read(batch.results / "members/b/chunks/000/out.npz")["sum"]) == 7.0


def test_nothing_is_computed_twice(batch: Batch) -> None:
    batch.run()
    first = batch.record.read_text()
    assert batch.run() == [] and batch.record.read_text() == first


def test_a_stopped_batch_goes_on_where_it_was(batch: Batch) -> None:
    assert batch.run(members=2) == ["a", "b"]
    assert batch.run() == ["c"]


def test_a_changed_input_computes_its_member_only(batch: Batch) -> None:
    batch.run()
    batch.number_file("b").write_text("30 4")
    assert batch.run() == ["b"]
    assert float(Bundle.read(batch.output("b"))["sum"]) == 34.0


def test_a_touched_input_computes_nothing(batch: Batch) -> None:
    batch.run()
    batch.number_file("b").touch()
    assert batch.run() == []


def test_the_record_changes_with_what_a_result_was_made_from(batch: Batch) -> None:
    """Rules that read what a member was made from have the record as an input."""
    batch.run()
    before = json.loads(batch.record.read_text())
    batch.number_file("a").write_text("2 1")
    assert batch.run() == ["a"]
    after = json.loads(batch.record.read_text())
    assert after["a"][:2] == before["a"][:2] and after["a"] != before["a"] and after["b"] == before["b"]


def test_another_argument_or_method_computes_all(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    batch.run()
    assert batch.run(factor=2.0) == ["a", "b", "c"]
    monkeypatch.setitem(METHOD_VERSION, "support", 1000)
    assert batch.run(factor=2.0) == ["a", "b", "c"]


def test_another_version_of_a_package_that_the_stage_computes_with_computes_all(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch.run()
    real = packages._version
    monkeypatch.setattr(packages, "_version", lambda name: "99" if name == "opensim" else real(name))
    assert batch.run() == []  # `support` computes with NumPy alone
    monkeypatch.setattr(packages, "_version", lambda name: "99" if name == "numpy" else real(name))
    assert batch.run() == ["a", "b", "c"]
    assert batch.run() == []


def test_another_python_computes_all_and_a_patch_of_it_nothing(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    major, minor, _ = platform.python_version_tuple()
    batch.run()
    monkeypatch.setattr(packages.platform, "python_version_tuple", lambda: (major, minor, "77"))
    assert batch.run() == []
    monkeypatch.setattr(packages.platform, "python_version_tuple", lambda: (major, "99", "0"))
    assert batch.run() == ["a", "b", "c"]


def test_a_forced_job_computes_all_once_in_its_run(batch: Batch) -> None:
    batch.run(run="one")
    assert batch.run(run="two") == []
    assert batch.run(run="two", forced=True) == ["a", "b", "c"]  # what an earlier run has made, and this one has kept
    assert batch.run(run="two", forced=True, attempt=2) == []
    batch.number_file("b").write_text("30 4")
    assert batch.run(run="two", forced=True) == ["b"]
    assert batch.run(run="three") == []


def test_a_forced_job_that_was_stopped_goes_on_where_it_was(batch: Batch) -> None:
    batch.run(run="one")
    assert batch.run(run="two", forced=True, members=2) == ["a", "b"]
    assert batch.run(run="two", forced=True, attempt=2) == ["c"]


def test_failed_attempts_of_an_earlier_run_do_not_count_for_a_forced_one(batch: Batch) -> None:
    batch.run(run="one")
    notes = batch.output("a").with_suffix(".attempts.json")
    notes.write_text("{}")
    assert batch.run(run="two") == [] and notes.exists()
    batch.run(run="two", forced=True)
    assert not notes.exists()


@pytest.mark.parametrize(
    ("forced", "everything", "holds"),
    [
        ([], False, False),
        (["support"], False, True),
        (["ik"], False, False),
        ([], True, True),
        (["results/batches/x.000/support.json"], False, True),
        (["./results/batches/x.000/support.json"], False, True),
        (["results/batches/x.001/support.json"], False, False),
    ],
)
def test_a_job_is_forced_by_its_rule_or_its_file(
    tmp_path: Path, forced: list[str], everything: bool, holds: bool
) -> None:
    note_run(tmp_path, forced=forced, everything=everything)
    assert Forced.read(tmp_path).holds("support", ["results/batches/x.000/support.json"]) is holds


def test_every_run_has_a_name_of_its_own_and_no_note_forces_nothing(tmp_path: Path) -> None:
    assert not Forced.read(tmp_path).holds("support", [])
    note_run(tmp_path, forced=["support"], everything=False)
    first = Forced.read(tmp_path)
    note_run(tmp_path, forced=[], everything=False)
    assert Forced.read(tmp_path).run != first.run and not Forced.read(tmp_path).holds("support", [])


@pytest.mark.parametrize("damage", [b"", b"PK not an archive", None])
def test_a_damaged_or_missing_result_is_made_again(batch: Batch, damage: bytes | None) -> None:
    batch.run()
    if damage is None:
        batch.output("a").unlink()
    else:
        batch.output("a").write_bytes(damage)
    assert batch.run() == ["a"]
    assert float(Bundle.read(batch.output("a"))["sum"]) == 3.0


def test_a_result_changed_by_hand_is_made_again(batch: Batch) -> None:
    batch.run()
    Bundle.of("support", {"sum": np.array(99.0)}).write(batch.output("a"))
    assert batch.run() == ["a"]


def test_a_failure_of_the_data_is_a_result_and_costs_nobody_else(batch: Batch) -> None:
    batch.members[0]["fail"] = True
    assert batch.run() == ["a", "b", "c"]
    assert json.loads(batch.record.read_text())["a"][1] == "field_value"
    assert batch.run() == []


def test_a_member_whose_process_crashed_is_tried_again(batch: Batch) -> None:
    batch.number_file("b").write_text("no number")
    assert batch.run() == ["a", "b", "c"]
    assert json.loads(batch.record.read_text())["b"][1] == "crash"
    assert batch.run() == ["b"]


def test_a_member_that_a_guard_of_seconds_ended_is_tried_again_and_no_other(batch: Batch) -> None:
    """It says something about the machine, not about the member: it never counts as a result."""
    batch.members[1]["seconds"] = 6.0
    short = {**LIMITS, "chunk_deadline_s": 3.0}
    assert batch.run(limits=short) == ["a", "b", "c"]
    assert json.loads(batch.record.read_text())["b"][1] == "time_limit"
    assert batch.run(limits=short) == ["b"]
    assert batch.run() == ["b"]
    assert json.loads(batch.record.read_text())["b"][1] == "ok"


def test_a_file_that_shows_late_is_waited_for(batch: Batch) -> None:
    late = batch.number_file("c")
    late.unlink()
    timer = threading.Timer(1.5, late.write_text, ["5 6"])
    timer.start()
    batch.run(patience_s=30)
    timer.join()
    assert float(Bundle.read(batch.output("c"))["sum"]) == 11.0


def test_old_content_of_an_input_is_not_taken_for_the_new(batch: Batch, tmp_path: Path) -> None:
    """A network file system may show the new trace of a result and still its old content."""
    batch.run()
    source = batch.output("a")
    second = Stage(
        "trunk", "twice.npz", own={"source": "out.npz"}, compute=lambda _member, files, output: copied(files, output)
    )
    old = source.read_bytes()
    batch.number_file("a").write_text("10 2")
    batch.run()
    new = source.read_bytes()
    source.write_bytes(old)
    timer = threading.Timer(1.5, source.write_bytes, [new])
    timer.start()
    run_batch(second, batch.members[:1], tmp_path / "record.json", results=batch.results, limits=LIMITS, patience_s=30)
    timer.join()
    assert float(Bundle.read(source.parent / "twice.npz")["sum"]) == 12.0


def copied(files: dict[str, str], output: Path) -> StageStatus:
    bundle = Bundle.read(files["source"])
    bundle.write(output)
    return bundle.status


def test_times_are_no_part_of_a_results_content(tmp_path: Path) -> None:
    arrays = {"x": np.arange(3.0)}
    for name, wall_s in (("one", 1.0), ("two", 2.0)):
        Bundle(StageStatus("ik", wall_s=wall_s), arrays, {"attempts": [{"wall_s": wall_s, "iterations": 5}]}).write(
            tmp_path / f"{name}.npz"
        )
    Bundle(StageStatus("ik"), arrays, {"attempts": [{"wall_s": 1.0, "iterations": 6}]}).write(tmp_path / "three.npz")
    assert digest_of(tmp_path / "one.npz") == digest_of(tmp_path / "two.npz") != digest_of(tmp_path / "three.npz")


def test_what_members_share_is_made_ahead_once_and_only_if_something_is_computed(batch: Batch) -> None:
    table = batch.results / "table.csv"
    table.write_text("x")
    stage = Stage(
        "support",
        "out.npz",
        "tests.batch.toy:run_with",
        shared={"table": str(table)},
        own={"source": "numbers.txt"},
        places={"diary": str(batch.diary)},
        ahead="tests.batch.toy:note",
    )
    for _ in range(2):
        run_batch(stage, batch.members, batch.record, results=batch.results, limits=LIMITS)
    assert batch.diary.read_text().split() == ["ahead:table.csv", "a", "b", "c"]
