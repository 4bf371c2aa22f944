"""What the jobs of a run opened, and which of it their rules declare.

What a job may read without a word in its rule:

- what it wrote itself, its log included, or wrote when it ran before;
- what the job wrote that made one of its inputs: the record of a batch stands for the results of its members, the table
  of the dataset for the dataset's folder, a model for the trace beside it. That job runs again whenever any of it is to
  change, and with it whoever has its output as an input; the record of merge stands for what was merged too, because it
  has the fingerprints of the sequences, which change with the digest of any of it;
- Python code: `tests/core` holds the code that a stage imports against the version of its method.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT

HERE = Path(__file__).parent / "audit"
# Git tells the commit for a trace. Snakemake's own folder has the script. A cache is found by the digest of what was put
# into it. What a run is forced to make is an order, not an input. Packages, this one too, are part of a stage's fingerprint by
# their versions: reading those opens what the installation says of itself.
_NO_INPUT = ("/.git", "/.snakemake/", "/results/cache/", "/.venv/", ".egg-info/", "/results/plan/forced.json")


@dataclass
class Job:
    """One execution of a rule's script: absolute paths. `used` is what a stage of a batch read in its children: the job
    itself reads every input for its digest. Of other rules it is all that was read.

    Of stages that share a rule: `tables` are the files of the checkout among the settings of each; `used_by` is what its
    children read that they had not written, `traces` where it said what its results depend on."""

    rule: str
    inputs: set[str]
    checkout: set[str]
    outputs: set[str]
    logs: set[str]
    read: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    tables: dict[str, set[str]] = field(default_factory=dict)
    used_by: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    traces: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class Audit:
    """Processes below it note what they open: `environment` is for the command that starts the workflow."""

    def __init__(self, folder: Path, *roots: Path) -> None:
        """`folder` is for the notes; files below `roots` are noted. Needs a C compiler, as the workflow does."""
        self.folder = folder
        folder.mkdir(parents=True)
        library = folder / "opens.so"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "opens.c"), "-ldl"], check=True
        )
        below = ":".join(f"{place}/" for root in roots for place in {Path.cwd() / root, (Path.cwd() / root).resolve()})
        self.environment = {
            "MINT_AUDIT_LOG": str(folder),
            "MINT_AUDIT_BELOW": below,
            "LD_PRELOAD": str(library),
            "PYTHONPATH": str(HERE),
        }

    def jobs(self) -> list[Job]:
        """Every job so far. Raises ValueError for one that ended without saying what it declares."""
        found = []
        for notes in sorted(self.folder.glob("*.opened")):
            facts = notes.with_suffix(".json")
            if not facts.exists():
                raise ValueError(f"a job of script {notes.name.partition('.')[0]} was killed")
            said = json.loads(facts.read_text(encoding="utf-8"))
            job = Job(
                said["rule"],
                *({_place(name) for name in said[kind]} for kind in ("input", "checkout", "output", "log")),
            )
            job.tables = {stage: {_place(name) for name in names} for stage, names in said["tables"].items()}
            lines = notes.read_text(encoding="utf-8", errors="replace").splitlines()
            _follow(lines, job, str(said["process"]) if said["batch"] else "")
            found.append(job)
        return found


def _place(name: str) -> str:
    """Where a file lies, whatever links lead there; names that are relative are of the checkout."""
    return os.path.realpath(ROOT / name)


def _follow(lines: Sequence[str], job: Job, digesting: str) -> None:
    """Go through the notes of a job in order; a file that was renamed, alone or with its folder, counts as written. A stage
    begins when the job opens the log of that stage."""
    stage = job.rule
    for line in lines:
        kind, process, rest = line.split(" ", 2)
        if any(part in rest for part in _NO_INPUT):
            continue
        paths = [_place(path) for path in rest.split("\t")]
        if kind in "RL" and paths[0] not in job.written:
            job.read.add(paths[0])
            if process != digesting:
                job.used.add(paths[0])
                job.used_by[stage].add(paths[0])
        if kind == "W" and process == digesting and paths[0] in job.logs:
            stage = Path(paths[0]).parent.name
        if kind in "WL":
            job.written.add(paths[-1])
        elif kind == "M":
            old, new = paths
            if new.endswith(".made.json"):
                job.traces[stage].add(new)
            moved = {new + path.removeprefix(old) for path in job.written if path == old or path.startswith(f"{old}/")}
            job.written |= moved or {new}


def undeclared(jobs: Sequence[Job]) -> Iterator[tuple[str, str]]:
    """Rule and path of every file that a job read without its rule declaring it."""
    makers: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        for output in job.outputs:
            makers[output].append(job)
    for job in jobs:
        stand_for = [maker for name in job.inputs | job.outputs for maker in makers[name]]
        stand_for += [
            maker for merge in stand_for if merge.rule == "merge" for name in merge.inputs for maker in makers[name]
        ]
        known = set().union(
            job.inputs, job.checkout, job.logs, *(each.written | each.outputs for each in (job, *stand_for))
        )
        folders = tuple(f"{name}/" for name in job.inputs)
        for path in sorted(job.read - known):
            if not path.startswith(folders) and not path.endswith((".py", ".pyc")):
                yield job.rule, path


def unnamed(jobs: Sequence[Job]) -> Iterator[tuple[str, str]]:
    """Stage and path of every file that a stage of a rule of several read without its traces naming it: its results would
    be kept whatever becomes of that file."""
    for job in jobs:
        for stage, traces in job.traces.items() if len(job.tables) > 1 else ():
            named: set[str] = set()
            for trace in map(Path, sorted(traces)):
                results = next(parent for parent in trace.parents if parent.name == "sequences").parent
                inputs = json.loads(trace.read_text(encoding="utf-8"))["inputs"]
                named |= {_place(str(results / path)) for files in inputs.values() for path, _ in files}
                named |= {_place(path) for files in inputs.values() for path, _ in files}
            for path in sorted(job.used_by[stage] - named - job.logs):
                if not path.endswith((".py", ".pyc")):
                    yield stage, path
