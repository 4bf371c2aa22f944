"""`python -m mint.campaign.resume`: go on after whatever stopped the last run.

Jobs of a killed run that still sit on the cluster are cancelled, the folder is unlocked, and Snakemake starts again,
with the batches of results that are not what was written. Finished chunks are not computed again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from mint.batch.check import damages
from mint.campaign.running import living_run

JOB_PREFIX = "mint"  # slurm-jobname-prefix of the profile
_GONE_WITHIN_S, _LOOK_AGAIN_S = 120.0, 1.0


def orphans(folder: Path) -> list[str]:
    """SLURM jobs of this workflow that were submitted from `folder` and have not ended."""
    done = subprocess.run(["squeue", "--me", "--noheader", "--format", "%i|%j|%Z"], capture_output=True, text=True,
                          check=True)
    rows = [line.strip().split("|", 2) for line in done.stdout.splitlines() if line.count("|") >= 2]
    return [job for job, name, workdir in rows
            if name.startswith(JOB_PREFIX) and Path(workdir).resolve() == folder.resolve()]


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


def main(arguments: Sequence[str]) -> int:
    """Exit code of Snakemake, or 2 where another run seems to go on."""
    parser = argparse.ArgumentParser(prog="python -m mint.campaign.resume",
                                     description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--profile", default="local", help="as for snakemake: local, slurm")
    parser.add_argument("--results", help="folder of the results; default: that of config/config.yaml")
    parser.add_argument("--force", action="store_true", help="the last run, on another host, is known to have ended")
    parser.add_argument("--no-start", action="store_true", help="clean up only")
    own, further = parser.parse_known_args(arguments)
    configured = yaml.safe_load(Path("config/config.yaml").read_text(encoding="utf-8"))
    results = Path(own.results or configured["results"])
    living = living_run(results)
    if living is not None and (living.certain or not own.force):
        remedy = "stop it first" if living.certain else "if it has ended, say --force"
        print(f"{living.what}: {remedy}", file=sys.stderr)
        return 2
    if uses_slurm(own.profile) and (jobs := cancel(Path.cwd())):
        print(f"cancelled {len(jobs)} jobs of the last run: {' '.join(jobs)}")
    command = [sys.executable, "-m", "snakemake", "--profile", own.profile]
    subprocess.run([*command, "--unlock", *further], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    damaged = list(damages(results))
    for damage in damaged:
        print(f"{damage.output}: {damage.what}; will be made again")
    if own.no_start:
        return 0
    # Snakemake alone does not ask for an intermediate file as long as what was made from it is there.
    forced = ["--forcerun", *sorted({str(damage.record) for damage in damaged})] if damaged else []
    return subprocess.run([*command, *further, *forced], check=False).returncode



if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
