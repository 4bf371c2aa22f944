"""`mint resume`: go on after whatever stopped the last run.

Jobs of a killed run that still sit on the cluster are cancelled, the folder is unlocked, and Snakemake starts again,
with the batches of results that are not what was written. What is as it was written is not computed again.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from mint.batch.check import SEQUENCE_STAGES, damages
from mint.campaign.running import living_run
from mint.campaign.settings import configured
from mint.config.project import load_project
from mint.plan.batches import RESCUE
from mint.plan.project import make_plan

JOB_PREFIX = "mint"  # slurm-jobname-prefix of the profile
_GONE_WITHIN_S, _LOOK_AGAIN_S = 120.0, 1.0


def orphans(folder: Path) -> list[str]:
    """SLURM jobs of this workflow that were submitted from `folder` and have not ended."""
    done = subprocess.run(
        ["squeue", "--me", "--noheader", "--format", "%i|%j|%Z"], capture_output=True, text=True, check=True
    )
    rows = [line.strip().split("|", 2) for line in done.stdout.splitlines() if line.count("|") >= 2]
    return [
        job
        for job, name, workdir in rows
        if name.startswith(JOB_PREFIX) and Path(workdir).resolve() == folder.resolve()
    ]


def cancel(folder: Path) -> list[str]:
    """Cancel the orphans and wait until they are gone. Raises TimeoutError naming those that stay."""
    jobs = orphans(folder)
    if jobs:
        subprocess.run(["scancel", *jobs], check=True)
    ends = time.monotonic() + _GONE_WITHIN_S
    while left := orphans(folder) if jobs else []:
        if time.monotonic() > ends:
            raise TimeoutError(f"jobs that do not end: {', '.join(left)}")
        time.sleep(_LOOK_AGAIN_S)
    return jobs


def uses_slurm(profile: str) -> bool:
    """Whether a profile of this folder submits jobs to SLURM."""
    path = Path(profile) / "config.yaml"
    return path.exists() and yaml.safe_load(path.read_text(encoding="utf-8")).get("executor") == "slurm"


def go_on(
    profile: str,
    settings: Sequence[str] = (),
    results: Path | None = None,
    *,
    force: bool = False,
    start: bool = True,
    further: Sequence[str] = (),
) -> int:
    """Go on with the run of the checkout in the working folder.

    `settings` are `KEY=VALUE`, in place of those of its configuration. `results` is the folder of results, by default
    that of the configuration. `force` says that the last run, on another host, is known to have ended. Without `start`
    things are cleaned up only. `further` are arguments of Snakemake. Returns the exit code of Snakemake, or 2 where
    another run seems to go on.
    """
    values = configured(Path(), settings)
    further = [*further, *(["--config", *settings] if settings else [])]
    results = results or Path(values["results"])
    living = living_run(results)
    if living is not None and (living.certain or not force):
        remedy = "stop it first" if living.certain else "if it has ended, say --force"
        print(f"{living.what}: {remedy}", file=sys.stderr)
        return 2
    if uses_slurm(profile) and (jobs := cancel(Path.cwd())):
        print(f"cancelled {len(jobs)} jobs of the last run: {' '.join(jobs)}")
    command = [sys.executable, "-m", "snakemake", "--profile", profile]
    subprocess.run([*command, "--unlock", *further], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    damaged = list(damages(results))
    for damage in damaged:
        print(f"{damage.output}: {damage.what}; will be made again")
    if not start:
        return 0
    try:
        plan = make_plan(load_project(values), Path.cwd()).plan
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    records = sorted({damage.record for damage in damaged})
    for record in records:
        record.unlink(missing_ok=True)
    # Snakemake alone does not ask for a lost file as long as what was made from it is there; what is urgent is a target
    # beside the others. Forced jobs would compute all members of their batches.
    urgent = [str(record) for record in records if is_planned(record, plan)]
    return subprocess.run([*command, *further, *(["--prioritize", *urgent] if urgent else [])], check=False).returncode


def is_planned(record: Path, plan: Mapping[str, Any]) -> bool:
    """Whether a rule still makes this record of a batch, or this file of a subject."""
    name, batches = record.parent.name, plan["batches"]
    if record.suffix != ".json":
        return name in plan["subjects"]
    return name in (batches["motions"] if record.stem in SEQUENCE_STAGES else {**batches["chunks"], **batches[RESCUE]})
