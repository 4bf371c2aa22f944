"""Losses: against numbers by hand, and what is missing takes no part."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mint.learning.benchmark.budget import BUDGETS
from mint.learning.benchmark.loop import Optimizer
from mint.learning.benchmark.losses import Loss, uncorrelated

ONE = torch.ones(2)


def pair(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    random = np.random.default_rng(seed)
    return (
        torch.tensor(random.random((3, 28, 2)), dtype=torch.float32),
        torch.tensor(random.random((3, 28, 2)), dtype=torch.float32),
    )


def test_published_loss_is_smooth_l1_over_everything() -> None:
    output, target = pair()
    expected = torch.nn.functional.smooth_l1_loss(output, target)
    assert float(Loss(published=True).of(output, target, ONE)) == pytest.approx(float(expected), rel=1e-6)


def test_scaled_loss_counts_each_muscle_in_its_own_spread() -> None:
    output, target = pair()
    spread = torch.tensor([0.5, 0.01])
    expected = (((output - target) / spread) ** 2).mean()
    assert float(Loss().of(output, target, spread)) == pytest.approx(float(expected), rel=1e-6)
    unscaled = ((output - target) ** 2).mean() / (spread**2).mean()
    assert float(Loss(scaled=False).of(output, target, spread)) == pytest.approx(float(unscaled), rel=1e-5)


def test_difference_is_that_of_neighbouring_samples() -> None:
    output, target = pair()
    shift = Loss(difference=1.0).of(target + 0.25, target, ONE)
    assert float(shift) == pytest.approx(0.25**2, rel=1e-4)  # a constant error does not change
    change = (output - target)[:, 1:] - (output - target)[:, :-1]
    both = Loss(difference=2.0).of(output, target, ONE) - Loss().of(output, target, ONE)
    assert float(both) == pytest.approx(2 * float((change**2).mean()), rel=1e-5)


def test_correlation_is_pearsons_where_muscles_move() -> None:
    output, target = pair()
    expected = np.mean([1 - np.corrcoef(output[b, :, c], target[b, :, c])[0, 1] for b in range(3) for c in range(2)])
    known = torch.ones_like(target, dtype=torch.bool)
    assert float(uncorrelated(output, target, known)) == pytest.approx(expected, abs=2e-3)
    assert float(uncorrelated(3 * target + 0.1, target, known)) == pytest.approx(0.0, abs=1e-3)
    still = target.clone()
    still[:, :, 1] = 0.3
    alone = uncorrelated(output[..., :1], target[..., :1], known[..., :1])
    assert float(uncorrelated(output, still, known)) == pytest.approx(float(alone), abs=1e-6)


@pytest.mark.parametrize("loss", [Loss(published=True), Loss(correlation=0.5, difference=0.5), Loss(scaled=False)])
def test_what_is_missing_has_no_gradient_and_changes_nothing_else(loss: Loss) -> None:
    output, target = pair()
    lacking = target.clone()
    lacking[:, :, 1] = torch.nan
    output.requires_grad_(True)
    value = loss.of(output, lacking, ONE)
    value.backward()
    assert output.grad is not None and torch.isfinite(output.grad).all()
    assert float(output.grad[..., 1].abs().max()) == 0.0 < float(output.grad[..., 0].abs().max())
    alone = loss.of(output.detach()[..., :1], target[..., :1], ONE[:1])
    assert float(value.detach()) == pytest.approx(float(alone), rel=1e-5)


def test_published_rate_warms_up_and_drops_after_two_thirds() -> None:
    paper, rate = BUDGETS["paper"], Optimizer()
    assert (paper.iterations, paper.batch, paper.warm_up) == (300_000, 256, 1000)
    assert rate.rate_at(0, paper) == pytest.approx(2e-7)
    assert rate.rate_at(999, paper) == rate.rate_at(199_999, paper) == pytest.approx(2e-4)
    assert rate.rate_at(200_000, paper) == pytest.approx(1e-5)
    cosine = Optimizer(1e-3, cosine=True)
    assert cosine.rate_at(150_000, paper) == pytest.approx(5e-4)
