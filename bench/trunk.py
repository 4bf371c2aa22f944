"""The trunk stage against OpenSim's StaticOptimization, on the same frames, model and settings.

`python bench/trunk.py` runs the workflow to the trunk on an embedded walk with both models, times the whole stage on
its chunk and the tool on frames of it, and compares objective and activations of those frames: without pennation,
which the tool leaves out, and without ground forces and leg muscles, for which it would need more than free actuators.
`results/benchmarks/trunk.json` has the numbers.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from runs import body_settings, embedded_row, run_workflow
from trials import ROOT, SHARED

from mint.config.trunk import TrunkConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.trunk.demand import GroundForces
from mint.trunk.model import load_model
from mint.trunk.motion import Motion, trunk_motion
from mint.trunk.optimize import choose_actors, optimize
from mint.trunk.reference import static_optimization
from mint.trunk.stage import run
from mint.trunk.table import BALANCED, Role

MODELS = ("pose2sim", "full402")
SUBJECT, CLIP, CHUNK = "demo_f", "walk", "000"
RESULTS = Path("results/bench/trunk")
FRAMES = range(40, 50)
REPEATS = 3


def compared(name: str) -> dict[str, Any]:
    """Numbers of one model."""
    results = RESULTS / name
    run_workflow(results, [embedded_row(results / "inputs", SUBJECT, CLIP)], "--until", "trunk",
                 config={"model": name, "inputs": {"mirror": str(SHARED / "models")},
                         "body": body_settings(results / "inputs/body")})
    chunk = ROOT / results / "sequences" / f"{SUBJECT}_{CLIP}" / "chunks" / CHUNK
    osim = ROOT / results / "subjects" / f"MintDemo-{SUBJECT}" / "scaled.osim"
    inputs = chunk / "trajectory.npz", chunk / "ik.npz", osim
    seconds, bundle = [], Bundle.read(chunk / "trunk.npz")
    for _ in range(REPEATS):
        started = time.perf_counter()
        bundle = run(*inputs, ROOT / results / "again.npz", TrunkConfig())
        seconds.append((time.perf_counter() - started) / len(bundle["frames"]))
    config, model = TrunkConfig(pennation=False), load_model(osim)
    whole = trunk_motion(model, *(Bundle.read(path) for path in inputs[:2]))
    actors, count = choose_actors(model, whole.q[0], Bundle.read(inputs[0]).names("muscles")), len(FRAMES)
    part = Motion(*(np.array(values)[FRAMES] for values in (whole.frames, whole.q, whole.qd, whole.qdd)))
    without = GroundForces([], np.zeros((count, 0, 3)), np.zeros((count, 0, 3)))
    unloaded = np.zeros((count, len(actors.given)))
    ours = optimize(model, part, without, actors, unloaded, config)
    theirs = static_optimization(ROOT / results / "reference", osim, model, actors, whole, FRAMES, config)
    by_role = {Role.MUSCLES: config.reserve_optimal_force, Role.SUPPORTED: config.support_optimal_force}
    optimal = np.array([by_role[row.role] for row in model.rows if row.role in BALANCED])
    our_cost, their_cost = (
        sum(np.sum(part**2, axis=1) for part in parts)
        for parts in ((ours.activation, ours.reserve / optimal, ours.strut_N / actors.strut_force_N),
                      (theirs.activation, theirs.reserve, theirs.strut)))
    return {"frames": count, "seconds_per_frame": round(float(np.median(seconds)), 5),
            "opensim_seconds_per_frame": round(theirs.seconds_per_frame, 3),
            "static_optimization_speedup": round(theirs.seconds_per_frame / float(np.median(seconds)), 1),
            "objective_gap": float(np.max(our_cost / their_cost - 1)),
            "objective_gap_mean": float(np.mean(our_cost / their_cost - 1)),
            "activation_rmse": float(np.sqrt(np.mean((ours.activation - theirs.activation) ** 2))),
            "largest_reserve_Nm_or_N": float(np.abs(ours.reserve).max())}


def main() -> None:
    """Both models."""
    out = {name: compared(name) for name in MODELS}
    write_text(ROOT / "results/benchmarks/trunk.json", json.dumps(out, indent=1))
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
