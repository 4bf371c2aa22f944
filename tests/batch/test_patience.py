"""Snakemake's scheduler looks for jobs when one has ended, and now and then, however many have ended."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

from snakemake.scheduling.job_scheduler import JobScheduler

from mint.batch.patience import look_with_one_timer


def test_a_hundred_looks_start_one_timer_and_its_end_allows_the_next() -> None:
    scheduler = SimpleNamespace(_open_jobs=threading.Semaphore(0), _schedule_reevalutation=None)
    look_with_one_timer(scheduler)
    before = threading.active_count()
    for _ in range(100):
        scheduler._schedule_reevalutation(0.05)
    assert threading.active_count() - before <= 1
    assert scheduler._open_jobs.acquire(timeout=10) and not scheduler._open_jobs.acquire(timeout=0.2)
    scheduler._schedule_reevalutation(0.01)
    assert scheduler._open_jobs.acquire(timeout=10)


def test_the_scheduler_of_snakemake_has_what_is_replaced() -> None:
    scheduler = object.__new__(JobScheduler)
    scheduler._open_jobs = threading.Semaphore(0)
    JobScheduler._schedule_reevalutation(scheduler, 0.0)
    assert scheduler._open_jobs.acquire(timeout=10), "its own timer lets it look again"
    look_with_one_timer(scheduler)
    scheduler._schedule_reevalutation(0.0)
    assert scheduler._open_jobs.acquire(timeout=10)


def test_another_scheduler_is_left_as_it_is() -> None:
    other = SimpleNamespace(ready=time.monotonic())
    look_with_one_timer(other)
    assert vars(other).keys() == {"ready"}
