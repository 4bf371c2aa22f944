"""What networks learn from, in memory: features and activations of all sequences, cut into windows by split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.learning.data.grid import RATE_HZ
from mint.learning.data.recording import Label, Recording
from mint.learning.data.splits import SPLITS
from mint.learning.data.windows import LENGTH, Track, Windows, windows_of
from mint.learning.motion.sets import FEATURE_SETS

Floats32 = NDArray[np.float32]
Integers = NDArray[np.int64]

# Farther from the mean of training than so many standard deviations is not told apart: it would run away.
FARTHEST = 10.0
_CONSTANT = 1e-5
# A muscle that hardly moves in training is not blown up [1].
_LEAST_SPREAD = 0.01


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
    """Windows of features, in standard deviations, and of activations of the C muscles that the dataset has, by split.

    `labels` split -> of each window its actions and groups of activities; `mean` and `spread (C,)` of activations in
    training; `muscle_mirror (C,)` the column of the other side.
    """

    feature_set: str
    windows: Mapping[str, Windows]
    labels: Mapping[str, list[tuple[str, ...]]]
    scale: Scale
    muscles: tuple[str, ...]
    mean: Floats32
    spread: Floats32
    muscle_mirror: Integers
    digest: str

    def batch(self, split: str, which: NDArray[np.integer]) -> tuple[torch.Tensor, torch.Tensor]:
        """Features (B, 28, D) and activations (B, 28, C) of windows `which (B,)` of a split."""
        features, activations = self.windows[split].gather(which)
        return torch.from_numpy(features), torch.from_numpy(activations)

    def mirrored(self, inputs: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The same windows seen in a mirror, left and right exchanged."""
        order, sign = (torch.from_numpy(each) for each in FEATURE_SETS[self.feature_set].mirror)
        mean, spread = torch.from_numpy(self.scale.mean), torch.from_numpy(self.scale.spread)
        # The value as it was, mirrored, in standard deviations of the feature that it becomes; without a spread: 0.
        known = torch.isfinite(spread)
        raw = inputs[..., order] * torch.where(known, spread, 0.0)[order] + mean[order]
        out = torch.where(known, (raw * sign - mean) / torch.where(known, spread, 1.0), 0.0)
        return out.clamp(-FARTHEST, FARTHEST), target[..., torch.from_numpy(self.muscle_mirror)]

    def every(self, split: str) -> Integers:
        """Numbers of all windows of a split."""
        return np.arange(len(self.windows[split]))

    def some(self, split: str, most: int) -> Integers:
        """Numbers of at most so many windows of a split, evenly chosen."""
        count = len(self.windows[split])
        return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def load(folder: Path, rows: Sequence[Mapping[str, Any]], feature_set: str, mirror: Mapping[str, str]) -> Examples:
    """Read the examples of all sequences of an index (`mint.learning.benchmark.index.EXAMPLES`) with a split.

    `mirror` names the muscle of the other side. Raises StageError where training, validation or test has no window.
    """
    tracks: dict[str, list[Track]] = {split: [] for split in SPLITS}
    labels: dict[str, list[tuple[str, ...]]] = {split: [] for split in SPLITS}
    muscles: tuple[str, ...] = ()
    hasher = sha256(feature_set.encode())
    for row in rows:
        split, name = str(row["split"]), str(row["sequence_id"])
        if split not in SPLITS or row["left_out"]:
            continue
        bundle = Bundle.read(folder / f"{name}.npz")
        muscles = tuple(bundle.names("muscles"))
        track = Track(name, 0, bundle[feature_set], bundle["activations"], bundle["stretch"])
        tracks[split].append(track)
        intervals = [Label(start, stop, tuple(actions), tuple(groups))
                     for start, stop, actions, groups in bundle.meta["labels"]]
        recording = Recording(name, row["data_path"], row["dataset"], row["person"], "", np.nan, np.nan, split,
                              tuple(row["activities"]), tuple(row["actions"]))
        labels[split] += [tuple(dict.fromkeys((*each.actions, *each.groups))) for each in
                          windows_of(split, [track]).labels({name: recording}, {name: intervals})]
        hasher.update(f"{name}|{split}|{row['digest']}|".encode())
    counts = {split: len(each) for split, each in labels.items()}
    if not all(counts.values()):
        lacking = ", ".join(split for split in SPLITS if not counts[split])
        raise StageError(Reason.FIELD_VALUE, f"{lacking}: no window of {LENGTH / RATE_HZ:g} s without a gap; there are "
                         + ", ".join(f"{count} for {split}" for split, count in counts.items()),
                         remedy="benchmark.split, or more sequences; examples.parquet says what each gives")
    training = windows_of("train", tracks["train"])
    used = training.used_rows()
    scale = Scale.of(training.features[used])
    targets = training.activations[used]
    there: NDArray[np.bool_] = np.asarray(np.isfinite(targets).any(axis=0))
    kept = tuple(name for name, known in zip(muscles, there, strict=True) if known)
    spread = np.nanstd(targets[:, there], axis=0, dtype=np.float64)
    windows = {split: windows_of(split, [
        replace(each, features=scale(each.features), activations=np.ascontiguousarray(each.activations[:, there]))
        for each in own]) for split, own in tracks.items()}
    place = {name: i for i, name in enumerate(kept)}
    return Examples(
        feature_set, windows, labels, scale, kept,
        np.asarray(np.nanmean(targets[:, there], axis=0, dtype=np.float64), dtype=np.float32),
        np.maximum(spread, _LEAST_SPREAD).astype(np.float32),
        np.array([place.get(mirror.get(name, name), i) for name, i in place.items()], dtype=np.int64),
        hasher.hexdigest())
