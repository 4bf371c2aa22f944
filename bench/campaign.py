"""A campaign on a private SLURM that meets what clusters do, against an undisturbed run of the same motions.

`python bench/campaign.py`, after `make bench-unseen` with the same GROUP (choose or judge; default judge), runs the
first motions of that half, with at least 200 chunks (CHUNKS), once more as jobs of a private SLURM of two nodes
(tests/cluster), in `results/bench/campaign`. While it runs, a process of a chunk is killed, a job's time ends, a job is
killed, a node crashes and comes back, a result is cut short, and Snakemake itself is killed; `mint resume`
goes on. The datasets of both must be equal: merged sequences to the last bit, tables but for times and memory.
`results/benchmarks/campaign.json` has how jobs ended, and what differs.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from runs import MINT, body_settings, config_arguments, run_workflow, write_table
from trials import ROOT, SHARED

from cluster import QUEUES, slurm_options
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.plan.file import read_plan

sys.path.insert(0, str(ROOT))
from tests.cluster.private_slurm import PrivateSlurm, available

GROUP = os.environ.get("GROUP", "") or "judge"
LOCAL = Path("results/bench/unseen") / GROUP
RESULTS = Path("results/bench/campaign") / GROUP
OUT = ROOT / "results/benchmarks/campaign.json"
TARGET, TARGET_MINUTES = "dataset/sequences.parquet", 3
CHUNKS = int(os.environ.get("CHUNKS", "") or 200)
# What tells how long something took, or where: the same work has other values on another run.
OF_THE_RUN = ("wall_s", "cpu_s", "max_rss_mb", "seconds", "time_s", "host", "batch")
ENDED_S = 3 * 3600.0


class Disturbed:
    """The campaign on the cluster, and what happens to it."""

    def __init__(self, slurm: PrivateSlurm) -> None:
        self.slurm = slurm
        self.log = (ROOT / RESULTS / "run.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None
        self.faults: list[str] = []

    def start(self, *, resume: bool = False) -> None:
        """Snakemake, or what resumes it, as a person on a login node types it."""
        given = {"sequences": str(ROOT / RESULTS / "sequences.tsv"), "results": str(RESULTS), **settings()}
        config = config_arguments({**given, "batch": {"target_minutes": TARGET_MINUTES}})
        further = [str(RESULTS / TARGET), "--slurm-no-account", *slurm_options(RESULTS)]
        if resume:
            each = [word for setting in config for word in ("--config", setting)]
            command = [MINT, "resume", "--profile", "slurm", "--results", str(RESULTS), *each, "--", *further]
        else:
            command = [sys.executable, "-m", "snakemake", "--profile", "slurm", *further, "--config", *config]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.slurm.environment(), stdout=self.log, stderr=self.log, start_new_session=True
        )

    def running(self) -> bool:
        """Whether Snakemake still runs."""
        return self.process is not None and self.process.poll() is None

    def chunk_jobs(self) -> list[tuple[str, str]]:
        """Number and node of the running jobs with chunks."""
        return [
            (job["id"], job["node"])
            for job in self.slurm.squeue()
            if job["state"] == "RUNNING"
            and "chunks" in self.slurm.run("scontrol", "write", "batch_script", job["id"], "-")
        ]

    def solvers(self, node: str) -> list[Any]:
        """Processes that compute a trajectory on a node, the youngest last."""
        found = []
        for each in self.slurm.processes_on(node):
            with suppress(Exception):
                if "mint.trajectory.stage" in " ".join(each.cmdline()):
                    found.append((each.create_time(), each))
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def kill_solver(self) -> bool:
        """The system takes a chunk's process for want of memory."""
        for _, node in self.chunk_jobs():
            if len(solvers := self.solvers(node)) > 1:
                solvers[-1].kill()
                return True
        return False

    def end_time(self) -> bool:
        """The time of a job ends."""
        for job, _ in self.chunk_jobs()[:1]:
            self.slurm.run("scontrol", "update", f"JobId={job}", "TimeLimit=1")
            return True
        return False

    def kill_job(self) -> bool:
        """A job is killed with all its processes."""
        for job, _ in self.chunk_jobs()[:1]:
            self.slurm.run("scancel", "--signal=KILL", "--full", job)
            return True
        return False

    def crash_node(self) -> bool:
        """A node crashes, and comes back when it is missed."""
        for _, node in self.chunk_jobs()[:1]:
            self.slurm.kill_node(node)
            self.slurm.revive_node(node)
            return True
        return False

    def kill_snakemake(self) -> bool:
        """The login node loses Snakemake and half of a result; a person resumes."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        victim = min((ROOT / RESULTS).glob("sequences/*/chunks/*/verify.npz"))
        os.truncate(victim, victim.stat().st_size // 2)
        self.start(resume=True)
        return True


def settings() -> dict[str, Any]:
    """What both runs are told beside their folders."""
    return {
        "model": "pose2sim",
        "trajectory": {"linear_solver": os.environ.get("SOLVER", "") or "mumps"},
        "body": body_settings(LOCAL / "inputs" / "body"),
        "inputs": {"mirror": str(SHARED / "models")},
    }


def chosen() -> tuple[list[str], int]:
    """Sequences of the undisturbed run in the order of its table, up to `CHUNKS` chunks, and how many these are."""
    plan = read_plan(ROOT / LOCAL / "plan/plan.json")["sequences"]
    names: list[str] = []
    chunks = 0
    for name, record in plan.items():
        if chunks >= CHUNKS:
            break
        names.append(name)
        chunks += len(record["windows"])
    return names, chunks


def finished() -> int:
    """How many trajectories are there."""
    return sum(1 for _ in (ROOT / RESULTS).glob("sequences/*/chunks/*/trajectory.npz"))


def disturb(campaign: Disturbed, chunks: int) -> None:
    """One fault after the other, each when a further part of the trajectories is there."""
    faults: list[Callable[[], bool]] = [
        campaign.kill_solver,
        campaign.end_time,
        campaign.kill_job,
        campaign.crash_node,
        campaign.kill_snakemake,
    ]
    ends = time.monotonic() + ENDED_S
    for number, fault in enumerate(faults, 1):
        while campaign.running() and (finished() < number * chunks // (len(faults) + 2) or not fault()):
            if time.monotonic() > ends:
                raise TimeoutError(f"{fault.__name__}: not within {ENDED_S:.0f} s")
            time.sleep(2)
        campaign.faults.append(fault.__name__)
        print(f"{fault.__name__} at {finished()} trajectories", flush=True)


def difference(names: Collection[str]) -> dict[str, Any]:
    """What the datasets of both runs do not share, of some sequences."""
    sequences, tables = [], []
    for name in names:
        one, other = (ROOT / folder / "sequences" / name / "sequence.npz" for folder in (LOCAL, RESULTS))
        if one.is_file() != other.is_file() or (
            one.is_file() and not same_arrays(Bundle.read(one), Bundle.read(other))
        ):
            sequences.append(name)
    paths = [path.relative_to(ROOT / LOCAL) for path in sorted((ROOT / LOCAL / "dataset").glob("*.parquet"))]
    for path in (*paths, Path("ledger.parquet")):
        if not plain(LOCAL, path, names).equals(plain(RESULTS, path, names)):
            tables.append(str(path))
    return {
        "sequences": len(names),
        "sequences_that_differ": sequences,
        "tables": len(paths) + 1,
        "tables_that_differ": tables,
    }


def same_arrays(one: Bundle, other: Bundle) -> bool:
    """Whether two bundles have the same arrays, to the last bit."""
    return set(one.arrays) == set(other.arrays) and all(
        np.array_equal(values, other.arrays[name], equal_nan=values.dtype.kind == "f")
        for name, values in one.arrays.items()
    )


def plain(results: Path, path: Path, names: Collection[str]) -> pd.DataFrame:
    """Rows of some sequences in a table of the dataset, without what belongs to the run, as text."""
    table = pd.read_parquet(ROOT / results / path)
    for key in table.columns:
        if table[key].isin(names).any():
            table = table[table[key].isin(names)]
            break
    table = table.drop(columns=[name for name in table if any(word in str(name) for word in OF_THE_RUN)])
    # A column of whole numbers is one of floats where another sequence lacks a value.
    numbers = table.select_dtypes("number").columns
    table = table.astype(dict.fromkeys(numbers, float))
    return table.astype(str).replace(str(results), "", regex=True).sort_values(list(table)).reset_index(drop=True)


def main() -> None:
    """Run, disturb, compare, write and print."""
    if available():
        raise SystemExit(available())
    table = pd.read_csv(ROOT / LOCAL / "sequences.tsv", sep="\t", dtype=str, keep_default_na=False)
    run_workflow(LOCAL, table.to_dict("records"), str(LOCAL / TARGET), config=settings())
    names, chunks = chosen()
    shutil.rmtree(ROOT / RESULTS, ignore_errors=True)
    (ROOT / RESULTS).mkdir(parents=True)
    write_table(RESULTS, table[table["sequence_id"].isin(names)].to_dict("records"))
    started = time.monotonic()
    folder = ROOT / RESULTS / "slurm"
    with PrivateSlurm(folder, nodes=2, cpus=1, memory_mb=14000, partitions=QUEUES, node_timeout_s=10) as slurm:
        campaign = Disturbed(slurm)
        campaign.start()
        try:
            disturb(campaign, chunks)
            assert campaign.process is not None
            code = campaign.process.wait()
        finally:
            if campaign.running():
                os.killpg(campaign.process.pid, signal.SIGKILL)
        jobs = Counter(job["state"] for job in slurm.history())
    out = {
        "chunks": chunks,
        "faults": campaign.faults,
        "ended_with": code,
        "wall_s": round(time.monotonic() - started, 1),
        "jobs_ended": dict(jobs),
        **difference(names),
    }
    write_text(OUT, json.dumps(out, indent=1))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
