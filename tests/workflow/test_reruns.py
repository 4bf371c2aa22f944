"""What runs again after a change: exactly what depends on it (on the job lists of the real rules)."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from mint.batch.check import STAGES_OF
from mint.core.motionfiles import MarkerTable, write_trc
from tests.formats.archives import with_broken_stream
from tests.workflow.conftest import HEAD, Workspace, renamed

COLLECTING = {"all", "records", "dataset", "drawing", "figures", "report", "provenance", "rescue"}
REPORTED = Counter(report=1, provenance=1, all=1)
SOLVED = {"chunks", "merge", "compare"}


def stages(planned: Counter[str]) -> set[str]:
    return set(planned) - COLLECTING


def test_a_second_run_does_nothing(workspace: Workspace) -> None:
    assert workspace.planned() == Counter()


def test_one_marker_adjustment_reruns_that_subject_only(workspace: Workspace) -> None:
    workspace.adjustments("D-one\tC7\t5\t0\t0\tseen in the report\n")
    planned = workspace.planned()
    assert planned["scale"] == planned["muscle_paths"] == 1
    assert planned["chunks"] == planned["merge"] == 1
    assert not stages(planned) & {"motions", "settings", "compile", "model", "data_wheel"}
    assert "D-one.000" in workspace.dry_run() and "D-two" not in workspace.dry_run()
    workspace.run()
    assert workspace.planned() == Counter()


def test_the_note_of_an_adjustment_reruns_nothing(workspace: Workspace) -> None:
    workspace.adjustments("D-one\tC7\t5\t0\t0\tfirst words\n")
    workspace.run()
    workspace.adjustments("D-one\tC7\t5\t0\t0\tother words\n")
    assert workspace.planned() == Counter()


def test_a_threshold_reruns_verification_and_below(workspace: Workspace) -> None:
    workspace.configure({"verify.residual_force_percent": 4.0})
    assert stages(workspace.planned()) == {"settings", *SOLVED} and workspace.changed() == {"verify"}


def test_a_limit_that_solutions_keep_below_reruns_trajectories_and_below(workspace: Workspace) -> None:
    workspace.configure({"verify.penetration_m": 0.02})
    assert stages(workspace.planned()) == {"settings", *SOLVED} and workspace.changed() == {"trajectory", "verify"}


@pytest.mark.parametrize(
    ("setting", "value", "rules"),
    [
        ("quality.marker_rms_mm", 24.5, ["dataset", "figures"]),
        ("report.max_frames", 1501, ["drawing"]),
        ("report.max_ledger_rows", 301, []),
        ("figures.max_groups", 11, ["figures"]),
    ],
)
def test_limits_of_quality_and_settings_of_the_page_compute_nothing_anew(
    workspace: Workspace, setting: str, value: float, rules: list[str]
) -> None:
    workspace.configure({setting: value})
    assert workspace.planned() == Counter(rules) + REPORTED


def test_a_release_is_made_on_request_only(workspace: Workspace) -> None:
    workspace.set_config(r"\n  version: .*", "\n  version: 1.0.1")
    assert workspace.planned() == Counter()
    assert workspace.planned("publish") == Counter(publish=1)


def test_a_new_method_reruns_that_stage_and_below(workspace: Workspace) -> None:
    methods = workspace.folder / "workflow/mint/core/methods.py"
    methods.write_text(re.sub(r'"support": \d+', '"support": 99', methods.read_text()))
    assert stages(workspace.planned()) == {"settings", *SOLVED} and workspace.changed() == {"support"}


@pytest.mark.parametrize(
    ("package", "rules", "shared"),
    [
        (
            "opensim",
            {"prepared_model", "generic_leg_model", "compile", "scale", "muscle_paths", "settings", *SOLVED},
            {"ik", "verify", "trunk"},
        ),
        ("casadi", {"compile", "settings", *SOLVED}, {"trajectory"}),
        ("pyarrow", set(), set()),
        ("pytest", set(), set()),
    ],
)
def test_another_version_of_a_package_reruns_what_computes_with_it_and_below(
    workspace: Workspace, package: str, rules: set[str], shared: set[str]
) -> None:
    workspace.pretend_version(package, "99.0")
    planned = workspace.planned()
    assert stages(planned) == rules and workspace.changed() & {*STAGES_OF["motions"], *STAGES_OF["chunks"]} == shared
    assert planned["dataset"] == (package != "pytest")


def test_solver_settings_rerun_trajectories_and_below(workspace: Workspace) -> None:
    workspace.configure({"trajectory.joint_iterations": 77})
    assert not stages(workspace.planned()) & {"motions", "scale", "muscle_paths"}
    assert workspace.planned()["chunks"] == 2 and workspace.changed() == {"trajectory"}


def test_another_weight_of_tracking_reruns_trajectories_and_below(workspace: Workspace) -> None:
    table = workspace.folder / "resources" / "trajectory_weights.csv"
    table.write_text(table.read_text().replace("pelvis_t[xyz],0.014,", "pelvis_t[xyz],0.015,"))
    assert stages(workspace.planned()) == {"settings", *SOLVED} and workspace.changed() == {"trajectory"}


@pytest.mark.parametrize("subject", ["one", "three"])
def test_added_sequences_compute_themselves_only(workspace: Workspace, subject: str) -> None:
    before = workspace.batches()
    for number in range(100):
        workspace.add_sequence(f"new{number}", subject)
    text, planned = workspace.dry_run(), workspace.planned()
    after = workspace.batches()
    for kind, batches in before.items():
        for batch, members in batches.items():
            # A new trial may hold a person's largest EMG: all others are compared again, and nothing else is.
            told = re.findall(rf"^Job \d+: .*{re.escape(batch)}.*", text, flags=re.MULTILINE)
            assert after[kind][batch] == members and all("Comparing" in line for line in told)
    new = {kind: [batch for batch in batches if batch not in before[kind]] for kind, batches in after.items()}
    assert sum(len(after["motions"][batch]) for batch in new["motions"]) == 100
    assert planned["chunks"] == len(new["chunks"])
    assert planned["motions"] == planned["merge"] == len(new["motions"])
    assert planned["scale"] == planned["muscle_paths"] == (subject == "three")


def test_one_chunk_per_job_if_wanted(workspace: Workspace) -> None:
    workspace.set_config(r"target_minutes: .*", "target_minutes: 0")
    workspace.add_sequence("long", "three", frames=400)
    workspace.add_sequence("longer", "three", frames=500)
    planned, plan = workspace.planned(), workspace.plan()
    chunks = sum(len(plan["sequences"][name]["windows"]) for name in ("long", "longer"))
    assert chunks > 5 and planned["chunks"] == chunks
    assert planned["merge"] == 2


@pytest.mark.parametrize(
    ("arguments", "runs", "spared"),
    [
        (["--until", "body"], {"motions"}, {"chunks", "measured", "merge"}),
        (["--until", "ik"], {"motions", "chunks"}, {"measured", "merge", "dataset"}),
        (["verify"], {"motions", "chunks"}, {"measured", "merge", "dataset"}),
    ],
)
def test_a_stage_that_shares_a_rule_is_a_target_and_an_end(
    fresh: Workspace, arguments: list[str], runs: set[str], spared: set[str]
) -> None:
    planned = fresh.planned(*arguments)
    assert runs <= set(planned) and not spared & set(planned)


def test_a_forced_stage_plans_its_rules_and_below(workspace: Workspace) -> None:
    assert stages(workspace.planned("--forcerun", "trunk")) == {"trunk", *SOLVED}
    assert stages(workspace.planned("results/batches/D-one.000/ik.json", "--forcerun", "ik")) == {"ik", "chunks"}
    assert stages(workspace.planned("--forcerun", "body")) >= {"motions", *SOLVED}


def test_a_deleted_table_is_made_again_from_what_is_there(workspace: Workspace) -> None:
    (workspace.folder / "results/ledger.parquet").unlink()
    assert workspace.planned() == Counter(dataset=1, figures=1) + REPORTED


def ledger(workspace: Workspace, *rows: tuple[str, int, str, str]) -> None:
    """What the last run is said to have left: sequence, chunk, stage, reason."""
    pd.DataFrame(rows, columns=["sequence_id", "chunk", "stage", "reason"]).to_parquet(
        workspace.folder / "results/ledger.parquet"
    )


def test_a_rescue_tries_what_did_not_converge_and_nothing_else(workspace: Workspace) -> None:
    ledger(
        workspace,
        ("a", 0, "trajectory", "not_converged"),
        ("b", 0, "verify", "tracking"),
        ("c", 0, "trajectory", "time_limit"),
    )
    assert workspace.planned() - Counter(dataset=1, figures=1) - REPORTED == Counter()
    planned = workspace.planned("rescue")
    assert planned["second_pass"] == planned["merge"] == 2
    assert stages(planned) == {"settings", "second_pass", "merge", "compare"}
    workspace.run("rescue")
    assert workspace.recorded()["batches"]["rescue"] == {"D-one.rescue.000": ["a/000"], "D-two.rescue.000": ["c/000"]}
    # A later run keeps what was rescued, and asks for nothing more.
    assert workspace.planned() == Counter()
    assert workspace.batches()["rescue"] == {"D-one.rescue.000": ["a/000"], "D-two.rescue.000": ["c/000"]}


def test_other_rescue_attempts_rerun_rescues_only(workspace: Workspace) -> None:
    ledger(workspace, ("a", 0, "trajectory", "not_converged"))
    workspace.run("rescue")
    workspace.configure({"rescue.attempts": renamed("patient", "very_patient")})
    planned = workspace.planned()
    assert planned["second_pass"] == planned["merge"] == 1 and not planned["chunks"]
    assert "D-one.rescue.000" in workspace.dry_run()


def test_a_bad_configuration_stops_before_any_job(workspace: Workspace) -> None:
    workspace.configure({"verify.penetration_m": "soft"})
    done = workspace.snakemake("--dry-run")
    assert done.returncode != 0
    assert "verify.penetration_m" in done.stdout + done.stderr
    assert "Job stats" not in done.stdout + done.stderr


def test_an_unknown_key_stops_before_any_job(workspace: Workspace) -> None:
    workspace.configure({"verify.penetration": 0.03})
    done = workspace.snakemake("--dry-run")
    assert done.returncode != 0 and "verify.penetration" in done.stdout + done.stderr


def test_a_missing_file_becomes_a_plan_problem_and_costs_nobody_else(workspace: Workspace) -> None:
    with (workspace.folder / "config/sequences.tsv").open("a") as table:
        table.write("gone\tamass\tmotion/gone.npz\tD\tone\n")
    assert stages(workspace.planned()) == set()


def test_what_cannot_be_run_is_named_and_plans_nothing(workspace: Workspace) -> None:
    motion, sequences = workspace.folder / "motion", workspace.folder / "config/sequences.tsv"
    frames = {"poses": np.zeros((101, 156)), "trans": np.zeros((101, 3)), "betas": np.zeros(16)}
    for name, rate in (("NaN", np.nan), ("1e-9", 1e-9)):
        np.savez(motion / f"{name}.npz", **frames, mocap_framerate=np.array(rate))
    with_broken_stream(motion / "zlib.npz", "poses")
    (motion / "empty.trc").write_bytes(b"")
    (motion / "one_line.trc").write_text("PathFileType\t4\t(X/Y/Z)\ta.trc\n")
    write_trc(
        motion / "good.trc",
        MarkerTable(["C7", "r.ASIS", "L.ASIS"], np.tile(np.eye(3), (101, 1, 1)), np.arange(101) / 60, 60.0),
    )
    # What the ledger must name; source, path, marker set and static trial.
    rows = [
        ("NaN.npz", "amass", "NaN.npz"),
        ("1e-9.npz", "amass", "1e-9.npz"),
        ("zlib.npz", "amass", "zlib.npz"),
        ("empty.trc", "trc", "empty.trc", "opencap_vicon"),
        ("one_line.trc", "trc", "one_line.trc", "opencap_vicon"),
        ("'nobodys_set' is unknown", "trc", "good.trc", "nobodys_set"),
        ("none.trc", "trc", "good.trc", "opencap_vicon", "motion/none.trc"),
    ]
    of_another_model = ("opencap_vicon has no tables for model full402", "trc", "good.trc", "opencap_vicon")

    def add(number: int, source: str, path: str, *more: str) -> None:
        with sequences.open("a") as table:
            table.write("\t".join([f"bad{number}", source, f"motion/{path}", "D", f"bad{number}", *more]) + "\n")

    def said(number: int) -> str:
        return str(workspace.plan()["sequences"][f"bad{number}"]["problem"]["detail"])

    sequences.write_text(sequences.read_text().replace(HEAD, f"{HEAD.strip()}\tmarker_set\tstatic_path\n"))
    for number, (named, *row) in enumerate(rows):
        add(number, *row)
        assert named in said(number)
    assert stages(workspace.planned()) == set()
    workspace.set_config(r"\nmodel: .*", "\nmodel: full402")
    add(len(rows), *of_another_model[1:])
    assert of_another_model[0] in said(len(rows))
    planned = workspace.planned()
    assert {planned[stage] for stage in ("scale", "chunks", "merge")} == {2} and not planned["motions"]


def test_a_path_with_a_tab_a_line_break_and_a_number_sign_is_computed_once(workspace: Workspace) -> None:
    path = "motion/a#b\tc\nd_poses.npz"
    shutil.copy(workspace.folder / "motion/a_poses.npz", workspace.folder / path)
    with (workspace.folder / "config/sequences.tsv").open("a", newline="") as table:
        csv.writer(table, "excel-tab", lineterminator="\n").writerow(["odd", "amass", path, "D", "three"])
    assert workspace.planned()["motions"] == 1
    workspace.run()
    assert workspace.planned() == Counter()


def test_measurements_are_an_input_of_trajectories_only_where_they_are_given(workspace: Workspace) -> None:
    def trajectories() -> list[str]:
        done = workspace.snakemake("--detailed-summary")
        assert done.returncode == 0, done.stderr
        return [line for line in done.stdout.splitlines() if re.match(r"results/batches/.*/trajectory.json\t", line)]

    assert len(trajectories()) == 2 and not any("/measured.json" in line for line in trajectories())
    workspace.configure({"trajectory.ground_force": "tracked"})
    assert stages(workspace.planned()) == {"settings", *SOLVED}
    assert all("set of input files changed" in line for line in trajectories())
    workspace.run()
    assert len(trajectories()) == 2 and all("/measured.json" in line for line in trajectories())
