"""Marker trajectories in a .trc file, read strictly: what the file claims twice must agree, and no cell is guessed.

Keys, units and line ends are read in all the ways laboratories write them; a contradiction is refused by name.
The rules are in docs/motion/trc.md.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mint.core.claims import CONTRADICTION, difference
from mint.core.status import Reason, StageError
from mint.core.trc_clock import Clock, TimeColumn, decide, resolution
from mint.core.trc_header import TrcHeader, read_header
from mint.core.trc_table import frame_step, read_table, uneven_time
from mint.core.untrusted import open_regular, told

# 20 minutes of 60 markers at 100 frames/s, the longest that a sequence may be, take 220 MB.
MAX_BYTES = 400 * 2**20
# Enough for the header, two rows and the last row of 100 markers; where it is not, more is read, up to a limit.
_HEAD_BYTES, _TAIL_BYTES, _LONGEST_HEAD = 2**14, 2**13, 2**23
# A table of one row has a time, but no rate.
_NO_STEPS: TimeColumn | None = TimeColumn(0.0, 0.0, 0.0, 1, 0.0)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class MarkerTable:
    """Marker trajectories: `positions (n, m, 3)` m (NaN where a marker is lost), `time_s (n,)`, `rate_hz` of the rows.

    `stated_hz` is the rate by the file itself, where an override replaced it; `unit` is what it says of its lengths.
    """

    names: list[str]
    positions: NDArray[np.float64]
    time_s: NDArray[np.float64]
    rate_hz: float
    stated_hz: float | None = None
    warnings: tuple[str, ...] = ()
    unit: str = "m"


@dataclass(frozen=True)
class TrcClaims:
    """What header, first two rows and last row of a .trc say: the number of rows and the rate."""

    frames: int
    markers: int
    clock: Clock
    warnings: tuple[str, ...]


def read_claims(path: str | Path, override_hz: float | None = None) -> TrcClaims:
    """Frames and rate of a .trc from its beginning and its end, the table unread.

    Raises StageError as `read_trc` does for all that can be seen there. `override_hz` replaces the rate of the rows.
    """
    with open_regular(path) as file:
        size = _size(path, file)
        text, notes, whole = _beginning(path, file, size)
        lines = _lines(text)
        header = read_header(path, lines)
        rows = [line for line in lines[header.first_row :] if line and not line.isspace()]
        last = _last_row(path, file, size) if not whole and len(rows) > 1 else rows[-1] if rows else ""
    step, time, frames = 1, _NO_STEPS, header.frames
    if len(rows) > 1:
        cells = [_first_two(row) for row in (*rows[:2], last)]
        step, frames = _claimed_rows(header, cells)
        time = _time_of(cells, frames)
    clock = decide(path, header.rate_hz, step, time, override_hz)
    if header.frames > frames and difference(header.frames, frames) > CONTRADICTION:
        # Whether rows are missing in between shows in all of them.
        frames = len(read_trc(path, override_hz).positions)
    counted = check_count(path, header.frames, frames, "Frame# counts", bool(clock.time_unit_s))
    warnings = (*notes_for(path, notes), *header.warnings, *counted, *clock.warnings)
    return TrcClaims(frames, len(header.names), clock, warnings)


def read_trc(path: str | Path, override_hz: float | None = None) -> MarkerTable:
    """A .trc in metres. `override_hz` replaces the rate of the rows. Raises StageError naming file, line and field."""
    with open_regular(path) as file:
        raw = _read(path, file, 0, _size(path, file))
    text, notes = _decoded(raw)
    lines = _lines(text)
    header = read_header(path, lines)
    table, numbers = read_table(path, header, lines)
    if header.frames > len(table) and lines[-1].strip():
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: NumFrames is {header.frames}, but line {len(lines)}, the last of {len(table)} rows, has no end: "
            "the file was cut",
        )
    step = frame_step(path, table[:, 0], numbers)
    time = table[:, 1]
    written = _time_column(lines, numbers, time)
    clock = decide(path, header.rate_hz, step, written, override_hz)
    counted = check_count(path, header.frames, len(table), "there are", bool(clock.time_unit_s))
    notes = [*notes_for(path, notes), *header.warnings, *counted, *clock.warnings]
    if clock.time_unit_s and written is not None and written.rows > 1:
        notes += uneven_time(path, time, numbers, written, strict=override_hz is None)
    kept = [i for i, name in enumerate(header.names) if name]
    positions = table[:, 2:].reshape(len(table), len(header.names), 3)[:, kept] * header.unit_m
    return MarkerTable(
        [header.names[i] for i in kept],
        positions,
        _times(time * clock.time_unit_s, clock),
        clock.rate_hz,
        clock.stated_hz,
        tuple(notes),
        header.unit,
    )


def notes_for(path: str | Path, notes: list[str]) -> list[str]:
    """Notes with the file they are about."""
    return [f"{path}: {note}" for note in notes]


def check_count(path: str | Path, declared: int, rows: int, by: str, timed: bool) -> list[str]:
    """A warning where the header counts other frames than there are rows. Raises StageError for a contradiction.

    Programs that cut a trial leave the number of the whole one: where the rows have a Time column that bears out their
    rate (`timed`), more frames than rows are no contradiction.
    """
    if declared == rows:
        return []
    text = f"{path}: NumFrames is {declared}, but {by} {rows} rows"
    if difference(declared, rows) > CONTRADICTION and not (timed and declared > rows > 1):
        raise StageError(
            Reason.FIELD_VALUE,
            text,
            remedy=f"export the trial again if rows are missing; write {rows} into NumFrames if they are all there",
        )
    return [f"{text}: the rows count"]


def _size(path: str | Path, file: BinaryIO) -> int:
    size = os.fstat(file.fileno()).st_size
    if size > MAX_BYTES:
        raise StageError(
            Reason.TOO_LONG, f"{path} has {size / 1e6:.0f} MB, limit {MAX_BYTES / 1e6:.0f} MB", remedy="split the trial"
        )
    return size


def _read(path: str | Path, file: BinaryIO, start: int, count: int) -> bytes:
    try:
        file.seek(start)
        return file.read(count)
    except OSError as error:
        raise StageError(Reason.FILE_UNREADABLE, f"{path} cannot be read: {told(error)}") from error


def _decoded(raw: bytes) -> tuple[str, list[str]]:
    """The text in whatever encoding it is, and a note where that had to be guessed."""
    if raw[:2] in _UTF16:
        return raw.decode("utf-16", errors="replace"), []
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        return raw.decode("cp1252", errors="replace"), [
            f"byte {error.start} is not UTF-8: the file is read as Windows-1252; check names with other letters"
        ]


def _lines(text: str) -> list[str]:
    """Lines of files from Windows, Unix and old Macintosh systems; other separators of lines belong to names.

    What old systems put behind the end of a text, Ctrl-Z or zeros, belongs to no line.
    """
    return text.rstrip("\x1a\0").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _beginning(path: str | Path, file: BinaryIO, size: int) -> tuple[str, list[str], bool]:
    """Text of whole lines from the beginning of the file, long enough for two rows below six lines of header; notes,
    and whether that is all of it."""
    count = _HEAD_BYTES
    while True:
        raw = _read(path, file, 0, count)
        if raw[:2] in _UTF16 or count >= size:
            return *_decoded(_read(path, file, 0, size)), True
        end = max(raw.rfind(b"\n"), raw.rfind(b"\r"))
        if any(len(raw.split(line_end, 9)) > 9 for line_end in (b"\n", b"\r")) or count > _LONGEST_HEAD:
            return *_decoded(raw[: end + 1]), False
        count *= 8


def _last_row(path: str | Path, file: BinaryIO, size: int) -> str:
    """The last line that is not blank, as far as the end of the file shows it; empty if it does not."""
    for count in (_TAIL_BYTES, 2**5 * _TAIL_BYTES):
        raw = _read(path, file, max(size - count, 0), count).rstrip(b" \t\r\n\x1a\0")
        start = max(raw.rfind(b"\n"), raw.rfind(b"\r"))
        if start >= 0:
            return raw[start + 1 :].decode("latin1")
    return ""


def _first_two(line: str) -> tuple[str, str]:
    cells = line.split("\t", 2) if "\t" in line else line.split(None, 2)
    if len(cells[0].split()) > 1 or (len(cells) > 1 and len(cells[1].split()) > 1):
        cells = line.split(None, 2)
    return (cells[0], cells[1]) if len(cells) > 1 else ("", "")


def _plain(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _claimed_rows(header: TrcHeader, cells: list[tuple[str, str]]) -> tuple[int, int]:
    """How far Frame# goes on per row, and how many rows it so counts; `read_trc` checks the whole table."""
    first, second, last = (_plain(frame) for frame, _ in cells)
    step = second - first
    if not (math.isfinite(step) and math.isfinite(last)) or step < 1 or step != int(step) or last < second:
        return 1, header.frames
    return int(step), math.floor((last - first) / step) + 1


def _time_of(cells: list[tuple[str, str]], rows: int) -> TimeColumn | None:
    texts = [time for _, time in cells]
    first, second, last = (_plain(text) for text in texts)
    if not all(map(math.isfinite, (first, second, last))):
        return None
    return TimeColumn(first, second, last, rows, resolution(*texts))


def _time_column(lines: list[str], numbers: list[int], time: NDArray[np.float64]) -> TimeColumn | None:
    if len(time) < 2:
        return _NO_STEPS
    return _time_of([_first_two(lines[numbers[i] - 1]) for i in (0, 1, -1)], len(time))


def _times(time_s: NDArray[np.float64], clock: Clock) -> NDArray[np.float64]:
    """Time of the rows: the Time column where it follows the rate, else the rate from the first time on."""
    by_rate = np.arange(len(time_s)) / clock.rate_hz
    if not clock.time_unit_s or not np.all(np.isfinite(time_s)):
        return by_rate
    even = time_s - time_s[:1]
    return time_s if len(time_s) == 0 or np.max(np.abs(even - by_rate)) <= 0.5 / clock.rate_hz else time_s[:1] + by_rate
