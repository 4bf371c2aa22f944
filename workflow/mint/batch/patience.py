"""How often Snakemake looks for jobs to start."""

from __future__ import annotations

import threading
from typing import Any


def look_with_one_timer(scheduler: Any) -> None:
    """Let a scheduler of Snakemake have one timer that makes it look for jobs again, instead of one for every look.

    With a limit of jobs per timespan, which it always has, Snakemake 9 starts a timer whenever it has looked for jobs;
    when the timer ends it looks again, and so starts the next. Each job that ends starts one more such chain, so that
    after a thousand jobs it looks a thousand times a second. A scheduler of another make is left as it is.
    """
    if not hasattr(scheduler, "_schedule_reevalutation") or not hasattr(scheduler, "_open_jobs"):
        return
    waiting = threading.Lock()

    def look_again() -> None:
        waiting.release()
        scheduler._open_jobs.release()

    def schedule(delay: float) -> None:
        if waiting.acquire(blocking=False):
            timer = threading.Timer(delay, look_again)
            timer.daemon = True
            timer.start()

    scheduler._schedule_reevalutation = schedule
