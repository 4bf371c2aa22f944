"""Scaling of a subject whose markers no set describes: registration, then OpenSim's ScaleTool with its factors."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import opensim

from mint.config.kinematics import KinematicsConfig
from mint.core.atomic import atomic_path
from mint.core.bundle import Bundle, passed_on
from mint.core.status import Reason, StageError
from mint.kinematics.leg_model.derive import derive_leg_model
from mint.kinematics.leg_model.mapping import LegMapping
from mint.kinematics.model.coordinates import coordinate_rows, set_coordinate_ranges
from mint.kinematics.model.export import export_leg_model, load_model, model_record
from mint.kinematics.registration.frames import Seen, collect
from mint.kinematics.registration.register import Registration, register
from mint.kinematics.scaling.contact_height import standing_offsets_m
from mint.kinematics.scaling.model import checked_factors, restore_defaults, scale_spheres
from mint.kinematics.scaling.placement import adjust
from mint.kinematics.scaling.soles import move_spheres, sole_shifts
from mint.kinematics.scaling.tool import run_manual_scale

STAGE = "scale"
REGISTERED = "registered"
_COLUMNS = ("marker", "landmark", "body", "x_m", "y_m", "z_m", "weight", "residual_mm", "offset_mm")
# Without a static trial the frames in which the body is low are those in which it stands.
_STANDING_PERCENTILE = 75


def run_registered(
    model_osim: Path,
    bodies: Sequence[str | Path],
    validated: Sequence[str | Path],
    model: str,
    scaled_osim: Path,
    leg_osim: Path,
    leg_json: Path,
    config: KinematicsConfig,
    static: str,
    mass_kg: float | None,
    height_m: float | None,
    adjustments: Sequence[Mapping[str, Any]],
    video_places: str | Path | None = None,
) -> Bundle:
    """The ok bundle of a subject, or the status of its sequences if none of them has a body. Raises StageError.

    Mass and height are those of the bodies where they are not given.
    """
    upstream = [Bundle.read(path) for path in bodies]
    usable = [i for i, body in enumerate(upstream) if body.ok]
    if not usable:
        nobody = StageError(Reason.SCALING, f"no body to scale to: {len(upstream)} sequences")
        return passed_on(*upstream) or Bundle(nobody.as_status(STAGE))
    told = [upstream[i].meta for i in usable]
    mass_kg = mass_kg or next((float(meta["mass_kg"]) for meta in told if meta.get("mass_kg")), None)
    height_m = height_m or next((float(meta["stature_m"]) for meta in told if meta.get("stature_m")), None)
    if not mass_kg:
        raise StageError(
            Reason.SCALING,
            f"nobody tells the mass: column mass_kg of the sequence table is empty in all rows of the "
            f"subject, and so is its place in {', '.join(str(meta.get('path', 'a file')) for meta in told)}",
            remedy="give mass_kg in the sequence table",
        )
    seen = collect([upstream[i] for i in usable], [Bundle.read(validated[i]) for i in usable])
    rows = coordinate_rows(model)
    found = register(model_osim, seen, model, rows, height_m, static, video_places)
    checked_factors(found.factors, config)
    write_scaled(model_osim, found, rows, mass_kg, adjustments, scaled_osim)
    derived = derive_leg_model(scaled_osim, leg_osim)
    offset_m = _stand(scaled_osim, leg_osim, seen, found)
    export_leg_model(leg_osim, leg_json)
    moved = {row.marker: row.residual_m for row in found.rows}
    meta = {
        "model": model,
        "marker_set": REGISTERED,
        "mass_kg": mass_kg,
        "scale_factors": found.factors,
        "static_rms_m": float(np.sqrt(np.mean(np.square(list(moved.values()))))),
        "static_max_m": max(moved.values()),
        "static_max_marker": max(moved, key=lambda name: moved[name]),
        "symmetric": False,
        "unused_measurements": (),
        "rest_source": "static" if seen.standing.any() else "trial",
        "adjustments": list(adjustments),
        "leg_model": derived.to_json(),
        "size": found.fit.size,
        "assumed": found.assumed,
        "contact_height_offset_m": offset_m,
    }
    bundle = Bundle.of(
        STAGE,
        {**_arrays(found), "marker_names": sorted(moved), "marker_moved_m": [moved[name] for name in sorted(moved)]},
        meta,
    )
    return Bundle(replace(bundle.status, warnings=tuple(found.warnings)), bundle.arrays, bundle.meta)


def write_scaled(
    model_osim: Path,
    found: Registration,
    rows: Mapping[str, Mapping[str, Any]],
    mass_kg: float,
    adjustments: Sequence[Mapping[str, Any]],
    scaled_osim: Path,
) -> None:
    """The scaled model with the registered markers. Raises StageError(SCALING, MARKER_MISSING)."""
    generic = load_model(model_osim)
    set_coordinate_ranges(generic, rows)
    generic.updMarkerSet().clearAndDestroy()
    generic.finalizeConnections()
    with tempfile.TemporaryDirectory(prefix="mint-scale-") as name:
        folder = Path(name)
        generic.printToXML(str(folder / "generic.osim"))
        scaled = load_model(run_manual_scale(folder, found.factors, mass_kg))
        restore_defaults(scaled, generic)
        for row in found.rows:
            body = scaled.getBodySet().get(row.body)
            scaled.addMarker(opensim.Marker(row.marker, body, opensim.Vec3(*row.place_m)))
        scaled.finalizeConnections()
        adjust(scaled, adjustments)
        scale_spheres(scaled, found.factors)
        scaled.setName(f"{REGISTERED}_scaled")
        with atomic_path(scaled_osim) as temporary:
            scaled.printToXML(str(temporary))


def _stand(scaled_osim: Path, leg_osim: Path, seen: Seen, found: Registration) -> float:
    """Put the contact spheres of both models on the floor y = 0 where a static trial shows how the feet stand on it.

    Returns the shift in m of the pelvis that rests the loaded spheres on the floor.
    """
    coordinates, poses = found.fit.kinematics.coordinates, found.poses
    rows = seen.standing if seen.standing.any() else np.ones(len(poses), dtype=bool)
    names, leg = LegMapping(scaled_osim, leg_osim).map(coordinates, poses[rows])
    if seen.standing.any():
        shifts = sole_shifts(leg_osim, names, leg)
        move_spheres(scaled_osim, shifts)
        move_spheres(leg_osim, shifts)
    offsets = standing_offsets_m(model_record(load_model(leg_osim)), names, leg)
    return float(np.median(offsets) if seen.standing.any() else np.percentile(offsets, _STANDING_PERCENTILE))


def _arrays(found: Registration) -> dict[str, Any]:
    """The registered markers as arrays of the bundle, which inverse kinematics reads."""
    rows = found.rows
    return {
        "registered": [row.marker for row in rows],
        "registered_landmark": [row.landmark for row in rows],
        "registered_body": [row.body for row in rows],
        "registered_place_m": [row.place_m for row in rows],
        "registered_weight": [row.weight for row in rows],
        "registered_residual_m": [row.residual_m for row in rows],
        "registered_offset_m": [row.offset_m for row in rows],
    }


def registered_csv(bundle: Bundle) -> str:
    """Text of marker_set.csv: the registered markers, one a row; nothing for a set of the table."""
    if "registered" not in bundle:
        return ""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    columns = [bundle.names(f"registered{part}") for part in ("", "_landmark", "_body")]
    numbers = [bundle[f"registered_{part}"] for part in ("weight", "residual_m", "offset_m")]
    for marker, landmark, body, place, weight, residual, offset in zip(
        *columns, bundle["registered_place_m"], *numbers, strict=True
    ):
        away = f"{1e3 * offset:.1f}" if np.isfinite(offset) else ""
        writer.writerow(
            [
                _cell(marker),
                landmark,
                body,
                *(f"{x:.5f}" for x in place),
                f"{weight:.2f}",
                f"{1e3 * residual:.1f}",
                away,
            ]
        )
    return out.getvalue()


def _cell(name: str) -> str:
    """A name of any file: no line ends, and nothing that a spreadsheet takes for a formula."""
    text = " ".join(name.split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
