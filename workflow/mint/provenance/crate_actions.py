"""Actions of the crate: how a subject's model and a sequence's values were made."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from mint.batch.check import SUBJECT_OUTPUT
from mint.batch.made import Made
from mint.provenance.crate_entities import Crate, Reference
from mint.provenance.trace import BYPRODUCTS, Traces, result_path, used

# Results that the model of a subject consists of, beside by-products.
_MODEL = tuple(SUBJECT_OUTPUT[stage] for stage in ("scale", "muscle_paths"))
_DETAILS = "Stages, chunks, hosts, jobs and times: rows of provenance.parquet with"
_STALE = " Some no longer follow from their inputs: see its column stale."


def add_subject(crate: Crate, subject: str, who: Reference | None) -> Reference | None:
    """How the model of a subject was made from a generic one and marker adjustments; None without a trace."""
    folder = f"subjects/{subject}"
    scale, paths = (crate.traces.node(f"{folder}/{file}").made for file in _MODEL)
    if scale is None:
        return None
    sources = _sources(crate, scale, "model_osim", "static_path")
    names = (*BYPRODUCTS, *_MODEL)
    files = [f"{folder}/{name}" for name in names if (crate.results / folder / name).is_file()]
    return _add_action(
        crate,
        f"#subject-{subject}",
        f"Model of subject {subject}",
        scale,
        paths or scale,
        agent=who,
        description=f"{_DETAILS} subject {subject}.",
        object=[*sources, _adjustments(crate, subject)],
        result=[crate.hashed(path) for path in files],
        error=_error(scale),
    )


def add_sequence(
    crate: Crate, sequence: str, folder: str | None, who: Reference | None, *, stale: bool
) -> Reference | None:
    """How the `folder` of a sequence in the dataset was made from motion file, model and adjustments.

    A sequence without a folder has a failed action, whose result is the merged sequence; one without a trace has none.
    """
    crate.traces.forget_sequences()
    validated, merged = (crate.traces.node(result_path(stage, sequence)).made for stage in ("validate", "merge"))
    if merged is None:
        return None
    motion = _sources(crate, validated, "path") if validated else []
    error = _error(merged) or (None if folder else "no accepted frame")
    result = crate.folder(folder) if folder else crate.file(result_path("merge", sequence))
    model = _of_subject(crate, _subject_of(crate.traces, merged))
    return _add_action(
        crate,
        f"#sequence-{sequence}",
        f"Sequence {sequence}",
        validated or merged,
        merged,
        agent=who,
        description=f"{_DETAILS} sequence {sequence}.{_STALE if stale else ''}",
        object=[*motion, *model],
        result=[result],
        error=error,
    )


def _add_action(crate: Crate, name: str, title: str, first: Made, last: Made, **properties: Any) -> Reference:
    status = "Failed" if properties["error"] else "Completed"
    return crate.add(
        name,
        "CreateAction",
        name=title,
        instrument=crate.tool(last),
        startTime=first.started,
        endTime=last.ended,
        actionStatus=f"http://schema.org/{status}ActionStatus",
        **properties,
    )


def _sources(crate: Crate, made: Made, *arguments: str) -> list[Reference]:
    """Files that a result was made from, those of some arguments."""
    return [crate.source(path, digest) for argument, path, digest in used(made) if argument in arguments]


def _error(made: Made) -> str | None:
    return None if made.status == "ok" else made.reason


def _of_subject(crate: Crate, subject: str) -> list[Reference]:
    if not subject:
        return []
    model = f"subjects/{subject}/{BYPRODUCTS[0]}"
    models = [crate.hashed(model)] if (crate.results / model).is_file() else []
    return [*models, _adjustments(crate, subject)]


def _adjustments(crate: Crate, subject: str) -> Reference:
    """Marker adjustments of a subject as JSON text, rows `marker, dx_mm, dy_mm, dz_mm`."""
    made = crate.traces.node(f"subjects/{subject}/{SUBJECT_OUTPUT['scale']}").made
    text = json.dumps(made.values.get("adjustments") or [], sort_keys=True) if made is not None else "unknown"
    return crate.add(
        f"#adjustments-{subject}",
        "PropertyValue",
        name=f"marker adjustments of {subject}",
        propertyID="marker_adjustments",
        value=text,
    )


def _subject_of(traces: Traces, merged: Made) -> str:
    """Subject whose model the chunks of a sequence were solved with; empty if no trace tells."""
    for _, path, _ in used(merged):
        made = traces.node(path).made if path.endswith("/ik.npz") else None
        if made is not None:
            scales = [file for argument, file, _ in used(made) if argument == "scale_path"]
            return PurePosixPath(scales[0]).parent.name if scales else ""
    return ""
