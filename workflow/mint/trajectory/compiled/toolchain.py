"""The C compiler of this machine, and what may go wrong with it and with the folder it writes to."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from mint.core.status import Reason, StageError


@dataclass(frozen=True)
class Toolchain:
    """A compiler, its flags for this processor and the vector width; `command` empty: CasADi's interpreter."""

    command: tuple[str, ...]
    version: str
    width: int

    @property
    def key(self) -> str:
        """Short hash of compiler, flags and width."""
        text = json.dumps([self.command, self.version, self.width])
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def find_toolchain(compiler: str = "gcc", use_compiler: bool = True) -> Toolchain:
    """The compiler of this machine, or the interpreter if there is none. Raises `StageError(SOLVER_SETUP)` for one that
    does not even tell its version."""
    path = shutil.which(compiler) if use_compiler else None
    if path is None:
        return Toolchain((), f"casadi {version('casadi')}", 1)
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise StageError(Reason.SOLVER_SETUP, f"{path} --version: {error}") from None
    if done.returncode or not done.stdout.strip():
        raise StageError(
            Reason.SOLVER_SETUP, f"{path} --version ended with {done.returncode}: {done.stderr.strip()[:300]}"
        )
    release = done.stdout.strip().splitlines()[0]
    features = _processor_features()
    flags: tuple[str, ...] = ()
    width = 2
    if {"avx512f", "avx512dq", "avx512vl", "fma"} <= features:
        flags, width = ("-mavx512f", "-mavx512dq", "-mavx512vl", "-mfma"), 8
    elif {"avx2", "fma"} <= features:
        flags, width = ("-mavx2", "-mfma"), 4
    # -O1: -O2 takes four times as long to compile these straight-line functions. What it gains comes from one of its
    # flags: the muscles take 0.4 instead of 3.0 ms, dynamics 0.13 instead of 0.6 ms.
    flags = (*flags, "-fexpensive-optimizations")
    return Toolchain((path, "-O1", *flags, "-fno-math-errno", "-Wno-psabi", "-fPIC", "-shared"), release, width)


def _processor_features() -> set[str]:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("flags"):
                return set(line.partition(":")[2].split())
    except OSError:
        pass
    return set()


@contextmanager
def writing(cache: str | Path) -> Iterator[None]:
    """What fails in the cache folder, a full disk or a folder that cannot be written, as `StageError(SOLVER_SETUP)`."""
    try:
        yield
    except OSError as error:
        raise StageError(
            Reason.SOLVER_SETUP,
            f"equations and linear solver cannot be built in {cache}: {error}",
            remedy=f"make room for {cache} and let it be written",
        ) from error


def compiler_failed(toolchain: Toolchain, source: str, errors: str) -> StageError:
    """The failure of a compiler that is there but does not compile."""
    return StageError(
        Reason.SOLVER_SETUP,
        f"{' '.join(toolchain.command)} ({toolchain.version}) failed on {source}: {errors.strip()[:500]}",
        remedy="repair the compiler (on Debian: apt-get install --reinstall gcc libc6-dev), name another "
        "in trajectory.compiler, or set trajectory.use_compiler to false",
    )
