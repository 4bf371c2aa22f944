"""Stage scale, once per subject: the generic model becomes the subject's model and its leg model.

Rest markers (T-pose of the body model, or the stillest part of a static trial) go through OpenSim's ScaleTool.
Maximum isometric force, pennation and maximum velocity stay; optimal fiber and tendon slack lengths scale with
the path length, as the tool does for every muscle class.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.body.marker_names import spelling_hint, strangers
from mint.body.upright import AUTO, StaticTrial
from mint.config.human import HumanConfig
from mint.config.kinematics import KinematicsConfig
from mint.core.atomic import atomic_path, write_text
from mint.core.bundle import Bundle, passed_on
from mint.core.status import Reason, StageError
from mint.formats.static import still_points
from mint.kinematics.inverse.determined import check_segments, lost_segments
from mint.kinematics.inverse.solver import Solution, solve
from mint.kinematics.leg_model.derive import derive_leg_model
from mint.kinematics.leg_model.mapping import LegMapping
from mint.kinematics.model.coordinates import coordinate_rows, set_coordinate_ranges
from mint.kinematics.model.export import export_leg_model, items, load_model
from mint.kinematics.model.marker_sets import Array, MarkerSet, derive_points, read_marker_set
from mint.kinematics.scaling.contact_height import standing_offset_m
from mint.kinematics.scaling.model import (
    add_derived_markers,
    checked_factors,
    remove_derived_markers,
    replace_markers,
    restore_defaults,
    scale_spheres,
)
from mint.kinematics.scaling.placement import (
    adjust,
    asymmetry,
    carry_over,
    mirror_locations,
    mirror_pairs,
    mirrored_points,
    place,
    static_pose,
)
from mint.kinematics.scaling.registered import registered_csv, run_registered
from mint.kinematics.scaling.tool import read_scale_factors, run_scale_tool, usable

STAGE = "scale"
_MIN_MARKERS = 12


@dataclass(frozen=True)
class ScaleResult:
    """What scaling did: factors x, y, z per body, marker movement in m, static pose in rad and m."""

    factors: dict[str, list[float]]
    moved_m: dict[str, float]
    pose: dict[str, float]
    mass_kg: float
    symmetric: bool
    unused_measurements: tuple[str, ...]


def run(
    model_osim: str | Path,
    bodies: Sequence[str | Path],
    marker_set: str,
    model: str,
    scaled_osim: str | Path,
    leg_osim: str | Path,
    leg_json: str | Path,
    output: str | Path,
    config: KinematicsConfig,
    *,
    static_path: str | Path | None = None,
    up_axis: str = AUTO,
    subject: str | None = None,
    mass_kg: float | None = None,
    adjustments: Sequence[Mapping[str, Any]] = (),
    human: Mapping[str, Any] | None = None,
    validated: Sequence[str | Path] = (),
    height_m: float | None = None,
    marker_set_csv: str | Path | None = None,
    video_places: str | Path | None = None,
) -> Bundle:
    """Write the scaled model, the leg model, its JSON and the bundle `output` of one subject.

    Without a `marker_set` the markers are registered (`registration.register`): the `validated` motions of the
    `bodies` give frames, and `height_m` the size where it is known. `marker_set_csv` takes where markers are then;
    `video_places` is the table of where key points of video are on the model.

    Rest markers, soles at y = 0, come from the first usable of the `bodies` (body.npz), or without one from
    `static_path` (markers of `subject` in any format, vertical `up_axis`, by default as the limits of section `human`
    find it); the mass from `mass_kg` or from that body. Where scaling fails, the other files are written empty, so
    that what depends on them still runs and passes the status on.
    """
    outputs = Path(scaled_osim), Path(leg_osim), Path(leg_json)
    try:
        if marker_set:
            static = StaticTrial(static_path, up_axis, subject, HumanConfig.model_validate(human or {}))
            bundle = _run(
                Path(model_osim),
                bodies,
                marker_set,
                model,
                *outputs,
                config,
                static if static_path else None,
                mass_kg,
                adjustments,
            )
        else:
            bundle = run_registered(
                Path(model_osim),
                bodies,
                validated,
                model,
                *outputs,
                config,
                str(static_path or ""),
                mass_kg,
                height_m,
                adjustments,
                video_places,
            )
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    for path in () if bundle.ok else outputs:
        write_text(path, "")
    if marker_set_csv is not None:
        write_text(marker_set_csv, registered_csv(bundle))
    bundle.write(output)
    return bundle


def _run(
    model_osim: Path,
    bodies: Sequence[str | Path],
    marker_set: str,
    model: str,
    scaled_osim: Path,
    leg_osim: Path,
    leg_json: Path,
    config: KinematicsConfig,
    static: StaticTrial | None,
    mass_kg: float | None,
    adjustments: Sequence[Mapping[str, Any]],
) -> Bundle:
    upstream = [Bundle.read(path) for path in bodies]
    body = next((b for b in upstream if b.ok), None)
    if body is None and static is None:
        nobody = StageError(Reason.SCALING, f"no body to scale to: {len(upstream)} sequences and no static trial")
        return passed_on(*upstream) or Bundle(nobody.as_status(STAGE))
    if body is not None or static is None:
        points, where = body_points(body), f"rest pose ({body.meta['rest_source'] if body else ''})"
    else:
        points, where = still_points(static.y_up(), config.static_window_s), f"rest pose from {static.path}"
    mass = mass_kg if mass_kg else float(body.meta["mass_kg"]) if body and body.meta.get("mass_kg") else None
    if mass is None:
        raise StageError(
            Reason.SCALING,
            "column mass_kg of the sequence table is empty in all rows of a subject, and "
            f"markers of {marker_set} do not weigh",
            remedy="give mass_kg in the sequence table",
        )
    rest_source = str(body.meta["rest_source"]) if body is not None else "static"
    markers, rows = read_marker_set(marker_set, model), coordinate_rows(model)
    result = scale_model(
        model_osim, points, markers, rows, mass, adjustments, scaled_osim, config, neutral_pose=rest_source != "trial"
    )
    rest = rest_pose(scaled_osim, points, markers, rows)
    warnings = check_segments(
        lost_segments(rest.undetermined(), 0), where, list(points), rest.marker_names, markers.followed
    )
    derived = derive_leg_model(scaled_osim, leg_osim)
    export_leg_model(leg_osim, leg_json)
    meta = {
        "model": model,
        "marker_set": marker_set,
        "mass_kg": result.mass_kg,
        "scale_factors": result.factors,
        "static_rms_m": float(np.sqrt(np.mean(np.square(list(result.moved_m.values()))))),
        "static_max_m": max(result.moved_m.values()),
        "static_max_marker": max(result.moved_m, key=lambda name: result.moved_m[name]),
        "static_pose": result.pose,
        "symmetric": result.symmetric,
        "unused_measurements": result.unused_measurements,
        "rest_source": rest_source,
        "adjustments": list(adjustments),
        "leg_model": derived.to_json(),
        "contact_height_offset_m": contact_height_offset_m(scaled_osim, leg_osim, rest),
    }
    names = sorted(result.moved_m)
    bundle = Bundle.of(STAGE, {"marker_names": names, "marker_moved_m": [result.moved_m[n] for n in names]}, meta)
    return Bundle(replace(bundle.status, warnings=tuple(warnings)), bundle.arrays, bundle.meta)


def rest_pose(
    scaled_osim: str | Path,
    points: Mapping[str, Array],
    marker_set: MarkerSet,
    coordinates: Mapping[str, Mapping[str, Any]],
) -> Solution:
    """The rest pose of the scaled model, from the same inverse kinematics as motion."""
    model = load_model(scaled_osim)
    weights = {m.name: m.ik_weight for m in marker_set.markers if m.name in points and m.ik_weight > 0}
    names = list(weights)
    tasks = {name: max(row["scale_weight"], row["ik_weight"]) for name, row in coordinates.items()}
    return solve(model, names, np.array([[points[n] for n in names]]), np.zeros(1), weights, tasks, 1e-6)


def contact_height_offset_m(scaled_osim: str | Path, leg_osim: str | Path, solution: Solution) -> float:
    """Shift in m of the pelvis that rests the loaded contact spheres on the floor y = 0 in the rest pose, which
    stands with its soles at y = 0."""
    leg_names, leg_q = LegMapping(scaled_osim, leg_osim).map(solution.coordinates, solution.q)
    return standing_offset_m(leg_osim, dict(zip(leg_names, leg_q[0].tolist(), strict=True)))


def body_points(body: Bundle | None) -> dict[str, Array]:
    """Rest markers of a body bundle, name -> (3,) m."""
    if body is None or "rest_markers" not in body:
        there = ", ".join(sorted(body.arrays)) if body is not None else "nothing"
        raise StageError(Reason.FIELD_MISSING, f"body.npz has no rest_markers; it has {there}")
    return {
        n: np.asarray(p, dtype=float)
        for n, p in zip(body.names("marker_names"), body["rest_markers"], strict=True)
        if np.all(np.isfinite(p))
    }


def scale_model(
    model_osim: Path,
    points: Mapping[str, Array],
    marker_set: MarkerSet,
    coordinates: Mapping[str, Mapping[str, Any]],
    mass_kg: float,
    adjustments: Sequence[Mapping[str, Any]],
    scaled_osim: Path,
    config: KinematicsConfig,
    *,
    neutral_pose: bool = True,
) -> ScaleResult:
    """Scale a model to rest `points` (name -> (3,) m, y up) and write it with its markers placed.

    `coordinates` are the rows of `coordinate_rows`; with `neutral_pose` the static pose is pulled towards the
    model's default pose. Raises `StageError` (SCALING, MARKER_MISSING, MODEL_INCOMPLETE).
    """
    if not (np.isfinite(mass_kg) and mass_kg > 0):
        raise StageError(Reason.SCALING, f"mass_kg is {mass_kg}")
    found = strangers(points, marker_set.names)
    points = {name: points[name] for name in marker_set.names if name in points}
    if len(points) < _MIN_MARKERS:
        hint = spelling_hint([name for name in marker_set.names if name not in points], found)
        raise StageError(
            Reason.MARKER_MISSING,
            f"only {len(points)} of {len(marker_set.names)} markers of set "
            f"{marker_set.name} are in the rest pose{'; ' if hint else ''}{hint}",
            remedy="rename the markers of the static trial, or name the marker_set of this laboratory",
        )
    pairs = mirror_pairs(sorted(points), {m.name: m.body for m in marker_set.markers if m.name in points})
    symmetric = config.symmetric_placement and asymmetry(points, pairs) <= config.symmetry_tolerance_m
    if symmetric:
        points = mirrored_points(points, pairs)
    generic = load_model(model_osim)
    set_coordinate_ranges(generic, coordinates)
    replace_markers(generic, marker_set, points)
    fractions = add_derived_markers(generic, marker_set)
    everything = {**points, **derive_points(marker_set.derived, points, fractions)}
    tasks = {name: row["scale_weight"] if neutral_pose else row["ik_weight"] for name, row in coordinates.items()}
    with tempfile.TemporaryDirectory(prefix="mint-scale-") as name:
        folder = Path(name)
        generic.printToXML(str(folder / "generic.osim"))
        scaled = load_model(run_scale_tool(folder, everything, marker_set, mass_kg))
        bodies = [body.getName() for body in items(scaled.getBodySet())]
        factors = checked_factors(read_scale_factors(folder, bodies), config)
        remove_derived_markers(scaled, marker_set)
        restore_defaults(scaled, generic)
        pose = static_pose(scaled, points, marker_set, tasks, config.tolerance_rad)
        moved = place(scaled, points, pose)
        carry_over(scaled, marker_set, pose)
        if symmetric:
            mirror_locations(scaled, pairs)
        adjust(scaled, adjustments)
        scale_spheres(scaled, factors)
        scaled.setName(f"{marker_set.name}_scaled")
        with atomic_path(scaled_osim) as temporary:
            scaled.printToXML(str(temporary))
    unused = tuple(m.name for m in marker_set.measurements if not usable(m, everything))
    return ScaleResult(factors, moved, pose, mass_kg, symmetric, unused)
