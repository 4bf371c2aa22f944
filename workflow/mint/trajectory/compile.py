"""Build the kernels of a model's topology ahead of the chunks, so that all jobs share one compiled library."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from mint.config.trajectory import TrajectoryConfig
from mint.core.atomic import write_text
from mint.trajectory.compiled.toolchain import find_toolchain
from mint.trajectory.mesh.blocks import folder_name, load_or_build
from mint.trajectory.model.tree import build_tree, read_model
from mint.trajectory.solvers.linear_solver import linear_solver


def build(
    leg_model_json: str | Path,
    cache_folder: str | Path,
    *,
    record: str | Path | None = None,
    config: TrajectoryConfig | None = None,
) -> dict[str, Any]:
    """Compile (or reuse) the kernels of a leg model's topology under `cache_folder`; return what was built.

    The returned record (also written as JSON to `record`) names folder, compiler, linear solver, whether machine code
    was made and the seconds it took. Raises `StageError` if the model cannot be read, and (SOLVER_SETUP) if the
    configured linear solver is missing or the compiler fails: here, before any chunk asks for it.
    """
    config = config or TrajectoryConfig()
    solver = linear_solver(config, cache_folder)
    tree = build_tree(read_model(leg_model_json))
    toolchain = find_toolchain(config.compiler, config.use_compiler)
    started = time.monotonic()
    blocks = load_or_build(tree, cache_folder, toolchain)
    result = {
        "folder": folder_name(tree, toolchain),
        "compiled": blocks.compiled,
        "compiler": toolchain.version,
        "flags": list(toolchain.command[1:]),
        "vector_width": toolchain.width,
        "linear_solver": config.linear_solver,
        "slow": solver.slow,
        "coordinates": list(tree.coordinates),
        "parameters": blocks.structure.parameters,
        "wall_s": round(time.monotonic() - started, 1),
    }
    if not blocks.compiled:
        result["note"] = "no C compiler: CasADi's interpreter is used, about ten times slower"
    if record is not None:
        write_text(record, json.dumps(result, indent=1) + "\n")
    return result
