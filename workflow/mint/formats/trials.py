"""What readers give, a motion as poses of SMPL-H or as markers, and what the sequence table says of its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.motionfiles import MarkerTable
from mint.formats.devices import Devices
from mint.formats.limits import MotionHeader

Floats = NDArray[np.float64]

# SMPL-H (Romero et al. 2017): 52 joints of three values, 16 shape components.
SHAPE_COMPONENTS = 16
GENDERS = ("male", "female", "neutral")


@dataclass(frozen=True)
class Given:
    """What a row of the sequence table says of its file; None says nothing. A rate [Hz] replaces that of the file,
    `subject` chooses one of several people in it."""

    gender: str | None = None
    frame_rate_hz: float | None = None
    subject: str | None = None


@dataclass(frozen=True)
class PoseTrial:
    """Rotation vectors of SMPL-H's joints `poses (n, 156)` rad, root `trans (n, 3)` m, both z up, `betas (16,)`.

    `meta` is kept in the validated motion beside what all have; `warnings` hold those of the header.
    """

    poses: Floats
    trans: Floats
    betas: Floats
    gender: str
    header: MotionHeader
    warnings: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MarkerTrial:
    """Marker trajectories of one person in the axes of the laboratory, NaN where a marker is lost.

    `header` is that of planning, None for a static trial, which may be a single frame; `devices` are what was recorded
    beside the markers.
    """

    table: MarkerTable
    header: MotionHeader | None = None
    devices: Devices = field(default_factory=Devices)
