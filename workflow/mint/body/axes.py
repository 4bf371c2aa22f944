"""The frames a body is seen in, and the turns between them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Which axis of a file, and with which sign, becomes x, y and z of the OpenSim frame (y up), by the axis that is up in
# the file. Each is a quarter or half turn about an axis that stays, hence no mirror: x stays where it is level, else z.
_TURNS: Final[dict[str, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]]] = {
    "y": ((0, 1), (1, 1), (2, 1)),
    "z": ((0, 1), (2, 1), (1, -1)),
    "x": ((1, -1), (0, 1), (2, 1)),
    "-y": ((0, 1), (1, -1), (2, -1)),
    "-z": ((0, 1), (2, -1), (1, 1)),
    "-x": ((1, 1), (0, -1), (2, 1)),
}
UP_AXES: Final[tuple[str, ...]] = tuple(_TURNS)


def to_y_up(vectors: Floats, up: str) -> Floats:
    """Points or vectors `(..., 3)` of a file, any unit, in the OpenSim frame (y up); `up` is one of `UP_AXES`.

    Markers, forces, moments and centres of pressure of one file pass through here with the same `up`: all are turned
    about the file's own origin.
    """
    return np.stack([sign * vectors[..., axis] for axis, sign in _TURNS[up]], axis=-1)


def turn_to_y_up(up: str) -> Floats:
    """The rotation `(3, 3)` of `to_y_up`: column vectors of the file to those of the OpenSim frame."""
    return to_y_up(np.eye(3), up).T


def axis_in_file(axis: Floats, up: str) -> str:
    """What a file whose `up` is up calls an axis `(3,)` of the OpenSim frame, such as `+z` or `-y`."""
    own = turn_to_y_up(up).T @ axis
    largest = int(np.argmax(np.abs(own)))
    return ("+" if own[largest] > 0 else "-") + "xyz"[largest]


def up_axis_of(direction: Floats) -> str:
    """The `UP_AXES` word of a coordinate axis `(3,)`."""
    largest = int(np.argmax(np.abs(direction)))
    return ("" if direction[largest] > 0 else "-") + "xyz"[largest]


def z_up_to_y_up(points: Floats) -> Floats:
    """AMASS (z up) to OpenSim ground (y up): (x, y, z) -> (x, z, -y). `points (..., 3)`, any unit."""
    return to_y_up(points, "z")


def rest_to_opensim(points: Floats) -> Floats:
    """SMPL-H rest frame (y up, facing +z, left +x) to OpenSim (facing +x, right +z); `points (..., 3)`."""
    return np.stack([points[..., 2], points[..., 1], -points[..., 0]], axis=-1)
