"""A model of a cluster's queue: equal slots, jobs in order of submission, jobs that fail or run into their limit.

`campaign` makes work like that of a motion dataset, `simulate` runs a plan of it. What the model leaves out: other
users, nodes that cannot be filled, files that arrive late, jobs of the sequences of a batch.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mint.plan.packing import pack
from mint.plan.redivide import Budget

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# A job's limit as the rules ask for it: two minutes, and four times the prediction for each attempt.
LIMIT_S = 120.0
LIMIT_FACTOR = 4.0
# Chunks of one sequence resemble each other: share of the variance of log seconds that lies between sequences, as
# measured in the suites of benchmarks.
BETWEEN_SEQUENCES = 0.67
# When so much of the chunks is done, the rest is the tail.
TAIL_FROM = 0.95


@dataclass(frozen=True)
class Machine:
    """A cluster and how it is used.

    `overhead_s` are processor seconds that a job takes on its slot before it does anything, `chunk_overhead_s` those
    that each of its chunks takes beside its own work. Of the attempts `failure_rate` die at a random moment. At most
    `queued` jobs wait or run at one time; the others are held back, and what has to run again is the next of them.
    """

    slots: int
    overhead_s: float = 7.0
    submissions_per_s: float = 10.0
    failure_rate: float = 0.0
    attempts: int = 3
    queued: float = math.inf
    chunk_overhead_s: float = 0.0


@dataclass(frozen=True)
class Job:
    """Core seconds of chunks that run one after the other; attempt n may take n * `limit_s`."""

    chunks_s: tuple[float, ...]
    limit_s: float = math.inf


@dataclass(frozen=True)
class Outcome:
    """What a run took: wall time from the first submission to the last end, and core seconds.

    `work_s` is of chunks that finished, `lost_s` of what was interrupted. `tail_s` is the time from 95 % of the
    finished chunks to the end. No plan on as many slots takes less than `bound_s`, even with jobs that start for free.
    """

    makespan_s: float
    work_s: float
    overhead_s: float
    lost_s: float
    tail_s: float
    bound_s: float
    jobs: int
    attempts: int
    unfinished: int

    @property
    def core_h(self) -> float:
        """Core hours that the cluster counts."""
        return (self.work_s + self.overhead_s + self.lost_s) / 3600

    @property
    def overhead_share(self) -> float:
        """Share of the core hours that goes into starting jobs."""
        return self.overhead_s / (3600 * self.core_h) if self.core_h else 0.0


def simulate(jobs: Sequence[Job], machine: Machine, seed: int = 0) -> Outcome:
    """Run `jobs` in their order. What a job has finished stays when it is interrupted; only the rest runs again."""
    generator = np.random.default_rng(seed)
    slots = [0.0] * machine.slots
    held = deque((number, 1, job.chunks_s) for number, job in enumerate(jobs))
    submitted: list[tuple[float, int, int, tuple[float, ...]]] = []  # end, job, attempt, what is left then
    ends: list[float] = []
    now, next_submission = 0.0, 0.0
    work = overhead = lost = 0.0
    attempts = 0
    while held or submitted:
        now = max(now, next_submission)
        full = not held or len(submitted) >= machine.queued
        if submitted and (full or submitted[0][0] <= now):
            end, number, attempt, rest = heapq.heappop(submitted)
            now = max(now, end) if full else now
            if rest and attempt < machine.attempts:
                held.appendleft((number, attempt + 1, rest))
            continue
        number, attempt, chunks = held.popleft()
        attempts += 1
        next_submission = now + 1 / machine.submissions_per_s
        start = max(now, slots[0])
        in_job = list(
            itertools.accumulate((machine.chunk_overhead_s + chunk for chunk in chunks), initial=machine.overhead_s)
        )
        stop = min(in_job[-1], attempt * jobs[number].limit_s)
        fails, at = generator.random(2)
        if fails < machine.failure_rate:
            stop *= at
        finished = sum(end <= stop for end in in_job[1:])
        heapq.heapreplace(slots, start + stop)
        heapq.heappush(submitted, (start + stop, number, attempt, chunks[finished:]))
        ends += [start + end for end in in_job[1 : finished + 1]]
        work += math.fsum(chunks[:finished])
        overhead += min(stop, machine.overhead_s) + machine.chunk_overhead_s * finished
        lost += max(stop - in_job[finished], 0.0)
    every = [seconds for job in jobs for seconds in job.chunks_s]
    ends.sort()
    tail = ends[-1] - ends[math.ceil(TAIL_FROM * len(ends)) - 1] if ends else 0.0
    bound = max(math.fsum(every) / machine.slots, max(every, default=0.0))
    return Outcome(max(slots), work, overhead, lost, tail, bound, len(jobs), attempts, len(every) - len(ends))


@dataclass(frozen=True)
class Campaign:
    """Chunks of a dataset in order of subject and sequence, all arrays `(n,)`; predicted and true core seconds."""

    subject: Integers
    sequence: Integers
    predicted_s: Floats
    true_s: Floats


def campaign(
    chunks_per_sequence: ArrayLike,
    costs_s: ArrayLike,
    *,
    sequences: int = 11_000,
    subjects: int = 344,
    spread: float = 0.34,
    failure_share: float = 0.05,
    first_pass_s: float = 60.0,
    seed: int = 0,
) -> Campaign:
    """Work like that of a dataset. Numbers of chunks and core seconds are drawn from the values given, costs of chunks
    of one sequence alike.

    Predictions are as good as a regression whose error has the standard deviation `spread` of log seconds. A share
    `failure_share` does not converge; these, and what would take longer, stop at `first_pass_s`.
    """
    generator = np.random.default_rng(seed)
    weights = generator.lognormal(sigma=1.0, size=subjects)
    owner = np.sort(
        np.concatenate(
            [
                np.arange(min(subjects, sequences)),
                generator.choice(subjects, size=max(sequences - subjects, 0), p=weights / weights.sum()),
            ]
        )
    )
    sequence = np.repeat(np.arange(sequences), generator.choice(np.asarray(chunks_per_sequence), size=sequences))
    count = len(sequence)

    def alike() -> Floats:
        return math.sqrt(BETWEEN_SEQUENCES) * generator.normal(size=sequences)[sequence] + math.sqrt(
            1 - BETWEEN_SEQUENCES
        ) * generator.normal(size=count)

    ranks = np.argsort(np.argsort(alike()))
    true = np.quantile(np.asarray(costs_s, dtype=float), (ranks + 0.5) / count)
    # What a regression knows of a value: the value drawn to the mean, and noise, so that the rest has that spread.
    log_s = np.log(true)
    unknown = min(spread**2 / max(float(log_s.var()), 1e-12), 1.0)
    log_predicted = log_s.mean() + (1 - unknown) * (log_s - log_s.mean()) + spread * math.sqrt(1 - unknown) * alike()
    true = np.minimum(np.where(generator.random(count) < failure_share, first_pass_s, true), first_pass_s)
    return Campaign(owner[sequence], sequence, np.exp(log_predicted + spread**2 / 2), true)


def one_by_one(work: Campaign) -> list[Job]:
    """Every chunk is a job."""
    return [_job(work, [chunk]) for chunk in range(len(work.true_s))]


def fixed_packs(work: Campaign, size: int) -> list[Job]:
    """Jobs of `size` chunks of one subject, in the order of the dataset."""
    return [_job(work, chunks[at : at + size]) for chunks in _by_subject(work) for at in range(0, len(chunks), size)]


def packed(work: Campaign, target_s: float, budget: Budget) -> list[Job]:
    """Jobs of one subject each, of `target_s` predicted core seconds; the longest is submitted first."""
    jobs = []
    for chunks in _by_subject(work):
        names = {f"{chunk:08d}": float(work.predicted_s[chunk]) for chunk in chunks}
        jobs += [_job(work, [int(name) for name in batch]) for batch in pack(names, target_s, budget).batches]
    return sorted(jobs, key=lambda job: -job.limit_s)


def _by_subject(work: Campaign) -> list[list[int]]:
    return [[int(chunk) for chunk in np.flatnonzero(work.subject == subject)] for subject in np.unique(work.subject)]


def _job(work: Campaign, chunks: Sequence[int]) -> Job:
    predicted = math.fsum(work.predicted_s[chunk] for chunk in chunks)
    return Job(tuple(float(work.true_s[chunk]) for chunk in chunks), LIMIT_S + LIMIT_FACTOR * predicted)
