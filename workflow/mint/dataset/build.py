"""The dataset stage: merged sequences become `results/dataset/` in MinT's layout, readable by `musint`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from mint.config.dataset import DatasetConfig
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ, time_s
from mint.dataset.naming import Place, places
from mint.dataset.parquet import write_table
from mint.dataset.sequence_files import (
    content_sha256,
    file_sha256,
    versions,
    write_parquet,
    write_pickles,
)
from mint.sequence.outcome import read_bundle

NEEDED = (
    "frames",
    "activation",
    "muscle_force_N",
    "grf",
    "contact",
    "extra_muscles",
    "extra_activation",
    "extra_force_N",
)
METADATA_COLUMNS = (
    "data_path",
    "dataset",
    "subject",
    "sequence",
    "gender",
    "weight_kg",
    "height_cm",
    "amass_dur",
    "analysed_dur",
    "analysed_%",
    "babel_sid",
    "gap",
    "path_id",
)


def sequence_path(results_dir: str | Path, sequence_id: str) -> Path:
    """Merged bundle of a sequence."""
    return Path(results_dir) / "sequences" / sequence_id / "sequence.npz"


def run(
    plan: Mapping[str, Any], results_dir: str | Path, config: DatasetConfig, root: str | Path = "."
) -> Path:
    """Write `results_dir/dataset/` whole or not at all and return its path.

    `plan` is `plan.json` as a mapping; `root` is where relative paths of the sequence table start. Sequences
    without a merged bundle or without a single accepted frame are left out; the ledger has their reason. The
    only `.csv` is `mint_metadata.csv`, because the reader collects every other one.
    """
    results = Path(results_dir)
    target = results / "dataset"
    results.mkdir(parents=True, exist_ok=True)
    for stale in results.glob(".dataset-*"):
        shutil.rmtree(stale, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=".dataset-", dir=results))
    try:
        _fill(temporary, plan["sequences"], results, config, Path(root))
        temporary.chmod(0o755)
        _swap(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _fill(folder: Path, records: Mapping[str, Any], results: Path, config: DatasetConfig, root: Path) -> None:
    where = places(records)
    rows: list[dict[str, Any]] = []
    intervals: list[dict[str, Any]] = []
    for name in sorted(records):
        bundle = _usable(sequence_path(results, name))
        if bundle is None:
            continue
        record, place = records[name], where[name]
        provenance = _provenance(record, place, bundle, config, root)
        write_parquet(folder / place.data_path, bundle, provenance, config)
        if config.pickles:
            write_pickles(folder / place.data_path, bundle)
        rows.append(_metadata(record, place, bundle))
        intervals += interval_rows(name, place, bundle)
    metadata = pd.DataFrame(rows, columns=list(METADATA_COLUMNS)).sort_values("data_path")
    metadata.to_csv(folder / "mint_metadata.csv", index=False)
    write_table(
        pa.Table.from_pylist(intervals, schema=INTERVAL_SCHEMA),
        folder / "intervals.parquet",
        config.compression,
    )


def _usable(path: Path) -> Bundle | None:
    bundle, _ = read_bundle("merge", path)
    if bundle is None or not bundle.ok or not all(name in bundle for name in NEEDED):
        return None
    return bundle if len(bundle["frames"]) else None


def _swap(new: Path, target: Path) -> None:
    old = target.with_name(f".dataset-old-{new.name.removeprefix('.dataset-')}")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _provenance(
    record: Mapping[str, Any], place: Place, bundle: Bundle, config: DatasetConfig, root: Path
) -> dict[str, Any]:
    motion = bundle.meta.get("sha256")
    if motion is None and config.hash_inputs:
        motion = file_sha256(root / str(record["path"]))
    return {
        "data_path": place.data_path,
        "sequence_id": record["sequence_id"],
        "frame_rate_hz": FRAME_RATE_HZ,
        "frame": "ground: x forward, y up, z right",
        "versions": versions(),
        "input_sha256": {"motion": motion, "merged_sequence": content_sha256(bundle)},
    }


def _metadata(record: Mapping[str, Any], place: Place, bundle: Bundle) -> dict[str, Any]:
    """One row of `mint_metadata.csv`; `gap` is True where rows are missing between two that are present."""
    meta, frames = bundle.meta, bundle["frames"]
    duration = float(record.get("duration_s") or time_s(int(record["last_frame"])))
    analysed = time_s(len(frames))
    stature = record.get("height_m") or meta.get("stature_m")
    mass = record.get("mass_kg") or meta.get("mass_kg")
    return {
        "data_path": place.data_path,
        "dataset": place.dataset,
        "subject": place.subject,
        "sequence": place.sequence,
        "gender": record.get("gender") or meta.get("gender") or "neutral",
        "weight_kg": None if mass is None else round(float(mass), 1),
        "height_cm": None if stature is None else round(100 * float(stature), 1),
        "amass_dur": round(duration, 2),
        "analysed_dur": analysed,
        "analysed_%": round(min(1.0, analysed / duration), 2) if duration else 0.0,
        "babel_sid": int(record.get("babel_sid") or -1),
        "gap": bool(int(frames[-1] - frames[0]) + 1 > len(frames)),
        "path_id": place.path_id,
    }


INTERVAL_SCHEMA = pa.schema(
    [
        ("sequence_id", pa.string()),
        ("data_path", pa.string()),
        ("frame_start", pa.int32()),
        ("frame_stop", pa.int32()),
        ("t_start_s", pa.float64()),
        ("t_stop_s", pa.float64()),
        ("present", pa.bool_()),
        ("interior", pa.bool_()),
        ("reasons", pa.string()),
    ]
).with_metadata({"mint": '{"intervals": "[start, stop), frames at 50/s"}'})


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
                c["status"]["reason"]
                for c in bundle.meta["chunks"]
                if c["window"]["keep_start"] < b and c["window"]["keep_stop"] > a
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
