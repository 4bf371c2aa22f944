"""How a child ended, and the bundle that is left of its call."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from pathlib import Path

from mint.core.bundle import Bundle
from mint.core.status import REMEDY, Reason, StageStatus, Status


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, negative for a signal; why it was ended, if it was; its cost."""

    code: int
    ended_for: Reason | None
    wall_s: float
    cpu_s: float
    max_rss_mb: float

    def added_to(self, status: StageStatus) -> StageStatus:
        """A status with what the child has cost."""
        return replace(status, wall_s=self.wall_s, cpu_s=self.cpu_s, max_rss_mb=self.max_rss_mb)


def bundle_of(
    stage: str, ended: Ended, output: Path, deadline_s: float, memory_mb: float, log: str | Path | None
) -> Bundle:
    """What a child has left, or what became of it."""
    if ended.ended_for is Reason.MEMORY_LIMIT:
        return _failed(stage, ended, f"more than {memory_mb:.0f} MB", ended.ended_for)
    if ended.ended_for is Reason.TIME_LIMIT:
        detail = (
            f"not done after {ended.cpu_s:.0f} s of processor time, {ended.wall_s:.0f} s of wall time "
            f"(guard: {deadline_s:.0f} s)"
        )
        return _failed(stage, ended, detail, ended.ended_for)
    if ended.code == 0 and output.exists():
        bundle = Bundle.read(output)
        if bundle.status.stage == stage:
            bundle.status = ended.added_to(bundle.status)
        return bundle
    what = f"signal {signal.Signals(-ended.code).name}" if ended.code < 0 else f"exit code {ended.code}"
    return _failed(stage, ended, f"child ended with {what}, log {log}", Reason.CRASH)


def _failed(stage: str, ended: Ended, detail: str, reason: Reason) -> Bundle:
    return Bundle(ended.added_to(StageStatus(stage, Status.FAILED, reason, detail, REMEDY[reason])))
