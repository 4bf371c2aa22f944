"""Every column of the table of sequences: another value makes again exactly what uses it.

Sequence `a` shares its subject `one` with `b`, sequence `c` is all that there is of subject `two`: columns of a row and
of a subject are changed together, and the jobs of each subject tell which did what.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from mint.batch.check import CHUNK_STAGES
from mint.campaign.what_changed import planned_jobs
from mint.core.motionfiles import MarkerTable, write_trc
from mint.plan.sequences import SequenceRow
from tests.workflow.conftest import Workspace

# A job of several stages is planned as a whole.
SOLVED = {*CHUNK_STAGES, "merge", "compare"}
SCALED = {"scale", "muscle_paths", *SOLVED}
MEASURED = {"measured", "emg_scale"}
MOTION = {"validate", "body", *MEASURED, *SCALED}
TABLES = {"dataset", "figures", "report", "provenance"}
ALL = {"drawing", *TABLES}

# Changes {column: value} of sequences a and c; the rules that run for subjects one and two or of the new name; the others.
Case = tuple[dict[str, str], dict[str, str], set[str], set[str], set[str]]
CASES: dict[str, Case] = {
    "gender, mass": ({"gender": "female"}, {"mass_kg": "70"}, MOTION, MOTION, {"records", *ALL}),
    "rate": ({"frame_rate_override": "59"}, {}, MOTION, set(), {"records", *ALL}),
    "belt, marker set": ({"belt_velocity_m_s": "1.5"}, {"marker_set": "opencap_vicon"}, SOLVED, SCALED, ALL),
    "forces, EMG": (
        {"forces_path": "motion/forces.mot", "emg_side": "r", "emg_offset_s": "0.1"},
        {"emg_path": "motion/emg.csv", "forces_offset_s": "-0.02"},
        {*MEASURED, "compare"},
        {*MEASURED, "compare"},
        TABLES,
    ),
    "largest EMG": ({"emg_maximum": "soleus_r=0.5,biceps_femoris_l=1e-4"}, {}, {"emg_scale", "compare"}, set(), TABLES),
    "label": ({"babel_sid": "12"}, {}, set(), set(), {"records", *TABLES}),
    "stature": ({}, {"height_m": "1.8"}, set(), MOTION, {"records", *ALL}),
    "file, subject": ({"path": "motion/other_poses.npz"}, {"subject": "new"}, MOTION, MOTION, {"records", *ALL}),
    "dataset": ({}, {"dataset": "New"}, set(), MOTION, {"records", *ALL}),
    "name": ({}, {"sequence_id": "new"}, set(), MOTION, {"records", *ALL}),
    "source": (
        {},
        {
            "source": "trc",
            "path": "motion/static.trc",
            "marker_set": "opencap_vicon",
            "static_path": "motion/static.trc",
        },
        set(),
        MOTION,
        {"records", *ALL},
    ),
}


def change(workspace: Workspace, changes: dict[str, dict[str, str]]) -> None:
    """Give columns of sequences other values."""
    path = workspace.folder / "config" / "sequences.tsv"
    with path.open(newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    for row in rows:
        row.update(changes.get(row["sequence_id"], {}))
    columns = [name for name in SequenceRow.model_fields if any(row.get(name) for row in rows)]
    with path.open("w", newline="") as table:
        writer = csv.DictWriter(table, columns, delimiter="\t", restval="")
        writer.writeheader()
        writer.writerows(rows)


def further_files(folder: Path) -> None:
    """A second motion, a static trial, forces and EMG."""
    for name in ("forces.mot", "emg.csv"):
        (folder / name).write_text("x")
    shutil.copy(folder / "a_poses.npz", folder / "other_poses.npz")
    places = np.tile(np.random.default_rng(1).uniform(0, 1.7, (1, 4, 3)), (101, 1, 1))
    write_trc(
        folder / "static.trc", MarkerTable(["C7", "r.ASIS", "L.ASIS", "r.PSIS"], places, np.arange(101) / 60, 60.0), 0
    )


def test_every_column_is_changed() -> None:
    assert {column for of_a, of_c, *_ in CASES.values() for column in {**of_a, **of_c}} == set(SequenceRow.model_fields)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_another_value_in_a_column_runs_what_uses_it(workspace: Workspace, case: Case) -> None:
    of_a, of_c, runs_one, runs_two, runs = case
    further_files(workspace.folder / "motion")
    change(workspace, {"a": of_a, "c": of_c})
    done = workspace.snakemake("all", "--summary")
    assert done.returncode == 0, done.stderr
    jobs = planned_jobs(done.stdout)
    assert {job.rule for job in jobs if "one" in job.name} == runs_one
    assert {job.rule for job in jobs if job.name and "one" not in job.name} == runs_two
    assert {job.rule for job in jobs if not job.name} == runs
