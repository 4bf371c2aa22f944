"""Inverse kinematics: the weighted least-squares problem of OpenSim's tool, solved to convergence in every frame.

The objective is that of OpenSim's InverseKinematicsTool (Delp et al. 2007, doi:10.1109/TBME.2007.901024, eq. 1):
weighted squared marker errors plus weighted squared deviations of coordinates, within the coordinates' ranges.
OpenSim's own assembler stops, at its default accuracy, several degrees from the minimum where a coordinate
carries little weight, and further on at a place that depends on the frame before; Newton's method with Simbody's
Jacobians does not, and ends where the tool does at a finer accuracy (tested).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.kinematics.inverse.determined import undetermined
from mint.kinematics.inverse.filtering import Array
from mint.kinematics.inverse.marker_kinematics import MarkerKinematics, task_weights
from mint.kinematics.inverse.problem import Problem, minimize
from mint.kinematics.inverse.restart import (
    BETTER,
    Limb,
    accepted,
    fits_badly,
    limb_errors,
    limbs_of,
    nearest_shoulders,
    principal_shoulders,
    restart,
)

# Markers that tell where a rigid body is.
PLACING_MARKERS = 3
# A frame is searched again when a limb fits worse than after the last search by this factor, or after these frames.
_WORSE, _SEARCH_EVERY = 1.2, 25
# A straight elbow lies on its bound: the first step then turns the upper arm instead of bending the elbow, and a bent
# arm is fitted by a straight one turned the other way.
ELBOW_START_RAD = 1.0
_ELBOWS = ("elbow_flex_r", "elbow_flex_l")
_PELVIS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation", "pelvis_tx", "pelvis_ty", "pelvis_tz")


@dataclass(frozen=True)
class Solution:
    """Coordinates `q (n, m)` of all frames and distances `marker_error_m (n, k)`, NaN where a marker is lost."""

    coordinates: list[str]
    q: Array
    marker_names: list[str]
    marker_error_m: Array
    weights: Array
    iterations: NDArray[np.int64]
    kinematics: MarkerKinematics

    def of(self, rows: slice) -> Solution:
        """The same of some frames."""
        return replace(self, q=self.q[rows], marker_error_m=self.marker_error_m[rows], iterations=self.iterations[rows])

    def followed(self, rows: Any) -> list[str]:
        """Markers that are seen in any of the chosen frames."""
        seen = np.isfinite(self.marker_error_m[rows]).any(axis=0)
        return [name for name, each in zip(self.marker_names, seen, strict=True) if each]

    def undetermined(self, assumed: Mapping[str, float] | None = None) -> dict[str, NDArray[np.bool_]]:
        """Frames (n,) in which the markers leave each segment undetermined; see `uncertainty`."""
        return undetermined(self.kinematics, self.q, np.isfinite(self.marker_error_m), assumed)


def solve(
    model: Any,
    names: Sequence[str],
    positions: Array,
    time_s: Array,
    marker_weights: Mapping[str, float],
    coordinate_weights: Mapping[str, float],
    tolerance_rad: float,
    state: Any = None,
) -> Solution:
    """Coordinates of the model for marker `positions (n, k, 3)` m; NaN markers do not act in that frame.

    Weights of coordinate tasks (towards default values) are per rad2 or m2 against marker weights per m2. Each
    frame starts from the one before, the first from the rigid pose that fits its markers best; a limb that fits
    badly starts again from other postures, and what is found so is carried back to the frames before. Frames
    that reach MAX_ITERATIONS keep their last step. Changes `state`, of the initialized model, if it is given. Raises
    `StageError(INVERSE_KINEMATICS)` with the time of a frame without markers, `MARKER_MISSING` without any marker of
    the model.
    """
    used = [i for i, name in enumerate(names) if name in marker_weights]
    if not used:
        raise StageError(
            Reason.MARKER_MISSING,
            f"none of the model's {len(marker_weights)} markers "
            f"({', '.join(sorted(marker_weights)[:3])}, ...) is among the {len(names)} of the .trc "
            f"({', '.join(sorted(names)[:3])}, ...)",
        )
    kept = [names[i] for i in used]
    kinematics = MarkerKinematics(model, kept, state)
    tasks = task_weights(kinematics, coordinate_weights)
    neutral = kinematics.neutral
    weights = np.array([marker_weights[name] for name in kept])
    points = positions[:, used]
    known = np.asarray(np.isfinite(points).all(axis=2))
    for time in time_s[~known.any(axis=1)]:
        raise StageError(Reason.INVERSE_KINEMATICS, f"no marker at {time:.2f} s", t_start_s=float(time))
    problems = [
        Problem(np.nan_to_num(p), np.where(k, weights, 0.0), tasks, neutral) for p, k in zip(points, known, strict=True)
    ]
    guess = first_guess(kinematics, points[0], known[0], float(time_s[0]))
    limbs = limbs_of(kinematics)
    track = _forward(kinematics, problems, guess, limbs, tolerance_rad)
    _carry_back(kinematics, problems, track, limbs, tolerance_rad)
    errors = np.where(known, np.linalg.norm(track.placed - points, axis=2), np.nan)
    q = np.array([kinematics.full(row) for row in track.q])
    return Solution(kinematics.coordinates, q, kept, errors, weights, track.iterations, kinematics)


@dataclass
class _Track:
    """Independent coordinates `q (n, r)`, markers `placed (n, k, 3)` m and iterations (n,) of all frames."""

    q: Array
    placed: Array
    iterations: NDArray[np.int64]


def _forward(
    kinematics: MarkerKinematics, problems: Sequence[Problem], guess: Array, limbs: Sequence[Limb], tolerance_rad: float
) -> _Track:
    """Every frame from the one before; limbs that fit badly start again."""
    n = len(problems)
    track = _Track(np.zeros((n, len(guess))), np.zeros((n, *problems[0].points.shape)), np.zeros(n, dtype=int))
    vain, since = np.zeros(len(limbs)), np.zeros(len(limbs), dtype=int)
    for row, problem in enumerate(problems):
        before = guess
        guess, placed, track.iterations[row] = minimize(kinematics, problem, guess, tolerance_rad)
        error = limb_errors(limbs, problem, placed)
        # Markers that no posture fits would cost a search in every frame; the next waits until they got worse.
        due = fits_badly(limbs, problem, placed) & ((error > _WORSE * vain) | (row - since >= _SEARCH_EVERY))
        if due.any():
            searched = [limb for limb, is_due in zip(limbs, due, strict=True) if is_due]
            found = restart(kinematics, problem, guess, placed, searched, tolerance_rad)
            if found is not None:
                guess = found[0] if row == 0 else nearest_shoulders(kinematics, limbs, found[0], before)
                guess, placed, track.iterations[row] = minimize(kinematics, problem, guess, tolerance_rad)
            vain[due], since[due] = limb_errors(limbs, problem, placed)[due], row
        if row == 0 and (other := principal_shoulders(kinematics, guess)) is not None:
            guess, placed, track.iterations[row] = minimize(kinematics, problem, other, tolerance_rad)
        track.q[row], track.placed[row] = guess, placed
    return track


def _carry_back(
    kinematics: MarkerKinematics,
    problems: Sequence[Problem],
    track: _Track,
    limbs: Sequence[Limb],
    tolerance_rad: float,
) -> None:
    """Try the posture of the frame after in every frame where a limb fits badly and clearly better one frame on."""
    later = limb_errors(limbs, problems[-1], track.placed[-1])
    for row in range(len(problems) - 2, -1, -1):
        error = limb_errors(limbs, problems[row], track.placed[row])
        worse = fits_badly(limbs, problems[row], track.placed[row]) & (later < BETTER * error)
        if worse.any():
            start = track.q[row].copy()
            for limb in (limb for limb, is_worse in zip(limbs, worse, strict=True) if is_worse):
                start[limb.places] = track.q[row + 1][limb.places]
            found = accepted(kinematics, problems[row], track.q[row], start, tolerance_rad)
            if found is not None:
                track.q[row], track.placed[row] = found
                error = limb_errors(limbs, problems[row], track.placed[row])
        later = error


def first_guess(kinematics: MarkerKinematics, points: Array, known: NDArray[np.bool_], time: float) -> Array:
    """Independent coordinates (r,): the default pose, turned and placed as a rigid body onto the markers (k, 3) m.

    Its elbows are bent afterwards.
    """
    if known.sum() < PLACING_MARKERS:
        raise StageError(Reason.INVERSE_KINEMATICS, f"{known.sum()} markers at {time:.2f} s", t_start_s=time)
    q = kinematics.neutral.copy()
    pelvis = [kinematics.names.index(name) for name in _PELVIS]
    q[pelvis] = 0.0
    places = kinematics.positions(q)[known]
    rotation = best_rotation(places, points[known])
    q[pelvis[:3]] = zxy(rotation)
    q[pelvis[3:]] = (points[known] - kinematics.positions(q)[known]).mean(axis=0)
    names = kinematics.names
    for name in _ELBOWS:
        if name in names:
            q[names.index(name)] = ELBOW_START_RAD
    return q


def best_rotation(places: Array, points: Array) -> Array:
    """Rotation (3, 3) that turns `places (k, 3)` best onto `points (k, 3)` (Kabsch 1976)."""
    covariance = (points - points.mean(axis=0)).T @ (places - places.mean(axis=0))
    u, _, vt = np.linalg.svd(covariance)
    return np.asarray(u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt)


def zxy(rotation: Array) -> Array:
    """Body-fixed z-x-y angles (3,) rad of a rotation (3, 3): tilt, list and rotation of the pelvis."""
    return np.array(
        [
            np.arctan2(-rotation[0, 1], rotation[1, 1]),
            np.arcsin(np.clip(rotation[2, 1], -1, 1)),
            np.arctan2(-rotation[2, 0], rotation[2, 2]),
        ]
    )


def frame_errors(solution: Solution) -> tuple[Array, Array, NDArray[np.str_]]:
    """Weighted RMS (n,) m, largest error (n,) m and its marker (n,) of every frame; lost markers do not count."""
    known = np.isfinite(solution.marker_error_m)
    weights = np.where(known, solution.weights, 0.0)
    squares = np.where(known, solution.marker_error_m, 0.0) ** 2
    total = np.maximum(weights.sum(axis=1), 1e-300)
    rms = np.sqrt((weights * squares).sum(axis=1) / total)
    worst = np.argmax(squares, axis=1)
    return rms, np.sqrt(squares[np.arange(len(worst)), worst]), np.array(solution.marker_names)[worst]
