"""What would run, and why, in words a person understands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mint.batch.made import Made
from mint.campaign.what_changed import Job, explain, planned_jobs
from mint.config.project import ProjectConfig, load_project
from mint.core.methods import METHOD_VERSION

SUMMARY = """\
Building DAG of jobs...
output_file\tdate\trule\tlog-file(s)\tstatus\tplan
results/batches/D-one.000/verify.json\tFri\tverify\tlog\tparams changed\tupdate pending
results/batches/D-one.000/merge.json\tFri\tmerge\tlog\tok\tupdate pending
results/batches/D-one.000/ik.json\tFri\tik\tlog\tok\tno update
results/batches/D-two.000/verify.json\t-\tverify\tlog\tmissing\tupdate pending
results/subjects/D-one/scale.npz\tFri\tscale\tlog\tparams changed\tupdate pending
results/subjects/D-one/leg.osim\tFri\tscale\tlog\tok\tupdate pending
results/ledger.parquet\tFri\tdataset\tlog\tok\tupdate pending
"""
PLAN = {"batches": {"motions": {"D-one.000": ["walk"]}, "chunks": {"D-one.000": ["walk/000", "walk/001"]}}}


@pytest.fixture
def project(tmp_path: Path) -> ProjectConfig:
    table = tmp_path / "adjustments.tsv"
    table.write_text("subject\tmarker\tdx_mm\tdy_mm\tdz_mm\tnote\nD-one\tC7\t5\t0\t0\t\n")
    return load_project(
        {"results": str(tmp_path / "results"), "marker_adjustments": str(table), "verify": {"penetration_m": 0.02}}
    )


def trace(project: ProjectConfig, stage: str, output: str, section: str, **changes: object) -> None:
    """A result that was made with the present method and settings but for `changes`."""
    made = Made(
        stage,
        "d",
        "f",
        METHOD_VERSION[stage],
        getattr(project, section).model_dump(mode="json"),
        {},
        {},
        "ok",
        "none",
        project.limits.model_dump(mode="json"),
    )
    replace(made, **changes).write(Path(project.results) / output)


def test_jobs_that_would_run_are_read_from_snakemakes_table() -> None:
    assert planned_jobs(SUMMARY) == [
        Job("verify", "D-one.000", "params changed"),
        Job("merge", "D-one.000", "ok"),
        Job("verify", "D-two.000", "missing"),
        Job("scale", "D-one", "params changed"),
        Job("dataset", "", "ok"),
    ]


def test_a_changed_threshold_is_named_with_old_and_new_value(project: ProjectConfig) -> None:
    trace(
        project,
        "verify",
        "sequences/walk/chunks/001/verify.npz",
        "verify",
        config={**project.verify.model_dump(mode="json"), "penetration_m": 0.01},
    )
    (text,) = explain([Job("verify", "D-one.000", "params changed")], project, PLAN)
    assert text.startswith("verify ") and "1 job, 2 chunks: D-one.000" in text
    assert "setting verify.penetration_m: 0.01 -> 0.02" in text


def test_a_limit_of_the_verification_is_named_as_the_reason_of_trajectories(project: ProjectConfig) -> None:
    verified = {**project.verify.model_dump(mode="json"), "penetration_m": 0.03}
    trace(
        project,
        "trajectory",
        "sequences/walk/chunks/000/trajectory.npz",
        "trajectory",
        config={**project.trajectory.model_dump(mode="json"), "verified": verified},
    )
    (text,) = explain([Job("trajectory", "D-one.000", "params changed")], project, PLAN)
    assert "setting verify.penetration_m: 0.03 -> 0.02" in text and text.count("setting") == 1


def test_a_new_method_and_other_limits_are_named(project: ProjectConfig) -> None:
    trace(
        project,
        "ik",
        "sequences/walk/chunks/000/ik.npz",
        "kinematics",
        method=1,
        limits={"chunk_deadline_s": 7.0, "chunk_memory_mb": project.limits.chunk_memory_mb},
    )
    (text,) = explain([Job("ik", "D-one.000", "params changed")], project, PLAN)
    assert f"its method changed: version 1 -> {METHOD_VERSION['ik']}" in text
    assert "limits.chunk_deadline_s: 7.0 -> 3600.0" in text and "chunk_memory_mb" not in text


def test_a_second_pass_is_told_from_the_first(project: ProjectConfig) -> None:
    trace(
        project,
        "trajectory",
        "sequences/walk/chunks/001/rescue/trajectory.npz",
        "trajectory",
        config={**project.trajectory.model_dump(mode="json"), "tolerance": 0.5},
    )
    plan = {"batches": {**PLAN["batches"], "rescue": {"D-one.rescue.000": ["walk/001"]}}}
    (text,) = explain([Job("trajectory", "D-one.rescue.000", "params changed")], project, plan)
    assert "1 job, 1 chunks: D-one.rescue.000" in text and "setting trajectory.tolerance: 0.5 -> 0.001" in text


def test_the_adjusted_marker_is_named(project: ProjectConfig) -> None:
    trace(project, "scale", "subjects/D-one/scale.npz", "kinematics", values={"adjustments": []})
    (text,) = explain([Job("scale", "D-one", "params changed")], project, PLAN)
    assert "marker adjustments of D-one: C7" in text


def test_stages_come_in_their_order_and_say_what_they_follow(project: ProjectConfig) -> None:
    texts = list(explain(planned_jobs(SUMMARY), project, PLAN))
    assert [text.split()[0] for text in texts] == ["scale", "verify", "merge", "dataset"]
    assert "not computed yet (1 of 2 jobs)" in texts[1]
    assert "1 job, 1 sequences" in texts[2] and "follows from what runs before it" in texts[2]
