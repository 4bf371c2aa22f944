"""Where is the floor? One constant per sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.config.body import BodyConfig
from mint.core.chunks import FRAME_RATE_HZ

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """`ground_m`, used; `paper_m`, the lowest marker; the share of slow soles; the method used."""

    ground_m: float
    paper_m: float
    slow_share: float
    method: str
    warnings: tuple[str, ...] = ()


def find_ground(soles: Floats, lowest_marker: Floats, config: BodyConfig) -> Ground:
    """Height of the floor from `soles (K,2)` m (lowest of each foot) and `lowest_marker (K,)` m at 50 Hz.

    A sole counts in frames where it moves vertically slower than `slow_speed_m_s`. A motion whose soles are
    hardly ever slow (hanging, flying) says nothing about the floor: then the lowest marker is used, flagged.
    """
    paper = float(np.min(lowest_marker))
    speed = np.gradient(soles, 1 / FRAME_RATE_HZ, axis=0) if len(soles) > 1 else np.zeros_like(soles)
    slow = np.abs(speed) < config.slow_speed_m_s
    share = float(np.mean(slow))
    if share < config.min_slow_share:
        warning = (
            f"ground: soles are slow in {100 * share:.1f} % of the frames only: the lowest marker, "
            f"{paper:.3f} m, is used"
        )
        return Ground(paper, paper, share, "lowest_marker", (warning,))
    ground = float(np.percentile(soles[slow], config.ground_percentile))
    warnings = []
    if abs(ground - paper) > config.warn_ground_difference_m:
        warnings.append(f"ground: slow soles say {ground:.3f} m, the lowest marker {paper:.3f} m")
    return Ground(ground, paper, share, "slow_soles", tuple(warnings))
