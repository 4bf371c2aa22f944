"""Export of a sequence: its accepted chunks become the files of an OpenSim project."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mint.config.opensim import OpensimConfig, Trials
from mint.core.atomic import write_text
from mint.core.bundle import Bundle
from mint.core.chunks import Window
from mint.core.status import StageError, Status
from mint.exchange.curves import stretches
from mint.exchange.layout import TrialFiles, chunk_names, trial_names
from mint.exchange.solution import Stretch
from mint.exchange.trial import load_models, write_trial
from mint.sequence.merge import CHUNK_FILES
from mint.sequence.outcome import Chunk, read_chunk


def run(
    sequence: str,
    merged: str | Path,
    files: Sequence[str | Path],
    models: str | Path,
    output: str | Path,
    model: str,
    margin: int,
    config: OpensimConfig,
) -> dict[str, Any]:
    """Export a sequence into the folder of `models`, the record of its subject's models, and write its own at `output`.

    `merged` is its sequence.npz, `files` are the results of its chunks as stage merge takes them, `margin` is the half
    width of fades in frames. The record says which trials there are and what the pelvis lacks in each, or why there is
    none.
    """
    project = Path(models).parent
    record: dict[str, Any] = {"sequence": sequence, "subject": project.name, "status": "ok", "trials": []}
    try:
        record["status"] = json.loads(Path(models).read_text(encoding="utf-8"))["status"]
        sequence_bundle = Bundle.read(merged)
        chunks = _accepted(sequence_bundle, files)
        if not sequence_bundle.ok:
            record["status"] = sequence_bundle.status.message
        elif not chunks:
            record["status"] = "no accepted chunk: the ledger says why"
        elif record["status"] == "ok":
            record["trials"] = _exported(sequence, chunks, project, model, margin, config.trials)
    except StageError as error:
        record["status"] = str(error)
    write_text(output, json.dumps(record, indent=1))
    return record


def _accepted(merged: Bundle, files: Sequence[str | Path]) -> list[Chunk]:
    """Chunks that stage merge took, as it read them."""
    rows = [files[i : i + len(CHUNK_FILES)] for i in range(0, len(files), len(CHUNK_FILES))]
    out = []
    for known, row in zip(merged.meta.get("chunks", []), rows, strict=False):
        if known["status"]["status"] == Status.ACCEPTED.value:
            out.append(read_chunk(Window(**known["window"]), dict(zip(CHUNK_FILES, row, strict=True))))
    return out


def _exported(
    sequence: str, chunks: list[Chunk], project: Path, model: str, margin: int, trials: Trials
) -> list[dict[str, Any]]:
    models = load_models(project, model, chunks[0].names("trajectory", "coordinates"))
    return [
        write_trial(TrialFiles(project, name), Stretch(tuple(chunks[i] for i in rows), margin), models)
        for name, rows in planned_trials(sequence, [chunk.window for chunk in chunks], trials).items()
    ]


def planned_trials(sequence: str, windows: Sequence[Window], trials: Trials) -> dict[str, list[int]]:
    """Names of trials, and which of the accepted `windows` each is made of.

    With `both`, chunks that are a stretch of their own are no second trial: nothing is faded there.
    """
    parts = stretches(windows)
    whole = dict(zip(trial_names(sequence, len(parts)), parts, strict=True))
    alone = {name: [i] for i, name in enumerate(chunk_names(sequence, windows))}
    if trials != "both":
        return whole if trials == "whole" else alone
    single = {rows[0] for rows in parts if len(rows) == 1}
    return whole | {name: rows for name, rows in alone.items() if rows[0] not in single}
