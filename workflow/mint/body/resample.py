"""From any native frame rate to integer frames at 50/s, or at another rate where one is named."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, make_interp_spline
from scipy.spatial.transform import Rotation

from mint.core.chunks import FRAME_RATE_HZ, frame_count
from mint.core.stretches import stretches

Floats = NDArray[np.float64]
_EDGE = 1e-6


def frames_within(count: int, rate_hz: float, to_hz: float = FRAME_RATE_HZ) -> NDArray[np.int64]:
    """Frames `0 .. K-1` at 50 Hz, or at `to_hz`, within `count` native frames at `rate_hz`."""
    return np.arange(frame_count((count - 1) / rate_hz * (to_hz / FRAME_RATE_HZ)) + 1)


def _native_positions(count: int, rate_hz: float, to_hz: float = FRAME_RATE_HZ) -> Floats:
    """Where these frames lie among the native ones, in native frames."""
    position = frames_within(count, rate_hz, to_hz) * (rate_hz / to_hz)
    nearest = np.round(position)
    return np.minimum(np.where(np.abs(position - nearest) < _EDGE, nearest, position), count - 1)


def resample_rotations(vectors: Floats, rate_hz: float, to_hz: float = FRAME_RATE_HZ) -> Floats:
    """Rotation vectors `(n, 3j)` rad at `rate_hz` to 50 Hz, or to `to_hz`, `(K, 3j)`.

    A cubic spline through unit quaternions of continuous sign, normalised again: it passes through every
    native sample. Great-circle interpolation (slerp) would bend at each sample: between 60 and 50 Hz it
    adds a 10 Hz ripple to accelerations.
    """
    count, width = vectors.shape
    at = _native_positions(count, rate_hz, to_hz)
    if count < 4:
        return vectors[np.round(at).astype(int)]
    quaternions = Rotation.from_rotvec(vectors.reshape(-1, 3)).as_quat().reshape(count, width // 3, 4)
    flips = np.sum(quaternions[1:] * quaternions[:-1], axis=2) < 0
    signs = np.cumprod(np.where(flips, -1.0, 1.0), axis=0)
    quaternions[1:] *= signs[:, :, None]
    between = CubicSpline(np.arange(count), quaternions, axis=0)(at)
    return np.asarray(Rotation.from_quat(between.reshape(-1, 4)).as_rotvec().reshape(len(at), width))


def resample_positions(values: Floats, rate_hz: float, to_hz: float = FRAME_RATE_HZ) -> Floats:
    """Positions `(n, ...)` at `rate_hz` to 50 Hz, or to `to_hz`, `(K, ...)` by a cubic spline through every native
    sample."""
    count = len(values)
    at = _native_positions(count, rate_hz, to_hz)
    if count < 4:
        return values[np.round(at).astype(int)]
    return np.asarray(CubicSpline(np.arange(count), values, axis=0)(at))


def resample_markers(markers: Floats, rate_hz: float) -> Floats:
    """Optical markers `(n, m, 3)`, NaN where lost, to 50 Hz `(K, m, 3)`; lost stretches stay NaN.

    Each stretch without a gap has its own spline, so that nothing is extrapolated into a gap.
    """
    at = _native_positions(len(markers), rate_hz)
    out = np.full((len(at), *markers.shape[1:]), np.nan)
    for marker in range(markers.shape[1]):
        for start, stop in finite_runs(markers[:, marker]):
            inside = (at >= start) & (at <= stop - 1)
            order = min(3, stop - start - 1)
            if order == 0:
                out[inside, marker] = markers[start, marker]
            elif inside.any():
                order = 3 if order == 3 else 1
                spline = make_interp_spline(np.arange(start, stop), markers[start:stop, marker], k=order)
                out[inside, marker] = spline(at[inside])
    return out


def finite_runs(values: Floats) -> list[tuple[int, int]]:
    """Stretches `[start, stop)` of frames in which all of `values (n, d)` are finite."""
    return stretches(np.all(np.isfinite(values), axis=1))
