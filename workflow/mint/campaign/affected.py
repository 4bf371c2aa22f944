"""Which stages a planned job would compute anew: a job of several stages is planned as a whole, and keeps the results
of those that would come out again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mint.batch.check import SECOND_PASS, STAGES_OF

SETTINGS = "settings"  # the rule that writes the settings of stages
FOLLOWS = "ok"
CHANGED = "params changed"
# Stages and rules whose results a stage of such a job reads.
READS: dict[str, tuple[str, ...]] = {
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
    found = [job for job in jobs if job.rule not in READS and job.rule != SETTINGS]
    reached: dict[str, set[str]] = defaultdict(set)  # subjects of rules and stages that compute; "" for all
    for job in found:
        reached[job.rule].add(_subject(job.name))
    seen = {job: explained(job) for job in jobs if job.rule in READS and job.status == CHANGED}
    told = {(job.name, _rule(job)) for job, is_explained in seen.items() if is_explained}
    for stage in READS:
        for job in sorted((job for job in jobs if job.rule == stage), key=_is_second):
            again = stage == SECOND_PASS[0] and _is_second(job)  # reads what the first pass has left
            if (job.name, _rule(job)) in told and not seen.get(job, True):
                job = replace(job, status=FOLLOWS)
            own = written.get(stage) or (written.get("rescue") if again else None)
            if job.status == FOLLOWS and own:
                job = replace(job, status=own)
            reads = (*READS[stage], stage) if again else READS[stage]
            if job.status != FOLLOWS or any(reached[name] & {"", _subject(job.name)} for name in reads):
                found.append(job)
                reached[stage].add(_subject(job.name))
    return found


def _rule(job: Job) -> str:
    """The rule of a stage's job."""
    rules = [rule for rule, stages in STAGES_OF.items() if job.rule in stages]
    return rules[-1] if _is_second(job) else rules[0]


def _is_second(job: Job) -> bool:
    return ".rescue." in job.name


def _subject(name: str) -> str:
    return name.partition(".")[0]
