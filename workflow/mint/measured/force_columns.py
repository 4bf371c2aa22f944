"""Names of the columns of ground forces: which plate, which quantity, which axis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

# Words that say what a column is, not of which plate.
_WORDS = {
    "ground",
    "force",
    "forces",
    "torque",
    "torques",
    "moment",
    "moments",
    "free",
    "reaction",
    "grf",
    "grm",
    "cop",
    "point",
    "plate",
    "fp",
    "external",
}
_MOMENTS = {"torque", "torques", "moment", "moments", "grm"}
_PLACES = {"cop", "point"}
# What the last part of a name is: a letter for the quantity and one for the axis.
_LAST = re.compile(r"(v|f|p|m|t|cop)([xyz])")
_QUANTITY = {"v": "force", "f": "force", "p": "place", "cop": "place", "m": "moment", "t": "moment"}
_AXES = "xyz"


@dataclass(frozen=True)
class PlateColumns:
    """Indices of the columns of one plate: force and centre of pressure along x, y, z, and the moment if it has one."""

    name: str
    force: tuple[int, int, int]
    place: tuple[int, int, int]
    moment: tuple[int, int, int] | None


@dataclass(frozen=True)
class Columns:
    """Plates of a file; `unknown` columns belong to none, `notes` say which plates are not complete."""

    plates: list[PlateColumns]
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def plate_columns(names: Sequence[str]) -> Columns:
    """Group columns by plate, as OpenSim's files name them.

    `ground_force_vx`, `ground_force_px`, `ground_torque_x`, with the plate before (`1_`, `l_`) or within
    (`ground_force_1_vx`, `ground_force_r_px`, `ground_torque_r_x`), the moment also as `ground_force_1_mx`, capital or
    small, with further words around them (`calcn_r_force_vx`). A plate without a name of its own is `0`. One that lacks
    a component of force or place is left out with a note.
    """
    found: dict[str, dict[str, int]] = {}
    unknown: list[str] = []
    twice: list[str] = []
    for index, name in enumerate(names):
        parsed = _parsed(name)
        if parsed is None:
            unknown.append(name)
            continue
        plate, component = parsed
        if found.setdefault(plate, {}).setdefault(component, index) != index:
            twice.append(name)
    plates, notes = [], []
    for plate, components in found.items():
        needed = [f"{part} {axis}" for part in ("force", "place") for axis in _AXES]
        if lacking := [component for component in needed if component not in components]:
            notes.append(f"plate {plate} is left out: there are no columns for {', '.join(lacking)}")
            unknown += [names[index] for index in components.values()]
            continue
        moment = _three(components, "moment") if all(f"moment {axis}" in components for axis in _AXES) else None
        plates.append(PlateColumns(plate, _three(components, "force"), _three(components, "place"), moment))
    if twice:
        notes.append(f"columns {', '.join(twice)} stand for what another column holds: the first counts")
    return Columns(plates, unknown, notes)


def _parsed(name: str) -> tuple[str, str] | None:
    """Plate and component (`force x`) of a column; None for one that is of no plate."""
    parts = [part for part in re.split(r"[^a-z0-9]+", name.strip().lower()) if part]
    if len(parts) < 2:
        return None
    *before, last = parts
    words = {re.sub(r"\d+$", "", part) for part in before}
    if last in _AXES and len(last) == 1:
        quantity = "moment" if words & _MOMENTS else "place" if words & _PLACES else "force"
        if not words & _WORDS:
            return None
    elif match := _LAST.fullmatch(last):
        quantity, last = _QUANTITY[match[1]], match[2]
    else:
        return None
    own = [_own(part) for part in before]
    return "_".join(part for part in own if part) or "0", f"{quantity} {last}"


def _own(part: str) -> str:
    """What of a part names the plate: `force1` and `fp1` are 1, `ground` is nothing."""
    match = re.fullmatch(r"([a-z]+)(\d*)", part)
    return match[2] if match and match[1] in _WORDS else part


def _three(components: dict[str, int], part: str) -> tuple[int, int, int]:
    x, y, z = (components[f"{part} {axis}"] for axis in _AXES)
    return x, y, z
