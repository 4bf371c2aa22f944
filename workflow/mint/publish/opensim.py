"""Exported OpenSim projects as part of a release."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mint.exchange.layout import MODELS, TrialFiles
from mint.publish.folder import link_or_copy

FOLDER = "opensim"
# What the export wrote: not what somebody has run there since.
_OF_A_TRIAL = ("*.mot", "*.sto", "*.xml")


def add_projects(results: Path, release: Path, sequences: list[str]) -> list[str]:
    """Put the projects of exported sequences into `release/opensim`: models, motions, forces and set-ups.

    Markers stay out: they are the motion files of others. Returns the subjects that have a project. Raises ValueError
    for a sequence that was not exported.
    """
    subjects: set[str] = set()
    for name in sequences:
        record = _record(results / FOLDER / "exported" / f"{name}.json")
        project = results / FOLDER / record["subject"]
        files = [project / "README.md", *(path for path in sorted((project / MODELS).rglob("*")) if path.is_file())]
        for trial in record["trials"]:
            of_trial = TrialFiles(project, trial["trial"])
            own = [path for pattern in _OF_A_TRIAL for path in sorted(of_trial.folder.glob(pattern))]
            files += [of_trial.kinematics, *(path for path in own if trial["trial"] in path.name)]
        subjects |= {record["subject"]} if record["trials"] else set()
        for path in files if record["trials"] else []:
            target = release / FOLDER / path.relative_to(results / FOLDER)
            if not target.exists():
                link_or_copy(path, target)
    return sorted(subjects)


def _record(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ValueError(f"publish.opensim: {path} cannot be read ({error}): export the sequence first") from None
