"""Our own network: gated convolution for what is near in time, attention for what is far, a head between 0 and 1.

A small relative of the Conformer (Gulati et al. 2020): blocks with the norm before each part (Xiong et al. 2020), so
that they train without warm-up; positions as a learned bias of attention by distance in time (Shaw et al. 2018; in this
form Raffel et al. 2020, section 2.1), so that a window is judged the same wherever it was cut.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

from mint.learning.networks.network import Network, TimeConv

_START = 1e-3


class Ours(Network):
    """Linear map to `width`, `depth` blocks, norm, linear map, sigmoid.

    Activations are between 0 and 1 by definition; without `bounded` the sigmoid is left out. `kernel` frames of the
    convolutions, `reach` the distance in frames from which on attention no longer tells distances apart.
    """

    name = "ours"
    outer = ("stem.*", "blocks.0.*", "head.*")

    def __init__(
        self,
        features: int,
        muscles: int,
        *,
        width: int = 192,
        depth: int = 4,
        heads: int = 4,
        kernel: int = 5,
        reach: int = 32,
        dropout: float = 0.1,
        bounded: bool = True,
    ) -> None:
        super().__init__()
        self.bounded = bounded
        self.stem = nn.Linear(features, width)
        self.blocks = nn.Sequential(*(_Block(width, heads, kernel, reach, dropout) for _ in range(depth)))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, muscles)
        # Small weights, not zeros: the network begins as its bias, and gradients still pass to all of it.
        nn.init.normal_(self.head.weight, std=_START)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, T, muscles) of features (B, T, features)."""
        x = self.head(self.norm(self.blocks(self.stem(x))))
        return torch.sigmoid(x) if self.bounded else x

    @torch.no_grad()
    def set_mean(self, mean: torch.Tensor) -> None:
        """Begin as the mean activation `mean (muscles,)` of the training data, whatever the motion.

        Means are taken to be at least 0.001 from 0 and 1, beyond which a sigmoid hardly learns. Raises ValueError for
        another shape or values that are not finite.
        """
        if mean.shape != self.head.bias.shape or not torch.isfinite(mean).all():
            raise ValueError(
                f"means of shape {tuple(mean.shape)} must be finite, one for each of the {len(self.head.bias)} muscles"
            )
        self.head.bias.copy_(torch.logit(mean, 1e-3) if self.bounded else mean)


class _Block(nn.Module):
    """Convolution, attention and feed-forward part in turn, each added to what it was given, (B, T, width)."""

    def __init__(self, width: int, heads: int, kernel: int, reach: int, dropout: float) -> None:
        super().__init__()
        self.parts = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), part, nn.Dropout(dropout))
            for part in (
                nn.Sequential(
                    TimeConv(width, width, kernel, groups=width),
                    nn.Linear(width, 4 * width),
                    nn.GLU(),
                    nn.Linear(2 * width, width),
                ),
                Attention(width, heads, reach),
                nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width)),
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for part in self.parts:
            x = x + part(x)
        return x


class Attention(nn.Module):
    """Self-attention of (B, T, width) over all frames, with a learned bias for every distance in time and head."""

    def __init__(self, width: int, heads: int, reach: int) -> None:
        super().__init__()
        self.heads, self.reach = heads, reach
        self.projected = nn.Linear(width, 3 * width, bias=False)
        self.bias = nn.Parameter(torch.zeros(heads, 2 * reach + 1))
        self.output = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Attended sequence (B, T, width)."""
        query, key, value = (
            each.unflatten(2, (self.heads, -1)).transpose(1, 2) for each in self.projected(x).chunk(3, dim=2)
        )
        attended = F.scaled_dot_product_attention(query, key, value, self.distance_bias(x.shape[1]))
        return self.output(attended.transpose(1, 2).flatten(2))

    def distance_bias(self, length: int) -> torch.Tensor:
        """Bias (heads, length, length) of a frame (second axis) for another (third axis) by their distance."""
        frame = torch.arange(length, device=self.bias.device)
        distance = (frame - frame.unsqueeze(1)).clamp(-self.reach, self.reach)
        return self.bias[:, distance + self.reach]
