"""Batches are as even as they can be, the same every time, and those that exist stay as they are."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest

from mint.plan import redivide
from mint.plan.packing import Method, batch_count, extend, longest_first, lower_bound, pack
from mint.plan.redivide import Budget

MANY = 10**9
# Longest-first 43, exchanges 42, optimum 41.
STUBBORN = dict(zip("abcdefghi", [20.0, 18.0, 17.0, 17.0, 14.0, 13.0, 11.0, 10.0, 3.0], strict=True))


def lengths(batches: tuple[tuple[str, ...], ...], costs: dict[str, float]) -> list[float]:
    return [sum(costs[name] for name in batch) for batch in batches]


def random_costs(generator: random.Random, count: int) -> dict[str, float]:
    return {f"s{number:03d}": 7 + generator.lognormvariate(2.3, 0.6) for number in range(count)}


def longest_of_longest_first(costs: dict[str, float], count: int) -> float:
    ordered = sorted(costs.values(), reverse=True)
    loads = [0.0] * count
    for cost, place in zip(ordered, longest_first(ordered, count), strict=True):
        loads[place] += cost
    return max(loads)


def test_costs_that_differ_by_rounding_errors_end() -> None:
    generator = np.random.default_rng(3)
    kinds = 7.17 + np.exp(generator.normal(2.0, 0.5, 7))
    for _ in range(20):
        drawn = generator.choice(kinds, 300) * (1 + 1e-15 * generator.integers(0, 3, 300))
        costs = {f"chunk{i:03d}": float(cost) for i, cost in enumerate(drawn)}
        packing = pack(costs, 240.0, Budget(0))
        assert sorted(name for batch in packing.batches for name in batch) == sorted(costs)
        assert packing.longest_s < 1.1 * packing.bound_s


def test_finds_the_optimum_of_grahams_worst_case_for_longest_first() -> None:
    costs = dict(zip("abcdefg", [5.0, 5.0, 4.0, 4.0, 3.0, 3.0, 3.0], strict=True))
    packing = pack(costs, 9, Budget(MANY))
    assert longest_of_longest_first(costs, 3) == 11
    assert packing.longest_s == packing.bound_s == 9
    assert packing.method is not Method.LONGEST_FIRST


def test_batches_divided_anew_find_the_optimum_where_exchanges_do_not() -> None:
    packing = pack(STUBBORN, 41, Budget(MANY))
    assert packing.method is Method.REDIVIDED
    assert packing.longest_s == pytest.approx(41)
    assert lengths(packing.batches, STUBBORN) == pytest.approx([41, 41, 41])


def test_without_budget_nothing_is_divided_anew() -> None:
    packing = pack(STUBBORN, 41, Budget(0))
    assert packing.method is Method.EXCHANGES
    assert packing.longest_s == pytest.approx(42)


def stubborn_sets() -> list[dict[str, float]]:
    """Costs that exchanges leave above 1 %."""
    drawn = (random_costs(random.Random(seed), random.Random(seed).randint(10, 60)) for seed in range(40))
    return [
        costs for costs in drawn if pack(costs, 60, Budget(0)).longest_s > 1.01 * pack(costs, 60, Budget(0)).bound_s
    ]


def test_the_budget_counts_steps_whatever_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that stands still, or jumps ahead by an hour at every look at the clock, batches are the same."""
    sets = stubborn_sets()
    assert len(sets) > 5
    hours = itertools.count(0.0, 3600.0)
    clocks: list[Callable[[], float]] = [lambda: 0.0, lambda: next(hours)]
    found = []
    for clock in clocks:
        for name in ("time", "monotonic", "perf_counter", "process_time"):
            monkeypatch.setattr(f"time.{name}", clock)
        budget = Budget(20_000)
        found.append(([pack(costs, 60, budget) for costs in sets], budget.left))
    assert found[0] == found[1]


def test_a_small_budget_ends_at_the_same_step_every_time() -> None:
    sets = stubborn_sets()
    budgets = [Budget(500), Budget(500)]
    first, second = ([pack(costs, 60, budget) for costs in sets] for budget in budgets)
    assert first == second and budgets[0].left == budgets[1].left == 0
    plenty = [pack(costs, 60, Budget(MANY)) for costs in sets]
    assert sum(p.longest_s for p in plenty) < sum(p.longest_s for p in first)


def test_a_division_has_every_item_once_and_only_shortens() -> None:
    generator = random.Random(5)
    for _ in range(30):
        costs = sorted((generator.uniform(1, 30) for _ in range(generator.randint(4, 40))), reverse=True)
        count = generator.randint(2, 6)
        members = [[i for i in range(len(costs)) if i % count == batch] for batch in range(count)]
        found = redivide.redivided(costs, members, 0.0, Budget(MANY))
        assert sorted(itertools.chain(*found)) == list(range(len(costs)))
        assert max(sum(costs[i] for i in each) for each in found) <= max(
            sum(costs[i] for i in each) for each in members
        )


