"""Every rule declares what it reads: each runs in the project, and what its jobs opened is compared with it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from mint.batch.check import STAGES_OF
from mint.core.bundle import Bundle
from mint.learning.benchmark.names import FLOOR_TITLES
from tests.body.synthetic import joint_positions
from tests.conftest import ENVIRONMENT, ROOT
from tests.end_to_end import motions
from tests.end_to_end.conftest import Run, table
from tests.end_to_end.opened import Audit, Job, undeclared, unnamed
from tests.formats.bvh_files import bvh_text
from tests.learning.data.made import Sequenced, chunk, write_published
from tests.learning.mia.factory import write_sample
from tests.learning.test_pairs import folder as pair_folder
from tests.learning.trained import write_refiner

# Reads by Python, by C++ (pyarrow), and by a child of each kind; a link is a way to read as well.
SCRIPT = """
import os, subprocess, sys
from pathlib import Path
import pyarrow, pyarrow.parquet as pq
Path("by_python").read_bytes()
pq.write_table(pyarrow.table({"x": [1]}), "own.parquet")
os.replace("own.parquet", "renamed.parquet")
pq.read_table("renamed.parquet", memory_map=True)
pq.read_table("by_cpp")
subprocess.run([sys.executable, "-c", "open('by_child')"], check=True)
subprocess.run(["cat", "by_cat"], check=True, stdout=subprocess.DEVNULL)
os.link("by_link", "linked")
class snakemake:
    rule, params, input, output, log = "x", [], ["by_python"], ["out"], ["log"]
"""


def test_the_audit_sees_python_cplusplus_children_and_links(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("by_python", "by_child", "by_cat", "by_link"):
        (project / name).write_text("x")
    pd.DataFrame({"x": [1]}).to_parquet(project / "by_cpp")
    script = project / ".snakemake" / "scripts" / "tmp1.x.py"
    script.parent.mkdir(parents=True)
    script.write_text(SCRIPT)
    audit = Audit(tmp_path / "audit", project)
    subprocess.run([sys.executable, str(script)], cwd=project, env={**ENVIRONMENT, **audit.environment}, check=True)
    [job] = audit.jobs()
    assert {Path(path).name for path in job.read} >= {"by_python", "by_cpp", "by_child", "by_cat", "by_link"}
    assert {Path(path).name for path in job.written} >= {"renamed.parquet", "linked"}
    assert {Path(path).name for _, path in undeclared([job])} == {"by_cpp", "by_child", "by_cat", "by_link"}


@pytest.fixture(scope="session")
def skeleton(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A skeleton whose motion is put on the embedded body, with the wheels of which that was made: with newer ones it would be
    made again, and with it everything of `run`."""
    other = Run(tmp_path_factory.mktemp("skeleton"), wheels=False)
    (other.results / "inputs").symlink_to(run.results / "inputs")
    walk = motions.read(run.folder / "motions" / "walk_poses.npz")
    path = other.folder / "walk.bvh"
    path.write_text(bvh_text(joint_positions(), walk["poses"], walk["trans"], float(walk["mocap_framerate"])))
    other.table.write_text(table([{"sequence_id": "walk", "path": path, "dataset": "MintDemo", "subject": "skeleton"}]))
    other.snakemake("--until", "body")
    return other


def test_a_skeleton_needs_no_word_in_the_table(skeleton: Run) -> None:
    body = Bundle.read(skeleton.results / "sequences" / "walk" / "body.npz")
    assert body.ok and body.meta["kind"] == "poses", body.status.message


