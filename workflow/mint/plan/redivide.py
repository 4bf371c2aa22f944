"""The last part of a packing: the items of the longest batch and of a few others divided anew among them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

# Steps of one search; more find little.
_SEARCH = 3000
# The longest batch is divided anew with each of so many of the shortest ones, with pairs of so many, with threes.
_PARTNERS = (32, 8, 6)
# Of more items exchanges are enough.
_LARGEST = 60
# A division is worth it if it makes the longest batch shorter by this share.
_STEP = 1e-3


class Budget:
    """Steps that searches may take, all calls that get it together: counted, not timed, so that the same costs give the
    same batches on every machine. What comes before a search is never counted."""

    def __init__(self, steps: int) -> None:
        self.left = steps


def redivided(
    costs_s: Sequence[float], members: Sequence[Sequence[int]], goal_s: float, budget: Budget
) -> list[list[int]]:
    """Batches (items each) after divisions, until the longest is at most `goal_s`, none makes it shorter or the budget
    is used up. `members` are batches as they are; costs are of items."""
    batches = [list(items) for items in members]
    loads = [math.fsum(costs_s[item] for item in items) for items in batches]
    while (longest := max(loads)) > goal_s and budget.left > 0:
        for some in _groups(loads):
            if sum(loads[batch] for batch in some) / len(some) >= longest * (1 - _STEP):
                continue  # not even an even division is shorter
            items = [item for batch in some for item in batches[batch]]
            if len(items) > _LARGEST:
                continue
            found = _divided(costs_s, items, len(some), longest * (1 - _STEP), goal_s, budget)
            if found is not None:
                for batch, items in zip(some, found, strict=True):
                    batches[batch], loads[batch] = items, math.fsum(costs_s[item] for item in items)
                break
        else:
            break
    return batches


def _groups(loads: Sequence[float]) -> Iterator[tuple[int, ...]]:
    """The longest batch with one, two and three of the shortest."""
    *others, longest = sorted(range(len(loads)), key=lambda batch: (loads[batch], batch))
    for partners, most in enumerate(_PARTNERS, 1):
        for some in itertools.combinations(others[:most], partners):
            yield (longest, *some)


def _divided(
    costs: Sequence[float], items: Sequence[int], ways: int, below: float, goal: float, budget: Budget
) -> list[list[int]] | None:
    """Items in so many batches, all shorter than `below`, by depth-first branch and bound: the largest first, into the
    shortest batch first. None if the search ends without."""
    items = sorted(items, key=lambda item: (-costs[item], item))
    groups: list[list[int]] = [[] for _ in range(ways)]
    loads = [0.0] * ways
    best, least, left = None, below, _SEARCH

    def place(number: int) -> bool:
        """Place all items from `number` on; whether the search is over."""
        nonlocal best, least, left
        if number == len(items):
            longest = max(loads)
            best, least = [list(group) for group in groups], longest * (1 - _STEP)
            return longest <= goal
        cost, tried = costs[items[number]], set()
        for batch in sorted(range(ways), key=lambda batch: (loads[batch], batch)):
            before = loads[batch]
            if before in tried:
                continue  # batches of the same load are interchangeable
            tried.add(before)
            if left <= 0 or budget.left <= 0:
                return True
            left -= 1
            budget.left -= 1
            if before + cost >= least:
                continue
            loads[batch] = before + cost
            groups[batch].append(items[number])
            over = place(number + 1)
            groups[batch].pop()
            loads[batch] = before
            if over:
                return True
        return False

    place(0)
    return best
