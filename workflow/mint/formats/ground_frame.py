"""From the axes of a file to OpenSim's ground: the one place through which markers, plates and joints pass."""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
UpAxis = Literal["y", "z", "x", "-y", "-z", "-x"]
UP_AXES: Final[tuple[UpAxis, ...]] = get_args(UpAxis)

# Which axis of a file, and with which sign, becomes x, y and z of the OpenSim frame (y up), by the axis that is up in
# the file. Each is a quarter or half turn about an axis that stays, hence no mirror: x stays where it is level, else z.
_TURNS: Final[dict[UpAxis, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]]] = {
    "y": ((0, 1), (1, 1), (2, 1)),
    "z": ((0, 1), (2, 1), (1, -1)),
    "x": ((1, -1), (0, 1), (2, 1)),
    "-y": ((0, 1), (1, -1), (2, -1)),
    "-z": ((0, 1), (2, -1), (1, 1)),
    "-x": ((1, 1), (0, -1), (2, 1)),
}


def in_ground_frame(vectors: Floats, up_axis: UpAxis) -> Floats:
    """Points or vectors `(..., 3)` of a file, any unit, in OpenSim's ground frame, y up; `up_axis` is up in the file.

    Markers, forces, moments and centres of pressure of one file pass through here with the same `up_axis`: all are
    turned about the file's own origin.
    """
    return np.stack([sign * vectors[..., axis] for axis, sign in _TURNS[up_axis]], axis=-1)


def turn_to_ground(up_axis: UpAxis) -> Floats:
    """The rotation `(3, 3)` of `in_ground_frame`, of column vectors."""
    return in_ground_frame(np.eye(3), up_axis).T


def axis_in_file(axis: Floats, up_axis: UpAxis) -> str:
    """What a file whose `up_axis` is up calls an axis `(3,)` of the ground frame, such as `+z` or `-y`."""
    own = turn_to_ground(up_axis).T @ axis
    largest = int(np.argmax(np.abs(own)))
    return ("+" if own[largest] > 0 else "-") + "xyz"[largest]


def up_axis_of(direction: Floats) -> UpAxis:
    """The coordinate axis that a direction `(3,)` is along."""
    return next(each for each in UP_AXES if turn_to_ground(each)[1] @ direction > 0.9 * np.linalg.norm(direction))


def z_up_to_y_up(points: Floats) -> Floats:
    """z up (AMASS, many laboratories) to OpenSim's ground, y up: (x, y, z) -> (x, z, -y); `points (..., 3)`."""
    return in_ground_frame(points, "z")
