"""FConv of Muscles in Time, section 5: a fully convolutional network after Gehring et al. 2017 (Convolutional
sequence to sequence learning), without its gates and attention."""

from __future__ import annotations

import torch
from torch import nn

from mint.learning.networks.network import Network, TimeConv, stem


class FConv(Network):
    """Convolution, `depth` times x + ReLU(convolution of x), all of kernel 3, layer norm, linear map per frame."""

    name = "fconv"
    outer = ("stem.*", "blocks.0.*", "head.*")

    def __init__(self, features: int, muscles: int, *, width: int = 512, depth: int = 16) -> None:
        super().__init__()
        self.stem = stem(features, width)
        self.blocks = nn.ModuleList(TimeConv(width, width, 3) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = TimeConv(width, muscles, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, T, muscles) of features (B, T, features)."""
        x = self.stem(x)
        for block in self.blocks:
            x = x + torch.relu(block(x))
        return self.head(self.norm(x))
