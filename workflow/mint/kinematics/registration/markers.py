"""The markers of a fit: landmarks at their places, soles in a static trial, all others on the bodies they move with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mint.body.landmark_table import CLUSTER, JOINT, Landmark
from mint.body.marker_names import listed
from mint.kinematics.registration.fit import Fit, Markers, Sample, Start
from mint.kinematics.registration.frames import Seen
from mint.kinematics.registration.free import Carried, partners
from mint.kinematics.registration.skeleton import Skeleton

SOLE_BELOW_CALCN_M = 0.01
# How far from its place a marker without a landmark may lie, and what skin does to it, m.
FREE_SD_M, _CLUSTER_NOISE_M = 0.2, 0.012
# A landmark that its body does not hold is on another one if that holds it so much better.
_WANDERS_M, _BETTER = 0.025, 0.4
# Points of the sole (x, z in m of the right foot; below the frame of calcn): flat on the floor in a static trial.
_SOLE = ((0.0, 0.0), (0.15, 0.04), (0.17, -0.03))
_SOLE_NOISE_M, _FIXED_M = 0.003, 1e-3
_FOOT_MARKERS = 2  # with less the pose of the foot is not told by markers at all


def landmark_markers(marks: Mapping[str, Landmark]) -> Markers:
    """Landmarks as markers of a fit, at their places of the table."""
    each = list(marks.values())
    return Markers(
        list(marks),
        [mark.body for mark in each],
        np.array([mark.place_m for mark in each]),
        np.array([mark.sd_m for mark in each]),
        np.array([mark.noise_m for mark in each]),
    )


def with_soles(markers: Markers, sample: Sample, known: Mapping[str, Landmark]) -> tuple[Markers, Sample]:
    """Feet are flat on the floor in the static trial: markers lie on skin and shoes a centimetre higher or lower than
    the table says, which over the length of a foot is several degrees."""
    for side in ("r", "l") if sample.standing.any() else ():
        mine = [mark for mark in known.values() if mark.body in (f"calcn_{side}", f"toes_{side}")]
        if len(mine) < _FOOT_MARKERS:
            continue
        mirror = 1 if side == "r" else -1
        places = np.array([(x, -SOLE_BELOW_CALCN_M, mirror * z) for x, z in _SOLE])
        first, count = len(markers.names), len(_SOLE)
        markers = Markers(
            [*markers.names, *(f"sole{i}_{side}" for i in range(count))],
            [*markers.bodies, *[f"calcn_{side}"] * count],
            np.vstack([markers.places, places]),
            np.append(markers.sd_m, [_FIXED_M] * count),
            np.append(markers.noise_m, [_SOLE_NOISE_M] * count),
        )
        unseen = np.full((len(sample.points), count, 3), np.nan)
        # The floor tells how the foot is turned, so that the joints need not be taken to be near their neutral angles.
        loose = {
            name: sample.moving_tasks[name]
            for name in (f"ankle_angle_{side}", f"subtalar_angle_{side}")
            if name in sample.moving_tasks
        }
        sample = replace(
            sample,
            points=np.concatenate([sample.points, unseen], axis=1),
            standing_tasks={**sample.standing_tasks, **loose},
            level=[*sample.level, list(range(first, first + count))],
        )
    return markers, sample


def distances(
    first: Fit, sample: Sample, markers: Markers, marks: Mapping[str, Landmark]
) -> tuple[dict[str, float], dict[str, float]]:
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


def freed(
    names: Sequence[str], markers: Markers, sample: Sample, first: Fit, known: Mapping[str, Landmark]
) -> tuple[Markers, Sample, Fit, dict[str, Landmark]]:
    """All of these without some landmarks, whose markers are of unknown place on the same body."""
    keep = [i for i, name in enumerate(markers.names) if name not in names]
    free = {name: replace(landmark, kind=CLUSTER) if name in names else landmark for name, landmark in known.items()}
    level = [[keep.index(i) for i in group] for group in sample.level]
    return (
        markers.subset(keep),
        replace(sample, points=sample.points[:, keep], level=level),
        replace(first, offsets=first.offsets[keep], errors=first.errors[:, keep]),
        free,
    )


def joined_markers(
    skeleton: Skeleton,
    before: Fit,
    markers: Markers,
    sample: Sample,
    seen: Seen,
    known: Mapping[str, Landmark],
    carried: Mapping[str, Carried],
) -> tuple[Markers, Sample, Start, list[str]]:
    """The markers of a fit, and all others on the bodies they move with; where the next fit begins; what to say."""
    by_body = skeleton.factors.by_body(before.factors)
    elsewhere = [name for name in markers.names if _is_elsewhere(name, known, carried)]
    # Markers that a fit before has placed without a landmark are placed anew: more frames tell more.
    keep = [i for i, name in enumerate(markers.names) if name not in elsewhere and markers.sd_m[i] < FREE_SD_M]
    free = [name for name in seen.names if name not in {markers.names[i] for i in keep}]
    placed = [name for name in free if carried[name].body]
    out = markers.subset(keep)
    bodies = [carried[name].body for name in placed]
    scale = by_body[[skeleton.bodies.index(body) for body in bodies]].reshape(-1, 3)
    noise = [known[name].noise_m if name in known and name not in elsewhere else _CLUSTER_NOISE_M for name in placed]
    places = np.array([carried[name].place for name in placed]).reshape(-1, 3) / scale
    joined = Markers(
        [*out.names, *placed],
        [*out.bodies, *bodies],
        np.vstack([out.places, places]),
        np.append(out.sd_m, [FREE_SD_M] * len(placed)),
        np.append(out.noise_m, noise),
    )
    others = seen.points[:, [seen.names.index(name) for name in placed]]
    points = np.concatenate([sample.points[:, keep], others], axis=1)
    level = [[keep.index(i) for i in group] for group in sample.level]
    start = Start(before.factors, before.size, np.vstack([before.offsets[keep], np.zeros((len(placed), 3))]))
    notes = [
        f"marker {name} is named as on {known[name].body}, but moves with {carried[name].body}" for name in elsewhere
    ]
    lost = [name for name in free if name not in placed]
    if lost:
        notes.append(
            f"{len(lost)} markers move with no body, or are seen too rarely to tell, and are not used: {listed(lost)}"
        )
    return joined, replace(sample, points=points, level=level), start, notes


def _is_elsewhere(name: str, known: Mapping[str, Landmark], carried: Mapping[str, Carried]) -> bool:
    """Whether a marker moves with another body than its name says."""
    if name not in carried or name not in known or known[name].kind == JOINT:
        return False
    own = carried[name]
    return (
        own.named_m > _WANDERS_M and own.body not in ("", known[name].body) and own.wandering_m < _BETTER * own.named_m
    )
