"""What in the data may keep a chunk from a solution, and what to try. Read off the motion before anything is solved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import REMEDY, Reason, StageError
from mint.trajectory.mesh.spline import interpolate
from mint.trajectory.problems.case import SkeletonCase

Array = np.ndarray[Any, Any]
# From where a failure names something; nothing else depends on them.
_SUNK = 2.0  # times the penetration that the verification allows
_FLOATING_M = 0.03  # height of the lowest sphere above the floor from which a foot cannot carry
_UNSUPPORTED_BW = 0.5  # vertical force that is missing where no foot can carry [body weight]
_UNSUPPORTED_NODES = 4  # with such a force missing, in a row or not
_STRETCHED_DEG = 5.0  # of a knee beyond straight; the end of the range of muscle paths
_JUMP_RAD_S2 = 600.0  # angular acceleration of the tracked motion
_MARKER_OFF_M = 0.1  # distance of a marker from the model


@dataclass(frozen=True)
class Suspect:
    """Something unusual in a motion, with place and size, and what a person can do about it."""

    text: str
    remedy: str


def suspects(case: SkeletonCase, ik: Bundle) -> list[Suspect]:
    """Unusual things in the motion of `case`, which stands on the floor by now, and in the markers behind it."""
    depth = case.dynamics.value(interpolate(case.target[:, 0]))[:, case.dynamics.depth]
    times = np.asarray(ik["frames"]) / FRAME_RATE_HZ
    found = [
        _sunk(case, depth, times),
        _unsupported(case, depth, ik, times),
        _stretched(case, times),
        _shaking(case, times),
        _marker(ik, times),
    ]
    return [each for each in found if each is not None]


def named(error: StageError, found: Sequence[Suspect]) -> StageError:
    """The failure with what is suspect about its motion, and the remedies for that instead of the general one."""
    if not found:
        return error
    return StageError(
        error.reason,
        f"{error.detail}; {said(found)}",
        status=error.status,
        remedy="; ".join(dict.fromkeys(each.remedy for each in found)),
        finding=error.finding,
    )


def said(found: Sequence[Suspect]) -> str:
    """One line for a person, empty if nothing is suspect."""
    return "suspect: " + ", ".join(each.text for each in found) if found else ""


def _sunk(case: SkeletonCase, depth: Array, times: Array) -> Suspect | None:
    k, sphere = np.unravel_index(int(depth.argmax()), depth.shape)
    if depth[k, sphere] <= _SUNK * case.config.verified.penetration_m:
        return None
    return Suspect(
        f"foot through the floor: {case.tree.spheres[sphere].name} {100 * depth[k, sphere]:.0f} cm deep at "
        f"{times[k]:.2f} s",
        REMEDY[Reason.PENETRATION],
    )


def _unsupported(case: SkeletonCase, depth: Array, ik: Bundle, times: Array) -> Suspect | None:
    """Both feet are above the floor, but the centre of mass does not fall."""
    gravity = float(np.linalg.norm(case.tree.gravity))
    need = 1.0 + np.asarray(ik["com_acceleration"])[:, 1] / gravity
    above = -depth.max(axis=1)
    held = np.where(above > _FLOATING_M, need, 0.0)
    bad = np.flatnonzero(held > _UNSUPPORTED_BW)
    if len(bad) < _UNSUPPORTED_NODES:
        return None
    k = int(held.argmax())
    return Suspect(
        f"missing support: {need[k]:.1f} body weights needed at {times[k]:.2f} s, feet "
        f"{100 * above[k]:.0f} cm above the floor ({len(bad)} frames)",
        REMEDY[Reason.MISSING_SUPPORT],
    )


def _stretched(case: SkeletonCase, times: Array) -> Suspect | None:
    knees = [i for i, name in enumerate(case.tree.coordinates) if name.startswith("knee_angle")]
    angle = np.degrees(case.target[:, 0, knees])
    if not knees or angle.min() >= -_STRETCHED_DEG:
        return None
    k, i = np.unravel_index(int(angle.argmin()), angle.shape)
    return Suspect(
        f"hyperextended knee: {case.tree.coordinates[knees[i]]} {angle[k, i]:.0f} deg at {times[k]:.2f} s",
        "check knee and ankle markers of these frames, and the segment lengths of the scaled model",
    )


def _shaking(case: SkeletonCase, times: Array) -> Suspect | None:
    turning = np.flatnonzero(case.tree.rotational)
    size = np.abs(case.target[:, 2, turning])
    k, i = np.unravel_index(int(size.argmax()), size.shape)
    if size[k, i] <= _JUMP_RAD_S2:
        return None
    return Suspect(
        f"jump of {case.tree.coordinates[turning[i]]}: {size[k, i]:.0f} rad/s2 at {times[k]:.2f} s",
        REMEDY[Reason.INVERSE_KINEMATICS],
    )


def _marker(ik: Bundle, times: Array) -> Suspect | None:
    if "marker_max_m" not in ik:
        return None
    error = np.asarray(ik["marker_max_m"], dtype=float)
    k = int(error.argmax())
    if error[k] <= _MARKER_OFF_M:
        return None
    return Suspect(
        f"marker {ik.names('marker_max_name')[k]} {100 * error[k]:.0f} cm off at {times[k]:.2f} s",
        REMEDY[Reason.MARKER_ERROR],
    )
