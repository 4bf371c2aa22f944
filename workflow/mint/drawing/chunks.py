"""What the chunks of a sequence hold for its picture: measured markers, inverse kinematics, heights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.motionfiles import read_trc
from mint.core.status import StageError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ChunkFiles:
    """Keeps frames `start` to `stop - 1`; `ik` is None if it failed, `lifted_m` what was added to heights."""

    folder: Path
    start: int
    stop: int
    ik: Bundle | None
    lifted_m: float

    def holds(self, frames: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which frames it keeps."""
        return (self.start <= frames) & (frames < self.stop)


def read_chunks(folder: Path, windows: Sequence[Mapping[str, Any]]) -> list[ChunkFiles]:
    """The chunks below the folder of a sequence, by the plan's windows.

    The markers' floor is the soles' of a standing body. Inverse kinematics lifts the pelvis so that the contact spheres
    carry the weight there, the trajectory so that they carry what the motion needs; markers are drawn with both.
    """
    out = []
    for window in windows:
        own = folder / "chunks" / f"{window['chunk']:03d}"
        ik = _ok(own / "ik.npz")
        solved = _ok(own / "rescue" / "trajectory.npz") or _ok(own / "trajectory.npz")
        lifts = [
            ik.meta.get("contact_height_offset_m") if ik else None,
            solved.meta.get("pelvis_height_offset_m") if solved else None,
        ]
        out.append(ChunkFiles(own, window["keep_start"], window["keep_stop"], ik, sum(lift or 0.0 for lift in lifts)))
    return out


def measured_markers(chunks: Sequence[ChunkFiles], frames: NDArray[np.int64]) -> tuple[list[str], Floats]:
    """Names (k,) and positions (n, k, 3) m of markers at the height of the solution; NaN where one was not seen."""
    names: list[str] = []
    positions = np.zeros((len(frames), 0, 3))
    for chunk in chunks:
        try:
            table = read_trc(chunk.folder / "markers.trc")
        except StageError as error:
            print(error)
            continue
        if not names:
            names, positions = table.names, np.full((len(frames), len(table.names), 3), np.nan)
        if table.names != names:
            print(f"{chunk.folder}: other markers than the chunks before")
            continue
        have = np.round(table.time_s * FRAME_RATE_HZ).astype(int)
        rows = np.flatnonzero(chunk.holds(frames) & np.isin(frames, have))
        positions[rows] = table.positions[np.searchsorted(have, frames[rows])] + [0.0, chunk.lifted_m, 0.0]
    return names, positions


def _ok(path: Path) -> Bundle | None:
    try:
        bundle = Bundle.read(path)
    except StageError:
        return None
    return bundle if bundle.ok else None
