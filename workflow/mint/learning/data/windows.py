"""Windows of features and activations that touch no gap, cut out of all sequences at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.learning.data.grid import Ints
from mint.learning.data.recording import Floats, Label, Recording
from mint.learning.motion.joints import RATE_HZ

LENGTH = 28  # 1.4 s at 20/s: the windows of Muscles in Time, section 4
STRIDE = 2


@dataclass(frozen=True)
class Track:
    """A sequence on the grid, from sample `first_k` on: `features (n, D)`, `activations (n, M)`, `stretch (n,)`, which
    numbers runs without a gap, -1 where the activation is missing."""

    name: str
    first_k: int
    features: Floats
    activations: Floats
    stretch: Ints


@dataclass(frozen=True)
class WindowLabels:
    """What is done in a window: categories of BABEL and their groups, each sorted."""

    actions: tuple[str, ...]
    groups: tuple[str, ...]


class Windows:
    """Windows of `length` samples of some sequences, every `stride` samples from the start of each run without a gap.

    `sequence (w,)` is a window's place in `names`, `k (w,)` its first sample, in seconds k / 20. Arrays of all
    sequences lie in one block each, so that a batch is one look-up.
    """

    def __init__(self, tracks: Sequence[Track], length: int = LENGTH, stride: int = STRIDE) -> None:
        if length < 1 or stride < 1:
            raise ValueError(f"length {length} and stride {stride} must be at least 1")
        self.length, self.stride = length, stride
        self.names = tuple(each.name for each in tracks)
        self.features = _joined([each.features for each in tracks])
        self.activations = _joined([each.activations for each in tracks])
        sizes = np.array([len(each.stretch) for each in tracks], dtype=np.int64)
        starts = [window_starts(each.stretch, length, stride) for each in tracks]
        counts = [len(each) for each in starts]
        self.sequence: Ints = np.repeat(np.arange(len(tracks)), counts)
        within = np.concatenate([np.zeros(0, dtype=np.int64), *starts])
        self.k: Ints = within + np.repeat(np.array([each.first_k for each in tracks], dtype=np.int64), counts)
        self._row: Ints = within + np.repeat(np.cumsum(sizes) - sizes, counts)

    def __len__(self) -> int:
        return len(self.k)

    def gather(self, which: NDArray[np.integer] | Sequence[int]) -> tuple[Floats, Floats]:
        """Features (B, length, D) and activations (B, length, M), float32, of windows (B,)."""
        rows = self._row[np.asarray(which, dtype=np.int64)][:, None] + np.arange(self.length)
        return self.features[rows], self.activations[rows]

    def used_rows(self) -> Ints:
        """Rows of `features` and `activations` that some window has, each once."""
        return np.unique(self._row[:, None] + np.arange(self.length))

    def labels(
        self, recordings: Mapping[str, Recording], intervals: Mapping[str, Sequence[Label]]
    ) -> list[WindowLabels]:
        """Labels of every window: of the intervals that cover at least half of it; of its whole recording where that
        has no intervals.

        A window lasts from its first sample to the one after its last; both mappings are by name of the sequence.
        """
        out: list[WindowLabels] = []
        for i, name in enumerate(self.names):
            starts = self.k[self.sequence == i] / RATE_HZ
            stops = starts + self.length / RATE_HZ
            given = intervals.get(name, ())
            edges = np.array([(label.start_s, label.stop_s) for label in given], dtype=np.float64).reshape(-1, 2)
            shared = np.minimum(stops[:, None], edges[:, 1]) - np.maximum(starts[:, None], edges[:, 0])
            # Times of labels have decimals that a float has not: half is half.
            half = shared >= 0.5 * self.length / RATE_HZ - 1e-9
            whole = WindowLabels(tuple(sorted(recordings[name].actions)), tuple(sorted(recordings[name].activities)))
            out += [_together([given[int(j)] for j in np.flatnonzero(row)]) if given else whole for row in half]
        return out


def windows_of(split: str, tracks: Sequence[Track], length: int = LENGTH, stride: int = STRIDE) -> Windows:
    """Windows of the sequences of a split: in training every `stride` samples, else not overlapping."""
    return Windows(tracks, length, stride if split == "train" else length)


def window_starts(stretch: Ints, length: int, stride: int) -> Ints:
    """Rows (w,) of the first samples of windows of a sequence, anew from the start of each run of `stretch (n,)` that
    is not -1."""
    edges = np.flatnonzero(np.diff(stretch, prepend=-2, append=-2))
    starts, stops = edges[:-1], edges[1:]
    there = stretch[starts] >= 0
    parts = [
        np.arange(start, stop - length + 1, stride) for start, stop in zip(starts[there], stops[there], strict=True)
    ]
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _together(labels: Sequence[Label]) -> WindowLabels:
    return WindowLabels(
        tuple(sorted({action for label in labels for action in label.actions})),
        tuple(sorted({group for label in labels for group in label.groups})),
    )


def _joined(arrays: Sequence[Floats]) -> Floats:
    """Arrays (n, D) below each other, float32."""
    if not arrays:
        return np.zeros((0, 0), dtype=np.float32)
    return np.concatenate(arrays, axis=0, dtype=np.float32)
