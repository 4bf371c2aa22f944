"""What runs again after a change: exactly what depends on it (on the job lists of the real rules)."""

from __future__ import annotations

import re
from collections import Counter

from tests.workflow.conftest import Workspace

COLLECTING = {"all", "dataset", "report"}
CHUNK_STAGES = {"ik", "support", "trajectory", "verify", "trunk"}


def stages(planned: Counter[str]) -> set[str]:
    return set(planned) - COLLECTING


def test_a_second_run_does_nothing(workspace: Workspace) -> None:
    assert workspace.planned() == Counter()


def test_one_marker_adjustment_reruns_that_subject_only(workspace: Workspace) -> None:
    workspace.adjustments("D-one\tC7\t5\t0\t0\tseen in the report\n")
    planned = workspace.planned()
    assert planned["scale"] == planned["muscle_paths"] == 1
    for stage in CHUNK_STAGES:
        assert planned[stage] == 2, stage  # sequences a and b of subject one; c of subject two stays
    assert planned["merge"] == 2
    assert not stages(planned) & {"validate", "body", "markers", "compile", "model", "data_wheel"}
    assert not re.search(r"(of|for) c,", workspace.dry_run())
    workspace.run()
    assert workspace.planned() == Counter()


def test_the_note_of_an_adjustment_reruns_nothing(workspace: Workspace) -> None:
    workspace.adjustments("D-one\tC7\t5\t0\t0\tfirst words\n")
    workspace.run()
    workspace.adjustments("D-one\tC7\t5\t0\t0\tother words\n")
    assert workspace.planned() == Counter()


def test_a_threshold_reruns_verification_and_below(workspace: Workspace) -> None:
    workspace.set_config(r"  penetration_m: .*", "  penetration_m: 0.02")
    assert stages(workspace.planned()) == {"verify", "trunk", "merge"}


def test_solver_settings_rerun_trajectories_and_below(workspace: Workspace) -> None:
    workspace.set_config(r"max_iterations: .*", "max_iterations: 77")
    assert not stages(workspace.planned()) & {"validate", "body", "markers", "scale", "muscle_paths", "ik", "support"}
    assert workspace.planned()["trajectory"] == 3


def test_another_weight_of_tracking_reruns_trajectories_and_below(workspace: Workspace) -> None:
    table = workspace.folder / "resources" / "trajectory_weights.csv"
    table.write_text(table.read_text().replace("pelvis_t[xyz],0.014,", "pelvis_t[xyz],0.015,"))
    assert stages(workspace.planned()) == {"trajectory", "verify", "trunk", "merge"}


def test_an_added_sequence_computes_that_sequence_only(workspace: Workspace) -> None:
    workspace.add_sequence("d", "three")
    planned = workspace.planned()
    assert {planned[stage] for stage in (*CHUNK_STAGES, "validate", "body", "markers", "scale", "merge")} == {1}


def test_a_deleted_table_is_made_again_from_what_is_there(workspace: Workspace) -> None:
    (workspace.folder / "results/ledger.parquet").unlink()
    assert workspace.planned() == Counter(dataset=1, report=1, all=1)


def test_a_bad_configuration_stops_before_any_job(workspace: Workspace) -> None:
    workspace.set_config(r"  penetration_m: .*", "  penetration_m: soft")
    done = workspace.snakemake("--dry-run")
    assert done.returncode != 0
    assert "verify.penetration_m" in done.stdout + done.stderr
    assert "Job stats" not in done.stdout + done.stderr


def test_an_unknown_key_stops_before_any_job(workspace: Workspace) -> None:
    workspace.set_config(r"  penetration_m: ", "  penetration: ")
    done = workspace.snakemake("--dry-run")
    assert done.returncode != 0 and "verify.penetration" in done.stdout + done.stderr


def test_a_missing_file_becomes_a_plan_problem_and_costs_nobody_else(workspace: Workspace) -> None:
    with (workspace.folder / "config/sequences.tsv").open("a") as table:
        table.write("gone\tamass\tmotion/gone.npz\tD\tone\n")
    assert stages(workspace.planned()) == set()
