"""What every network from motion to muscle activity keeps to."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, ClassVar

import torch
from torch import nn


class Network(nn.Module):
    """From features (B, T, features) of B windows of T >= 4 frames to activations (B, T, muscles) at the same frames.

    A network is made as `Kind(features, muscles, **settings)`; the defaults of its settings are the published ones. It
    draws its first weights from torch's random numbers, so that a seed before it makes it the same again.
    """

    name: ClassVar[str]
    outer: ClassVar[tuple[str, ...]]
    """Patterns of the names of the parameters of the first convolution, the first block and the last layer."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, T, muscles) of features (B, T, features). Without noise unless in training mode."""
        raise NotImplementedError

    def penalty(self) -> torch.Tensor:
        """What the loss of the last forward in training mode is to be increased by, a scalar, mostly 0."""
        return next(self.parameters()).new_zeros(())

    def outer_parameters(self) -> list[str]:
        """Names of the parameters of the first convolution, the first block and the last layer: what fine-tuning on
        measured EMG changes (Muscles in Time, A.5)."""
        return [name for name, _ in self.named_parameters() if any(fnmatchcase(name, each) for each in self.outer)]


def parameter_count(network: nn.Module) -> int:
    """Number of values that training changes by gradients. A codebook that follows a moving average has none."""
    return sum(value.numel() for value in network.parameters())


class TimeConv(nn.Conv1d):
    """Convolution over time of (B, T, inputs) to (B, T, outputs), of an odd kernel, with zeros beyond both ends."""

    def __init__(self, inputs: int, outputs: int, kernel: int, **settings: Any) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, **settings)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolved sequence (B, T, outputs)."""
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


def stem(features: int, width: int) -> nn.Sequential:
    """What the published networks begin with: (B, T, features) to (B, T, width), convolution of 3, ReLU."""
    return nn.Sequential(TimeConv(features, width, 3), nn.ReLU())
