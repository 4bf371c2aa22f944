"""Exported projects: OpenSim itself opens them and finds what the workflow found."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mint.core.bundle import Bundle
from mint.core.motionfiles import read_storage, read_trc
from mint.reader import MintReader
from tests.conftest import ENVIRONMENT
from tests.end_to_end.conftest import Run

# An embedded clip in AMASS format and an optical trial.
SEQUENCES = ("walk", "walking1")
TOOL = """
import sys, opensim
kind, setup = sys.argv[1:]
assert getattr(opensim, kind)(setup).run()
"""
LOAD = """
import sys, opensim
for path in sys.argv[1:]:
    model = opensim.Model(path)
    model.initSystem()
    print(model.getName(), model.getMuscles().getSize())
"""
STATES = """
import sys, opensim
model, table = opensim.Model(sys.argv[1]), opensim.TimeSeriesTable(sys.argv[2])
model.initSystem()
states = opensim.StatesTrajectory.createFromStatesTable(model, table, False, False)  # neither missing nor extra columns
state = states.get(states.getSize() // 2)
model.realizeVelocity(state)
for muscle in model.getMuscleList():
    print("muscle", muscle.getName(), muscle.getActivation(state))
if "_legs_" in sys.argv[1]:
    model.realizeDynamics(state)
    for muscle in model.getMuscleList():
        print("force", muscle.getName(), muscle.getTendonForce(state))
"""
JOINTS = {"hip": ("hip", "femur"), "knee": ("walker_knee", "tibia"), "ankle": ("ankle", "talus")}


@pytest.fixture(scope="session")
def exported(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the exported projects, away from everything else."""
    run.snakemake(*(f"{run.results}/opensim/exported/{name}.json" for name in SEQUENCES))
    return Path(shutil.copytree(run.results / "opensim", tmp_path_factory.mktemp("away") / "opensim"))


def trial(exported: Path, name: str) -> Path:
    """Folder of the forces of a trial."""
    [found] = exported.glob(f"*/OpenSimData/Dynamics/{name}")
    return found


def opensim_says(code: str, *arguments: str, cwd: Path) -> str:
    """What OpenSim prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout + done.stderr


def shortened(setup: Path, frames: int) -> str:
    """The same set-up over its first frames; its name."""
    text = setup.read_text(encoding="utf-8")
    start = float(re.search(r"<initial_time>(.*)</initial_time>", text)[1])
    short = setup.with_name(f"short_{setup.name}")
    short.write_text(re.sub(r"<final_time>.*<", f"<final_time>{start + frames / 50:.8g}<", text), encoding="utf-8")
    return short.name


def rows_at_frames(path: Path) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Frames, columns, values of the rows of a table that lie on a frame."""
    time, columns, values, _ = read_storage(path)
    frames = np.rint(time * 50).astype(int)
    on = np.abs(time * 50 - frames) < 1e-6
    return frames[on], columns, values[on]


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_inverse_dynamics_tool_finds_the_residuals_and_moments_of_the_verification(
    run: Run, exported: Path, name: str
) -> None:
    folder = trial(exported, name)
    opensim_says(TOOL, "InverseDynamicsTool", f"setup_inverse_dynamics_{name}.xml", cwd=folder)
    frames, columns, found = rows_at_frames(folder / "results" / f"inverse_dynamics_{name}.sto")
    verified = run.chunk(name, "verify")
    rows = np.searchsorted(verified["frames"], frames)
    weight_N = 9.80665 * Bundle.read(run.results / "sequences" / name / "sequence.npz").meta["mass_kg"]
    assert len(frames) > 20
    for i, coordinate in enumerate(verified.names("coordinates")):
        [column] = [c for c in columns if c in (f"{coordinate}_moment", f"{coordinate}_force")]
        difference = np.abs(found[:, columns.index(column)] - verified["inverse_dynamics"][rows, i]).max()
        assert difference < 0.001 * weight_N, f"{coordinate}: {difference}"


def test_every_exported_model_loads_without_a_warning_where_nothing_else_is(exported: Path, tmp_path: Path) -> None:
    models = sorted(exported.glob("*/OpenSimData/Model/*.osim"))
    assert len(models) == 6
    for project in {path.parents[2] for path in models}:
        own = [str(path.relative_to(project)) for path in models if path.is_relative_to(project)]
        said = opensim_says(LOAD, *own, cwd=project)
        logged = (project / "opensim.log").read_text(encoding="utf-8")
        assert "_legs 80" in said and "_whole 318" in said
        assert "warning" not in (said + logged).lower() and "error" not in (said + logged).lower(), said + logged


def test_joint_reaction_finds_the_loads_of_the_table(run: Run, exported: Path) -> None:
    folder, reader = trial(exported, "walking1"), MintReader(run.results / "dataset")
    opensim_says(TOOL, "AnalyzeTool", shortened(folder / "setup_joint_reaction_walking1.xml", 12), cwd=folder)
    opensim_says(TOOL, "AnalyzeTool", shortened(folder / "setup_joint_reaction_whole_walking1.xml", 6), cwd=folder)
    table = reader.read("walking1", "joint_loads")
    legs, whole = (
        rows_at_frames(folder / "results" / f"walking1{part}_JointReaction_ReactionLoads.sto")
        for part in ("", "_whole")
    )
    wanted = {
        f"{joint}_{side}": f"{name}_{side}_on_{body}_{side}_in_{body}_{side}"
        for joint, (name, body) in JOINTS.items()
        for side in "rl"
    }
    for (frames, columns, values), names in ((legs, wanted), (whole, {"l5_s1": "L5_S1_IVDjnt_on_lumbar5_in_lumbar5"})):
        assert len(frames) >= 6
        for joint, label in names.items():
            for axis in ("fx", "fy", "fz", "mx", "my", "mz"):
                ours = table[f"{joint}_{axis}"].to_numpy()[np.searchsorted(np.rint(table.index * 50), frames)]
                theirs = values[:, columns.index(f"{label}_{axis}")]
                assert np.abs(ours - theirs).max() < 1.0, f"{joint}_{axis}"  # N or N m, of up to 3000
    pressure = table["l5_s1_compression"]
    assert (pressure / 589).min() > 0.3 and (pressure / 589).max() < 4.0
    assert (table[[f"{joint}_{side}_fy" for joint in JOINTS for side in "rl"]] < 0).all().all()


def test_static_optimization_and_analyze_run_as_they_are(exported: Path) -> None:
    folder = trial(exported, "walk")
    for part in ("", "_whole"):
        opensim_says(
            TOOL, "AnalyzeTool", shortened(folder / f"setup_static_optimization{part}_walk.xml", 1), cwd=folder
        )
        _, columns, forces = rows_at_frames(folder / "results" / f"walk{part}_StaticOptimization_force.sto")
        pelvis = forces[:, [columns.index(f"pelvis_t{axis}_reserve") for axis in "xyz"]]
        assert np.abs(pelvis).max() < (1.0 if not part else 60.0), part
        opensim_says(TOOL, "AnalyzeTool", shortened(folder / f"setup_analyze{part}_walk.xml", 1), cwd=folder)
        assert (folder / "results" / f"walk{part}_BodyKinematics_pos_global.sto").is_file()


@pytest.mark.parametrize("part", ["legs", "whole"])
def test_states_are_complete_and_muscles_have_the_activations_and_forces_of_the_solution(
    exported: Path, part: str
) -> None:
    folder, ending = trial(exported, "walk"), "" if part == "legs" else "_whole"
    [model] = (folder.parents[1] / "Model").glob(f"*_{part}_scaled.osim")
    table = folder / f"states{ending}_walk.sto"
    said = [line.split() for line in opensim_says(STATES, str(model), str(table), cwd=folder).splitlines()]
    for kind, file, count in (("muscle", "activations_walk.sto", None), ("force", "forces_walk.mot", 80)):
        found = {row[1]: float(row[2]) for row in said if row[:1] == [kind] and len(row) == 3}
        frames, columns, values = rows_at_frames(folder / file)
        middle = values[len(frames) // 2]
        assert len(found) == ({"legs": 80, "whole": 318}[part] if count is None else count if part == "legs" else 0)
        for name, value in found.items():
            assert abs(value - middle[columns.index(name)]) < 1e-6 * max(1.0, abs(value)), name


@pytest.mark.parametrize("name", SEQUENCES)
def test_every_table_is_finite_and_says_its_units(exported: Path, name: str) -> None:
    folder = trial(exported, name)
    tables = [*folder.glob("*.mot"), *folder.glob("*.sto"), folder.parents[1] / "Kinematics" / f"{name}.mot"]
    assert len(tables) == 13
    for path in tables:
        _, columns, values, degrees = read_storage(path)
        assert np.isfinite(values).all() and len(set(columns)) == len(columns), path.name
        assert degrees == ("Kinematics" in path.parts or path.name.startswith("kinematics_")), path.name


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_export_is_the_merged_sequence(run: Run, exported: Path, name: str) -> None:
    merged, folder = run.sequence(name), trial(exported, name)
    frames, columns, values = rows_at_frames(folder / f"kinematics_activations_{name}.mot")
    assert np.array_equal(frames, merged["frames"])
    for i, coordinate in enumerate(merged.names("leg_coordinates")):
        ours = values[:, columns.index(coordinate)]
        ours = ours if coordinate.startswith("pelvis_t") and coordinate != "pelvis_tilt" else np.radians(ours)
        assert np.allclose(ours, merged["leg_q"][:, i], atol=1e-5), coordinate
    muscles = [column for column in columns if column.endswith("/activation")]
    assert len(muscles) == 318
    _, columns, forces = rows_at_frames(folder / f"GRF_resultant_{name}.mot")
    vertical = forces[:, columns.index("ground_force_right_vy")] + forces[:, columns.index("ground_force_left_vy")]
    assert np.allclose(vertical, merged["sphere_force_N"][:, :, 1].sum(axis=1), atol=0.5)
    markers = read_trc(folder.parents[2] / "MarkerData" / f"{name}.trc")
    assert len(markers.positions) == len(frames) and np.isfinite(markers.positions).any()


def test_a_sequence_without_chunks_says_why_it_has_no_project(run: Run) -> None:
    printed = run.snakemake(f"{run.results}/opensim/exported/crawl.json")
    record = (run.results / "opensim/exported/crawl.json").read_text(encoding="utf-8")
    assert "no accepted chunk" in record and "Error" not in printed
