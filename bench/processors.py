"""The same chunks on processors of other types: how far do solutions differ?

`python bench/processors.py [results]` takes the results of `make demo`, solves accepted chunks again (trajectory, then
trunk) with the matrix kernels that OpenBLAS has for other types of processor, and prints how far activations and ground
forces are from those of the same run with its own choice; `results/benchmarks/processors.json` has the numbers. Kernels
of another type sum in another order, which is what differs between nodes of a cluster; compiled code of this project is
the same on all of x86-64.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from trials import ROOT

from mint.batch.made import Made
from mint.config.project import LimitsConfig
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.call import isolated

CHUNKS = (
    "demo_f_walk/000",
    "demo_m_walk/001",
    "demo_f_punch/000",
    "demo_m_jump/001",
    "demo_f_dance_b/000",
    "demo_m_run/001",
)
TYPES = ("Nehalem", "Haswell", "SkylakeX")


def solved(results: Path, name: str, folder: Path, kernels: str | None) -> dict[str, Bundle]:
    """Trajectory and trunk of a chunk with the kernels of a type of processor, or those that OpenBLAS chooses."""
    sequence, chunk = name.split("/")
    given = results / "sequences" / sequence / "chunks" / chunk
    out: dict[str, Bundle] = {}
    trajectory = folder / "trajectory.npz"
    subject = results / Path(_input(given, "leg_model_path")).parent
    arguments: dict[str, Mapping[str, Any]] = {
        "trajectory": {
            "leg_model_path": subject / "leg_model.json",
            "muscle_paths_path": subject / "muscle_paths.npz",
            "ik_path": given / "ik.npz",
            "support_path": given / "support.npz",
            "cache": results / "cache",
        },
        "trunk": {"scaled_osim": subject / "scaled.osim", "ik_path": given / "ik.npz", "trajectory_path": trajectory},
    }
    classes = {"trajectory": "mint.config.trajectory:TrajectoryConfig", "trunk": "mint.config.trunk:TrunkConfig"}
    limits = LimitsConfig()
    for stage in ("trajectory", "trunk"):
        made = Made.read(given / f"{stage}.npz")
        assert made is not None
        with patch.dict(os.environ, {"OPENBLAS_CORETYPE": kernels} if kernels else {}):
            out[stage] = isolated(
                stage,
                f"mint.{stage}.stage:run",
                arguments[stage],
                folder / f"{stage}.npz",
                config=(classes[stage], made.config),
                deadline_s=limits.chunk_deadline_s,
                memory_mb=limits.chunk_memory_mb,
            )
    return out


def _input(given: Path, argument: str) -> str:
    made = Made.read(given / "trajectory.npz")
    assert made is not None, f"no trace of {given}/trajectory.npz"
    return made.inputs[argument][0][0]


def compared(one: dict[str, Bundle], other: dict[str, Bundle]) -> dict[str, float]:
    """Differences of activations [1] and of ground forces [N]; iterations of the other."""
    out = {
        "ground_force_rms_N": _rms(one["trajectory"], other["trajectory"], "grf_force_N"),
        "iterations": float(other["trajectory"].status.iterations),
    }
    for stage in ("trajectory", "trunk"):
        out[f"{stage}_activation_rms"] = _rms(one[stage], other[stage], "activation")
        out[f"{stage}_activation_max"] = float(np.abs(one[stage]["activation"] - other[stage]["activation"]).max())
    return out


def _rms(one: Bundle, other: Bundle, name: str) -> float:
    return float(np.sqrt(np.mean((one[name] - other[name]) ** 2)))


def main(results: Path) -> int:
    """Solve, compare, print, write."""
    rows: dict[str, dict[str, Any]] = {}
    for name in CHUNKS:
        with tempfile.TemporaryDirectory() as folder:
            own = solved(results, name, Path(folder) / "own", None)
            for kernels in TYPES:
                row = compared(own, solved(results, name, Path(folder) / kernels, kernels))
                rows.setdefault(name, {})[kernels] = row
                print(name, kernels, {key: float(f"{value:.2g}") for key, value in row.items()}, flush=True)
    worst = {
        key: max(row[key] for chunk in rows.values() for row in chunk.values())
        for key in next(iter(rows[CHUNKS[0]].values()))
        if key != "iterations"
    }
    print("worst", worst)
    write_text(ROOT / "results/benchmarks/processors.json", json.dumps({"worst": worst, "chunks": rows}, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "results"))
