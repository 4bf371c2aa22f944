"""OpenSim Moco and the trajectory stage on the same chunk, in one run: time, residual, activations.

`python bench/moco.py [--help]` solves a chunk of `results/bench/trajectory/base` (or of the embedded walk, which the
workflow then computes) by the trajectory stage, with MUMPS and, if installed, PARDISO; then by Moco
(`moco_problem.py`): MocoInverse on the solved motion and ground forces, which is muscles only, and MocoTrack with
contact, which is the whole problem. Each in a child process with one thread; a second is processor time, start and
imports included. Moco is killed after a time limit; the ratio to the trajectory stage is then a lower bound.
Writes `results/benchmarks/moco.json` and prints a table.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import re
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from runs import body_settings, embedded_row, run_workflow
from trials import ROOT

from mint.config.trajectory import TrajectoryConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.call import isolated
from mint.core.chunks import kept_nodes
from mint.trajectory.problems.leg import reserve_share

Array = np.ndarray[Any, Any]
SUITE, OWN = Path("results/bench/trajectory/base"), Path("results/bench/moco")
MEMORY_MB = 8000
MOVING = 0.02  # standard deviation of an activation from which a correlation means something
# An iteration of IPOPT's log: number (r: restoration), objective, constraint violation.
_ITERATION = re.compile(r"^\s*(\d+)r?\s+(\S+)\s+(\d\S*e\S+)\s", re.MULTILINE)


@dataclass(frozen=True)
class Side:
    """A solver on the chunk: name, its bundle, processor and wall seconds, log."""

    name: str
    bundle: Bundle
    core_s: float
    wall_s: float
    log: str


def chunk_files(results: Path, sequence: str, chunk: str, subject: str) -> dict[str, Path]:
    """What both sides read of a folder of results."""
    folder, model = ROOT / results / f"sequences/{sequence}/chunks/{chunk}", ROOT / results / f"subjects/{subject}"
    return {
        "ik": folder / "ik.npz",
        "support": folder / "support.npz",
        "leg_json": model / "leg_model.json",
        "leg_osim": model / "leg.osim",
        "paths": model / "muscle_paths.npz",
        "cache": ROOT / results / "cache/compiled",
    }


def make_walk() -> None:
    """The embedded walk up to what the trajectory stage reads, in a folder of its own."""
    inputs = OWN / "inputs"
    run_workflow(
        OWN,
        [embedded_row(inputs, "demo_f", "walk")],
        "--until",
        "support",
        "muscle_paths",
        "compile",
        config={"body": body_settings(inputs / "body")},
    )


def measured(
    name: str,
    function: str,
    arguments: Mapping[str, Any],
    limit_s: float,
    config: tuple[str, Mapping[str, Any]] | None = None,
) -> Side:
    """Run one side in a child."""
    stem = ROOT / OWN / name.replace(" ", "_")
    log = stem.with_suffix(".log")
    log.unlink(missing_ok=True)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    bundle = isolated(
        "bench",
        function,
        arguments,
        stem.with_suffix(".npz"),
        config=config,
        deadline_s=limit_s,
        memory_mb=MEMORY_MB,
        log=log,
    )
    after, wall_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    core_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Side(name, bundle, core_s, wall_s, log.read_text(encoding="utf-8", errors="replace"))


def solve_by_mint(files: Mapping[str, Path], solver: str) -> Side:
    """The trajectory stage as the workflow runs it."""
    arguments = {
        "leg_model_path": files["leg_json"],
        "muscle_paths_path": files["paths"],
        "ik_path": files["ik"],
        "support_path": files["support"],
        "cache": files["cache"],
    }
    return measured(
        f"mint {solver}",
        "mint.trajectory.stage:run",
        arguments,
        1800,
        ("mint.config.trajectory:TrajectoryConfig", {"linear_solver": solver}),
    )


def solve_by_moco(files: Mapping[str, Path], formulation: str, scheme: str, limit_s: float) -> Side:
    """Moco from the solution of the trajectory stage with MUMPS."""
    arguments = {
        "formulation": formulation,
        "scheme": scheme,
        "leg_osim": files["leg_osim"],
        "muscle_paths_path": files["paths"],
        "ik_path": files["ik"],
        "trajectory_path": ROOT / OWN / "mint_mumps.npz",
    }
    return measured(f"moco {formulation}", "moco_problem:run", arguments, limit_s)


def mint_record(side: Side) -> dict[str, Any]:
    """What the trajectory stage reports, in the words of `moco_record`."""
    attempts, meta = side.bundle.meta["attempts"], side.bundle.meta
    return {
        "converged": side.bundle.ok,
        "status": attempts[-1]["status"],
        "iterations": sum(row["iterations"] for row in attempts),
        "violation": attempts[-1]["constraint_violation"],
        "pelvis_force_N": meta["max_pelvis_force_N"],
        "pelvis_moment_Nm": meta["max_pelvis_moment_Nm"],
        **reserves(side.bundle["reserve"], side.bundle.names("reserve_coordinates"), side.bundle),
    }


def moco_record(side: Side, reference: Bundle) -> dict[str, Any]:
    """Outcome by Moco's result and IPOPT's log: if Moco was stopped, the log is all there is."""
    steps = _ITERATION.findall(side.log)
    out = {
        "converged": bool(side.bundle.meta.get("success", False)),
        "status": side.bundle.meta.get("solver_status", side.bundle.status.detail),
        "iterations": int(steps[-1][0]) if steps else 0,
        "violation": float(steps[-1][2]) if steps else None,
    }
    if "moment" not in side.bundle:
        return out
    names, moment = side.bundle.names("moment_coordinates"), side.bundle["moment"]
    kept = kept_nodes(len(moment))
    # tx, ty, tz; tilt, list, rotation
    for key, pattern in (("pelvis_force_N", "pelvis_t[xyz]"), ("pelvis_moment_Nm", "pelvis_*[nt]")):
        own = [names.index(name) for name in fnmatch.filter(names, pattern)]
        out[key] = float(np.abs(moment[kept][:, own]).max(initial=0.0))
    legs = reference.names("reserve_coordinates")
    return out | reserves(moment[:, [names.index(name) for name in legs]], legs, reference)


def reserves(reserve: Array, names: list[str], reference: Bundle) -> dict[str, float]:
    """Largest reserve of the kept nodes in N m, and in % of the peak moment of its coordinate in `reference`."""
    columns = [reference.names("coordinates").index(name) for name in names]
    share = reserve_share(reserve, reference["tau"][:, columns], TrajectoryConfig())
    return {
        "reserve_Nm": float(np.abs(reserve[kept_nodes(len(reserve))]).max()),
        "reserve_percent": float(100 * share.max()),
    }


def activations(bundle: Bundle, reference: Bundle) -> dict[str, Any]:
    """Sum of squared activations, and their agreement with `reference`, of the kept nodes; medians over muscles that
    move in both, and the numbers by muscle."""
    kept = kept_nodes(len(reference["frames"]))
    own, other = bundle["activation"][kept], reference["activation"][kept]
    moving = np.flatnonzero((own.std(axis=0) > MOVING) & (other.std(axis=0) > MOVING))
    rms = np.sqrt(np.mean((own - other) ** 2, axis=0))
    correlation = {int(i): float(np.corrcoef(own[:, i], other[:, i])[0, 1]) for i in moving}
    names = reference.names("muscles")
    return {
        "squared_activations": float(np.mean(np.sum(own**2, axis=1))),
        "activation_rms": float(np.sqrt(np.mean((own - other) ** 2))),
        "activation_rms_median": float(np.median(rms)),
        "correlation_median": float(np.median(list(correlation.values()))),
        "moving_muscles": len(moving),
        "muscles": {
            name: {"rms": round(float(rms[i]), 4), "correlation": correlation.get(i)} for i, name in enumerate(names)
        },
    }


def table_row(side: Side, record: Mapping[str, Any], reference: Bundle) -> dict[str, Any]:
    """A row of the table: times, outcome, activations if there are any."""
    found = activations(side.bundle, reference) if "activation" in side.bundle else {}
    return {"solver": side.name, "core_s": round(side.core_s, 1), "wall_s": round(side.wall_s, 1), **record, **found}


def main() -> None:
    """Solve, compare, write and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequence", default="demo_f_walk")
    parser.add_argument("--chunk", default="000")
    parser.add_argument("--subject", default="MintDemo-demo_f", help="folder of the sequence's subject")
    parser.add_argument(
        "--scheme",
        default="trapezoidal",
        help="Moco's transcription; hermite-simpson is its default "
        "and has twice the points, trapezoidal as many as the trajectory stage",
    )
    parser.add_argument("--inverse-limit-s", type=float, default=3600, help="wall time for MocoInverse")
    parser.add_argument("--track-limit-s", type=float, default=600, help="wall time for MocoTrack; 0: leave it out")
    choice = parser.parse_args()
    chosen = choice.sequence, choice.chunk, choice.subject
    files = chunk_files(SUITE, *chosen)
    if not all(path.exists() for path in files.values()):
        make_walk()
        files = chunk_files(OWN, *chosen)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "bench"), os.environ.get("PYTHONPATH", "")])
    (ROOT / OWN).mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT / OWN)  # Moco leaves files where it runs
    # PARDISO comes with the optional package mkl.
    solvers = ["mumps", *(["pardiso"] if list(metadata.distributions(name="mkl")) else [])]
    ours = {solver: solve_by_mint(files, solver) for solver in solvers}
    for side in ours.values():
        if not side.bundle.ok:
            raise SystemExit(f"the trajectory stage did not solve this chunk: {side.bundle.status.message}")
    limits = {"inverse": choice.inverse_limit_s, "track": choice.track_limit_s}
    theirs = [solve_by_moco(files, name, choice.scheme, limit) for name, limit in limits.items() if limit > 0]
    write_report(choice, ours, theirs)


def write_report(choice: argparse.Namespace, ours: Mapping[str, Side], theirs: Sequence[Side]) -> None:
    """Write and print times, outcomes, ratios."""
    reference = ours["mumps"].bundle
    rows = [table_row(side, mint_record(side), reference) for side in ours.values()]
    rows += [table_row(side, moco_record(side, reference), reference) for side in theirs]
    ratios = {
        side.name: {
            "lower_bound": not record["converged"],
            **{solver: round(side.core_s / ours[solver].core_s, 1) for solver in ours},
        }
        for side, record in zip(theirs, rows[len(ours) :], strict=True)
    }
    out = {
        "sequence": choice.sequence,
        "chunk": choice.chunk,
        "scheme": choice.scheme,
        "moco_ratio": ratios,
        "solvers": rows,
    }
    write_text(ROOT / "results/benchmarks/moco.json", json.dumps(out, indent=1))
    print(pd.DataFrame(rows).drop(columns="muscles").set_index("solver").T.to_string())
    print(json.dumps(ratios, indent=1))


if __name__ == "__main__":
    main()
