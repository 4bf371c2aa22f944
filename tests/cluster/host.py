"""One machine of the private cluster: a daemon with every process it starts, and nothing left when it is switched off.

usage: host.py COMMAND [ARGUMENT...], with standard input open for as long as the machine shall live.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import threading
import time

import psutil

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def kill_tree(root: psutil.Process) -> None:
    """SIGKILL to all descendants, parents first, again until there are none: some may fork in between."""
    # Parents first, as in a crash of the machine: a job step that outlives its job would report the job's end.
    while alive := [each for each in root.children(recursive=True) if running(each)]:
        for each in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        time.sleep(0.02)


def running(process: psutil.Process) -> bool:
    """Neither gone nor a zombie that waits for its parent."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _switch_off() -> None:
    # A byte is the order; end of file comes when the owner has ended in any way, killed included.
    sys.stdin.buffer.read(1)
    kill_tree(psutil.Process())


def main(command: list[str]) -> None:
    """Start the daemon and collect the dead until nothing runs here any more."""
    # slurmd starts its job steps as orphans; as their subreaper this process stays their ancestor, so that one tree
    # holds the daemon, its steps and whatever the jobs put into the background.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_switch_off, daemon=True).start()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
