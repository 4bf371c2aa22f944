"""The second pass is asked for by the target `rescue`, as Snakemake knows it, and by nothing that is merely called so."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.workflow.conftest import Workspace, renamed


@pytest.fixture
def failed(workspace: Workspace) -> Workspace:
    """A finished workspace whose ledger is said to have a chunk without convergence."""
    rows = [("a", 0, "trajectory", "not_converged")]
    pd.DataFrame(rows, columns=["sequence_id", "chunk", "stage", "reason"]).to_parquet(
        workspace.folder / "results/ledger.parquet"
    )
    return workspace


def test_a_dry_run_of_the_rescue_starts_no_second_pass(failed: Workspace) -> None:
    assert "D-one.rescue.000" in failed.dry_run("rescue")
    assert "rescue" not in failed.dry_run()
    failed.run()
    assert failed.recorded()["batches"]["rescue"] == {}
    assert not list((failed.folder / "results/batches").glob("*.rescue.*"))


def test_a_second_pass_that_was_started_stays_in_later_plans(failed: Workspace) -> None:
    failed.run("rescue")
    assert failed.recorded()["batches"]["rescue"] == {"D-one.rescue.000": ["a/000"]}
    failed.configure({"rescue.attempts": renamed("patient", "very_patient")})
    assert failed.planned()["second_pass"] == 1 and not failed.planned()["chunks"]
    failed.run()
    assert failed.recorded()["batches"]["rescue"] == {"D-one.rescue.000": ["a/000"]}


@pytest.mark.parametrize(
    "arguments",
    [
        ["all", "--config", "model=pose2sim"],
        ["all", "--omit-from", "rescue"],
        ["all", "--set-resources", "rescue:runtime=3"],
        ["all", "--rerun-triggers", "params", "--configfile", "rescue"],
        ["results/rescue"],
    ],
)
def test_what_is_merely_called_rescue_asks_for_no_second_pass(failed: Workspace, arguments: list[str]) -> None:
    (failed.folder / "rescue").write_text("model: pose2sim\n")
    rules = failed.folder / "workflow/rules/validate.smk"
    rules.write_text(
        rules.read_text()
        + '\n\nrule other:\n    output:\n        f"{RESULTS}/rescue",\n    shell:\n        "touch {output}"\n'
    )
    text = failed.dry_run(*arguments)
    assert "D-one.rescue.000" not in text


@pytest.mark.parametrize("arguments", [["all", "rescue"], ["--until", "rescue"], ["--forcerun", "rescue"]])
def test_wherever_the_rule_is_a_target_the_second_pass_is_made(failed: Workspace, arguments: list[str]) -> None:
    assert "D-one.rescue.000" in failed.dry_run(*arguments)


def test_touching_records_no_second_pass(failed: Workspace) -> None:
    failed.configure({"verify.penetration_m": 0.02})
    failed.snakemake("rescue", "--touch")
    assert failed.recorded()["batches"]["rescue"] == {}


def test_a_ledger_that_cannot_be_read_is_named(failed: Workspace) -> None:
    (failed.folder / "results/ledger.parquet").write_text("no table")
    done = failed.snakemake("rescue", "--dry-run")
    assert done.returncode != 0 and "results/ledger.parquet" in done.stdout + done.stderr
    assert failed.snakemake("--dry-run").returncode == 0
