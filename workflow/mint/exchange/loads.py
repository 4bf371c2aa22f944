"""Ground forces as OpenSim's tools take them: force, centre of pressure and free moment per body, and ExternalLoads."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.pressure import centre_of_pressure
from mint.exchange.xml import element, write_document

Floats = NDArray[np.float64]
# A vertical force below this is none: the smooth contact model gives a lifted sphere some 1e-5 N.
_NONE_N = 0.01
_SIDES = {"r": "right", "l": "left"}


@dataclass(frozen=True)
class GroundLoads:
    """Loads on `bodies (k,)` of the feet over n frames, in ground: `force_N` at the centre of pressure `point_m` on the
    floor, with the free moment `torque_Nm`, each (n, k, 3). `labels (k,)` name their columns."""

    bodies: tuple[str, ...]
    labels: tuple[str, ...]
    force_N: Floats
    point_m: Floats
    torque_Nm: Floats

    def moment_Nm(self) -> Floats:
        """Moment (n, k, 3) about the origin of ground."""
        return np.asarray(np.cross(self.point_m, self.force_N) + self.torque_Nm)

    def table(self) -> tuple[list[str], Floats]:
        """Columns `ground_force_<label>_vx ... _px ...`, `ground_torque_<label>_x ...` and their values."""
        columns, values = [], []
        for i, label in enumerate(self.labels):
            for name, of in (
                (f"force_{label}_v", self.force_N),
                (f"force_{label}_p", self.point_m),
                (f"torque_{label}_", self.torque_Nm),
            ):
                columns += [f"ground_{name}{axis}" for axis in "xyz"]
                values.append(of[:, i])
        return columns, np.concatenate(values, axis=1)


def ground_loads(bodies: Sequence[str], force_N: Floats, moment_Nm: Floats, per_foot: bool) -> GroundLoads:
    """Loads from forces (n, k, 3) and moments (n, k, 3) about the ground origin on `bodies (k,)` (`calcn_r`, `toes_r`,
    ..).

    With `per_foot` those of a foot are one, on its heel's body. Where nothing presses on the floor the force is zero
    and the centre of pressure stays where it was last, so that it is finite everywhere.
    """
    own = tuple(dict.fromkeys(f"calcn_{name[-1]}" if per_foot else name for name in bodies))
    rows = [[i for i, name in enumerate(bodies) if (f"calcn_{name[-1]}" if per_foot else name) == body] for body in own]
    force = np.stack([force_N[:, each].sum(axis=1) for each in rows], axis=1)
    moment = np.stack([moment_Nm[:, each].sum(axis=1) for each in rows], axis=1)
    pressed = force[..., 1] >= _NONE_N
    point, free = centre_of_pressure(force, moment)
    torque = np.zeros_like(force)
    torque[..., 1] = np.where(pressed, free, 0.0)
    point = np.stack([_held(point[:, i], pressed[:, i]) for i in range(len(own))], axis=1)
    labels = tuple(_SIDES[body[-1]] if per_foot else f"{_SIDES[body[-1]]}_{body[:-2]}" for body in own)
    return GroundLoads(own, labels, np.where(pressed[..., None], force, 0.0), point, torque)


def write_external_loads(path: Path, data: Path, loads: GroundLoads) -> None:
    """The set of external forces whose values are in the file `data` beside it."""
    root = ElementTree.Element("OpenSimDocument", Version="40000")
    whole = element(root, "ExternalLoads", name=path.stem)
    objects = element(whole, "objects")
    for body, label in zip(loads.bodies, loads.labels, strict=True):
        force = element(objects, "ExternalForce", name=label)
        for tag, text in (
            ("applied_to_body", body),
            ("force_expressed_in_body", "ground"),
            ("point_expressed_in_body", "ground"),
            ("force_identifier", f"ground_force_{label}_v"),
            ("point_identifier", f"ground_force_{label}_p"),
            ("torque_identifier", f"ground_torque_{label}_"),
            ("data_source_name", data.name),
        ):
            element(force, tag, text)
    element(whole, "groups")
    element(whole, "datafile", data.name)
    write_document(path, root)


def _held(point: Floats, known: NDArray[np.bool_]) -> Floats:
    """Points (n, 3) with each unknown one replaced by the last known, before the first by that; zeros if none is."""
    if not known.any():
        return np.zeros_like(point)
    rows = np.flatnonzero(known)
    last = np.searchsorted(rows, np.arange(len(point)), side="right") - 1
    return np.asarray(point[rows[np.maximum(last, 0)]])
