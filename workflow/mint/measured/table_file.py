"""Tables of numbers over time that somebody else wrote: OpenSim's .mot and .sto, and .csv."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.untrusted import open_regular, told

Floats = NDArray[np.float64]

_LARGEST_BYTES = 2**28
_HEADER_LINES = 200
_MOST_COLUMNS = 2000
_LEAST_ROWS = 10
_TIME = {"time", "t", "times", "time_s", "seconds", "time(s)", "time[s]"}
# Times are written with few digits: steps may differ by half of one, a dropped row makes one twice as long.
_UNEVEN = 0.5
_NOTHING = {"", "nan", "-nan", "nan(ind)", "-nan(ind)", "na", "-1.#ind", "1.#qnan"}


@dataclass(frozen=True)
class TimeTable:
    """`time_s (n,)` as the file has it, evenly spaced; `values (n, m)` of the other columns, NaN where empty."""

    time_s: Floats
    columns: list[str]
    values: Floats

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return (len(self.time_s) - 1) / float(self.time_s[-1] - self.time_s[0])


def read_time_table(path: str | Path, max_duration_s: float) -> TimeTable:
    """Read a table: after a line `endheader`, or from the first line on, names of columns, then numbers.

    Cells are separated by tabs, commas, semicolons or blanks, whichever stands in the line of names. A column `time`
    [s] must rise evenly; rows that repeat the time before them are left out. Raises StageError for anything else.
    """
    lines = _lines(path)
    start = next((i + 1 for i, line in enumerate(lines[:_HEADER_LINES]) if line.strip().lower() == "endheader"), 0)
    while start < len(lines) and not lines[start].strip():
        start += 1
    if start >= len(lines):
        raise StageError(Reason.FILE_CORRUPT, f"{path}: holds {len(lines)} lines and no names of columns")
    names = _cells(lines[start])
    if not 2 <= len(names) <= _MOST_COLUMNS:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: line {start + 1} names {len(names)} columns, must be 2 to {_MOST_COLUMNS}",
            remedy="the line of names follows endheader, or is the first",
        )
    at = next((i for i, name in enumerate(names) if name.lower().replace(" ", "") in _TIME), None)
    if at is None:
        raise StageError(
            Reason.FIELD_MISSING,
            f"{path}: line {start + 1} names no column time, but {names[0][:40]!r} and {len(names) - 1} others",
            remedy="name the column of seconds time",
        )
    values = _numbers(path, lines[start], lines[start + 1 :], len(names), start + 2)
    time, values = _even(path, values[:, at], values, max_duration_s)
    kept = [i for i in range(len(names)) if i != at]
    return TimeTable(time, [names[i] for i in kept], values[:, kept])


def _lines(path: str | Path) -> list[str]:
    with open_regular(path) as file:
        try:
            raw = file.read(_LARGEST_BYTES + 1)
        except OSError as error:
            raise StageError(Reason.FILE_UNREADABLE, f"{path} cannot be read: {told(error)}") from error
    if len(raw) > _LARGEST_BYTES:
        raise StageError(
            Reason.TOO_LONG,
            f"{path}: more than {_LARGEST_BYTES >> 20} MB",
            remedy="cut the record, or write it at a lower rate",
        )
    try:
        return raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: byte {error.start} is no text in UTF-8",
            remedy="write the table as text: .mot, .sto or .csv",
        ) from error


def _separator(line: str) -> str | None:
    """What separates cells; None for blanks."""
    return next((mark for mark in "\t;," if mark in line), None)


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"').strip() for cell in line.rstrip("\t\r ").split(_separator(line))]


def _numbers(path: str | Path, head: str, rows: list[str], width: int, first: int) -> Floats:
    """All rows as numbers `(n, width)`; empty cells and NaN are NaN. `first` is the line of the first row."""
    out = []
    for number, row in enumerate(rows, start=first):
        if not row.strip():
            continue
        cells = row.rstrip("\r\n").split(_separator(head))
        # Rows of OpenSim's own files have blanks, tabs or both, whatever stands between the names.
        if len(cells) != width and len(words := row.split()) == width:
            cells = words
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) != width:
            raise StageError(
                Reason.FILE_CORRUPT,
                f"{path}: line {number} has {len(cells)} cells, must have {width}",
                remedy="the file is cut, or its names and columns do not fit: export it again",
            )
        out.append(_row(path, number, cells))
    return np.array(out) if out else np.empty((0, width))


def _row(path: str | Path, number: int, cells: list[str]) -> list[float]:
    values = []
    for column, cell in enumerate(cells, start=1):
        text = cell.strip().strip('"')
        if text.lower() in _NOTHING:
            values.append(math.nan)
            continue
        try:
            # Python reads 1_0 as ten.
            value = float(text) if "_" not in text else math.inf
        except ValueError:
            value = math.inf
        if not math.isfinite(value):
            raise StageError(
                Reason.FIELD_VALUE,
                f"{path}: line {number}, column {column}: {text[:40]!r} is no finite number",
                remedy="write decimals with a point, and tabs, commas or semicolons between cells",
            )
        values.append(value)
    return values


def _even(path: str | Path, time: Floats, values: Floats, max_duration_s: float) -> tuple[Floats, Floats]:
    """Rows whose time goes on, if it does so evenly. Raises StageError."""
    if not np.isfinite(time).all():
        raise StageError(
            Reason.NOT_FINITE,
            f"{path}: column time has {int((~np.isfinite(time)).sum())} empty cells",
            remedy="export the record with the time of every row",
        )
    going_on = np.concatenate([[True], np.diff(time) != 0]) if len(time) else np.zeros(0, dtype=bool)
    time, values = time[going_on], values[going_on]
    if len(time) < _LEAST_ROWS:
        raise StageError(
            Reason.TOO_SHORT,
            f"{path}: {len(time)} rows, must be at least {_LEAST_ROWS}",
            remedy="export the whole record",
        )
    steps = np.diff(time)
    step = float(np.median(steps))
    odd = np.flatnonzero((steps <= 0) | (np.abs(steps - step) > _UNEVEN * abs(step)))
    if len(odd):
        row = int(odd[0])
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: time goes from {time[row]:.6g} to {time[row + 1]:.6g} s in row "
            f"{row + 2}, elsewhere in steps of {step:.6g} s",
            remedy="export the record without dropped rows, in the order of time",
        )
    if time[-1] - time[0] > max_duration_s:
        raise StageError(
            Reason.TOO_LONG,
            f"{path}: {time[-1] - time[0]:.6g} s, limit {max_duration_s:g} s (measured.max_duration_s)",
            remedy="write time in seconds, or cut the record to the motion",
        )
    return time, values
