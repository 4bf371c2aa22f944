"""Stage ik, per chunk: markers of a window with its margin become coordinates of both models.

Inverse kinematics of the whole model, then a zero-phase low-pass and spline derivatives on window and margin, then the
cut to the window: neither the filter nor the spline sees an end inside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.body.events import check_window
from mint.config.kinematics import KinematicsConfig
from mint.core.ahead import Ahead
from mint.core.bundle import Bundle, passed_on
from mint.core.chunks import FRAME_RATE_HZ, time_s
from mint.core.finding import Finding
from mint.core.low_pass import low_pass
from mint.core.motionfiles import read_trc
from mint.core.status import Reason, StageError
from mint.kinematics.inverse.determined import carried, check_segments, lost_segments
from mint.kinematics.inverse.filtering import Array, derivatives, fill_short_gaps
from mint.kinematics.inverse.problem import MAX_ITERATIONS
from mint.kinematics.inverse.solver import PLACING_MARKERS, Solution, frame_errors, solve
from mint.kinematics.leg_model.mapping import LegMapping
from mint.kinematics.model.coordinates import coordinate_rows
from mint.kinematics.model.export import items, load_model, without_forces
from mint.kinematics.model.marker_sets import MarkerSet, marker_set_of, model_name
from mint.kinematics.model.mass_centre import center_of_mass
from mint.kinematics.registration.fit import task_sd_rad

STAGE = "ik"
_PELVIS_ANGLES = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")


@dataclass(frozen=True)
class Subject:
    """What all windows of a subject share: how it was scaled (scale.npz), the whole `model`, without forces, a `state`
    of it, the map of its coordinates to those of the leg model, its coordinate table, and its markers."""

    scale: Bundle
    model: Any
    state: Any
    mapping: LegMapping
    rows: dict[str, dict[str, Any]]
    marker_set: MarkerSet
    marker_weights: dict[str, float]


@Ahead
def subject(scale_path: str | Path, scaled_osim: str | Path, leg_osim: str | Path) -> Subject:
    """Read a subject. Raises `StageError` (FILE_MISSING, FILE_CORRUPT, MODEL_INCOMPLETE, MARKER_MISSING)."""
    scale = Bundle.read(scale_path)
    rows = coordinate_rows(str(scale.meta["model"]))
    model = without_forces(load_model(scaled_osim))
    marker_set = marker_set_of(scale)
    mapping = LegMapping(scaled_osim, leg_osim)
    return Subject(scale, model, model.initSystem(), mapping, rows, marker_set, weights_of(marker_set, model))


def ahead(scale_path: str | Path, scaled_osim: str | Path, leg_osim: str | Path, config: KinematicsConfig) -> None:
    """Make ahead what all windows of a subject share (`mint.core.ahead`), which does not depend on `config`."""
    if Bundle.read(scale_path).ok:
        subject.ahead(scale_path, scaled_osim, leg_osim)


def run(
    markers_trc: str | Path,
    scale_path: str | Path,
    scaled_osim: str | Path,
    leg_osim: str | Path,
    window: Sequence[int],
    output: str | Path,
    config: KinematicsConfig,
    *,
    upstream: Sequence[str | Path] = (),
) -> Bundle:
    """Write ik.npz (docs/reference/files.md) for frames `window[0] .. window[1]` (50 frames/s, both included).

    `markers_trc` holds the window and, where the sequence has them, margin frames on both sides. `upstream` are
    further bundles (validated.npz, body.npz) whose failure is passed on. A window in which the motion itself is broken
    (events of body.npz, such as a jump) is refused for that: its marker errors would only mislead.
    """
    try:
        above = [Bundle.read(path) for path in (*upstream, scale_path)]
        bundle = passed_on(*above)
        if bundle is None:
            for each in above:
                check_window(each.meta, (int(window[0]), int(window[1])))
            whole = subject(scale_path, scaled_osim, leg_osim)
            bundle = solve_window(markers_trc, whole, (int(window[0]), int(window[1])), config)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def solve_window(markers_trc: str | Path, whole: Subject, window: tuple[int, int], config: KinematicsConfig) -> Bundle:
    """The ok bundle of a window. Raises `StageError` (INVERSE_KINEMATICS, MARKER_ERROR, MARKER_MISSING, TOO_SHORT)."""
    scale, rows = whole.scale, whole.rows
    solution, frames, lost, warnings = followed(markers_trc, whole, window, config)
    seconds = frames / FRAME_RATE_HZ
    inside = (frames >= window[0]) & (frames <= window[1])
    q = unwrapped(solution.coordinates, solution.q)
    q = follow_couplings(solution.coordinates, q, rows)
    q[:, solution.coordinates.index("pelvis_ty")] += float(scale.meta["contact_height_offset_m"])
    q = low_pass(q, FRAME_RATE_HZ, config.filter_cutoff_hz)
    leg_coordinates, leg_q = whole.mapping.map(solution.coordinates, q)
    com = center_of_mass(whole.model, whole.state, solution.coordinates, q)
    qd, qdd = derivatives(q, seconds)
    leg_qd, leg_qdd = derivatives(leg_q, seconds)
    com_velocity, com_acceleration = derivatives(com, seconds)
    rms, largest, worst = frame_errors(solution)
    check_marker_errors(rms[inside], largest[inside], worst[inside], frames[inside], config)
    arrays = {
        "frames": frames,
        "q": q,
        "qd": qd,
        "qdd": qdd,
        "leg_q": leg_q,
        "leg_qd": leg_qd,
        "leg_qdd": leg_qdd,
        "marker_rms_m": rms,
        "marker_max_m": largest,
        "marker_max_name": worst,
        "com": com,
        "com_velocity": com_velocity,
        "com_acceleration": com_acceleration,
    }
    named = {"coordinates": solution.coordinates, "leg_coordinates": leg_coordinates}
    cut = {name: values[inside] for name, values in arrays.items()}
    bundle = Bundle.of(STAGE, {**cut, **named}, {**_meta(solution, inside, scale, rows), "undetermined": lost})
    return Bundle(replace(bundle.status, warnings=tuple(warnings)), bundle.arrays, bundle.meta)


def followed(
    markers_trc: str | Path, whole: Subject, window: tuple[int, int], config: KinematicsConfig
) -> tuple[Solution, Array, list[str], list[str]]:
    """Coordinates of a window and of as much of its margin as markers tell of, with their frames (n,), the segments
    that are undetermined in the window, and what to say about them. Raises `StageError` as `solve_window`.

    Where a person enters or leaves the measured volume within the margin, filter and splines end there: coordinates
    that nothing tells would reach into the window through them.
    """
    names, positions, frames = window_markers(markers_trc, window, config)
    names = [model_name(name) for name in names]
    acting = [name in whole.marker_weights for name in names]
    placed = np.isfinite(positions[:, acting]).all(axis=2).sum(axis=1) >= PLACING_MARKERS
    known = around(window, frames, placed)
    positions, frames = positions[known], frames[known]
    # Where nothing on the pelvis tells its tilt, registration takes the spine to be nearly straight.
    assumed = {str(name): float(weight) for name, weight in whole.scale.meta.get("assumed", {}).items()}
    solution = solve(
        whole.model,
        names,
        positions,
        frames / FRAME_RATE_HZ,
        whole.marker_weights,
        {name: row["ik_weight"] for name, row in whole.rows.items()} | assumed,
        config.tolerance_rad,
        whole.state,
    )
    inside = (frames >= window[0]) & (frames <= window[1])
    untold = solution.undetermined({name: task_sd_rad(weight) for name, weight in assumed.items()})
    lost = lost_segments({name: there[inside] for name, there in untold.items()}, config.max_gap_frames)
    warnings = check_segments(lost, str(markers_trc), names, solution.followed(inside), whole.marker_set.followed)
    known = around(window, frames, carried(untold))
    return solution.of(known), frames[known], lost, warnings


def around(window: tuple[int, int], frames: Array, usable: NDArray[np.bool_]) -> slice:
    """The rows of a window, and of consecutive `frames` (n,), as far as they are `usable` (n,) on end on each side."""
    first, stop = (int(row) for row in np.searchsorted(frames, (window[0], window[1] + 1)))
    before, after = np.flatnonzero(~usable[:first]), np.flatnonzero(~usable[stop:])
    return slice(int(before[-1]) + 1 if len(before) else 0, stop + int(after[0]) if len(after) else len(frames))


def window_markers(
    markers_trc: str | Path, window: tuple[int, int], config: KinematicsConfig
) -> tuple[list[str], Array, Array]:
    """Marker names, positions (n, k, 3) m and integer frames (n,) of window and margin; short gaps are closed."""
    table = read_trc(markers_trc)
    if abs(table.rate_hz - FRAME_RATE_HZ) > 1e-6:
        raise StageError(Reason.FRAME_RATE, f"{markers_trc}: {table.rate_hz} frames/s, chunks have {FRAME_RATE_HZ}")
    frames = np.round(table.time_s * FRAME_RATE_HZ).astype(int)
    chosen = (frames >= window[0] - config.margin_frames) & (frames <= window[1] + config.margin_frames)
    missing = set(range(window[0], window[1] + 1)) - set(frames[chosen].tolist())
    if missing:
        raise StageError(Reason.TOO_SHORT, f"{markers_trc}: no frame {min(missing)} at {time_s(min(missing))} s")
    return table.names, fill_short_gaps(table.positions[chosen], config.max_gap_frames), frames[chosen]


def weights_of(marker_set: MarkerSet, model: Any) -> dict[str, float]:
    """IK weights of the markers that are on the scaled model; weight 0 leaves a marker out."""
    on_model = {marker.getName() for marker in items(model.getMarkerSet())}
    return {m.name: m.ik_weight for m in marker_set.markers if m.name in on_model and m.ik_weight > 0}


def unwrapped(coordinates: Sequence[str], q: Array) -> Array:
    """Pelvis angles without jumps of a full turn; the first frame within half a turn of zero."""
    out = q.copy()
    for name in _PELVIS_ANGLES:
        column = coordinates.index(name)
        angle = np.unwrap(out[:, column])
        out[:, column] = angle - 2 * np.pi * np.round(angle[0] / (2 * np.pi))
    return out


def follow_couplings(coordinates: Sequence[str], q: Array, rows: Mapping[str, Mapping[str, Any]]) -> Array:
    """Coordinates that carry no marker follow others: `coupling` of the coordinate table is their sum."""
    out = q.copy()
    for name, row in rows.items():
        if row["coupling"]:
            out[:, coordinates.index(name)] = sum(q[:, coordinates.index(source)] for source in row["coupling"])
    return out


def check_marker_errors(rms: Array, largest: Array, worst: Any, frames: Array, config: KinematicsConfig) -> None:
    """Raises `StageError(MARKER_ERROR)` if too many frames of the window exceed the limit."""
    bad = rms > config.marker_rms_limit_m
    if bad.mean() > config.marker_error_share:
        row = int(np.argmax(np.where(bad, rms, 0)))
        at = time_s(int(frames[row]))
        raise StageError(
            Reason.MARKER_ERROR,
            f"{bad.sum()} of {len(bad)} frames above {1e3 * config.marker_rms_limit_m:.0f} mm; "
            f"worst {1e3 * rms[row]:.0f} mm at {at} s, marker {worst[row]} {1e3 * largest[row]:.0f} mm",
            t_start_s=at,
            finding=Finding("marker error", part=str(worst[row]), node=row),
        )


def _meta(solution: Solution, inside: Any, scale: Bundle, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    errors = solution.marker_error_m[inside]
    seen = np.isfinite(errors).any(axis=0)
    mean = np.sqrt(np.nanmean(errors[:, seen] ** 2, axis=0))
    names = [name for name, was_seen in zip(solution.marker_names, seen, strict=True) if was_seen]
    at_limit = [name for name, row in rows.items() if _touches(solution, inside, name, row)]
    return {
        "contact_height_offset_m": scale.meta["contact_height_offset_m"],
        "mass_kg": scale.meta["mass_kg"],
        "marker_rms_by_marker_m": dict(zip(names, mean.round(5).tolist(), strict=True)),
        "coordinates_at_limit": at_limit,
        "frames_not_converged": int(np.sum(solution.iterations[inside] >= MAX_ITERATIONS)),
        "iterations_mean": float(solution.iterations[inside].mean()),
    }


def _touches(solution: Solution, inside: Any, name: str, row: Mapping[str, Any]) -> bool:
    values = solution.q[inside, solution.coordinates.index(name)]
    return bool(np.any(values <= row["lo"] + 1e-4) or np.any(values >= row["hi"] - 1e-4))
