"""Fine-tuning of a small network of the same contract as the benchmark's, and scores by exercise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.learning.mia.channels import percentiles
from mint.learning.mia.finetune import exercise_scores, finetuned, head_of, masked_smooth_l1, with_head
from mint.learning.scores import pcc, rmse, smape
from mint.learning.training import Schedule, reproducible

INNER, OUTER = (
    ("middle.weight", "middle.bias", "norm.weight", "norm.bias"),
    ("first.weight", "first.bias", "last.weight"),
)
SCHEDULE = Schedule(epochs=15, batch=4, rate=0.01)


class TimeConv(torch.nn.Conv1d):
    """A convolution that takes its axes in another order, as the benchmark's."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class Small(torch.nn.Module):
    """Convolution, a middle layer that keeps running statistics, dropout, and a last layer."""

    def __init__(self, convolution: bool = True) -> None:
        super().__init__()
        self.first = TimeConv(6, 8, 3, padding=1)
        self.middle = torch.nn.Linear(8, 8)
        self.norm = torch.nn.BatchNorm1d(8)
        self.dropout = torch.nn.Dropout(0.1)
        self.last = TimeConv(8, 12, 3, padding=1, bias=False) if convolution else torch.nn.Linear(8, 12)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.norm(torch.relu(self.middle(self.first(x))).transpose(1, 2)).transpose(1, 2)
        return self.last(self.dropout(hidden))

    def outer_parameters(self) -> list[str]:
        return ["first.weight", "first.bias"]


def small(convolution: bool = True) -> Small:
    with reproducible(3):
        return Small(convolution)


def data(channels: int = 8) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    random = np.random.default_rng(0)
    inputs = random.normal(0, 1, (10, 28, 6))
    targets = 0.3 * inputs @ random.normal(0, 1, (6, channels))
    return (
        torch.as_tensor(inputs).float(),
        torch.as_tensor(targets).float(),
        torch.ones(10, 28, channels, dtype=torch.bool),
    )


@pytest.mark.parametrize("convolution", [True, False])
def test_the_last_layer_alone_is_replaced_in_a_copy(convolution: bool) -> None:
    network = small(convolution)
    copy = with_head(network, 8, seed=1)
    assert head_of(copy) == "last" and copy(torch.zeros(2, 28, 6)).shape == (2, 28, 8)
    assert network(torch.zeros(2, 28, 6)).shape == (2, 28, 12)
    before, after = network.state_dict(), copy.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before if not name.startswith("last"))
    assert torch.equal(copy.last.weight, with_head(network, 8, seed=1).last.weight)
    assert not torch.equal(copy.last.weight, with_head(network, 8, seed=2).last.weight)


def test_outer_trains_the_outer_layers_alone_and_all_trains_everything() -> None:
    for which, changed in (("outer", OUTER), ("all", OUTER + INNER)):
        network = with_head(small(), 8, seed=1)
        before = {name: value.clone() for name, value in network.state_dict().items()}
        history = finetuned(network, *data(), SCHEDULE, which, seed=0)
        moved = {name for name, value in network.state_dict().items() if not torch.equal(before[name], value)}
        kept = {"norm.running_mean", "norm.running_var", "norm.num_batches_tracked"}
        assert moved == set(changed) | (kept if which == "all" else set())
        assert history["loss"][-1] < 0.6 * history["loss"][0] and list(history["epoch"]) == list(range(1, 16))
        assert all(value.requires_grad for value in network.parameters()) and not network.training


def test_a_penalty_of_the_network_is_added_to_the_loss() -> None:
    changed = []
    for size in (0.0, 1.0):
        network = with_head(small(), 8, seed=1)
        network.penalty = lambda network=network, size=size: size * network.middle.weight.square().sum()
        finetuned(network, *data(), SCHEDULE, "all", seed=0)
        changed.append(float(network.middle.weight.square().sum().detach()))
    assert changed[1] < 0.7 * changed[0]


def test_two_runs_give_the_same_numbers_and_another_seed_gives_others() -> None:
    runs = []
    for seed in (0, 0, 1):
        network = with_head(small(), 8, seed=1)
        runs.append((finetuned(network, *data(), SCHEDULE, "all", seed)["loss"], network(data()[0]).detach()))
    assert np.array_equal(runs[0][0], runs[1][0]) and torch.equal(runs[0][1], runs[1][1])
    assert not np.array_equal(runs[0][0], runs[2][0])


def test_what_the_mask_leaves_out_has_no_part_in_training() -> None:
    inputs, targets, mask = data()
    mask[:, 10:, 3] = False
    results = []
    for hidden in (float("nan"), 1e6):
        network = with_head(small(), 8, seed=1)
        finetuned(network, inputs, torch.where(mask, targets, torch.tensor(hidden)), mask, SCHEDULE, "all", seed=0)
        results.append(network(inputs).detach())
    assert torch.isfinite(results[0]).all() and torch.equal(*results)
    with pytest.raises(ValueError, match="no finite"):
        finetuned(network, inputs, torch.full_like(targets, torch.nan), mask, SCHEDULE, "all", seed=0)


def test_the_loss_is_smooth_l1_over_what_counts() -> None:
    output, target = torch.tensor([[[0.0, 2.0]]]), torch.tensor([[[0.5, 0.0]]])
    both, first = torch.tensor([[[True, True]]]), torch.tensor([[[True, False]]])
    assert float(masked_smooth_l1(output, target, both)) == pytest.approx((0.125 + 1.5) / 2)
    assert float(masked_smooth_l1(output, target, first)) == pytest.approx(0.125)
    assert float(masked_smooth_l1(output, target, ~both)) == 0


def test_other_outputs_names_and_switches_are_refused() -> None:
    network = with_head(small(), 5, seed=1)
    with pytest.raises(ValueError, match="targets are"):
        finetuned(network, *data(), SCHEDULE, "all", seed=0)
    with pytest.raises(ValueError, match="outer or all"):
        finetuned(network, *data(5), SCHEDULE, "inner", seed=0)  # type: ignore[arg-type]
    network.outer_parameters = lambda: ["absent"]
    with pytest.raises(ValueError, match="absent"):
        finetuned(network, *data(5), SCHEDULE, "outer", seed=0)
    assert all(value.requires_grad for value in network.parameters())
    with pytest.raises(ValueError, match="no linear"):
        head_of(torch.nn.ReLU())


def test_scores_of_exercises_are_in_raw_units() -> None:
    random = np.random.default_rng(1)
    predicted, measured = random.uniform(0, 1, (2, 6, 28, 8))
    found = exercise_scores(
        predicted, measured, ["Squat", "Squat", "Running", "Squat", "Running", "Running"], percentiles()
    )
    assert list(found) == ["overall", "Running", "Squat"] and [score.windows for score in found.values()] == [6, 3, 3]
    squat = [0, 1, 3]
    assert found["Squat"].rmse == pytest.approx(rmse(predicted[squat] * percentiles(), measured[squat] * percentiles()))
    assert found["Squat"].pcc == pytest.approx(pcc(predicted[squat], measured[squat]).mean())
    assert found["overall"].smape == pytest.approx(smape(predicted, measured).mean())
    assert exercise_scores(predicted, measured, ["Squat"] * 6)["overall"].rmse == pytest.approx(
        rmse(predicted, measured)
    )
