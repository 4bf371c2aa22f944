"""The solver of IPOPT's linear systems: MUMPS, which comes with CasADi, or PARDISO of the `mkl` package.

PARDISO takes less time. MKL's licence (Intel Simplified Software License) allows use and redistribution, but it is not
open source: it is never installed unless asked for.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from mint.config.trajectory import TrajectoryConfig
from mint.core.atomic import atomic_path
from mint.trajectory.blocks import find_toolchain

_FOR_MUMPS = (("scipy", r"libscipy_openblas-\w+\.so"), ("casadi", r"libcoinmumps\.so\.\d+"),
              ("casadi", r"libipopt\.so\.\d+"), ("casadi", r"dmumps_c\.h"))


class LinearSolverError(RuntimeError):
    """The configured linear solver cannot be used on this machine; the message says what to do."""


def linear_solver_options(config: TrajectoryConfig, cache: str | Path) -> dict[str, Any]:
    """Options of IPOPT that select the linear solver; what it needs is built in `cache` if it is not there.

    MUMPS with METIS ordering and no scaling: 0.53 instead of 1.3 s per step in the prototype. Raises
    `LinearSolverError` if PARDISO is asked for, and MKL or a compiler is missing.
    """
    if config.linear_solver == "mumps":
        _make_mumps_fast(config, Path(cache))
        return {"linear_solver": "mumps", "mumps_pivot_order": config.mumps_pivot_order,
                "mumps_scaling": config.mumps_scaling, "mumps_permuting_scaling": 0}
    bridge = _built("pardiso.c", config, Path(cache))
    if bridge is None:
        raise LinearSolverError("trajectory.linear_solver is pardiso, which needs a C compiler: install gcc, or set it "
                                "to mumps")
    load = ctypes.CDLL(str(bridge)).mint_load_mkl
    load.restype = ctypes.c_char_p
    failure = load(str(_mkl()).encode())
    if failure is not None:
        raise LinearSolverError(f"MKL cannot be loaded: {failure.decode()}")
    return {"linear_solver": "pardiso", "pardisolib": str(bridge)}


def _make_mumps_fast(config: TrajectoryConfig, cache: Path) -> None:
    """Let MUMPS multiply matrices by SciPy's OpenBLAS and leave out trials in vain (`mumps.c`), if this process has not
    loaded it yet and there is a compiler; else it is slower. Raises `LinearSolverError`."""
    blas, mumps, ipopt, header = (_installed(*each) for each in _FOR_MUMPS)
    if not (blas and mumps and ipopt and header):
        return
    path = _built("mumps.c", config, cache, f"-I{header.parent}")
    functions = ctypes.CDLL(str(path)) if path else None
    if functions and functions.mint_load_blas(os.fsencode(blas)):
        ctypes.CDLL(str(path), ctypes.RTLD_GLOBAL)
        if not functions.mint_load_mumps(os.fsencode(mumps)):
            raise LinearSolverError(f"MUMPS cannot be loaded from {mumps}")
        ctypes.CDLL(str(ipopt))  # takes its functions now, before CasADi loads it among its own


def _installed(package: str, file: str) -> Path | None:
    """A file of an installed package whose name matches. Raises `PackageNotFoundError`."""
    for each in distribution(package).files or []:
        if re.fullmatch(file, each.name):
            return Path(str(each.locate())).resolve()
    return None


def _mkl() -> Path:
    """The run-time library of the installed `mkl` package."""
    try:
        found = _installed("mkl", r"libmkl_rt\.so.*")
    except PackageNotFoundError:
        raise LinearSolverError("trajectory.linear_solver is pardiso, but the package mkl is not installed: "
                                "`make pardiso`, or set it to mumps") from None
    if found is None:
        raise LinearSolverError("the installed package mkl has no libmkl_rt: `make pardiso`, or set "
                                "trajectory.linear_solver to mumps")
    return found


def _built(source: str, config: TrajectoryConfig, cache: Path, *options: str) -> Path | None:
    """The library made of a C source of this package; None: no compiler."""
    toolchain, path = find_toolchain(config.compiler, config.use_compiler), Path(__file__).with_name(source)
    if not toolchain.command:
        return None
    text = path.read_bytes() + path.with_name("trials.h").read_bytes() + toolchain.key.encode()
    key = hashlib.sha256(text).hexdigest()[:12]
    library = (cache / f"{path.stem}_{key}.so").resolve()
    if not library.exists():
        with atomic_path(library) as built:
            subprocess.run([toolchain.command[0], "-O2", "-fPIC", "-shared", *options, str(path), "-o", str(built),
                            "-ldl", "-lm"], check=True)
    return library