@pytest.fixture(scope="session")
def learned(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A benchmark on a dataset from elsewhere: motions of three people and a skeleton, measured EMG of Muscles in Action."""
    other = Run(tmp_path_factory.mktemp("learned"), wheels=False)
    (other.results / "inputs").symlink_to(run.results / "inputs")
    walk = motions.read(run.results / "inputs" / "amass" / "MintDemo" / "demo_f" / "walk_poses.npz")
    sequences, rows = [], []
    for i in range(4):
        path = other.folder / f"walk_{i}.{'npz' if i else 'bvh'}"
        if i:
            motions.write(path, walk)
        else:
            path.write_text(bvh_text(joint_positions(), walk["poses"], walk["trans"], float(walk["mocap_framerate"])))
        sequences.append(Sequenced(f"A/A/p{i}/walk_poses", chunk(0), babel_sid=i))
        rows.append({"sequence_id": f"A-A-p{i}-walk", "path": path, "dataset": "A", "subject": f"p{i}"})
    other.table.write_text(table(rows))
    mia = other.folder / "mia"
    for path in ("train/Subject0/Walk/1", "val/Subject1/Walk/2"):
        write_sample(mia, path)
    (other.folder / "babel").mkdir()
    label = {"raw_label": "walking", "proc_label": "walk", "act_cat": ["walk"], "seg_id": "s"}
    annotation = {"babel_lid": "l", "anntr_id": "a", "mul_act": False, "labels": [label]}
    (other.folder / "babel" / "train.json").write_text(
        json.dumps(
            {
                str(i): {
                    "babel_sid": i,
                    "url": "",
                    "feat_p": f"A/A/p{i}/walk_poses.npz",
                    "dur": 3.09,
                    "seq_ann": annotation,
                    "frame_ann": None,
                }
                for i in range(4)
            }
        )
    )
    dataset = write_published(other.folder / "dataset", sequences)
    other.settings = (
        f"benchmark={{dataset: {dataset}, mia: {mia}, preset: test, seeds: 1, models: [ours], ablations: false, "
        "split: people}",
        f"babel={{folder: {other.folder / 'babel'}}}",
    )
    other.snakemake("benchmark")
    return other


def test_a_benchmark_learns_from_a_dataset_from_elsewhere_and_from_measured_emg(learned: Run) -> None:
    folder = learned.results / "learning"
    told = json.loads((folder / "benchmark.json").read_text(encoding="utf-8"))
    assert told["why"] == "" and told["left_out"] == {} and sum(told["sequences"].values()) == 4
    results = pd.read_parquet(folder / "results.parquet")
    assert set(results["entry"]) == {"ours", *FLOOR_TITLES} and set(results["action"]) == {"", "walk", "walk (group)"}
    assert set(pd.read_parquet(folder / "finetuned.parquet")["how"]) == {"outer", "all", "scratch", "mean"}
    assert (folder / "models/ours/model.onnx").is_file()


@pytest.fixture(scope="session")
def jobs(run: Run, skeleton: Run, learned: Run, tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    """Jobs of the whole project, of a release, of an export, of a second pass for one chunk, of refinements (with the
    project's EMG, with files from elsewhere, with a refiner from elsewhere), of a wheel that is fetched and read, of a
    skeleton, of a benchmark on a dataset from elsewhere and features of the project's own."""
    bare = Run(tmp_path_factory.mktemp("wheel"), wheels=False)
    bare.table.write_text("sequence_id\tsource\tpath\tdataset\tsubject\n")
    bare.snakemake(f"{bare.results}/inputs/wheels/pose2sim", f"{bare.results}/inputs/video_places.csv")
    pairs = Run(tmp_path_factory.mktemp("pairs"), wheels=False)
    pairs.table.write_text("sequence_id\tsource\tpath\tdataset\tsubject\n")
    pairs.settings = (f"refine={{preset: test, pairs: {pair_folder(pairs.folder)}}}",)
    pairs.snakemake("refine")
    run.snakemake("refine")
    own = run.settings
    run.settings = (*own, f"refine={{model: {write_refiner(tmp_path_factory.mktemp('refiner'))}}}")
    run.snakemake("refine")
    run.settings = own
    run.snakemake(f"{run.results}/learning/examples.parquet")
    run.snakemake("publish", f"{run.results}/opensim/exported/walk.json")
    ledger = run.ledger()
    ledger.loc[ledger["sequence_id"] == "walk_raised", ["stage", "reason"]] = ["trajectory", "not_converged"]
    ledger.to_parquet(run.results / "ledger.parquet")
    run.snakemake("rescue")
    return [*run.audit.jobs(), *bare.audit.jobs(), *pairs.audit.jobs(), *skeleton.audit.jobs(), *learned.audit.jobs()]


def rules() -> set[str]:
    """Rules that have a script."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "workflow/rules").glob("*.smk")]
    return {
        name
        for text in texts
        for name, body in re.findall(r"^rule (\w+):\n((?:[ #].*\n|\n)+)", text, flags=re.MULTILINE)
        if "    script:" in body
    }


def test_every_rule_has_run(run: Run, jobs: list[Job]) -> None:
    assert {job.rule for job in jobs} == rules()
    assert any("rescue" in path for job in jobs if job.rule == "second_pass" for path in job.outputs)


def test_every_rule_declares_what_it_reads(jobs: list[Job]) -> None:
    assert sorted(set(undeclared(jobs))) == []


def test_every_rule_of_the_other_model_declares_what_it_reads(full402: Run) -> None:
    assert sorted(set(undeclared(full402.audit.jobs()))) == []


def test_every_stage_that_shares_a_rule_names_what_it_reads(jobs: list[Job], full402: Run) -> None:
    """Its rule declares what all of them read; what a stage keeps its results for is its own."""
    assert {stage for job in jobs for stage in job.traces} >= {*STAGES_OF["motions"], *STAGES_OF["chunks"]}
    assert sorted({*unnamed(jobs), *unnamed(full402.audit.jobs())}) == []


def test_every_declared_table_is_used(jobs: list[Job], full402: Run) -> None:
    """A table that is declared and not read would make results out of date for nothing."""
    declared: dict[tuple[str, str], bool] = {}
    for job in (*jobs, *full402.audit.jobs()):
        # Tables of a stage that shares a rule are its own, whichever of its rules runs it.
        own = job.checkout.difference(*job.tables.values())
        used = [(job.rule, path, path in job.used) for path in own]
        used += [(stage, path, path in job.used_by[stage]) for stage, paths in job.tables.items() for path in paths]
        for name, path, is_used in used:
            if f"{ROOT}/resources/" in path:
                declared[name, path] = declared.get((name, path), False) or is_used
    assert declared and sorted(key for key, used in declared.items() if not used) == []
