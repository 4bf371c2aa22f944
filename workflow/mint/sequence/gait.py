"""When feet are set down and lifted, and the steps between, from the solved ground forces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import FRAME_RATE_HZ

Floats = NDArray[np.float64]
SIDES = ("r", "l")
STRIKE, OFF = "foot_strike", "toe_off"
# A contact or a swing shorter than this is a wobble of the force about the threshold: the shortest swing of sprinters
# lasts 0.25 s, their shortest contact 0.08 s (Weyand et al. 2000, doi:10.1152/jappl.2000.89.5.1991).
_SHORTEST_S = 0.06
# Steps of one foot after the other: sprinters take 5 a second, nobody who walks takes one in 2 s.
_STEP_S = (0.15, 2.0)
_LEAST_WAY_M = 0.1  # of the pelvis during a step; less is stepping in place


@dataclass(frozen=True)
class Event:
    """A foot meets the floor or leaves it: `frame` is fractional, `heel` and `pelvis` (3,) m lie in ground."""

    kind: str
    side: str
    frame: float
    heel: Floats
    pelvis: Floats


@dataclass(frozen=True)
class Step:
    """From the strike of one foot to that of the other, whose `side` it has; lengths relative to the belt."""

    side: str
    start_s: float
    stop_s: float
    length_m: float
    width_m: float
    speed_m_s: float
    stride_s: float | None
    stride_m: float | None
    stance_s: float | None


def events(
    frames: NDArray[np.integer[Any]], vertical_N: Floats, heels: Floats, pelvis: Floats, threshold_N: float
) -> list[Event]:
    """Events in order of time.

    `frames (n,)` at 50/s may have gaps; `vertical_N (n, 2)` and `heels (n, 2, 3)` m are of right and left foot, `pelvis
    (n, 3)` m. The time is where the force, linear between frames, meets the threshold. A foot that is on the floor
    where a stretch of frames begins or ends has no event there.
    """
    out = []
    starts = np.flatnonzero(np.diff(frames, prepend=frames[:1] - 2) != 1)
    for start, stop in zip(starts, [*starts[1:], len(frames)], strict=True):
        for foot, side in enumerate(SIDES):
            force = vertical_N[start:stop, foot]
            contact = _settled(force >= threshold_N)
            for k in np.flatnonzero(contact[1:] != contact[:-1]):
                share = _crossing(force[k], force[k + 1], threshold_N)
                row = start + k + 1 if contact[k + 1] else start + k
                out.append(
                    Event(
                        STRIKE if contact[k + 1] else OFF,
                        side,
                        float(frames[start + k] + share),
                        heels[row, foot].astype(float),
                        pelvis[row].astype(float),
                    )
                )
    return sorted(out, key=lambda event: event.frame)


def steps(found: Sequence[Event], frames: NDArray[np.integer[Any]], belt_m_s: Sequence[float]) -> list[Step]:
    """Steps between strikes of different feet without a gap of frames between them, while the pelvis goes on."""
    strikes = [event for event in found if event.kind == STRIKE]
    belt, out = np.asarray(belt_m_s, dtype=float), []
    for i in range(1, len(strikes)):
        before, now = strikes[i - 1], strikes[i]
        time_s = (now.frame - before.frame) / FRAME_RATE_HZ
        if before.side == now.side or not _STEP_S[0] <= time_s <= _STEP_S[1] or _gap(frames, before.frame, now.frame):
            continue
        way = _level(now.pelvis - before.pelvis - belt * time_s)
        if np.linalg.norm(way) < _LEAST_WAY_M:
            continue
        forward = way / np.linalg.norm(way)
        apart = _level(now.heel - before.heel - belt * time_s)
        length = float(apart @ forward)
        width = float(np.linalg.norm(apart - length * forward))
        stride_s, stride_m = _stride(strikes[:i], now, frames, belt)
        out.append(
            Step(
                now.side,
                before.frame / FRAME_RATE_HZ,
                now.frame / FRAME_RATE_HZ,
                length,
                width,
                float(np.linalg.norm(way)) / time_s,
                stride_s,
                stride_m,
                _stance(found, now, frames),
            )
        )
    return out


def _stride(
    earlier: Sequence[Event], now: Event, frames: NDArray[Any], belt: Floats
) -> tuple[float, float] | tuple[None, None]:
    """Time s and length m from the same foot's last strike; None where it is not known."""
    same = [event for event in earlier if event.side == now.side]
    if not same or _gap(frames, same[-1].frame, now.frame):
        return None, None
    time_s = (now.frame - same[-1].frame) / FRAME_RATE_HZ
    return time_s, float(np.linalg.norm(_level(now.heel - same[-1].heel - belt * time_s)))


def _stance(found: Sequence[Event], strike: Event, frames: NDArray[Any]) -> float | None:
    """Time s until the foot leaves the floor; None where that is not seen."""
    off = next((e for e in found if e.kind == OFF and e.side == strike.side and e.frame > strike.frame), None)
    known = off is not None and not _gap(frames, strike.frame, off.frame)
    return (off.frame - strike.frame) / FRAME_RATE_HZ if off is not None and known else None


def _settled(contact: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Contact without swings, then without contacts, that are too short; those at the ends may be longer than seen."""
    out = contact.copy()
    for value in (False, True):
        edges = np.flatnonzero(np.diff(out)) + 1
        for start, stop in pairwise(edges):
            if out[start] == value and stop - start < _SHORTEST_S * FRAME_RATE_HZ - 1e-9:
                out[start:stop] = not value
    return out


def _crossing(before: float, after: float, threshold: float) -> float:
    """Share of the interval after which the force meets the threshold; in the middle where it does not."""
    if (before - threshold) * (after - threshold) > 0 or before == after:
        return 0.5
    return float((threshold - before) / (after - before))


def _gap(frames: NDArray[Any], start: float, stop: float) -> bool:
    """Whether frames are missing between two events."""
    first, last = int(np.floor(start)), int(np.ceil(stop))
    return int(np.sum((frames >= first) & (frames <= last))) < last - first + 1


def _level(vector: Floats) -> Floats:
    return np.array([vector[0], 0.0, vector[2]])
