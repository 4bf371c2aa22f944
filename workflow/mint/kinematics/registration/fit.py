"""Scale factors, marker places and poses that together fit the markers of some frames.

Least squares with priors: markers lie near the places of their landmarks, factors near one size of the whole person.
Poses are eliminated frame by frame (variable projection: Golub and Pereyra 1973, doi:10.1137/0710036, in the form of
Kaufman 1975), for at a given pose marker positions are linear in factors and places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mint.kinematics.inverse.marker_kinematics import MarkerKinematics, task_weights
from mint.kinematics.inverse.problem import Problem, minimize
from mint.kinematics.inverse.solver import solve
from mint.kinematics.model.marker_sets import Array
from mint.kinematics.registration.skeleton import Skeleton

# A marker that skin moves by this much has this weight in inverse kinematics, as bony landmarks of hand-made sets have.
WEIGHT, _NOISE_M = 20.0, 0.008
UNIT = WEIGHT * _NOISE_M**2  # weight times variance in m2
MAX_ROUNDS = 8
_SETTLED_FACTOR, _SETTLED_M = 2e-3, 1e-3
_TOLERANCE_RAD = 1e-4
# Errors of skin last through a movement: frames tell together no more than so many independent ones.
_INDEPENDENT = 6.0
_ROBUST_NOISE, _ROBUST_PLACE = 3.0, 2.5  # standard deviations from where on an error counts less


@dataclass(frozen=True)
class Markers:
    """Markers (M,): bodies, places (M, 3) m in unscaled body frames, sd of the place and noise (M,) m."""

    names: list[str]
    bodies: list[str]
    places: Array
    sd_m: Array
    noise_m: Array

    def subset(self, keep: Any) -> Markers:
        """Those at the indices `keep`."""
        return Markers(
            [self.names[i] for i in keep],
            [self.bodies[i] for i in keep],
            self.places[keep],
            self.sd_m[keep],
            self.noise_m[keep],
        )


@dataclass(frozen=True)
class Sample:
    """Frames (n,): `points (n, M, 3)` m, NaN where lost; whether someone stands still there; weights of coordinate
    tasks (towards default values) while standing and otherwise, by coordinate; groups of markers that are at one height
    while standing, whose points are not measured."""

    points: Array
    standing: Any
    standing_tasks: Mapping[str, float]
    moving_tasks: Mapping[str, float]
    level: Sequence[Sequence[int]] = ()

    def rows(self, chosen: Any) -> Sample:
        """Some of the frames."""
        return replace(self, points=self.points[chosen], standing=self.standing[chosen])


@dataclass(frozen=True)
class Fit:
    """Factors (K,), size of the person (factor of the whole), offsets (M, 3) m of markers from their scaled places,
    poses (n, m) of all coordinates, errors (n, M) m, rounds until it settled."""

    factors: Array
    size: float
    offsets: Array
    poses: Array
    errors: Array
    rounds: int
    kinematics: MarkerKinematics


@dataclass(frozen=True)
class Size:
    """What is known of the size of the person before: factor of the whole model, and its sd."""

    factor: float
    sd: float


@dataclass(frozen=True)
class Start:
    """Where a fit begins: factors (K,), size of the person, offsets (M, 3) m, and poses (n, m) where they are known."""

    factors: Array
    size: float
    offsets: Array
    poses: Array | None = None


def uniform(skeleton: Skeleton, markers: Markers, size: Size) -> Start:
    """All factors that of the whole, all markers at their places."""
    return Start(np.full(len(skeleton.factors.names), size.factor), size.factor, np.zeros_like(markers.places))


def fit(
    skeleton: Skeleton, markers: Markers, sample: Sample, size: Size, start: Start, rounds: int = MAX_ROUNDS
) -> Fit:
    """The fit next to a start. Raises StageError(INVERSE_KINEMATICS) for a frame without markers."""
    k = len(skeleton.factors.names)
    parameters = np.concatenate([start.factors, [start.size], start.offsets.ravel()])
    poses = start.poses if start.poses is not None else _first_poses(skeleton, markers, sample, start)
    now = _pose(skeleton, markers, sample, parameters, poses)
    sample = _levelled(sample, now)
    for count in range(1, rounds + 1):
        step = _step(skeleton, markers, sample, size, now, parameters)
        parameters = parameters + step
        now = replace(_pose(skeleton, markers, sample, parameters, now.poses), rounds=count)
        sample = _levelled(sample, now)
        if np.abs(step[:k]).max() < _SETTLED_FACTOR and np.abs(step[k + 1 :]).max(initial=0) < _SETTLED_M:
            break
    return now


def _levelled(sample: Sample, now: Fit) -> Sample:
    """The sample with the points of levelled markers where they are, moved to the mean height of their group."""
    points = sample.points.copy()
    for row in np.flatnonzero(sample.standing) if sample.level else ():
        placed = now.kinematics.positions(now.poses[row][now.kinematics.independent])
        for group in sample.level:
            points[row, group] = placed[group]
            points[row, group, 1] = placed[group][:, 1].mean()
    return replace(sample, points=points)


def marker_places(skeleton: Skeleton, markers: Markers, factors: Array, offsets: Array) -> Array:
    """Places (M, 3) m in the scaled body frames."""
    by_body = skeleton.factors.by_body(factors)
    own = by_body[[skeleton.bodies.index(body) for body in markers.bodies]]
    return np.asarray(markers.places * own + offsets)


def _first_poses(skeleton: Skeleton, markers: Markers, sample: Sample, start: Start) -> Array:
    """Poses (n, m) of the start, found without any before."""
    places = marker_places(skeleton, markers, start.factors, start.offsets)
    model = skeleton.marked(start.factors, markers.names, markers.bodies, places)
    weights = dict(zip(markers.names, UNIT / _variance(markers), strict=True))
    return solve(
        model, markers.names, sample.points, np.zeros(len(sample.points)), weights, sample.moving_tasks, _TOLERANCE_RAD
    ).q


def task_sd_rad(weight: float) -> float:
    """How near its default value a coordinate task of this weight takes its coordinate to be [rad]."""
    return float(np.sqrt(UNIT / weight))


def _variance(markers: Markers) -> Array:
    """Variance (M,) m2 of markers before their places are known better."""
    return np.asarray(markers.noise_m**2 + np.minimum(markers.sd_m, 0.05) ** 2)


def _pose(skeleton: Skeleton, markers: Markers, sample: Sample, parameters: Array, poses: Array) -> Fit:
    """Poses next to `poses (n, m)` for given factors and offsets."""
    k = len(skeleton.factors.names)
    factors, offsets = parameters[:k], parameters[k + 1 :].reshape(-1, 3)
    places = marker_places(skeleton, markers, factors, offsets)
    kinematics = MarkerKinematics(skeleton.marked(factors, markers.names, markers.bodies, places), markers.names)
    tasks = [task_weights(kinematics, each) for each in (sample.moving_tasks, sample.standing_tasks)]
    out, errors = np.empty_like(poses), np.full(sample.points.shape[:2], np.nan)
    for row, points in enumerate(sample.points):
        known = np.isfinite(points).all(axis=1)
        weights = np.where(known, UNIT / markers.noise_m**2, 0.0)
        problem = Problem(np.nan_to_num(points), weights, tasks[bool(sample.standing[row])], kinematics.neutral)
        q, placed, _ = minimize(kinematics, problem, poses[row][kinematics.independent], _TOLERANCE_RAD)
        far = np.linalg.norm(placed - problem.points, axis=1)
        # Once more with what lies far off counting less.
        problem = replace(problem, weights=weights * _robust(far / markers.noise_m, _ROBUST_NOISE))
        q, placed, _ = minimize(kinematics, problem, q, _TOLERANCE_RAD)
        out[row] = kinematics.full(q)
        errors[row, known] = np.linalg.norm(placed - problem.points, axis=1)[known]
    return Fit(factors, float(parameters[k]), offsets, out, errors, 0, kinematics)


def _robust(ratio: Array, limit: float, power: int = 2) -> Array:
    """Weights of errors by their ratio to the standard deviation: 1 below `limit`, falling beyond."""
    return np.asarray(np.minimum(1.0, (limit / np.maximum(ratio, 1e-9)) ** power))


def _step(skeleton: Skeleton, markers: Markers, sample: Sample, size: Size, now: Fit, parameters: Array) -> Array:
    """Change (K + 1 + 3M,) of factors, size and offsets that minimizes the linearized problem with poses eliminated."""
    count = len(markers.names)
    matrix, right = _priors(markers, size, parameters, skeleton.factors.sd)
    carriers = [skeleton.bodies.index(body) for body in markers.bodies]
    turns, _, change = skeleton.frames(now.poses)
    kinematics = now.kinematics
    tasks = [task_weights(kinematics, each) for each in (sample.moving_tasks, sample.standing_tasks)]
    share = np.where(sample.standing, 1.0, min(1.0, _INDEPENDENT / max(1, np.sum(~sample.standing))))
    for row, points in enumerate(sample.points):
        placed = kinematics.positions(now.poses[row][kinematics.independent])
        known = np.isfinite(points).all(axis=1)
        error = np.where(known[:, None], placed - np.nan_to_num(points), 0.0)
        weights = np.where(known, UNIT / markers.noise_m**2, 0.0)
        weights = weights * _robust(np.linalg.norm(error, axis=1) / markers.noise_m, _ROBUST_NOISE)
        heavy = np.repeat(weights, 3)
        design = _design(markers, turns[row, carriers], change[row, carriers], skeleton.factors.of[carriers])
        jacobian = kinematics.jacobian().reshape(3 * count, -1)
        own = tasks[bool(sample.standing[row])]
        q = now.poses[row][kinematics.independent]
        free = (q > kinematics.lower + 1e-6) & (q < kinematics.upper - 1e-6)
        jacobian = jacobian[:, free]
        weighted = jacobian * heavy[:, None]
        inner = weighted.T @ jacobian + np.diag(own[free] + 1e-6)
        cross = weighted.T @ design
        pull = weighted.T @ error.ravel() + own[free] * (q - kinematics.neutral)[free]
        matrix += share[row] * ((design * heavy[:, None]).T @ design - cross.T @ np.linalg.solve(inner, cross))
        right += share[row] * (design.T @ (heavy * error.ravel()) - cross.T @ np.linalg.solve(inner, pull))
    return np.asarray(-np.linalg.solve(matrix, right))


def _design(markers: Markers, turn: Array, change: Array, factor_of: Any) -> Array:
    """Derivative (3M, K + 1 + 3M) of marker positions with respect to factors, size and offsets, at one pose.

    Of the markers' bodies: rotations `turn (M, 3, 3)`, derivatives of their origins `change (M, 3, K)` with respect to
    the factors, and which factor acts along each axis `factor_of (M, 3)`.
    """
    count, k = change.shape[0], change.shape[2]
    out = np.zeros((count, 3, k + 1 + 3 * count))
    out[:, :, :k] = change
    for axis in range(3):
        mine = np.flatnonzero(factor_of[:, axis] >= 0)
        out[mine, :, factor_of[mine, axis]] += turn[mine, :, axis] * markers.places[mine, axis, None]
        out[np.arange(count), :, k + 1 + 3 * np.arange(count) + axis] = turn[:, :, axis]
    return out.reshape(3 * count, -1)


def _priors(markers: Markers, size: Size, parameters: Array, proportion_sd: Array) -> tuple[Array, Array]:
    """Their part of the normal equations: factors near the size, the size near what is known, offsets near zero."""
    total, k = len(parameters), len(proportion_sd)
    matrix, right = np.zeros((total, total)), np.zeros(total)
    own = UNIT / proportion_sd**2
    matrix[np.arange(k), np.arange(k)] += own
    matrix[k, :k] -= own
    matrix[:k, k] -= own
    matrix[k, k] += own.sum()
    matrix[k, k] += UNIT / size.sd**2
    right[:] = matrix @ parameters
    right[k] -= UNIT / size.sd**2 * size.factor
    offsets = parameters[k + 1 :].reshape(-1, 3)
    weights = UNIT / markers.sd_m**2 * _robust(np.linalg.norm(offsets, axis=1) / markers.sd_m, _ROBUST_PLACE, 1)
    heavy = np.repeat(weights, 3)
    matrix[np.arange(k + 1, total), np.arange(k + 1, total)] += heavy
    right[k + 1 :] += heavy * parameters[k + 1 :]
    return matrix, right
