"""Stages that share a job: each has record, log, settings and results of its own, and is kept or forced by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mint.batch.check import STAGES_OF, rules_of
from mint.batch.digest import digest_of
from mint.batch.forced import note_run
from mint.batch.job import Job, Settings, run_job, run_stages
from mint.batch.made import Made
from mint.batch.run import Stage
from mint.core.bundle import Bundle

STAGES = ("ik", "support")


class Chunks:
    """A job of two stages, the second of which reads what the first has made, for two members."""

    def __init__(self, folder: Path) -> None:
        self.results, self.diary = folder / "results", folder / "diary"
        self.diary.touch()
        self.logs: list[str] = []
        for name, numbers in (("a", "1 2"), ("b", "3 4")):
            (self.results / "members" / name).mkdir(parents=True)
            (self.results / "members" / name / "numbers.txt").write_text(numbers)
        self.settings = {"ik": {"factor": 1.0}, "support": {"factor": 10.0}}

    def stage(self, name: str, source: str) -> Any:
        def build(job: Job, settings: Settings) -> Stage:
            return Stage(
                name,
                f"{name}.npz",
                "tests.batch.toy:run",
                own={"source": "numbers.txt"},
                values={"fail": f"fail_{name}"},
                arguments={"factor": settings[name]["factor"]},
                watched=[str(self.results / "members" / member / source) for member in "ab"],
                places={"diary": str(self.diary)},
            )

        return build

    def job(self, failing: Mapping[str, str]) -> Any:
        for name, values in self.settings.items():
            path = self.results / "plan/settings" / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        members = [
            {"name": name, "folder": f"members/{name}"}
            | {f"fail_{stage}": failing.get(stage) == name for stage in STAGES}
            for name in "ab"
        ]
        return SimpleNamespace(
            rule="chunks",
            input=SimpleNamespace(settings=[str(self.results / f"plan/settings/{name}.json") for name in STAGES]),
            params=SimpleNamespace(members=members, limits={"chunk_deadline_s": 60.0, "chunk_memory_mb": 2000.0}),
            output=Named({name: str(self.record(name)) for name in STAGES}),
            resources=SimpleNamespace(attempt=1),
            log=Named({name: str(self.log(name)) for name in STAGES}),
        )

    def run(self, **failing: str) -> list[str]:
        """What was computed, in its order."""
        before = len(self.diary.read_text().split())
        run_stages([self.stage("ik", "numbers.txt"), self.stage("support", "ik.npz")], self.job(failing))
        return self.diary.read_text().split()[before:]

    def record(self, stage: str) -> Path:
        return self.results / f"batches/x.000/{stage}.json"

    def log(self, stage: str) -> Path:
        return self.results / f"logs/{stage}/x.000.log"

    def made(self, stage: str, member: str) -> Path:
        return self.results / "members" / member / f"{stage}.npz"


class Named(dict[str, str]):
    """Files by name and by number, as Snakemake hands them over."""

    def __getitem__(self, key: Any) -> str:
        return list(self.values())[key] if isinstance(key, int) else super().__getitem__(key)

    def __iter__(self) -> Any:
        return iter(self.values())


@pytest.fixture
def chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chunks:
    """A job whose logs are not opened: they would take what the tests themselves print."""
    chunks = Chunks(tmp_path)
    monkeypatch.setattr("mint.batch.run.redirect_to", chunks.logs.append)
    return chunks


def test_every_stage_has_its_own_record_log_and_settings(chunks: Chunks) -> None:
    assert chunks.run() == ["a", "b", "a", "b"]
    for stage, values in (("ik", [3.0, 7.0]), ("support", [30.0, 70.0])):
        record = json.loads(chunks.record(stage).read_text())
        assert [float(Bundle.read(chunks.made(stage, name))["sum"]) for name in "ab"] == values
        assert {name: entry[0] for name, entry in record.items()} == {
            name: digest_of(chunks.made(stage, name)) for name in "ab"
        }
    assert chunks.logs == [str(chunks.log(stage)) for stage in STAGES]


def test_other_settings_of_a_stage_compute_that_stage_alone(chunks: Chunks) -> None:
    chunks.run()
    records = {stage: chunks.record(stage).read_text() for stage in STAGES}
    chunks.settings["support"] = {"factor": 20.0}
    assert chunks.run() == ["a", "b"]
    assert chunks.record("ik").read_text() == records["ik"]
    assert chunks.record("support").read_text() != records["support"]


def test_what_an_early_stage_makes_anew_is_what_later_ones_read(chunks: Chunks) -> None:
    chunks.run()
    chunks.settings["ik"] = {"factor": 2.0}
    assert chunks.run() == ["a", "b", "a", "b"]


def test_a_member_that_fails_costs_no_other_stage(chunks: Chunks) -> None:
    chunks.run(ik="a")
    assert json.loads(chunks.record("ik").read_text())["a"][1] == "field_value"
    assert Bundle.read(chunks.made("support", "b")).ok


@pytest.mark.parametrize(
    ("names", "computed"),
    [
        ({"support"}, "support"),
        ({"results/batches/x.000/ik.json"}, "ik"),
        ({"chunks"}, "ik support"),
        ({"verify"}, ""),
    ],
)
def test_a_stage_is_forced_by_its_name_its_record_or_its_rule(chunks: Chunks, names: set[str], computed: str) -> None:
    chunks.run()
    note_run(
        chunks.results, forced={str(chunks.results.parent / n) if "/" in n else n for n in names}, everything=False
    )
    runs = {stage: made.run for stage in STAGES if (made := Made.read(chunks.made(stage, "a")))}
    chunks.run()
    after = {stage: made.run for stage in STAGES if (made := Made.read(chunks.made(stage, "a")))}
    assert {stage for stage in STAGES if after[stage] != runs[stage]} == set(computed.split())


def test_a_job_of_one_stage_has_the_record_that_is_called_so(chunks: Chunks) -> None:
    job = chunks.job({})
    job.rule, job.output, job.log = "ik", Named(record=str(chunks.record("ik"))), Named(log=str(chunks.log("ik")))
    run_job(chunks.stage("ik", "numbers.txt")(job, chunks.settings), job)
    assert set(json.loads(chunks.record("ik").read_text())) == {"a", "b"}


def test_rules_of_a_stage() -> None:
    assert rules_of("trajectory") == ("chunks", "second_pass") and rules_of("ik") == ("chunks",)
    assert rules_of("body") == ("motions",) and rules_of("merge") == ("merge",)
    assert all(set(STAGES_OF["second_pass"]) <= set(stages) for rule, stages in STAGES_OF.items() if rule == "chunks")
