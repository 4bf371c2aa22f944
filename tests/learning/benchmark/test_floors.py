"""Floors: right where they can be right, and no better than they are."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

from mint.config.benchmark import BenchmarkConfig
from mint.learning.benchmark.examples import Examples
from mint.learning.benchmark.floors import FLOORS, Activity, Mean, Nearest, Projection, Ridge, distances
from mint.learning.benchmark.names import FLOOR_TITLES, entrants


def test_every_floor_has_a_title() -> None:
    assert list(FLOORS) == list(FLOOR_TITLES)


@pytest.mark.parametrize("name", list(FLOORS))
def test_a_muscle_that_is_missing_in_part_of_the_data_costs_no_floor_its_answer(name: str, examples: Examples) -> None:
    lacking = {split: copy.copy(windows) for split, windows in examples.windows.items()}
    lacking["train"].activations = windows_without(lacking["train"].activations)
    partly = replace(examples, windows=lacking)
    which = examples.every("test")
    whole, found = (FLOORS[name][0](each).predict("test", which) for each in (examples, partly))
    assert np.isfinite(found).all()
    assert np.abs(found[..., 1:] - whole[..., 1:]).max() < 1e-4  # the other muscles are as they were
    if name in ("mean", "activity"):
        assert np.abs(found[..., 0].mean() - whole[..., 0].mean()) < 0.2 * whole[..., 0].mean()


def windows_without(activations: np.ndarray) -> np.ndarray:
    """The first muscle is missing in the first half."""
    out = activations.copy()
    out[: len(out) // 2, 0] = np.nan
    return out


@pytest.mark.parametrize("name", list(FLOORS))
def test_floors_answer_for_every_window(name: str, examples: Examples) -> None:
    every = examples.every("test")
    found = FLOORS[name][0](examples).predict("test", every)
    assert found.shape == examples.windows["test"].gather(every)[1].shape
    assert np.isfinite(found).all() and found.min() >= 0 and found.max() <= 1


def test_mean_is_that_of_training(examples: Examples) -> None:
    training = examples.windows["train"]
    expected = training.activations[training.used_rows()].mean(axis=0, dtype=float)
    assert np.allclose(Mean(examples).predict("test", np.arange(2)), expected, atol=1e-6)


def test_activity_is_the_mean_curve_of_its_windows(examples: Examples) -> None:
    floor = Activity(examples)
    train = [i for i, actions in enumerate(examples.labels["train"]) if "jump" in actions]
    test = next(i for i, actions in enumerate(examples.labels["test"]) if "jump" in actions)
    expected = examples.windows["train"].gather(train)[1].mean(axis=0)
    assert np.allclose(floor.predict("test", np.array([test]))[0], expected, atol=1e-6)


def test_ridge_without_anything_to_see_is_the_mean(examples: Examples) -> None:
    blind = {split: copy.copy(windows) for split, windows in examples.windows.items()}
    for number, windows in enumerate(blind.values()):
        windows.features = np.random.default_rng(number).normal(size=windows.features.shape).astype(np.float32)
    every = examples.every("test")
    target = examples.windows["test"].gather(every)[1]
    floor = Ridge(replace(examples, windows=blind))
    error, least = (
        np.sqrt(np.mean((found - target) ** 2))
        for found in (floor.predict("test", every), Mean(examples).predict("test", every))
    )
    assert error < 1.02 * least


def test_ridge_finds_a_linear_function(examples: Examples) -> None:
    linear = {}
    for split, windows in examples.windows.items():
        other = replace_activations(windows, 0.5 + 0.05 * windows.features[:, :5])
        linear[split] = other
    mean = linear["train"].activations[linear["train"].used_rows()].mean(axis=0)
    floor = Ridge(replace(examples, windows=linear, muscles=examples.muscles[:5], mean=mean))
    every = examples.every("test")
    target = linear["test"].gather(every)[1]
    assert np.sqrt(np.mean((floor.predict("test", every) - target) ** 2)) < 0.02 * target.std()


def replace_activations(windows: object, values: np.ndarray) -> object:
    other = copy.copy(windows)
    other.activations = np.clip(values, 0, 1).astype(np.float32)  # type: ignore[attr-defined]
    return other


def test_nearest_gives_a_training_window_its_own_activations(examples: Examples) -> None:
    which = examples.every("train")[::3]
    found = Nearest(examples).predict("train", which)
    assert np.array_equal(found, examples.windows["train"].gather(which)[1])


def test_projection_keeps_distances_of_few_dimensions() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(50, 3)) @ random.normal(size=(3, 20))
    flat = Projection(rows)(rows)
    assert np.allclose(distances(flat, flat), np.linalg.norm(rows[:, None] - rows, axis=2), atol=1e-6)


def test_entrants_are_floors_networks_by_seed_and_ablations() -> None:
    found = entrants(BenchmarkConfig(models=("lstm", "ours"), seeds=2))
    assert [each for each in found if each[0] in ("lstm", "ours")] == [
        ("lstm", 0),
        ("lstm", 1),
        ("ours", 0),
        ("ours", 1),
    ]
    assert {name for name, _ in found} > set(FLOOR_TITLES) and ("ours-unbounded", 0) in found
    assert not [name for name, _ in entrants(BenchmarkConfig(models=("lstm",))) if name.startswith("ours")]
    with pytest.raises(ValueError, match="gpt"):
        entrants(BenchmarkConfig(models=("gpt",)))
