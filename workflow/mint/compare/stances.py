"""Which feet stand on which plate, and when: only what a plate tells of whole feet is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from mint.compare.simulated import SIDES, Floats, Simulated
from mint.config.compare import CompareConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.pressure import pressure
from mint.measured.feet import PASSING, bearing, distances, on_and_off, within
from mint.measured.plates import Contact, Plates

# Why a contact is left out.
OUTSIDE, CUT, NO_FOOT, TWO_FEET, BESIDE, TWO_PLATES = (
    "outside",
    "cut",
    "no_foot",
    "two_feet",
    "foot_beside",
    "two_plates",
)
LEFT_OUT = {
    OUTSIDE: "no frame of the sequence has values during it",
    CUT: "the recording or a gap of the sequence cuts it, and too little is left",
    NO_FOOT: "no foot of the simulation is where the plate is loaded",
    TWO_FEET: "both feet load the plate, and one of them not wholly",
    BESIDE: "the foot stands partly beside the plate",
    TWO_PLATES: "the foot stands on another plate at the same time",
}


@dataclass(frozen=True)
class Stance:
    """A contact with the feet that stand on the plate, `r`, `l` or `both` (their sum is compared), rows [start, stop)
    of the sequence that lie in it, whether these are all of it, and the reason why it is left out, "" if it is
    compared."""

    contact: Contact
    feet: str
    start: int
    stop: int
    whole: bool
    left_out: str = ""


def stances(body: Simulated, plates: Plates, found: Sequence[Contact], config: CompareConfig) -> list[Stance]:
    """Every contact as a stance. A gap of the sequence divides a contact; its longest part is taken."""
    force, moment = plates.at(body.time_s)
    out = [_stance(body, plates, force, moment, contact, config) for contact in found]
    return _on_two_plates(out)


def _stance(
    body: Simulated, plates: Plates, force: Floats, moment: Floats, contact: Contact, config: CompareConfig
) -> Stance:
    start, stop = longest_part(body, contact)
    if stop == start:
        return Stance(contact, "", start, stop, False, OUTSIDE)
    frame_s = 1 / FRAME_RATE_HZ
    whole = (
        not contact.cut_start
        and not contact.cut_stop
        and body.time_s[start] - contact.start_s <= frame_s
        and contact.stop_s - body.time_s[stop - 1] <= frame_s
    )
    feet, left_out = _feet(
        body,
        plates,
        pressure(force[contact.plate], moment[contact.plate], config.cop_share * body.weight_N),
        contact,
        start,
        stop,
        config,
    )
    part_s = body.time_s[stop - 1] - body.time_s[start]
    # Of a contact that the recording cuts nobody knows the length.
    known_s = np.inf if contact.cut_start or contact.cut_stop else contact.stop_s - contact.start_s - 2 * frame_s
    if not left_out and not whole and part_s < min(config.least_part_s, config.least_share * known_s):
        left_out = CUT
    return Stance(contact, feet, start, stop, whole, left_out)


def longest_part(body: Simulated, contact: Contact) -> tuple[int, int]:
    """Rows [start, stop) of the longest run of frames without a gap inside a contact; (0, 0) if there is none."""
    rows = np.flatnonzero((body.time_s >= contact.start_s) & (body.time_s <= contact.stop_s))
    if not len(rows):
        return 0, 0
    parts = np.split(rows, np.flatnonzero(np.diff(body.frames[rows]) != 1) + 1)
    longest = max(parts, key=len)
    return int(longest[0]), int(longest[-1]) + 1


def _feet(
    body: Simulated, plates: Plates, centre: Floats, contact: Contact, start: int, stop: int, config: CompareConfig
) -> tuple[str, str]:
    """The feet on the plate during rows [start, stop), and why they cannot be compared ("" if they can)."""
    span = slice(start, stop)
    away = distances(body.spheres_m[span], centre[span])
    near = [distance <= config.foot_reach_m for distance in away]
    corners = plates.corners_m[contact.plate]
    nearest = int(np.argmin(away))
    if not np.isfinite(corners).all():
        # Without corners only the centre of pressure tells which foot it is.
        return (SIDES[nearest], "") if near[nearest] else ("", NO_FOOT)
    spheres, turn = body.spheres_m[span], body.facing_rad[span]
    facing = np.stack([np.cos(turn), -np.sin(turn)], axis=1)
    inside = within(bearing(spheres, facing, config.toe_reach_m), corners, -config.edge_m)
    low = 2 * body.spheres_m[span, :, :, 1] <= config.near_floor_m
    loaded = body.force_N[span, :, 1] >= config.contact_threshold_N
    on, off = on_and_off(inside, low & loaded[..., None])
    if all(on):
        return ("both", TWO_FEET) if any(off) else ("both", "")
    side = on.index(True) if any(on) else nearest
    if not near[side]:
        return "", NO_FOOT
    return SIDES[side], BESIDE if off[side] else ""


def _on_two_plates(found: list[Stance]) -> list[Stance]:
    """Stances of one foot on two plates at once say nothing about it: each plate has a part of its force."""
    out = list(found)
    for i, j in combinations(range(len(found)), 2):
        a, b = found[i], found[j]
        share = min(a.stop, b.stop) - max(a.start, b.start)
        same = a.feet and b.feet and (a.feet == b.feet or "both" in (a.feet, b.feet))
        if a.contact.plate != b.contact.plate and same and share > PASSING:
            for k in (i, j):
                out[k] = out[k] if out[k].left_out else replace(out[k], left_out=TWO_PLATES)
    return out
