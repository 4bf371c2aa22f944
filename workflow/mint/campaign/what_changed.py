"""`mint what-changed`: what a run would compute and why, in plain words, before it runs.

Snakemake's own plan says which jobs; the traces of the results say what they were made with, and the configuration what
they would be made with now.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from mint.batch.check import ORDER, OUTPUT, SEQUENCE_STAGES, SUBJECT_OUTPUT, output_path
from mint.batch.digest import digest_of
from mint.batch.made import Made
from mint.campaign.affected import CHANGED, FOLLOWS, SETTINGS, Job, affected
from mint.campaign.settings import configured
from mint.config.project import ProjectConfig, load_project
from mint.core.methods import METHOD_VERSION
from mint.core.packages import versions_of
from mint.plan.batches import RESCUE
from mint.plan.project import make_plan
from mint.plan.sequences import read_adjustments

SECTION = {
    "validate": "validate_input",
    "body": "body",
    "measured": "measured",
    "markers": "body",
    "scale": "kinematics",
    "ik": "kinematics",
    "muscle_paths": "muscle_paths",
    "support": "support",
    "trajectory": "trajectory",
    "verify": "verify",
    "trunk": "trunk",
    "merge": "merge",
    "compare": "compare",
}
# What a stage is given of another section, by the name that it has in the stage's configuration.
_TAKEN = {"verified": "verify"}
_SHOWN = 3  # batches or subjects named in a line
_STATUS = {
    "missing": "not computed yet",
    "updated input files": "its input files are newer",
    "set of input files changed": "it has other input files",
    "code changed": "its script changed",
    "removed": "the rule that made it is gone",
    CHANGED: "its settings changed",
}


def planned_jobs(summary: str) -> list[Job]:
    """Jobs that would run, from the table of `snakemake --summary`; of a job of several stages one for each of them."""
    lines = [line.split("\t") for line in summary.splitlines()]
    head = next(i for i, line in enumerate(lines) if line[0] == "output_file")
    column = {name: i for i, name in enumerate(lines[head])}
    found: dict[tuple[str, str], str] = {}
    for line in lines[head + 1 :]:
        if len(line) <= column["plan"] or line[column["plan"]] == "no update":
            continue
        path, rule, status = Path(line[column["output_file"]]), line[column["rule"]], line[column["status"]]
        name = path.parent.name if path.parent.parent.name in ("batches", "subjects") else ""
        if path.parent.parent.name == "batches":
            rule = path.stem
        elif rule == SETTINGS:
            name = path.stem
        if found.get((rule, name), FOLLOWS) == FOLLOWS:
            found[rule, name] = status
    return [Job(rule, name, status) for (rule, name), status in found.items()]


def explain(jobs: Sequence[Job], project: ProjectConfig, plan: Mapping[str, Any]) -> Iterator[str]:
    """One line for each stage, in the order of the stages: how many jobs and members, and why."""

    def explained(job: Job) -> bool:
        made = _made(job, project, plan)
        return made is not None and any(True for _ in _differences(job, made, project))

    by_rule: dict[str, list[Job]] = defaultdict(list)
    for job in affected(jobs, explained):
        by_rule[job.rule].append(job)
    for rule in (*ORDER, *sorted(set(by_rule) - set(ORDER) - {"all"})):
        if rule not in by_rule:
            continue
        own = by_rule[rule]
        whys = Counter(why for job in own for why in _whys(job, project, plan))
        reasons = [
            f"{why}{f' ({count} of {len(own)} jobs)' if count < len(own) else ''}" for why, count in whys.most_common()
        ]
        yield f"{rule:<17} {_amount(own, plan)}\n" + "\n".join(f"{'':17}   {reason}" for reason in reasons)


def _amount(jobs: Sequence[Job], plan: Mapping[str, Any]) -> str:
    names = [job.name for job in jobs if job.name]
    members = sum(len(_members(job, plan)) for job in jobs)
    kind = "sequences" if jobs[0].rule in SEQUENCE_STAGES else "chunks"
    what = f", {members} {kind}" if jobs[0].rule in OUTPUT else ""
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return f"{len(jobs)} job{'s' * (len(jobs) > 1)}{what}{f': {shown}' if shown else ''}"


def _members(job: Job, plan: Mapping[str, Any]) -> list[str]:
    """Members of the job's batch as its record names them; batches of sequences and of chunks share their names."""
    if job.rule in SEQUENCE_STAGES:
        return list(plan["batches"]["motions"].get(job.name, ()))
    second = [f"{name}/{RESCUE}" for name in plan["batches"].get(RESCUE, {}).get(job.name, ())]
    return second or list(plan["batches"]["chunks"].get(job.name, ()))


