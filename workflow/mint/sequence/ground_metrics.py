"""Feet and floor: impulse against weight, slip in stance, and how high the body stands above the floor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.chunks import FRAME_RATE_HZ
from mint.core.stretches import stretches
from mint.support.assess import GRAVITY_M_S2

Floats = NDArray[np.float64]
SIDES = ("r", "l")
STANDING_FRAMES = 12  # 0.24 s: twice the shortest flight that stage support can tell from standing
_FALL_G = 0.5  # mean downward acceleration, as a share of gravity, from which a body is in flight (stage support)


def force_shares(vertical: Floats, mass_kg: float) -> dict[str, float]:
    """Largest and mean `vertical (n,)` N of both feet, in body weights."""
    share = vertical / (mass_kg * GRAVITY_M_S2)
    return {"peak_vertical_force_bw": float(share.max()), "mean_vertical_force_bw": float(share.mean())}


def impulse_error(vertical: Floats, velocity: Floats, mass_kg: float) -> float:
    """Vertical impulse that is too much, % of the impulse of weight.

    Over frames 0 .. n - 1, T = (n - 1) / 50 s, Newton's second law of the whole body is

        integral of F_v dt = m g T + m (v(T) - v(0)),

    with `vertical (n,)` N the force of both feet and `velocity (n,)` m/s that of the measured centre of mass, so that
    jumps are judged right. Returned: (integral - right-hand side) / (m g T) in percent, trapezoids for the integral.
    """
    lasts = (len(vertical) - 1) / FRAME_RATE_HZ
    weight = mass_kg * GRAVITY_M_S2 * lasts
    impulse = float(np.sum(0.5 * (vertical[1:] + vertical[:-1]))) / FRAME_RATE_HZ
    return 100.0 * (impulse - weight - mass_kg * float(velocity[-1] - velocity[0])) / weight


def loaded_velocity(force: Floats, point: Floats, belt: Floats) -> tuple[Floats, Floats]:
    """Vertical force (n,) N of a foot, and horizontal velocity (n, 2) m/s of what carries it, relative to the belt.

    The velocities of the contact spheres `point (n, s, 3)` m are weighted by their vertical `force (n, s, 3)` N. A foot
    that rolls from heel to toe loads one sphere after the other, each at rest. A sphere's place is that of its centre,
    which advances by radius times angle where the foot turns about it: at most 15 mm a stance in the embedded clips.
    """
    weight = np.clip(force[..., 1], 0.0, None)
    moving = np.gradient(point, 1.0 / FRAME_RATE_HZ, axis=0)[..., [0, 2]] - belt[[0, 2]]
    total = weight.sum(axis=1)
    mean = np.sum(weight[..., None] * moving, axis=1) / np.maximum(total, 1e-9)[:, None]
    return total, np.asarray(mean)


def foot_slip(load: Floats, speed: Floats, kept: slice, threshold_N: float, mass_kg: float) -> dict[str, Any]:
    """Slip of the foot that slips most. `load (n, 2)` N, `speed (n, 2)` m/s of the loaded part of right and left foot.

    A stance is a stretch of kept frames with load above the threshold. Its distance is the integral of speed; loaded,
    each frame counts with the share of body weight that the foot carries (at most 1): a foot that drags with a few
    newtons slips far and harms nothing. The mean speed is that of all load in the kept frames.
    """
    load, speed = load[kept], speed[kept]
    share = np.minimum(load / (mass_kg * GRAVITY_M_S2), 1.0)
    best: dict[str, Any] = {"foot_slip_mm": 0.0, "foot_slip_loaded_mm": 0.0}
    for side in range(2):
        for start, stop in stretches(load[:, side] >= threshold_N, 1):
            far = 1e3 * float(np.sum(speed[start:stop, side])) / FRAME_RATE_HZ
            loaded = 1e3 * float(np.sum((share * speed)[start:stop, side])) / FRAME_RATE_HZ
            best["foot_slip_mm"] = max(best["foot_slip_mm"], far)
            if loaded > best["foot_slip_loaded_mm"]:
                best |= {
                    "foot_slip_loaded_mm": loaded,
                    "foot_slip_side": SIDES[side],
                    "foot_slip_frame": kept.start + start,
                }
    stance = np.where(load >= threshold_N, load, 0.0)
    best["foot_slip_speed_mm_s"] = 1e3 * float(np.sum(stance * speed) / max(float(stance.sum()), 1e-9))
    return best


def sole_height(force: Floats, point: Floats, threshold_N: float) -> float | None:
    """Median height, mm, of the lowest points of the spheres that carry the body, weighted by their force.

    `point (n, s, 3)` m has x and z of a sphere's centre and, as y, half the height of its lowest point: the middle of
    the overlap with the floor.
    """
    weight = np.clip(force[..., 1], 0.0, None)
    total = weight.sum(axis=1)
    loaded = total >= threshold_N
    if not loaded.any():
        return None
    return 1e3 * float(np.median(np.sum(weight * 2.0 * point[..., 1], axis=1)[loaded] / total[loaded]))


def standing_heights(feet: Floats, acceleration: Floats) -> dict[str, float]:
    """How far the lowest foot hovers above the floor while something carries the body, and how far it sinks, mm.

    `feet (n, 2)` m heights of right and left foot above the floor in the motion capture, `acceleration (n,)` m/s2 the
    vertical one of the centre of mass. Stretches of 0.24 s in which the body does not fall (mean above -0.5 g) are
    looked at: `hover_mm` is the largest of their lowest heights, `sink_mm` the largest of their least depths, both at
    least 0. A jump is flight and counts for neither, nor does a foot that passes through the floor for an instant.
    """
    known = np.isfinite(feet).any(axis=1)
    lowest = np.where(known, np.where(np.isfinite(feet), feet, np.inf).min(axis=1), np.nan)
    if len(lowest) < STANDING_FRAMES:
        return {}
    heights = np.lib.stride_tricks.sliding_window_view(lowest, STANDING_FRAMES)
    mean = np.lib.stride_tricks.sliding_window_view(acceleration, STANDING_FRAMES).mean(axis=1)
    held = (mean > -_FALL_G * GRAVITY_M_S2) & np.isfinite(heights).all(axis=1)
    if not held.any():
        return {}
    return {
        "hover_mm": 1e3 * max(0.0, float(heights[held].min(axis=1).max())),
        "sink_mm": 1e3 * max(0.0, float(-heights[held].max(axis=1).min())),
    }
