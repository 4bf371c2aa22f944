"""One sequence for the page: figure, forces, activations, ground reactions and errors over its frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.config.report import ReportConfig
from mint.core.bundle import Bundle
from mint.core.tables import by_beginning, mint_columns, muscle_subset, table
from mint.drawing.places import drawn_frames
from mint.report.joints import joint_payload
from mint.report.quantise import packed, packed_share
from mint.sequence.ground import GRF_COLUMNS

Rows = NDArray[np.intp]

SEGMENTS = ("hip_r", "thigh_r", "shank_r", "hip_l", "thigh_l", "shank_l", "trunk")
# A bone runs from its parent body to its own; the parent's body names the limb segment.
_PARENT_SEGMENT = {"femur": "thigh", "tibia": "shank", "patella": "thigh"}


def sequence_payload(title: str, bundle: Bundle, config: ReportConfig) -> dict[str, Any]:
    """Everything the page shows of one merged sequence; JSON-able, arrays packed."""
    frames, meta = bundle["frames"], bundle.meta
    drawn = drawn_frames(meta["first_frame"], meta["stop_frame"], config.max_frames)
    pick = np.flatnonzero(np.isin(frames, drawn))
    grf = bundle["grf"].reshape(len(frames), 18)[pick]
    out: dict[str, Any] = {
        "title": title,
        "id": meta["sequence_id"],
        "stride": int(drawn[1] - drawn[0]) if len(drawn) > 1 else 1,
        "mass_kg": meta.get("mass_kg"),
        "first": meta["first_frame"],
        "stop": meta["stop_frame"],
        "frames": [int(k) for k in frames[pick]],
        "chunks": [_chunk(chunk) for chunk in meta["chunks"]],
        "force": packed(np.stack([grf[:, _columns("v", s)] for s in ("right", "left")], axis=1)),
        "point": packed(np.stack([grf[:, _columns("p", s)] for s in ("right", "left")], axis=1)),
        "muscles": _muscles(bundle, pick, config),
        "trunk": _trunk(bundle["activation"][pick]),
        "segments": packed_share(segment_activation(bundle["activation"][pick])),
    }
    for name in ("marker_rms_m", "marker_max_m"):
        if name in bundle:
            out[name] = packed(bundle[name][pick])
    out |= joint_payload(bundle, pick)
    if "trunk_reserve" in bundle:
        out["reserves"] = _reserves(bundle, pick, config.max_reserves)
    if "skeleton_position" in bundle and "skeleton_parent" in bundle:
        out["skeleton"] = _skeleton(bundle, pick)
    return out


def _chunk(chunk: dict[str, Any]) -> dict[str, Any]:
    window, status = chunk["window"], chunk["status"]
    return {
        "chunk": window["chunk"],
        "start": window["keep_start"],
        "stop": window["keep_stop"],
        **{key: status[key] for key in ("status", "stage", "reason", "detail", "remedy")},
    }


def _columns(kind: str, side: str) -> list[int]:
    return [GRF_COLUMNS.index(f"ground_force_{side}_{kind}{axis}") for axis in "xyz"]


def _muscles(bundle: Bundle, pick: Rows, config: ReportConfig) -> dict[str, Any]:
    rows = muscle_subset(config.muscle_subset)
    columns = [mint_columns().index(str(name)) for name in rows["mint_column"]]
    return {
        "names": [str(x) for x in rows["mint_column"]],
        "labels": [str(x) for x in rows["label"]],
        "sides": [str(x) for x in rows["side"]],
        "activation": packed_share(bundle["activation"][pick][:, columns]),
    }


def trunk_groups() -> list[str]:
    """Anatomical groups of trunk muscles, from the front of the body to its back."""
    return list(dict.fromkeys(table("trunk_muscle_groups")["group"]))


def group_activation(activation: NDArray[Any]) -> NDArray[np.float64]:
    """Mean activation (n, g, 2) of each group of trunk muscles, right and left, weighted by maximum isometric force;
    NaN where the model has none of them."""
    muscles, groups = table("muscles_402"), trunk_groups()
    weights = np.zeros((len(muscles), len(groups), 2))
    for i, row in enumerate(muscles.to_dict("records")):
        if row["region"] == "trunk":
            group = by_beginning("trunk_muscle_groups", "group", str(row["mint_column"]).removeprefix("TL_"))
            weights[i, groups.index(group), int(row["side"] == "l")] = float(row["max_isometric_force_N"])
    return _weighted_mean(activation, weights)


def _weighted_mean(activation: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, ..) mean over the known ones of `activation (n, 402)` with `weights (402, ..)`; NaN where none is known."""
    values = np.asarray(activation, dtype=float)
    total = np.tensordot(np.isfinite(values).astype(float), weights, axes=1)
    found = np.tensordot(np.nan_to_num(values), weights, axes=1)
    return np.divide(found, total, out=np.full_like(total, np.nan), where=total > 0)


