"""Rules that find support other than feet on one level floor. Pure functions of arrays at 50 frames/s.

Frame x forward, y up, z right. Each rule returns the first finding or None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.status import Reason
from mint.core.stretches import stretches

Array = np.ndarray[Any, Any]

GRAVITY_M_S2 = 9.80665
_NO_OTHER_G = 2.0  # share of gravity from which no error of size or noise explains a fall, only the frame rate
_STEADY_G = 0.1  # what falls less than this share of gravity is held, whatever the frame rate


@dataclass(frozen=True)
class Finding:
    """Other support: why, which body part, frames [start, stop) of the window, and the measured number."""

    reason: Reason
    part: str
    start: int
    stop: int
    detail: str


def frames_of(seconds: float) -> int:
    """Frames that last at least `seconds`."""
    return max(int(np.ceil(seconds * FRAME_RATE_HZ - 1e-6)), 1)


def is_foot(part: str, config: SupportConfig) -> bool:
    """Whether a body part may carry the body."""
    return any(word in part.lower() for word in config.foot_parts)


def assess(
    heights: Array,
    parts: list[str],
    com: Array,
    com_acceleration: Array,
    config: SupportConfig,
    *,
    feet: Array | None = None,
    foot_middle: Array | None = None,
) -> Finding | None:
    """The first support that is not a foot on the one floor, or None.

    `heights (n,P)` m lowest height of each part above the floor (NaN: unknown), `com`, `com_acceleration (n,3)`,
    `feet (n,2)` m heights of right and left foot if better known than from the parts, `foot_middle (n,2,2)` m
    horizontal place (x, z) of right and left foot.
    """
    feet = foot_heights(heights, parts, config) if feet is None else feet
    found = (
        non_foot_contact(heights, parts, config),
        missing_support(feet, com_acceleration, config),
        uneven_floor(feet, foot_middle, com, com_acceleration, config) if foot_middle is not None else None,
    )
    present = [finding for finding in found if finding is not None]
    return min(present, key=lambda finding: finding.start) if present else None


def foot_heights(heights: Array, parts: list[str], config: SupportConfig) -> Array:
    """Lowest height (n,2) m of right and left foot; NaN where no part of that foot is known."""
    out = np.full((len(heights), 2), np.nan)
    for column, sides in enumerate((("right", "_r", "r_"), ("left", "_l", "l_"))):
        mine = [i for i, part in enumerate(parts) if is_foot(part, config) and _on_side(part, sides)]
        if mine:
            known = np.where(np.isfinite(heights[:, mine]), heights[:, mine], np.inf).min(axis=1)
            out[:, column] = np.where(np.isfinite(known), known, np.nan)
    return out


def _on_side(part: str, sides: tuple[str, str, str]) -> bool:
    name = part.lower()
    return sides[0] in name or name.endswith(sides[1]) or name.startswith(sides[2])


def non_foot_contact(heights: Array, parts: list[str], config: SupportConfig) -> Finding | None:
    """A part other than the feet stays within `contact_height_m` of the floor."""
    first: Finding | None = None
    for i, part in enumerate(parts):
        if is_foot(part, config):
            continue
        with np.errstate(invalid="ignore"):
            low = heights[:, i] < config.contact_height_m
        for start, stop in stretches(low, frames_of(config.contact_time_s))[:1]:
            if first is None or start < first.start:
                lowest = 100 * np.min(heights[start:stop, i])
                first = Finding(Reason.NON_FOOT_SUPPORT, part, start, stop, f"{part} down to {lowest:.1f} cm")
    return first


def missing_support(feet: Array, com_acceleration: Array, config: SupportConfig) -> Finding | None:
    """Both feet are off the floor, but the centre of mass does not fall, or faster than weight makes it.

    In flight the only force is weight, so the centre of mass accelerates at -g whatever the body does. The mean
    over the flight is judged; a long flight is judged in pieces, so that a stand on a box before a drop shows. What
    falls faster has another frame rate or size than its file says.
    """
    with np.errstate(invalid="ignore"):
        off = np.all(feet > config.airborne_height_m, axis=1)
    shortest = frames_of(config.airborne_time_s)
    for start, stop in stretches(off, shortest):
        pieces = max((stop - start) // (2 * shortest), 1)
        for piece in np.array_split(np.arange(start, stop), pieces):
            fall_g = -float(np.mean(com_acceleration[piece, 1])) / GRAVITY_M_S2
            if config.airborne_min_fall_g <= fall_g <= config.airborne_max_fall_g:
                continue
            a, b = int(piece[0]), int(piece[-1]) + 1
            detail = (
                f"both feet {100 * np.min(feet[a:b]):.0f} cm above the floor, centre of mass accelerates at "
                f"{-fall_g:+.2f} g"
            )
            if fall_g > config.airborne_max_fall_g:
                reason = Reason.FRAME_RATE if fall_g > _NO_OTHER_G else Reason.MISSING_SUPPORT
                return Finding(
                    reason,
                    "feet",
                    a,
                    b,
                    f"{detail}; flight falls with 1 g, as at {fall_g**-0.5:.2f} times the stated frame rate",
                )
            other = f", or the frame rate is {fall_g**-0.5:.1f} times the stated one" if fall_g > _STEADY_G else ""
            return Finding(Reason.MISSING_SUPPORT, "feet", a, b, f"{detail}: something carries it{other}")
    return None


def zero_moment_point(com: Array, com_acceleration: Array) -> Array:
    """Where the ground force would have to act if it passed through the centre of mass, (n,2) m: x, z.

    Point-mass form of the zero-moment point (Vukobratovic and Borovac 2004, eq. 9), floor at y = 0.
    """
    lift = np.maximum(com_acceleration[:, 1] + GRAVITY_M_S2, 1.0)
    lean = com[:, 1] / lift
    return np.asarray(com[:, [0, 2]] - com_acceleration[:, [0, 2]] * lean[:, None])


def uneven_floor(
    feet: Array, foot_middle: Array, com: Array, com_acceleration: Array, config: SupportConfig
) -> Finding | None:
    """Both feet stand still at different heights, and the lower one alone cannot carry the body.

    A leg held up in the air is allowed: then the zero-moment point lies over the standing foot.
    """
    velocity = np.gradient(np.concatenate([feet[..., None], foot_middle], axis=2), 1 / FRAME_RATE_HZ, axis=0)
    with np.errstate(invalid="ignore"):
        steady = np.all(np.linalg.norm(velocity, axis=2) < config.steady_speed_m_s, axis=1)
        uneven = np.abs(feet[:, 0] - feet[:, 1]) > config.step_height_m
    lower = np.argmin(np.where(np.isfinite(feet), feet, np.inf), axis=1)
    point = zero_moment_point(com, com_acceleration)
    distance = np.linalg.norm(point - foot_middle[np.arange(len(feet)), lower], axis=1)
    mask = steady & uneven & (distance > config.support_radius_m)
    for start, stop in stretches(mask, frames_of(config.steady_time_s)):
        higher = ("left foot", "right foot")[int(np.median(lower[start:stop]) > 0)]
        rise = 100 * np.mean(np.abs(np.diff(feet[start:stop], axis=1)))
        return Finding(Reason.UNEVEN_FLOOR, higher, start, stop, f"{higher} stands {rise:.0f} cm above the other")
    return None
