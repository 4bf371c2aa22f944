"""Which sequences and which chunks share a job. A batch is of one subject, and keeps its members for good."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mint.plan.packing import extend
from mint.plan.redivide import Budget

# Core seconds of a sequence in the stages before and after its chunks, imports included; jobs of batches of chunks cost
# so much more that this need not be exact.
SEQUENCE_S = 6.0

Batches = dict[str, list[str]]
RESCUE = "rescue"


def chunk_name(sequence: str, chunk: int) -> str:
    """Name of a chunk as a member of a batch: `walk/003`."""
    return f"{sequence}/{chunk:03d}"


def parts_of(name: str) -> tuple[str, int]:
    """Sequence and number of a chunk: the inverse of `chunk_name`."""
    sequence, _, chunk = name.rpartition("/")
    return sequence, int(chunk)


def build_batches(
    plan: Mapping[str, Any], previous: Mapping[str, Any], cost_s: Mapping[str, float], target_s: float, budget: Budget
) -> dict[str, Batches]:
    """`{"motions": {batch: sequences}, "chunks": {batch: chunks}}` of all sequences that can be run.

    `previous` is the same of the plan before: its batches keep those members that still exist, new ones come into
    batches of their own. `cost_s` are predicted core seconds by chunk name; `target_s` is the wanted cost of a batch,
    0 for one member each. Batches never mix subjects: what changes one subject touches no other one's jobs.
    """
    sequences: dict[str, dict[str, float]] = defaultdict(dict)
    chunks: dict[str, dict[str, float]] = defaultdict(dict)
    for name, record in plan["sequences"].items():
        if record["problem"] is not None:
            continue
        sequences[record["subject_id"]][name] = SEQUENCE_S
        for window in record["windows"]:
            chunk = chunk_name(name, window["chunk"])
            chunks[record["subject_id"]][chunk] = cost_s[chunk]
    return {
        kind: _packed(members, previous.get(kind, {}), target_s, budget)
        for kind, members in (("motions", sequences), ("chunks", chunks))
    }


def rescue_batches(previous: Mapping[str, list[str]], chunks: Mapping[str, str], wanted: Iterable[str]) -> Batches:
    """Batches of one chunk each for the second pass: those of before whose chunk still exists, then `wanted` chunks.

    `chunks` gives the subject of every chunk that can be run. A batch is named `<subject>.rescue.<number>`.
    """
    out = {batch: list(names) for batch, names in previous.items() if all(name in chunks for name in names)}
    there = {name for names in out.values() for name in names}
    numbers: dict[str, int] = defaultdict(int)
    for name in wanted:
        if name in there or name not in chunks:
            continue
        there.add(name)
        subject = chunks[name]
        while (batch := f"{subject}.{RESCUE}.{numbers[subject]:03d}") in previous or batch in out:
            numbers[subject] += 1
        out[batch] = [name]
    return out


def _packed(
    members: Mapping[str, Mapping[str, float]], previous: Mapping[str, list[str]], target_s: float, budget: Budget
) -> Batches:
    before: dict[str, Batches] = defaultdict(dict)
    for batch, names in previous.items():
        before[batch.rpartition(".")[0]][batch] = list(names)
    out: Batches = {}
    for subject, costs in members.items():
        out |= extend(before[subject], costs, target_s, budget, name=(subject + ".{:03d}").format)
    return out
