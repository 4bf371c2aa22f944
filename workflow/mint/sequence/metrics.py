"""Numbers of one chunk for the quality table, over the frames that it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.merge import MergeConfig
from mint.core.bundle import Bundle
from mint.sequence.outcome import Chunk

GRAVITY_M_S2 = 9.80665


def chunk_metrics(chunk: Chunk, mass_kg: float | None, config: MergeConfig) -> dict[str, float]:
    """Marker errors, ground forces in body weights and saturation, as far as the stages got.

    Numbers that `verify` and `trunk` measured are added under their own names, with the stage in front.
    """
    out: dict[str, float] = {}
    out |= _marker_errors(chunk)
    trajectory, trunk = chunk.bundles["trajectory"], chunk.bundles["trunk"]
    if trajectory is not None and "grf_force_N" in trajectory:
        out |= _ground_forces(_kept(chunk, trajectory, "grf_force_N"), mass_kg)
    if trajectory is not None and "activation" in trajectory:
        out["saturation_share"] = _saturated(_kept(chunk, trajectory, "activation"), config)
    if trunk is not None and "activation" in trunk:
        out["trunk_saturation_share"] = _saturated(_kept(chunk, trunk, "activation"), config)
    for stage in ("verify", "trunk"):
        out |= _numbers(stage, chunk.meta(stage).get("metrics"))
    return {name: value for name, value in out.items() if np.isfinite(value)}


def _kept(chunk: Chunk, bundle: Bundle, name: str) -> NDArray[np.float64]:
    """Rows of the kept frames; the bundle may cover more than the window (margins of the kinematics)."""
    values = np.asarray(bundle[name], dtype=float)
    frames = bundle["frames"] if "frames" in bundle else np.arange(chunk.window.start, chunk.window.stop + 1)
    inside = (frames >= chunk.window.keep_start) & (frames < chunk.window.keep_stop)
    return values[inside] if len(inside) == len(values) else values[:0]


def _marker_errors(chunk: Chunk) -> dict[str, float]:
    ik = chunk.bundles["ik"]
    if ik is None or "marker_rms_m" not in ik or "marker_max_m" not in ik:
        return {}
    rms, largest = _kept(chunk, ik, "marker_rms_m"), _kept(chunk, ik, "marker_max_m")
    if not len(rms) or not len(largest):
        return {}
    return {
        "marker_rms_mm": 1e3 * float(np.sqrt(np.nanmean(rms**2))),
        "marker_max_mm": 1e3 * float(np.nanmax(largest)),
    }


def _ground_forces(force: NDArray[np.float64], mass_kg: float | None) -> dict[str, float]:
    if not mass_kg or not len(force):
        return {}
    vertical = force[:, :, 1].sum(axis=1) / (mass_kg * GRAVITY_M_S2)
    return {"peak_vertical_force_bw": float(vertical.max()), "mean_vertical_force_bw": float(vertical.mean())}


def _saturated(activation: NDArray[np.float64], config: MergeConfig) -> float:
    return float(np.mean(activation >= config.saturation_level)) if activation.size else 0.0


def _numbers(stage: str, metrics: Any) -> dict[str, float]:
    if not isinstance(metrics, Mapping):
        return {}
    return {
        f"{stage}_{name}": float(value)
        for name, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
