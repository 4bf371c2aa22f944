"""The transformer of Muscles in Time, section 5: the encoder of Vaswani et al. 2017 (Attention is all you need)."""

from __future__ import annotations

import math

import torch
from torch import nn

from mint.learning.networks.network import Network, TimeConv, stem


class Transformer(Network):
    """Convolution, sinusoidal positions, `depth` encoder layers with the norm after the sum, convolution of kernel 3.

    The feed-forward part is twice as wide as the rest. All layers begin with the same weights, as in the published
    runs: torch's `TransformerEncoder` copies one layer.
    """

    name = "transformer"
    outer = ("stem.*", "encoder.layers.0.*", "head.*")

    def __init__(
        self, features: int, muscles: int, *, width: int = 256, depth: int = 16, heads: int = 16, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.stem = stem(features, width)
        self.dropout = nn.Dropout(dropout)
        layer = nn.TransformerEncoderLayer(width, heads, 2 * width, dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.head = TimeConv(width, muscles, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, T, muscles) of features (B, T, features)."""
        x = self.stem(x)
        x = self.dropout(x + positions(x.shape[1], x.shape[2]).to(x))
        return self.head(self.encoder(x))


def positions(length: int, width: int) -> torch.Tensor:
    """Sinusoidal positions (length, width): sine of position / 10000^(i / width) at even places i, and the cosine of
    the same at the odd place after it (Vaswani et al. 2017, section 3.5)."""
    rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    angle = torch.arange(length).unsqueeze(1) * rate
    return torch.stack([torch.sin(angle), torch.cos(angle)], dim=2).flatten(1)
