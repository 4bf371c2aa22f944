"""Which frames of a sequence have values, and where windows fit into them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mint.reader.sampling import Ints, Sampling


@dataclass(frozen=True)
class Runs:
    """Intervals [starts[i], stops[i]) of frames that have values, (r,) each, in time order; no two touch."""

    starts: Ints
    stops: Ints

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> Runs:
        """Runs of intervals in any order; those that touch or overlap become one."""
        merged: list[list[int]] = []
        for start, stop in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], stop)
            elif stop > start:
                merged.append([start, stop])
        edges = np.array(merged, dtype=np.int64).reshape(-1, 2)
        return cls(edges[:, 0], edges[:, 1])

    def __len__(self) -> int:
        """Number of frames."""
        return int((self.stops - self.starts).sum())

    @cached_property
    def _shifts(self) -> Ints:
        """How far the frames of each run lie above their rows."""
        lengths = self.stops - self.starts
        return self.starts - (np.cumsum(lengths) - lengths)

    def frames(self) -> Ints:
        """All frames, (f,): those of a table's rows."""
        parts = [np.arange(a, b) for a, b in zip(self.starts, self.stops, strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)

    def rows(self, frames: Ints) -> Ints:
        """Row of each frame in a table that has exactly these frames; -1 for a frame that is missing."""
        if not len(self.starts):
            return np.full(frames.shape, -1)
        run = np.maximum(np.searchsorted(self.starts, frames, side="right") - 1, 0)
        inside = (frames >= self.starts[run]) & (frames < self.stops[run])
        return np.where(inside, frames - self._shifts[run], -1)

    def within(self, spans: Iterable[tuple[int, int]]) -> Runs:
        """The frames that lie in one of some intervals too."""
        own = list(zip(self.starts, self.stops, strict=True))
        return Runs.of((max(int(a), start), min(int(b), stop)) for start, stop in spans for a, b in own)


def present_runs(intervals: pd.DataFrame) -> dict[str, Runs]:
    """Runs of every sequence (by id) in the table of intervals."""
    rows = intervals[intervals["present"].to_numpy(bool)]
    spans: dict[str, list[tuple[int, int]]] = {str(name): [] for name in intervals["sequence_id"].unique()}
    for name, start, stop in zip(rows["sequence_id"], rows["frame_start"], rows["frame_stop"], strict=True):
        spans[name].append((int(start), int(stop)))
    return {name: Runs.of(each) for name, each in spans.items()}


def window_starts(
    runs: Runs, sampling: Sampling, stride_frames: float, min_coverage: float
) -> tuple[Ints, NDArray[np.float64]]:
    """Frames (w,) at which windows of a sequence start, and the share (w,) of their samples that has all its frames.

    Windows free of gaps (`min_coverage` 1) begin anew with every run, so that each gives as many as fit. Others step
    from the first frame of the sequence to its last, across gaps.
    """
    if not len(runs.starts):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    if min_coverage >= 1:
        parts = [_steps(int(a), int(b), sampling, stride_frames) for a, b in zip(runs.starts, runs.stops, strict=True)]
        starts = np.concatenate(parts)
        return starts, np.ones(len(starts))
    starts = _steps(int(runs.starts[0]), int(runs.stops[-1]), sampling, stride_frames)
    there = (runs.rows(starts[:, None, None] + sampling.offsets) >= 0).all(axis=2)
    coverage = there.mean(axis=1)
    enough = coverage >= min_coverage
    return starts[enough], coverage[enough]


def _steps(start: int, stop: int, sampling: Sampling, stride_frames: float) -> Ints:
    """Starts of the windows that lie within [start, stop), whole frames nearest to even steps."""
    first, last = start - sampling.first, stop - 1 - sampling.last
    if last < first:
        return np.zeros(0, dtype=np.int64)
    steps = np.arange(int((last - first) / stride_frames) + 2)
    starts = first + np.floor(steps * stride_frames + 0.5).astype(np.int64)
    return starts[starts <= last]
