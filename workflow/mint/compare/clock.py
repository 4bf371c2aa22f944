"""Whether the clock of the plates is that of the markers: the shift at which plates and centre of mass agree best.

While every foot that carries stands on plates, these together measure m (a + g) of the centre of mass, and inverse
kinematics tells its acceleration a from the markers alone. Nothing is shifted here: that a laboratory's plates are late
is for the sequence table to say (`forces_offset_s`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mint.compare.simulated import SIDES, Floats, Simulated
from mint.compare.stances import Stance
from mint.config.compare import CompareConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.low_pass import low_pass
from mint.measured.plates import Plates
from mint.support.assess import GRAVITY_M_S2

_STEP_S = 0.004


def plates_late_s(
    acceleration: Floats, body: Simulated, plates: Plates, found: Sequence[Stance], config: CompareConfig
) -> float | None:
    """How much later [s] the plates are than the markers: the shift at which the vertical and fore-aft force of all
    compared contacts differs least (sum of squares) from what `acceleration (n, 3)` m/s2 of the centre of mass asks
    for.

    None where that is not well determined: less than `clock_least_s` of such contacts; the least lies at the limit
    `clock_reach_s`; it is more than `clock_left` of the variation of what is asked for; or the standard error of the
    shift, by how steep that is and what is left, is above `clock_error_s`, as in standing.
    """
    rows, carried = _known(body, plates, found, config)
    rows &= np.isfinite(acceleration).all(axis=1)
    if np.count_nonzero(rows & carried) < config.clock_least_s * FRAME_RATE_HZ:
        return None
    level = np.array([[0.0, 1.0, 0.0], body.forward(0, len(body.frames), config.standing_speed_m_s)]).T
    asked = (acceleration / GRAVITY_M_S2 + np.array([0.0, 1.0, 0.0])) @ level
    steep = np.gradient(asked, body.frames / FRAME_RATE_HZ, axis=0)
    measured = _together(plates, found, config.clock_cutoff_hz) @ level / body.weight_N
    steps = int(np.floor(config.clock_reach_s / _STEP_S + 1e-9))
    shifts = _STEP_S * np.arange(-steps, steps + 1)
    square = np.zeros(len(shifts))
    for i, shift in enumerate(shifts):
        for axis in range(2):
            at = np.interp(body.time_s[rows] + shift, plates.time_s, measured[:, axis])
            square[i] += np.sum((at - asked[rows, axis]) ** 2)
    best = int(np.argmin(square))
    spread = np.sum((asked[rows] - asked[rows].mean(axis=0)) ** 2)
    if best in (0, len(shifts) - 1) or square[best] > config.clock_left * spread:
        return None
    # What is filtered has one independent value in so many frames.
    alike = FRAME_RATE_HZ / (2 * config.clock_cutoff_hz)
    if alike * square[best] / asked[rows].size > config.clock_error_s**2 * np.sum(steep[rows] ** 2):
        return None
    before, least, after = square[best - 1 : best + 2]  # and the parabola through the three
    return float(shifts[best] + _STEP_S * (before - after) / (2 * (before - 2 * least + after)))


def warning(late_s: float, source: str, config: CompareConfig) -> str:
    """What a user is told of plates whose clock is farther off than `clock_late_s`; `source` is the file of forces."""
    way = "late" if late_s > 0 else "early"
    return (
        f"forces of {source}: the plates are {1000 * abs(late_s):.0f} ms {way} against the markers, expected at "
        f"most {1000 * config.clock_late_s:.0f} ms (compare.clock_late_s): if other trials of the laboratory say "
        f"the same, add {-late_s:.3f} s to forces_offset_s in the sequence table"
    )


def _known(
    body: Simulated, plates: Plates, found: Sequence[Stance], config: CompareConfig
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Frames (n,) in which every foot that the simulation loads is in a compared contact, and that no shift moves out
    of the recording; and frames (n,) in which some foot is in such a contact."""
    told = np.zeros((len(body.frames), 2), dtype=bool)
    for stance in found:
        if not stance.left_out:
            feet = SIDES if stance.feet == "both" else (stance.feet,)
            told[stance.start : stance.stop, [SIDES.index(side) for side in feet]] = True
    loaded = body.force_N[:, :, 1] >= config.contact_threshold_N
    inside = (body.time_s - config.clock_reach_s >= plates.time_s[0]) & (
        body.time_s + config.clock_reach_s <= plates.time_s[-1]
    )
    return np.asarray((told | ~loaded).all(axis=1) & inside), np.asarray(told.any(axis=1))


def _together(plates: Plates, found: Sequence[Stance], cutoff_hz: float) -> Floats:
    """Force (m, 3) N of all compared contacts at the samples of the plates, low-passed as coordinates are."""
    force = np.zeros_like(plates.force_N[0])
    for contact in (stance.contact for stance in found if not stance.left_out):
        on = (plates.time_s >= contact.start_s) & (plates.time_s <= contact.stop_s)
        force[on] += plates.force_N[contact.plate, on]
    return low_pass(force, (len(force) - 1) / (plates.time_s[-1] - plates.time_s[0]), cutoff_hz)
