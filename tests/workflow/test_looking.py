"""Looking at the workflow changes nothing: what is below the results is written when the first job starts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from mint.batch.digest import combined
from tests.workflow.conftest import Workspace

LOOKS = {
    "dry run": ["--dry-run"],
    "quiet dry run": ["--dry-run", "--quiet"],
    "dry run of a target": ["rescue", "--dry-run"],
    "forced dry run": ["--dry-run", "--forceall"],
    "summary": ["--summary"],
    "detailed summary": ["--detailed-summary"],
    "unlock": ["--unlock"],
    "list of rules": ["--list"],
    "list of targets": ["--list-target-rules"],
    "dag": ["--dag"],
    "rulegraph": ["--rulegraph"],
    "filegraph": ["--filegraph"],
    "lint": ["--lint"],
    "compilation": ["--print-compilation"],
    "list of parameter changes": ["--list-changes", "params"],
    "what is not tracked": ["--list-untracked"],
}
MAY_FAIL = {"lint", "what is not tracked"}  # these say by their exit code what they found


def tree(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Size, time and content of everything below a folder; {} if there is none."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_size,
            path.stat().st_mtime_ns,
            combined([path.read_bytes().hex()]) if path.is_file() else "",
        )
        for path in sorted(folder.rglob("*"))
    }


def make_everything_new(workspace: Workspace) -> None:
    """A change of every kind that planning notices: sequences added and gone, settings, something to rescue."""
    workspace.add_sequence("new", "three")
    table = workspace.folder / "config/sequences.tsv"
    table.write_text(
        "".join(line for line in table.read_text().splitlines(keepends=True) if not line.startswith("b\t"))
    )
    workspace.configure({"verify.penetration_m": 0.02})
    pd.DataFrame(
        [("a", 0, "trajectory", "not_converged")], columns=["sequence_id", "chunk", "stage", "reason"]
    ).to_parquet(workspace.folder / "results/ledger.parquet")


def look(workspace: Workspace, name: str) -> None:
    done = workspace.snakemake(*LOOKS[name])
    assert done.returncode == 0 or name in MAY_FAIL, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["dry run", "summary", "unlock"])
def test_looking_at_a_fresh_checkout_makes_no_results_folder(fresh: Workspace, name: str) -> None:
    look(fresh, name)
    assert not (fresh.folder / "results").exists()


def test_looking_leaves_every_file_below_the_results_as_it_is(workspace: Workspace) -> None:
    make_everything_new(workspace)
    before = tree(workspace.folder / "results")
    for name in LOOKS:
        look(workspace, name)
        assert tree(workspace.folder / "results") == before, name
    assert "plan/plan.json" in before and "plan/headers.json" in before


def test_a_run_leaves_the_plan_that_its_dry_run_showed(fresh: Workspace) -> None:
    planned = fresh.plan()
    fresh.dry_run()
    fresh.run()
    assert fresh.recorded() == planned


def test_a_run_with_nothing_to_do_writes_nothing(workspace: Workspace) -> None:
    before = tree(workspace.folder / "results")
    workspace.run()
    assert tree(workspace.folder / "results") == before


def test_touching_keeps_the_plan_true(workspace: Workspace) -> None:
    """What was touched counts as made by the present rules, so that the plan must be the present one."""
    workspace.configure({"verify.penetration_m": 0.02})
    workspace.add_sequence("new", "three")
    workspace.snakemake("--touch")
    assert "new" in workspace.recorded()["sequences"]
    assert workspace.planned() == Counter()


def test_a_run_whose_jobs_would_get_no_plan_is_refused(workspace: Workspace) -> None:
    workspace.configure({"verify.penetration_m": 0.02})
    before = tree(workspace.folder / "results")
    done = workspace.snakemake("--no-hooks")
    assert done.returncode != 0 and "leave the option out" in done.stdout + done.stderr
    assert workspace.snakemake("--no-hooks", "--dry-run").returncode == 0
    assert tree(workspace.folder / "results") == before
