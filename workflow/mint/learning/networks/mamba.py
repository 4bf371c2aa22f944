"""The Mamba network of Muscles in Time, section 5: blocks of the Mamba-2 mixer of Dao and Gu 2024.

The published network needs CUDA; this one is the same mathematics on any device (`ssd`). What the papers leave open is
that of mamba_ssm's `Mamba2` module and mixer model: sizes, starting values, the gated norm.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional as F

from mint.learning.networks.network import Network, stem
from mint.learning.networks.ssd import state_space

_EPSILON = 1e-5
_A_RANGE = (1.0, 16.0)
_DT_RANGE = (1e-3, 0.1)


class Mamba(Network):
    """Convolution, `depth` times x + mixer(RMS norm of x), RMS norm, linear map. No frame sees later ones but through
    the first convolution.

    `state` values of state per channel, `head` channels of a head, `kernel` frames of the mixers' convolution.
    """

    name = "mamba"
    outer = ("stem.*", "norms.0.*", "mixers.0.*", "head.*")

    def __init__(
        self,
        features: int,
        muscles: int,
        *,
        width: int = 512,
        depth: int = 8,
        state: int = 128,
        head: int = 64,
        expand: int = 2,
        kernel: int = 4,
        chunk: int = 64,
    ) -> None:
        super().__init__()
        self.stem = stem(features, width)
        self.norms = nn.ModuleList(nn.RMSNorm(width, _EPSILON) for _ in range(depth))
        self.mixers = nn.ModuleList(Mixer(width, state, head, expand, kernel, chunk) for _ in range(depth))
        self.norm = nn.RMSNorm(width, _EPSILON)
        self.head = nn.Linear(width, muscles)
        nn.init.zeros_(self.head.bias)
        # The sum over blocks begins no larger than one block, as in GPT-2 (Radford et al. 2019, section 2.3).
        for mixer in self.mixers:
            mixer.output.weight.data.div_(math.sqrt(depth))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, T, muscles) of features (B, T, features)."""
        x = self.stem(x)
        for norm, mixer in zip(self.norms, self.mixers, strict=True):
            x = x + mixer(norm(x))
        return self.head(self.norm(x))


class Mixer(nn.Module):
    """The Mamba-2 mixer, (B, T, width) to (B, T, width) (Dao and Gu 2024, section 7.1, Figure 6, parallel projections).

    Raises ValueError if the inner width, `expand` times `width`, is no multiple of `head`.
    """

    def __init__(self, width: int, state: int, head: int, expand: int, kernel: int, chunk: int) -> None:
        super().__init__()
        inner = expand * width
        if inner % head:
            raise ValueError(f"inner width {inner} must be a multiple of the {head} channels of a head")
        heads, mixed = inner // head, inner + 2 * state
        self.heads, self.chunk = heads, chunk
        self.sizes = (inner, mixed, heads)
        self.parts = (inner, state, state)
        self.input = nn.Linear(width, sum(self.sizes), bias=False)
        self.convolution = nn.Conv1d(mixed, mixed, kernel, groups=mixed, padding=kernel - 1)
        step = torch.empty(heads).uniform_(*map(math.log, _DT_RANGE)).exp()
        # The inverse of softplus: where the input adds nothing, steps begin in the range. The reference's floor of 1e-4
        # lies below it.
        self.step_bias = nn.Parameter(step + torch.log(-torch.expm1(-step)))
        self.log_decay = nn.Parameter(torch.empty(heads).uniform_(*_A_RANGE).log())
        self.skip = nn.Parameter(torch.ones(heads))
        self.norm = nn.RMSNorm(inner, _EPSILON)
        self.output = nn.Linear(inner, width, bias=False)

    def forward(self, u: torch.Tensor) -> torch.Tensor:
        """Mixed sequence (B, T, width)."""
        gate, mixed, dt = self.input(u).split(self.sizes, dim=2)
        # The convolution sees a frame and those before it: what padding adds after the end is cut.
        mixed = F.silu(self.convolution(mixed.transpose(1, 2))[..., : u.shape[1]].transpose(1, 2))
        x, b, c = mixed.split(self.parts, dim=2)
        x = x.unflatten(2, (self.heads, -1))
        dt = F.softplus(dt + self.step_bias)
        y = state_space(x, dt, -self.log_decay.exp(), b, c, self.chunk) + self.skip.unsqueeze(1) * x
        return self.output(self.norm(y.flatten(2) * F.silu(gate)))
