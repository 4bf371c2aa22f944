"""Windows become one series: buffers cut, seams cross-faded, gaps left open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import BUFFER_FRAMES, Window

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Seam:
    """Windows `before` and `after` (positions in the list) meet at `frame`, the first that `after` keeps."""

    before: int
    after: int
    frame: int


def seams(windows: Sequence[Window]) -> list[Seam]:
    """Seams of accepted windows in time order; none where a gap lies between two of them."""
    return [Seam(i, i + 1, b.keep_start) for i, (a, b) in enumerate(pairwise(windows)) if a.keep_stop == b.keep_start]


def kept_frames(windows: Sequence[Window]) -> NDArray[np.int64]:
    """All frames that the windows keep, in order."""
    parts = [np.arange(w.keep_start, w.keep_stop) for w in windows]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def gaps(windows: Sequence[Window], first: int, last: int) -> list[tuple[int, int]]:
    """Frame intervals [start, stop) of [first, last) that no window keeps."""
    out = []
    at = first
    for window in windows:
        if window.keep_start > at:
            out.append((at, window.keep_start))
        at = window.keep_stop
    if at < last:
        out.append((at, last))
    return out


def weight(frames: NDArray[np.int64], seam: int, margin: int = BUFFER_FRAMES) -> Floats:
    """Share of the later window around a seam: 0 until `margin` frames before it, 1 from as many after it.

    A raised cosine, so that neither value nor slope of the sum jumps where the fade begins and ends.
    """
    s = np.clip((frames - (seam - margin)) / (2 * margin), 0.0, 1.0)
    return 0.5 - 0.5 * np.cos(np.pi * s)


def fade(
    windows: Sequence[Window], seam: Seam, margin: int = BUFFER_FRAMES, *, beyond: bool = False
) -> tuple[int, int]:
    """First and last frame around a seam that both windows solve and one of them keeps.

    With `beyond` also those that the first and the last of all windows do not keep: a fade that a window of few frames
    would cut short then goes on to its end.
    """
    a, b = windows[seam.before], windows[seam.after]
    first = b.start if beyond and seam.before == 0 else max(b.start, a.keep_start)
    last = a.stop if beyond and seam.after == len(windows) - 1 else min(a.stop, b.keep_stop - 1)
    return max(seam.frame - margin, first), min(seam.frame + margin, last)


def faded(windows: Sequence[Window], seam: Seam, margin: int = BUFFER_FRAMES) -> NDArray[np.int64]:
    """Kept frames of a fade."""
    first, last = fade(windows, seam, margin)
    return np.arange(first, last + 1)


def hard_cut(windows: Sequence[Window], values: Sequence[Floats]) -> Floats:
    """Kept frames of each window one after the other; `values[i]` is (nodes of window i, ...)."""
    return np.concatenate(
        [v[w.keep_start - w.start : w.keep_stop - w.start] for w, v in zip(windows, values, strict=True)]
    )


def blend(windows: Sequence[Window], values: Sequence[Floats], margin: int = BUFFER_FRAMES) -> Floats:
    """Series over `kept_frames(windows)`, cross-faded at every seam.

    `windows` in time order, `values[i]` of shape (nodes of window i, ...) with one trailing shape.
    """
    out = hard_cut(windows, values)
    frames = kept_frames(windows)
    for seam in seams(windows):
        around = faded(windows, seam, margin)
        w = weight(around, seam.frame, margin).reshape(-1, *[1] * (out.ndim - 1))
        a = values[seam.before][around - windows[seam.before].start]
        b = values[seam.after][around - windows[seam.after].start]
        out[np.searchsorted(frames, around)] = (1 - w) * a + w * b
    return out


def aligned_turns(windows: Sequence[Window], angles: Sequence[Floats]) -> list[Floats]:
    """Angles (nodes, m) rad of each window, shifted by whole turns so that neighbours agree."""
    out = [np.array(values, dtype=float) for values in angles]
    for seam in seams(windows):
        around = faded(windows, seam)
        a = out[seam.before][around - windows[seam.before].start]
        b = out[seam.after][around - windows[seam.after].start]
        out[seam.after] += 2 * np.pi * np.round(np.mean(a - b, axis=0) / (2 * np.pi))
    return out


def largest_step(windows: Sequence[Window], seam: Seam, series: Floats, margin: int = BUFFER_FRAMES) -> float:
    """Largest change between successive frames of `series (n, m)` around a seam, over all columns."""
    around = faded(windows, seam, margin)
    rows = np.searchsorted(kept_frames(windows), around)
    if len(rows) < 2:
        return 0.0
    return float(np.max(np.abs(np.diff(series[rows], axis=0)), initial=0.0))


def disagreement(windows: Sequence[Window], seam: Seam, values: Sequence[Floats]) -> float:
    """Largest difference between the two windows at the first frame that the later one keeps."""
    a = values[seam.before][seam.frame - windows[seam.before].start]
    b = values[seam.after][seam.frame - windows[seam.after].start]
    return float(np.max(np.abs(a - b), initial=0.0))


def rms_disagreement(windows: Sequence[Window], seam: Seam, values: Sequence[Floats]) -> float:
    """Root mean square over all columns of the difference that `disagreement` gives the largest of."""
    a = values[seam.before][seam.frame - windows[seam.before].start]
    b = values[seam.after][seam.frame - windows[seam.after].start]
    return float(np.sqrt(np.mean((a - b) ** 2)))
