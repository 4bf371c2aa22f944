"""Feet and a proxy of the centre of mass from measured markers, 50 frames/s, floor at y = 0."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mint.core.motionfiles import read_trc
from mint.retarget.filter import low_pass

_FOOT = {"r": ["r_toe", "r_5meta", "r_calc"], "l": ["L_toe", "L_5meta", "L_calc"]}
_PELVIS = ["r.ASIS", "L.ASIS", "r.PSIS", "L.PSIS"]
RUNNER = ({"r": ["RTOE", "RMT5", "RCAL"], "l": ["LTOE", "LMT5", "LCAL"]}, ["RASI", "LASI", "RPSI", "LPSI"])


@dataclass
class Trial:
    points: np.ndarray  # (n,2,3,3) m: side r, l; toe, metatarsal, heel; heights less those of the static trial
    com: np.ndarray  # (n,3) m: middle of the pelvis
    acceleration: np.ndarray

    @property
    def heights(self) -> np.ndarray:
        return self.points[..., 1].min(axis=2)


def read_trial(
    trc: Path, static: Path, moving_m_s: float = 0.0, named: tuple[dict[str, list[str]], list[str]] = (_FOOT, _PELVIS)
) -> Trial:
    """A trial as seen from a frame in which the floor moves with `moving_m_s` along x; `named` are the markers of each
    foot and of the pelvis."""
    table, standing = read_trc(trc), read_trc(static)
    filled = pd.DataFrame(table.positions.reshape(len(table.positions), -1)).interpolate(limit_direction="both")
    positions = low_pass(filled.to_numpy().reshape(table.positions.shape), table.rate_hz, 6.0)[
        :: round(table.rate_hz / 50)
    ]
    positions[..., 0] += moving_m_s * np.arange(len(positions))[:, None] / 50
    feet = []
    for side in "rl":
        names = named[0][side]
        rest = [np.nanmedian(standing.positions[:, standing.names.index(n), 1]) for n in names]
        foot = positions[:, [table.names.index(n) for n in names]].copy()
        foot[..., 1] -= rest
        feet.append(foot)
    com = positions[:, [table.names.index(n) for n in named[1]]].mean(axis=1)
    acceleration = np.gradient(np.gradient(com, 0.02, axis=0), 0.02, axis=0)
    return Trial(np.stack(feet, axis=1), com, acceleration)
