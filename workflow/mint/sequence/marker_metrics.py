"""How well markers were tracked, and whether one of them, or the whole pose, jumps."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, Window
from mint.core.motionfiles import MarkerTable

Floats = NDArray[np.float64]
_NEIGHBOURS = 5  # frames on each side, 0.1 s: shorter than a step, longer than a jump


def marker_errors(ik: Bundle, window: Window) -> dict[str, Any]:
    """Errors of inverse kinematics over the kept frames, mm, with name and frame of the largest, and its largest rise.

    A rise (`marker_error_jump_mm`) is the largest error of a frame above the median of the frames around it: a marker
    that one frame misplaces is not where the others let the body be.
    """
    if "marker_rms_m" not in ik or "marker_max_m" not in ik:
        return {}
    frames = ik["frames"] if "frames" in ik else np.arange(window.start, window.stop + 1)
    rms, largest = ik["marker_rms_m"].astype(float), ik["marker_max_m"].astype(float)
    kept = (frames >= window.keep_start) & (frames < window.keep_stop)
    if len(kept) != len(rms) or len(kept) != len(largest) or not np.isfinite(largest[kept]).any():
        return {}
    names = ik.names("marker_max_name") if "marker_max_name" in ik else [""] * len(frames)
    rise = largest - local_median(largest, _NEIGHBOURS)
    at, jump = _worst(largest, kept), _worst(rise, kept)
    return {
        "marker_rms_mm": 1e3 * float(np.sqrt(np.nanmean(rms[kept] ** 2))),
        "marker_max_mm": 1e3 * float(largest[at]),
        "marker_max_name": names[at],
        "marker_max_frame": int(frames[at]),
        "marker_error_jump_mm": 1e3 * float(rise[jump]),
        "marker_error_jump_name": names[jump],
        "marker_error_jump_frame": int(frames[jump]),
    }


def marker_jump(markers: MarkerTable, window: Window, used: Collection[str] = ()) -> dict[str, Any]:
    """Farthest that a marker lies in one kept frame from where the frames around put it, mm, with name and frame.

    `used` names the markers that inverse kinematics follows (empty: all): a laboratory's file may hold others, which
    flicker and harm nothing. `marker_jump_share` is the share of markers that lie at least half as far off in that
    frame: one of all markers where a marker jumps, 1 where the whole pose does.
    """
    frames = np.round(markers.time_s * FRAME_RATE_HZ).astype(int)
    kept = (frames >= window.keep_start) & (frames < window.keep_stop)
    followed = np.array([not used or name in used for name in markers.names])
    off = np.where(kept[:, None] & followed, off_path(markers.positions), np.nan)
    if not np.isfinite(off).any():
        return {}
    row, marker = (int(i) for i in np.unravel_index(int(np.nanargmax(off)), off.shape))
    together = off[row][np.isfinite(off[row])] >= 0.5 * off[row, marker]
    return {
        "marker_jump_mm": 1e3 * float(off[row, marker]),
        "marker_jump_name": markers.names[marker],
        "marker_jump_frame": int(frames[row]),
        "marker_jump_share": float(np.mean(together)),
    }


def off_path(positions: Floats) -> Floats:
    """Distance (n, m) m of markers `positions (n, m, 3)` from the cubic through two frames before and two after.

    Central fourth difference, |x(k) - (4 x(k-1) + 4 x(k+1) - x(k-2) - x(k+2)) / 6|: a marker that is misplaced by d for
    one frame gives d, one that moves by d between two frames and stays d / 2, and one that oscillates with amplitude A
    0.003 A at 3 Hz and 0.05 A at 6 Hz. NaN at the first and last two frames and beside lost markers.
    """
    out = np.full(positions.shape[:2], np.nan)
    x = positions
    if len(x) >= 5:
        expected = (4 * (x[1:-3] + x[3:-1]) - x[:-4] - x[4:]) / 6
        out[2:-2] = np.linalg.norm(x[2:-2] - expected, axis=2)
    return out


def local_median(values: Floats, width: int) -> Floats:
    """Median of `width` values before and after each of `values (n,)`, itself left out."""
    out = np.full(len(values), np.nan)
    for i in range(len(values)):
        around = np.concatenate([values[max(0, i - width) : i], values[i + 1 : i + 1 + width]])
        if np.isfinite(around).any():
            out[i] = np.nanmedian(around)
    return out


def _worst(values: Floats, kept: NDArray[np.bool_]) -> int:
    return int(np.argmax(np.where(kept & np.isfinite(values), values, -np.inf)))
