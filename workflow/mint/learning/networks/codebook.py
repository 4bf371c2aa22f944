"""A codebook that follows the mean of what is coded (van den Oord et al. 2017, appendix A.1), with reset of codes that
nothing is near to (Dhariwal et al. 2020, Jukebox, section 3.1)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

_USED = 1.0
_JITTER = 0.01


class Codebook(nn.Module):
    """K codes of D values. Training moves them towards the vectors that they stand for, by a moving average.

    Codes, sums and counts are buffers: saved and loaded, changed by `learn` alone, and never by a gradient. Before the
    first `learn` all codes are zero.
    """

    codes: torch.Tensor
    sums: torch.Tensor
    counts: torch.Tensor

    def __init__(self, count: int, width: int, keep: float) -> None:
        super().__init__()
        self.keep = keep
        self.register_buffer("codes", torch.zeros(count, width))
        self.register_buffer("sums", torch.zeros(count, width))
        self.register_buffer("counts", torch.zeros(count))

    @torch.no_grad()
    def nearest(self, vectors: torch.Tensor) -> torch.Tensor:
        """Indices (...) of the codes that are nearest to vectors (..., D)."""
        # The vector's own square is the same for all codes.
        return ((self.codes**2).sum(dim=1) - 2 * vectors @ self.codes.T).argmin(dim=-1)

    @torch.no_grad()
    def start(self, vectors: torch.Tensor) -> None:
        """Begin with codes at vectors (M, D), unless there are codes already."""
        if not self.counts.any():
            self.codes.copy_(self._candidates(vectors))
            self.sums.copy_(self.codes)
            self.counts.fill_(1.0)

    @torch.no_grad()
    def learn(self, vectors: torch.Tensor, index: torch.Tensor) -> None:
        """Move codes towards the vectors (M, D) that they stood for, `index (M,)`.

        A code whose moving count is below 1 takes a vector of this batch (T2M-GPT, Zhang et al. 2023, section 3.1); its
        moving sum and count go on as they were, as in the reference.
        """
        # A product with one-hot vectors is deterministic on every device, a scattered sum is not.
        stood = F.one_hot(index, len(self.counts)).to(vectors)
        self.sums.lerp_(stood.T @ vectors, 1 - self.keep)
        self.counts.lerp_(stood.sum(dim=0), 1 - self.keep)
        used = (self.counts >= _USED).unsqueeze(1)
        mean = self.sums / self.counts.clamp(min=_USED).unsqueeze(1)
        self.codes.copy_(torch.where(used, mean, self._candidates(vectors)))

    def _candidates(self, vectors: torch.Tensor) -> torch.Tensor:
        """A vector (K, D) for every code: the first of the batch; all of them again with a little noise where there are
        fewer vectors than codes, so that no two codes are equal."""
        count, width = self.codes.shape
        if len(vectors) < count:
            vectors = vectors.repeat(-(-count // len(vectors)), 1)
            vectors = vectors + torch.randn_like(vectors) * _JITTER / width**0.5
        return vectors[:count]