@pytest.mark.parametrize("seed", range(60))
def test_is_never_worse_than_longest_first_and_never_below_the_bound(seed: int) -> None:
    generator = random.Random(seed)
    costs = random_costs(generator, generator.randint(1, 120))
    packing = pack(costs, generator.choice([20, 60, 180, 600]), Budget(MANY))
    assert sorted(itertools.chain(*packing.batches)) == sorted(costs)
    assert all(packing.batches)
    found = lengths(packing.batches, costs)
    assert max(found) == pytest.approx(packing.longest_s)
    assert packing.longest_s <= longest_of_longest_first(costs, len(packing.batches)) * (1 + 1e-9)
    assert packing.longest_s >= packing.bound_s * (1 - 1e-9)
    assert found == sorted(found, reverse=True)


def test_the_bound_holds_against_every_packing_of_small_sets() -> None:
    generator = random.Random(0)
    for _ in range(40):
        count = generator.randint(1, 3)
        costs = sorted((float(generator.randint(1, 9)) for _ in range(7)), reverse=True)
        best = min(
            max(sum(c for c, p in zip(costs, places, strict=True) if p == batch) for batch in range(count))
            for places in itertools.product(range(count), repeat=7)
        )
        assert lower_bound(costs, count) <= best


def test_target_zero_gives_one_item_per_batch() -> None:
    packing = pack({"a": 1.0, "b": 30.0, "c": 0.0}, 0, Budget(MANY))
    assert packing.batches == (("b",), ("a",), ("c",))


def test_as_many_batches_as_the_total_takes() -> None:
    assert batch_count([10.0] * 9, 30) == 3
    assert batch_count([0.1] * 3, 0.1) == 3  # 0.1 + 0.1 + 0.1 is more than 0.3
    assert batch_count([10.0] * 9, 29) == 4
    assert batch_count([10.0], 600) == 1
    assert batch_count([100.0, 100.0], 10) == 2  # never an empty one


def test_the_order_of_the_costs_does_not_matter() -> None:
    generator = random.Random(3)
    costs = {name: float(generator.randint(5, 8)) for name in random_costs(generator, 40)}
    shuffled = list(costs.items())
    generator.shuffle(shuffled)
    assert pack(costs, 60, Budget(MANY)) == pack(dict(shuffled), 60, Budget(MANY))


def test_nothing_to_pack_gives_no_batch() -> None:
    assert pack({}, 60, Budget(MANY)).batches == ()


@pytest.mark.parametrize("cost", [-1.0, float("nan"), float("inf")])
def test_an_impossible_cost_is_refused(cost: float) -> None:
    with pytest.raises(ValueError, match="cost of a"):
        pack({"a": cost}, 60, Budget(MANY))


def test_a_budget_is_shared_by_all_calls() -> None:
    budget = Budget(MANY)
    pack(random_costs(random.Random(1), 200), 180, budget)
    assert budget.left == MANY  # 1 % is reached without
    pack(STUBBORN, 41, budget)
    assert 0 < budget.left < MANY


def test_existing_batches_keep_their_members_and_new_ones_come_apart() -> None:
    existing = {"s.000": ["a", "gone"], "s.002": ["b"], "s.003": ["lost"]}
    costs = {"a": 1.0, "b": 90.0, "c": 10.0, "d": 10.0, "e": 10.0}
    out = extend(existing, costs, 20, Budget(MANY), name=lambda number: f"s.{number:03d}")
    assert out == {"s.000": ["a"], "s.002": ["b"], "s.001": ["c", "e"], "s.004": ["d"]}
    assert extend(out, costs, 20, Budget(MANY), name=lambda number: f"s.{number:03d}") == out


def test_a_member_of_two_batches_stays_in_the_first() -> None:
    assert extend({"x": ["a"], "y": ["a", "b"]}, {"a": 1.0, "b": 1.0}, 20, Budget(MANY)) == {"x": ["a"], "y": ["b"]}


def test_the_chunks_of_all_subjects_are_packed_in_seconds() -> None:
    generator = random.Random(0)
    budget = Budget(2_000_000)
    packings = [
        pack(random_costs(generator, int(generator.lognormvariate(4.1, 0.8)) + 1), 180, budget) for _ in range(344)
    ]
    assert sum(packing.longest_s > 1.02 * packing.bound_s for packing in packings) < 10
    assert budget.left > 0
