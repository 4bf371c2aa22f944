"""What optical markers tell about the body. The laboratory's floor is the ground."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.body.declared import Declared, completed
from mint.body.events import recorded
from mint.body.human import Verdict, judge_markers
from mint.body.marker_parts import check_parts, known_markers, parts_of
from mint.body.parts import FEET, PARTS, lowest
from mint.body.resample import resample_markers
from mint.body.upright import static_y_up
from mint.config.body import BodyConfig
from mint.config.human import HumanConfig
from mint.core.bundle import Bundle
from mint.core.chunks import time_s
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.markers import in_view
from mint.formats.static import static_trial

Floats = NDArray[np.float64]


def measure_optical(
    validated: Bundle,
    config: BodyConfig,
    static_path: str | Path | None,
    marker_bodies: Mapping[str, str] | None,
    human: HumanConfig,
    declared: Declared,
) -> Bundle:
    """`body.npz` of a marker trial: part heights from the markers that exist; parts without one are left out.

    Rest markers, floor at y = 0, are medians over the static trial; without one (flagged) they are the
    frame of this trial whose marker distances are nearest to their medians. `marker_distances (M,M)` m are
    those medians. Stature and mass are the declared ones, of the table or of the file. Markers that `marker_bodies`
    (marker -> OpenSim body) does not know are named once and count nowhere. Raises StageError.
    """
    names, measured, warnings = _of_the_set(validated, config, marker_bodies)
    markers = resample_markers(measured, float(validated.meta["frame_rate_hz"]))
    lowest_marker = float(np.nanmin(markers[:, :, 1]))
    markers = markers - np.array([0.0, config.lab_floor_m, 0.0])
    standing: tuple[list[str], Floats] | None = None
    if static_path:
        static_names, static_markers, doubts = _static(Path(static_path), validated, names, marker_bodies, human)
        standing = static_names, static_markers
        warnings += doubts
    body, told = completed(str(validated.meta.get("path")), declared, validated.meta.get("person") or {})
    verdict = _judged(validated, declared, body, human, (str(static_path), *standing) if standing else None)
    warnings += [*told, *verdict.texts]
    if standing:
        rest_names, static = standing
        static = static - np.array([0.0, config.lab_floor_m, 0.0])
        rest, distances = np.nanmedian(static, axis=0), median_distances(static)
    else:
        rest_names, distances = names, median_distances(markers)
        rest = most_typical_frame(markers, distances)
        warnings.append("no static trial: the subject is scaled from marker distances over this trial")
    mounted = _mounting_heights(
        markers[:, :, 1], names, dict(zip(rest_names, rest[:, 1], strict=True)) if static_path else {}, config
    )
    heights, used = _part_heights(markers[:, :, 1], names, marker_bodies, mounted)
    arrays = {
        "heights": heights,
        "part_names": np.asarray(used),
        "rest_markers": rest,
        "marker_names": np.asarray(rest_names),
        "marker_distances": distances,
    }
    meta = {
        "source": validated.meta["source"],
        "kind": "markers",
        "frame_rate_hz": float(validated.meta["frame_rate_hz"]),
        "gender": validated.meta.get("gender", "neutral"),
        "stature_m": body.height_m,
        "mass_kg": body.mass_kg,
        "ground_m": config.lab_floor_m,
        "ground_paper_m": lowest_marker,
        "ground_method": "lab_floor",
        "slow_share": None,
        "rest_source": "static" if static_path else "trial",
        "notes": _out_of_view(str(validated.meta.get("path")), markers, config),
        **recorded(str(validated.meta.get("path")), verdict.events, human.jump_margin_s),
    }
    return Bundle(StageStatus("body", warnings=tuple(warnings)), arrays, meta)


def _out_of_view(path: str, markers: Floats, config: BodyConfig) -> list[str]:
    """Where a trial `(n, M, 3)` at 50/s is not computed because the person is not in the measured volume."""
    first, last = in_view(markers, config.in_view_share)
    if first == 0 and last == len(markers) - 1:
        return []
    return [
        f"{path}: enough markers are seen from {time_s(first)} to {time_s(last)} s: only that is computed "
        "(body.in_view_share)"
    ]


def _judged(
    validated: Bundle,
    declared: Declared,
    body: Declared,
    human: HumanConfig,
    standing: tuple[str, list[str], Floats] | None,
) -> Verdict:
    """The verdict on a person of mass and height `body`, of which the table has `declared`. Raises StageError."""
    try:
        return judge_markers(validated, body, human, standing)
    except StageError as error:
        if error.reason is not Reason.DECLARED_BODY or body == declared:
            raise
        detail = f"{error.detail} (mass_kg or height_m of the file itself, where the sequence table has none)"
        remedy = "state mass_kg and height_m in the sequence table: they count before those of the file"
        raise StageError(error.reason, detail, remedy=remedy) from error


def _of_the_set(
    validated: Bundle, config: BodyConfig, marker_bodies: Mapping[str, str] | None
) -> tuple[list[str], Floats, list[str]]:
    """Names and `markers (n,M,3)` m that the set knows, with warnings. Raises StageError."""
    path, all_names, markers = (
        str(validated.meta.get("path", "")),
        validated.names("marker_names"),
        validated["markers"],
    )
    names, warnings = known_markers(path, all_names, marker_bodies)
    markers = markers[:, [all_names.index(name) for name in names]]
    present = np.all(np.isfinite(markers), axis=2)
    seen = np.any(present, axis=0)
    if marker_bodies is not None:
        there = [name for name, each in zip(names, seen, strict=True) if each]
        warnings += check_parts(path, there, all_names, marker_bodies)
    first, last = in_view(markers, config.in_view_share)
    missing = 1 - float(present[first : last + 1, seen].mean()) if seen.any() else 1.0
    if missing > config.max_missing_share:
        raise StageError(
            Reason.NOT_FINITE,
            f"{path}: {100 * missing:.0f} % of the positions of the {int(seen.sum())} markers of the set that "
            f"are ever seen are missing in rows {first + 1} to {last + 1}, "
            f"limit {100 * config.max_missing_share:.0f} %",
            remedy="track the markers again, or leave the trial out",
        )
    return names, markers, warnings


def _mounting_heights(
    heights: Floats, names: list[str], standing: Mapping[str, float], config: BodyConfig
) -> dict[str, float]:
    """Height of each marker above the sole under it, m: in the static trial, else at the trial's lowest.

    The lowest is the 2nd percentile, as for the ground. A marker that is never near the floor keeps the
    configured height, so that a trial on a box is not taken for one on the floor.
    """
    out = {}
    for index, name in enumerate(names):
        seen = heights[np.isfinite(heights[:, index]), index]
        height = standing.get(name, float(np.percentile(seen, config.ground_percentile)) if len(seen) else np.nan)
        near = np.isfinite(height) and 0 <= height <= config.max_foot_marker_height_m
        out[name] = float(height) if near else config.foot_marker_height_m
    return out


def most_typical_frame(markers: Floats, distances: Floats, candidates: int = 200) -> Floats:
    """Frame `(M,3)` of `markers (n,M,3)` with the most markers and distances nearest to `distances (M,M)`."""
    frames = np.unique(np.linspace(0, len(markers) - 1, min(candidates, len(markers))).astype(int))
    seen = np.sum(np.all(np.isfinite(markers[frames]), axis=2), axis=1)
    best, least = frames[0], np.inf
    for frame in frames[seen == seen.max()]:
        own = np.linalg.norm(markers[frame][:, None] - markers[frame][None], axis=2)
        off = float(np.nanmean(np.abs(own - distances)))
        if off < least:
            best, least = frame, off
    return np.asarray(markers[best])


def median_distances(markers: Floats) -> Floats:
    """Median over frames of the distance of each two markers, `(M,M)` m; NaN if never seen together."""
    count = markers.shape[1]
    out = np.full((count, count), np.nan)
    for first in range(count):
        distance = np.linalg.norm(markers - markers[:, first : first + 1], axis=2)
        seen = np.any(np.isfinite(distance), axis=0)
        out[first, seen] = np.nanmedian(distance[:, seen], axis=0)
    return out


def _part_heights(
    heights: Floats, names: list[str], marker_bodies: Mapping[str, str] | None, mounted: Mapping[str, float]
) -> tuple[Floats, list[str]]:
    """Lowest height of each part that has markers; those of feet less their mounting height, hence soles."""
    parts = parts_of(names, marker_bodies)
    above = heights - np.array(
        [mounted[name] if part in FEET else 0.0 for name, part in zip(names, parts, strict=True)]
    )
    used = [part for part in PARTS if part in parts]
    members = [np.flatnonzero([part == each for each in parts]) for part in used]
    return lowest(above, members), used


def _same_size(
    path: Path, rest_names: list[str], static: Floats, unit: str, names: list[str], markers: Floats
) -> tuple[Floats, list[str]]:
    """The static trial `(n, M, 3)` m as large as the trial: a wrong unit shows in the distance of nearest neighbours.

    Neighbours mostly lie on one bone, so that the pose counts for little. Distances that are 10, 100 or 1000 times as
    large as in the trial, or as small, are those of another unit: corrected, with a warning. Refused with
    StageError(SCALING) if they are twice or half as large: nobody knows why.
    """
    ratio = _size_ratio(rest_names, static, names, markers)
    if ratio is None or 0.5 < ratio < 2:
        return static, []
    text = f"static trial {path}: neighbouring markers lie {ratio:.3g} times as far apart as in the trial"
    power = round(float(np.log10(ratio)))
    if power == 0 or abs(power) > 3 or not 0.8 < ratio / 10.0**power < 1.25:
        raise StageError(
            Reason.SCALING,
            text,
            remedy="correct Units in the header of the static trial, or name the static trial of this subject",
        )
    factor = 10.0**-power
    return static * factor, [f"{text}: Units {unit} in its header is wrong, lengths are multiplied by {factor:g}"]


def _size_ratio(rest_names: list[str], static: Floats, names: list[str], markers: Floats) -> float | None:
    """Distance of nearest neighbours in the static trial by that in the trial, median; None if few are common."""
    common = [name for name in rest_names if name in names]
    if len(common) < 3:
        return None
    some = np.unique(np.linspace(0, len(markers) - 1, min(len(markers), 200)).astype(int))
    standing = median_distances(static[:, [rest_names.index(name) for name in common]])
    moving = median_distances(markers[some][:, [names.index(name) for name in common]])
    unusable = ~(np.isfinite(standing) & np.isfinite(moving) & (standing > 1e-6) & (moving > 1e-6))
    nearest = np.argmin(np.where(unusable, np.inf, moving), axis=1)
    pairs = [(i, j) for i, j in enumerate(nearest) if not unusable[i, j]]
    return float(np.median([standing[pair] / moving[pair] for pair in pairs])) if pairs else None


def _static(
    path: Path, validated: Bundle, names: list[str], marker_bodies: Mapping[str, str] | None, human: HumanConfig
) -> tuple[list[str], Floats, list[str]]:
    """Names and markers `(n, M, 3)` m, y up, of the static trial that the set knows, and doubts about unit and axes.

    `names` are the markers of the validated trial that the set knows.
    """
    table = static_trial(path, validated.meta.get("subject"))
    moving = validated["markers"][:, [validated.names("marker_names").index(name) for name in names]]
    positions, doubts = _same_size(path, table.names, table.positions, table.unit, names, moving)
    positions, told = static_y_up(path, table.names, positions, validated, human)
    doubts += told
    seen = np.any(np.isfinite(positions[:, :, 0]), axis=0)
    # The set decides what is scaled; what else the laboratory marked says nothing about this body.
    known, _ = known_markers(f"static trial {path}", table.names, marker_bodies)
    seen &= np.isin(table.names, known)
    if marker_bodies is not None:
        there = [name for name, each in zip(table.names, seen, strict=True) if each]
        check_parts(f"static trial {path}", there, table.names, marker_bodies)
    if not seen.any():
        raise StageError(Reason.SCALING, f"static trial {path} has no marker positions of the set")
    return [name for name, each in zip(table.names, seen, strict=True) if each], positions[:, seen], doubts
