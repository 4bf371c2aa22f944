"""Registration of the markers of one file, by the stages of the workflow."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mint.body import stage, validate
from mint.config.project import ProjectConfig
from mint.core.bundle import Bundle
from mint.kinematics import scale

# Markers do not weigh, and where they are does not depend on it.
_ANY_KG = 70.0


@dataclass(frozen=True)
class Recognized:
    """Rows of `marker_set.csv`; names that no row has; warnings; why it was refused, or ""; rest `points`, name -> (3,)
    m, y up."""

    rows: list[dict[str, Any]]
    unused: list[str]
    warnings: list[str]
    refused: str
    points: dict[str, Any]


def recognized(
    file: Path,
    static: Path | None,
    osim: Path,
    project: ProjectConfig,
    person: str | None,
    height_m: float | None,
    folder: Path,
    video_places: Path | None = None,
) -> Recognized:
    """What the stages validate, body and scale make of a file; they write into `folder`."""
    human = project.human
    validated = validate.run(
        file,
        None,
        folder / "validated.npz",
        project.validate_input,
        subject=person,
        human=human,
        others=[static] if static else (),
    )
    body = stage.run(
        folder / "validated.npz",
        None,
        None,
        folder / "body.npz",
        project.body,
        static_path=static,
        human=human,
        height_m=height_m,
    )
    if validated.ok and validated.meta["kind"] != "markers":
        text = f"{file}: holds {validated.meta['source']}, body poses without markers; they get virtual ones"
        return Recognized([], [], [], text, {})
    scaled = scale.run(
        osim,
        [folder / "body.npz"],
        "",
        project.model,
        folder / "scaled.osim",
        folder / "leg.osim",
        folder / "leg.json",
        folder / "scale.npz",
        project.kinematics,
        static_path=static,
        subject=person,
        mass_kg=_ANY_KG,
        height_m=height_m,
        human=human.model_dump(),
        validated=[folder / "validated.npz"],
        marker_set_csv=folder / "marker_set.csv",
        video_places=video_places,
    )
    with (folder / "marker_set.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    points = scale.body_points(body) if body.ok else {}
    there = list(dict.fromkeys([*(validated.names("marker_names") if validated.ok else []), *points]))
    used = {row["marker"] for row in rows}
    stages: tuple[Bundle, ...] = (validated, body, scaled)
    refused = next((each.status.message for each in stages if not each.ok), "")
    warnings = [text for each in stages if each.ok for text in each.status.warnings]
    return Recognized(rows, [name for name in there if rows and name not in used], warnings, refused, points)
