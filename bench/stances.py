"""Solved ground forces against plates, stance by stance, and activations against envelopes of muscle activity.

A foot is compared with a plate over that plate's contact alone: a foot beside the plates says nothing. Fore-aft is the
direction in which the pelvis travels relative to the floor under the feet, or where it does not travel, the x of
ground; lateral is to its right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from measurements import CHANNELS, Channel, Plate
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from mint.core.bundle import Bundle
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.tables import mint_columns

Floats = NDArray[np.float64]
CONTACT_N = 20.0  # as in section merge of the configuration
LEAST_STANCE_S = 0.1
SAME_EVENT_S = 0.3  # events farther apart are others: a foot meets the floor every 0.5 s at most
LOADED_BW = 0.1  # where a centre of pressure counts
LEAST_COVERED = 0.75  # share of a stance that was solved
NEAREST_M = 0.25  # a plate farther from both solved centres of pressure was met by something else
LEAST_SPEED_M_S = 0.3
PLATE_HZ = 0.5 * FRAME_RATE_HZ  # nothing above it is in the solution
SIDES = ("r", "l")


def heading(sequence: Bundle) -> Floats:
    """Horizontal unit vector (2,), x and z of ground, of travel relative to the belt."""
    bodies = sequence.names("skeleton_bodies")
    pelvis = sequence["skeleton_position"][:, bodies.index("pelvis")][:, [0, 2]].astype(float)
    time_s = sequence["frames"] / FRAME_RATE_HZ
    belt = np.array(sequence.meta["belt_velocity_m_s"], dtype=float)[[0, 2]]
    velocity = (pelvis[-1] - pelvis[0]) / (time_s[-1] - time_s[0]) - belt
    speed = float(np.linalg.norm(velocity))
    return velocity / speed if speed > LEAST_SPEED_M_S else np.array([1.0, 0.0])


def stances(sequence: Bundle, plates: Sequence[Plate], weight_N: float) -> list[dict[str, Any]]:
    """A row per contact of a plate that was solved. Errors are simulated minus measured."""
    forward = heading(sequence)
    frames = sequence["frames"].astype(int)
    grf = sequence["grf"].astype(float)
    out = []
    for plate in plates:
        vertical = plate.force[:, 1]
        for start, stop in _intervals(vertical > CONTACT_N):
            on = plate.time_s[[start, stop - 1]]
            if on[1] - on[0] < LEAST_STANCE_S:
                continue
            inside = (frames / FRAME_RATE_HZ >= on[0]) & (frames / FRAME_RATE_HZ <= on[1])
            covered = np.count_nonzero(inside) / max((on[1] - on[0]) * FRAME_RATE_HZ, 1.0)
            row: dict[str, Any] = {"plate": plate.name, "start_s": round(float(on[0]), 3),
                                   "stop_s": round(float(on[1]), 3), "covered": round(float(min(covered, 1.0)), 2)}
            if covered >= LEAST_COVERED:
                row |= _compared(frames, grf, inside, plate, (start, stop), forward, weight_N,
                                 sequence.meta["gait_events"])
            out.append(row)
    return out


def _intervals(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def _compared(frames: NDArray[Any], grf: Floats, inside: NDArray[np.bool_], plate: Plate, span: tuple[int, int],
              forward: Floats, weight_N: float, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    time_s = frames[inside] / FRAME_RATE_HZ
    rate = 1.0 / float(np.median(np.diff(plate.time_s)))
    force = plate.force
    if rate > 2.5 * PLATE_HZ:
        force = sosfiltfilt(butter(2, PLATE_HZ, fs=rate, output="sos"), force, axis=0)
    measured = np.stack([np.interp(time_s, plate.time_s, force[:, k]) for k in range(3)], axis=1)
    known = np.isfinite(plate.centre).all(axis=1) & (plate.force[:, 1] > CONTACT_N)
    centre = np.stack([np.interp(time_s, plate.time_s[known], plate.centre[known, k]) for k in (0, 2)], axis=1)
    feet = [{"force": grf[inside][:, 6 * side:6 * side + 3], "centre": grf[inside][:, [6 * side + 3, 6 * side + 5]]}
            for side in range(2)]
    side, far = _foot(plate, feet, measured, centre, weight_N)
    if side is None:
        return {"foot": "", "distance_m": far}
    solved = feet[side]
    right = np.array([-forward[1], forward[0]])
    errors = (solved["force"] - measured) / weight_N
    level = errors[:, [0, 2]]
    row: dict[str, Any] = {"foot": SIDES[side], "distance_m": far}
    for name, error in (("vertical", errors[:, 1]), ("fore_aft", level @ forward), ("lateral", level @ right)):
        row[f"{name}_rmse_bw"] = _rms(error)
        row[f"{name}_mae_bw"] = round(float(np.mean(np.abs(error))), 4)
    loaded = (measured[:, 1] > LOADED_BW * weight_N) & np.isfinite(solved["centre"]).all(axis=1)
    if np.count_nonzero(loaded) >= 3:
        apart = 1e3 * (solved["centre"] - centre)[loaded]
        for name, error in (("cop", apart @ forward), ("cop_lateral", apart @ right)):
            row |= {f"{name}_mm": _rms(error, 1), f"{name}_mean_mm": round(float(error.mean()), 1),
                    f"{name}_shape_mm": _rms(error - error.mean(), 1)}
    return row | _timing(events, SIDES[side], plate, span)


def _foot(plate: Plate, feet: list[dict[str, Floats]], measured: Floats, centre: Floats,
          weight_N: float) -> tuple[int | None, float | None]:
    """Which foot is on a plate: the one that the file names, else the nearer one of those loaded with it."""
    apart: list[float] = []
    for foot in feet:
        both = (foot["force"][:, 1] > CONTACT_N) & (measured[:, 1] > LOADED_BW * weight_N)
        enough = np.count_nonzero(both) > 0.5 * np.count_nonzero(measured[:, 1] > LOADED_BW * weight_N)
        distances = np.linalg.norm((foot["centre"] - centre)[both], axis=1)
        apart.append(float(np.median(distances)) if enough else np.inf)
    best = SIDES.index(plate.side) if plate.side else int(np.argmin(apart))
    far = round(apart[best], 3) if np.isfinite(apart[best]) else None
    return (best if apart[best] < NEAREST_M else None), far


def _timing(events: Sequence[Mapping[str, Any]], side: str, plate: Plate, span: tuple[int, int]) -> dict[str, Any]:
    """Differences of touch-down, toe-off and stance time, s, where both were recorded and solved."""
    ends = {"touch_down_s": ("foot_strike", plate.time_s[span[0]], span[0] > 0),
            "toe_off_s": ("toe_off", plate.time_s[span[1] - 1], span[1] < len(plate.time_s))}
    out: dict[str, Any] = {}
    for name, (kind, at, recorded) in ends.items():
        apart = [each["time_s"] - at for each in events if each["event"] == kind and each["side"] == side]
        nearest = min(apart, key=abs, default=np.inf)
        if recorded and abs(nearest) < SAME_EVENT_S:
            out[name] = round(float(nearest), 3)
    if len(out) == len(ends):
        out["stance_s"] = round(out["toe_off_s"] - out["touch_down_s"], 3)
    return out


def correlations(sequence: Bundle, channels: Sequence[Channel]) -> dict[str, float | None]:
    """Correlation of each envelope with the mean activation of its muscles over all solved frames."""
    time_s, order = sequence["frames"] / FRAME_RATE_HZ, mint_columns()
    out: dict[str, float | None] = {}
    for channel in channels:
        known = (time_s >= channel.time_s[0]) & (time_s <= channel.time_s[-1])
        recorded = np.interp(time_s[known], channel.time_s, channel.envelope)
        places = [order.index(f"LU_{muscle}_{channel.side}") for muscle in CHANNELS[channel.name]]
        activation = sequence["activation"][known][:, places].astype(float).mean(axis=1)
        told = np.count_nonzero(known) >= 20 and np.std(recorded) > 0 and np.std(activation) > 0
        out[channel.name] = round(float(np.corrcoef(recorded, activation)[0, 1]), 3) if told else None
    return out


def _rms(values: Floats, digits: int = 4) -> float:
    return round(float(np.sqrt(np.mean(np.square(values)))), digits)
