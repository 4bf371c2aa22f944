"""The solver of IPOPT's linear systems: MUMPS, which comes with CasADi, or PARDISO of the `mkl` package.

PARDISO takes less time. MKL's licence (Intel Simplified Software License) allows use and redistribution, but it is not
open source: it is never installed unless asked for.

What makes MUMPS fast (`mumps.c`) puts itself before functions of two wheels, which no interface of theirs promises. So
a small program is solved first, and what was called there is counted: a result says whether it was.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

import casadi as ca
import numpy as np

from mint.config.trajectory import TrajectoryConfig
from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError
from mint.trajectory.compiled.toolchain import compiler_failed, find_toolchain, writing

_FOR_MUMPS = (
    ("scipy", r"libscipy_openblas-\w+\.so"),
    ("casadi", r"libcoinmumps\.so\.\d+"),
    ("casadi", r"libipopt\.so\.\d+"),
    ("casadi", r"dmumps_c\.h"),
)


_SHARED = ("matrix products", "factorizations")  # as `mint_served` of mumps.c counts them
_PROBE = 120  # variables of the program that is solved to see: so many make a front that needs products of matrices


@dataclass(frozen=True)
class LinearSolver:
    """IPOPT's options, and why linear systems take longer than they could; empty: they do not."""

    options: dict[str, Any]
    slow: str = ""

    @property
    def warning(self) -> str:
        """What a result that was made with it has to say; empty if nothing."""
        return (
            f"MUMPS without what makes it fast: {self.slow}; slower, and the same results within tolerances only"
            if self.slow
            else ""
        )


def linear_solver(config: TrajectoryConfig, cache: str | Path) -> LinearSolver:
    """The configured linear solver; what it needs is built in `cache` if it is not there.

    MUMPS with METIS ordering and no scaling: 0.53 instead of 1.3 s per step in the prototype. Raises
    `StageError(SOLVER_SETUP)` if IPOPT cannot solve with it; if PARDISO is asked for, and MKL or a compiler is missing;
    if the compiler fails, or `cache` cannot be written.
    """
    if config.linear_solver == "mumps":
        options = {
            "linear_solver": "mumps",
            "mumps_pivot_order": 5,  # METIS
            "mumps_scaling": 0,
            "mumps_permuting_scaling": 0,
        }
        return LinearSolver(options, _fast_mumps(config, Path(cache), options))
    bridge = _built("pardiso.c", config, Path(cache))
    if bridge is None:
        raise _missing(
            "trajectory.linear_solver is pardiso, which needs a C compiler", "install gcc, or set it to mumps"
        )
    load = ctypes.CDLL(str(bridge)).mint_load_mkl
    load.restype = ctypes.c_char_p
    failure = load(str(_mkl()).encode())
    if failure is not None:
        raise _missing(
            f"MKL cannot be loaded: {failure.decode()}", "`make pardiso`, or set trajectory.linear_solver to mumps"
        )
    options = {"linear_solver": "pardiso", "pardisolib": str(bridge)}
    _probe(options)
    return LinearSolver(options)


def _missing(detail: str, remedy: str) -> StageError:
    return StageError(Reason.SOLVER_SETUP, f"{detail}: {remedy}", remedy=remedy)


# What a process found out: its functions are bound once, whatever comes later.
_of_this_process: list[str] = []


def _fast_mumps(config: TrajectoryConfig, cache: Path, options: dict[str, Any]) -> str:
    """Let MUMPS multiply matrices by SciPy's OpenBLAS and leave out trials in vain (`mumps.c`), if this process has not
    loaded it yet and there is a compiler, and look whether it does. Returns why not, or "". Raises `StageError`."""
    if not _of_this_process:
        served, why = _loaded(config, cache)
        _probe(options)
        if served is not None:
            unused = [name for i, name in enumerate(_SHARED) if not served(i)]
            if unused:
                why = (
                    f"{' and '.join(unused)} go elsewhere in casadi {version('casadi')} with scipy "
                    f"{version('scipy')}, or were bound before"
                )
        _of_this_process.append(why)
    return _of_this_process[0]


