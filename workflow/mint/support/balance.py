"""What the feet cannot supply: the moment of a measured motion beyond the edge of the soles on the floor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.support.assess import GRAVITY_M_S2

Array = np.ndarray[Any, Any]

_DIRECTIONS = 180  # of the floor: a distance is found to 1 - cos(1 degree)
_NO_SOLE = -1e3  # m: farther off than any sole


@dataclass(frozen=True)
class Motion:
    """Whole-body motion over n frames: `com`, `com_acceleration (n,3)` m, m/s2, and `spin_rate (n,3)` m2/s2.

    `spin_rate` is the rate of change of the angular momentum about the centre of mass divided by the mass.
    """

    com: Array
    com_acceleration: Array
    spin_rate: Array

    def at_rate(self, factor: float) -> Motion:
        """The same motion if its frame rate were `factor` times the stated one: accelerations grow by its square."""
        return Motion(self.com, factor**2 * self.com_acceleration, factor**2 * self.spin_rate)


def excess(motion: Motion, soles: Array, loaded: Array) -> tuple[Array, Array]:
    """Moment beyond the soles over body weight, (n,) m, and the direction (n,2) x, z in which it points.

    The ground force must act at the zero-moment point (Vukobratovic and Borovac 2004, Int J Hum Robot 1:157, eq. 9
    and 10, with the rate of angular momentum; floor y = 0), and feet can only push within the convex hull of what
    touches the floor. The distance of the point from the hull times the vertical force over weight stays small where
    hardly any force acts, which the distance alone does not. `soles (n,k,3)` m, `loaded (n,k)` those that may carry.
    NaN where none does.
    """
    angle = 2 * np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS
    directions = np.stack([np.cos(angle), np.sin(angle)])
    lift = motion.com_acceleration[:, 1] + GRAVITY_M_S2
    spin = np.stack([motion.spin_rate[:, 2], -motion.spin_rate[:, 0]], axis=1)
    # About the floor below the centre of mass. The floor pushes and never pulls: where more than weight is lifted off,
    # no force acts, and the moment is judged as it is.
    moment = spin - motion.com[:, 1:2] * motion.com_acceleration[:, [0, 2]]
    places = (soles[..., [0, 2]] - motion.com[:, None, [0, 2]]) @ directions
    reach = np.where(loaded[..., None], places, _NO_SOLE).max(axis=1)
    beyond = (moment @ directions - np.maximum(lift, 0.0)[:, None] * reach) / GRAVITY_M_S2
    worst = np.argmax(beyond, axis=1)
    value = np.maximum(beyond[np.arange(len(worst)), worst], 0.0)
    return np.where(loaded.any(axis=1), value, np.nan), directions.T[worst]


def side_of(direction: Array, heading: Array) -> str:
    """Where a horizontal `direction (2,)` (x, z) points for someone who faces `heading (2,)`, z to the right of x."""
    ahead = float(direction @ heading)
    right = float(heading[0] * direction[1] - heading[1] * direction[0])
    if abs(ahead) >= abs(right):
        return "in front of" if ahead > 0 else "behind"
    return "to the right of" if right > 0 else "to the left of"
