"""The embedded motions on a real SLURM of this computer, and a simulated campaign of the size of AMASS.

`python bench/cluster.py` starts a private cluster (tests/cluster), runs `snakemake --profile slurm` on it, and compares
the processor time of everything that ran with what the stages themselves took. Some of the motions run once more with
one chunk per job: the same work in more jobs, so that the difference is what starts of Snakemake cost, one for a SLURM
job and one for each job of Snakemake's in it. The planner is timed on stand-ins for 11,000 sequences, and the queue is
simulated with the overhead just measured and the costs of resources/chunk_cost.csv. `results/benchmarks/cluster.json`
has the numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from runs import embedded_row
from trials import ROOT

from mint.batch.check import OUTPUT, STAGES_OF, SUBJECT_OUTPUT, output_path
from mint.batch.made import Made
from mint.campaign.simulate import Scenario, report
from mint.core.atomic import write_text
from mint.plan.demo import demo_clips

sys.path.insert(0, str(ROOT))
from tests.cluster.private_slurm import Partition, PrivateSlurm, available

RESULTS = Path("results/bench/cluster")
SOME = ("walk", "punch", "jump", "dance_a")  # 16 chunks of two subjects
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PARTITIONS = (
    "partitions:\n  short: {max_runtime: 300, max_mem_mb: 6000, max_threads: 2}\n"
    "  long: {max_runtime: 2880, max_mem_mb: 12000, max_threads: 2}\n"
)
QUEUES = (Partition("short", 300), Partition("long", 2880))


def slurm_options(results: Path) -> list[str]:
    """Options of Snakemake for a private cluster with `QUEUES`, whose partitions are written below `results`."""
    partitions = ROOT / results / "partitions.yaml"
    write_text(partitions, PARTITIONS)
    return [
        "--slurm-status-command",
        "squeue",
        "--slurm-init-seconds-before-status-checks",
        "5",
        "--slurm-partition-config",
        str(partitions),
    ]


def demo_table(results: Path, clips: Collection[str] | None) -> Path:
    """Table of the embedded motions below `results`, or of those of some `clips`."""
    rows = [
        embedded_row(results / "inputs", subject, str(clip["clip"]))
        for subject, clip in demo_clips()
        if clips is None or clip["clip"] in clips
    ]
    path = ROOT / results / "sequences.tsv"
    write_text(path, pd.DataFrame(rows).to_csv(sep="\t", index=False))
    return path


def run_on_slurm(results: Path, target_minutes: float, clips: Collection[str] | None) -> dict[str, Any]:
    """Processor seconds of all that ran on the cluster and beside it, and wall seconds."""
    path = demo_table(results, clips)
    options = slurm_options(results)
    body = f"body={{model_dir: {results}/inputs/body, marker_map: {results}/inputs/body/markers.csv}}"
    folder = ROOT / results / f"slurm-{os.getpid()}"
    with PrivateSlurm(folder, nodes=2, cpus=1, memory_mb=14000, partitions=QUEUES) as slurm:
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--profile",
            "slurm",
            "--nolock",
            *options,
            "--config",
            f"results={results}",
            f"sequences={path}",
            body,
            f"batch={{target_minutes: {target_minutes}}}",
        ]
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, env=slurm.environment())
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - started
        if status:
            raise RuntimeError(f"the campaign ended with {os.waitstatus_to_exitcode(status)}")
        cluster_s = sum(ended_children_s(host.pid) for host in slurm._hosts.values())
        jobs = [job for job in slurm.history() if job["name"].startswith("mint")]
    return {
        "wall_s": round(wall_s, 1),
        "cluster_cpu_s": round(cluster_s, 1),
        "slurm_jobs": len(jobs),
        "snakemake_cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
    }


def ended_children_s(pid: int) -> float:
    """Processor time of all ended descendants of a process that adopts orphans."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return TICK_S * (int(fields[13]) + int(fields[14]))


