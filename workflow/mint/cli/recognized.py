"""Registration of the markers of one file, by the stages of the workflow."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mint.body import stage, validate
from mint.config.body import BodyConfig
from mint.config.kinematics import KinematicsConfig
from mint.config.validate import ValidateConfig
from mint.core.bundle import Bundle
from mint.kinematics import scale


@dataclass(frozen=True)
class Recognized:
    """Rows of `marker_set.csv`; names that no row has; warnings; why it was refused, or ""; rest `points`, name -> (3,)
    m, y up."""

    rows: list[dict[str, Any]]
    unused: list[str]
    warnings: list[str]
    refused: str
    points: dict[str, Any]


def recognized(file: Path, static: Path | None, osim: Path, model: str, person: str | None, height_m: float | None,
               mass_kg: float, folder: Path) -> Recognized:
    """What the stages validate, body and scale make of a file; they write into `folder`."""
    validated = validate.run(file, None, folder / "validated.npz", ValidateConfig(), subject=person,
                             others=[static] if static else ())
    body = stage.run(folder / "validated.npz", None, None, folder / "body.npz", BodyConfig(), static_path=static,
                     height_m=height_m)
    if validated.ok and validated.meta["kind"] != "markers":
        text = f"{file}: holds {validated.meta['source']}, body poses without markers; they get virtual ones"
        return Recognized([], [], [], text, {})
    scaled = scale.run(osim, [folder / "body.npz"], "", model, folder / "scaled.osim", folder / "leg.osim",
                       folder / "leg.json", folder / "scale.npz", KinematicsConfig(), static_path=static,
                       subject=person, mass_kg=mass_kg, height_m=height_m, validated=[folder / "validated.npz"],
                       marker_set_csv=folder / "marker_set.csv")
    with (folder / "marker_set.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    points = scale.body_points(body) if body.ok else {}
    there = list(dict.fromkeys([*(validated.names("marker_names") if validated.ok else []), *points]))
    used = {row["marker"] for row in rows}
    stages: tuple[Bundle, ...] = (validated, body, scaled)
    refused = next((each.status.message for each in stages if not each.ok), "")
    warnings = [text for each in stages if each.ok for text in each.status.warnings]
    return Recognized(rows, [name for name in there if rows and name not in used], warnings, refused, points)
