"""What a training makes small: differences of activation, of its course, and of its change from sample to sample."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn import functional

# A muscle that varies less than this over a window has no course to follow [1]; below it noise would be learned.
_LEAST_SD = 0.01


@dataclass(frozen=True)
class Loss:
    """Weights of the parts of a loss. All parts leave out values that are missing.

    `published`: SmoothL1 on all outputs (Schneider et al. 2024, section 4.1), nothing else. Otherwise squared
    differences, with `scaled` in units of each muscle's own spread, so that weak muscles count as much as strong ones;
    plus `correlation` times one minus Pearson's correlation over the time of a window, plus `difference` times squared
    differences of the change from sample to sample.
    """

    published: bool = False
    scaled: bool = True
    correlation: float = 0.0
    difference: float = 0.0

    def of(self, output: torch.Tensor, target: torch.Tensor, spread: torch.Tensor) -> torch.Tensor:
        """The loss, a scalar: `output`, `target (B, T, C)`, NaN where a value is missing, `spread (C,)` of muscles."""
        known = torch.isfinite(target)
        target = torch.where(known, target, output.detach())
        count = known.sum().clamp(min=1)
        if self.published:
            return (functional.smooth_l1_loss(output, target, reduction="none") * known).sum() / count
        scale = spread if self.scaled else torch.full_like(spread, float(spread.square().mean().sqrt()))
        error = (output - target) / scale
        loss = (error.square() * known).sum() / count
        if self.difference:
            both = known[:, 1:] & known[:, :-1]
            change = (error[:, 1:] - error[:, :-1]).square()
            loss = loss + self.difference * (change * both).sum() / both.sum().clamp(min=1)
        if self.correlation:
            loss = loss + self.correlation * uncorrelated(output, target, known)
        return loss


def uncorrelated(output: torch.Tensor, target: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """One minus Pearson's correlation over time, mean over windows and muscles that are known throughout and vary."""
    x, y = output - output.mean(dim=1, keepdim=True), target - target.mean(dim=1, keepdim=True)
    covariance = (x * y).mean(dim=1)
    varies = known.all(dim=1) & (y.square().mean(dim=1) > _LEAST_SD**2)
    product = (x.square().mean(dim=1) + _LEAST_SD**2) * y.square().mean(dim=1).clamp(min=_LEAST_SD**2)
    return ((1 - covariance / product.sqrt()) * varies).sum() / varies.sum().clamp(min=1)
