"""Our network: where it begins, what its head keeps, what its attention knows of time."""

from __future__ import annotations

import math

import pytest
import torch

from mint.learning.networks.ours import Attention, Ours

MEAN = torch.tensor([0.02, 0.5, 0.9])


def small(bounded: bool = True) -> Ours:
    torch.manual_seed(0)
    return Ours(5, 3, width=16, depth=2, heads=2, bounded=bounded)


@pytest.mark.parametrize("bounded", [True, False])
def test_it_begins_as_the_mean_of_every_muscle(bounded: bool) -> None:
    network = small(bounded).eval()
    network.set_mean(MEAN)
    assert (network(10 * torch.randn(4, 28, 5)) - MEAN).abs().max() < 0.02


def test_means_of_nothing_and_everything_still_learn() -> None:
    network = small().eval()
    network.set_mean(torch.tensor([0.0, 1.0, 0.5]))
    found = network(torch.randn(2, 28, 5))
    assert (found[..., 0] - 0.001).abs().max() < 2e-4 and (found[..., 1] - 0.999).abs().max() < 2e-4


@pytest.mark.parametrize("mean", [torch.tensor([0.5, 0.5]), torch.tensor([0.5, math.nan, 0.5])])
def test_other_means_are_refused(mean: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="means"):
        small().set_mean(mean)


def test_activations_are_between_zero_and_one_unless_told_otherwise() -> None:
    x = 100 * torch.randn(4, 28, 5)
    for bounded in (True, False):
        network = small(bounded).eval()
        with torch.no_grad():
            network.head.weight.mul_(1e5)
        found = network(x)
        assert ((found.min() >= 0) and (found.max() <= 1)) == bounded


def test_attention_is_attention_with_a_bias_by_distance() -> None:
    """Against a loop over heads and pairs of frames; beyond its reach the bias is that of the furthest distance."""
    torch.manual_seed(0)
    part, length, reach = Attention(6, 2, 3), 9, 3
    with torch.no_grad():
        part.bias.normal_()
    x = torch.randn(1, length, 6)
    query, key, value = (x[0] @ part.projected.weight.T).chunk(3, dim=1)
    expected = torch.zeros(length, 6)
    for head in range(2):
        at = slice(3 * head, 3 * head + 3)
        for i in range(length):
            score = torch.stack(
                [
                    query[i, at] @ key[j, at] / math.sqrt(3) + part.bias[head, max(-reach, min(reach, j - i)) + reach]
                    for j in range(length)
                ]
            )
            expected[i, at] = torch.softmax(score, dim=0) @ value[:, at]
    assert torch.allclose(part(x)[0], part.output(expected), atol=1e-5)


def test_a_motion_that_comes_later_is_judged_the_same() -> None:
    """Far from both ends of a periodic sequence, a shift of the motion shifts the activations."""
    network = small().eval()
    with torch.no_grad():
        for value in network.parameters():
            value.add_(0.1 * torch.randn_like(value))
    x = torch.sin(2 * math.pi * torch.arange(400)[:, None] / 20 + torch.arange(5))[None]
    found = network(x)
    assert torch.allclose(found[:, 190:200], found[:, 210:220], atol=1e-4)
    assert not torch.allclose(found[:, 190:200], found[:, 195:205], atol=1e-2)
