"""Measured forces as what is known of the feet (`ground_force: tracked`).

While a foot stands wholly on plates, force, centre of pressure and the vertical moment about that centre (the free
moment) are those that the plates measured; shortly before and after it carries nothing. What the plates do not tell
stays as it was: a foot beside them, both feet on one plate, and all frames outside the recording.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.config.given import GivenForces
from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.pressure import centre_of_pressure, pressure
from mint.measured.feet import PASSING, bearing, distances, on_and_off, within
from mint.measured.plates import Contact, Plates, contacts, read_plates
from mint.support.feet import Soles

Array = np.ndarray[Any, Any]
# In walking the other foot stands for a third of a stance; on a plate without known corners one that stands longer, and
# on no other plate, may be on the same one.
_DOUBTFUL = 0.5
# What bears load rests on the floor; a foot in swing passes low over it, and faster [m/s].
_RESTING_M_S = 0.5
# What is known of a foot in a frame, and its shape: of a step (stage support), and what plates alone tell.
KNOWN: dict[str, tuple[int, ...]] = {
    "roll_point_m": (2,),
    "roll_sd_m": (2,),
    "step_force_bw": (3,),
    "step_force_sd_bw": (3,),
    "step_moment_bw_m": (),
    "step_moment_sd_bw_m": (),
}


def with_plates(
    support: Bundle, measured: Bundle, soles: Soles, body_weight_N: float, config: GivenForces
) -> tuple[Bundle, float]:
    """`support` with what plates tell in the place of what is known of steps (`KNOWN`), and the share of a foot's
    frames, of both feet, in which they tell something.

    `measured` is measured.npz, `soles` those of the tracked motion at the frames of `support`. Raises `StageError` for
    plates whose arrays do not fit together.
    """
    plates = read_plates(measured, config)
    n = len(support["frames"])
    told = {
        name: np.array(support[name], dtype=float) if name in support else np.full((n, 2, *shape), np.nan)
        for name, shape in KNOWN.items()
    }
    share = 0.0
    if plates is not None:
        floor_velocity = np.asarray(support.meta.get("belt_velocity_m_s") or (0.0, 0.0, 0.0), dtype=float)
        time_s = np.asarray(support["frames"]) / FRAME_RATE_HZ
        loads = _Loads(plates, soles, time_s, floor_velocity, body_weight_N, config)
        for foot in (0, 1):
            loads.tell(foot, told)
        share = float(loads.known.mean())
    return Bundle(support.status, {**support.arrays, **told}, support.meta), share


class _Loads:
    """What the plates carry at the n frames of a window, and which foot stands on which."""

    def __init__(
        self,
        plates: Plates,
        soles: Soles,
        time_s: Array,
        floor_velocity: Array,
        body_weight_N: float,
        config: GivenForces,
    ) -> None:
        self.plates, self.time_s, self.weight_N, self.config = plates, time_s, body_weight_N, config
        self.force, self.moment = plates.at(time_s)
        self.known = np.zeros((len(time_s), 2), dtype=bool)
        facing = soles.heading if soles.heading is not None else np.tile([1.0, 0.0], (len(time_s), 1))
        facing = facing / np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-9)
        self._points, self._parts = soles.points, bearing(soles.points, facing, config.toe_reach_m)
        speed = np.linalg.norm(np.gradient(soles.points, 1 / FRAME_RATE_HZ, axis=0) - floor_velocity, axis=3)
        self._stands = np.asarray((soles.points[..., 1] <= config.near_floor_m) & (speed < _RESTING_M_S))
        self._on: list[tuple[Contact, Array, int, bool]] = []
        for contact in contacts(plates, config):
            rows = np.flatnonzero((time_s >= contact.start_s) & (time_s <= contact.stop_s))
            if len(rows) > PASSING:
                self._on.extend((contact, rows, foot, clear) for foot, clear in self._feet(contact, rows))

    def _feet(self, contact: Contact, rows: Array) -> list[tuple[int, bool]]:
        """The feet that stand on the plate in a contact, and whether its load is theirs alone, and all of theirs."""
        force, moment = self.force[contact.plate, rows], self.moment[contact.plate, rows]
        centre = pressure(force, moment, self.config.cop_share * self.weight_N)
        loaded = np.isfinite(centre).all(axis=1)
        away = distances(self._points[rows], centre)
        nearest = int(np.argmin(away))
        corners = self.plates.corners_m[contact.plate]
        if away[nearest] > self.config.foot_reach_m:
            return []
        stands = self._stands[rows]
        if not np.isfinite(corners).all():
            # Nobody knows where the plate ends: the other foot may stand on it too, unless another plate carries it.
            others = np.delete(self.force[:, rows, 1], contact.plate, axis=0)
            carried = (others >= self.config.contact_threshold_N).any(axis=0)
            doubtful = stands[loaded, 1 - nearest].any(axis=1) & ~np.asarray(carried)[loaded]
            return [(nearest, float(doubtful.mean()) < _DOUBTFUL)]
        inside = within(self._parts[rows], corners, -self.config.edge_m)
        on, off = on_and_off(inside, stands)
        if on[1 - nearest]:
            return [(0, False), (1, False)]
        return [(nearest, not off[nearest])]

    def tell(self, foot: int, told: dict[str, Array]) -> None:
        """Write what is known of a foot: its load while it stands on plates, nothing just before and after."""
        margin, n = self.config.in_the_air_s, len(self.time_s)
        air, stands, unclear = (np.zeros(n, dtype=bool) for _ in range(3))
        force, moment = np.zeros((2, n, 3))
        for contact, rows, who, clear in self._on:
            if who != foot:
                continue
            if not clear:
                unclear[rows] = True
                continue
            stands[rows] = True
            force[rows] += self.force[contact.plate, rows]
            moment[rows] += self.moment[contact.plate, rows]
            if not contact.cut_start:
                air |= (self.time_s < contact.start_s) & (self.time_s >= contact.start_s - margin)
            if not contact.cut_stop:
                air |= (self.time_s > contact.stop_s) & (self.time_s <= contact.stop_s + margin)
        air &= ~stands & ~unclear
        stands &= ~unclear & np.isfinite(force).all(axis=1)
        centre = pressure(force, moment, self.config.cop_share * self.weight_N)
        placed = stands & np.isfinite(centre).all(axis=1)
        told["step_force_bw"][air, foot], told["step_force_bw"][stands, foot] = 0.0, force[stands] / self.weight_N
        told["step_force_sd_bw"][air | stands, foot] = self.config.force_sd_bw
        told["roll_point_m"][air | stands, foot] = told["step_moment_bw_m"][air | stands, foot] = np.nan
        told["roll_point_m"][placed, foot] = centre[placed][:, [0, 2]]
        told["roll_sd_m"][placed, foot] = self.config.point_sd_m
        told["step_moment_bw_m"][placed, foot] = centre_of_pressure(force, moment)[1][placed] / self.weight_N
        told["step_moment_sd_bw_m"][placed, foot] = self.config.moment_sd_bw_m
        self.known[:, foot] = air | stands
