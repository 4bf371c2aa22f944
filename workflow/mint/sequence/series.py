"""Series of a merged sequence: muscles, ground reactions, motion and what is drawn, blended."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.merge import MergeConfig
from mint.core.chunks import Window
from mint.sequence import blend
from mint.sequence.ground import grf_table
from mint.sequence.outcome import Chunk
from mint.trunk.strands import to_mint

Floats = NDArray[np.float64]

WRAPPING = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
# What the report draws, merged where every accepted chunk has it: array -> stages whose bundle may hold it.
DRAWN = {"skeleton_position": ("verify", "trunk", "trajectory")}
DRAWN_NAMES = {"skeleton_position": ("skeleton_bodies", "skeleton_parent")}


def muscles(
    used: list[Chunk], windows: list[Window], config: MergeConfig
) -> tuple[dict[str, Any], float, list[dict[str, Any]]]:
    """Activations and forces in MinT's columns and the extra muscles, share of clipped values, seam jumps."""
    margin = config.fade_half_width_frames
    out: dict[str, Any] = {}
    clipped = 0.0
    jumps: list[dict[str, Any]] = []
    for target, source in (("activation", "activation"), ("muscle_force_N", "muscle_force_N")):
        legs = [chunk.array("trajectory", source) for chunk in used]
        trunk = [chunk.array("trunk", source) for chunk in used]
        both = [np.concatenate(pair, axis=1) for pair in zip(legs, trunk, strict=True)]
        series = blend.blend(windows, both, margin)
        if target == "activation":
            clipped = float(np.mean((series < 0.0) | (series > 1.0)))
            jumps = _jumps(used, windows, both, series, margin)
            series = np.clip(series, 0.0, 1.0)
        split = legs[0].shape[1]
        columns, extra_names, extra = _sorted_columns(used[0], series[:, :split], series[:, split:])
        out[target] = columns.astype(np.float32)
        out["extra_muscles"] = np.array(extra_names, dtype=str)
        out["extra_activation" if target == "activation" else "extra_force_N"] = extra.astype(np.float32)
    return out, clipped, jumps


def _sorted_columns(chunk: Chunk, legs: Floats, trunk: Floats) -> tuple[Floats, list[str], Floats]:
    """Values `(n, 402)` in MinT's order, then names and values of the muscles that have no column there."""
    lower = to_mint(chunk.names("trajectory", "muscles"), legs, "lower_limb")
    upper = to_mint(chunk.names("trunk", "muscles"), trunk, "trunk")
    columns = np.where(np.isfinite(lower.values), lower.values, upper.values)
    return (
        columns,
        lower.extra_muscles + upper.extra_muscles,
        np.concatenate([lower.extra_values, upper.extra_values], axis=1),
    )


def _jumps(
    used: list[Chunk], windows: list[Window], activation: list[Floats], series: Floats, margin: int
) -> list[dict[str, Any]]:
    """Per seam: how far the two solutions are apart, and the largest step per frame, cut and faded."""
    cut = blend.hard_cut(windows, activation)
    vertical = [chunk.array("trajectory", "grf_force_N")[:, :, 1] for chunk in used]
    cut_n, faded_n = blend.hard_cut(windows, vertical), blend.blend(windows, vertical, margin)
    return [
        {
            "chunk": windows[seam.after].chunk,
            "frame": seam.frame,
            "seam_activation_difference": blend.disagreement(windows, seam, activation),
            "seam_activation_rms": blend.rms_disagreement(windows, seam, activation),
            "seam_activation_step_before": blend.largest_step(windows, seam, cut, margin),
            "seam_activation_step_after": blend.largest_step(windows, seam, series, margin),
            "seam_vertical_force_difference_N": blend.disagreement(windows, seam, vertical),
            "seam_vertical_force_step_before_N": blend.largest_step(windows, seam, cut_n, margin),
            "seam_vertical_force_step_after_N": blend.largest_step(windows, seam, faded_n, margin),
        }
        for seam in blend.seams(windows)
    ]


