"""The motion of neighbouring windows as one smooth curve, between frames as well."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BPoly

from mint.core.chunks import FRAME_RATE_HZ, Window
from mint.sequence import blend

Floats = NDArray[np.float64]


class Curve:
    """Windows that follow each other without a gap, cross-faded as stage merge fades them.

    Values, speeds and accelerations in the frames are those of the solution. In between it is a polynomial of degree 7
    whose third derivative is continuous: the solution is a cubic spline, whose third derivative jumps in every frame,
    which no spline through rows of a file can follow. The two differ by some hundredths of a millimetre.
    """

    def __init__(
        self, windows: Sequence[Window], q: Sequence[Floats], qd: Sequence[Floats], qdd: Sequence[Floats], margin: int
    ) -> None:
        """Values, speeds [1/s] and accelerations [1/s^2] (nodes, c) of each window; `margin` of the fade in frames."""
        self._windows, self._margin = list(windows), margin
        self._pieces = [_smooth(window, *each) for window, *each in zip(windows, q, qd, qdd, strict=True)]

    def at(self, frames: Floats) -> tuple[Floats, Floats, Floats]:
        """Values, speeds and accelerations (n, c) at `frames (n,)`, which need not be whole."""
        frames = np.asarray(frames, dtype=float)
        parts = [np.searchsorted([w.keep_stop - 0.5 for w in self._windows], frames)]
        owner = np.minimum(parts[0], len(self._windows) - 1)
        out = [np.zeros((len(frames), self._pieces[0].c.shape[2])) for _ in range(3)]
        for i in range(len(self._windows)):
            rows = np.flatnonzero(owner == i)
            for values, found in zip(out, self._of(i, frames[rows]), strict=True):
                values[rows] = found
        for seam in blend.seams(self._windows):
            self._fade(seam, frames, out)
        return out[0], out[1], out[2]

    def _of(self, i: int, frames: Floats) -> list[Floats]:
        return [self._pieces[i](frames / FRAME_RATE_HZ, nu=order) for order in range(3)]

    def _fade(self, seam: blend.Seam, frames: Floats, out: list[Floats]) -> None:
        """Replace the rows around a seam; speeds and accelerations are those of the faded curve."""
        # Rows beyond the kept frames, at both ends of the curve, belong to the fade: it would end in a jump.
        first, last = blend.fade(self._windows, seam, self._margin, beyond=True)
        rows = np.flatnonzero((frames >= first) & (frames <= last))
        a, b = self._of(seam.before, frames[rows]), self._of(seam.after, frames[rows])
        rate = np.pi * FRAME_RATE_HZ / (2 * self._margin)  # of the phase of the raised cosine, rad/s
        phase = np.pi * np.clip((frames[rows] - seam.frame + self._margin) / (2 * self._margin), 0.0, 1.0)[:, None]
        w, wd, wdd = 0.5 - 0.5 * np.cos(phase), 0.5 * rate * np.sin(phase), 0.5 * rate**2 * np.cos(phase)
        d = [later - earlier for earlier, later in zip(a, b, strict=True)]
        out[0][rows] = a[0] + w * d[0]
        out[1][rows] = a[1] + w * d[1] + wd * d[0]
        out[2][rows] = a[2] + w * d[2] + 2 * wd * d[1] + wdd * d[0]


def _smooth(window: Window, q: Floats, qd: Floats, qdd: Floats) -> BPoly:
    third = np.gradient(qdd, 1.0 / FRAME_RATE_HZ, axis=0)  # in a frame the mean of what a cubic spline has around it
    times = np.arange(window.start, window.stop + 1) / FRAME_RATE_HZ
    return BPoly.from_derivatives(times, np.stack([q, qd, qdd, third], axis=1))


def stretches(windows: Sequence[Window]) -> list[list[int]]:
    """Positions of windows that follow each other without a gap."""
    out: list[list[int]] = []
    for i, window in enumerate(windows):
        if out and windows[i - 1].keep_stop == window.keep_start:
            out[-1].append(i)
        else:
            out.append([i])
    return out
