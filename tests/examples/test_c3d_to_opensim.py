"""examples/c3d_to_opensim.py calls `mint solve` and `mint export` themselves; only their workflow is stood in for."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import pytest

from mint.dataset import ledger
from tests.conftest import ROOT
from tests.examples.conftest import Example
from tests.sequence.factory import Project


@pytest.fixture
def ahead(tmp_path: Path) -> Path:
    """A folder with the stand-in for `mint`, over the results of a sequence `walk`."""
    project = Project(tmp_path / "solved")
    project.add("walk", 300)
    project.solve("walk")
    project.merge("walk")
    ledger.run(project.plan, project.results)
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "mint"
    variables = f'MINT_SOLVED="{project.results}" PYTHONPATH="{ROOT}"'
    call = f'{variables} exec "{sys.executable}" -m tests.examples.stand_in "$@"'
    script.write_text(f"#!/bin/sh\n{call}\n", encoding="utf-8")
    script.chmod(0o755)
    return folder


@pytest.fixture
def c3d(tmp_path: Path) -> Path:
    """A name only: what stands in for the workflow does not read it."""
    (tmp_path / "static.c3d").touch()
    path = tmp_path / "walk.c3d"
    path.touch()
    return path


def test_the_model_and_the_motion_to_open_are_files_that_the_export_has_written(
    example: Example, ahead: Path, c3d: Path, tmp_path: Path
) -> None:
    done = example("c3d_to_opensim.py", c3d, "--mass", "70", "--out", "a folder", ahead=ahead)
    assert done.returncode == 0, done.stdout + done.stderr
    said = dict(re.findall(r"^  ([A-Z][^:]+): +(/.+)$", done.stdout.split("In OpenSim:")[1], re.MULTILINE))
    project = (tmp_path / "a folder" / "results" / "opensim" / "solve-person" / "OpenSimData").resolve()
    assert said == {
        "File, Open Model": str(project / "Model" / "pose2sim_legs_scaled.osim"),
        "File, Load Motion": str(project / "Kinematics" / "walk.mot"),
        "Associate Motion Data": str(project / "Dynamics" / "walk" / "GRF_resultant_walk.mot"),
    }
    assert all(Path(path).is_file() for path in said.values())


def test_static_trial_and_mass_reach_the_table_of_what_is_solved(
    example: Example, ahead: Path, c3d: Path, tmp_path: Path
) -> None:
    done = example("c3d_to_opensim.py", c3d, "--static", "static.c3d", "--mass", "71.5", ahead=ahead)
    assert done.returncode == 0, done.stdout + done.stderr
    with (tmp_path / "mint_walk" / "sequences.tsv").open(encoding="utf-8", newline="") as handle:
        [row] = csv.DictReader(handle, delimiter="\t")
    assert float(row["mass_kg"]) == 71.5
    assert row["static_path"] == str((tmp_path / "static.c3d").resolve()) and row["path"] == str(c3d.resolve())
    # What mint prints is shown as it is.
    assert "walk: 5 of 5 chunks accepted" in done.stdout and "walk: solve-person: walk" in done.stdout


def test_nothing_is_exported_where_solving_fails(example: Example, ahead: Path, c3d: Path, tmp_path: Path) -> None:
    gone = example("c3d_to_opensim.py", "gone.c3d", ahead=ahead)
    assert gone.returncode == 2 and "gone.c3d is no file" in gone.stderr and "mint export" not in gone.stdout
    script = ahead / "mint"
    script.write_text(script.read_text(encoding="utf-8").replace("exec", "MINT_FAILS=1 exec"), encoding="utf-8")
    failed = example("c3d_to_opensim.py", c3d, ahead=ahead)
    assert failed.returncode == 1 and "mint export" not in failed.stdout and "Traceback" not in failed.stderr
    assert not (tmp_path / "mint_walk" / "results" / "opensim").exists()
