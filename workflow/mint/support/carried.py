"""Chairs, rails and beams that no data show: the motion asks for a force where no foot is."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.config.support import SupportConfig
from mint.core.status import Reason
from mint.core.stretches import stretches
from mint.support.assess import Finding, frames_of
from mint.support.balance import Motion, excess, side_of
from mint.support.feet import Soles

Array = np.ndarray[Any, Any]

ASKED = "something else carries the body, or the motion was edited: the ground force would have to act"


def carried(motion: Motion, soles: Soles, feet: Array, config: SupportConfig) -> Finding | None:
    """The first time in which the zero-moment point lies beyond the soles for longer than feet and data explain.

    `feet (n,2)` m are heights of right and left foot. A foot near the floor counts whole, moving or not, so that
    every doubt is the feet's. Where none is near the floor the body is in flight, or `missing_support` tells.
    """
    with np.errstate(invalid="ignore"):
        near = feet <= config.airborne_height_m
    beyond, direction = excess(motion, soles.flat, soles.of_feet(near))
    with np.errstate(invalid="ignore"):
        mask = beyond > config.carried_distance_m
    for start, stop in stretches(mask, frames_of(config.carried_time_s)):
        side = "away from"
        if soles.heading is not None:
            side = side_of(direction[start:stop].mean(axis=0), soles.heading[start:stop].mean(axis=0))
        right, left = (bool(share > 0.5) for share in near[start:stop].mean(axis=0))
        standing = "the feet" if right == left else "the right foot" if right else "the left foot"
        far = 100 * float(np.median(beyond[start:stop]))
        return Finding(
            Reason.CARRIED,
            standing,
            start,
            stop,
            f"{ASKED} {far:.0f} cm {side} {standing} (zero-moment point; limit "
            f"{100 * config.carried_distance_m:.0f} cm for {config.carried_time_s:g} s)",
        )
    return None
