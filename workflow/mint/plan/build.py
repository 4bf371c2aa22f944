"""The plan: sequences, their windows, the subjects and who shapes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mint.core.atomic import write_text
from mint.core.chunks import frame_count, windows
from mint.core.status import Reason, StageError
from mint.plan.scan import HeaderCache
from mint.plan.sequences import SequenceRow

# A subject is shaped by its first usable sequence among this many: a short list that is kept, so that sequences
# added later do not make the subject's model, and with it everything of the subject, out of date.
SHAPE_CANDIDATES = 3


def build_plan(rows: list[SequenceRow], cache: HeaderCache, *, root: Path,
               known_lengths: Mapping[str, tuple[int, float]] | None = None,
               shaped_by: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    """Plan of all rows, JSON-able: `{"sequences": {id: record}, "subjects": {id: record}}`.

    `known_lengths` gives frames and rate of files that a rule will make (the embedded motion), so that a
    dry run works before they exist. `shaped_by` gives the sequences that have shaped a subject before: they go on to
    do so, whatever was added. A record's `problem` is a status (as JSON) if nothing of it can be run.
    """
    sequences: dict[str, Any] = {}
    subjects: dict[str, Any] = {}
    for row in rows:
        record = _record(row, cache, root, known_lengths or {})
        sequences[row.sequence_id] = record
        if record["problem"] is None:
            subject = subjects.setdefault(row.subject_id, _subject(row))
            if len(subject["shape_from"]) < SHAPE_CANDIDATES:
                subject["shape_from"].append(row.sequence_id)
    for name, subject in subjects.items():
        before = [seq for seq in (shaped_by or {}).get(name, ()) if seq in sequences
                  and sequences[seq]["problem"] is None and sequences[seq]["subject_id"] == name]
        subject["shape_from"] = before or subject["shape_from"]
    return {"sequences": sequences, "subjects": subjects}


def _record(row: SequenceRow, cache: HeaderCache, root: Path,
            known: Mapping[str, tuple[int, float]]) -> dict[str, Any]:
    record: dict[str, Any] = {**row.model_dump(), "subject_id": row.subject_id, "windows": [], "last_frame": -1,
                              "duration_s": 0.0, "problem": None}
    path = root / row.path
    try:
        header = cache.header(path, row.source, row.frame_rate_override)
        frames, rate = header.frames, header.rate_hz
    except StageError as error:
        if error.reason is not Reason.FILE_MISSING or row.path not in known:
            record["problem"] = error.as_status("plan").to_json()
            return record
        frames, rate = known[row.path]
    record["last_frame"] = frame_count((frames - 1) / rate)
    record["duration_s"] = round(frames / rate, 3)
    record["windows"] = [asdict(window) for window in windows(record["last_frame"])]
    return record


def _subject(row: SequenceRow) -> dict[str, Any]:
    return {"marker_set": row.marker_set or "smplh67", "source": row.source, "static_path": row.static_path,
            "mass_kg": row.mass_kg, "shape_from": []}


def write_plan(plan: Mapping[str, Any], path: str | Path) -> None:
    """Write the plan if it changed, so that its time stamp means something."""
    text = json.dumps(plan, indent=1)
    path = Path(path)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)


def read_plan(path: str | Path) -> dict[str, Any]:
    """The plan that the main process wrote."""
    plan: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return plan
