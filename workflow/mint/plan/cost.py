"""What a chunk will cost: from the motion of the root, corrected by what chunks have cost before.

Inverse kinematics, support, verification and trunk cost nearly the same for every chunk. The trajectory takes from 1 to
80 s, as hard as the motion is: `log(seconds) = intercept + slope * log(a + offset)`, with `a` the horizontal
acceleration of the root. resources/chunk_cost.csv has the numbers and how good they are; `bench/chunk_cost.py` measures
and fits.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mint.core.chunks import FRAME_RATE_HZ, MESH_INTERVALS, Window
from mint.core.status import StageError
from mint.core.tables import table
from mint.formats.registry import FORMATS, PoseFormat

Floats = NDArray[np.float64]

# Differences over this time, s: a low-pass of about 3 Hz. Second differences of single frames are noise.
STEP_S = 0.1
# From so many measured chunks on their median says how much slower or faster this machine and this data are.
ENOUGH = 10


@dataclass(frozen=True)
class Features:
    """What the cost of a chunk depends on: nodes, and root mean square of the root's horizontal acceleration [m/s2],
    None where the motion cannot be read."""

    nodes: int
    acceleration_m_s2: float | None = None


def read_root(path: str | Path, source: str) -> tuple[Floats, float] | None:
    """Root translation `(n, 3)` m, z up, and frame rate [Hz] of a file of body poses, these unread; None of markers,
    and where they cannot be read."""
    form = FORMATS[source]
    try:
        return form.root(Path(path)) if isinstance(form, PoseFormat) else None
    except StageError:
        return None


def chunk_features(trans_m: ArrayLike | None, rate_hz: float, window: Window) -> Features:
    """Features of a chunk from the root translation of its sequence, `(n, 3)` m, z up, at its native rate."""
    nodes = window.nodes
    if trans_m is None or not (math.isfinite(rate_hz) and rate_hz > 0):
        return Features(nodes)
    plane = np.asarray(trans_m, dtype=float)[:, :2]
    first = max(math.floor((window.t_start_s - STEP_S) * rate_hz), 0)
    plane = plane[first : math.ceil((window.t_end_s + STEP_S) * rate_hz) + 1]
    native = (first + np.arange(len(plane))) / rate_hz
    at = np.arange(window.start, window.stop + 1) / FRAME_RATE_HZ
    if len(native):
        # Only where both neighbours exist: beyond the ends the root would stop at once.
        at = at[(at - STEP_S > native[0] - 1e-6) & (at + STEP_S < native[-1] + 1e-6)]
    if not len(native) or not len(at) or not np.all(np.isfinite(plane)):
        return Features(nodes)
    before, now, after = (
        np.stack([np.interp(at + shift, native, axis) for axis in plane.T]) for shift in (-STEP_S, 0.0, STEP_S)
    )
    acceleration = (after - 2 * now + before) / STEP_S**2
    return Features(nodes, float(np.sqrt(np.mean(np.sum(acceleration**2, axis=0)))))


@cache
def _numbers() -> dict[str, float]:
    rows = table("chunk_cost")
    return {str(term): float(value) for term, value in zip(rows["term"], rows["value"], strict=True)}


def typical_s(features: Features, model: str = "pose2sim") -> float:
    """Core seconds that about half of such chunks exceed, all stages from inverse kinematics to trunk."""
    return _seconds(features, model, mean=False)


def predicted_s(features: Features, model: str = "pose2sim") -> float:
    """Expected core seconds of a chunk, all stages from inverse kinematics to trunk, if support lets it pass.

    The mean, which is above what is typical: costs are skewed, and sums of them make the length of a job.
    """
    return _seconds(features, model, mean=True)


def _seconds(features: Features, model: str, *, mean: bool) -> float:
    number = _numbers()
    if features.acceleration_m_s2 is None:
        log_s, spread = number["constant"], number["constant_spread"]
    else:
        # Not beyond what was measured: nobody knows whether it goes on like this.
        acceleration = min(features.acceleration_m_s2, number["acceleration_limit"])
        log_s = number["intercept"] + number["slope"] * math.log(acceleration + number["acceleration_offset"])
        spread = number["spread"]
    # Mean of a lognormal distribution. Every node adds the same to the problem.
    trajectory = math.exp(log_s + (spread**2 / 2 if mean else 0.0)) * features.nodes / (MESH_INTERVALS + 1)
    return number[f"fixed_{model}"] + trajectory


class CostTable:
    """Costs of chunks: measured ones as they were, the others predicted and rescaled by what is known.

    `measured_s` are core seconds of all stages from past runs, by the chunk's name `walk/003`.
    """

    def __init__(self, measured_s: Mapping[str, float], model: str = "pose2sim") -> None:
        self.measured_s = {name: seconds for name, seconds in measured_s.items() if seconds > 0}
        self.model = model

    @classmethod
    def of_ledger(cls, path: str | Path, model: str = "pose2sim") -> CostTable:
        """What the ledger of a run says, as a table; empty if there is none that can be read."""
        try:
            rows = pd.read_parquet(path, columns=["sequence_id", "chunk", "wall_s"])
        except (OSError, ValueError, KeyError):
            return cls({}, model)
        columns = (rows[name].tolist() for name in ("sequence_id", "chunk", "wall_s"))
        return cls(
            {f"{sequence}/{chunk:03d}": wall_s for sequence, chunk, wall_s in zip(*columns, strict=True) if chunk >= 0},
            model,
        )

    def ratio(self, features: Mapping[str, Features]) -> float:
        """Median of measured to typical seconds over the chunks of which both are known; 1 if they are too few."""
        known = [
            self.measured_s[name] / typical_s(of, self.model)
            for name, of in features.items()
            if name in self.measured_s
        ]
        return median(known) if len(known) >= ENOUGH else 1.0

    def seconds(self, features: Mapping[str, Features]) -> dict[str, float]:
        """Core seconds of every chunk of `features`."""
        ratio = self.ratio(features)
        return {name: self.measured_s.get(name, ratio * predicted_s(of, self.model)) for name, of in features.items()}
