"""Registration: markers that no marker set describes find their places on the model while it is scaled.

Names tell which markers are landmarks (`resources/landmarks.csv`). These give scale factors and poses of some frames
(`fit`); every other marker goes to the body it moves with (`free`); then all are fitted together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.body.landmark_table import CLUSTER, Landmark, is_key_point_file, landmarks, recognized
from mint.body.marker_names import listed
from mint.body.video_places import placed, read_places
from mint.kinematics.model.marker_sets import Array
from mint.kinematics.registration.fit import UNIT, WEIGHT, Fit, Markers, Sample, Size, fit, marker_places, uniform
from mint.kinematics.registration.frames import Seen, bones, choose, size_of, without
from mint.kinematics.registration.free import Carried, candidate_bodies, carried_by, exchanged, partners
from mint.kinematics.registration.markers import (
    FREE_SD_M,
    SOLE_BELOW_CALCN_M,
    distances,
    freed,
    joined_markers,
    landmark_markers,
    with_soles,
)
from mint.kinematics.registration.refusals import refuse_astray, refuse_exchanged, refuse_few, refuse_undetermined
from mint.kinematics.registration.skeleton import Skeleton

MIN_LANDMARKS = 8
# Size of a person without a stated height, as bones tell it; and with one.
_SIZE_SD, _STATURE_SD = 0.05, 0.025
_ADDED, _HEAD = "_study", ("head", "skull")
_EXCHANGED_M = 0.06
# A marker is not what its name says from this distance on, m and times how well its landmark is known; and how many
# of them may be so.
_ASTRAY_M, _ASTRAY_SD, _MOST_ASTRAY = 0.08, 3.0, 0.25
_LEAST_WEIGHT = 0.5
_FIRST_ROUNDS = 5
_MOST_MARKS = 0.8


@dataclass(frozen=True)
class Row:
    """A registered marker: its landmark, or what else it is; place (3,) m in the scaled body; weight in inverse
    kinematics; RMS distance from its place over the frames, and distance of that place from its landmark's, m (NaN for
    markers without one)."""

    marker: str
    landmark: str
    body: str
    place_m: tuple[float, float, float]
    weight: float
    residual_m: float
    offset_m: float


@dataclass(frozen=True)
class Registration:
    """Factors x, y, z of bodies, the registered markers, coordinates that are assumed near their default (weight of
    the task), one pose per frame `poses (n, m)`, warnings and the fit."""

    factors: dict[str, list[float]]
    rows: list[Row]
    assumed: dict[str, float]
    poses: Array
    warnings: list[str]
    fit: Fit


def register(
    model_osim: str | Path,
    seen: Seen,
    model: str,
    coordinates: Mapping[str, Mapping[str, Any]],
    height_m: float | None,
    static: str,
    video_places: str | Path | None = None,
) -> Registration:
    """Registration of the markers of one person.

    `coordinates` are the rows of `coordinate_rows`, `video_places` the table of where key points of video are on the
    model; without it they are where the table of landmarks has them. Raises StageError: MARKER_MISSING for too few
    landmarks, naming segment and landmarks to add, SIDES for exchanged names, SCALING for a static trial of another
    size.
    """
    skeleton = Skeleton(model_osim, coordinates)
    candidates, left = _candidates(seen.names, model)
    seen = without(seen, left)
    warnings = (
        [f"{len(left)} key points from which the markers `..{_ADDED}` were made are not used: {listed(left, 4)}"]
        if left
        else []
    )
    if video_places is not None and is_key_point_file(seen.names + left, model):
        candidates, elsewhere = placed(candidates, model, read_places(video_places))
        if elsewhere:
            texts = [_off(name, far) for name, far in elsewhere.items()]
            warnings.append(
                f"the set-ups of video have {len(elsewhere)} key points elsewhere than their names say, "
                f"ours are taken: {listed(texts)}"
            )
    default = _default_places(skeleton, candidates)
    known = choose(candidates, default, seen)
    marks = {name: landmark for name, landmark in known.items() if landmark.kind != CLUSTER}
    if len(marks) < MIN_LANDMARKS:
        refuse_few(seen.names, marks)
    where = {name: default[name][landmark.name] for name, landmark in marks.items()}
    size = _size(skeleton, model, size_of(seen, bones(marks, where), static), height_m)
    markers, sample = with_soles(landmark_markers(marks), _sample(seen, list(marks), coordinates), known)
    rows, first = _first_fit(skeleton, markers, sample, size, marks)
    assumed = refuse_undetermined(first, sample.rows(rows), coordinates, marks, model)
    if assumed:
        warnings.append("too few markers on the pelvis tell its tilt: the spine is taken to be nearly straight")
        sample = replace(sample, moving_tasks={**sample.moving_tasks, **assumed})
    if astray := _astray(first, sample.rows(rows), markers, marks, static):
        warnings.append(
            f"{len(astray)} markers are not where their names say, only their bodies are taken from the "
            f"names: {listed([f'{name} ({1e3 * far:.0f} mm)' for name, far in astray.items()])}"
        )
        markers, sample, first, known = freed(list(astray), markers, sample, first, known)
    named = _carried(skeleton, first, seen.rows(rows), model, known)
    markers, sample, start, _ = joined_markers(skeleton, first, markers, sample, seen, known, named)
    second = fit(skeleton, markers, sample, size, start, _FIRST_ROUNDS)
    carried = _carried(skeleton, second, seen, model, known)
    markers, sample, start, notes = joined_markers(skeleton, second, markers, sample, seen, known, carried)
    last = fit(skeleton, markers, sample, size, replace(start, poses=second.poses))
    return Registration(
        _by_body(skeleton, last),
        _rows(skeleton, markers, last, sample, known),
        assumed,
        last.poses,
        warnings + notes,
        last,
    )


def _off(name: str, far: float) -> str:
    return f"{name} ({1e3 * far:.0f} mm)" if np.isfinite(far) else f"{name} (on another body)"


def _first_fit(
    skeleton: Skeleton, markers: Markers, sample: Sample, size: Size, marks: Mapping[str, Landmark]
) -> tuple[Any, Fit]:
    """The frames that the landmarks are fitted in first, and that fit.

    Where someone stands still nearly all landmarks are seen and skin is where it was palpated: what moves comes after.
    One posture alone may be fitted by a wrong one, so that all frames are tried, too, where landmarks do not fit.
    """
    every = np.ones(len(sample.points), dtype=bool)
    standing = np.isfinite(sample.points[sample.standing]).all(axis=2)
    enough = len(standing) and standing.any(axis=0).sum() >= _MOST_MARKS * len(marks)
    best: tuple[int, Any, Fit] | None = None
    for rows in (sample.standing, every) if enough and not sample.standing.all() else (every,):
        found = fit(skeleton, markers, sample.rows(rows), size, uniform(skeleton, markers, size), _FIRST_ROUNDS)
        own, _ = distances(found, sample.rows(rows), markers, marks)
        astray = sum(_is_astray(far, marks[name]) for name, far in own.items())
        if best is None or astray < best[0]:
            best = astray, rows, found
        if not astray:
            break
    assert best is not None
    return best[1], best[2]


def _is_astray(far: float, mark: Landmark) -> bool:
    return far > max(_ASTRAY_M, _ASTRAY_SD * mark.sd_m)


def _astray(
    first: Fit, sample: Sample, markers: Markers, marks: Mapping[str, Landmark], static: str
) -> dict[str, float]:
    """Markers that do not lie where their names say, and how far from there, m. Raises StageError(SIDES) for markers of
    left and right that lie at each other's places, SCALING if that is the case for too many."""
    own, across = distances(first, sample, markers, marks)
    if pairs := exchanged(own, across, partners(marks), _EXCHANGED_M):
        refuse_exchanged(pairs, own, across, static)
    astray = {name: far for name, far in own.items() if _is_astray(far, marks[name])}
    if len(astray) > _MOST_ASTRAY * len(marks):
        refuse_astray(list(astray), own, marks)
    return astray


