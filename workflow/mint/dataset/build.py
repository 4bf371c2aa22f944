"""The dataset stage: merged sequences become `results/dataset/` in MinT's layout, readable by `musint`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.batch.check import OUTPUT
from mint.batch.made import Made
from mint.config.babel import BabelConfig
from mint.config.dataset import DatasetConfig
from mint.config.quality import QualityConfig
from mint.core.atomic import replaced
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.dataset.babel import Babel
from mint.dataset.babel_join import Joined, join
from mint.dataset.babel_labels import LABELS, activities, label_rows
from mint.dataset.comparison import COMPARISONS, comparison_rows, envelopes
from mint.dataset.gait import GAIT_EVENTS, STEPS, gait_rows
from mint.dataset.metadata import write_metadata
from mint.dataset.naming import Place, places
from mint.dataset.outcomes import read_merged
from mint.dataset.quality import quality_tables, write_tables
from mint.dataset.sequence_files import (
    content_sha256,
    versions,
    write_parquet,
    write_pickles,
)
from mint.dataset.sequences import (
    INTERVALS,
    MUSCLES,
    SEQUENCES,
    interval_rows,
    muscle_rows,
    sequence_row,
)


def sequence_path(results_dir: str | Path, sequence_id: str) -> Path:
    """Merged bundle of a sequence."""
    return Path(results_dir) / "sequences" / sequence_id / "sequence.npz"


def run(
    plan: Mapping[str, Any],
    results_dir: str | Path,
    config: DatasetConfig,
    *,
    joined: Mapping[str, Joined] | None = None,
    quality: QualityConfig | None = None,
    doubted: Mapping[str, str] | None = None,
) -> Path:
    """Write `results_dir/dataset/` whole or not at all and return its path.

    `plan` holds the records of the planned sequences; `joined` is what BABEL says of each sequence, `doubted` why the
    frame rate of some is doubtful. Sequences without a merged bundle or without a single accepted frame have no folder;
    ledger and quality tables have their reason. The only `.csv` are those for musint (`mint.dataset.metadata`), which
    collects every one.
    """
    results = Path(results_dir)
    target = results / "dataset"
    joined = join(Babel(), plan["sequences"], BabelConfig()) if joined is None else joined
    with replaced(target) as folder:
        there = _fill(folder, plan["sequences"], results, config, joined)
        tables = quality_tables(plan, results, quality or QualityConfig(), there, doubted)
        write_tables(tables, folder, config.compression)
    return target


def _fill(
    folder: Path, records: Mapping[str, Any], results: Path, config: DatasetConfig, joined: Mapping[str, Joined]
) -> dict[str, str]:
    """Write everything but the quality; folders of the sequences that have data, by sequence id."""
    where = places(records)
    rows: list[dict[str, Any]] = []
    intervals: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    compared: dict[str, list[dict[str, Any]]] = {table: [] for table in COMPARISONS}
    for name in sorted(records):
        record, place = records[name], where[name]
        bundle, _ = read_merged(record, sequence_path(results, name).parent)
        if bundle is None or not bundle.ok or not len(bundle["frames"]):
            continue
        provenance = _provenance(results, name, place, bundle)
        write_parquet(
            folder / place.data_path, bundle, provenance, config, emg=envelopes(name, results, bundle["frames"])
        )
        if config.pickles:
            write_pickles(folder / place.data_path, bundle)
        babel = joined[name]
        rows.append(sequence_row(record, place, bundle, babel.babel_sid, babel.split, activities(babel)))
        intervals += interval_rows(name, place, bundle)
        own_events, own_steps = gait_rows(name, bundle)
        events, steps = events + own_events, steps + own_steps
        for table, own in comparison_rows(name, results).items():
            compared[table] += own
    rows.sort(key=lambda row: str(row["data_path"]))
    write_metadata(rows, folder)
    there = {str(row["sequence_id"]): str(row["data_path"]) for row in rows}
    for schema, content in (
        (SEQUENCES, rows),
        (INTERVALS, intervals),
        (MUSCLES, muscle_rows()),
        (LABELS, label_rows(joined, there)),
        (GAIT_EVENTS, events),
        (STEPS, steps),
        *((schema, compared[table]) for table, (schema, _) in COMPARISONS.items()),
    ):
        schema.write(content, folder, config.compression)
    return there


def _provenance(results: Path, name: str, place: Place, bundle: Bundle) -> dict[str, Any]:
    return {
        "data_path": place.data_path,
        "sequence_id": name,
        "frame_rate_hz": FRAME_RATE_HZ,
        "frame": "ground: x forward, y up, z right",
        "versions": versions(),
        "input_sha256": {"motion": motion_sha256(results, name), "merged_sequence": content_sha256(bundle)},
    }


def motion_sha256(results: Path, name: str) -> str | None:
    """SHA-256 of the motion file as it was when the sequence was checked, from the trace; None where there is none."""
    made = Made.read(results / "sequences" / name / OUTPUT["validate"])
    try:
        [[_, digest]] = made.inputs["path"] if made is not None else [["", None]]
    except (KeyError, TypeError, ValueError):
        return None
    return str(digest) if digest else None
