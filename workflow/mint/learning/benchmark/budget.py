"""How long every network of a preset is trained: the same for all, counted in iterations."""

from __future__ import annotations

from dataclasses import dataclass

from mint.config.benchmark import BenchmarkPreset
from mint.learning.networks.registry import Preset


@dataclass(frozen=True)
class Budget:
    """Iterations and windows of a batch; `sizes` of the networks; iterations between two looks at validation, which are
    also those between two checkpoints; at most so many validation windows of each look, evenly chosen."""

    iterations: int
    batch: int
    sizes: Preset
    look_every: int
    looked_at: int = 2000

    @property
    def warm_up(self) -> int:
        """Iterations in which the learning rate grows: 1,000 of the published 300,000, but at least a fiftieth."""
        return min(1000, max(1, self.iterations // 50))


# The published schedule: Schneider et al. 2024, section 4.1; the others keep its proportions.
BUDGETS: dict[BenchmarkPreset, Budget] = {
    "test": Budget(6, 8, "small", 3, 64),
    "small": Budget(300, 32, "small", 50, 500),
    "campaign": Budget(800, 32, "paper", 50, 500),
    "paper": Budget(300_000, 256, "paper", 5000),
}
