"""How long every network of a preset is trained: the same for all, counted in iterations."""

from __future__ import annotations

from dataclasses import dataclass

from mint.config.benchmark import BenchmarkPreset
from mint.learning.networks.registry import Preset
from mint.learning.training import Schedule


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
    "campaign": Budget(600, 32, "paper", 50, 500),
    "paper": Budget(300_000, 256, "paper", 5000),
}


@dataclass(frozen=True)
class FinetuningBudget:
    """Epochs of fine-tuning on EMG, windows of a batch, the most steps (0: any number), and the most windows that are
    learned from, evenly chosen (0: all)."""

    epochs: int
    batch: int
    most_steps: int
    windows: int

    def schedule(self, rate: float) -> Schedule:
        """What is trained with this learning rate."""
        return Schedule(self.epochs, self.batch, rate, self.most_steps)


# As the authors train on MIA: 300,000 steps of 128 windows (motion2muscle, train_trans_mia.sh at afcc10e1).
FINETUNING: dict[BenchmarkPreset, FinetuningBudget] = {
    "test": FinetuningBudget(1, 8, 0, 64),
    "small": FinetuningBudget(5, 32, 0, 4000),
    "campaign": FinetuningBudget(10, 32, 0, 2000),
    "paper": FinetuningBudget(300_000, 128, 300_000, 0),
}
