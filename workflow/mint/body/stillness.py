"""Data that repeat themselves to the last bit: standstills, copied frames, and a root whose path is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.body.events import Event, Mask
from mint.body.landmarks import Landmarks, seen_mean
from mint.body.speeds import BODY_JOINTS, joint_speeds
from mint.config.human import HumanConfig
from mint.core.chunks import time_s
from mint.core.status import Reason, StageError
from mint.core.stretches import stretches

Floats = NDArray[np.float64]

# Distance of a moving segment's end from its joint: turns joint speeds into speeds of points [m].
_LEVER_M = 0.3
_SEEN_SHARE = 0.9
_MIN_REPEATED = 3


@dataclass(frozen=True)
class Steps:
    """From frame to frame, `(n - 1,)`: are all data the same to the last bit; the speed of the fastest part [m/s]."""

    same: Mask
    speed_m_s: Floats


def steps_of_poses(poses: Floats, trans: Floats, rate_hz: float) -> Steps:
    """Steps of `poses (n, 156)` rad and `trans (n, 3)` m; fingers do not count."""
    body = np.concatenate([poses[:, : 3 * BODY_JOINTS], trans], axis=1)
    root = np.linalg.norm(np.diff(trans, axis=0), axis=1) * rate_hz
    turning = _LEVER_M * joint_speeds(poses, rate_hz).max(axis=1, initial=0)
    return Steps(np.all(body[1:] == body[:-1], axis=1), root + turning)


def steps_of_markers(markers: Floats, rate_hz: float) -> Steps:
    """Steps of `markers (n, m, 3)` m; nine in ten of those seen must be the same, since gaps are filled one by one."""
    both = np.all(np.isfinite(markers[1:]) & np.isfinite(markers[:-1]), axis=2)
    same = np.all(markers[1:] == markers[:-1], axis=2) & both
    moved = np.linalg.norm(np.where(both[..., None], np.diff(markers, axis=0), 0.0), axis=2)
    speed = moved.max(axis=1, initial=0) * rate_hz
    count = both.sum(axis=1)
    return Steps((count > 0) & (same.sum(axis=1) >= _SEEN_SHARE * count), speed)


def standstills(steps: Steps, rate_hz: float, config: HumanConfig, what: str = "no value changes") -> list[Event]:
    """Stretches of `still_time_s` and longer without any change; none if nothing ever changes (a pose, not a motion).

    One that the body enters or leaves at speed makes its accelerations wrong.
    """
    if np.all(steps.same):
        return []
    events = []
    for start, stop in stretches(steps.same):
        if (stop - start) / rate_hz < config.still_time_s - 1e-9:
            continue
        edges = [steps.speed_m_s[i] for i in (start - 1, stop) if 0 <= i < len(steps.same)]
        fastest = max(edges, default=0.0)
        detail = f"{what} in {stop - start + 1} frames; the fastest part moves at {fastest:.1f} m/s before or after"
        events.append(
            Event(
                Reason.STANDSTILL.value,
                round(start / rate_hz, 3),
                round(stop / rate_hz, 3),
                detail,
                bool(fastest > config.still_edge_m_s),
            )
        )
    return events


def check_repeated(path: str, steps: Steps, rate_hz: float, config: HumanConfig) -> list[str]:
    """Warnings about frames of a moving body that repeat the one before.

    Raises StageError(REPEATED_FRAMES) if there are many: the frame rate was raised by copies.
    """
    short = np.zeros(len(steps.same), dtype=bool)
    still = np.zeros(len(steps.same), dtype=bool)
    for start, stop in stretches(steps.same):
        edges = [steps.speed_m_s[i] for i in (start - 1, stop) if 0 <= i < len(steps.same)]
        # A copy is followed by the whole way at once, so speeds beside it are too high by the length of the run.
        moving = len(edges) == 2 and min(edges) / (stop - start + 1) > config.repeated_speed_m_s
        short[start:stop] = moving and (stop - start) / rate_hz < config.still_time_s - 1e-9
        still[start:stop] = not short[start]
    moving_steps = int(np.sum(~still & (short | (steps.speed_m_s > config.repeated_speed_m_s))))
    count = int(short.sum())
    if count < _MIN_REPEATED:
        return []
    share = count / max(moving_steps, 1)
    text = (
        f"{path}: {count} of {moving_steps} frames of a moving body repeat the frame before to the last bit, the "
        f"first at {int(np.argmax(short)) / rate_hz:.2f} s"
    )
    if share > config.repeated_share:
        own = rate_hz * (1 - share)
        raise StageError(
            Reason.REPEATED_FRAMES,
            f"{text}: at {rate_hz:g} Hz the motion has {own:.0f} different frames/s",
            remedy=f"remove the repeated frames and state the rate that remains (about {own:.0f} Hz), or export the "
            "motion at its own rate",
        )
    return [text]


def root_standstills(poses: Floats, trans: Floats, rate_hz: float, config: HumanConfig) -> list[Event]:
    """Stretches in which one of root path and pose stays the same to the last bit while the other moves."""
    body = poses[:, : 3 * BODY_JOINTS]
    turning = _LEVER_M * joint_speeds(poses, rate_hz).max(axis=1, initial=0)
    moving = np.linalg.norm(np.diff(trans, axis=0), axis=1) * rate_hz
    root, pose = np.all(trans[1:] == trans[:-1], axis=1), np.all(body[1:] == body[:-1], axis=1)
    events = []
    for same, other, speed, what in ((root, pose, turning, "the root's path"), (pose, root, moving, "the pose")):
        for start, stop in stretches(same & ~other):
            fastest = float(np.median(speed[start:stop]))
            if (stop - start) / rate_hz >= config.still_time_s - 1e-9 and fastest > config.still_edge_m_s:
                detail = (
                    f"{what} does not change in {stop - start + 1} frames while the rest of the body moves at "
                    f"{fastest:.1f} m/s"
                )
                begin, end = round(start / rate_hz, 3), round(stop / rate_hz, 3)
                events.append(Event(Reason.STANDSTILL.value, begin, end, detail, True))
    return events


def check_fixed_root(path: str, field: str, marks: Landmarks, config: HumanConfig) -> None:
    """Refuse a pelvis that stays in place along an axis in the whole motion while the legs move: its path is lost.

    `marks` are landmarks `(n, 3)` m at 50/s, x forward, y up, z right; `field` names where the path comes from. Over
    walking feet a pelvis sways, on a treadmill too. Raises StageError(FIXED_ROOT).
    """
    rim = seen_mean([marks[name] for name in ("front_r", "front_l", "back_r", "back_l") if name in marks])
    roots = [root for root in (marks.get("pelvis"), rim) if root is not None]
    if not roots:
        return
    feet = [marks[name] - roots[0] for name in marks if name.split("_")[0] in ("ankle", "heel", "toe")]
    legs = max((_range(foot[:, axis]) for foot in feet for axis in range(3)), default=0.0)
    if legs < config.fixed_root_legs_m:
        return
    ranges = np.array([[_range(root[:, axis]) for axis in range(3)] for root in roots])
    moved = ranges[int(np.argmin(ranges.min(axis=1)))]
    still = int(np.argmin(moved))
    if moved[still] >= config.fixed_root_m:
        return
    way = "vertically" if still == 1 else "horizontally"
    raise StageError(
        Reason.FIXED_ROOT,
        f"{path}: {field}: the pelvis moves by {1000 * moved[still]:.2f} mm {way} while a foot moves by "
        f"{100 * legs:.0f} cm relative to it, expected more than {1000 * config.fixed_root_m:g} mm",
        t_start_s=0.0,
        t_end_s=time_s(len(roots[0]) - 1),
    )


def _range(values: Floats) -> float:
    """From the 2nd to the 98th percentile of the finite `values (n,)`; 0 without any."""
    seen = values[np.isfinite(values)]
    return float(np.ptp(np.percentile(seen, [2, 98]))) if len(seen) else 0.0
