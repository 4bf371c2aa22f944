"""The second pass tries one set of settings after the other, and every attempt leaves a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.batch import rescue
from mint.batch.rescue import rescuing
from mint.core.bundle import Bundle
from mint.core.status import OF_THE_MOMENT, Reason
from tests.batch.toy import Patience, solve

ATTEMPTS = [
    {"name": "patient", "deadline_s": 60.0, "settings": {"iterations": 50}},
    {"name": "sleepy", "deadline_s": 2.0, "settings": {"iterations": 3}},
    {"name": "very_patient", "deadline_s": 60.0, "settings": {"iterations": 2500}},
]


def rescued(folder: Path, needed: int, first_iterations: int = 1) -> Bundle:
    need = folder / "need.txt"
    need.write_text(str(needed))
    solve(str(need), folder / "trajectory.npz", Patience(iterations=first_iterations))
    compute = rescuing(
        "trajectory", "tests.batch.toy:solve", ("tests.batch.toy:Patience", {"iterations": 1}), ATTEMPTS, 2000.0, {}
    )
    output = folder / "rescue" / "trajectory.npz"
    compute({}, {"first": str(folder / "trajectory.npz"), "need": str(need)}, output)
    return Bundle.read(output)


def test_the_first_attempt_that_converges_ends_the_second_pass(tmp_path: Path) -> None:
    bundle = rescued(tmp_path, 20)
    assert bundle.ok and float(bundle["x"]) == 20.0
    assert [(row["variant"], row["iterations"]) for row in bundle.meta["attempts"]] == [
        ("first_pass", 1),
        ("patient", 20),
    ]
    assert (bundle.status.attempt, bundle.status.iterations) == (2, 21)


def test_an_attempt_out_of_time_leaves_a_row_and_the_next_is_made(tmp_path: Path) -> None:
    bundle = rescued(tmp_path, 1000)
    assert bundle.ok
    assert [(row["variant"], row["status"]) for row in bundle.meta["attempts"]][2] == ("sleepy", "time_limit")
    assert bundle.meta["attempts"][-1]["variant"] == "very_patient" and bundle.status.iterations == 1 + 50 + 1000
    assert "sleepy: time_limit" in bundle.status.warnings[0]  # another run may end otherwise


def test_a_failure_after_an_attempt_that_a_guard_ended_does_not_count_as_final(tmp_path: Path) -> None:
    """Its reason is that of the guard, which the next run never keeps."""
    status = rescued(tmp_path, 5000).status
    assert status.reason is Reason.TIME_LIMIT and status.reason in OF_THE_MOMENT and "run again" in status.remedy


def test_what_still_fails_names_constraint_and_place_and_all_that_was_tried(tmp_path: Path) -> None:
    bundle = rescued(tmp_path, 5000)
    assert bundle.status.detail == (
        "force balance at pelvis_ty is off by 0.3 at node 12; rescue tried first_pass: not_converged, "
        "patient: not_converged, sleepy: time_limit, very_patient: not_converged"
    )
    assert len(bundle.meta["attempts"]) == 4


def test_a_first_pass_that_has_converged_by_now_is_taken_as_it_is(tmp_path: Path) -> None:
    bundle = rescued(tmp_path, 1)
    assert bundle.ok and "variant" not in bundle.meta["attempts"][0]


def interrupted_then_finished(folder: Path, monkeypatch: pytest.MonkeyPatch, needs: tuple[int, int]) -> list[int]:
    """Iterations of the attempts that a second job makes after a first one was stopped in its second attempt."""
    calls: list[int] = []
    real = rescue.isolated

    def stopping(*arguments: object, **named: object) -> Bundle:
        if len(calls) == 1:
            raise KeyboardInterrupt
        calls.append(1)
        return real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rescue, "isolated", stopping)
    with pytest.raises(KeyboardInterrupt):
        rescued(folder, needs[0])
    made: list[int] = []

    def noting(*arguments: object, **named: dict) -> Bundle:
        made.append(named["config"][1]["iterations"])
        return real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rescue, "isolated", noting)
    bundle = rescued(folder, needs[1])
    assert bundle.ok and bundle.status.iterations == sum(row["iterations"] for row in bundle.meta["attempts"])
    assert [row["variant"] for row in bundle.meta["attempts"]][:2] == ["first_pass", "patient"]
    assert not list(folder.rglob("*.attempts.json"))
    return made


def test_a_stopped_job_goes_on_with_the_next_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert interrupted_then_finished(tmp_path, monkeypatch, (1000, 1000)) == [3, 2500]


def test_attempts_at_another_problem_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert interrupted_then_finished(tmp_path, monkeypatch, (1000, 1001)) == [50, 3, 2500]
