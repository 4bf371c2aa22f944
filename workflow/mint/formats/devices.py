"""What was recorded beside the markers: force plates, further analog channels, events, the person's own data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.formats.ground_frame import UpAxis, in_ground_frame

Floats = NDArray[np.float64]

# A centre of pressure is a moment over a force: below this load noise of 0.1 N m moves it by more than 5 mm.
LEAST_LOAD_N = 20.0


@dataclass(frozen=True)
class PlateLoad:
    """What one force plate of a type of the C3D format measured; n samples.

    `force (n, 3)` N, `centre (n, 3)` m the centre of pressure on the plate's surface (NaN below `LEAST_LOAD_N`),
    `moment (n, 3)` N m the free moment about it, `corners (4, 3)` m.
    """

    kind: int
    force: Floats
    centre: Floats
    moment: Floats
    corners: Floats


@dataclass(frozen=True)
class Person:
    """What the file says of the person; None says nothing."""

    mass_kg: float | None = None
    height_m: float | None = None
    sex: str | None = None


@dataclass(frozen=True)
class Devices:
    """Records of a trial. `rate_hz` is that of plates and `analog (c, n)`, whose first sample is at the first frame.

    `events` are dicts of `time_s` (on the clock of the markers), `label`, `side`.
    """

    rate_hz: float = 0.0
    plates: Sequence[PlateLoad] = ()
    analog: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))
    analog_names: Sequence[str] = ()
    analog_units: Sequence[str] = ()
    events: Sequence[Mapping[str, Any]] = ()
    person: Person = Person()
    warnings: tuple[str, ...] = ()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays of the validated motion; those of what was not recorded are left out."""
        out: dict[str, NDArray[Any]] = {}
        if self.plates:
            for name, part in (("plate_force_N", "force"), ("plate_centre_m", "centre"),
                               ("plate_free_moment_Nm", "moment"), ("plate_corners_m", "corners")):  # fmt: skip
                out[name] = np.stack([getattr(plate, part) for plate in self.plates])
        if len(self.analog_names):
            out |= {"analog": self.analog, "analog_names": np.asarray(self.analog_names)}
        return out

    def meta(self) -> dict[str, Any]:
        """Units, rates and what is no array."""
        out: dict[str, Any] = {"recorded_events": [dict(event) for event in self.events], "person": vars(self.person)}
        if self.plates or len(self.analog_names):
            out |= {"analog_rate_hz": self.rate_hz, "analog_units": list(self.analog_units)}
        if self.plates:
            out["plate_types"] = [plate.kind for plate in self.plates]
        return out


def in_ground(devices: Devices, up_axis: UpAxis) -> Devices:
    """Plates in OpenSim's ground frame, with the force on the person, as OpenSim has ground forces.

    Files have the force on the plate or its opposite. A plate can only be pushed down, so that the vertical impulse
    tells which.
    """
    return replace(devices, plates=[_on_the_person(_turned(plate, up_axis)) for plate in devices.plates])


def _turned(plate: PlateLoad, up_axis: UpAxis) -> PlateLoad:
    return PlateLoad(plate.kind, *(in_ground_frame(each, up_axis) for each in
                                   (plate.force, plate.centre, plate.moment, plate.corners)))  # fmt: skip


def _on_the_person(plate: PlateLoad) -> PlateLoad:
    vertical = plate.force[:, 1]
    sign = -1.0 if float(np.sum(vertical[np.abs(vertical) > LEAST_LOAD_N])) < 0 else 1.0
    return replace(plate, force=sign * plate.force, moment=sign * plate.moment)
