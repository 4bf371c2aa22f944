"""Are measured forces those of this person, at these times and places? Body weight and feet tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mint.config.measured import MeasuredConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.formats.ground_frame import in_ground_frame
from mint.measured.forces import Forces

Floats = NDArray[np.float64]

_GRAVITY_M_S2 = 9.80665
_LOOKED_AT = 200  # samples of a plate whose place is compared with the person's


def checked_forces(loads: Forces, validated: Bundle, body: Mapping[str, object], config: MeasuredConfig) -> Forces:
    """The forces, turned about the vertical by quarters where the feet prove that. Raises StageError for others.

    Compared: the largest total vertical force with body weight, and the loaded centre of pressure with the markers at
    that time, or with the pelvis of body poses. Laboratories turn forces for OpenSim so that people walk along +x, and
    may leave the markers as they are: where exactly one turn brings the centre of pressure to half the limit, it holds.
    """
    _check_weight(loads, body.get("mass_kg"), config)
    limit, of = (
        (config.marker_distance_m, "the nearest marker")
        if "markers" in validated
        else (config.root_distance_m, "the pelvis, level")
    )
    place = _places(validated, body.get("ground_m"))
    distance = foot_distance_m(loads, place, float(validated.meta["frame_rate_hz"]))
    if not distance > limit:
        return loads
    # Poses say too little of where the feet are.
    turns = {90 * k: _turned(loads, k) for k in (1, 2, 3)} if "markers" in validated else {}
    fitting = [
        angle
        for angle, turned in turns.items()
        if foot_distance_m(turned, place, float(validated.meta["frame_rate_hz"])) < limit / 2
    ]
    if len(fitting) == 1:
        note = (
            f"forces of {loads.source}: the centre of pressure lies {distance:.3g} m from {of}, and at the feet if "
            f"turned by {fitting[0]} degrees about the vertical: turned"
        )
        return replace(turns[fitting[0]], notes=[*loads.notes, note])
    raise StageError(
        Reason.FIELD_VALUE,
        f"{loads.source}: the centre of pressure lies {distance:.3g} m from {of} "
        f"(median of the loaded samples), limit {limit:g} m",
        remedy="check whether the file belongs to this motion, its unit (m), axes, and forces_offset_s",
    )


def foot_distance_m(loads: Forces, place: Floats, rate_hz: float) -> float:
    """Median distance [m] of loaded centres of pressure from the nearest of `place (N, m, 3)` at that frame.

    A place with NaN for its height counts level. NaN where no loaded sample falls into the motion.
    """
    frame = np.round(loads.time_s * rate_hz).astype(int)
    within = (frame >= 0) & (frame < len(place))
    found = []
    for centre in loads.centre:
        loaded = np.flatnonzero(within & np.isfinite(centre).all(axis=1))
        for i in loaded[:: max(1, len(loaded) // _LOOKED_AT)]:
            away = place[frame[i]] - centre[i]
            lengths = np.sqrt(away[:, 0] ** 2 + away[:, 2] ** 2 + np.nan_to_num(away[:, 1]) ** 2)
            if np.isfinite(lengths).any():
                found.append(float(np.nanmin(lengths)))
    return float(np.median(found)) if found else float("nan")


def _check_weight(loads: Forces, mass: object, config: MeasuredConfig) -> None:
    mass_kg = float(mass) if isinstance(mass, int | float) else config.assumed_mass_kg
    peak = float(loads.force[..., 1].sum(axis=0).max()) / (mass_kg * _GRAVITY_M_S2)
    if not config.least_peak_bw <= peak <= config.largest_peak_bw:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{loads.source}: the largest total vertical force is {peak:.3g} body "
            f"weights of {mass_kg:g} kg, must be {config.least_peak_bw:g} to {config.largest_peak_bw:g} "
            "(measured.least_peak_bw, largest_peak_bw)",
            remedy="write forces in N, and check mass_kg; a plate that nobody steps on tells nothing",
        )


def _turned(loads: Forces, quarters: int) -> Forces:
    """Turned about the vertical through the origin, counterclockwise seen from above: z becomes x."""
    turn = np.linalg.matrix_power(np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]), quarters)
    parts = (loads.force, loads.centre, loads.moment, loads.corners)
    force, centre, moment, corners = (each @ turn.T for each in parts)
    return replace(loads, force=force, centre=centre, moment=moment, corners=corners)


def _places(validated: Bundle, ground_m: object) -> Floats:
    """Markers `(N, m, 3)` m above the floor, y up; of body poses the root, its height NaN."""
    if "markers" in validated:
        floor = float(ground_m) if isinstance(ground_m, int | float) else 0.0
        return np.asarray(validated["markers"] - np.array([0.0, floor, 0.0]))
    root = in_ground_frame(np.asarray(validated["trans"], dtype=float), "z")
    return np.asarray((root + np.array([0.0, np.nan, 0.0]))[:, None])
