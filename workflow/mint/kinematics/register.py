"""Registration: markers of a laboratory that no marker set describes find their places on the model while it is scaled.

Names tell which markers are landmarks (`resources/landmarks.csv`). These give scale factors and poses of some frames
(`register_fit`); every other marker goes to the body it moves with (`register_free`); then all are fitted together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mint.body.landmark_table import CLUSTER, JOINT, Landmark, is_key_point_file, landmarks, recognized
from mint.body.marker_names import listed
from mint.core.status import Reason, StageError
from mint.kinematics.marker_sets import Array
from mint.kinematics.register_fit import UNIT, WEIGHT, Fit, Markers, Sample, Size, Start, fit, marker_places, uniform
from mint.kinematics.register_frames import Seen, bones, choose, size_of, without
from mint.kinematics.register_free import Carried, candidate_bodies, carried_by, exchanged, partners
from mint.kinematics.register_model import Skeleton
from mint.kinematics.register_problems import refuse_astray, refuse_exchanged, refuse_few, refuse_undetermined

MIN_LANDMARKS = 8
# Size of a person without a stated height, as bones tell it; and with one.
_SIZE_SD, _STATURE_SD = 0.05, 0.025
_SOLE_BELOW_CALCN_M = 0.01
_ADDED, _HEAD = "_study", ("head", "skull")
# A landmark that its body does not hold is on another one if that holds it so much better.
_WANDERS_M, _BETTER = 0.025, 0.4
_EXCHANGED_M = 0.06
# A marker is not what its name says from this distance on, m and times how well its landmark is known; how many may be.
_ASTRAY_M, _ASTRAY_SD, _MOST_ASTRAY = 0.08, 3.0, 0.25
_FREE_SD_M, _CLUSTER_NOISE_M = 0.2, 0.012
_LEAST_WEIGHT = 0.5
_FIRST_ROUNDS = 5
# Points of the sole (x, z in m of the right foot; below the frame of calcn): flat on the floor in a static trial.
_SOLE = ((0.0, 0.0), (0.15, 0.04), (0.17, -0.03))
_SOLE_NOISE_M, _FIXED_M = 0.01, 1e-3


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


def register(model_osim: str | Path, seen: Seen, model: str, coordinates: Mapping[str, Mapping[str, Any]],
             height_m: float | None, static: str) -> Registration:
    """Registration of the markers of one person.

    `coordinates` are the rows of `coordinate_rows`. Raises StageError: MARKER_MISSING for too few landmarks, naming
    segment and landmarks to add, SIDES for exchanged names, SCALING for a static trial of another size.
    """
    skeleton = Skeleton(model_osim, coordinates)
    candidates, left = _candidates(seen.names, model)
    seen = without(seen, left)
    warnings = [f"{len(left)} key points from which the markers `..{_ADDED}` were made are not used: {listed(left, 4)}"
                ] if left else []
    default = _default_places(skeleton, candidates)
    known = choose(candidates, default, seen)
    marks = {name: landmark for name, landmark in known.items() if landmark.kind != CLUSTER}
    if len(marks) < MIN_LANDMARKS:
        refuse_few(seen.names, marks)
    where = {name: default[name][landmark.name] for name, landmark in marks.items()}
    size = _size(skeleton, model, size_of(seen, bones(marks, where), static), height_m)
    tasks = {name: (row["ik_weight"], max(row["scale_weight"], row["ik_weight"])) for name, row in coordinates.items()}
    markers, sample = _with_soles(_landmark_markers(marks), _sample(seen, list(marks), tasks), known)
    # Where someone stands still all landmarks are seen and skin is where it was palpated: what moves comes after.
    first_rows = sample.standing if sample.standing.any() else np.ones(len(seen.points), dtype=bool)
    first = fit(skeleton, markers, sample.rows(first_rows), size, uniform(skeleton, markers, size), _FIRST_ROUNDS)
    assumed = refuse_undetermined(first, sample.rows(first_rows), coordinates, marks, model)
    if assumed:
        warnings.append("too few markers on the pelvis tell its tilt: the spine is taken to be nearly straight")
        sample = replace(sample, moving_tasks={**sample.moving_tasks, **assumed})
    own, across = _distances(first, sample.rows(first_rows), markers, marks)
    if pairs := exchanged(own, across, partners(marks), _EXCHANGED_M):
        refuse_exchanged(pairs, own, across, static)
    astray = [name for name, far in own.items() if far > max(_ASTRAY_M, _ASTRAY_SD * marks[name].sd_m)]
    if len(astray) > _MOST_ASTRAY * len(marks):
        refuse_astray(astray, own, marks)
    if astray:
        warnings.append(f"{len(astray)} markers are not where their names say, and only their body is taken from the names: "
                        + listed([f"{name} ({1e3 * own[name]:.0f} mm)" for name in astray]))
        markers, sample, first, known = _freed(astray, markers, sample, first, known)
    named = _carried(skeleton, first, seen.rows(first_rows), model, known)
    markers, sample, start, _ = _joined(skeleton, first, markers, sample, seen, known, named)
    second = fit(skeleton, markers, sample, size, start, _FIRST_ROUNDS)
    carried = _carried(skeleton, second, seen, model, known)
    markers, sample, start, notes = _joined(skeleton, second, markers, sample, seen, known, carried)
    last = fit(skeleton, markers, sample, size, replace(start, poses=second.poses))
    return Registration(_by_body(skeleton, last), _rows(skeleton, markers, last, sample, known), assumed, last.poses,
                        warnings + notes, last)


def _candidates(names: Sequence[str], model: str) -> tuple[dict[str, list[Landmark]], list[str]]:
    """Landmarks that markers may be, and markers to leave out: where a network has added markers to key points, the added
    ones count, and of the key points only those of the head."""
    found = recognized(names, model)
    added = [name for name in found if name.lower().endswith(_ADDED)]
    if len(added) < MIN_LANDMARKS or not is_key_point_file(names, model):
        return found, []
    kept = {name: each for name, each in found.items() if name in added or each[0].body.startswith(_HEAD)}
    left = [name for name in found if name not in kept]
    return kept, left


def _default_places(skeleton: Skeleton, candidates: Mapping[str, Sequence[Landmark]]) -> dict[str, dict[str, Array]]:
    every = {landmark.name: landmark for each in candidates.values() for landmark in each}
    places = skeleton.default_places([landmark.body for landmark in every.values()],
                                     np.array([landmark.place_m for landmark in every.values()]))
    at = dict(zip(every, places, strict=True))
    return {name: {landmark.name: at[landmark.name] for landmark in each} for name, each in candidates.items()}


def _size(skeleton: Skeleton, model: str, bones_say: float, height_m: float | None) -> Size:
    if not height_m:
        return Size(bones_say, _SIZE_SD)
    top = landmarks(model)["head_top"]
    ends = skeleton.default_places([top.body, "calcn_r"], np.array([top.place_m, (0.0, -_SOLE_BELOW_CALCN_M, 0.0)]))
    return Size(height_m / float(ends[0][1] - ends[1][1]), _STATURE_SD)


def _landmark_markers(marks: Mapping[str, Landmark]) -> Markers:
    each = list(marks.values())
    return Markers(list(marks), [mark.body for mark in each], np.array([mark.place_m for mark in each]),
                   np.array([mark.sd_m for mark in each]), np.array([mark.noise_m for mark in each]))


def _sample(seen: Seen, names: Sequence[str], tasks: Mapping[str, tuple[float, float]]) -> Sample:
    points = seen.points[:, [seen.names.index(name) for name in names]]
    return Sample(points, seen.standing, {name: both[1] for name, both in tasks.items()},
                  {name: both[0] for name, both in tasks.items()})


def _with_soles(markers: Markers, sample: Sample, known: Mapping[str, Landmark]) -> tuple[Markers, Sample]:
    """A foot with markers but less than two landmarks is flat on the floor in the static trial."""
    for side in ("r", "l") if sample.standing.any() else ():
        mine = [mark for mark in known.values() if mark.body in (f"calcn_{side}", f"toes_{side}")]
        if len({mark.name for mark in mine if mark.kind != CLUSTER}) >= 2 or len(mine) < 3:
            continue
        mirror = 1 if side == "r" else -1
        places = np.array([(x, -_SOLE_BELOW_CALCN_M, mirror * z) for x, z in _SOLE])
        first, count = len(markers.names), len(_SOLE)
        markers = Markers([*markers.names, *(f"sole{i}_{side}" for i in range(count))],
                          [*markers.bodies, *[f"calcn_{side}"] * count], np.vstack([markers.places, places]),
                          np.append(markers.sd_m, [_FIXED_M] * count),
                          np.append(markers.noise_m, [_SOLE_NOISE_M] * count))
        unseen = np.full((len(sample.points), count, 3), np.nan)
        sample = replace(sample, points=np.concatenate([sample.points, unseen], axis=1),
                         level=[*sample.level, list(range(first, first + count))])
    return markers, sample


def _distances(first: Fit, sample: Sample, markers: Markers,
               marks: Mapping[str, Landmark]) -> tuple[dict[str, float], dict[str, float]]:
    """Median distance in m of every landmark's marker to its own place, and to that of its partner."""
    partner = partners(marks)
    placed = np.array([first.kinematics.positions(pose[first.kinematics.independent]) for pose in first.poses])
    own, across = {}, {}
    for name in marks:
        i = markers.names.index(name)
        far = np.linalg.norm(sample.points[:, i] - placed[:, i], axis=1)
        if not np.isfinite(far).any():
            continue
        # The offset that the fit gives a marker hides that it is elsewhere.
        own[name] = float(np.nanmedian(far)) + float(np.linalg.norm(first.offsets[i]))
        if name in partner:
            other = markers.names.index(partner[name])
            across[name] = float(np.nanmedian(np.linalg.norm(sample.points[:, i] - placed[:, other], axis=1)))
    return own, across