def ground(used: list[Chunk], windows: list[Window], config: MergeConfig) -> dict[str, Any]:
    """Forces and moments about the ground origin are blended; contact and centre of pressure follow."""
    margin = config.fade_half_width_frames
    force = blend.blend(windows, [chunk.array("trajectory", "grf_force_N") for chunk in used], margin)
    moment = blend.blend(windows, [chunk.array("trajectory", "grf_moment_Nm") for chunk in used], margin)
    grf, contact = grf_table(force, moment, config.contact_threshold_N)
    return {"grf": grf, "contact": contact}


def motion(used: list[Chunk], windows: list[Window], config: MergeConfig) -> dict[str, Any]:
    """Coordinates of the leg and the trunk model, the trunk's reserves, sphere forces, marker errors, acceleration of
    the centre of mass: what a reader can look at."""
    margin = config.fade_half_width_frames
    out: dict[str, Any] = {}
    for stage, names, values, target in (
        ("trajectory", "coordinates", "q", "leg"),
        ("ik", "coordinates", "q", "trunk"),
    ):
        lists = [_rows(chunk, stage, values) for chunk in used]
        if all(rows is not None for rows in lists):
            coordinates = used[0].names(stage, names)
            out |= {
                f"{target}_coordinates": np.array(coordinates),
                f"{target}_q": _blended_coordinates(windows, coordinates, lists, margin),
            }
    for stage, name in (
        ("trajectory", "sphere_force_N"),
        ("trajectory", "sphere_point_m"),
        ("ik", "marker_rms_m"),
        ("ik", "marker_max_m"),
        ("ik", "com_acceleration"),
    ):
        lists = [_rows(chunk, stage, name) for chunk in used]
        if all(rows is not None for rows in lists):
            out[name] = blend.blend(windows, lists, margin).astype(np.float32)
    lists = [_rows(chunk, "trunk", "reserve") for chunk in used]
    if all(rows is not None for rows in lists):
        out["trunk_reserve"] = blend.blend(windows, lists, margin).astype(np.float32)
        out["trunk_reserve_coordinates"] = np.array(used[0].names("trunk", "reserve_coordinates"))
        out["trunk_reserve_units"] = np.array(used[0].names("trunk", "reserve_units"))
    if "sphere_force_N" in out:
        out["spheres"] = np.array(used[0].names("trajectory", "spheres"))
    return out


def _blended_coordinates(
    windows: list[Window], names: list[str], values: list[Any], margin: int
) -> NDArray[np.float32]:
    turning = [i for i, name in enumerate(names) if name in WRAPPING]
    if turning:
        aligned = blend.aligned_turns(windows, [v[:, turning] for v in values])
        values = [np.array(v) for v in values]
        for whole, part in zip(values, aligned, strict=True):
            whole[:, turning] = part
    return blend.blend(windows, values, margin).astype(np.float32)


def drawn(used: list[Chunk], windows: list[Window], config: MergeConfig) -> dict[str, Any]:
    """Skeleton (n, ...) in ground, as far as every accepted chunk holds it."""
    out: dict[str, Any] = {}
    for name, stages in DRAWN.items():
        for stage in stages:
            lists = [_rows(chunk, stage, name) for chunk in used]
            if any(rows is None for rows in lists) or len({rows.shape[1:] for rows in lists}) != 1:
                continue
            bundle = used[0].bundles[stage]
            assert bundle is not None
            out[name] = blend.blend(windows, lists, config.fade_half_width_frames).astype(np.float32)
            out |= {label: bundle[label] for label in DRAWN_NAMES[name] if label in bundle}
            break
    return out


def _rows(chunk: Chunk, stage: str, name: str) -> Any:
    """Rows of the window's frames as float64, or None where the stage has no such array for all of them."""
    bundle = chunk.bundles[stage]
    if bundle is None or name not in bundle:
        return None
    values = np.asarray(bundle[name], dtype=float)
    window = chunk.window
    frames = bundle["frames"] if "frames" in bundle else np.arange(window.start, window.stop + 1)
    rows = values[(frames >= window.start) & (frames <= window.stop)] if len(frames) == len(values) else values[:0]
    return rows if len(rows) == window.nodes else None
