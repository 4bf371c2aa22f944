"""Training: it learns what can be learned, twice the same, and a killed run goes on to the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mint.config.benchmark import BenchmarkConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.learning.benchmark import budget, loop, training
from mint.learning.benchmark.budget import Budget
from mint.learning.benchmark.entries import ENTRIES
from mint.learning.benchmark.examples import Examples
from mint.learning.benchmark.floors import Mean
from mint.learning.benchmark.index import read_index, write_index
from mint.learning.benchmark.names import NETWORK_TITLES, OURS
from mint.learning.networks.network import Network
from mint.learning.weights import load_weights

TEST = BenchmarkConfig(preset="test")


def test_every_entry_is_a_network_that_can_be_trained() -> None:
    assert {entry.network for entry in ENTRIES.values()} == set(NETWORK_TITLES)
    assert all(entry.name == name for name, entry in ENTRIES.items())


def test_ours_learns_a_function_of_its_features(
    examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(budget.BUDGETS, "test", Budget(150, 16, "small", 50, 64))
    bundle = training.trained(examples, ENTRIES["ours-not_mirrored"], 0, tmp_path, TEST)
    every = examples.every("val")
    target = examples.windows["val"].gather(every)[1]
    floor = np.sqrt(np.mean((Mean(examples).predict("val", every) - target) ** 2))
    assert bundle["val_rmse"].min() < 0.5 * floor
    assert bundle.meta["best_iteration"] in bundle["iteration"]


@pytest.mark.parametrize("name", ["transformer", OURS])
def test_a_killed_training_goes_on_to_the_same_numbers(
    name: str, examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = training.trained(examples, ENTRIES[name], 0, tmp_path / "whole", TEST)
    kept, calls = loop._keep, []

    def killed(*given: object) -> None:
        kept(*given)  # type: ignore[arg-type]
        calls.append(given)
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        training.trained(examples, ENTRIES[name], 0, tmp_path / "part", TEST)
    assert (tmp_path / "part" / "checkpoint.safetensors").is_file()
    monkeypatch.setattr(loop, "_keep", kept)
    seen: list[int] = []
    rate = loop.Optimizer.rate_at

    def counted(self: loop.Optimizer, iteration: int, of: Budget) -> float:
        seen.append(iteration)
        return rate(self, iteration, of)

    monkeypatch.setattr(loop.Optimizer, "rate_at", counted)
    resumed = training.trained(examples, ENTRIES[name], 0, tmp_path / "part", TEST)
    assert seen == [3, 4, 5]  # the first half was not computed again
    assert all(np.array_equal(whole[key], resumed[key]) for key in ("iteration", "loss", "val_rmse"))
    first, second = (load_weights(tmp_path / each / training.WEIGHTS) for each in ("whole", "part"))
    assert all(np.array_equal(first[key], second[key]) for key in first)


def test_a_checkpoint_of_other_examples_or_settings_is_not_gone_on_from(examples: Examples, tmp_path: Path) -> None:
    given = training.digest_of(examples, ENTRIES[OURS], 0, TEST)
    assert given == training.digest_of(examples, ENTRIES[OURS], 0, TEST)
    others = [
        training.digest_of(examples, ENTRIES[OURS], 1, TEST),
        training.digest_of(examples, ENTRIES["ours-unscaled"], 0, TEST),
        training.digest_of(examples, ENTRIES[OURS], 0, BenchmarkConfig(preset="small")),
        training.digest_of(examples, ENTRIES[OURS], 0, BenchmarkConfig(preset="test", seed=1)),
    ]
    assert len({given, *others}) == 5


def test_seeds_give_other_networks_and_two_runs_the_same(index: Path, tmp_path: Path) -> None:
    for folder, number in (("a", 0), ("b", 0), ("c", 1)):
        training.run(index, "ours-not_mirrored", number, tmp_path / folder / "trained.npz", TEST)
    weights = [load_weights(tmp_path / each / training.WEIGHTS) for each in "abc"]
    assert all(np.array_equal(weights[0][key], weights[1][key]) for key in weights[0])
    assert not np.array_equal(weights[0]["stem.weight"], weights[2]["stem.weight"])


def test_nothing_to_learn_from_is_a_result_and_a_lost_file_is_none(index: Path, tmp_path: Path) -> None:
    write_index([], tmp_path / "empty" / "examples.parquet")
    training.run(tmp_path / "empty" / "examples.parquet", OURS, 0, tmp_path / "trained.npz", TEST)
    assert "no window of 1.4 s" in Bundle.read(tmp_path / "trained.npz").status.message
    write_index(read_index(index), tmp_path / "lost" / "examples.parquet")
    with pytest.raises(SystemExit, match="p0_s0"):
        training.run(tmp_path / "lost" / "examples.parquet", OURS, 0, tmp_path / "other.npz", TEST)
    assert not (tmp_path / "other.npz").exists()


def test_a_training_that_diverges_keeps_what_was_best_before(
    examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([0.3, float("inf")])
    monkeypatch.setattr(training, "validation_error", lambda *given: next(looks))
    good = training.trained(examples, ENTRIES[OURS], 0, tmp_path / "a", TEST)
    assert good.meta["best_iteration"] == 3
    monkeypatch.setattr(training, "validation_error", lambda *given: float("inf"))
    with pytest.raises(StageError, match="no numbers after 6 iterations"):
        training.trained(examples, ENTRIES[OURS], 1, tmp_path / "b", TEST)


def test_outputs_that_are_no_numbers_are_the_worst_there_are(examples: Examples) -> None:
    class Broken(Network):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.full((len(x), 28, len(examples.muscles)), torch.nan)

    assert training.validation_error(Broken(), examples, 10, torch.device("cpu")) == np.inf


def test_what_was_trained_is_not_trained_again(
    examples: Examples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = training.trained(examples, ENTRIES[OURS], 0, tmp_path, TEST)
    monkeypatch.setattr(training, "train", None)
    second = training.trained(examples, ENTRIES[OURS], 0, tmp_path, TEST)
    assert first.meta == second.meta and np.array_equal(first["loss"], second["loss"])
