"""What is known of the forces on the feet before the motion is solved: where they act, and what they are.

Along the floor the centre of pressure follows from the motion's accelerations, which markers tell to a few percent of
body weight: that is several centimetres. Where it lies under the foot is known better, from how feet roll (stage
support). A guide asks for it softly: the moment of the contact forces of a foot about that point of the floor is to be
small, in units of the foot's load times the point's uncertainty. Forces, and vertical moments about that point, are
asked for in units of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.trajectory.model.skeleton import FEET_ROWS, ROWS_PER_FOOT

Array = np.ndarray[Any, Any]
_MOMENT_X, _MOMENT_Y, _MOMENT_Z = 3, 4, 5
# A centre of pressure is told by a foot that carries at least this much [body weight].
_LEAST_LOAD = 0.2


@dataclass(frozen=True)
class ForceGuide:
    """For K nodes: points of the floor `point_m (K, 2, 2)`, x and z for the right and the left foot; `target` and
    `weight (K, 12)` of forces (N, 1/N2) and moments (N m, 1/(N m)2) in the order of `Skeleton.feet`; 0: unknown."""

    point_m: Array
    target: Array
    weight: Array


def no_guide(nodes: int) -> ForceGuide:
    """Nothing is known."""
    return ForceGuide(np.zeros((nodes, 2, 2)), np.zeros((nodes, FEET_ROWS)), np.zeros((nodes, FEET_ROWS)))


def step_guide(
    support: Bundle, nodes: int, factor: int, body_weight_N: float, point_weight: float, force_weight: float
) -> ForceGuide:
    """The guide of feet that step, on a mesh `factor` times as fine: points where they should carry, `roll_point_m,
    roll_sd_m (n, 2, 2)`, and forces, `step_force_bw, step_force_sd_bw (n, 2, 3)`, of support.npz; where plates tell
    them (`with_plates`), vertical moments about the points, `step_moment_bw_m, step_moment_sd_bw_m (n, 2)`. NaN: not
    known. The weights are what one standard deviation squared costs; `point_weight` is that of all moments."""
    out = no_guide(nodes)
    if "roll_point_m" not in support:
        return out
    point, point_sd, force, force_sd = (
        _refined(support[name], factor) for name in ("roll_point_m", "roll_sd_m", "step_force_bw", "step_force_sd_bw")
    )
    turning, turning_sd = (
        _refined(support[name], factor) if name in support else np.full((nodes, 2), np.nan)
        for name in ("step_moment_bw_m", "step_moment_sd_bw_m")
    )
    known = np.asarray(np.isfinite(np.concatenate([point, point_sd], axis=2)).all(axis=2))
    out.point_m[known] = point[known]
    for foot in (0, 1):
        first, rows = foot * ROWS_PER_FOOT, known[:, foot]
        carried = np.clip(np.nan_to_num(force[rows, foot, 1], nan=1.0), _LEAST_LOAD, None)
        for row, axis in ((_MOMENT_Z, 0), (_MOMENT_X, 1)):
            unit = body_weight_N * carried * point_sd[rows, foot, axis]
            out.weight[rows, first + row] = point_weight / unit**2
        turned = known[:, foot] & np.isfinite(turning[:, foot]) & np.isfinite(turning_sd[:, foot])
        out.target[turned, first + _MOMENT_Y] = body_weight_N * turning[turned, foot]
        out.weight[turned, first + _MOMENT_Y] = point_weight / (body_weight_N * turning_sd[turned, foot]) ** 2
        for axis in range(3):
            told = np.isfinite(force[:, foot, axis]) & np.isfinite(force_sd[:, foot, axis])
            out.target[told, first + axis] = body_weight_N * force[told, foot, axis]
            out.weight[told, first + axis] = force_weight / (body_weight_N * force_sd[told, foot, axis]) ** 2
    return out


def _refined(values: Array, factor: int) -> Array:
    """Values (n, ...) at the nodes of a mesh `factor` times as fine, linear between; NaN next to NaN."""
    if factor == 1:
        return np.asarray(values)
    out = np.empty((factor * (len(values) - 1) + 1, *values.shape[1:]))
    for i in range(factor):
        share = i / factor
        between = (1 - share) * values[:-1] + share * values[1:] if i else values[:-1]
        out[i::factor][: len(between)] = between
    out[-1] = values[-1]
    return out