def _candidates(names: Sequence[str], model: str) -> tuple[dict[str, list[Landmark]], list[str]]:
    """Landmarks that markers may be, and markers to leave out: where a network has added markers to key points, the
    added ones count, and of the key points only those of the head."""
    found = recognized(names, model)
    added = [name for name in found if name.lower().endswith(_ADDED)]
    if len(added) < MIN_LANDMARKS or not is_key_point_file(names, model):
        return found, []
    kept = {name: each for name, each in found.items() if name in added or each[0].body.startswith(_HEAD)}
    left = [name for name in found if name not in kept]
    return kept, left


def _default_places(skeleton: Skeleton, candidates: Mapping[str, Sequence[Landmark]]) -> dict[str, dict[str, Array]]:
    every = {landmark.name: landmark for each in candidates.values() for landmark in each}
    places = skeleton.default_places(
        [landmark.body for landmark in every.values()], np.array([landmark.place_m for landmark in every.values()])
    )
    at = dict(zip(every, places, strict=True))
    return {name: {landmark.name: at[landmark.name] for landmark in each} for name, each in candidates.items()}


def _size(skeleton: Skeleton, model: str, bones_say: float, height_m: float | None) -> Size:
    if not height_m:
        return Size(bones_say, _SIZE_SD)
    top = landmarks(model)["head_top"]
    ends = skeleton.default_places([top.body, "calcn_r"], np.array([top.place_m, (0.0, -SOLE_BELOW_CALCN_M, 0.0)]))
    return Size(height_m / float(ends[0][1] - ends[1][1]), _STATURE_SD)


