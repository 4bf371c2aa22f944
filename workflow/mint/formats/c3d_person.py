"""What a C3D file says of the person and of the trial: mass, height, sex, in any group's spelling; events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mint.formats.c3d_parameters import Parameters
from mint.formats.devices import Person

_GROUPS = re.compile("SUBJECT|PROCESSING|PATIENT|PERSON|PARTICIPANT|ANTHROP")
_MASS = {"mass", "weight", "bodymass", "bodyweight", "subjectmass", "subjectweight"}
_HEIGHT = {"height", "stature", "bodyheight", "subjectheight"}
_SEX = {"sex", "gender"}
_KG = {"": 1.0, "kg": 1.0, "kilogram": 1.0, "kilograms": 1.0, "g": 1e-3, "lb": 0.45359237, "lbs": 0.45359237}
_METRES = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "in": 0.0254, "ft": 0.3048}
_WORDS = {"male": "male", "m": "male", "man": "male", "female": "female", "f": "female", "w": "female",
          "woman": "female"}  # fmt: skip


def read_person(path: Path, parameters: Parameters) -> tuple[Person, list[str]]:
    """Mass [kg], height [m] and sex where exactly one value that a person can have is there, and warnings."""
    warnings: list[str] = []
    found: dict[str, set[Any]] = {"mass": set(), "height": set(), "sex": set()}
    for where, name, value, unit in _facts(parameters):
        plain = re.sub(r"[^a-z]", "", name.lower())
        if plain in _MASS and isinstance(value, float) and value:
            _take(found["mass"], value * _KG.get(unit.lower(), 1.0), 5, 300, f"{path}: {where}", "kg", warnings)
        elif plain in _HEIGHT and isinstance(value, float) and value:
            _take(found["height"], value * _metres(value, unit), 0.5, 2.6, f"{path}: {where}", "m", warnings)
        elif plain in _SEX and (sex := _sex(value, unit)):
            found["sex"].add(sex)
    for name, values in found.items():
        if len(values) > 1:
            said = " and ".join(map(str, sorted(values)))
            warnings.append(f"{path}: the {name} of the person is {said}: none is used")
    one = {name: next(iter(values)) if len(values) == 1 else None for name, values in found.items()}
    return Person(one["mass"], one["height"], one["sex"]), warnings


def read_events(parameters: Parameters, rate_hz: float, first_frame: int, stated_hz: float) -> list[dict[str, Any]]:
    """Events of the group EVENT on the clock of the markers, whose frame 1 is at 0 s; in the order of their times.

    `rate_hz` replaces the rate that the file states, and with it its times.
    """
    times = parameters.numbers("EVENT", "TIMES")
    labels, sides = parameters.texts("EVENT", "LABELS"), parameters.texts("EVENT", "CONTEXTS")
    slower = stated_hz / rate_hz if stated_hz > 0 and rate_hz > 0 else 1.0
    out = []
    for i in range(min(len(times) // 2, len(labels))):
        time_s = (60 * times[2 * i] + times[2 * i + 1]) * slower
        if abs(time_s) < 1e6:
            side = sides[i].lower() if i < len(sides) else ""
            out.append({"time_s": round(time_s, 6), "label": labels[i], "side": side})
    return sorted(out, key=lambda event: (event["time_s"], event["label"]))


def _facts(parameters: Parameters) -> Iterator[tuple[str, str, float | str, str]]:
    """Where it stands, name, value and unit of all that is said of the person: parameters of their own, and tables of
    LABELS, VALUES and UNITS."""
    for group in sorted(group for group in parameters.groups() if _GROUPS.search(group)):
        labels, units = parameters.texts(group, "LABELS"), parameters.texts(group, "UNITS")
        table = parameters.found.get((group, "VALUES"))
        for i, value in enumerate(table.values if table else ()):
            if i < len(labels):
                unit = units[i] if i < len(units) else ""
                yield f"{group}:VALUES, {labels[i]}", labels[i], value, unit
        for (of, name), parameter in parameters.found.items():
            # Several values are those of several people.
            if of == group and len(parameter.values) == 1:
                yield f"{group}:{name}", name, next(iter(parameter.values)), ""


def _take(found: set[Any], value: float, low: float, high: float, where: str, unit: str, warnings: list[str]) -> None:
    if low < value < high:
        found.add(round(value, 3))
    else:
        warnings.append(f"{where} is {value:g} {unit}, not that of a person: it is not used")


def _metres(value: float, unit: str) -> float:
    """Length of the unit of a height; where none is stated, what makes a person of it."""
    return _METRES.get(unit.lower().strip("."), 1.0 if value < 3 else 1e-2 if value < 260 else 1e-3)


def _sex(value: float | str, unit: str) -> str:
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower(), "")
    # Numbers mean what their unit explains: "0: woman, 1: man".
    for number, word in re.findall(r"(\d+)\s*[:=]\s*([a-z]+)", unit.lower()):
        if float(number) == value and word in _WORDS:
            return _WORDS[word]
    return ""
