"""How one signal is another, later and mixed: what a refinement does to its input, or a known truth did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mint.learning.refine.cycles import Floats, shifted

_DELAYS_S = np.round(np.arange(-0.2, 0.2001, 0.01), 3)


@dataclass(frozen=True)
class Distortion:
    """`delay_s (C,)` by which channel c of the output is later than the input, and `mixing (C, C)`: how much of every
    channel of the input (columns) it holds, 1 being its own."""

    delay_s: Floats
    mixing: Floats


def distortion(given: Floats, made: Floats, duration_s: Floats) -> Distortion:
    """Least squares of `made (N, S, C)` on all channels of `given (N, S, C)` and a constant, at each delay of a grid of
    10 ms; the delay is the vertex of the parabola through the best and its neighbours."""
    channels = made.shape[2]
    left = np.empty((len(_DELAYS_S), channels))
    shares = np.empty((len(_DELAYS_S), channels, channels))
    target = made.reshape(-1, channels)
    for k, delay in enumerate(_DELAYS_S):
        x = shifted(given, delay / duration_s).reshape(-1, channels)
        x = np.concatenate([x, np.ones((len(x), 1))], axis=1)
        solved = np.linalg.lstsq(x, target, rcond=None)[0]
        left[k] = ((x @ solved - target) ** 2).mean(axis=0)
        shares[k] = solved[:-1].T
    best = np.clip(left.argmin(axis=0), 1, len(_DELAYS_S) - 2)
    columns = np.arange(channels)
    before, at, after = (left[best + k, columns] for k in (-1, 0, 1))
    bend = np.maximum(before - 2 * at + after, 1e-30)
    step = _DELAYS_S[1] - _DELAYS_S[0]
    mixing = shares[best, columns]
    return Distortion(
        _DELAYS_S[best] + np.clip(0.5 * (before - after) / bend, -1, 1) * step,
        mixing / np.where(np.diag(mixing) == 0, 1, np.diag(mixing))[:, None],
    )
