"""Numbers of a stance: forces in body weights, centre of pressure, times of contact, impulses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.compare.simulated import Floats, Simulated
from mint.compare.stances import Stance
from mint.config.compare import CompareConfig
from mint.core.chunks import FRAME_RATE_HZ
from mint.core.pressure import pressure
from mint.measured.plates import Plates

COMPONENTS = ("vertical", "fore_aft", "lateral")


@dataclass(frozen=True)
class Curves:
    """A stance at the k frames of its rows: forces (k, 3) in body weights, columns as `COMPONENTS`, centres of pressure
    (k, 2) m fore-aft and lateral in ground, NaN where one of the two is not compared."""

    measured_bw: Floats
    simulated_bw: Floats
    measured_cop_m: Floats
    simulated_cop_m: Floats


def axes(body: Simulated, stance: Stance, config: CompareConfig) -> Floats:
    """Rows (3, 3): up, fore-aft, lateral (to the right of it) of a stance, in ground."""
    forward = body.forward(stance.start, stance.stop, config.standing_speed_m_s)
    return np.array([[0.0, 1.0, 0.0], forward, [-forward[2], 0.0, forward[0]]])


def curves(body: Simulated, plates: Plates, stance: Stance, config: CompareConfig) -> Curves:
    """Measured and simulated force and centre of pressure of a stance."""
    span, level = slice(stance.start, stance.stop), axes(body, stance, config)
    force, moment = (values[stance.contact.plate] for values in plates.at(body.time_s[span]))
    own_force, own_moment = (values[span] for values in body.wrench(stance.feet))
    least = config.cop_share * body.weight_N
    centre = pressure(force, moment, least)
    own = pressure(own_force, own_moment, config.contact_threshold_N)
    known = np.asarray(np.isfinite(centre + own).all(axis=1))
    centre, own = (np.where(known[:, np.newaxis], values @ level[1:].T, np.nan) for values in (centre, own))
    return Curves(force @ level.T / body.weight_N, own_force @ level.T / body.weight_N, centre, own)


def numbers(body: Simulated, plates: Plates, stance: Stance, found: Curves, config: CompareConfig) -> dict[str, Any]:
    """Columns of a compared stance; differences are simulated minus measured, times measured minus simulated."""
    out: dict[str, Any] = {"frames": stance.stop - stance.start}
    for i, name in enumerate(COMPONENTS):
        error = found.simulated_bw[:, i] - found.measured_bw[:, i]
        out |= {
            f"{name}_rmse_bw": rms(error),
            f"{name}_mae_bw": float(np.mean(np.abs(error))),
            f"{name}_bias_bw": float(np.mean(error)),
            f"{name}_correlation": correlation(found.simulated_bw[:, i], found.measured_bw[:, i]),
        }
    for i, name in enumerate(COMPONENTS[1:]):
        away = 1000 * (found.simulated_cop_m[:, i] - found.measured_cop_m[:, i])
        away = away[np.isfinite(away)]
        out["cop_frames"] = len(away)
        offset = float(np.mean(away)) if len(away) else float("nan")
        out |= {
            f"cop_{name}_rmse_mm": rms(away),
            f"cop_{name}_offset_mm": offset,
            f"cop_{name}_shape_mm": rms(away - offset),
        }
    return out | _times(body, stance, config) | _impulses(body, plates, stance, config)


def _times(body: Simulated, stance: Stance, config: CompareConfig) -> dict[str, float]:
    """Differences in ms of the instants at which the vertical force meets the threshold; NaN where a recording, a gap
    or the end of the sequence cuts one of them."""
    contact = stance.contact
    vertical = body.wrench(stance.feet)[0][:, 1]
    return {
        "strike_ms": np.nan
        if contact.cut_start
        else 1000 * (contact.start_s - _nearest(body, vertical, contact.start_s, True, config)),
        "toe_off_ms": np.nan
        if contact.cut_stop
        else 1000 * (contact.stop_s - _nearest(body, vertical, contact.stop_s, False, config)),
    }


def _nearest(body: Simulated, vertical: Floats, time_s: float, rising: bool, config: CompareConfig) -> float:
    """The simulated instant nearest to a measured one, at most `impulse_margin_s` from it; NaN if there is none."""
    loaded = vertical >= config.contact_threshold_N
    changed = (loaded[1:] & ~loaded[:-1]) if rising else (~loaded[1:] & loaded[:-1])
    k = np.flatnonzero(changed & (np.diff(body.frames) == 1))
    share = (config.contact_threshold_N - vertical[k]) / (vertical[k + 1] - vertical[k])
    instants = (body.frames[k] + share) / FRAME_RATE_HZ
    near = instants[np.abs(instants - time_s) <= config.impulse_margin_s]
    return float(near[np.argmin(np.abs(near - time_s))]) if len(near) else float("nan")


def _impulses(body: Simulated, plates: Plates, stance: Stance, config: CompareConfig) -> dict[str, float]:
    """Differences of impulses in percent: vertical of the measured one, fore-aft (braking and propulsion may cancel) of
    the measured integral of its magnitude. Integrated from `impulse_margin_s` before to after the contact, so that a
    simulated one that starts earlier or ends later counts whole; frames of another contact of a foot stay out."""
    rows = around(body, stance, config)
    level = axes(body, stance, config)
    force, _ = plates.at(body.time_s[rows])
    measured = np.nan_to_num(force[stance.contact.plate]) @ level.T
    own = body.wrench(stance.feet)[0][rows] @ level.T
    vertical, magnitude = (float(np.sum(values)) for values in (measured[:, 0], np.abs(measured[:, 1])))
    difference = (own - measured).sum(axis=0)
    return {
        "vertical_impulse_percent": 100 * float(difference[0]) / vertical if vertical > 0 else np.nan,
        "fore_aft_impulse_percent": 100 * float(difference[1]) / magnitude if magnitude > 0 else np.nan,
    }


def around(body: Simulated, stance: Stance, config: CompareConfig) -> slice:
    """Rows of a stance and, where it is not cut, up to `impulse_margin_s` more on both sides: those without a gap in
    which the foot is still, or already, loaded by the same simulated contact."""
    start, stop, margin = stance.start, stance.stop, round(config.impulse_margin_s * FRAME_RATE_HZ)
    loaded = body.wrench(stance.feet)[0][:, 1] >= config.contact_threshold_N
    if not stance.contact.cut_start:
        while (
            start > 0
            and stance.start - start < margin
            and loaded[start - 1]
            and body.frames[start] - body.frames[start - 1] == 1
        ):
            start -= 1
    if not stance.contact.cut_stop:
        while (
            stop < len(loaded)
            and stop - stance.stop < margin
            and loaded[stop]
            and body.frames[stop] - body.frames[stop - 1] == 1
        ):
            stop += 1
    return slice(start, stop)


def rms(values: Floats) -> float:
    """Root mean square; NaN of nothing."""
    return float(np.sqrt(np.mean(values**2))) if len(values) else float("nan")


def correlation(a: Floats, b: Floats) -> float:
    """Pearson's correlation; NaN where one of the two does not vary, or of fewer than three values."""
    if len(a) < 3:
        return float("nan")
    x, y = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / scale if scale > 1e-12 * max(1.0, float(a @ a), float(b @ b)) else float("nan")
