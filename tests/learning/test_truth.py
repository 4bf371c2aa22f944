"""A synthetic set whose distortion is known: what is recovered, how near to what is possible, and the shortcut test."""

from __future__ import annotations

import numpy as np
import pytest

from mint.config.refine import RefineConfig
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.distortion import distortion
from mint.learning.refine.folds import shortcut
from mint.learning.refine.registry import method
from mint.learning.refine.synthetic import Truth, distorted

PEOPLE, CHANNELS = 8, 5


@pytest.fixture(scope="module")
def known() -> tuple[Cycles, Truth]:
    random = np.random.default_rng(0)
    phase, k = np.linspace(0, 1, 20), np.arange(1, 4)
    waves = np.stack([np.cos(2 * np.pi * k[:, None] * phase), np.sin(2 * np.pi * k[:, None] * phase)], axis=-1)
    weights = (
        random.standard_normal((CHANNELS, 3, 2))
        + 0.5 * random.standard_normal((20 * PEOPLE, CHANNELS, 3, 2)) / k[:, None]
    )
    activations = 0.1 * np.log1p(np.exp(np.einsum("nmkj,ksj->nsm", weights, waves))) + 0.02
    return distorted(
        activations,
        [f"m{i}" for i in range(CHANNELS)],
        range(CHANNELS),
        [i % PEOPLE for i in range(20 * PEOPLE)],
        seed=1,
    )


def left_out(name: str, cycles: Cycles) -> Floats:
    out = np.empty_like(cycles.own)
    for person in cycles.people:
        learned = method(name, RefineConfig())
        learned.fit(cycles.without(person), 0)
        out[[i for i, each in enumerate(cycles.persons) if each == person]] = learned.refined(cycles.of([person]))
    return out


def rmse(a: Floats, b: Floats) -> Floats:
    return np.sqrt(((a - b) ** 2).mean(axis=(0, 1)))


def test_delay_and_mixing_of_the_truth_are_recovered_from_what_is_clean(known: tuple[Cycles, Truth]) -> None:
    cycles, truth = known
    found = distortion(cycles.own, truth.clean, cycles.duration_s)
    assert 1000 * (found.delay_s - truth.delay_s) == pytest.approx(np.zeros(CHANNELS), abs=3)
    assert np.abs(found.mixing - truth.mixing).max() < 0.1


def test_the_refined_output_has_the_delay_of_the_truth_and_nearly_the_least_error(known: tuple[Cycles, Truth]) -> None:
    cycles, truth = known
    refined = left_out("convolution", cycles)
    assert (rmse(refined, cycles.measured) / rmse(truth.clean, cycles.measured)).mean() < 1.1
    found = distortion(cycles.own, refined, cycles.duration_s)
    assert 1000 * (found.delay_s - truth.delay_s) == pytest.approx(np.zeros(CHANNELS), abs=10)
    assert rmse(left_out("mean_emg", cycles), cycles.measured).mean() > 1.2 * rmse(refined, cycles.measured).mean()


def test_changed_inputs_make_a_refinement_worse_and_leave_a_curve_of_time_alone(known: tuple[Cycles, Truth]) -> None:
    cycles, _ = known
    held, others = cycles.of([cycles.people[0]]), cycles.without(cycles.people[0])
    change = {}
    for name in ("convolution", "mean_emg"):
        learned = method(name, RefineConfig())
        learned.fit(others, 0)
        before = rmse(learned.refined(held), held.measured) / rmse(held.own, held.measured) - 1
        change[name] = shortcut(learned, held, RefineConfig()).mean(axis=0) - before
    assert (change["convolution"] > 0.2).all() and np.abs(change["mean_emg"]).max() < 0.1


def test_the_synthetic_set_is_normalized_as_envelopes_are(known: tuple[Cycles, Truth]) -> None:
    cycles, _ = known
    for person in cycles.people:
        assert cycles.of([person]).measured.max(axis=(0, 1)) == pytest.approx(np.ones(CHANNELS))
