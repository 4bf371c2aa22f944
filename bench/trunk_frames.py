"""One model's trunk stage against OpenSim's StaticOptimization, in a process of its own (imports OpenSim).

`python bench/trunk_frames.py CHUNK_FOLDER SUBJECT_FOLDER WORK_FOLDER` prints the numbers as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from mint.config.trunk import TrunkConfig
from mint.core.bundle import Bundle
from mint.trunk.demand import GroundForces, ground_forces
from mint.trunk.model import load_model
from mint.trunk.motion import Motion, trunk_motion
from mint.trunk.optimize import choose_actors, optimize, reserve_optimal_force
from mint.trunk.reference import as_the_tool_sees, as_the_tool_turns, static_optimization
from mint.trunk.stage import actors_of, run

FRAMES = range(40, 50)
REPEATS = 3


def growth(osim: Path, solved: Bundle, ik: Bundle) -> float:
    """Seconds of a whole window over those of its first half, per frame: 1 if cost grows linearly with frames."""
    model = load_model(osim)
    motion, ground = trunk_motion(model, solved, ik), ground_forces(model, solved)
    actors, given = actors_of(model, motion, solved)

    def seconds_per_frame(count: int) -> float:
        part = Motion(*(values[:count] for values in (motion.frames, motion.q, motion.qd, motion.qdd)))
        started = time.process_time()
        optimize(model, part, ground, actors, given[:count], TrunkConfig())
        return (time.process_time() - started) / count

    count = len(motion.frames)
    return float(np.median([seconds_per_frame(count) / seconds_per_frame(count // 2) for _ in range(REPEATS)]))


def compared(chunk: Path, subject: Path, work: Path) -> dict[str, Any]:
    """Seconds per frame of the whole stage and of the tool, and how far their solutions are apart."""
    inputs, osim = (chunk / "trajectory.npz", chunk / "ik.npz"), subject / "scaled.osim"
    solved, whole_ik = (Bundle.read(path) for path in inputs)
    seconds = []
    for _ in range(REPEATS):
        started = time.process_time()
        bundle = run(*inputs, osim, work / "trunk.npz", TrunkConfig())
        seconds.append((time.process_time() - started) / len(bundle["frames"]))
    config, model = TrunkConfig(pennation=False), as_the_tool_turns(load_model(osim))
    whole = as_the_tool_sees(trunk_motion(model, solved, whole_ik))
    actors, count = choose_actors(model, whole.q[0], solved.names("muscles")), len(FRAMES)
    part = Motion(*(np.array(values)[FRAMES] for values in (whole.frames, whole.q, whole.qd, whole.qdd)))
    without = GroundForces([], np.zeros((count, 0, 3)), np.zeros((count, 0, 3)))
    unloaded = np.zeros((count, len(actors.given)))
    ours = optimize(model, part, without, actors, unloaded, config)
    theirs = static_optimization(work, osim, model, actors, whole, FRAMES, config)
    optimal = reserve_optimal_force(model, config)
    our_cost, their_cost = (
        sum(np.sum(part**2, axis=1) for part in parts)
        for parts in (
            (ours.activation, ours.reserve / optimal, ours.strut_N / actors.strut_force_N),
            (theirs.activation, theirs.reserve, theirs.strut),
        )
    )
    return {
        "frames": count,
        "growth_with_frames": round(growth(osim, solved, whole_ik), 3),
        "seconds_per_frame": round(float(np.median(seconds)), 5),
        "opensim_seconds_per_frame": round(theirs.seconds_per_frame, 3),
        "static_optimization_speedup": round(theirs.seconds_per_frame / float(np.median(seconds)), 1),
        "objective_gap": float(np.max(our_cost / their_cost - 1)),
        "objective_gap_mean": float(np.mean(our_cost / their_cost - 1)),
        "activation_rmse": float(np.sqrt(np.mean((ours.activation - theirs.activation) ** 2))),
        "largest_reserve_Nm_or_N": float(np.abs(ours.reserve).max()),
    }


if __name__ == "__main__":
    print(json.dumps(compared(*(Path(argument).resolve() for argument in sys.argv[1:]))))
