"""Measured ground forces in the frame of the simulation, from a table or from what the motion file holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.config.measured import MeasuredConfig
from mint.core.bundle import Array, Bundle
from mint.core.status import Reason, StageError
from mint.formats.devices import LEAST_LOAD_N
from mint.formats.ground_frame import UP_AXES, UpAxis, in_ground_frame
from mint.measured.force_columns import plate_columns
from mint.measured.table_file import TimeTable, read_time_table

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Forces:
    """Loads of P plates at n times since frame 0, ground frame (y up, floor at y = 0), force on the person.

    `force (P, n, 3)` N, `centre (P, n, 3)` m, NaN at up to `LEAST_LOAD_N`, `moment (P, n, 3)` N m about it, `corners
    (P, 4, 3)` m, NaN where they are not known. `source` is where they come from, empty for none.
    """

    names: list[str] = field(default_factory=list)
    time_s: Floats = field(default_factory=lambda: np.empty(0))
    force: Floats = field(default_factory=lambda: np.empty((0, 0, 3)))
    centre: Floats = field(default_factory=lambda: np.empty((0, 0, 3)))
    moment: Floats = field(default_factory=lambda: np.empty((0, 0, 3)))
    corners: Floats = field(default_factory=lambda: np.empty((0, 4, 3)))
    source: str = ""
    notes: list[str] = field(default_factory=list)

    def arrays(self) -> dict[str, Array]:
        """Arrays of the bundle."""
        return {
            "plate_names": np.asarray(self.names, dtype=np.str_),
            "force_time_s": self.time_s,
            "plate_force_N": self.force,
            "plate_centre_m": self.centre,
            "plate_free_moment_Nm": self.moment,
            "plate_corners_m": self.corners,
        }


def forces_of_file(
    path: str | Path, validated: Bundle, ground_m: float, offset_s: float, config: MeasuredConfig
) -> Forces:
    """Forces of a .mot, .sto or .csv. Its clock is that of the motion file; `offset_s` is added. Raises StageError.

    Its axes are OpenSim's (y up) or those of the motion file, whichever the forces act along: their impulse is
    vertical. Force on the plates instead of the person is turned round.
    """
    loads = _loads(str(path), read_time_table(path, config.max_duration_s))
    # Files of one recording share a clock, on which the motion may begin later than at 0.
    time = loads.time_s + offset_s - float(validated.meta.get("start_time_s") or 0.0)
    return _on_floor(_about_centre(_upright(replace(loads, time_s=time), validated)), ground_m)


def forces_of_motion(validated: Bundle, ground_m: float, offset_s: float) -> Forces:
    """Forces that the motion file itself held; none if it held none."""
    if "plate_force_N" not in validated:
        return Forces()
    force, centre, moment, corners = (
        np.asarray(validated[f"plate_{name}"], dtype=float)
        for name in ("force_N", "centre_m", "free_moment_Nm", "corners_m")
    )
    time = np.arange(force.shape[1]) / float(validated.meta["analog_rate_hz"]) + offset_s
    names = [str(i + 1) for i in range(len(force))]
    return _on_floor(Forces(names, time, force, centre, moment, corners, str(validated.meta.get("path", ""))), ground_m)


def _loads(path: str, table: TimeTable) -> Forces:
    """Plates as the file has them, in its own axes and on its own clock. Raises StageError if there are none."""
    columns = plate_columns(table.columns)
    if not columns.plates:
        why = "; ".join(columns.notes) or f"columns are {_some(table.columns)}"
        raise StageError(
            Reason.FIELD_MISSING,
            f"{path}: no plate with force and centre of pressure: {why}",
            remedy="name columns ground_force_1_vx ... ground_force_1_pz, ground_torque_1_x ...",
        )
    notes = [*columns.notes, *([f"columns that are of no plate: {_some(columns.unknown)}"] if columns.unknown else [])]
    names, parts = [], []
    for plate in columns.plates:
        force, centre = (table.values[:, list(each)] for each in (plate.force, plate.place))
        moment = table.values[:, list(plate.moment)] if plate.moment else np.zeros_like(force)
        lost = int(np.sum(~np.isfinite(np.hstack([force, moment])).all(axis=1)))
        if lost:
            notes.append(f"plate {plate.name} is left out: {lost} of {len(force)} rows lack a force or moment")
            continue
        names.append(plate.name)
        parts.append((force, centre, moment))
    if not names:
        raise StageError(Reason.NOT_FINITE, f"{path}: {'; '.join(notes)}", remedy="export rows without empty cells")
    force, centre, moment = (np.stack(each) for each in zip(*parts, strict=True))
    return Forces(
        names,
        table.time_s,
        force,
        centre,
        moment,
        np.full((len(names), 4, 3), np.nan),
        path,
        [f"forces of {path}: {note}" for note in notes],
    )


def _upright(loads: Forces, validated: Bundle) -> Forces:
    """In the ground frame, on the person. Raises StageError if the forces act along no vertical."""
    largest = float(np.abs(loads.force).max())
    if largest <= LEAST_LOAD_N:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{loads.source}: no force exceeds {largest:.3g}, a person is felt from {LEAST_LOAD_N:g} N on",
            remedy="write forces in N, or leave the cell of forces_path empty",
        )
    impulse = loads.force.sum(axis=(0, 1))
    axis = "xyz"[int(np.argmax(np.abs(impulse)))]
    up: UpAxis = next((each for each in UP_AXES if each == validated.meta.get("up_axis")), "y")
    if axis not in ("y", up[-1]):
        shares = ", ".join(f"{each:.2g}" for each in impulse / np.abs(impulse).max())
        raise StageError(
            Reason.ORIENTATION,
            f"{loads.source}: forces act mostly along {axis} (x, y, z as {shares}), "
            f"which is up neither in OpenSim (y) nor in the motion file ({up})",
            remedy="turn the file so that y is up and x is that of the motion",
        )
    turned: UpAxis = up if axis == up[-1] else "y"
    force, centre, moment = (in_ground_frame(each, turned) for each in (loads.force, loads.centre, loads.moment))
    notes = list(loads.notes)
    if turned != "y":
        notes.append(f"forces of {loads.source} act along {turned}, which is up in the motion file: turned like it")
    if force[..., 1].sum() < 0:
        force, moment = -force, -moment
        notes.append(f"forces of {loads.source} are those on the plates: turned round to be those on the person")
    return replace(loads, force=force, centre=centre, moment=moment, notes=notes)


def _about_centre(loads: Forces) -> Forces:
    """Moments about the centre of pressure, where only that about the vertical is left.

    A force that is stated at another point of the surface has moments about horizontal axes. The shift d in the surface
    that takes them away has (d x F)_x = M_x and (d x F)_z = M_z, hence d_z = -M_x / F_y and d_x = M_z / F_y. Unloaded
    samples have no centre.
    """
    loaded = loads.force[..., 1] > LEAST_LOAD_N
    vertical = np.where(loaded, loads.force[..., 1], 1.0)
    d_x = np.where(loaded, loads.moment[..., 2] / vertical, 0.0)
    d_z = np.where(loaded, -loads.moment[..., 0] / vertical, 0.0)
    zero = np.zeros_like(d_x)
    centre = np.where(loaded[..., None], loads.centre + np.stack([d_x, zero, d_z], axis=-1), np.nan)
    free = loads.moment[..., 1] - (d_z * loads.force[..., 0] - d_x * loads.force[..., 2])
    return replace(loads, centre=centre, moment=np.stack([zero, np.where(loaded, free, 0.0), zero], axis=-1))


def _on_floor(loads: Forces, ground_m: float) -> Forces:
    """With the floor of the simulation at y = 0, as its markers are."""
    down = np.array([0.0, ground_m, 0.0])
    return replace(loads, centre=loads.centre - down, corners=loads.corners - down)


def _some(names: Sequence[str]) -> str:
    return ", ".join(name[:40] for name in names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
