"""Watching a process until its answer comes: it is ended when it takes more time or memory than it may."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mint.core.status import Reason

# A guard counts processor time, which a busy machine hardly changes. One that waits for ever uses none: so much more
# wall time is its limit.
WAITING = 10.0
_LOOK_EVERY_S = 0.05
_TICKS_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Seen:
    """The answer, None if there will be none, and what was seen until then of the process that worked for it: why it
    was ended, if it was; processor time [s]; peak memory [KB]."""

    told: dict[str, Any] | None
    ended_for: Reason | None
    used_s: float
    peak_kb: int


def watched(
    answer: Callable[[float], dict[str, Any] | None], pid: int, deadline_s: float, limit: int, kill: Callable[[], None]
) -> Seen:
    """Wait for `answer`, which gives {} while there is none within some seconds, and `kill` the process if it takes
    more than `deadline_s` of processor time, ten times that in wall time, or more than `limit` bytes."""
    begun, before_s, peak_kb, ended_for, used_s = time.monotonic(), _used_s(pid), 0, None, 0.0
    while (told := answer(_LOOK_EVERY_S)) == {}:
        peak_kb = max(peak_kb, _resident_kb(pid))
        used_s = _used_s(pid) - before_s
        if peak_kb * 1024 > limit:
            ended_for = Reason.MEMORY_LIMIT
        elif max(used_s, (time.monotonic() - begun) / WAITING) > deadline_s:
            ended_for = Reason.TIME_LIMIT
        if ended_for is not None:
            with suppress(ProcessLookupError):
                kill()
    return Seen(told, ended_for, used_s, peak_kb)


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
