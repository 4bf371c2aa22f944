"""Markers that no landmark places: the body each moves with, and its place there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.body.landmark_table import Landmark, landmarks
from mint.kinematics.model.marker_sets import Array

_MIN_FRAMES = 5
# A marker keeps the body that its name tells while that holds it not much worse than the best: m, and times the best.
_SLACK_M, _SLACK = 0.004, 1.6
# No body holds a marker that wanders on each of them by more than this, m.
MOST_WANDERING_M = 0.03
_TRIMMED = 0.8


@dataclass(frozen=True)
class Carried:
    """The body that a marker moves with (empty: none), its place (3,) m there, how far it wanders about that, m, and
    how far on the body that its name tells (NaN where none is told)."""

    body: str
    place: Array
    wandering_m: float
    named_m: float


def candidate_bodies(model: str) -> list[str]:
    """Bodies that markers are stuck to."""
    return list(dict.fromkeys(landmark.body for landmark in landmarks(model).values()))


def carried_by(
    points: Array, turns: Array, origins: Array, bodies: Sequence[str], candidates: Sequence[str], named: str
) -> Carried:
    """Which of the candidate bodies carries a marker at `points (n, 3)` m, NaN where lost.

    `turns (n, B, 3, 3)` and `origins (n, B, 3)` m are those of all `bodies` (B,). With too few frames the name decides.
    """
    seen = np.isfinite(points).all(axis=1)
    local: dict[str, tuple[Array, float]] = {}
    for body in dict.fromkeys([*candidates, *([named] if named else [])]):
        i = bodies.index(body)
        own = np.einsum("nji,nj->ni", turns[seen, i], points[seen] - origins[seen, i])
        middle = np.median(own, axis=0)
        away = np.sort(np.linalg.norm(own - middle, axis=1))
        local[body] = middle, float(np.sqrt(np.mean(away[: max(1, round(_TRIMMED * len(away)))] ** 2)))
    told = local[named][1] if named else float("nan")
    if seen.sum() < _MIN_FRAMES:
        return Carried(named, local[named][0] if named else np.zeros(3), told, told)
    best = min(local, key=lambda body: local[body][1])
    if named and told <= _SLACK * local[best][1] + _SLACK_M:
        best = named
    return Carried(best if local[best][1] <= MOST_WANDERING_M else "", *local[best], told)


def exchanged(
    errors: Mapping[str, float], across: Mapping[str, float], partner: Mapping[str, str], least_m: float
) -> list[tuple[str, str]]:
    """Pairs of markers each of which lies nearer to where its partner should be than to its own place.

    `errors` and `across` are median distances in m of a marker to its own place and to its partner's.
    """
    out = []
    for name, other in partner.items():
        both = (name, other)
        if (
            name < other
            and all(each in errors and errors[each] > least_m for each in both)
            and all(across[each] < errors[each] / 2 for each in both)
        ):
            out.append(both)
    return out


def partners(known: Mapping[str, Landmark]) -> dict[str, str]:
    """Marker -> marker of the same landmark on the other side."""
    by_landmark: dict[str, Any] = {}
    for name, landmark in known.items():
        by_landmark.setdefault(landmark.name, name)
    out = {}
    for name, landmark in known.items():
        side = landmark.name[-2:]
        if side in ("_r", "_l"):
            other = by_landmark.get(landmark.name[:-2] + {"_r": "_l", "_l": "_r"}[side])
            if other:
                out[name] = other
    return out
