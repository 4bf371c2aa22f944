"""What networks learn from, in memory: features and activations of all sequences, and where windows start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.learning.data.windows import window_labels, window_starts
from mint.learning.motion.sets import FEATURE_SETS

Floats32 = NDArray[np.float32]
Integers = NDArray[np.int64]

WINDOW = 28  # samples at 20 frames/s: 1.4 s (Schneider et al. 2024, section 4)
RATE_HZ = 20.0
SPLITS = ("train", "val", "test")
# In training windows start so many samples apart; elsewhere they do not overlap.
_STRIDE = {"train": 2, "val": WINDOW, "test": WINDOW}
# Farther from the mean of training than so many standard deviations is not told apart: it would run away.
FARTHEST = 10.0
_CONSTANT = 1e-5


@dataclass(frozen=True)
class Scale:
    """Mean and spread `(D,)` of features in training. What did not vary there has no spread: it says nothing."""

    mean: Floats32
    spread: Floats32

    @classmethod
    def of(cls, values: Floats32) -> Scale:
        """That of rows `(n, D)`."""
        mean, spread = values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64)
        spread = np.where(spread > _CONSTANT * (1 + np.abs(mean)), spread, np.inf)
        return cls(mean.astype(np.float32), spread.astype(np.float32))

    def __call__(self, values: Floats32) -> Floats32:
        """Rows `(n, D)` in standard deviations from the mean."""
        return np.clip((values - self.mean) / self.spread, -FARTHEST, FARTHEST).astype(np.float32)


@dataclass(frozen=True)
class Examples:
    """Rows of all sequences one after the other: `features (rows, D)` in standard deviations, `activations (rows, C)`
    of the muscles that the dataset has, NaN in gaps. `starts` split -> (w,) first row of each window, `labels` split ->
    its actions, `names` split -> its sequence. `mirror`: of features `order (D,), sign (D,)`, before scaling, and of
    muscles `order (C,)`."""

    feature_set: str
    features: Floats32
    activations: Floats32
    scale: Scale
    muscles: tuple[str, ...]
    starts: Mapping[str, Integers]
    labels: Mapping[str, list[tuple[str, ...]]]
    names: Mapping[str, list[str]]
    first_row: Mapping[str, int]
    digest: str
    muscle_mirror: Integers

    def windows(self, starts: Integers) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (B, 28, D) and activations (B, 28, C) of the windows that start at rows `starts (B,)`."""
        rows = starts[:, None] + np.arange(WINDOW)
        return torch.from_numpy(self.features[rows]), torch.from_numpy(self.activations[rows])

    def mirrored(self, inputs: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The same windows seen in a mirror, left and right exchanged."""
        order, sign = FEATURE_SETS[self.feature_set].mirror()
        mean, spread = torch.from_numpy(self.scale.mean), torch.from_numpy(self.scale.spread)
        turn, signs = torch.from_numpy(order), torch.from_numpy(sign.astype(np.float32))
        # The mirrored value of a feature, in standard deviations of the feature that it becomes; without a spread: 0.
        known = torch.isfinite(spread)
        raw = inputs[..., turn] * torch.where(known, spread, 0.0)[turn] + mean[turn]
        out = torch.where(known, (raw * signs - mean) / torch.where(known, spread, 1.0), 0.0)
        return out.clamp(-FARTHEST, FARTHEST), target[..., torch.from_numpy(self.muscle_mirror)]

    @property
    def spread(self) -> Floats32:
        """Standard deviation (C,) of each activation in training, at least a hundredth."""
        rows = np.unique(self.starts["train"][:, None] + np.arange(WINDOW))
        found = np.nanstd(self.activations[rows], axis=0, dtype=np.float64)
        return np.maximum(np.nan_to_num(found), 0.01).astype(np.float32)

    @property
    def mean(self) -> Floats32:
        """Mean (C,) of each activation in training."""
        rows = np.unique(self.starts["train"][:, None] + np.arange(WINDOW))
        return np.asarray(np.nanmean(self.activations[rows], axis=0, dtype=np.float64), dtype=np.float32)


def load(folder: Path, rows: Sequence[Mapping[str, Any]], feature_set: str, mirror: Mapping[str, str]) -> Examples:
    """Read the examples of all sequences of an index (`mint.learning.benchmark.tables.EXAMPLES`) with a split.

    `mirror` names the muscle of the other side. Raises StageError where training, validation or test has no window.
    """
    features, activations, at = [], [], 0
    starts: dict[str, list[Integers]] = {split: [] for split in SPLITS}
    labels: dict[str, list[tuple[str, ...]]] = {split: [] for split in SPLITS}
    names: dict[str, list[str]] = {split: [] for split in SPLITS}
    first_row: dict[str, int] = {}
    hasher = sha256(feature_set.encode())
    muscles: tuple[str, ...] = ()
    for row in rows:
        split, name = str(row["split"]), str(row["sequence_id"])
        if split not in SPLITS or row["left_out"]:
            continue
        bundle = Bundle.read(folder / f"{name}.npz")
        muscles = tuple(bundle.names("muscles"))
        found = window_starts(bundle["stretch"], WINDOW, _STRIDE[split])
        starts[split].append(found + at)
        labels[split] += window_labels(found, WINDOW, RATE_HZ, bundle.meta["labels"], tuple(row["actions"]))
        names[split] += [name] * len(found)
        features.append(bundle[feature_set])
        activations.append(bundle["activations"])
        first_row[name] = at
        at += len(bundle["stretch"])
        hasher.update(f"{name}|{split}|{row['digest']}|".encode())
    joined = {split: np.concatenate([np.zeros(0, np.int64), *each]) for split, each in starts.items()}
    if lacking := [split for split in SPLITS if not len(joined[split])]:
        raise StageError(Reason.FIELD_VALUE, f"no window of {WINDOW / RATE_HZ:g} s without a gap for "
                         f"{', '.join(lacking)}; there are "
                         + ", ".join(f"{len(joined[split])} for {split}" for split in SPLITS),
                         remedy="benchmark.split, or more sequences; examples.parquet says what each gives")
    values, targets = np.concatenate(features), np.concatenate(activations)
    used = np.unique(joined["train"][:, None] + np.arange(WINDOW))
    there = np.isfinite(targets[used]).any(axis=0)
    kept = tuple(name for name, known in zip(muscles, there, strict=True) if known)
    scale = Scale.of(values[used])
    return Examples(feature_set, scale(values), np.ascontiguousarray(targets[:, there]), scale, kept, joined, labels,
                    names, first_row, hasher.hexdigest(),
                    np.array([kept.index(mirror.get(name, name)) if mirror.get(name, name) in kept else i
                              for i, name in enumerate(kept)], dtype=np.int64))
