"""Damaged C3D files: headers that lie, parameters that other programs write, sections that point elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.formats.c3d_files import DEC, C3d, Param, integers, plates, reals, text

Random = np.random.Generator
_WORDS = ("points", "analog", "first", "last", "start", "samples")
_ABSURD = (0, 1, 2, 14, 120, 255, 256, 1000, 32767, 32768, 65534, 65535)
_REALS = (0.0, -1.0, 1e-30, 1e30, float("nan"), float("inf"), -float("inf"), 0.001, 100.0, 1e6)
_PARAMETERS = (
    "USED",
    "SCALE",
    "RATE",
    "FRAMES",
    "LABELS",
    "UNITS",
    "DATA_START",
    "OFFSET",
    "GEN_SCALE",
    "FORMAT",
    "TYPE",
    "CORNERS",
    "ORIGIN",
    "CHANNEL",
    "CAL_MATRIX",
    "ZERO",
    "TIMES",
    "CONTEXTS",
    "NAMES",
    "WEIGHT",
    "ACTUAL_START_FIELD",
    "ACTUAL_END_FIELD",
)
_GROUPS = ("POINT", "ANALOG", "FORCE_PLATFORM", "EVENT", "SUBJECTS", "TRIAL", "PROCESSING")


def walk(names: list[str], points: np.ndarray) -> C3d:
    """A good file: markers `(n, m, 3)` m, y up, one plate in the floor, one muscle."""
    frames = len(points)
    corners = 1000 * np.array([[0.5, 0, 0.3], [-0.5, 0, 0.3], [-0.5, 0, -0.3], [0.5, 0, -0.3]])
    load = np.zeros((7, frames * 2))
    load[3] = np.linspace(0, 700, frames * 2)
    load[4] = 50 * load[3]
    return C3d(
        points=1000 * points,
        labels=[f"Bob:{name}" for name in names],
        analog=load,
        samples=2,
        analog_labels=["EMG", *"abcdef"],
        analog_units=["V", "N", "N", "N", "Nmm", "Nmm", "Nmm"],
        further={"FORCE_PLATFORM": plates([2], corners[None], np.array([[0.0, 0.0, -40.0]]), np.arange(2, 8)[None])},
    )


def damaged(file: C3d, random: Random) -> bytes:
    """The bytes of a file of which one to three things were changed."""
    for _ in range(int(random.integers(1, 4))):
        _CHANGES[int(random.integers(len(_CHANGES)))](file, random)
    return file.content()


def _pick(values: tuple, random: Random) -> object:
    return values[int(random.integers(len(values)))]


def _header_word(file: C3d, random: Random) -> None:
    file.header[str(_pick(_WORDS, random))] = _pick(_ABSURD, random)


def _header_number(file: C3d, random: Random) -> None:
    file.header[str(_pick(("scale", "rate"), random))] = _pick(_REALS, random)


def _parameter(file: C3d, random: Random) -> None:
    group = str(_pick(_GROUPS, random))
    kinds: tuple[Callable[[], Param], ...] = (
        lambda: integers(random.choice(_ABSURD, int(random.integers(0, 30)))),
        lambda: reals(random.choice(_REALS, int(random.integers(0, 30)))),
        lambda: text(["", "x" * int(random.integers(0, 100)), "\u00e9:a", "a:b:c"]),
        lambda: ((255, 255), -1, b"abc"),
        lambda: ((0, 7), 4, np.zeros(0)),
        lambda: ((), 2, np.array([int(_pick(_ABSURD, random))])),
        lambda: ((3,), 99, np.zeros(3)),
    )
    file.further = {
        **file.further,
        group: {
            **file.further.get(group, {}),
            str(_pick(_PARAMETERS, random)): kinds[int(random.integers(len(kinds)))](),
        },
    }


def _labels(file: C3d, random: Random) -> None:
    at = int(random.integers(len(file.labels)))
    file.labels[at] = str(_pick(("", "*3", "Ann:C7", file.labels[0], "C7", "\u20ac", "LHipAngles"), random))


def _storage(file: C3d, random: Random) -> None:
    file.real, file.processor, file.scale = random.random() < 0.5, int(random.choice([84, DEC, 86, 0])), 0.1


def _position(file: C3d, random: Random) -> None:
    file.points[int(random.integers(len(file.points))), int(random.integers(14))] = _pick(
        (np.nan, 1e6, -1e30, 0.0), random
    )


def _all_lost(file: C3d, random: Random) -> None:
    file.points[:, int(random.integers(14))] = np.nan


_CHANGES: tuple[Callable[[C3d, Random], None], ...] = (
    _header_word,
    _header_number,
    _parameter,
    _parameter,
    _labels,
    _storage,
    _position,
    _all_lost,
)
