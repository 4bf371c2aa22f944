"""The plan: sequences, their windows, the subjects and who shapes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mint.core.chunks import FRAME_RATE_HZ, frame_count, time_s, windows
from mint.core.status import Reason, StageError
from mint.formats.header import stated_rate
from mint.formats.trials import Given
from mint.plan.row_problems import row_problem
from mint.plan.scan import HeaderCache
from mint.plan.sequences import STAGE, SequenceRow
from mint.plan.subjects import SubjectFacts, subject_facts

# A subject is shaped by its first usable sequence among this many: a short list that is kept, so that sequences
# added later do not make the subject's model, and with it everything of the subject, out of date.
SHAPE_CANDIDATES = 3


def build_plan(
    rows: list[SequenceRow],
    cache: HeaderCache,
    *,
    root: Path,
    model: str = "pose2sim",
    in_view_share: float | None = None,
    known_lengths: Mapping[str, tuple[int, float]] | None = None,
    shaped_by: Mapping[str, list[str]] | None = None,
) -> dict[str, Any]:
    """Plan of all rows, JSON-able: `{"sequences": {id: record}, "subjects": {id: record}}`.

    `known_lengths` gives frames and rate of files that a rule will make (the embedded motion), so that a
    dry run works before they exist. `in_view_share` is that of section `body`; without it
    trials of markers are planned whole. `shaped_by` gives the sequences that
    have shaped a subject before: they go on to do so, whatever was added. A record's `problem` is a status (as JSON) if
    nothing of it can be run.
    """
    rows, unrecognized = _recognized(rows, cache, root, known_lengths or {})
    facts = subject_facts(rows)
    sequences: dict[str, Any] = {}
    subjects: dict[str, Any] = {}
    for row in rows:
        record = _record(
            row,
            facts.get(row.subject_id),
            cache,
            root,
            model,
            in_view_share,
            known_lengths or {},
            unrecognized.get(row.sequence_id),
        )
        sequences[row.sequence_id] = record
        if record["problem"] is None:
            subject = subjects.setdefault(row.subject_id, _subject(row.subject, facts[row.subject_id]))
            if len(subject["shape_from"]) < SHAPE_CANDIDATES:
                subject["shape_from"].append(row.sequence_id)
    for name, subject in subjects.items():
        before = [
            seq
            for seq in (shaped_by or {}).get(name, ())
            if seq in sequences and sequences[seq]["problem"] is None and sequences[seq]["subject_id"] == name
        ]
        subject["shape_from"] = before or subject["shape_from"]
    return {"sequences": sequences, "subjects": subjects}


def _recognized(
    rows: list[SequenceRow], cache: HeaderCache, root: Path, known: Mapping[str, object]
) -> tuple[list[SequenceRow], dict[str, StageError]]:
    """Rows with their format filled in where the table leaves it to the content, and, by sequence id, why it could not
    be told. Files that a rule will make are AMASS's."""
    out, problems = [], {}
    for row in rows:
        source = row.source
        if source is None and row.problem is None:
            try:
                source = cache.format_of(root / row.path)
            except StageError as error:
                if row.path in known and error.reason is Reason.FILE_MISSING:
                    source = "amass"
                else:
                    problems[row.sequence_id] = error
        out.append(row if source == row.source else row.model_copy(update={"source": source}))
    return out, problems


def _record(
    row: SequenceRow,
    facts: SubjectFacts | None,
    cache: HeaderCache,
    root: Path,
    model: str,
    in_view_share: float | None,
    known: Mapping[str, tuple[int, float]],
    unrecognized: StageError | None,
) -> dict[str, Any]:
    record: dict[str, Any] = {
        **row.model_dump(),
        "kind": row.kind,
        "subject_id": row.subject_id,
        "windows": [],
        "last_frame": -1,
        "duration_s": 0.0,
        "rate_hz": 0.0,
        "problem": None,
    }
    if facts is not None and row.kind == "markers":
        record["static_path"] = facts.static_path
    if problem := row_problem(row, facts, root, model, known, unrecognized):
        record["problem"] = problem.to_json()
        return record
    assert row.source is not None
    path = root / row.path
    try:
        header = cache.header(path, row.source, row.frame_rate_override)
        frames, rate = header.frames, header.rate_hz
    except StageError as error:
        if error.reason is not Reason.FILE_MISSING or row.path not in known:
            # What a file proves about its stated rate concerns others that state the same.
            stated = stated_rate(path, row.source) if error.reason is Reason.FRAME_RATE else 0.0
            return record | {"problem": error.as_status(STAGE).to_json(), "rate_hz": stated}
        frames, rate = known[row.path][0], row.frame_rate_override or known[row.path][1]
    record["rate_hz"] = rate
    record["last_frame"] = frame_count((frames - 1) / rate)
    record["duration_s"] = round(frames / rate, 3)
    given = Given(None, row.frame_rate_override, row.subject)
    ends = None if in_view_share is None else cache.in_view(path, row.source, given, in_view_share)
    first, last = (0, record["last_frame"]) if ends is None else _at_50_hz(ends, rate)
    record["windows"] = [asdict(window) for window in windows(last, first)]
    if ends is not None and not record["windows"]:
        short = StageError(
            Reason.TOO_SHORT,
            f"{path}: enough markers to tell where the body is are seen from {time_s(first)} to {time_s(last)} s only, "
            "less than 0.6 s (body.in_view_share)",
            remedy="track the markers again, or leave the trial out",
        )
        record["problem"] = short.as_status(STAGE).to_json()
    return record


def _at_50_hz(ends: tuple[int, int], rate_hz: float) -> tuple[int, int]:
    """The first and last frame at 50/s between two frames of a file, both included."""
    return -int(-ends[0] * FRAME_RATE_HZ // rate_hz), frame_count(ends[1] / rate_hz)


def _subject(name: str, facts: SubjectFacts) -> dict[str, Any]:
    return {
        "subject": name,
        "marker_set": facts.marker_set,
        "kind": facts.kind,
        "static_path": facts.static_path,
        "mass_kg": facts.mass_kg,
        "height_m": facts.height_m,
        "shape_from": [],
    }
