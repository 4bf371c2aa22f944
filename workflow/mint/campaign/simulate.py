"""`mint simulate`: what a campaign would take, before anybody asks for a node.

The plan is made by Snakemake itself, on stand-ins for the motion files, and timed; the queue is a model (queue_model).
Costs of chunks are those of a finished run (its ledger), or of the project's own benchmarks.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mint.campaign.queue_model import Campaign, Machine, campaign, fixed_packs, one_by_one, packed, simulate
from mint.campaign.settings import configured
from mint.campaign.stand_ins import RATE_HZ, write_stand_ins
from mint.config.project import ProjectConfig, load_project
from mint.core.chunks import FRAME_RATE_HZ, KEEP_FRAMES
from mint.core.status import Reason, Status
from mint.core.tables import table
from mint.plan.project import make_plan
from mint.plan.redivide import Budget

MINT_HOURS = 9.8  # of analysed motion in Muscles in Time (2024)
_CHUNK_S = KEEP_FRAMES / FRAME_RATE_HZ
_QUANTILES = 400
_NOT_CONVERGED = 0.01  # five of 690 chunks of the trajectory suite, with both linear solvers, had no solution
# Chunks of a sequence: a third has one, the mean is that of 30,000 chunks in 11,000 sequences.
_CHUNKS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 5, 9)
_PACKS = (5, 20)
_SUBJECTS = 344  # of AMASS (Mahmood et al. 2019)


@dataclass(frozen=True)
class Costs:
    """Core seconds of chunks that converge, the share that does not in the first pass, and where they come from."""

    seconds: NDArray[np.float64]
    failure_share: float
    source: str


def measured_costs(results: Path | None, model: str) -> Costs:
    """From the tables of a finished run (processor time), or from resources/chunk_cost.csv (lognormal, as measured
    there)."""
    if results is not None:
        rows = pd.read_parquet(results / "ledger.parquet", columns=["sequence_id", "chunk", "status", "reason"])
        rows = rows[(rows["chunk"] >= 0) & (rows["status"] != Status.EXCLUDED_CONTACT)]
        traces = pd.read_parquet(results / "provenance.parquet", columns=["sequence", "chunk", "cpu_s"])
        spent = traces.groupby(["sequence", "chunk"], as_index=False)["cpu_s"].sum()
        accepted = rows[rows["status"] == Status.ACCEPTED].merge(
            spent, left_on=["sequence_id", "chunk"], right_on=["sequence", "chunk"]
        )
        failed = (
            rows["reason"].isin((Reason.NOT_CONVERGED.value, Reason.WORK_LIMIT.value, Reason.TIME_LIMIT.value)).mean()
        )
        return Costs(accepted["cpu_s"].to_numpy(dtype=float), float(failed), str(results))
    number = {str(row["term"]): float(row["value"]) for row in table("chunk_cost").to_dict("records")}
    normal = np.sort(np.random.default_rng(0).standard_normal(_QUANTILES))
    seconds = number[f"fixed_{model}"] + np.exp(number["constant"] + number["constant_spread"] * normal)
    return Costs(seconds, _NOT_CONVERGED, "resources/chunk_cost.csv")


def plan_costs(work: Campaign, root: Path, settings: Sequence[str]) -> dict[str, Any]:
    """Seconds and memory of Snakemake's dry run of all real rules on stand-ins for the campaign's sequences."""
    with tempfile.TemporaryDirectory(prefix="mint-campaign-") as name:
        folder = Path(name)
        first = np.unique(work.sequence, return_index=True)[1]
        chunks = np.bincount(work.sequence)
        frames = (chunks * _CHUNK_S * RATE_HZ).astype(int) - 10
        started = time.monotonic()
        sequences = write_stand_ins(folder / "motion", [int(work.subject[i]) for i in first], [int(n) for n in frames])
        written_s = time.monotonic() - started
        body = folder / "bodies"
        for gender in ("male", "female", "neutral"):
            (body / gender).mkdir(parents=True)
            (body / gender / "model.npz").touch()
        (body / "markers.csv").touch()
        own = [
            f"sequences={sequences}",
            f"results={folder / 'results'}",
            f"body={{model_dir: {body}, marker_map: {body / 'markers.csv'}}}",
            *settings,
        ]
        first_run = _dry_run(root, own)  # reads every header
        planned = make_plan(_project(root, own), root)
        planned.save()  # as a run does when its first job starts
        later_run = _dry_run(root, own)
        runs, plan = (first_run, later_run), planned.plan
    return {
        "sequences": len(plan["sequences"]),
        "chunks": len(plan["cost_s"]),
        "batches": {kind: len(batches) for kind, batches in plan["batches"].items()},
        "stand_ins_s": round(written_s, 1),
        "first_dry_run_s": runs[0][0],
        "dry_run_s": runs[1][0],
        "dry_run_mb": max(megabytes for _, megabytes, _ in runs),
        "jobs": runs[1][2],
    }


def _project(root: Path, settings: Sequence[str]) -> ProjectConfig:
    """The configuration of the checkout with the settings of the command line."""
    return load_project(configured(root, settings))


def _dry_run(root: Path, settings: Sequence[str]) -> tuple[float, float, int]:
    """Wall seconds, megabytes and jobs."""
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--profile",
        "slurm",
        "--nolock",
        "--dry-run",
        "--quiet",
        "reason",
        "rules",
        "--config",
        *settings,
    ]
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, cwd=root, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        out.seek(0)
        text = out.read()
    if status:
        raise RuntimeError(f"the plan failed: {text[-2000:]}")
    total = [line.split()[1] for line in text.splitlines() if line.startswith("total ")]
    return round(seconds, 1), round(usage.ru_maxrss / 1024, 0), int(total[0]) if total else 0


def simulated(work: Campaign, machine: Machine, target_s: float, seed: int) -> dict[str, dict[str, float]]:
    """Outcomes by plan: hours, core hours, tail, shares. Packed jobs come in no order, as Snakemake submits them."""
    jobs = packed(work, target_s, Budget(1_000_000))
    order = np.random.default_rng(seed).permutation(len(jobs))
    plans = {
        "one chunk per job": one_by_one(work),
        **{f"{size} chunks per job": fixed_packs(work, size) for size in _PACKS},
        "packed": [jobs[i] for i in order],
    }
    out = {}
    for name, plan in plans.items():
        of = simulate(plan, machine, seed)
        out[name] = {
            "jobs": of.jobs,
            "makespan_h": round(of.makespan_s / 3600, 3),
            "core_h": round(of.core_h, 1),
            "overhead_share": round(of.overhead_share, 4),
            "tail_h": round(of.tail_s / 3600, 3),
            "makespan_over_bound": round(of.makespan_s / of.bound_s, 3),
        }
    return out


def mint_core_hours(costs: Costs, first_pass_s: float, overhead_share: float) -> float:
    """Core hours of as much motion as Muscles in Time has, without what the rescue would add."""
    chunks = MINT_HOURS * 3600 / _CHUNK_S
    lost = costs.failure_share / (1 - costs.failure_share) * first_pass_s
    return float(chunks * (costs.seconds.mean() + lost) / (1 - overhead_share) / 3600)


@dataclass(frozen=True)
class Scenario:
    """A campaign and the cluster that it runs on."""

    sequences: int = 11_000
    subjects: int = _SUBJECTS
    nodes: int = 8
    cores: int = 16
    target_minutes: float = 6.0  # as batch.target_minutes
    queued: float = 1.5  # jobs in the queue at one time, per core
    overhead: float = 6.5  # core seconds of a job, whatever is in it
    chunk_overhead: float = 0.1  # core seconds of a chunk beside its stages
    failing_jobs: float = 0.01  # share of jobs that die and run again
    first_pass: float = 120.0  # seconds of a chunk in the first pass
    results: Path | None = None  # a finished run, whose costs and failures count
    model: str = "pose2sim"
    seed: int = 0
    plan: bool = True  # with Snakemake's dry run


def report(of: Scenario) -> dict[str, Any]:
    """All numbers of a scenario."""
    costs = measured_costs(of.results, of.model)
    work = campaign(
        _CHUNKS,
        costs.seconds,
        sequences=of.sequences,
        subjects=of.subjects,
        first_pass_s=of.first_pass,
        failure_share=costs.failure_share,
        seed=of.seed,
    )
    slots = of.nodes * of.cores
    machine = Machine(
        slots,
        overhead_s=of.overhead,
        chunk_overhead_s=of.chunk_overhead,
        failure_rate=of.failing_jobs,
        queued=of.queued * slots,
    )
    plans = simulated(work, machine, 60 * of.target_minutes, of.seed)
    ours, single = plans["packed"], plans["one chunk per job"]
    out: dict[str, Any] = {
        "costs": costs.source,
        "chunks": len(work.true_s),
        "slots": slots,
        "plans": plans,
        "makespan_over_bound": ours["makespan_over_bound"],
        "makespan_over_single": round(ours["makespan_h"] / single["makespan_h"], 3),
        "mint_core_hours": round(mint_core_hours(costs, of.first_pass, ours["overhead_share"]), 1),
    }
    if of.plan:
        plan = plan_costs(work, Path.cwd(), [f"batch={{target_minutes: {of.target_minutes}}}"])
        out |= {"plan": plan, "dry_run_s": plan["dry_run_s"], "dry_run_mb": plan["dry_run_mb"]}
    return out
