"""The queue does what arithmetic says, and packing into jobs pays off on work like that of AMASS."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mint.campaign.queue_model import (
    Campaign,
    Job,
    Machine,
    campaign,
    fixed_packs,
    one_by_one,
    packed,
    simulate,
)
from mint.plan.redivide import Budget

AT_ONCE = 1e9
GENERATOR = np.random.default_rng(0)
# Like what was measured: 7 s of every chunk and the trajectory, at most 80 s; sequences of 3 chunks, some of a minute.
COSTS_S = 7 + np.minimum(np.exp(GENERATOR.normal(2.3, 0.7, 2000)), 80.0)
LENGTHS = np.minimum(np.ceil(GENERATOR.lognormal(0.5, 0.9, 2000)), 60).astype(int)


@pytest.fixture(scope="module")
def amass() -> Campaign:
    return campaign(LENGTHS, COSTS_S)


def test_equal_jobs_on_one_slot_run_one_after_the_other() -> None:
    outcome = simulate([Job((20.0,))] * 10, Machine(1, overhead_s=7.0, submissions_per_s=AT_ONCE))
    assert outcome.makespan_s == pytest.approx(10 * 27)
    assert outcome.bound_s == 200
    assert outcome.core_h == pytest.approx(270 / 3600)
    assert outcome.overhead_share == pytest.approx(7 / 27)
    assert (outcome.jobs, outcome.attempts, outcome.unfinished, outcome.lost_s) == (10, 10, 0, 0)


def test_equal_jobs_on_several_slots_run_in_waves() -> None:
    outcome = simulate([Job((20.0,))] * 10, Machine(4, overhead_s=7.0, submissions_per_s=AT_ONCE))
    assert outcome.makespan_s == pytest.approx(3 * 27)
    assert outcome.bound_s == 50


def test_chunks_pay_their_own_overhead_beside_that_of_the_job() -> None:
    outcome = simulate([Job((20.0,) * 5)], Machine(1, overhead_s=7.0, chunk_overhead_s=0.5, submissions_per_s=AT_ONCE))
    assert outcome.makespan_s == pytest.approx(109.5)
    assert (outcome.work_s, outcome.overhead_s) == (100, 9.5)


def test_a_pack_pays_the_overhead_once() -> None:
    outcome = simulate([Job((20.0,) * 5)] * 2, Machine(1, overhead_s=7.0, submissions_per_s=AT_ONCE))
    assert outcome.makespan_s == pytest.approx(2 * 107)
    assert outcome.overhead_s == 14


def test_no_plan_is_shorter_than_the_longest_chunk() -> None:
    outcome = simulate([Job((100.0,)), Job((1.0,))], Machine(8, overhead_s=0.0, submissions_per_s=AT_ONCE))
    assert outcome.makespan_s == outcome.bound_s == 100


def test_jobs_start_no_faster_than_they_are_submitted() -> None:
    outcome = simulate([Job((1.0,))] * 101, Machine(1000, overhead_s=0.0, submissions_per_s=2.0))
    assert outcome.makespan_s == pytest.approx(50 + 1)


def test_no_more_jobs_are_queued_than_allowed() -> None:
    outcome = simulate([Job((1.0,))] * 12, Machine(4, overhead_s=0.0, submissions_per_s=AT_ONCE, queued=2))
    assert outcome.makespan_s == pytest.approx(6)


def test_the_tail_begins_when_95_percent_of_the_chunks_are_done() -> None:
    jobs = [Job((1.0,) * 19), Job((50.0,))]
    outcome = simulate(jobs, Machine(2, overhead_s=0.0, submissions_per_s=AT_ONCE))
    assert outcome.tail_s == pytest.approx(50 - 19)


def test_a_job_beyond_its_limit_runs_again_with_a_longer_one() -> None:
    outcome = simulate([Job((100.0,), limit_s=60.0)], Machine(1, overhead_s=7.0, submissions_per_s=AT_ONCE))
    assert outcome.attempts == 2
    assert outcome.makespan_s == pytest.approx(60 + 107)
    assert (outcome.work_s, outcome.overhead_s, outcome.lost_s) == pytest.approx((100, 14, 53))


def test_finished_chunks_of_an_interrupted_job_are_kept() -> None:
    outcome = simulate([Job((20.0, 20.0, 30.0), limit_s=60.0)], Machine(1, 7.0, AT_ONCE))
    assert outcome.makespan_s == pytest.approx(60 + 7 + 30)
    assert (outcome.work_s, outcome.lost_s) == pytest.approx((70, 13))


def test_a_chunk_that_no_limit_suffices_for_is_left_unfinished() -> None:
    outcome = simulate([Job((20.0, 1000.0, 5.0), limit_s=60.0)], Machine(1, 7.0, AT_ONCE, attempts=3))
    assert (outcome.attempts, outcome.unfinished) == (3, 2)
    assert outcome.makespan_s == pytest.approx(60 + 120 + 180)


def test_attempts_fail_as_often_as_asked_and_are_repeated() -> None:
    outcome = simulate([Job((20.0,))] * 4000, Machine(50, 7.0, AT_ONCE, failure_rate=0.2, attempts=30))
    assert outcome.unfinished == 0
    assert outcome.attempts == pytest.approx(4000 / 0.8, rel=0.03)


def test_what_failed_runs_before_what_is_held_back() -> None:
    jobs = [Job((100.0,), limit_s=60.0), *[Job((10.0,))] * 100]
    held = simulate(jobs, Machine(2, 0.0, AT_ONCE, queued=2))
    at_once = simulate(jobs, Machine(2, 0.0, AT_ONCE))
    assert held.makespan_s < at_once.makespan_s == pytest.approx(530 + 100)


@pytest.mark.parametrize("seed", range(5))
def test_every_second_of_a_slot_is_work_overhead_or_lost(seed: int) -> None:
    generator = np.random.default_rng(seed)
    jobs = [Job(tuple(generator.uniform(5, 60, generator.integers(1, 8))), limit_s=150.0) for _ in range(80)]
    outcome = simulate(jobs, Machine(1, 7.0, AT_ONCE, failure_rate=0.1), seed)
    assert outcome.work_s + outcome.overhead_s + outcome.lost_s == pytest.approx(outcome.makespan_s)
    if outcome.unfinished == 0:
        assert outcome.work_s == pytest.approx(math.fsum(seconds for job in jobs for seconds in job.chunks_s))


def test_the_same_seed_gives_the_same_run() -> None:
    jobs = [Job((20.0, 30.0))] * 200
    machine = Machine(7, failure_rate=0.2)
    assert simulate(jobs, machine, 3) == simulate(jobs, machine, 3) != simulate(jobs, machine, 4)


def test_no_jobs_take_no_time() -> None:
    assert simulate([], Machine(4)).makespan_s == 0


def test_a_campaign_has_the_sequences_and_costs_it_was_asked_for(amass: Campaign) -> None:
    assert len(np.unique(amass.sequence)) == 11_000
    assert len(np.unique(amass.subject)) == 344
    assert np.all(np.diff(amass.subject) >= 0)
    assert len(amass.true_s) / 11_000 == pytest.approx(LENGTHS.mean(), rel=0.05)
    assert amass.true_s.max() == 60
    free = campaign(LENGTHS, COSTS_S, failure_share=0.0, first_pass_s=math.inf)
    assert np.quantile(free.true_s, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(COSTS_S, [0.1, 0.5, 0.9]), rel=0.01)


def test_predictions_are_as_good_as_asked_and_right_on_average() -> None:
    for spread in (0.1, 0.34):
        work = campaign(LENGTHS, COSTS_S, spread=spread, failure_share=0.0, first_pass_s=math.inf)
        assert np.std(np.log(work.true_s / work.predicted_s)) == pytest.approx(spread, rel=0.05)
        assert work.predicted_s.mean() == pytest.approx(work.true_s.mean(), rel=0.05)


def test_every_plan_has_every_chunk_once_and_never_mixes_subjects(amass: Campaign) -> None:
    # Costs that tell a subject apart.
    work = Campaign(amass.subject, amass.sequence, amass.predicted_s, amass.subject + amass.true_s / 1000)
    for jobs in (one_by_one(work), fixed_packs(work, 7), packed(work, 300.0, Budget(0))):
        assert sorted(seconds for job in jobs for seconds in job.chunks_s) == pytest.approx(sorted(work.true_s))
        assert all(len({math.floor(seconds) for seconds in job.chunks_s}) == 1 for job in jobs)


def test_packed_jobs_are_as_long_as_asked_and_the_longest_comes_first(amass: Campaign) -> None:
    jobs = packed(amass, 300.0, Budget(0))
    limits = [job.limit_s for job in jobs]
    assert limits == sorted(limits, reverse=True)
    assert np.median([sum(job.chunks_s) for job in jobs]) == pytest.approx(300, rel=0.1)


@pytest.mark.parametrize("failure_rate", [0.0, 0.01])
def test_packing_amass_comes_near_the_bound_and_beats_one_chunk_per_job(amass: Campaign, failure_rate: float) -> None:
    machine = Machine(128, failure_rate=failure_rate, queued=200)
    ours, single, fives = (
        simulate(jobs, machine) for jobs in (packed(amass, 240.0, Budget(0)), one_by_one(amass), fixed_packs(amass, 5))
    )
    assert ours.unfinished == single.unfinished == 0
    assert ours.makespan_s <= 1.10 * ours.bound_s
    assert ours.makespan_s <= 0.8 * single.makespan_s
    assert ours.makespan_s < fives.makespan_s
