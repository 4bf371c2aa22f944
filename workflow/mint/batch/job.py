"""A job of a batch rule: one stage for its members, or several, one after the other.

Stages that follow one another share a job, so that a batch costs one start of Snakemake and of Python. Each keeps what
it would have as a rule: settings, in a file that Snakemake compares; record, log and child processes of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from mint.batch.forced import Forced
from mint.batch.run import Stage, run_batch


class Job(Protocol):
    """What Snakemake hands to the script of a batch rule. Outputs lie two folders below the results."""

    rule: str
    input: Any
    params: Any
    output: Any
    resources: Any
    log: Any


# What each stage of a job was given as settings: {stage: {name: value}}, from the files of rule `settings`.
Settings = Mapping[str, Mapping[str, Any]]
# A stage as it is for a job.
Build = Callable[[Job, Settings], Stage]


def run_job(stage: Stage, job: Job) -> None:
    """`run_batch` with members, limits and attempt of a job of one stage; its record is the output `record`, if any."""
    results = Path(job.output[0]).parents[2]
    _run(stage, job, results, Forced.read(results), job.output.get("record"), list(map(str, job.output)), job.log[0])


def run_stages(stages: Sequence[Build], job: Job) -> None:
    """The same for several stages in their order, each with the output and the log that have its name.

    A stage whose members all hold loads nothing and costs what their digests cost.
    """
    results = Path(job.output[0]).parents[2]
    forced = Forced.read(results)
    settings = {Path(path).stem: json.loads(Path(path).read_text(encoding="utf-8")) for path in job.input.settings}
    for build in stages:
        stage = build(job, settings)
        record = str(job.output.get(stage.name))
        _run(stage, job, results, forced, record, [record], job.log.get(stage.name))


def _run(
    stage: Stage, job: Job, results: Path, forced: Forced, record: str | None, outputs: Sequence[str], log: str
) -> None:
    """A stage is forced by its own name, by that of its rule, or by one of its files."""
    run_batch(
        stage,
        job.params.members,
        record,
        results=results,
        limits=job.params.limits,
        attempt=job.resources.attempt,
        log=log,
        run=forced.run,
        forced=forced.holds(job.rule, outputs) or forced.holds(stage.name, ()),
    )
