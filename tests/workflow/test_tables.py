"""An edited table, or source that is not Python, runs exactly the rules that read it; another date runs nothing."""

from __future__ import annotations

import os
from collections import Counter

from mint.batch.check import CHUNK_STAGES
from tests.workflow.conftest import Workspace

# Files that are edited together: no rule reads two of them.
READERS: dict[str, set[str]] = {
    "resources/leg_muscle_reference.csv": {"prepared_model"},
    "resources/coordinates_pose2sim.csv": {"scale", "ik"},
    "resources/muscle_path_degrees.csv": {"muscle_paths"},
    "resources/emg_channels.csv": {"measured"},
    "workflow/mint/trajectory/solvers/mumps.c": {"compile", "trajectory"},
    "resources/contact_spheres.csv": {"trunk"},
    "resources/amass_sets.csv": {"dataset"},
    "resources/muscle_subsets.csv": {"figures", "report"},
    # What pins a file is a parameter, row by row; the release is made on request.
    "resources/models.csv": set(),
    "resources/data_wheels.csv": set(),
    "resources/licences.csv": set(),
}


def test_an_edited_table_runs_what_reads_it(workspace: Workspace) -> None:
    for name in READERS:
        with (workspace.folder / name).open("a") as file:
            file.write("# edited\n")
    assert workspace.changed() == set().union(*READERS.values())


def test_a_marker_set_runs_the_subjects_that_have_it(workspace: Workspace) -> None:
    for name, rules in (("opencap_vicon", set()), ("smplh67", {"scale", *CHUNK_STAGES})):
        with (workspace.folder / f"resources/marker_sets/{name}/markers_pose2sim.csv").open("a") as file:
            file.write("# edited\n")
        assert workspace.changed() == rules


def test_files_of_another_date_run_nothing(workspace: Workspace) -> None:
    """As after a fresh checkout, or another branch and back."""
    for folder in ("resources", "workflow/rules", "workflow/mint/trajectory", "workflow/mint/report/template"):
        for path in (workspace.folder / folder).rglob("*"):
            os.utime(path)
    assert workspace.planned() == Counter()
