"""How a result was made: a small JSON beside it, which says whether it still holds and where it came from."""

from __future__ import annotations

import json
import os
import platform
import socket
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from mint.core.atomic import write_text
from mint.core.environment import package_versions
from mint.core.packages import PACKAGES

_PACKAGES = ("mint-workflow", "snakemake", "mkl", *sorted({name for names in PACKAGES.values() for name in names}))


@dataclass(frozen=True)
class Made:
    """Trace of one result.

    `digest` is of the result (`mint.batch.digest`), `fingerprint` of everything it depends on: the stage's method,
    configuration, versions of packages, plain `values` and the digests of its `inputs` ({argument: [[path, digest],
    ...]}; paths below the results folder are relative to it). Times are UTC; `attempt` counts the tries of the job,
    `run` is the name of the run that it was made in (`mint.batch.forced`).
    """

    stage: str
    digest: str
    fingerprint: str
    method: int
    config: dict[str, Any]
    values: dict[str, Any]
    inputs: dict[str, list[list[str]]]
    status: str
    reason: str
    limits: dict[str, float]
    wall_s: float = 0.0
    cpu_s: float = 0.0
    max_rss_mb: float = 0.0
    started: str = ""
    ended: str = ""
    attempt: int = 1
    host: str = ""
    cpu: str = ""
    job: str = ""
    commit: str = ""
    packages: dict[str, str] = field(default_factory=dict)
    run: str = ""

    def write(self, output: Path) -> None:
        """Write beside the result, after it: a trace without its result is never left."""
        write_text(trace_path(output), json.dumps(asdict(self), indent=1, default=str))

    @classmethod
    def read(cls, output: str | Path) -> Made | None:
        """The trace of a result, or None if there is none that can be read."""
        try:
            return cls(**json.loads(trace_path(output).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def trace_path(output: str | Path) -> Path:
    """Where the trace of a result lies: `ik.npz` -> `ik.made.json`."""
    return Path(output).with_suffix(".made.json")


def notes_path(output: str | Path) -> Path:
    """Where attempts at a result are noted that have failed while it is not finished: `x.npz` -> `x.attempts.json`."""
    return Path(output).with_suffix(".attempts.json")


@cache
def surroundings() -> dict[str, Any]:
    """Facts about this process: host, processor, SLURM job, package versions, code version."""
    return {
        "host": socket.gethostname(),
        "cpu": _cpu(),
        "job": os.environ.get("SLURM_JOB_ID", ""),
        "commit": _commit(),
        "packages": package_versions(_PACKAGES),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def _commit() -> str:
    """Commit that the working tree is at, read from git's own files: no process per job, no git needed on nodes."""
    git = Path(__file__).resolve().parents[3] / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        reference = head.removeprefix("ref: ")
        if (git / reference).exists():
            return (git / reference).read_text(encoding="utf-8").strip()
        packed = (git / "packed-refs").read_text(encoding="utf-8").splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {reference}")), "")
    except OSError:
        return ""