def _freed(names: Sequence[str], markers: Markers, sample: Sample, first: Fit,
           known: Mapping[str, Landmark]) -> tuple[Markers, Sample, Fit, dict[str, Landmark]]:
    """All of these without some landmarks, whose markers are of unknown place on the same body."""
    keep = [i for i, name in enumerate(markers.names) if name not in names]
    free = {name: replace(landmark, kind=CLUSTER) if name in names else landmark for name, landmark in known.items()}
    level = [[keep.index(i) for i in group] for group in sample.level]
    return (markers.subset(keep), replace(sample, points=sample.points[:, keep], level=level),
            replace(first, offsets=first.offsets[keep], errors=first.errors[:, keep]), free)


def _carried(skeleton: Skeleton, first: Fit, seen: Seen, model: str, known: Mapping[str, Landmark]) -> dict[str, Carried]:
    turns, origins, change = skeleton.frames(first.poses)
    origins = origins + change @ (first.factors - 1)
    candidates = candidate_bodies(model)
    return {name: carried_by(seen.points[:, i], turns, origins, skeleton.bodies, candidates,
                             known[name].body if name in known else "") for i, name in enumerate(seen.names)}


def _joined(skeleton: Skeleton, before: Fit, markers: Markers, sample: Sample, seen: Seen, known: Mapping[str, Landmark],
            carried: Mapping[str, Carried]) -> tuple[Markers, Sample, Start, list[str]]:
    """The markers of a fit, and all others on the body they move with; where the next fit begins; what to say of them."""
    by_body = skeleton.factors.by_body(before.factors)
    elsewhere = [name for name in markers.names if _is_elsewhere(name, known, carried)]
    # Markers that a fit before has placed without a landmark are placed anew: more frames tell more.
    keep = [i for i, name in enumerate(markers.names) if name not in elsewhere and markers.sd_m[i] < _FREE_SD_M]
    free = [name for name in seen.names if name not in {markers.names[i] for i in keep}]
    placed = [name for name in free if carried[name].body]
    out = markers.subset(keep)
    bodies = [carried[name].body for name in placed]
    scale = by_body[[skeleton.bodies.index(body) for body in bodies]].reshape(-1, 3)
    noise = [known[name].noise_m if name in known and name not in elsewhere else _CLUSTER_NOISE_M for name in placed]
    places = np.array([carried[name].place for name in placed]).reshape(-1, 3) / scale
    joined = Markers([*out.names, *placed], [*out.bodies, *bodies], np.vstack([out.places, places]),
                     np.append(out.sd_m, [_FREE_SD_M] * len(placed)), np.append(out.noise_m, noise))
    points = np.concatenate([sample.points[:, keep], seen.points[:, [seen.names.index(name) for name in placed]]], axis=1)
    level = [[keep.index(i) for i in group] for group in sample.level]
    start = Start(before.factors, before.size, np.vstack([before.offsets[keep], np.zeros((len(placed), 3))]))
    notes = [f"marker {name} is named as on {known[name].body}, but moves with {carried[name].body}" for name in elsewhere]
    lost = [name for name in free if name not in placed]
    if lost:
        notes.append(f"{len(lost)} markers move with no body, or are seen too rarely to tell, and are not used: {listed(lost)}")
    return joined, replace(sample, points=points, level=level), start, notes


def _is_elsewhere(name: str, known: Mapping[str, Landmark], carried: Mapping[str, Carried]) -> bool:
    """Whether a marker moves with another body than its name says."""
    if name not in carried or name not in known or known[name].kind == JOINT:
        return False
    own = carried[name]
    return (own.named_m > _WANDERS_M and own.body not in ("", known[name].body)
            and own.wandering_m < _BETTER * own.named_m)


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
        is_mark = name in known and known[name].kind != CLUSTER and markers.sd_m[i] < _FREE_SD_M
        rows.append(Row(name, known[name].name if is_mark else "cluster", markers.bodies[i],
                        (float(places[i, 0]), float(places[i, 1]), float(places[i, 2])), weight, residual,
                        float(np.linalg.norm(last.offsets[i])) if is_mark else float("nan")))
    return rows
