"""Which stages a planned job would compute anew: a job of several stages is planned as a whole, and keeps the results
of those that would come out again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from mint.batch.check import STAGES_OF

SETTINGS = "settings"  # the rule that writes the settings of stages
FOLLOWS = "ok"
CHANGED = "params changed"
# Stages and rules whose results a stage of such a job reads.
READS = {
    "validate": (),
    "body": ("validate",),
    "markers": ("validate", "body"),
    "ik": ("validate", "body", "scale", "markers"),
    "support": ("body", "scale", "ik"),
    "trajectory": ("measured", "scale", "muscle_paths", "compile", "ik", "support"),
    "verify": ("scale", "muscle_paths", "ik", "trajectory"),
    "trunk": ("scale", "ik", "trajectory"),
}


@dataclass(frozen=True)
class Job:
    """What would run: a rule or stage; its batch, subject, or the stage of settings ("" for others); and Snakemake's
    reason, which is `FOLLOWS` where it only follows."""

    rule: str
    name: str
    status: str


def affected(jobs: Sequence[Job], explained: Callable[[Job], bool]) -> list[Job]:
    """The jobs without stages that keep all they have, as far as planning can know, and `SETTINGS`.

    `explained` says whether something that a stage depends on beside its inputs is seen to be another than it was.
    Where parameters of a job have changed, this tells for which of its stages; if for none, it may be any.
    """
    written = {job.name: job.status for job in jobs if job.rule == SETTINGS}
    alone = [job for job in jobs if job.rule not in READS and job.rule != SETTINGS]
    told = {(job.name, _rule(job)) for job in jobs if job.status == CHANGED and job.rule in READS and explained(job)}
    found: list[Job] = []
    for stage in READS:
        for job in (job for job in jobs if job.rule == stage):
            before = [other for other in (*alone, *found) if other.rule in READS[stage]]
            if job.status == CHANGED and (job.name, _rule(job)) in told and not explained(job):
                job = replace(job, status=FOLLOWS)
            if stage in written and job.status == FOLLOWS:
                found.append(replace(job, status=written[stage]))
            elif job.status != FOLLOWS or _of_subject(job, before):
                found.append(job)
    return [*alone, *found]


def _rule(job: Job) -> str:
    """The rule of a stage's job."""
    rules = [rule for rule, stages in STAGES_OF.items() if job.rule in stages]
    return rules[-1] if _is_second(job) else rules[0]


def _is_second(job: Job) -> bool:
    return ".rescue." in job.name


def _of_subject(job: Job, others: Iterable[Job]) -> bool:
    """Whether one of the others is of the subject of a job, or of all."""
    return any(not other.name or _subject(other.name) == _subject(job.name) for other in others)


def _subject(name: str) -> str:
    return name.partition(".")[0]
