"""The parameter section of a C3D file, read within bounds: groups, names and values, nothing else of the file.

Layout: the C3D file format, user guide of Motion Lab Systems (2021), chapters 3 and 4. Three kinds of processors wrote
numbers in three ways; those of Intel and DEC are read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mint.core.status import Reason, StageError

BLOCK = 512
INTEL, DEC, MIPS = 84, 85, 86
# Text, bytes, integers, floating point numbers: bytes of each.
_WIDTHS = {-1: 1, 1: 1, 2: 2, 4: 4}
# No known program writes more than some hundred.
_MOST_PARAMETERS = 20_000

Values = tuple[float | str, ...]


@dataclass(frozen=True)
class Parameter:
    """Dimensions as the file has them (the first runs fastest) and values: numbers, or texts of the first dimension."""

    dimensions: tuple[int, ...]
    values: Values


class Parameters:
    """Parameters by group and name, in capital letters. Missing ones are asked for with a default."""

    def __init__(self, found: Mapping[tuple[str, str], Parameter]) -> None:
        self.found = dict(found)

    def numbers(self, group: str, name: str) -> tuple[float, ...]:
        """The numbers of a parameter; none if it is not there, or holds text."""
        values = self.found[group, name].values if (group, name) in self.found else ()
        return tuple(value for value in values if isinstance(value, float))

    def number(self, group: str, name: str) -> float | None:
        """The first number of a parameter."""
        return next(iter(self.numbers(group, name)), None)

    def texts(self, group: str, name: str) -> list[str]:
        """The texts of a parameter and of those that continue it (LABELS, LABELS2, ...), without blanks around them."""
        out: list[str] = []
        for number in range(1, 256):
            parameter = self.found.get((group, name if number == 1 else f"{name}{number}"))
            if parameter is None:
                break
            out += [str(value) for value in parameter.values]
        return out

    def array(self, group: str, name: str, shape: tuple[int, ...]) -> np.ndarray | None:
        """Numbers in an array whose last index runs fastest, so that a file's (3, 4, 2) is a shape (2, 4, 3); None if
        there are others than that many."""
        values = self.numbers(group, name)
        return np.array(values).reshape(shape) if len(values) == math.prod(shape) else None

    def groups(self) -> set[str]:
        """Names of the groups that hold a parameter."""
        return {group for group, _ in self.found}


def floats(raw: bytes, processor: int) -> np.ndarray:
    """32-bit floating point numbers. DEC's have their 16-bit halves exchanged and an exponent that is larger by 2."""
    if processor == DEC:
        swapped = np.frombuffer(raw, "<u2").reshape(-1, 2)[:, ::-1].astype("<u2").tobytes()
        return np.frombuffer(swapped, "<f4").astype(float) / 4
    return np.frombuffer(raw, "<f4").astype(float)


def read_parameters(path: Path, section: bytes, processor: int) -> Parameters:
    """Parameters of a section that begins with its own four bytes. Raises StageError(FILE_CORRUPT)."""
    groups: dict[int, str] = {}
    entries: list[tuple[int, str, Parameter]] = []
    place = 4
    for _ in range(_MOST_PARAMETERS):
        if place + 2 > len(section) or section[place] == 0:
            break
        length, group = abs(_signed(section[place])), _signed(section[place + 1])
        name = section[place + 2 : place + 2 + length].decode("latin1").strip().upper()
        place += 2 + length
        if place + 2 > len(section):
            raise _damaged(path, name, "ends beyond the section")
        offset = int.from_bytes(section[place : place + 2], "little")
        if group < 0:
            groups[-group] = name
        else:
            entries.append((group, name, _parameter(path, name, section[place + 2 :], processor)))
        if offset == 0:
            break
        if offset < 2 or place + offset > len(section):
            raise _damaged(path, name, f"points {offset} bytes ahead, out of the section")
        place += offset
    if not entries:
        raise _damaged(path, "POINT", "is not there: the section holds no parameter")
    return Parameters({(groups.get(group, str(group)), name): each for group, name, each in entries})


def _parameter(path: Path, name: str, rest: bytes, processor: int) -> Parameter:
    if len(rest) < 2 or _signed(rest[0]) not in _WIDTHS or rest[1] > 7 or len(rest) < 2 + rest[1]:
        raise _damaged(path, name, "has no type of the format")
    kind, dimensions = _signed(rest[0]), tuple(rest[2 : 2 + rest[1]])
    size = math.prod(dimensions) * _WIDTHS[kind]
    raw = rest[2 + len(dimensions) : 2 + len(dimensions) + size]
    if len(raw) < size:
        raise _damaged(path, name, f"holds {dimensions} values beyond the section")
    if kind == -1:
        width = dimensions[0] if dimensions else 1
        texts = [raw[i : i + width] for i in range(0, len(raw), width)] if width else []
        return Parameter(dimensions, tuple(_text(text) for text in texts))
    if kind == 1:
        return Parameter(dimensions, tuple(float(value) for value in raw))
    values = np.frombuffer(raw, "<i2") if kind == 2 else floats(raw, processor)
    return Parameter(dimensions, tuple(float(value) for value in values))


def _text(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    return "".join(each for each in text if each.isprintable()).strip()


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _damaged(path: Path, name: str, what: str) -> StageError:
    return StageError(Reason.FILE_CORRUPT, f"{path}: parameter section of the C3D: {name[:60]!r} {what}")