def _trunk(activation: NDArray[Any]) -> dict[str, Any]:
    """Activation of the groups that the model has."""
    values = group_activation(activation)
    there = np.asarray(np.isfinite(values).any(axis=(0, 2)))
    return {
        "groups": [name for name, found in zip(trunk_groups(), there, strict=True) if found],
        "activation": packed_share(values[:, there]),
    }


def _reserves(bundle: Bundle, pick: Rows, most: int) -> dict[str, Any]:
    """The coordinates with the largest reserves of the trunk, largest first."""
    names, units = bundle.names("trunk_reserve_coordinates"), bundle.names("trunk_reserve_units")
    largest = np.abs(bundle["trunk_reserve"]).max(axis=0)
    order = [int(i) for i in np.argsort(-largest)[:most]]
    return {
        "names": [names[i] for i in order],
        "units": [units[i] for i in order],
        "values": packed(bundle["trunk_reserve"][pick][:, order]),
    }


def segment_activation(activation: NDArray[Any]) -> NDArray[np.float64]:
    """Mean activation (n, 7) of the muscles on each of `SEGMENTS`, weighted by maximum isometric force."""
    muscles = table("muscles_402")
    segment_of = dict(zip(table("muscle_regions")["muscle"], table("muscle_regions")["segment"], strict=True))
    weights = np.zeros((len(muscles), len(SEGMENTS)))
    for i, row in enumerate(muscles.to_dict("records")):
        stem = str(row["mint_column"])[3:-2]
        name = "trunk" if row["region"] == "trunk" else f"{segment_of[stem]}_{row['side']}"
        weights[i, SEGMENTS.index(name)] = float(row["max_isometric_force_N"])
    return np.nan_to_num(_weighted_mean(activation, weights))


def _skeleton(bundle: Bundle, pick: Rows) -> dict[str, Any]:
    bodies = bundle.names("skeleton_bodies")
    parents = [int(p) for p in bundle["skeleton_parent"]]
    return {
        "bodies": bodies,
        "parent": parents,
        "position": packed(bundle["skeleton_position"][pick]),
        "segment": [
            SEGMENTS.index(name) if (name := bone_segment(bodies[p] if p >= 0 else "", body)) else -1
            for body, p in zip(bodies, parents, strict=True)
        ],
    }


def bone_segment(parent: str, body: str) -> str:
    """Which of `SEGMENTS` the bone from body `parent` to `body` shows; empty for none (feet, arms, head)."""
    side = body[-1] if body.endswith(("_r", "_l")) else ""
    stem = parent.removesuffix("_r").removesuffix("_l")
    if parent == "pelvis" and side:
        return f"hip_{side}"
    if stem in _PARENT_SEGMENT and side:
        return f"{_PARENT_SEGMENT[stem]}_{side}"
    return "trunk" if not side and parent and body not in ("head", "jaw", "skull") else ""
