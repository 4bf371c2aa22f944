"""What networks learn from, in memory: features and activations of all sequences, cut into windows by split."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.learning.data.recording import Label, Recording
from mint.learning.data.splits import SPLITS
from mint.learning.data.windows import LENGTH, Track, Windows, windows_of
from mint.learning.motion.joints import RATE_HZ
from mint.learning.motion.sets import FEATURE_SETS

Floats32 = NDArray[np.float32]
Integers = NDArray[np.int64]

# Farther from the mean of training than so many standard deviations is not told apart: it would run away.
FARTHEST = 10.0
_CONSTANT = 1e-5
_BATCH = 512
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
        return cls.of_moments(values.mean(axis=0, dtype=np.float64), values.std(axis=0, dtype=np.float64))

    @classmethod
    def of_moments(cls, mean: NDArray[np.float64], spread: NDArray[np.float64]) -> Scale:
        """That of a mean and a spread `(D,)`."""
        spread = np.where(spread > _CONSTANT * (1 + np.abs(mean)), spread, np.inf)
        return cls(mean.astype(np.float32), spread.astype(np.float32))

    def __call__(self, values: Floats32) -> Floats32:
        """Rows `(n, D)` in standard deviations from the mean."""
        out = np.asarray(values, dtype=np.float32) - self.mean
        out /= self.spread
        return np.clip(out, -FARTHEST, FARTHEST, out=out)


@dataclass(frozen=True)
class Examples:
    """Windows of features, in standard deviations, and of activations of the C muscles that the dataset has, by split.

    `labels` split -> of each window its actions, then its groups of activities, which share names with actions: `walk
    (group)`; `mean` and `spread (C,)` of activations in
    training; `muscle_mirror (C,)` the column of the other side, -1 where the dataset has none.
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
        other = torch.from_numpy(self.muscle_mirror)
        return out.clamp(-FARTHEST, FARTHEST), torch.where(other < 0, torch.nan, target[..., other.clamp(min=0)])

    def every(self, split: str) -> Integers:
        """Numbers of all windows of a split."""
        return np.arange(len(self.windows[split]))

    def some(self, split: str, most: int) -> Integers:
        """Numbers of at most so many windows of a split, evenly chosen."""
        return evenly(len(self.windows[split]), most)


def evenly(count: int, most: int) -> Integers:
    """At most so many of `count` numbers from 0 on, evenly chosen."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def batches(which: Integers, size: int = _BATCH) -> Iterator[Integers]:
    """Windows, a batch after the other."""
    return (which[first : first + size] for first in range(0, len(which), size))


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
        intervals = [
            Label(start, stop, tuple(actions), tuple(groups)) for start, stop, actions, groups in bundle.meta["labels"]
        ]
        recording = Recording(
            name,
            row["data_path"],
            row["dataset"],
            row["person"],
            "",
            np.nan,
            np.nan,
            split,
            tuple(row["activities"]),
            tuple(row["actions"]),
        )
        labels[split] += [
            (*each.actions, *(f"{group} (group)" for group in each.groups))
            for each in windows_of(split, [track]).labels({name: recording}, {name: intervals})
        ]
        hasher.update(f"{name}|{split}|{row['digest']}|".encode())
    counts = {split: len(each) for split, each in labels.items()}
    if not all(counts.values()):
        lacking = ", ".join(split for split in SPLITS if not counts[split])
        raise StageError(
            Reason.FIELD_VALUE,
            f"{lacking}: no window of {LENGTH / RATE_HZ:g} s without a gap; there are "
            + ", ".join(f"{count} for {split}" for split, count in counts.items()),
            remedy="benchmark.split, or more sequences; examples.parquet says what each gives",
        )
    scale, mean, spread, there = _moments(tracks["train"])
    kept = tuple(name for name, known in zip(muscles, there, strict=True) if known)
    windows = {}
    for split in SPLITS:
        # What is raw goes as soon as it is scaled: of a whole corpus both would not fit.
        scaled = []
        while tracks[split]:
            each = tracks[split].pop(0)
            scaled.append(replace(each, features=scale(each.features), activations=each.activations[:, there]))
        windows[split] = windows_of(split, scaled)
    place = {name: i for i, name in enumerate(kept)}
    return Examples(
        feature_set,
        windows,
        labels,
        scale,
        kept,
        mean[there],
        spread[there],
        np.array([place.get(mirror.get(name, name), -1) for name in kept], dtype=np.int64),
        hasher.hexdigest(),
    )


def _moments(tracks: Sequence[Track]) -> tuple[Scale, Floats32, Floats32, NDArray[np.bool_]]:
    """Scale of the features; mean and spread of activations and which are there, each `(402,)`; over the rows that
    windows of training use, sequence by sequence."""
    count = 0
    features = np.zeros((2, tracks[0].features.shape[1]))
    activations = np.zeros((3, tracks[0].activations.shape[1]))
    # About a first guess of the mean, so that squares of large numbers do not swallow small spreads.
    guess = tracks[0].features.mean(axis=0, dtype=np.float64)
    for each in tracks:
        rows = windows_of("train", [each]).used_rows()
        some = each.features[rows] - guess
        count += len(rows)
        features += [some.sum(axis=0), (some**2).sum(axis=0)]
        values = each.activations[rows].astype(np.float64)
        known = np.isfinite(values)
        values[~known] = 0.0
        activations += [known.sum(axis=0), values.sum(axis=0), (values**2).sum(axis=0)]
    centre = features[0] / count
    scale = Scale.of_moments(guess + centre, np.sqrt(np.maximum(features[1] / count - centre**2, 0.0)))
    number = np.maximum(activations[0], 1)
    mean = activations[1] / number
    spread = np.sqrt(np.maximum(activations[2] / number - mean**2, 0.0))
    return (scale, mean.astype(np.float32), np.maximum(spread, _LEAST_SPREAD).astype(np.float32), activations[0] > 0)
