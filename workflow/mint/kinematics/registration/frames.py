"""The frames that registration looks at: the static trial, and some of the person's trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mint.body.landmark_table import JOINT, Landmark
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.kinematics.model.marker_sets import Array, model_name

# Frames of all trials together: evenly spread over those in which most markers are seen.
MOVING_FRAMES = 18
_MOST_SEEN = 0.8
_LEAST_APART_M = 0.08
_SIZE_TOLERANCE = 1.12
_NEARBY_M = 0.3
# How near its place a marker is whose name means several landmarks.
_UNSURE_M = 0.025
# Ends of one bone whatever the joints do, though they are on two bodies.
_BONES = (
    ("hip_centre", "knee_centre"),
    ("knee_centre", "ankle_centre"),
    ("shoulder_centre", "elbow_centre"),
    ("elbow_centre", "wrist_centre"),
    ("lateral_femoral_epicondyle", "lateral_malleolus"),
    ("lateral_humeral_epicondyle", "ulnar_styloid"),
)


@dataclass(frozen=True)
class Seen:
    """Markers (M,) of a person in frames (n,): `points (n, M, 3)` m, y up, floor at y = 0, NaN where lost; whether the
    frame is of the static trial."""

    names: list[str]
    points: Array
    standing: Any

    def rows(self, chosen: Any) -> Seen:
        """Some of the frames."""
        return replace(self, points=self.points[chosen], standing=self.standing[chosen])


def collect(bodies: Sequence[Bundle], validated: Sequence[Bundle]) -> Seen:
    """Frames of the trials whose body was measured, and of the static trial where there is one.

    `bodies` and `validated` are bundles of the same sequences, all ok.
    """
    parts: list[tuple[list[str], Array, bool]] = []
    rest = next((body for body in bodies if body.meta["rest_source"] == "static"), None)
    if rest is not None:
        parts.append((rest.names("marker_names"), rest["rest_markers"][None], True))
    share = max(1, MOVING_FRAMES // max(1, len(validated)))
    for body, trial in zip(bodies, validated, strict=True):
        points = _some(trial["markers"], share) - np.array([0.0, float(body.meta["ground_m"]), 0.0])
        parts.append((trial.names("marker_names"), points, False))
    parts = [_on_model(*part) for part in parts]
    names = list(dict.fromkeys(name for part in parts for name in part[0]))
    total = sum(len(part[1]) for part in parts)
    points = np.full((total, len(names), 3), np.nan)
    standing, row = np.zeros(total, dtype=bool), 0
    for own, some, still in parts:
        points[row : row + len(some), [names.index(name) for name in own]] = some
        standing[row : row + len(some)] = still
        row += len(some)
    return Seen(names, points, standing)


def _on_model(names: Sequence[str], points: Array, standing: bool) -> tuple[list[str], Array, bool]:
    """Under the names that markers have on the model; of several with one name the first."""
    first = dict.fromkeys(model_name(name) for name in names)
    order = [[model_name(name) for name in names].index(name) for name in first]
    return list(first), points[:, order], standing


def without(seen: Seen, names: Sequence[str]) -> Seen:
    """What is seen, less some markers."""
    keep = [i for i, name in enumerate(seen.names) if name not in names]
    return replace(seen, names=[seen.names[i] for i in keep], points=seen.points[:, keep])


def _some(markers: Array, count: int) -> Array:
    """At most `count` frames, evenly spread over those in which most markers are seen."""
    seen = np.isfinite(markers).all(axis=2).sum(axis=1)
    good = np.flatnonzero(seen >= _MOST_SEEN * seen.max())
    return np.asarray(markers[good[np.unique(np.linspace(0, len(good) - 1, min(count, len(good))).astype(int))]])


def bones(known: Mapping[str, Landmark], default: Mapping[str, Array]) -> list[tuple[str, str, float]]:
    """Pairs of markers that keep their distance, and that distance on the unscaled model, m.

    `known` marker -> its landmark, `default` marker -> its place (3,) m in the model's default pose.
    """
    out = []
    names = list(known)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            if known[one].body != known[other].body and not _is_bone(known[one].name, known[other].name):
                continue
            apart = float(np.linalg.norm(default[one] - default[other]))
            if apart > _LEAST_APART_M:
                out.append((one, other, apart))
    return out


def _is_bone(one: str, other: str) -> bool:
    stem, side = one[:-2], one[-2:]
    if side not in ("_r", "_l") or not other.endswith(side):
        return False
    return (stem, other[:-2]) in _BONES or (other[:-2], stem) in _BONES


def size_of(seen: Seen, pairs: Sequence[tuple[str, str, float]], static: str) -> float:
    """Factor of the whole model: median ratio of distances to those of the model, 1 without any pair.

    Raises StageError(SCALING) where the static trial is of a body of another size than the trials.
    """
    ratios = {still: _ratios(seen, pairs, seen.standing == still) for still in (True, False)}
    both = np.isfinite(ratios[True]) & np.isfinite(ratios[False])
    if both.sum() >= 3:
        apart = float(np.median(ratios[False][both] / ratios[True][both]))
        if not 1 / _SIZE_TOLERANCE < apart < _SIZE_TOLERANCE:
            raise StageError(
                Reason.SCALING,
                f"static trial {static}: bones are {100 / apart:.0f} % as long as in the trials "
                f"(median of {both.sum()} distances): it is of another person, or one of the files has a wrong unit",
                remedy="name the static trial of this subject, or leave static_path empty",
            )
    every = _ratios(seen, pairs, np.ones(len(seen.points), dtype=bool))
    every = every[np.isfinite(every)]
    return float(np.median(every)) if len(every) else 1.0


def _ratios(seen: Seen, pairs: Sequence[tuple[str, str, float]], rows: Any) -> Array:
    """Median distance of every pair in the chosen frames over that of the model; NaN if never seen together."""
    out = np.full(len(pairs), np.nan)
    for i, (one, other, apart) in enumerate(pairs):
        both = seen.points[rows][:, [seen.names.index(one), seen.names.index(other)]]
        distance = np.linalg.norm(both[:, 0] - both[:, 1], axis=1)
        if np.isfinite(distance).any():
            out[i] = np.nanmedian(distance) / apart
    return out


def choose(
    candidates: Mapping[str, Sequence[Landmark]], default: Mapping[str, Mapping[str, Array]], seen: Seen
) -> dict[str, Landmark]:
    """One landmark for every marker: where a name means several, the one whose distances to others fit best.

    `default` is marker -> landmark -> place (3,) m in the model's default pose. A laboratory means the same on both
    sides: what fits right and left together is taken.
    """
    out = {name: each[0] for name, each in candidates.items() if len(each) == 1}
    sure = {name: landmark for name, landmark in out.items() if landmark.kind != JOINT}
    misfits = {
        name: {_stem(one.name): _misfit(name, default[name][one.name], sure, default, seen) for one in each}
        for name, each in candidates.items()
        if len(each) > 1
    }
    for name, each in candidates.items():
        if name in misfits:
            alike = [other for other in misfits.values() if other.keys() == misfits[name].keys()]
            pair = alike if len(alike) == 2 else [misfits[name]]
            best = min(each, key=lambda one: sum(other[_stem(one.name)] for other in pair))
            out[name] = replace(best, sd_m=max(best.sd_m, _UNSURE_M))
    return out


def _stem(landmark: str) -> str:
    """The name of a landmark without its side."""
    return landmark[:-2] if landmark.endswith(("_r", "_l")) else landmark


def _misfit(
    name: str, place: Array, sure: Mapping[str, Landmark], default: Mapping[str, Mapping[str, Array]], seen: Seen
) -> float:
    """Mean squared logarithm of measured to modelled distance to the sure landmarks nearby."""
    own = seen.points[:, seen.names.index(name)]
    terms = []
    for other, landmark in sure.items():
        apart = float(np.linalg.norm(default[other][landmark.name] - place))
        measured = np.linalg.norm(own - seen.points[:, seen.names.index(other)], axis=1)
        if 0.02 < apart < _NEARBY_M and np.isfinite(measured).any():
            terms.append(np.log(np.nanmedian(measured) / apart) ** 2)
    return float(np.mean(terms)) if terms else 0.0
