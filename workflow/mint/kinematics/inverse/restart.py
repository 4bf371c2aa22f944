"""Way out of a wrong minimum: a limb that fits badly is started again from postures all over its range.

The objective has several minima in a limb: an elbow held straight with the upper arm turned the other way fits
the markers of a bent arm to about 0.1 m, and the elbow's bound holds it there. Every later frame starts from the
frame before, so one wrong frame spoils the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mint.kinematics.inverse.filtering import Array
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics
from mint.kinematics.inverse.problem import Problem, minimize, objective

# Limits of a limb's weighted RMS and of its largest error, above which other minima are searched. The second finds a
# forearm turned the other way, whose markers on the hand weigh little.
_RMS_LIMIT_M, _MARKER_LIMIT_M = 0.04, 0.1
BETTER = 0.8  # of the error before: what counts as another minimum, not as another end of the same valley
_POSTURES, _TRIED = 120, 3
_SPREAD = 4  # coordinates varied: the three of the ball joint, then elbow or knee
_BALL = 3
_MIN_MARKERS = 2
_CHAINS = (
    "arm_flex arm_add arm_rot elbow_flex pro_sup wrist_flex wrist_dev",
    "elv_angle shoulder_elv shoulder_rot elbow_flex pro_sup wrist_flex wrist_dev",
    "hip_flexion hip_adduction hip_rotation knee_angle ankle_angle subtalar_angle mtp_angle",
)
_ZXY_SHOULDERS = tuple((f"arm_flex_{side}", f"arm_add_{side}", f"arm_rot_{side}") for side in "rl")


@dataclass(frozen=True)
class Limb:
    """Places of its independent coordinates, ball joint first, and the markers (k,) that its ball joint moves."""

    places: NDArray[np.int64]
    markers: NDArray[np.bool_]


def limbs_of(kinematics: MarkerKinematics) -> list[Limb]:
    """Arms and legs of the model; a limb without a free ball joint and hinge is left out."""
    names = kinematics.names
    kinematics.positions(kinematics.neutral)
    jacobian = kinematics.jacobian()
    limbs = []
    for chain in _CHAINS:
        for side in "rl":
            wanted = [f"{name}_{side}" for name in chain.split()]
            if not all(name in names for name in wanted[:_SPREAD]):
                continue
            places = np.array([names.index(name) for name in wanted if name in names])
            moved = np.abs(jacobian[:, :, places[:_BALL]]).max(axis=(1, 2)) > 1e-6
            limbs.append(Limb(places, np.asarray(moved)))
    return limbs


def limb_errors(limbs: Sequence[Limb], problem: Problem, placed: Array) -> Array:
    """Weighted RMS (l,) m of the markers of every limb; 0 for a limb with too few markers to tell."""
    squares = np.sum((placed - problem.points) ** 2, axis=1)
    out = np.zeros(len(limbs))
    for i, limb in enumerate(limbs):
        weights = np.where(limb.markers, problem.weights, 0.0)
        if np.count_nonzero(weights) >= _MIN_MARKERS:
            out[i] = np.sqrt(weights @ squares / weights.sum())
    return out


def fits_badly(limbs: Sequence[Limb], problem: Problem, placed: Array) -> NDArray[np.bool_]:
    """Whether each limb (l,) is so far from its markers that another minimum may fit better."""
    distances = np.linalg.norm(placed - problem.points, axis=1) * (problem.weights > 0)
    largest = np.array([np.max(distances * limb.markers) for limb in limbs])
    errors = limb_errors(limbs, problem, placed)
    return np.asarray((errors > _RMS_LIMIT_M) | ((errors > 0) & (largest > _MARKER_LIMIT_M)))


def restart(
    kinematics: MarkerKinematics, problem: Problem, q: Array, placed: Array, limbs: Sequence[Limb], tolerance_rad: float
) -> tuple[Array, Array] | None:
    """Coordinates (r,) and markers (k, 3) m of a clearly better minimum for at least one of the `limbs`, or None.

    The rest of the body is first solved without these limbs, whose errors have pulled it along. Limbs share no
    coordinates, so one trial serves all of them and each keeps its best.
    """
    outside = ~np.any([limb.markers for limb in limbs], axis=0)
    body, *_ = minimize(kinematics, replace(problem, weights=problem.weights * outside), q, tolerance_rad)
    best, error, changed = body.copy(), limb_errors(limbs, problem, placed), False
    chosen = [limb.places for limb in limbs]
    for places in chosen:
        best[places] = q[places]
    for postures in _ranked_postures(kinematics, problem, body, limbs):
        start = body.copy()
        for places, posture in zip(chosen, postures, strict=True):
            start[places] = posture
        trial, trial_placed, _ = minimize(kinematics, problem, start, tolerance_rad)
        trial_error = limb_errors(limbs, problem, trial_placed)
        for i in np.flatnonzero(trial_error < BETTER * error):
            best[chosen[i]], error[i], changed = trial[chosen[i]], trial_error[i], True
        if not fits_badly(limbs, problem, trial_placed).any():
            break
    return accepted(kinematics, problem, q, best, tolerance_rad) if changed else None


def accepted(
    kinematics: MarkerKinematics, problem: Problem, q: Array, start: Array, tolerance_rad: float
) -> tuple[Array, Array] | None:
    """Coordinates and markers of the minimum next to `start`, or None if its objective is not below that of `q`."""
    cost = objective(problem, q, kinematics.positions(q))
    found, placed, _ = minimize(kinematics, problem, start, tolerance_rad)
    return (found, placed) if objective(problem, found, placed) < cost else None


def _ranked_postures(
    kinematics: MarkerKinematics, problem: Problem, q: Array, limbs: Sequence[Limb]
) -> list[list[Array]]:
    """The `_TRIED` best of `_POSTURES` postures of every limb, without iterating: [rank][limb] -> coordinates."""
    lo, hi, default = kinematics.lower, kinematics.upper, kinematics.neutral
    postures = []
    for limb in limbs:
        values = np.tile(default[limb.places], (_POSTURES, 1))
        spread = limb.places[:_SPREAD]
        low, high = np.maximum(lo[spread], -np.pi), np.minimum(hi[spread], np.pi)
        values[:, :_SPREAD] = low + (high - low) * even_points(_POSTURES, _SPREAD)
        postures.append(values)
    errors = np.empty((_POSTURES, len(limbs)))
    trial = q.copy()
    for row in range(_POSTURES):
        for limb, values in zip(limbs, postures, strict=True):
            trial[limb.places] = values[row]
        errors[row] = limb_errors(limbs, problem, kinematics.positions(trial))
    order = np.argsort(errors, axis=0)[:_TRIED]
    return [[values[row] for row, values in zip(rank, postures, strict=True)] for rank in order]


def even_points(count: int, dimensions: int) -> Array:
    """Evenly spread points (count, dimensions) of the unit cube, always the same.

    An additive recurrence with the powers of the root of x^(d + 1) = x + 1, the golden ratio for d = 1.
    """
    root = 2.0
    for _ in range(50):
        root = (1 + root) ** (1 / (dimensions + 1))
    steps = root ** -np.arange(1.0, dimensions + 1)
    return np.asarray((0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0)


def principal_shoulders(kinematics: MarkerKinematics, q: Array) -> Array | None:
    """The same pose with shoulder angles nearest zero, or None if they are already."""
    out = q.copy()
    for place in _zxy_places(kinematics):
        angles = q[place] if np.cos(q[place][1]) >= 0 else _other_angles(q[place])
        out[place] = (angles + np.pi) % (2 * np.pi) - np.pi
    return None if np.allclose(out, q) else out


def nearest_shoulders(kinematics: MarkerKinematics, limbs: Sequence[Limb], q: Array, reference: Array) -> Array:
    """The same pose with shoulder angles nearest those of `reference`, so that a restart adds no turn."""
    out, turn = q.copy(), 2 * np.pi
    for limb in limbs:
        ball = limb.places[:_BALL]
        unbounded = kinematics.upper[ball] >= np.pi
        out[ball] -= np.where(unbounded, turn * np.round((out[ball] - reference[ball]) / turn), 0.0)
    for place in _zxy_places(kinematics):
        other = _other_angles(out[place])
        other -= turn * np.round((other - reference[place]) / turn)
        if np.linalg.norm(other - reference[place]) < np.linalg.norm(out[place] - reference[place]):
            out[place] = other
    return out


def _other_angles(angles: Array) -> Array:
    """A z-x-y sequence reaches every orientation twice: (a, b, c) and (a + pi, pi - b, c + pi)."""
    a, b, c = angles
    return np.array([a + np.pi, np.pi - b, c + np.pi])


def _zxy_places(kinematics: MarkerKinematics) -> list[list[int]]:
    names = kinematics.names
    return [
        [names.index(name) for name in angles] for angles in _ZXY_SHOULDERS if all(name in names for name in angles)
    ]