def _loaded(config: TrajectoryConfig, cache: Path) -> tuple[Any, str]:
    """The function that counts what `mumps.c` was called for, of the library loaded before CasADi's; None, and why."""
    files = [_installed(*each) for each in _FOR_MUMPS]
    for (package, pattern), file in zip(_FOR_MUMPS, files, strict=True):
        if file is None:
            return None, f"{package} {version(package)} has no file {pattern}"
    blas, mumps, ipopt, header = (str(file) for file in files)
    path = _built("mumps.c", config, cache, f"-I{Path(header).parent}")
    if path is None:
        return None, "no C compiler"
    functions = ctypes.CDLL(str(path))
    functions.mint_served.restype = ctypes.c_long
    if not functions.mint_load_blas(os.fsencode(blas)):
        return None, f"scipy {version('scipy')} has no scipy_dgemm_ in {Path(blas).name}"
    ctypes.CDLL(str(path), ctypes.RTLD_GLOBAL)
    if not functions.mint_load_mumps(os.fsencode(mumps)):
        raise _missing(
            f"MUMPS cannot be loaded from {mumps}",
            "set trajectory.use_compiler to false, or install the casadi of envs/lock.txt",
        )
    ctypes.CDLL(ipopt)  # takes its functions now, before CasADi loads it among its own
    return functions.mint_served, ""


def _probe(options: dict[str, Any]) -> None:
    """Solve a small convex program, min x'Qx / 2 under sum x = 1 with a full Q. Raises `StageError(SOLVER_SETUP)`."""
    spread = np.cos(np.outer(np.arange(1.0, _PROBE + 1), np.arange(1.0, _PROBE + 1)))
    matrix = spread @ spread.T + _PROBE * np.eye(_PROBE)
    x = ca.MX.sym("x", _PROBE)
    program: Any = {"x": x, "f": ca.bilin(ca.DM(matrix), x, x) / 2, "g": ca.sum1(x)}
    settings: Any = {"print_time": False, "error_on_fail": False, "ipopt": {"print_level": 0, "sb": "yes", **options}}
    try:
        solver = ca.nlpsol("probe", "ipopt", program, settings)
        found = np.asarray(solver(x0=0, lbg=1, ubg=1)["x"]).ravel()
    except RuntimeError as error:
        raise _missing(f"IPOPT does not take {options['linear_solver']}: {str(error)[:300]}", _REINSTALL) from error
    exact = np.linalg.solve(matrix, np.ones(_PROBE))
    if not np.allclose(found, exact / exact.sum(), rtol=0, atol=1e-6):
        raise _missing(
            f"IPOPT with {options['linear_solver']} does not solve a convex program "
            f"({solver.stats()['return_status']})",
            _REINSTALL,
        )


_REINSTALL = "install what envs/lock.txt pins (`make env`), or set trajectory.linear_solver to mumps"


def _installed(package: str, file: str) -> Path | None:
    """A file of an installed package whose name matches. Raises `PackageNotFoundError`."""
    for each in distribution(package).files or []:
        if re.fullmatch(file, each.name):
            return Path(str(each.locate())).resolve()
    return None


def _mkl() -> Path:
    """The run-time library of the installed `mkl` package. Raises `StageError(SOLVER_SETUP)`."""
    remedy = "`make pardiso`, or set it to mumps"
    try:
        found = _installed("mkl", r"libmkl_rt\.so.*")
    except PackageNotFoundError:
        raise _missing("trajectory.linear_solver is pardiso, but the package mkl is not installed", remedy) from None
    if found is None:
        raise _missing("trajectory.linear_solver is pardiso, but the installed package mkl has no libmkl_rt", remedy)
    return found


def _built(source: str, config: TrajectoryConfig, cache: Path, *options: str) -> Path | None:
    """The library made of a C source of this package; None: no compiler. Raises `StageError(SOLVER_SETUP)`."""
    toolchain, path = find_toolchain(config.compiler, config.use_compiler), Path(__file__).with_name(source)
    if not toolchain.command:
        return None
    text = path.read_bytes() + path.with_name("trials.h").read_bytes() + toolchain.key.encode()
    key = hashlib.sha256(text).hexdigest()[:12]
    library = (cache / f"{path.stem}_{key}.so").resolve()
    if not library.exists():
        with writing(cache), atomic_path(library) as built:
            command = [
                toolchain.command[0],
                "-O2",
                "-fPIC",
                "-shared",
                *options,
                str(path),
                "-o",
                str(built),
                "-ldl",
                "-lm",
            ]
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True, errors="replace", check=False)
            if done.returncode:
                raise compiler_failed(toolchain, source, done.stderr)
    return library