def _whys(job: Job, project: ProjectConfig, plan: Mapping[str, Any]) -> list[str]:
    if job.status == FOLLOWS:
        return ["follows from what runs before it"]
    made = _made(job, project, plan)
    if job.status == CHANGED and made is not None:
        return list(_differences(job, made, project)) or ["other members or settings than last time"]
    return [_STATUS.get(job.status, job.status)]


def _made(job: Job, project: ProjectConfig, plan: Mapping[str, Any]) -> Made | None:
    """The trace of a result of the job, of any member that has one."""
    results = Path(project.results)
    if job.rule in SUBJECT_OUTPUT:
        return Made.read(results / "subjects" / job.name / SUBJECT_OUTPUT[job.rule])
    members = _members(job, plan) if job.rule in OUTPUT else []
    traces = (Made.read(output_path(results, job.rule, member)) for member in members)
    return next((made for made in traces if made is not None), None)


def _differences(job: Job, made: Made, project: ProjectConfig) -> Iterator[str]:
    if made.method != METHOD_VERSION[job.rule]:
        yield f"its method changed: version {made.method} -> {METHOD_VERSION[job.rule]}"
    for package, version in versions_of(job.rule).items():
        used = made.packages.get(package, "")
        if package != "python" and used != version:
            yield f"package {package}: {used or 'none'} -> {version or 'none'}"
    given = dict(_settings(SECTION.get(job.rule, ""), made.config))
    for (section, key), before in sorted(given.items()):
        now = getattr(project, section).model_dump(mode="json").get(key)
        if now != before:
            yield f"setting {section}.{key}: {_short(before)} -> {_short(now)}"
    limits = project.limits.model_dump(mode="json")
    for key, value in made.limits.items():
        if key in limits and limits[key] != value:
            yield f"setting limits.{key}: {value} -> {limits.get(key)} (only what it had ended is computed again)"
    for path, digest in made.inputs.get("watched", ()):
        if Path(path).is_file() and _digest(path) != digest:
            yield f"table or source {Path(path).name} changed"
    if job.rule == "scale":
        before = made.values.get("adjustments", [])
        adjusted = read_adjustments(project.marker_adjustments).get(job.name, [])
        markers = {str(row["marker"]) for row in [*before, *adjusted] if (row in before) != (row in adjusted)}
        if markers:
            yield f"marker adjustments of {job.name}: {', '.join(sorted(markers))}"


def _settings(section: str, config: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Section, key and value of what a stage was given."""
    for key, value in config.items():
        if key in _TAKEN:
            yield from _settings(_TAKEN[key], value)
        elif section:
            yield (section, key), value


@cache
def _digest(path: str) -> str:
    return digest_of(path)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def told(profile: str, settings: Sequence[str] = ()) -> str:
    """The explanation for the checkout in the working folder; nothing is run.

    `settings` are `KEY=VALUE`, in place of those of its configuration. Raises RuntimeError with Snakemake's words where
    it cannot plan.
    """
    command = [sys.executable, "-m", "snakemake", "--profile", profile, "--nolock", "--summary"]
    command += ["--config", *settings] if settings else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    project = load_project(configured(Path(), settings))
    planned = make_plan(project, Path.cwd())
    plan = {**planned.plan, "batches": {**planned.plan["batches"], RESCUE: planned.second_pass()}}
    lines = list(explain(planned_jobs(done.stdout), project, plan))
    if not lines:
        return "Nothing would run: every result is what it would be made again."
    return "\n".join([*lines, "", "Members whose inputs turn out to be the same are kept, not computed again."])
