"""Who runs the workflow in this folder: a note beside the plan, so that a restart never works against a living run."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from mint.core.atomic import write_text


def note_running(results: str | Path) -> None:
    """Leave host and process of this run."""
    pid = os.getpid()
    write_text(_note(results), json.dumps({"host": socket.gethostname(), "pid": pid, "started": _started(pid)}))


@dataclass(frozen=True)
class Run:
    """A run that may go on; `certain` is False for one on another host, which cannot be looked at from here."""

    what: str
    certain: bool


def living_run(results: str | Path) -> Run | None:
    """The last run, unless it is known to have ended."""
    try:
        note = json.loads(_note(results).read_text(encoding="utf-8"))
        host, pid, started = str(note["host"]), int(note["pid"]), str(note["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if host != socket.gethostname():
        return Run(f"the last run was started on {host} (process {pid}) and may still go on", certain=False)
    if started and _started(pid) == started:
        return Run(f"process {pid} on this host still runs the workflow in this folder", certain=True)
    return None


def _note(results: str | Path) -> Path:
    return Path(results) / "plan" / "running.json"


def _started(pid: int) -> str:
    """Start of a process in ticks since boot, which tells it from a later one with its number; "" if there is none.

    A zombie has ended.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
