"""The solver of IPOPT's linear systems: MUMPS, which comes with CasADi, or PARDISO of the `mkl` package.

PARDISO takes less time (63 instead of 96 core-seconds for the running clip, the same iterations). MKL's licence (Intel
Simplified Software License) allows use and redistribution, but it is not open source: it is never installed unless
asked for.
"""

from __future__ import annotations

import ctypes
import hashlib
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from mint.config.trajectory import TrajectoryConfig
from mint.core.atomic import atomic_path
from mint.trajectory.blocks import find_toolchain

_SOURCE = Path(__file__).with_name("pardiso.c")


class LinearSolverError(RuntimeError):
    """The configured linear solver cannot be used on this machine; the message says what to do."""


def linear_solver_options(config: TrajectoryConfig, cache: str | Path) -> dict[str, Any]:
    """Options of IPOPT that select the linear solver; the bridge to PARDISO is built in `cache` if it is not there.

    MUMPS with METIS ordering and no scaling: 0.53 instead of 1.3 s per step in the prototype. Raises
    `LinearSolverError` if PARDISO is asked for, and MKL or a compiler is missing.
    """
    if config.linear_solver == "mumps":
        return {"linear_solver": "mumps", "mumps_pivot_order": config.mumps_pivot_order,
                "mumps_scaling": config.mumps_scaling, "mumps_permuting_scaling": 0}
    bridge = _bridge(config, Path(cache))
    load = ctypes.CDLL(str(bridge)).mint_load_mkl
    load.restype = ctypes.c_char_p
    failure = load(str(_mkl()).encode())
    if failure is not None:
        raise LinearSolverError(f"MKL cannot be loaded: {failure.decode()}")
    return {"linear_solver": "pardiso", "pardisolib": str(bridge)}


def _mkl() -> Path:
    """The run-time library of the installed `mkl` package."""
    try:
        files = distribution("mkl").files or []
    except PackageNotFoundError:
        raise LinearSolverError("trajectory.linear_solver is pardiso, but the package mkl is not installed: "
                                "`make pardiso`, or set it to mumps") from None
    for file in files:
        if file.name.startswith("libmkl_rt.so"):
            return Path(str(file.locate())).resolve()
    raise LinearSolverError("the installed package mkl has no libmkl_rt: `make pardiso`, or set "
                            "trajectory.linear_solver to mumps")


def _bridge(config: TrajectoryConfig, cache: Path) -> Path:
    """Path of the compiled bridge."""
    toolchain = find_toolchain(config.compiler, config.use_compiler)
    if not toolchain.command:
        raise LinearSolverError("trajectory.linear_solver is pardiso, which needs a C compiler: install gcc, or set it "
                                "to mumps")
    key = hashlib.sha256(_SOURCE.read_bytes() + toolchain.key.encode()).hexdigest()[:12]
    path = (cache / f"pardiso_{key}.so").resolve()
    if not path.exists():
        with atomic_path(path) as built:
            subprocess.run([toolchain.command[0], "-O2", "-fPIC", "-shared", str(_SOURCE), "-o", str(built), "-ldl",
                            "-lm"], check=True)
    return path
