"""Smooth, uniform sampling of joint trajectories, and cycles that continue without a step."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from mint.retarget.filter import low_pass, low_pass_rotations
from mint.retarget.motion import Motion, same_side

Array = np.ndarray[Any, Any]


def resampled(motion: Motion, time_s: Array) -> Motion:
    """Cubic spline through the frames of a motion, evaluated at `time_s`; quaternions stay normalised."""

    def at(values: Array) -> Array:
        return np.asarray(CubicSpline(motion.time_s, values, axis=0)(time_s))

    balls = {}
    for name, quaternion in motion.balls.items():
        values = at(same_side(quaternion))
        balls[name] = values / np.linalg.norm(values, axis=1, keepdims=True)
    return Motion(time_s, at(motion.root), balls, {name: at(angle) for name, angle in motion.hinges.items()})


def smoothed(motion: Motion, rate_hz: float, cutoff_hz: float) -> Motion:
    """Low-pass all trajectories of a uniformly sampled motion."""
    return Motion(
        motion.time_s,
        low_pass(motion.root, rate_hz, cutoff_hz),
        {name: low_pass_rotations(q, rate_hz, cutoff_hz) for name, q in motion.balls.items()},
        {name: low_pass(a, rate_hz, cutoff_hz) for name, a in motion.hinges.items()},
    )


def seam_error_deg(motion: Motion, heading_rad: float) -> float:
    """Largest joint angle between the last and the first frame of a cycle, deg, after the carried heading."""
    errors = []
    for name, quaternion in motion.balls.items():
        last = Rotation.from_quat(quaternion[-1])
        if name == "root":
            last = Rotation.from_rotvec([0, -heading_rad, 0]) * last
        errors.append((Rotation.from_quat(quaternion[0]).inv() * last).magnitude())
    errors += [abs(angle[-1] - angle[0]) for angle in motion.hinges.values()]
    return float(np.degrees(max(errors)))


def closed(motion: Motion, heading_rad: float) -> Motion:
    """A cycle whose last pose equals its first: the mismatch is taken out evenly over the cycle.

    Horizontal displacement and the stated heading change stay; they are carried from cycle to cycle.
    """
    share = (motion.time_s - motion.time_s[0]) / motion.duration_s - 0.5
    balls = {}
    for name, quaternion in motion.balls.items():
        rotation = Rotation.from_quat(quaternion)
        last = rotation[-1]
        if name == "root":
            last = Rotation.from_rotvec([0, -heading_rad, 0]) * last
        mismatch = (last.inv() * rotation[0]).as_rotvec()
        balls[name] = same_side((rotation * Rotation.from_rotvec(np.outer(share, mismatch))).as_quat())
    hinges = {name: angle + share * (angle[0] - angle[-1]) for name, angle in motion.hinges.items()}
    root = motion.root.copy()
    root[:, 1] += share * (root[0, 1] - root[-1, 1])
    return Motion(motion.time_s, root, balls, hinges)


def repeated(cycle: Motion, cycles: int, heading_rad: float) -> Motion:
    """`cycles` copies of a closed cycle, each starting where the one before it ended."""
    turn, origin = Rotation.identity(), cycle.root[0].copy()
    parts = []
    for number in range(cycles):
        keep = slice(0, None) if number == cycles - 1 else slice(0, -1)
        root = turn.apply(cycle.root - cycle.root[0]) + origin
        root_turn = (turn * Rotation.from_quat(cycle.balls["root"])).as_quat()
        parts.append((cycle.time_s[keep] + number * cycle.duration_s, root[keep], root_turn[keep], keep))
        origin, turn = root[-1], Rotation.from_rotvec([0, heading_rad, 0]) * turn
    balls = {name: same_side(np.concatenate([q[part[3]] for part in parts])) for name, q in cycle.balls.items()}
    balls["root"] = same_side(np.concatenate([part[2] for part in parts]))
    hinges = {name: np.concatenate([a[part[3]] for part in parts]) for name, a in cycle.hinges.items()}
    return Motion(np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts]), balls, hinges)
