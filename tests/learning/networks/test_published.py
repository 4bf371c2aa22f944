"""LSTM, FConv and transformer against their definitions."""

from __future__ import annotations

import math

import torch
from torch.nn import functional as F

from mint.learning.networks.fconv import FConv
from mint.learning.networks.lstm import Lstm
from mint.learning.networks.network import TimeConv, stem
from mint.learning.networks.transformer import Transformer, positions


def test_a_convolution_over_time_is_the_sum_over_neighbouring_frames() -> None:
    torch.manual_seed(0)
    layer, x = TimeConv(3, 2, 3), torch.randn(2, 6, 3)
    padded = F.pad(x, (0, 0, 1, 1))
    expected = sum(padded[:, k : k + 6] @ layer.weight[..., k].T for k in range(3)) + layer.bias
    assert torch.allclose(layer(x), expected, atol=1e-6)
    assert torch.equal(stem(3, 2)(x) >= 0, torch.ones(2, 6, 2, dtype=torch.bool))


def test_the_lstm_reads_in_both_directions() -> None:
    torch.manual_seed(0)
    network, x = Lstm(4, 2, width=6, depth=2).eval(), torch.randn(1, 20, 4)
    for changed, seen in ((0, 19), (19, 0)):
        other = x.clone()
        other[:, changed] += 3
        assert (network(x)[:, seen] - network(other)[:, seen]).abs().max() > 1e-6


def test_fconv_is_a_sum_of_rectified_convolutions() -> None:
    torch.manual_seed(0)
    network, x = FConv(4, 2, width=6, depth=3), torch.randn(2, 9, 4)
    h = torch.relu(F.conv1d(x.transpose(1, 2), network.stem[0].weight, network.stem[0].bias, padding=1))
    for block in network.blocks:
        h = h + torch.relu(F.conv1d(h, block.weight, block.bias, padding=1))
    h = h.transpose(1, 2)
    h = (h - h.mean(2, keepdim=True)) / torch.sqrt(h.var(2, unbiased=False, keepdim=True) + 1e-5)
    assert torch.allclose(network(x), h @ network.head.weight[..., 0].T + network.head.bias, atol=1e-5)


def test_fconv_sees_as_far_as_its_kernels_reach() -> None:
    torch.manual_seed(0)
    network, x = FConv(4, 2, width=6, depth=3), torch.randn(1, 28, 4)
    other = x.clone()
    other[:, 10] += 3
    changed = (network(x) - network(other)).abs().amax(dim=(0, 2)) > 1e-7
    assert changed.nonzero().flatten().tolist() == list(range(6, 15))


def test_positions_are_sines_and_cosines() -> None:
    found = positions(30, 8)
    for t in range(30):
        for i in range(8):
            angle = t / 10000 ** ((i - i % 2) / 8)
            assert math.isclose(float(found[t, i]), math.cos(angle) if i % 2 else math.sin(angle), abs_tol=1e-5)


def test_the_transformer_is_attention_with_the_norm_after_the_sum() -> None:
    """Layer by layer from the weights, heads in a loop."""
    torch.manual_seed(0)
    width, heads = 8, 2
    network, x = Transformer(4, 2, width=width, depth=2, heads=heads).eval(), torch.randn(1, 9, 4)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(0.1 * torch.randn_like(value))

    def norm(h: torch.Tensor, layer: torch.nn.LayerNorm) -> torch.Tensor:
        return F.layer_norm(h, (width,), layer.weight, layer.bias)

    h = network.stem(x) + positions(9, width)
    for layer in network.encoder.layers:
        q, k, v = (h @ layer.self_attn.in_proj_weight.T + layer.self_attn.in_proj_bias).chunk(3, dim=2)
        parts = []
        for i in range(heads):
            at = slice(i * width // heads, (i + 1) * width // heads)
            share = torch.softmax(q[..., at] @ k[..., at].transpose(1, 2) / math.sqrt(width / heads), dim=2)
            parts.append(share @ v[..., at])
        h = norm(h + layer.self_attn.out_proj(torch.cat(parts, dim=2)), layer.norm1)
        h = norm(h + layer.linear2(torch.relu(layer.linear1(h))), layer.norm2)
        assert layer.linear1.out_features == 2 * width
    assert torch.allclose(network(x), network.head(h), atol=1e-5)
