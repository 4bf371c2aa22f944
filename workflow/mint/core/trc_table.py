"""The rows of a .trc as numbers: every cell and every step from row to row is checked, and named where it is wrong."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.trc_clock import TimeColumn
from mint.core.trc_header import TrcHeader

# What people write for a marker that was not seen.
_LOST = {"", "-", "--", "nan", "na", "n/a", "null", "none", "lost"}
# What the runtime libraries of Windows write for a value that is no number.
_NO_NUMBER = re.compile(r"[+-]?(1\.#(qnan|snan|ind)0*|nan\((ind|snan)\))")
_EXPORT = "export the .trc again"


def cells_of(line: str) -> list[str]:
    """Cells of a row, separated by tabs where there are any, else by spaces."""
    return line.split("\t") if "\t" in line else line.split()


def read_table(path: str | Path, header: TrcHeader, lines: list[str]) -> tuple[NDArray[np.float64], list[int]]:
    """The table `(n, 2 + 3 m)`, NaN in empty cells, and the line of each row, counted from 1."""
    width = 2 + 3 * len(header.names)
    rows, numbers = [], []
    for number, line in enumerate(lines[header.first_row :], start=header.first_row + 1):
        if not line.strip():
            continue
        cells = cells_of(line)
        # Tabs and blanks may separate the cells of one row, if none is empty.
        if len(cells) != width and len(words := line.split()) == width:
            cells = words
        count = len(cells)
        if count > width and any(cell.strip() for cell in cells[width:]):
            at = next(i for i in range(width, count) if cells[i].strip())
            raise StageError(
                Reason.FIELD_VALUE,
                f"{path}: line {number}, column {at + 1}: {cells[at].strip()[:40]!r} stands beyond "
                f"the last of {len(header.names)} markers",
                remedy="name every marker in the header of the .trc",
            )
        # Tables separated by spaces cannot hold empty cells; those separated by tabs may lack empty ones at the end.
        cut = count < width and ("\t" not in line or (count - 2) % 3 or (number == len(lines) and count > 2))
        if cut:
            raise StageError(
                Reason.FIELD_VALUE,
                f"{path}: line {number} ends after column {count} of {width}",
                remedy="the file is truncated, or lost markers are left out: write NaN for them",
            )
        rows.append(_row(path, number, cells[:width], width, "_" not in line))
        numbers.append(number)
    return (np.stack(rows) if rows else np.empty((0, width))), numbers


def _row(path: str | Path, number: int, cells: list[str], width: int, plain: bool) -> NDArray[np.float64]:
    try:
        # Python reads 1_0 as ten.
        values = np.array([float(cell) if cell else math.nan for cell in cells] if plain else [float("_")])
    except ValueError:
        values = np.array([_value(path, number, column, cell.strip()) for column, cell in enumerate(cells, start=1)])
    if np.isinf(values).any():
        column = int(np.flatnonzero(np.isinf(values))[0])
        _value(path, number, column + 1, cells[column].strip(), infinite=True)
    return values if len(values) == width else np.concatenate([values, np.full(width - len(values), math.nan)])


def _value(path: str | Path, number: int, column: int, cell: str, infinite: bool = False) -> float:
    if cell.lower() in _LOST or _NO_NUMBER.fullmatch(cell.lower()):
        return math.nan
    try:
        if not infinite and "_" not in cell:
            return float(cell)
    except ValueError:
        pass
    comma = cell.count(",") == 1 and cell.replace(",", "").lstrip("+-").isdigit()
    raise StageError(
        Reason.FIELD_VALUE,
        f"{path}: line {number}, column {column}: {cell[:40]!r} is no number",
        remedy="write decimals with a point, not with a comma"
        if comma
        else "correct the cell; leave it empty, or write NaN, where a marker is lost",
    )


def frame_step(path: str | Path, frames: NDArray[np.float64], numbers: list[int]) -> int:
    """How far Frame# goes on from row to row, the same in the whole table. Raises StageError naming the line."""
    whole = np.isfinite(frames)
    whole[whole] = (frames[whole] == np.round(frames[whole])) & (np.abs(frames[whole]) < 1e15)
    if not whole.all():
        row = int(np.flatnonzero(~whole)[0])
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: line {numbers[row]}: Frame# is {frames[row]:g}, must be a whole number",
            remedy=_EXPORT,
        )
    steps = np.diff(frames)
    if not len(steps):
        return 1
    step = float(np.median(steps))
    odd = np.flatnonzero(steps != step) if step >= 1 else np.flatnonzero(steps < 1)
    if step < 1 or len(odd):
        row = int(odd[0])
        what = "runs backwards" if steps[row] < 0 else "is repeated" if steps[row] == 0 else "jumps: frames are missing"
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: line {numbers[row + 1]}: Frame# {what} ({frames[row + 1]:.0f} after {frames[row]:.0f})",
            remedy="export the trial without dropped frames, its rows in order",
        )
    return int(step)


def uneven_time(
    path: str | Path, time: NDArray[np.float64], numbers: list[int], written: TimeColumn, *, strict: bool
) -> list[str]:
    """Refuse a Time column that jumps or runs backwards while Frame# goes on evenly; a note if not `strict`."""
    steps = np.diff(time)
    with np.errstate(invalid="ignore"):
        odd = np.flatnonzero(np.abs(steps - np.nanmedian(steps)) > 0.5 * written.interval_s + written.resolution_s)
    if not len(odd):
        return []
    row = int(odd[0])
    what = "runs backwards" if steps[row] < 0 else "jumps"
    text = (
        f"{path}: line {numbers[row + 1]}: Time {what} from {time[row]:.6g} to {time[row + 1]:.6g}, while Frame# goes "
        "on evenly"
    )
    if strict:
        raise StageError(
            Reason.FIELD_VALUE,
            text,
            remedy="export the trial without dropped frames; or set frame_rate_override, "
            "if the rows follow each other evenly",
        )
    return [text]
