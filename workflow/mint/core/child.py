"""A chunk runs in a child process with its own memory limit and deadline; the parent writes what became of it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from mint.core.bundle import Bundle
from mint.core.status import REMEDY, Reason, StageStatus, Status

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None)
# glibc: memory that was freed is kept. Solvers allocate the same large blocks in every iteration, and giving them back
# in between cost 15 % of the time in page faults.
_KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**33), "MALLOC_TOP_PAD_": str(2**26)}
# A guard counts processor time, which a busy machine hardly changes. One that waits for ever uses none: so much more
# wall time is its limit.
_WAITING = 10.0
_TICKS_S = os.sysconf("SC_CLK_TCK")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def run_chunk(stage: str, module: str, arguments: list[str], output: str | Path, *, deadline_s: float,
              memory_mb: float, log: str | Path | None = None) -> Bundle:
    """Run `python -m module arguments`, which is to write the bundle `output`; always leave a bundle there.

    A child that is killed, runs out of memory, hangs beyond the deadline, or ends without a bundle becomes a `failed`
    status with its reason. The deadline, in processor time, or ten times that in wall time, is a guard: what a stage
    may cost is for itself to count. Wall time, processor time (user and system) and peak memory of the child are added
    to the status.
    """
    output = Path(output)
    output.unlink(missing_ok=True)
    limit = int(memory_mb * 1024 * 1024)

    def restrict() -> None:
        os.setsid()
        # Address space, not resident set: the kernel enforces only the former, and solver libraries reserve
        # more than they touch, hence the factor.
        _restrict(4 * limit)

    environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1"), **_KEEP_MEMORY}
    started, cpu_before = time.monotonic(), _children_cpu_s()
    timed_out = out_of_memory = False
    peak_kb = 0
    sink = Path(log).open("ab") if log is not None else None  # noqa: SIM115
    try:
        process = subprocess.Popen([sys.executable, "-m", module, *arguments], preexec_fn=restrict, env=environment,
                                   stdout=sink, stderr=subprocess.STDOUT if sink else None)
        while process.poll() is None:
            peak_kb = max(peak_kb, _resident_kb(process.pid))
            out_of_memory = peak_kb * 1024 > limit
            timed_out = max(_used_s(process.pid), (time.monotonic() - started) / _WAITING) > deadline_s
            if out_of_memory or timed_out:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                break
            time.sleep(0.05)
        code = process.returncode
    finally:
        if sink is not None:
            sink.close()
    wall_s = round(time.monotonic() - started, 3)
    used_s = round(_children_cpu_s() - cpu_before, 3)
    measured = {"wall_s": wall_s, "cpu_s": used_s, "max_rss_mb": round(peak_kb / 1024, 1)}
    bundle: Bundle
    if out_of_memory:
        bundle = Bundle(_failed(stage, Reason.MEMORY_LIMIT, f"more than {memory_mb:.0f} MB", **measured))
    elif timed_out:
        bundle = Bundle(_failed(stage, Reason.TIME_LIMIT, f"not done after {used_s:.0f} s of processor time, "
                                                          f"{wall_s:.0f} s of wall time (guard: {deadline_s:.0f} s)",
                                **measured))
    elif code == 0 and output.exists():
        bundle = Bundle.read(output)
        if bundle.status.stage == stage:
            bundle.status = StageStatus(**{**vars(bundle.status), **measured})
    else:
        what = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        bundle = Bundle(_failed(stage, Reason.CRASH, f"child ended with {what}, log {log}", **measured))
    bundle.write(output)
    return bundle


def run_limited(module: str, arguments: list[str], *, memory_mb: float, cpu_s: int,
                files: tuple[int, ...] = ()) -> str:
    """Run `python -m module arguments`, a library that may crash on a damaged file; "" if it ends well, else how.

    Address space and processor time are bounded. `files` are descriptors of open files that it inherits.
    """
    limit = int(memory_mb * 1024 * 1024)

    def restrict() -> None:
        _restrict(limit)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    environment = {**os.environ, **dict.fromkeys(_ONE_THREAD, "1")}
    try:
        done = subprocess.run([sys.executable, "-m", module, *arguments], preexec_fn=restrict, env=environment,
                              check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              pass_fds=files, timeout=_WAITING * cpu_s)
    except subprocess.TimeoutExpired:
        return f"it does not end within {_WAITING * cpu_s:.0f} s"
    if done.returncode == 0:
        return ""
    if done.returncode < 0:
        return f"signal {signal.Signals(-done.returncode).name}"
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return " ".join("".join(last).split())[:200] or f"exit code {done.returncode}"


def _restrict(address_space: int) -> None:
    """What a child sets for itself before it begins."""
    # No orphan computes on when the workflow is killed.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Who has a limit already can only lower it.
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = address_space if hard == resource.RLIM_INFINITY else min(address_space, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _failed(stage: str, reason: Reason, detail: str, *, wall_s: float, cpu_s: float, max_rss_mb: float) -> StageStatus:
    return StageStatus(stage, Status.FAILED, reason, detail, REMEDY[reason], wall_s=wall_s, cpu_s=cpu_s,
                       max_rss_mb=max_rss_mb)


def _children_cpu_s() -> float:
    """Processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _used_s(pid: int) -> float:
    """Processor time of a running process and its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(int(ticks) for ticks in fields[11:15]) / _TICKS_S
    except (OSError, ValueError):
        return 0.0


def _resident_kb(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except (OSError, ValueError):
        pass
    return 0
