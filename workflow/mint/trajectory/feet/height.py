"""One vertical offset of the pelvis per window, so that the floor carries what the motion needs on average."""

from __future__ import annotations

from typing import Any

import numpy as np

from mint.trajectory.mesh.dynamics import Dynamics

Array = np.ndarray[Any, Any]
_SEARCH_M = 0.3
_END_NODES = 6  # nodes over which the centre of mass speed at an end is fitted
_LEAST_SHARE = 0.3  # of body weight: a window that is nearly all flight says little about floor height


def needed_mean_force(dynamics: Dynamics, target: Array, mass: float, gravity: float) -> float:
    """Mean vertical force, N, over the window by impulse and momentum: m (g + (v_end - v_start) / T)."""
    height = dynamics.outputs(_states(target))[2][:, 1]
    count = min(_END_NODES, len(height) // 2)
    time = np.arange(count) * dynamics.step_s
    speeds = [np.polyfit(time, part, 1)[0] for part in (height[:count], height[-count:])]
    between = (len(height) - count) * dynamics.step_s
    return float(max(mass * (gravity + (speeds[1] - speeds[0]) / between), _LEAST_SHARE * mass * gravity))


def pelvis_height_offset(
    dynamics: Dynamics, target: Array, height_index: int, mass: float, gravity: float
) -> tuple[float, float]:
    """Offset of the pelvis height (m) at which the mean static sphere force meets the needed mean, and that mean (N).

    `target` (K, 3, n) is the tracked motion. The spheres are pressed in without speed: rates would add the
    dissipation of a motion that is not yet consistent with contact.
    """
    need = needed_mean_force(dynamics, target, mass, gravity)
    still = target.copy()
    still[:, 1:] = 0.0
    low, high = -_SEARCH_M, _SEARCH_M
    for _ in range(30):
        middle = 0.5 * (low + high)
        moved = still.copy()
        moved[:, 0, height_index] += middle
        carried = float(dynamics.outputs(_states(moved))[0][:, :, 1].sum(axis=1).mean())
        low, high = (middle, high) if carried > need else (low, middle)
    return 0.5 * (low + high), need


def _states(target: Array) -> Array:
    return np.ascontiguousarray(target.reshape(len(target), -1).T)