def _sample(seen: Seen, names: Sequence[str], coordinates: Mapping[str, Mapping[str, Any]]) -> Sample:
    points = seen.points[:, [seen.names.index(name) for name in names]]
    moving = {name: float(row["ik_weight"]) for name, row in coordinates.items()}
    standing = {name: max(float(row["scale_weight"]), moving[name]) for name, row in coordinates.items()}
    return Sample(points, seen.standing, standing, moving)


def _carried(
    skeleton: Skeleton, first: Fit, seen: Seen, model: str, known: Mapping[str, Landmark]
) -> dict[str, Carried]:
    turns, origins, change = skeleton.frames(first.poses)
    origins = origins + change @ (first.factors - 1)
    candidates = candidate_bodies(model)
    return {
        name: carried_by(
            seen.points[:, i], turns, origins, skeleton.bodies, candidates, known[name].body if name in known else ""
        )
        for i, name in enumerate(seen.names)
    }


def _by_body(skeleton: Skeleton, last: Fit) -> dict[str, list[float]]:
    return dict(zip(skeleton.bodies, skeleton.factors.by_body(last.factors).tolist(), strict=True))


def _rows(skeleton: Skeleton, markers: Markers, last: Fit, sample: Sample, known: Mapping[str, Landmark]) -> list[Row]:
    places = marker_places(skeleton, markers, last.factors, last.offsets)
    levelled = {i for group in sample.level for i in group}
    rows = []
    for i, name in enumerate(markers.names):
        if i in levelled:
            continue
        seen = np.isfinite(last.errors[:, i])
        residual = float(np.sqrt(np.mean(last.errors[seen, i] ** 2))) if seen.any() else 0.0
        weight = float(np.clip(UNIT / max(residual, float(markers.noise_m[i])) ** 2, _LEAST_WEIGHT, WEIGHT))
        is_mark = name in known and known[name].kind != CLUSTER and markers.sd_m[i] < FREE_SD_M
        rows.append(
            Row(
                name,
                known[name].name if is_mark else "cluster",
                markers.bodies[i],
                (float(places[i, 0]), float(places[i, 1]), float(places[i, 2])),
                weight,
                residual,
                float(np.linalg.norm(last.offsets[i])) if is_mark else float("nan"),
            )
        )
    return rows
