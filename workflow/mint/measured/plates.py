"""Force plates as a bundle `measured.npz` has them, at their own rate and at the frames of a sequence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mint.config.plates import OnPlates
from mint.core.bundle import Bundle
from mint.core.low_pass import low_pass
from mint.core.status import Reason, StageError
from mint.core.stretches import stretches

Floats = NDArray[np.float64]
_SHAPES = {"plate_force_N": 3, "plate_centre_m": 3, "plate_free_moment_Nm": 3, "plate_corners_m": 3}


@dataclass(frozen=True)
class Plates:
    """P plates: `time_s (n,)`, `vertical_N (P, n)` as recorded; `force_N`, `moment_Nm (P, n, 3)` low-passed, on the
    person, moments about the origin of ground; `corners_m (P, 4, 3)`, NaN where they are not known."""

    names: list[str]
    time_s: Floats
    vertical_N: Floats
    force_N: Floats
    moment_Nm: Floats
    corners_m: Floats

    def at(self, time_s: Floats) -> tuple[Floats, Floats]:
        """Forces and moments (P, k, 3) at times (k,), linear between samples; NaN outside the recording."""
        out = []
        for values in (self.force_N, self.moment_Nm):
            taken = [
                [np.interp(time_s, self.time_s, plate[:, axis], left=np.nan, right=np.nan) for axis in range(3)]
                for plate in values
            ]
            out.append(np.moveaxis(np.asarray(taken).reshape(len(self.names), 3, len(time_s)), 1, 2))
        return out[0], out[1]


@dataclass(frozen=True)
class Contact:
    """A plate carries something: `start_s`, `stop_s` where its vertical force, linear between samples, meets the
    threshold; `cut_start`, `cut_stop`: it is already, or still, loaded where the recording begins, or ends."""

    plate: int
    start_s: float
    stop_s: float
    cut_start: bool
    cut_stop: bool


def read_plates(measured: Bundle, config: OnPlates) -> Plates | None:
    """The plates of `measured.npz`, None if it has none. Raises `StageError` for arrays that do not fit together."""
    if "plate_names" not in measured or not len(measured["plate_names"]) or not len(measured["force_time_s"]):
        return None
    names, time_s = measured.names("plate_names"), np.asarray(measured["force_time_s"], dtype=float)
    wanted = {name: (len(names), 4 if name == "plate_corners_m" else len(time_s), 3) for name in _SHAPES}
    for name, shape in wanted.items():
        found = measured[name].shape if name in measured else None
        if found != shape:
            raise StageError(
                Reason.FIELD_SHAPE,
                f"measured.npz: {name} has shape {found}, expected {shape}",
                remedy="delete the result, and run the stage measured again",
            )
    if len(time_s) < 2 or not np.all(np.diff(time_s) > 0):
        raise StageError(
            Reason.FIELD_VALUE,
            f"measured.npz: force_time_s of {len(time_s)} samples does not rise, "
            "expected at least two increasing times",
            remedy="correct the time column of the forces",
        )
    force, centre, free, corners = (np.asarray(measured[name], dtype=float) for name in wanted)
    if not np.isfinite(force).all():
        raise StageError(
            Reason.NOT_FINITE,
            f"measured.npz: plate_force_N has {int((~np.isfinite(force)).sum())} missing values, expected none",
            remedy="cut or repair the samples of the force plates",
        )
    loaded = np.isfinite(centre).all(axis=2, keepdims=True)
    # Where no centre is known the plate is unloaded: its noise has no place to act.
    force = np.where(loaded, force, 0.0)
    moment = np.where(loaded, np.cross(np.nan_to_num(centre), force) + np.nan_to_num(free), 0.0)
    rate_hz = (len(time_s) - 1) / (time_s[-1] - time_s[0])
    if config.force_cutoff_hz < rate_hz / 2:
        force, moment = (
            np.stack([low_pass(plate, rate_hz, config.force_cutoff_hz) for plate in values])
            for values in (force, moment)
        )
    vertical = np.asarray(measured["plate_force_N"], dtype=float)[:, :, 1]
    return Plates(names, time_s, vertical, force, moment, corners)


def contacts(plates: Plates, config: OnPlates) -> list[Contact]:
    """All contacts of all plates, in order of plate and time; too short breaks closed, then too short contacts
    dropped."""
    out = []
    least = config.shortest_contact_s
    for plate, vertical in enumerate(plates.vertical_N):
        loaded = vertical >= config.contact_threshold_N
        last = len(loaded) - 1
        for a, b in stretches(~loaded):
            if a > 0 and b <= last and plates.time_s[b] - plates.time_s[a] < least:
                loaded[a:b] = True
        for a, b in stretches(loaded):
            start, stop = (_crossing(plates.time_s, vertical, k, config.contact_threshold_N) for k in (a - 1, b - 1))
            if stop - start >= least:
                out.append(Contact(plate, float(start), float(stop), a == 0, b > last))
    return out


def _crossing(time_s: Floats, values: Floats, k: int, threshold: float) -> float:
    """Time at which `values`, linear between samples k and k + 1, meets the threshold; the first or last sample's where
    there is no such pair."""
    if not 0 <= k < len(values) - 1:
        return float(time_s[0 if k < 0 else -1])
    low, high = float(values[k]), float(values[k + 1])
    share = (threshold - low) / (high - low) if high != low else 0.5
    return float(time_s[k] + min(max(share, 0.0), 1.0) * (time_s[k + 1] - time_s[k]))
