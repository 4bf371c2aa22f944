"""The LSTM of Muscles in Time, section 5: recurrence in both directions."""

from __future__ import annotations

import torch
from torch import nn

from mint.learning.networks.network import Network, stem


class Lstm(Network):
    """Convolution, `depth` bidirectional LSTM layers (Hochreiter and Schmidhuber 1997) of hidden `width`, linear."""

    name = "lstm"
    outer = ("stem.*", "lstm.*_l0", "lstm.*_l0_reverse", "head.*")

    def __init__(self, features: int, muscles: int, *, width: int = 256, depth: int = 8) -> None:
        super().__init__()
        self.stem = stem(features, width)
        self.lstm = nn.LSTM(width, width, depth, batch_first=True, bidirectional=True)
        self.head = nn.Linear(2 * width, muscles)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, T, muscles) of features (B, T, features)."""
        return self.head(self.lstm(self.stem(x))[0])
