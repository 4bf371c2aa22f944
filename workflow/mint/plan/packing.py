"""Items of known cost into jobs of about one length: longest first, exchanges, and at last batches divided anew."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mint.plan.redivide import Budget, redivided

# Costs are known to some 30 %: what is within 1 % of the best possible needs no search.
GOOD_ENOUGH = 1.01
# The longest batch exchanges with so many of the shortest ones: more change little and take long.
_PARTNERS = 32
_ROUNDING = 1e-9
# An exchange makes the longest batch shorter by at least this share: smaller gains are worth nothing, and those of the
# size of rounding errors never end.
_STEP = 1e-3


class Method(StrEnum):
    """How a packing was found."""

    LONGEST_FIRST = "longest_first"
    EXCHANGES = "exchanges"
    REDIVIDED = "redivided"


@dataclass(frozen=True)
class Packing:
    """Batches from the longest to the shortest, members in order of name.

    `longest_s` is the cost of the longest batch, `bound_s` what no packing into as many batches can go below.
    """

    batches: tuple[tuple[str, ...], ...]
    longest_s: float
    bound_s: float
    method: Method


def pack(costs_s: Mapping[str, float], target_s: float, budget: Budget) -> Packing:
    """Items into ceil(total / target) batches, none empty, the longest as short as possible; target 0: one item each.

    Longest-first is at most a third above the optimum (Graham 1969, SIAM J Appl Math 17:416). As long as the longest
    batch is more than 1 % above a lower bound, exchanges shorten it, and where they end, a few batches divided anew, as
    far as the budget goes. Equal costs are taken in order of name, so that the order of `costs_s` does not
    matter. Raises ValueError for a cost or target that is negative or not finite.
    """
    if bad := [name for name, cost in costs_s.items() if not (math.isfinite(cost) and cost >= 0)]:
        raise ValueError(f"cost of {bad[0]} is {costs_s[bad[0]]} s")
    if not (math.isfinite(target_s) and target_s >= 0):
        raise ValueError(f"target is {target_s} s")
    names = sorted(costs_s, key=lambda name: (-costs_s[name], name))
    costs = [float(costs_s[name]) for name in names]
    if not names:
        return Packing((), 0.0, 0.0, Method.LONGEST_FIRST)
    count = batch_count(costs, target_s)
    bound = lower_bound(costs, count)
    places, method = _places(costs, count, bound, budget)
    loads = _loads(costs, places, count)
    batches = sorted(zip(loads, _members(places, count), strict=True), key=lambda batch: (-batch[0], batch[1]))
    return Packing(
        tuple(tuple(sorted(names[item] for item in items)) for _, items in batches if items), max(loads), bound, method
    )


def _places(costs: Sequence[float], count: int, bound: float, budget: Budget) -> tuple[list[int], Method]:
    goal = GOOD_ENOUGH * bound
    places, method = longest_first(costs, count), Method.LONGEST_FIRST
    first = longest = max(_loads(costs, places, count))
    if longest > goal:
        changed = exchanged(costs, places, count, goal)
        longest = max(_loads(costs, changed, count))
        if longest < first * (1 - _ROUNDING):
            places, method = changed, Method.EXCHANGES
    if longest > goal:
        divided = _placed(redivided(costs, _members(places, count), goal, budget))
        if max(_loads(costs, divided, count)) < longest * (1 - _ROUNDING):
            places, method = divided, Method.REDIVIDED
    return places, method


def extend(
    existing: Mapping[str, Iterable[str]],
    costs_s: Mapping[str, float],
    target_s: float,
    budget: Budget,
    *,
    name: Callable[[int], str] = "{:03d}".format,
) -> dict[str, list[str]]:
    """Members by batch: existing batches keep those that still have a cost, the others come into batches of their own.

    A batch that lost all members is gone; its name is not given again in this call. `name` makes the name of the n-th
    batch; those that exist are left out.
    """
    out: dict[str, list[str]] = {}
    placed: set[str] = set()
    for batch, members in existing.items():
        kept = [member for member in members if member in costs_s and member not in placed]
        placed.update(kept)
        if kept:
            out[batch] = kept
    new = pack({item: cost for item, cost in costs_s.items() if item not in placed}, target_s, budget)
    number = 0
    for members in new.batches:
        while name(number) in existing:
            number += 1
        out[name(number)] = list(members)
        number += 1
    return out


def batch_count(costs_s: Sequence[float], target_s: float) -> int:
    """ceil(total / target), at least 1 and at most one batch for each item."""
    if target_s <= 0:
        return len(costs_s)
    return max(1, min(len(costs_s), math.ceil(math.fsum(costs_s) / target_s - _ROUNDING)))


def lower_bound(costs_s: Sequence[float], count: int) -> float:
    """What the longest of `count` batches costs at least; `costs_s` from the largest to the smallest.

    The largest of: the mean; the largest item; and for every j the j + 1 smallest of the j * count + 1 largest items,
    j + 1 of which must share a batch.
    """
    bound = max(math.fsum(costs_s) / count, costs_s[0])
    for last in range(count, len(costs_s), count):
        bound = max(bound, math.fsum(costs_s[last - last // count : last + 1]))
    return bound


def longest_first(costs_s: Sequence[float], count: int) -> list[int]:
    """Batch of each item: each, from the largest, into the batch that is shortest so far."""
    heap = [(0.0, 0, batch) for batch in range(count)]
    places = []
    for cost in costs_s:
        load, members, batch = heap[0]
        places.append(batch)
        heapq.heapreplace(heap, (load + cost, members + 1, batch))
    return places


def exchanged(costs_s: Sequence[float], places: Sequence[int], count: int, goal_s: float) -> list[int]:
    """Batches of the items after exchanges, until the longest is at most `goal_s` or no exchange shortens it.

    An item of the longest batch moves to one of the shortest, or changes places with a smaller item there, whichever
    brings the two batches nearest to each other.
    """
    members, loads = _members(places, count), _loads(costs_s, places, count)
    while True:
        *others, longest = sorted(range(count), key=lambda batch: (loads[batch], batch))
        best = None
        if loads[longest] > goal_s:
            best = min(_exchanges(costs_s, members, loads, longest, others[:_PARTNERS]), default=None)
        if best is None:
            break
        _, other, item, back = best
        members[longest].remove(item)
        members[other].append(item)
        if back >= 0:
            members[other].remove(back)
            members[longest].append(back)
        for batch in (longest, other):
            loads[batch] = math.fsum(costs_s[item] for item in members[batch])
    return _placed(members)


def _exchanges(
    costs: Sequence[float],
    members: Sequence[Sequence[int]],
    loads: Sequence[float],
    longest: int,
    others: Sequence[int],
) -> Iterator[tuple[float, int, int, int]]:
    """Exchanges that shorten the longest batch: distance from equal loads, other batch, item, item back (-1: none)."""
    least = _STEP * loads[longest]
    for other in others:
        difference = loads[longest] - loads[other]
        for item in members[longest]:
            for back in (-1, *members[other]):
                moved = costs[item] - (costs[back] if back >= 0 else 0.0)
                if least < moved < difference - least:
                    yield abs(moved - difference / 2), other, item, back


def _members(places: Sequence[int], count: int) -> list[list[int]]:
    out: list[list[int]] = [[] for _ in range(count)]
    for item, place in enumerate(places):
        out[place].append(item)
    return out


def _placed(members: Sequence[Sequence[int]]) -> list[int]:
    """Batch of each item: the inverse of `_members`."""
    out = [0] * sum(map(len, members))
    for batch, items in enumerate(members):
        for item in items:
            out[item] = batch
    return out


def _loads(costs: Sequence[float], places: Sequence[int], count: int) -> list[float]:
    loads = [0.0] * count
    for cost, place in zip(costs, places, strict=True):
        loads[place] += cost
    return loads
