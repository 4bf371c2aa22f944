"""A library that may crash on a damaged file runs in a child process with limits."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys

from mint.core.limits import ONE_THREAD, die_with_parent, limit_address_space

# The guard counts processor time; one that waits for ever uses none: so much more wall time is its limit.
_WAITING = 10.0


def run_limited(module: str, arguments: list[str], *, memory_mb: float, cpu_s: int, files: tuple[int, ...] = ()) -> str:
    """Run `python -m module arguments`, a library that may crash on a damaged file; "" if it ends well, else how.

    Address space and processor time are bounded. `files` are descriptors of open files that it inherits.
    """
    limit = int(memory_mb * 1024 * 1024)

    def restrict() -> None:
        die_with_parent()
        limit_address_space(limit)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    environment = {**os.environ, **ONE_THREAD}
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            preexec_fn=restrict,
            env=environment,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=files,
            timeout=_WAITING * cpu_s,
        )
    except subprocess.TimeoutExpired:
        return f"it does not end within {_WAITING * cpu_s:.0f} s"
    if done.returncode == 0:
        return ""
    if done.returncode < 0:
        return f"signal {signal.Signals(-done.returncode).name}"
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return " ".join("".join(last).split())[:200] or f"exit code {done.returncode}"
