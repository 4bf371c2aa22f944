"""The lines above the table of a .trc: rate, frames, units and the names of the markers, each by its column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from mint.core.status import Reason, StageError
from mint.core.trc_names import LABEL, read_names, whole_number

# Laboratories write the unit as they like; what counts is what they mean.
UNIT_M = {"m": 1.0, "dm": 1e-1, "cm": 1e-2, "mm": 1e-3}
_UNIT_WORDS = {
    "meter": "m",
    "metre": "m",
    "decimeter": "dm",
    "decimetre": "dm",
    "centimeter": "cm",
    "centimetre": "cm",
    "millimeter": "mm",
    "millimetre": "mm",
}
# Blank lines and comments of an exporter may stand above; a table may not.
_SEARCHED_LINES = 12
_EXPORT = "export the .trc again"


@dataclass(frozen=True)
class TrcHeader:
    """What the header says: `DataRate` [Hz], `NumFrames`, unit; a name for each three columns, or an empty one.

    `first_row` is the index of the first line after the header; `by_tabs` tells tables separated by tabs from those
    separated by spaces.
    """

    rate_hz: float
    frames: int
    unit: str
    names: tuple[str, ...]
    first_row: int
    by_tabs: bool
    warnings: tuple[str, ...] = ()

    @property
    def unit_m(self) -> float:
        """Length of the unit [m]."""
        return UNIT_M[self.unit]


def read_header(path: str | Path, lines: list[str]) -> TrcHeader:
    """The header of a .trc from its first lines. Raises StageError naming line and field."""
    at = next(
        (
            i
            for i, line in enumerate(lines[:_SEARCHED_LINES])
            if {"datarate", "numframes"} <= {word.lower() for word in line.split()}
        ),
        None,
    )
    if at is None:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: header of the .trc: no line with DataRate and NumFrames among the first {_SEARCHED_LINES}",
        )
    values_at = _next_line(path, lines, at, "the values of DataRate, NumFrames, NumMarkers and Units")
    values = _values(path, lines[at], lines[values_at], values_at + 1)
    names_at = _next_line(path, lines, values_at, "the names of the markers")
    if not lines[names_at].split()[0].lower().startswith("frame"):
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: header of the .trc: line {names_at + 1} must name the columns: "
            f"Frame#, Time, then the markers; it begins {lines[names_at].strip()[:40]!r}",
        )
    labels_at = next((i for i in range(names_at + 1, len(lines)) if lines[i].strip()), None)
    labels = lines[labels_at].split() if labels_at is not None else []
    labelled = bool(labels) and LABEL.fullmatch(labels[0]) is not None
    first_row = labels_at + 1 if labelled and labels_at is not None else names_at + 1
    warnings: list[str] = []
    names, by_tabs = read_names(
        path, names_at, lines, labels if labelled else None, first_row, values.get("nummarkers"), warnings
    )
    return TrcHeader(
        _rate(path, values), _frames(path, values), _unit(path, values), names, first_row, by_tabs, tuple(warnings)
    )


def _next_line(path: str | Path, lines: list[str], after: int, what: str) -> int:
    for index in range(after + 1, len(lines)):
        if lines[index].strip():
            return index
    raise StageError(Reason.FILE_CORRUPT, f"{path}: header of the .trc: ends after line {after + 1}, without {what}")


def _values(path: str | Path, keys_line: str, values_line: str, number: int) -> dict[str, str]:
    """Values by key in small letters. Where each value stands below its key, columns count, so that one may be empty;
    else words count, because some laboratories write two tabs in a row."""
    by_column = [cell.strip() for cell in keys_line.split("\t")], [cell.strip() for cell in values_line.split("\t")]
    if len(values_line.split()) == len(keys_line.split()):
        keys, values = keys_line.split(), values_line.split()
    elif all(value == "" or key for key, value in zip(*by_column, strict=False)) and len(by_column[1]) >= len(
        keys_line.split()
    ):
        keys, values = by_column
    else:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: header of the .trc: line {number} has {len(values_line.split())} values "
            f"for {len(keys_line.split())} keys ({' '.join(keys_line.split())[:120]})",
        )
    return {key.lower(): value for key, value in zip(keys, values, strict=False) if key and value}


def _rate(path: str | Path, values: dict[str, str]) -> float:
    text = values.get("datarate", "")
    try:
        return float(text)
    except ValueError:
        raise StageError(
            Reason.FRAME_RATE,
            f"{path}: DataRate is {text[:40]!r}, must be a number of frames per second",
            remedy="correct DataRate in the header, or set frame_rate_override for this sequence",
        ) from None


def _frames(path: str | Path, values: dict[str, str]) -> int:
    frames = whole_number(path, "NumFrames", values.get("numframes", ""))
    if frames < 0:
        raise StageError(
            Reason.FIELD_VALUE, f"{path}: NumFrames is {frames}, must be the number of rows", remedy=_EXPORT
        )
    return frames


def unit_named(text: str) -> str | None:
    """The unit of length that a word means; None for none."""
    plain = re.sub(r"[^a-z]", "", text.lower())
    unit = _UNIT_WORDS.get(plain.removesuffix("s"), plain)
    return unit if unit in UNIT_M else None


def _unit(path: str | Path, values: dict[str, str]) -> str:
    text = values.get("units", "")
    unit = unit_named(text)
    if unit is None:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: Units is {text[:40]!r}, known are {', '.join(UNIT_M)}",
            remedy="write the unit of the coordinates into the header of the .trc",
        )
    return unit
