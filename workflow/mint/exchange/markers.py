"""Markers of a stretch, at the height of its solution."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.motionfiles import MarkerTable, write_trc
from mint.exchange.solution import Stretch


def write_markers(path: Path, stretch: Stretch) -> None:
    """The markers that inverse kinematics followed, in metres, lost ones as empty cells; none where they cannot be
    read.

    They are raised by what inverse kinematics and the trajectory raised the pelvis by, chunk by chunk, so that the
    models fit them as they moved.
    """
    frames = stretch.frames
    first = stretch.chunks[0].markers
    if first is None:
        return
    positions = np.full((len(frames), len(first.names), 3), np.nan)
    for chunk in stretch.chunks:
        if chunk.markers is None or chunk.markers.names != first.names:
            continue
        lifted = sum(
            float(chunk.meta(stage).get(name) or 0.0)
            for stage, name in (("ik", "contact_height_offset_m"), ("trajectory", "pelvis_height_offset_m"))
        )
        have = np.round(chunk.markers.time_s * FRAME_RATE_HZ).astype(int)
        rows = np.flatnonzero(
            (frames >= chunk.window.keep_start) & (frames < chunk.window.keep_stop) & np.isin(frames, have)
        )
        found = np.searchsorted(have, frames[rows])
        positions[rows] = chunk.markers.positions[found] + np.array([0.0, lifted, 0.0])
    write_trc(
        path,
        MarkerTable(first.names, positions, np.round(frames / FRAME_RATE_HZ, 2), float(FRAME_RATE_HZ)),
        int(frames[0]),
    )
