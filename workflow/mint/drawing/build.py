"""The drawing stage: for the sequences that the page shows, where bodies, muscles and markers are in every frame."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mint.config.report import ReportConfig
from mint.core.atomic import write_text
from mint.core.call import isolated
from mint.drawing.places import drawing_path, shown_sequences

STAGE = "drawing"
_SUBJECT_S, _SEQUENCE_S, _MEMORY_MB = 120.0, 180.0, 3000.0  # ten times what they take


def run(plan: Mapping[str, Any], results_dir: str | Path, geometry: str | Path | None, config: ReportConfig) -> Path:
    """Write `results/drawings/` anew and return its index.json: `{"sequences": [..], "left_out": {sequence: why}}`.

    `geometry` is a folder with the surfaces that the model names, or None: then bones are sticks. Each subject is drawn
    in a child process. Whatever goes wrong leaves out drawings, and says so.
    """
    results = Path(results_dir)
    folder = results / "drawings"
    shutil.rmtree(folder, ignore_errors=True)
    by_subject: dict[str, list[str]] = {}
    for name, _ in shown_sequences(plan, results, config.max_sequences):
        by_subject.setdefault(plan["sequences"][name]["subject_id"], []).append(name)
    left_out: dict[str, str] = {}
    for subject, names in by_subject.items():
        left_out |= _drawn(subject, names, results, geometry, config)
    for name, why in left_out.items():
        print(f"{name} has no drawing: {why}")
    drawn = [name for names in by_subject.values() for name in names if drawing_path(results, name).exists()]
    index = folder / "index.json"
    write_text(index, json.dumps({"sequences": sorted(drawn), "left_out": left_out}, indent=1))
    return index


def _drawn(
    subject: str, names: Sequence[str], results: Path, geometry: str | Path | None, config: ReportConfig
) -> dict[str, str]:
    """Draw a subject's sequences in a child process; which have no drawing, and why."""
    arguments = {
        "subject_id": subject,
        "sequences": list(names),
        "results_dir": str(results.resolve()),
        "geometry": str(Path(geometry).resolve()) if geometry else None,
    }
    with tempfile.TemporaryDirectory(prefix="mint-drawing-") as temporary:
        made = isolated(
            STAGE,
            "mint.drawing.subject:run",
            arguments,
            Path(temporary) / "made.npz",
            config=("mint.config.report:ReportConfig", config.model_dump(mode="json")),
            deadline_s=_SUBJECT_S + _SEQUENCE_S * len(names),
            memory_mb=_MEMORY_MB,
        )
    if made.ok:
        return dict(made.meta["left_out"])
    return {name: made.status.message for name in names if not drawing_path(results, name).exists()}
