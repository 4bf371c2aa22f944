"""A body that does not move within a frame, but jumps: teleports, cuts, spikes and flips, at the native frame rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mint.body.events import Event
from mint.body.smplh import PARENTS
from mint.body.speeds import BODY_JOINTS
from mint.config.human import HumanConfig
from mint.core.status import Reason

Floats = NDArray[np.float64]

# Steps over several frames find jumps that were smeared by filters or blends.
_LONGEST_STEP_S = 0.02
_MIN_MARKERS = 3
_MERGE_S = 0.1
# Wrists, head and toes flicker in fitted poses without harm to the legs: flagged only, with the neck and the collars.
_ENDS = frozenset((10, 11, 12, 13, 14, 15, 20, 21))
_NAMES = (
    "root",
    "left hip",
    "right hip",
    "lower spine",
    "left knee",
    "right knee",
    "middle spine",
    "left ankle",
    "right ankle",
    "upper spine",
    "left toes",
    "right toes",
    "neck",
    "left collar",
    "right collar",
    "head",
    "left shoulder",
    "right shoulder",
    "left elbow",
    "right elbow",
    "left wrist",
    "right wrist",
)
assert len(_NAMES) == BODY_JOINTS <= len(PARENTS)


def excess(steps: Floats, stride: int) -> Floats:
    """What neither the step before nor the one after explains of each of `steps (n, ..., 3)`, `(n, ...)`.

    Steps reach over `stride` frames. A body that is pushed or lands moves as before or as after; only what jumps, or
    comes and goes, does neither.
    """
    change = np.linalg.norm(steps[stride:] - steps[:-stride], axis=-1)
    edge = np.full((stride, *change.shape[1:]), np.inf)
    out = np.fmin(np.concatenate([edge, change]), np.concatenate([change, edge]))
    return np.where(np.isfinite(out), out, np.nan)


def body_jumps(points: Floats, rate_hz: float, config: HumanConfig) -> list[Event]:
    """Jumps of the whole body, from the root `(n, 3)` m or from markers `(n, m, 3)` m of which half must jump."""
    found = []
    for stride in _strides(len(points), rate_hz):
        steps = points[stride:] - points[:-stride]
        sizes = _with_impossible(excess(steps, stride), steps, config.jump_speed_m_s * stride / rate_hz)
        if sizes.ndim == 2:
            seen = np.isfinite(sizes).sum(axis=1) >= _MIN_MARKERS
            sizes = np.where(seen, _median(sizes), np.nan)
        limit = max(config.jump_m, config.jump_acceleration_m_s2 * (stride / rate_hz) ** 2)
        found += _events(sizes, limit, stride, rate_hz, "the body jumps by {:.2f} m", True)
    return _merged(found)


def joint_jumps(poses: Floats, rate_hz: float, config: HumanConfig) -> list[Event]:
    """Jumps of the root and of body joints, also flips for one frame, from rotation vectors `poses (n, 156)` rad."""
    count = len(poses)
    rotations = Rotation.from_rotvec(poses[:, : 3 * BODY_JOINTS].reshape(-1, 3)).as_quat()
    rotations = rotations.reshape(count, BODY_JOINTS, 4)
    found = []
    for stride in _strides(count, rate_hz):
        before, after = (Rotation.from_quat(part.reshape(-1, 4)) for part in (rotations[:-stride], rotations[stride:]))
        steps = (before.inv() * after).as_rotvec().reshape(-1, BODY_JOINTS, 3)
        sizes = _with_impossible(excess(steps, stride), steps, config.jump_speed_rad_s * stride / rate_hz)
        limit = max(np.radians(config.jump_deg), config.jump_acceleration_rad_s2 * (stride / rate_hz) ** 2)
        for joint in np.flatnonzero(np.nanmax(sizes, axis=0, initial=0.0) > limit):
            text = f"the {_NAMES[joint]} turns by {{:.0f}} deg within a frame"
            degrees = np.degrees(sizes[:, joint])
            found += _events(degrees, float(np.degrees(limit)), stride, rate_hz, text, joint not in _ENDS)
    return _merged(found)


def _with_impossible(sizes: Floats, steps: Floats, longest: float) -> Floats:
    """`sizes (n, ...)`, and the whole length of `steps (n, ..., 3)` that are longer than a person's in that time.

    A joint that turns by half a turn and back, to the same side, would else look like one that goes on turning.
    """
    lengths = np.linalg.norm(steps, axis=-1)
    return np.asarray(np.where(lengths > longest, lengths, sizes))


def _strides(count: int, rate_hz: float) -> range:
    """Lengths of steps in frames; none for motions too short to have neighbours."""
    return range(1, min(max(1, int(_LONGEST_STEP_S * rate_hz + 1e-6)), (count - 1) // 2) + 1)


def _median(sizes: Floats) -> Floats:
    """Median over the markers that are seen, `(n,)`; NaN where none is."""
    ordered = np.sort(sizes, axis=1)
    count = np.isfinite(sizes).sum(axis=1)
    middle = np.maximum(count - 1, 0) // 2
    return np.asarray(ordered[np.arange(len(sizes)), middle])


def _events(sizes: Floats, limit: float, stride: int, rate_hz: float, text: str, refuses: bool) -> list[Event]:
    """An event per step whose size is beyond the limit."""
    steps = np.flatnonzero(np.nan_to_num(sizes) > limit)
    return [
        Event(
            Reason.TELEPORT.value,
            round(step / rate_hz, 3),
            round((step + stride) / rate_hz, 3),
            text.format(sizes[step]),
            refuses,
        )
        for step in steps.tolist()
    ]


def _merged(events: list[Event]) -> list[Event]:
    """Events near to each other as one, with the text of the first and shortest."""
    out: list[Event] = []
    for event in sorted(events, key=lambda each: (each.start_s, each.stop_s)):
        if out and event.start_s <= out[-1].stop_s + _MERGE_S:
            last = out[-1]
            out[-1] = Event(
                last.reason, last.start_s, max(last.stop_s, event.stop_s), last.detail, last.refuses or event.refuses
            )
        else:
            out.append(event)
    return out