def own_work_s(results: Path) -> dict[str, float]:
    """Processor seconds of the stages themselves: of batches by their traces, of other rules by their benchmarks."""
    folder = ROOT / results
    results_of = [
        output_path(folder, record.stem, name)
        for record in folder.glob("batches/*/*.json")
        for name in json.loads(record.read_text(encoding="utf-8"))
    ]
    results_of += [path for file in SUBJECT_OUTPUT.values() for path in folder.glob(f"subjects/*/{file}")]
    batched = sum(made.cpu_s for path in results_of if (made := Made.read(path)) is not None)
    single = {"local": 0.0, "cluster": 0.0}
    for path in folder.glob("benchmarks/**/*.tsv"):
        rule = path.relative_to(folder / "benchmarks").with_suffix("").parts[0]
        if rule not in _BATCHED:
            spent = float(pd.to_numeric(pd.read_csv(path, sep="\t")["cpu_time"], errors="coerce").iloc[-1])
            single["local" if rule in _LOCAL else "cluster"] += spent
    return {"batches_cpu_s": round(batched, 1), **{f"single_{place}_cpu_s": round(s, 1) for place, s in single.items()}}


# Rules that run beside Snakemake.
_LOCAL = ("data_wheel", "demo_body", "demo_motion", "demo_babel", "model", "records", "settings")
_BATCHED = (*OUTPUT, *SUBJECT_OUTPUT, *STAGES_OF)


def overhead(results: Path, target_minutes: float, clips: Collection[str] | None = None) -> dict[str, Any]:
    """What jobs cost beside the stages' own work, as a share of all, in seconds without the main process, and how many
    starts of Snakemake on nodes are in it."""
    ran, own = run_on_slurm(results, target_minutes, clips), own_work_s(results)
    total = ran["cluster_cpu_s"] + ran["snakemake_cpu_s"]
    of_jobs = ran["cluster_cpu_s"] - own["batches_cpu_s"] - own["single_cluster_cpu_s"]
    return {
        **ran,
        **own,
        "overhead_share": round(1 - sum(own.values()) / total, 4),
        "jobs_overhead_s": round(of_jobs, 1),
        "starts": ran["slurm_jobs"] + rules_on_cluster(results),
    }


def rules_on_cluster(results: Path) -> int:
    """Jobs in Snakemake's sense that nodes ran: each has its benchmark."""
    folder = ROOT / results / "benchmarks"
    return sum(path.relative_to(folder).with_suffix("").parts[0] not in _LOCAL for path in folder.glob("**/*.tsv"))


def start_s(batched: Mapping[str, Any], single: Mapping[str, Any]) -> float:
    """Processor seconds of a start of Snakemake on a node, from two runs of the same work in more and in fewer jobs."""
    return float((single["jobs_overhead_s"] - batched["jobs_overhead_s"]) / (single["starts"] - batched["starts"]))


def main() -> None:
    """The demo on SLURM, then the simulated campaign."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--target-minutes", type=float, default=4.0, help="length of the batches of the demo")
    parser.add_argument("--cores", type=int, default=128, help="cores of the simulated cluster")
    own = parser.parse_args()
    if available():
        raise SystemExit(available())
    measured = overhead(RESULTS / "demo", own.target_minutes)
    some = {
        "some_batched": overhead(RESULTS / "some_batched", own.target_minutes, SOME),
        "some_single": overhead(RESULTS / "some_single", 0, SOME),
    }
    seconds = start_s(*some.values())
    # The stages of a batch of chunks are one job of Snakemake's, which is one SLURM job.
    job_s = round(2 * seconds, 2)
    out = {
        **measured,
        **some,
        "start_s": round(seconds, 3),
        "chunks_job_overhead_s": job_s,
        **report(Scenario(nodes=1, cores=own.cores, overhead=job_s)),
    }
    write_text(ROOT / "results/benchmarks/cluster.json", json.dumps(out, indent=1))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
