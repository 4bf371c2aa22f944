# Configuration, plan and the few functions that rules share. This file runs at every start of Snakemake, on
# a cluster twice per job, so it only reads small files.

import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake_interface_executor_plugins.settings import ExecMode

ROOT = Path(workflow.basedir)
sys.path.insert(0, str(ROOT / "workflow"))
from mint.config.project import load_project
from mint.core.environment import export_package_path
from mint.core.methods import METHOD_VERSION
from mint.core.tables import table
from mint.plan.project import demo_lengths, make_plan, plan_path
from mint.plan.build import read_plan
from mint.plan.sequences import read_adjustments

export_package_path()


configfile: "config/config.yaml"


# A bad table or key ends the run here, before any job, with one line per problem.
try:
    PROJECT = load_project(config)
    ADJUSTMENTS = read_adjustments(PROJECT.marker_adjustments)
    if workflow.exec_mode == ExecMode.DEFAULT:
        PLAN = make_plan(PROJECT, ROOT)
    else:
        PLAN = read_plan(plan_path(PROJECT))
except (ValueError, OSError) as error:
    raise WorkflowError(str(error)) from None

SEQUENCES = {
    name: record
    for name, record in PLAN["sequences"].items()
    if record["problem"] is None
}
SUBJECTS = PLAN["subjects"]
RESULTS = PROJECT.results


wildcard_constraints:
    seq=r"[A-Za-z0-9_\-]+",
    subject=r"[A-Za-z0-9_\-]+",
    chunk=r"\d{3}",
    model=r"[a-z0-9]+[a-z0-9_]*(?<!_prepared)(?<!_leg)",


SEQ = f"{RESULTS}/sequences/{{seq}}"
SUBJECT = f"{RESULTS}/subjects/{{subject}}"
CHUNK = f"{SEQ}/chunks/{{chunk}}"
MODEL_FILE = f"{RESULTS}/inputs/models/{PROJECT.model}_prepared.osim"


def section(name, *keys):
    """A section of the configuration, or some keys of it, as plain values: what a result depends on, hence a parameter."""
    return getattr(PROJECT, name).model_dump(mode="json", include=set(keys) or None)


def record(wildcards):
    return SEQUENCES[wildcards.seq]


def subject_of(wildcards):
    return record(wildcards)["subject_id"]


def subject_file(name):
    """Input function: a file of the subject who performs the sequence."""
    return lambda wildcards: f"{RESULTS}/subjects/{subject_of(wildcards)}/{name}"


def window(wildcards):
    """The chunk's window as [start, stop], frames at 50/s."""
    chunk = record(wildcards)["windows"][int(wildcards.chunk)]
    return [chunk["start"], chunk["stop"]]


def chunk_files(name):
    """Input function: one file of every chunk of the sequence."""
    return lambda wildcards: [
        f"{RESULTS}/sequences/{wildcards.seq}/chunks/{w['chunk']:03d}/{name}"
        for w in record(wildcards)["windows"]
    ]


def marker_bodies(wildcards):
    """Which body carries which optical marker, for the heights of body parts; nothing for a mesh."""
    rec = record(wildcards)
    if rec["source"] == "amass":
        return None
    rows = table(f"marker_sets/{rec['marker_set']}/markers_{PROJECT.model}")
    return dict(zip(rows["marker"], rows["body"]))


def body_model_files(wildcards=None):
    """SMPL-H files that exist, or all three of the embedded body, which a rule makes."""
    folder = PROJECT.body.model_dir
    files = [f"{folder}/{gender}/model.npz" for gender in ("male", "female", "neutral")]
    return (
        files
        if folder == DEMO_BODY
        else [name for name in files if Path(name).exists()]
    )


DEMO_BODY = f"{RESULTS}/inputs/body"
