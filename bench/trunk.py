"""The trunk stage and inverse kinematics against OpenSim's tools, on the same frames, model and settings.

`python bench/trunk.py` runs the workflow with both models on the embedded motions and on synthetic ones of the trunk,
and says what a chunk costs and which strands ever move. On one chunk of a walk it times the whole trunk stage and, on
frames of it, StaticOptimization, and compares objective and activations of those frames: without pennation, which the
tool leaves out, and without ground forces and leg muscles, for which it would need more than free actuators. Inverse
kinematics is timed against OpenSim's tool as it is, and its markers are compared with those of the tool at an accuracy
at which it converges.
`results/benchmarks/trunk.json` has the numbers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from runs import SHOWN, body_settings, chunk_cost, embedded_row, run_workflow
from trials import ROOT, SHARED
from trunk_motions import write_motions

from mint.config.trunk import TrunkConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.tables import mint_columns

MODELS = ("pose2sim", "full402")
SUBJECT, CLIP, CHUNK = "demo_f", "walk", "000"
RESULTS = Path("results/bench/trunk")
STAGES = ("ik", "support", "trajectory", "verify", "trunk")  # from markers to a verified result
MOVED = 1e-3  # an activation that far above its floor has moved


def compared(model: str) -> dict[str, Any]:
    """Numbers of one model; the comparison with OpenSim has one core, as a job has."""
    results = RESULTS / model
    rows = [embedded_row(results / "inputs", subject, clip) for subject, clip in SHOWN]
    run_workflow(
        results,
        [*rows, *write_motions(ROOT / results / "trunk_motions", SUBJECT)],
        config={
            "model": model,
            "inputs": {"mirror": str(SHARED / "models")},
            "body": body_settings(results / "inputs/body"),
        },
    )
    folders = (
        ROOT / results / "sequences" / f"{SUBJECT}_{CLIP}" / "chunks" / CHUNK,
        ROOT / results / "subjects" / f"MintDemo-{SUBJECT}",
        ROOT / results / "reference",
    )
    return {
        **chain(results),
        **strands(results),
        **alone("trunk_frames.py", *folders),
        **alone("trunk_ik.py", *folders),
    }


def chain(results: Path) -> dict[str, Any]:
    """Cost of the chunks from markers to the verified result, and the trunk model's pelvis residual."""
    seconds, megabytes, residual, trunk_s = [], [], [], []
    chunks = sorted((ROOT / results).glob("sequences/*/chunks/*/trunk.npz"))
    found = [(path, Bundle.read(path)) for path in chunks]
    for path, bundle in found:
        if bundle.status.stage != "trunk":
            continue
        sequence, chunk = path.parents[2].name, path.parent.name
        costs = [chunk_cost(results, sequence, chunk, (stage,)) for stage in STAGES]
        seconds.append(sum(stage_s for stage_s, _ in costs))
        megabytes.append(max(stage_mb for _, stage_mb in costs))
        trunk_s.append(costs[-1][0])
        residual.append(bundle.meta["metrics"]["pelvis_residual_max_percent_bw"])
    return {
        "chunks": len(seconds),
        "chunks_accepted": sum(bundle.ok for _, bundle in found),
        "chain_core_s_median": round(float(np.median(seconds)), 1),
        "trunk_core_s_median": round(float(np.median(trunk_s)), 1),
        "max_rss_mb": max(megabytes),
        "pelvis_residual_percent_bw_median": round(float(np.median(residual)), 2),
        "pelvis_residual_percent_bw_max": round(float(np.max(residual)), 2),
    }


def strands(results: Path) -> dict[str, Any]:
    """How many of the 402 columns are there, how many move above their floor somewhere, and which never do."""
    largest = np.full(len(mint_columns()), np.nan)
    for path in sorted((ROOT / results).glob("sequences/*/sequence.npz")):
        bundle = Bundle.read(path)
        if bundle.ok and "activation" in bundle and len(bundle["frames"]):
            largest = np.fmax(largest, bundle["activation"].max(axis=0))
    moved = largest > TrunkConfig().min_activation + MOVED
    silent = [
        name
        for name, there, moves in zip(mint_columns(), np.isfinite(largest), moved, strict=True)
        if there and not moves
    ]
    return {
        "strands_present": int(np.isfinite(largest).sum()),
        "strands_active": int(moved.sum()),
        "strands_silent": silent,
    }


def alone(script: str, chunk: Path, subject: Path, work: Path) -> dict[str, Any]:
    """Numbers that a script with OpenSim prints. The tools write where they run, and print to standard output."""
    work.mkdir(exist_ok=True)
    command = [sys.executable, str(Path(__file__).with_name(script)), str(chunk), str(subject), str(work)]
    one_core = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=work, env=one_core, check=True, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    """Both models."""
    out = {model: compared(model) for model in MODELS}
    write_text(ROOT / "results/benchmarks/trunk.json", json.dumps(out, indent=1))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
