"""Numbers of one chunk for the tables of quality, over the frames that it keeps. Units are in the names.

Impulse and saturation, means over time, are over all frames between the buffers of its window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.merge import MergeConfig
from mint.core.chunks import BUFFER_FRAMES
from mint.core.status import Reason
from mint.sequence import ground_metrics
from mint.sequence.coordinate_metrics import coordinate_rows, reserves, tracking
from mint.sequence.marker_metrics import marker_errors, marker_jump
from mint.sequence.outcome import Chunk
from mint.support.assess import GRAVITY_M_S2

Floats = NDArray[np.float64]


def measure(chunk: Chunk, mass_kg: float | None, config: MergeConfig, feet: Floats | None = None) -> None:
    """Put metrics and rows of coordinates into the chunk. Never raises: what cannot be measured is missing."""
    chunk.metrics = chunk_metrics(chunk, mass_kg, config, feet)
    try:
        chunk.coordinates = coordinate_rows(chunk)
    except UNFIT as error:
        print(f"chunk {chunk.window.chunk}: coordinates not measured: {error!r}")


# Arrays of a damaged or foreign bundle that do not fit together.
UNFIT = (ValueError, IndexError, TypeError, KeyError, AttributeError)


def chunk_metrics(
    chunk: Chunk, mass_kg: float | None, config: MergeConfig, feet: Floats | None = None
) -> dict[str, Any]:
    """All that can be measured of a chunk, as far as its stages got; what cannot is left out, never NaN.

    `mass_kg` is that of the model (None: the one inverse kinematics used), `feet (N, 2)` m heights of right and left
    foot above the floor in the motion capture for all frames of the sequence. Names and frames of what is worst stand
    beside it.
    """
    mass_kg = mass_kg or body_mass(chunk)
    groups: tuple[Callable[[], dict[str, Any]], ...] = (
        lambda: _marker_jump(chunk),
        lambda: _marker_errors(chunk),
        lambda: _standing(chunk, feet),
        lambda: _forces(chunk, mass_kg),
        lambda: _impulse(_between_buffers(chunk), mass_kg),
        lambda: _contacts(chunk, mass_kg, config),
        lambda: _heights(chunk),
        lambda: _saturation(_between_buffers(chunk), config),
        lambda: tracking(chunk.meta("verify").get("metrics")),
        lambda: reserves(chunk),
        lambda: _solver(chunk),
    )
    out: dict[str, Any] = {}
    for measure in groups:
        try:
            out |= measure()
        except UNFIT as error:
            # They cost their own numbers, not the others and never the chunk.
            print(f"chunk {chunk.window.chunk}: not measured: {error!r}")
    return {name: value for name, value in out.items() if isinstance(value, str) or np.isfinite(value)}


def body_mass(chunk: Chunk) -> float | None:
    """Mass, kg, of the model of inverse kinematics, if it ran."""
    mass = chunk.meta("ik").get("mass_kg")
    return float(mass) if isinstance(mass, int | float) and 0 < mass < np.inf else None


def seam_metrics(chunk: Chunk, row: dict[str, Any], mass_kg: float | None) -> dict[str, float]:
    """Numbers `seam_...` of the seam before a chunk, with the difference of vertical forces in body weights."""
    out = {key: float(value) for key, value in row.items() if key.startswith("seam_")}
    mass_kg = mass_kg or body_mass(chunk)
    if mass_kg:
        out["seam_force_bw"] = out["seam_vertical_force_difference_N"] / (mass_kg * GRAVITY_M_S2)
    return out


def _marker_jump(chunk: Chunk) -> dict[str, Any]:
    if chunk.markers is None:
        return {}
    return marker_jump(chunk.markers, chunk.window, chunk.meta("ik").get("marker_rms_by_marker_m") or ())


def _marker_errors(chunk: Chunk) -> dict[str, Any]:
    ik = chunk.bundles["ik"]
    return {} if ik is None else marker_errors(ik, chunk.window)


def _standing(chunk: Chunk, feet: Floats | None) -> dict[str, float]:
    """Only where the feet are what carries the body, or should be."""
    support = chunk.bundles["support"]
    if feet is None or (support is not None and support.status.reason in _OTHER_SUPPORT):
        return {}
    acceleration = chunk.kept("ik", "com_acceleration")
    heights = feet[chunk.window.keep_start : chunk.window.keep_stop]
    return ground_metrics.standing_heights(heights, acceleration[:, 1]) if len(acceleration) == len(heights) else {}


_OTHER_SUPPORT = (Reason.NON_FOOT_SUPPORT, Reason.UNEVEN_FLOOR)


def _between_buffers(chunk: Chunk) -> Chunk:
    """The chunk as if it kept 1.4 s, as all but a last one do, which may keep so few frames that a mean says little."""
    window = chunk.window
    return replace(chunk, window=replace(window, keep_start=window.start + BUFFER_FRAMES))


def _forces(chunk: Chunk, mass_kg: float | None) -> dict[str, float]:
    force = chunk.kept("trajectory", "grf_force_N")
    return ground_metrics.force_shares(force[:, :, 1].sum(axis=1), mass_kg) if len(force) and mass_kg else {}


def _impulse(chunk: Chunk, mass_kg: float | None) -> dict[str, float]:
    force, velocity = chunk.kept("trajectory", "grf_force_N"), chunk.kept("ik", "com_velocity")
    if not mass_kg or len(force) != len(velocity) or len(force) < 2:
        return {}
    vertical = force[:, :, 1].sum(axis=1)
    return {"impulse_error_percent": ground_metrics.impulse_error(vertical, velocity[:, 1], mass_kg)}


def _contacts(chunk: Chunk, mass_kg: float | None, config: MergeConfig) -> dict[str, Any]:
    """Slip and height of the loaded spheres; speeds are taken over the whole window, so that its cut has no ends."""
    trajectory = chunk.bundles["trajectory"]
    if trajectory is None or "sphere_force_N" not in trajectory or not mass_kg:
        return {}
    force, point = (np.asarray(trajectory[name], dtype=float) for name in ("sphere_force_N", "sphere_point_m"))
    belt = trajectory.meta.get("belt_velocity_m_s") or chunk.meta("support").get("belt_velocity_m_s") or (0.0, 0.0, 0.0)
    left = np.array([name.endswith("_l") for name in trajectory.names("spheres")])
    feet = [ground_metrics.loaded_velocity(force[:, mine], point[:, mine], np.asarray(belt)) for mine in (~left, left)]
    load = np.stack([total for total, _ in feet], axis=1)
    speed = np.stack([np.linalg.norm(velocity, axis=1) for _, velocity in feet], axis=1)
    first = int(chunk.frames("trajectory")[0])
    kept = slice(chunk.window.keep_start - first, chunk.window.keep_stop - first)
    out = ground_metrics.foot_slip(load, speed, kept, config.contact_threshold_N, mass_kg)
    if "foot_slip_frame" in out:
        out["foot_slip_frame"] += first
    height = ground_metrics.sole_height(force[kept], point[kept], config.contact_threshold_N)
    return out if height is None else {**out, "sole_height_mm": height}


def _heights(chunk: Chunk) -> dict[str, float]:
    """Vertical corrections of the measured motion: of the subject, constant, and of the chunk, by the solver, mm."""
    out = {}
    offset = chunk.meta("ik").get("contact_height_offset_m")
    if offset is not None:
        out["contact_height_offset_mm"] = 1e3 * float(offset)
    ik, trajectory = chunk.bundles["ik"], chunk.bundles["trajectory"]
    if ik is None or trajectory is None or "leg_coordinates" not in ik or "coordinates" not in trajectory:
        return out
    solved, measured = chunk.kept("trajectory", "q"), chunk.kept("ik", "leg_q")
    names, theirs = trajectory.names("coordinates"), ik.names("leg_coordinates")
    if "pelvis_ty" in names and "pelvis_ty" in theirs and len(solved) == len(measured) > 0:
        moved = solved[:, names.index("pelvis_ty")] - measured[:, theirs.index("pelvis_ty")]
        out["pelvis_correction_mm"] = 1e3 * float(np.mean(moved))
    return out


def _saturation(chunk: Chunk, config: MergeConfig) -> dict[str, Any]:
    """Share of all values at the saturation level in legs and trunk, and the muscle that spends most frames there."""
    out: dict[str, Any] = {}
    worst = -1.0
    for stage, target in (("trajectory", "saturation_share"), ("trunk", "trunk_saturation_share")):
        bundle = chunk.bundles[stage]
        values = chunk.kept(stage, "activation") if bundle is not None else np.zeros(0)
        if bundle is None or not values.size:
            continue
        share = np.mean(values >= config.saturation_level, axis=0)
        out[target] = float(share.mean())
        if float(share.max()) > worst:
            worst = float(share.max())
            out["saturated_muscle_share"] = worst
            out["saturated_muscle"] = bundle.names("muscles")[int(np.argmax(share))] if worst > 0 else ""
    return out


def _solver(chunk: Chunk) -> dict[str, Any]:
    """How the last attempt ended, by which formulation, and residuals that OpenSim found."""
    meta, verify, trunk = (chunk.meta(stage) for stage in ("trajectory", "verify", "trunk"))
    rows = meta.get("attempts") or []
    out: dict[str, Any] = {}
    if rows:
        out |= {"solver_status": str(rows[-1].get("status", "")), "solver_rung": str(rows[-1].get("rung", ""))}
    if meta.get("formulation"):
        out["formulation"] = str(meta["formulation"])
    for target, source, name, factor in _MEASURED:
        value = ((verify if source == "verify" else trunk).get("metrics") or {}).get(name)
        if value is not None:
            out[target] = factor * float(value)
    return out


_MEASURED = (
    ("pelvis_force_percent", "verify", "residual_force_percent", 1.0),
    ("pelvis_moment_percent", "verify", "residual_moment_percent", 1.0),
    ("penetration_mm", "verify", "penetration_m", 1e3),
    ("trunk_pelvis_residual_percent_bw", "trunk", "pelvis_residual_max_percent_bw", 1.0),
    ("trunk_flagged_share", "trunk", "flagged_share", 1.0),
)
