"""Tracking and reserves of single coordinates, and which is worst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mint.sequence.outcome import Chunk

_UNITS = ("deg", "m")


def coordinate_rows(chunk: Chunk) -> list[dict[str, Any]]:
    """One row for each coordinate that was tracked or that a reserve acts on, in the order of its name.

    Deviations from inverse kinematics are those that `verify` found; reserves are the largest of the kept frames, those
    of the legs also in percent of the coordinate's peak moment (`verify`), those of the trunk over their limit.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}

    def row(model: str, name: str) -> dict[str, Any]:
        return rows.setdefault((name, model), {"coordinate": name, "model": model})

    found = _numbers(chunk.meta("verify").get("metrics"))
    for kind in ("rms", "max"):
        for name, unit, value in _tracked(found, kind):
            row("leg", name).update({"unit": unit, f"tracking_{kind}": value})
    for name, value in _reserve_percents(found):
        row("leg", name)["reserve_percent"] = value
    for model, stage in (("leg", "trajectory"), ("trunk", "trunk")):
        for name, value in _largest_reserves(chunk, stage).items():
            row(model, name)["reserve_max"] = value
    trunk = chunk.bundles["trunk"]
    if trunk is not None and "reserve_units" in trunk and "reserve_coordinates" in trunk:
        for name, unit in zip(trunk.names("reserve_coordinates"), trunk.names("reserve_units"), strict=True):
            row("trunk", name)["reserve_unit"] = unit.replace("Nm", "N m")
    for name, share in _limit_shares(chunk).items():
        row("trunk", name)["reserve_limit_share"] = share
    for (_, model), values in rows.items():
        if model == "leg" and "reserve_max" in values:
            values["reserve_unit"] = "N m"
    return [rows[key] for key in sorted(rows)]


def tracking(metrics: Any) -> dict[str, Any]:
    """Worst deviation from inverse kinematics: rms and largest of an angle, deg, its name; rms of a translation, mm."""
    found = _numbers(metrics)
    out: dict[str, Any] = {}
    for kind in ("rms", "max"):
        worst = found.get(f"tracking_{kind}_worst_deg")
        if worst is None:
            continue
        out[f"tracking_{kind}_deg"] = worst
        # The worst of those that are judged: passive coordinates may deviate more.
        near = [(abs(value - worst), name) for name, unit, value in _tracked(found, kind) if unit == "deg"]
        if near and min(near)[0] < 1e-9:
            out[f"tracking_{kind}_coordinate"] = min(near)[1]
    if (shift := found.get("tracking_rms_worst_m")) is not None:
        out["tracking_rms_mm"] = 1e3 * shift
    return out


def reserves(chunk: Chunk) -> dict[str, Any]:
    """Largest reserve of the legs, % of the coordinate's peak moment, and of the trunk, as a share of its limit."""
    found = _numbers(chunk.meta("verify").get("metrics"))
    out: dict[str, Any] = {}
    if "reserve_percent" in found:
        out["reserve_percent"] = found["reserve_percent"]
    if legs := _reserve_percents(found):
        out["reserve_coordinate"] = max(legs, key=lambda each: each[1])[0]
    if shares := _limit_shares(chunk):
        name = max(shares, key=lambda each: shares[each])
        out |= {"trunk_reserve_limit_share": shares[name], "trunk_reserve_coordinate": name}
    return out


def _numbers(metrics: Any) -> dict[str, float]:
    if not isinstance(metrics, Mapping):
        return {}
    return {
        str(name): float(value)
        for name, value in metrics.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _tracked(found: Mapping[str, float], kind: str) -> list[tuple[str, str, float]]:
    """Coordinate, unit and deviation of `tracking_<kind>_<coordinate>_<unit>`."""
    start = f"tracking_{kind}_"
    names = [(key, *key.removeprefix(start).rpartition("_")[::2]) for key in found if key.startswith(start)]
    return [(name, unit, found[key]) for key, name, unit in names if unit in _UNITS and name != "worst"]


def _reserve_percents(found: Mapping[str, float]) -> list[tuple[str, float]]:
    names = {
        key: key.removeprefix("reserve_").removesuffix("_percent")
        for key in found
        if key.startswith("reserve_") and key.endswith("_percent")
    }
    return [(name, found[key]) for key, name in names.items() if name and key != "reserve_percent"]


def _largest_reserves(chunk: Chunk, stage: str) -> dict[str, float]:
    bundle, values = chunk.bundles[stage], np.abs(chunk.kept(stage, "reserve"))
    if bundle is None or not len(values) or "reserve_coordinates" not in bundle:
        return {}
    return dict(zip(bundle.names("reserve_coordinates"), values.max(axis=0).tolist(), strict=True))


def _limit_shares(chunk: Chunk) -> dict[str, float]:
    """Largest reserve of each judged coordinate of the trunk over its limit."""
    largest = _largest_reserves(chunk, "trunk")
    limits = chunk.meta("trunk").get("reserve_limit") or {}
    return {name: largest[name] / float(limit) for name, limit in limits.items() if name in largest and limit}
