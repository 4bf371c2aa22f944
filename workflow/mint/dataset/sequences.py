"""Tables about sequences: what is in the dataset, which intervals of it, and what its columns are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from mint.core.bundle import Bundle
from mint.core.chunks import time_s
from mint.core.tables import by_beginning, table
from mint.dataset.naming import Place
from mint.dataset.schema import Column, TableSchema

SEQUENCES = TableSchema(
    "sequences",
    "a sequence that has data",
    (
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column("data_path", "text", "1", "folder of its files below the dataset"),
        Column("path_id", "text", "1", "what musint indexes by: subject/sequence"),
        Column("dataset", "text", "1", "AMASS sub-dataset or lab"),
        Column("subject", "text", "1", "name of the subject within the dataset"),
        Column("sequence", "text", "1", "name of the recording, ending with _poses"),
        Column("gender", "text", "1", "of the body model", allowed=("male", "female", "neutral")),
        Column("weight_kg", "float", "kg", "body mass, measured or of the mesh", nullable=True, low=0),
        Column("height_cm", "float", "cm", "stature, measured or of the mesh", nullable=True, low=0),
        Column("duration_s", "float", "s", "duration of the motion file", low=0),
        Column("analysed_s", "float", "s", "duration that has values", low=0),
        Column("analysed_share", "float", "1", "analysed_s / duration_s", low=0, high=1),
        Column("first_frame", "int", "frames at 50/s", "first frame that could have values", low=0),
        Column("stop_frame", "int", "frames at 50/s", "the frame after the last that could have values", low=0),
        Column("frames", "int", "1", "frames that have values", low=0),
        Column("gap", "bool", "1", "frames are missing between two that are there"),
        Column("babel_sid", "int", "1", "sequence number in BABEL, -1 unknown", low=-1),
        Column("split", "text", "1", "split in BABEL: train, val, test, or empty where unknown"),
        Column(
            "activities", "texts", "1", "groups of activities that BABEL's labels name (resources/activity_groups.csv)"
        ),
    ),
    ("sequence_id",),
)

INTERVALS = TableSchema(
    "intervals",
    "an interval [start, stop) with or without values",
    (
        Column("sequence_id", "text", "1", "name in the table of sequences"),
        Column("data_path", "text", "1", "folder of its files below the dataset"),
        Column("frame_start", "int", "frames at 50/s", "first frame", low=0),
        Column("frame_stop", "int", "frames at 50/s", "the frame after the last", low=0),
        Column("t_start_s", "float", "s", "time of the first frame", low=0),
        Column("t_stop_s", "float", "s", "time of the frame after the last", low=0),
        Column("present", "bool", "1", "whether the interval has values"),
        Column("interior", "bool", "1", "missing, with values on both sides"),
        Column(
            "reasons", "text", "1", "why it is missing: reasons of the chunks in it, comma separated; empty if present"
        ),
    ),
    ("sequence_id", "frame_start"),
)

MUSCLES = TableSchema(
    "muscles",
    "a column of the muscle tables",
    (
        Column("mint_column", "text", "1", "name of the column"),
        Column("position", "int", "1", "place among the 402 columns, from 0", low=0),
        Column("region", "text", "1", "which optimization it comes from", allowed=("lower_limb", "trunk")),
        Column("side", "text", "1", "side of the body", allowed=("l", "r")),
        Column("mirror", "text", "1", "column of the other side"),
        Column("group", "text", "1", "anatomical group of a trunk muscle, body segment of a leg muscle"),
        Column("max_isometric_force_N", "float", "N", "of the generic model", low=0),
    ),
    ("mint_column",),
)


def sequence_row(
    record: Mapping[str, Any], place: Place, bundle: Bundle, babel_sid: int, split: str, activities: Sequence[str]
) -> dict[str, Any]:
    """One row of `sequences` from the plan's record and the merged bundle."""
    meta, frames = bundle.meta, bundle["frames"]
    duration = float(record.get("duration_s") or time_s(int(record["last_frame"])))
    analysed = time_s(len(frames))
    stature = record.get("height_m") or meta.get("stature_m")
    mass = record.get("mass_kg") or meta.get("mass_kg")
    return {
        "sequence_id": record["sequence_id"],
        "data_path": place.data_path,
        "path_id": place.path_id,
        "dataset": place.dataset,
        "subject": place.subject,
        "sequence": place.sequence,
        "gender": record.get("gender") or meta.get("gender") or "neutral",
        "weight_kg": None if mass is None else round(float(mass), 1),
        "height_cm": None if stature is None else round(100 * float(stature), 1),
        "duration_s": duration,
        "analysed_s": analysed,
        "analysed_share": min(1.0, analysed / duration) if duration else 0.0,
        "first_frame": int(meta["first_frame"]),
        "stop_frame": int(meta["stop_frame"]),
        "frames": len(frames),
        "gap": bool(int(frames[-1] - frames[0]) + 1 > len(frames)),
        "babel_sid": babel_sid,
        "split": split,
        "activities": sorted(activities),
    }


def interval_rows(name: str, place: Place, bundle: Bundle) -> list[dict[str, Any]]:
    """Present and missing intervals [start, stop) in time order; `reasons` names why a gap is one."""
    first, stop = int(bundle.meta["first_frame"]), int(bundle.meta["stop_frame"])
    gaps = [(int(a), int(b)) for a, b in bundle.meta["gaps"]]
    edges = sorted({first, stop, *(edge for gap in gaps for edge in gap)})
    rows = []
    for a, b in pairwise(edges):
        present = (a, b) not in gaps
        why = (
            []
            if present
            else [
                chunk["status"]["reason"]
                for chunk in bundle.meta["chunks"]
                if chunk["window"]["keep_start"] < b and chunk["window"]["keep_stop"] > a
            ]
        )
        rows.append(
            {
                "sequence_id": name,
                "data_path": place.data_path,
                "frame_start": a,
                "frame_stop": b,
                "t_start_s": time_s(a),
                "t_stop_s": time_s(b),
                "present": present,
                "interior": not present and a > first and b < stop,
                "reasons": ",".join(dict.fromkeys(why)),
            }
        )
    return rows


def muscle_rows() -> list[dict[str, Any]]:
    """The 402 columns, with what is known of each."""
    segment = dict(zip(table("muscle_regions")["muscle"], table("muscle_regions")["segment"], strict=True))
    rows = []
    for position, muscle in enumerate(table("muscles_402").to_dict("records")):
        name = str(muscle["mint_column"])
        trunk = muscle["region"] == "trunk"
        rows.append(
            {
                **{key: muscle[key] for key in ("mint_column", "region", "side", "mirror", "max_isometric_force_N")},
                "position": position,
                "group": by_beginning("trunk_muscle_groups", "group", name.removeprefix("TL_"))
                if trunk
                else segment[name[3:-2]],
            }
        )
    return rows
