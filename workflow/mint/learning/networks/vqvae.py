"""The VQ-VAE of Muscles in Time, section 5: the motion tokenizer of T2M-GPT (Zhang et al. 2023, section 3.1) with
muscles as output.

Of the reference, besides sizes: residual blocks shrink their dilation (9, 3, 1) in encoder and decoder; in a block,
activation comes before convolution.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from mint.learning.networks.codebook import Codebook
from mint.learning.networks.network import Network

_STRIDE = 2


class VqVae(Network):
    """Encoder to one vector of `code` values per 4 frames (`halvings` 2), the nearest of `codes` codes, decoder.

    A sequence whose length is no multiple of 4 is continued by its last frame and cut afterwards.
    """

    name = "vqvae"
    outer = ("encoder.0.*", "encoder.2.*", "decoder.last.*")

    def __init__(
        self,
        features: int,
        muscles: int,
        *,
        width: int = 256,
        code: int = 512,
        codes: int = 402,
        halvings: int = 2,
        depth: int = 3,
        growth: int = 3,
        keep: float = 0.99,
        commitment: float = 0.02,
    ) -> None:
        super().__init__()
        self.multiple, self.commitment = _STRIDE**halvings, commitment
        self.encoder = nn.Sequential(
            nn.Conv1d(features, width, 3, padding=1),
            nn.ReLU(),
            *(
                nn.Sequential(
                    nn.Conv1d(width, width, 2 * _STRIDE, _STRIDE, _STRIDE // 2), *_blocks(width, depth, growth)
                )
                for _ in range(halvings)
            ),
            nn.Conv1d(width, code, 3, padding=1),
        )
        self.codebook = Codebook(codes, code, keep)
        self.decoder = nn.Sequential()
        self.decoder.append(nn.Conv1d(code, width, 3, padding=1)).append(nn.ReLU())
        for _ in range(halvings):
            self.decoder.append(
                nn.Sequential(*_blocks(width, depth, growth), _Doubled(), nn.Conv1d(width, width, 3, padding=1))
            )
        self.decoder.append(nn.Conv1d(width, width, 3, padding=1)).append(nn.ReLU())
        self.decoder.add_module("last", nn.Conv1d(width, muscles, 3, padding=1))
        self._distance: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, T, muscles) of features (B, T, features). In training mode the codebook learns."""
        length = x.shape[1]
        beyond = -length % self.multiple
        x = torch.cat([x, x[:, -1:].expand(-1, beyond, -1)], dim=1)
        latent = self.encoder(x.transpose(1, 2)).transpose(1, 2)
        if self.training:
            self.codebook.start(latent.flatten(0, 1))
        index = self.codebook.nearest(latent)
        coded = F.embedding(index, self.codebook.codes)
        if self.training:
            self._distance = F.mse_loss(latent, coded)
            self.codebook.learn(latent.detach().flatten(0, 1), index.flatten())
        # The gradient passes the choice of codes as if it were not there (van den Oord et al. 2017, section 3.2).
        coded = latent + (coded - latent).detach()
        return self.decoder(coded.transpose(1, 2)).transpose(1, 2)[:, :length]

    def penalty(self) -> torch.Tensor:
        """Commitment: mean squared distance of encoded vectors from their codes, weighted (van den Oord et al. 2017,
        equation 3, third term)."""
        return super().penalty() if self._distance is None else self.commitment * self._distance

    def __getstate__(self) -> dict[str, Any]:
        # A copy of a network is without the graph of its last batch, which cannot be copied.
        return {**self.__dict__, "_distance": None}


class _Residual(nn.Module):
    """x + convolution of kernel 1 of a dilated convolution of kernel 3, each after ReLU, of (B, width, T)."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.dilated = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.pointwise = nn.Conv1d(width, width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.pointwise(torch.relu(self.dilated(torch.relu(x))))


class _Doubled(nn.Module):
    """Every frame twice, (B, width, T) to (B, width, 2 T): nearest up-sampling whose gradient is deterministic on every
    device."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.unsqueeze(3).expand(-1, -1, -1, _STRIDE).flatten(2)


def _blocks(width: int, depth: int, growth: int) -> list[_Residual]:
    """Residual blocks of shrinking dilation, growth^(depth - 1) to 1."""
    return [_Residual(width, growth**k) for k in reversed(range(depth))]
