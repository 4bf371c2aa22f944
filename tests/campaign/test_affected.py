"""A job of several stages is planned as a whole; only what may come out otherwise is told."""

from __future__ import annotations

import pytest

from mint.batch.check import STAGES_OF
from mint.campaign.affected import READS, Job, affected

CHUNKS = STAGES_OF["chunks"]


def whole(rule: str, name: str, status: str) -> list[Job]:
    """What Snakemake says of a job of several stages: the same of all."""
    return [Job(stage, name, status) for stage in STAGES_OF[rule]]


def told(jobs: list[Job], *explained: str) -> dict[str, str]:
    return {job.rule: job.status for job in affected(jobs, lambda job: job.rule in explained)}


def test_stages_are_known_with_all_that_share_a_rule() -> None:
    assert set(READS) == {*STAGES_OF["motions"], *STAGES_OF["chunks"]}
    for stages in STAGES_OF.values():
        for number, stage in enumerate(stages):
            assert not set(READS[stage]) & set(stages[number:])


@pytest.mark.parametrize(
    ("stage", "follow"),
    [
        ("markers", ["ik", "support", "trajectory", "verify", "trunk"]),
        ("support", ["trajectory", "verify", "trunk"]),
        ("verify", []),
        ("trunk", []),
    ],
)
def test_settings_of_a_stage_are_told_for_it_and_what_reads_it_follows(stage: str, follow: list[str]) -> None:
    jobs = [
        Job("settings", stage, "params changed"),
        *whole("chunks", "D-one.000", "ok"),
        Job("merge", "D-one.000", "ok"),
    ]
    assert told(jobs) == {"merge": "ok", stage: "params changed"} | dict.fromkeys(follow, "ok")


def test_a_new_model_of_one_subject_is_followed_by_what_reads_it() -> None:
    jobs = [
        Job("scale", "D-one", "params changed"),
        *whole("chunks", "D-one.000", "ok"),
        *whole("chunks", "D-two.000", "ok"),
    ]
    found = affected(jobs, lambda job: False)
    assert {job.rule for job in found if job.name == "D-one.000"} == set(CHUNKS) - {"markers"}
    assert not [job for job in found if job.name == "D-two.000"]


def test_what_all_subjects_share_is_followed_in_all() -> None:
    jobs = [Job("compile", "", "params changed"), *whole("chunks", "D-one.000", "ok")]
    assert set(told(jobs)) == {"compile", "trajectory", "verify", "trunk"}


def test_other_parameters_of_a_job_are_told_where_they_are_found_and_of_all_where_they_are_not() -> None:
    jobs = whole("chunks", "D-one.000", "params changed")
    assert told(jobs, "ik") == {"ik": "params changed"} | dict.fromkeys(CHUNKS[2:], "ok")
    assert told(jobs) == dict.fromkeys(CHUNKS, "params changed")


def test_a_second_pass_and_a_first_one_are_told_apart() -> None:
    jobs = [
        *whole("chunks", "D-one.000", "params changed"),
        *whole("second_pass", "D-one.rescue.000", "params changed"),
    ]
    found = affected(jobs, lambda job: job == Job("support", "D-one.000", "params changed"))
    assert {job.rule: job.status for job in found if "rescue" not in job.name} == {
        "support": "params changed"
    } | dict.fromkeys(CHUNKS[3:], "ok")
    assert {job.status for job in found if "rescue" in job.name} == {"params changed"}


def test_a_lost_record_is_told() -> None:
    jobs = [Job(stage, "D-one.000", "missing" if stage == "trunk" else "ok") for stage in CHUNKS]
    assert told(jobs) == {"trunk": "missing"}


def test_other_attempts_of_a_rescue_are_told_for_the_second_pass_alone() -> None:
    jobs = [
        Job("settings", "rescue", "params changed"),
        *whole("second_pass", "D-one.rescue.000", "ok"),
        Job("merge", "D-one.000", "ok"),
    ]
    assert told(jobs) == {"merge": "ok", "trajectory": "params changed", "verify": "ok", "trunk": "ok"}


def test_a_second_pass_follows_from_a_first_one() -> None:
    jobs = [
        *whole("second_pass", "D-one.rescue.000", "ok"),
        *(Job(stage, "D-one.000", "missing" if stage == "trajectory" else "ok") for stage in CHUNKS),
    ]
    found = affected(jobs, lambda job: False)
    assert [job.status for job in found if job == Job("trajectory", "D-one.rescue.000", "ok")] == ["ok"]
