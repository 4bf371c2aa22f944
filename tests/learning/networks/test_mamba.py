"""The Mamba-2 mixer against the published recurrence, step by step."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from mint.learning.networks.mamba import Mamba, Mixer
from mint.learning.networks.ssd import state_space

BATCH, HEADS, CHANNELS, STATE = 2, 3, 4, 5
Given = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


def made_up(length: int, dtype: torch.dtype = torch.float32) -> Given:
    random = torch.Generator().manual_seed(length)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=random, dtype=dtype)

    dt = F.softplus(normal(BATCH, length, HEADS) - 2)
    a = -1 - 15 * torch.rand(HEADS, generator=random, dtype=dtype)
    return (normal(BATCH, length, HEADS, CHANNELS), dt, a, normal(BATCH, length, STATE), normal(BATCH, length, STATE))


def recurrence(x: torch.Tensor, dt: torch.Tensor, a: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    """h_t = exp(dt a) h_{t-1} + dt b_t x_t, y_t = c_t h_t (Dao and Gu 2024, equations 1 and 2, discretised)."""
    rows = []
    for i in range(x.shape[0]):
        heads = []
        for k in range(x.shape[2]):
            h = x.new_zeros(b.shape[2], x.shape[3])
            outputs = []
            for t in range(x.shape[1]):
                h = torch.exp(dt[i, t, k] * a[k]) * h + dt[i, t, k] * torch.outer(b[i, t], x[i, t, k])
                outputs.append(c[i, t] @ h)
            heads.append(torch.stack(outputs))
        rows.append(torch.stack(heads, dim=1))
    return torch.stack(rows)


@pytest.mark.parametrize("length", [1, 28, 100])
@pytest.mark.parametrize("chunk", [1, 7, 13, 28, 64])
def test_one_matrix_per_chunk_is_the_recurrence(length: int, chunk: int) -> None:
    given = made_up(length)
    assert torch.allclose(state_space(*given, chunk), recurrence(*given), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("length", "chunk"), [(28, 64), (28, 9), (100, 13)])
def test_its_gradients_are_those_of_the_recurrence(length: int, chunk: int) -> None:
    given = tuple(each.requires_grad_() for each in made_up(length))
    weight = torch.randn(BATCH, length, HEADS, CHANNELS, generator=torch.Generator().manual_seed(0))
    found = torch.autograd.grad((weight * state_space(*given, chunk)).sum(), given)
    expected = torch.autograd.grad((weight * recurrence(*given)).sum(), given)
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-5 * float(other.abs().max()))


def test_steps_of_any_size_stay_finite_and_exact() -> None:
    """Steps from 1e-6 to 1e3: nothing overflows, no digits are lost beside a step that forgets everything."""
    x, _, a, b, c = made_up(60)
    dt = torch.logspace(-6, 3, 60).roll(17)[None, :, None].expand(BATCH, -1, HEADS).contiguous()
    x = x / dt.unsqueeze(3)
    wide = recurrence(*(each.double() for each in (x, dt, a, b, c)))
    for chunk in (11, 64):
        found = state_space(x, dt, a, b, c, chunk)
        assert torch.isfinite(found).all() and torch.allclose(found.double(), wide, atol=1e-4, rtol=1e-4)


def test_the_mixer_is_the_published_one_step_by_step() -> None:
    """Projection to z, x, B, C, dt; causal convolution and SiLU of x, B, C; recurrence with skip; gated RMS norm."""
    torch.manual_seed(0)
    width, state, head, kernel, length = 8, 5, 4, 4, 28
    mixer = Mixer(width, state, head, 2, kernel, 9)
    with torch.no_grad():
        mixer.norm.weight.uniform_(0.5, 2)
        mixer.skip.uniform_(-1, 1)
    u = torch.randn(2, length, width)
    projected = u @ mixer.input.weight.T
    z, xbc, dt = projected[..., :16], projected[..., 16 : 16 + 16 + 10], projected[..., 42:]
    weight, bias = mixer.convolution.weight[:, 0], mixer.convolution.bias
    seen = torch.zeros_like(xbc)
    for t in range(length):
        for k in range(kernel):
            if t - k >= 0:
                seen[:, t] += weight[:, kernel - 1 - k] * xbc[:, t - k]
    seen = F.silu(seen + bias)
    x, b, c = seen[..., :16].unflatten(2, (4, 4)), seen[..., 16:21], seen[..., 21:]
    step = torch.log1p(torch.exp(dt + mixer.step_bias))
    y = recurrence(x, step, -torch.exp(mixer.log_decay), b, c) + mixer.skip[:, None] * x
    y = y.flatten(2) * z * torch.sigmoid(z)
    y = y / torch.sqrt((y**2).mean(dim=2, keepdim=True) + 1e-5) * mixer.norm.weight
    assert torch.allclose(mixer(u), y @ mixer.output.weight.T, atol=1e-5)


def test_a_mixer_begins_with_the_published_ranges() -> None:
    torch.manual_seed(0)
    mixer = Mixer(512, 128, 64, 2, 4, 64)
    decay, step = mixer.log_decay.exp(), F.softplus(mixer.step_bias)
    assert mixer.heads == 16 and (mixer.skip == 1).all()
    assert decay.min() >= 1 and decay.max() <= 16 and decay.std() > 1
    assert step.min() >= 0.00099 and step.max() <= 0.101 and step.max() > 5 * step.min()


def test_a_mixer_sees_no_later_frame() -> None:
    torch.manual_seed(0)
    mixer = Mixer(8, 5, 4, 2, 4, 9)
    u = torch.randn(1, 28, 8)
    later = u.clone()
    later[:, 15:] += 1
    assert torch.allclose(mixer(u)[:, :15], mixer(later)[:, :15], atol=1e-6)
    assert not torch.allclose(mixer(u)[:, 15], mixer(later)[:, 15], atol=1e-3)


def test_blocks_add_the_mixer_of_the_norm() -> None:
    torch.manual_seed(0)
    network = Mamba(6, 3, width=8, depth=2, state=4, head=4)
    x = torch.randn(1, 9, 6)
    h = torch.relu(F.conv1d(x.transpose(1, 2), network.stem[0].weight, network.stem[0].bias, padding=1)).transpose(1, 2)

    def normed(h: torch.Tensor) -> torch.Tensor:
        return h / torch.sqrt((h**2).mean(dim=2, keepdim=True) + 1e-5)

    for mixer in network.mixers:
        h = h + mixer(normed(h))
    assert torch.allclose(network(x), normed(h) @ network.head.weight.T, atol=1e-5)


def test_heads_must_divide_the_inner_width() -> None:
    with pytest.raises(ValueError, match="multiple"):
        Mamba(6, 3, width=10, head=64)
