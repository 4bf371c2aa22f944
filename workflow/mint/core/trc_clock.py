"""The two clocks of a .trc: DataRate with Frame#, and the Time column. Both are compared before one is believed.

DataRate counts the numbers in Frame#: where these go on by two per row, rows follow each other at half of DataRate,
if the Time column says the same. A Time column that holds frame numbers, one value or nothing is no clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from mint.core.claims import AGREEMENT, CONTRADICTION, difference
from mint.core.status import Reason, StageError

_MILLISECONDS = 1000.0


@dataclass(frozen=True)
class TimeColumn:
    """What the Time column says: seconds of the first two rows and of the last of `rows`, as they are written.

    `resolution_s` is the last decimal that is written.
    """

    first_s: float
    second_s: float
    last_s: float
    rows: int
    resolution_s: float

    @property
    def interval_s(self) -> float:
        """Mean time from row to row."""
        return (self.last_s - self.first_s) / (self.rows - 1)

    def counts_rows(self, frame_step: float) -> bool:
        """Whether the column holds numbers of frames or rows instead of seconds."""
        whole = all(value == int(value) for value in (self.first_s, self.second_s, self.last_s))
        return whole and any(
            self.second_s - self.first_s == step and self.interval_s == step for step in (1.0, frame_step)
        )


@dataclass(frozen=True)
class Clock:
    """Rate of the rows [Hz]; what the file itself states [Hz], which an override replaces; how many seconds a unit of
    the Time column has, 0 if it is no clock."""

    rate_hz: float
    stated_hz: float
    time_unit_s: float
    warnings: tuple[str, ...] = ()


def resolution(*cells: str) -> float:
    """The last decimal that is written in cells of the Time column, s; 0 if they are not plain decimals."""
    decimals = [len(cell.strip().partition(".")[2]) for cell in cells if cell.strip().replace(".", "", 1).isdigit()]
    return 10.0 ** -max(decimals) if decimals else 0.0


def decide(
    path: str | Path, data_rate_hz: float, frame_step: int, time: TimeColumn | None, override_hz: float | None
) -> Clock:
    """The rate of the rows. `frame_step` is how far Frame# goes on per row; `time` is None where it holds no numbers.

    Raises StageError(FRAME_RATE) if the clocks differ by more than 5 % and no `override_hz` decides.
    """
    if not (math.isfinite(data_rate_hz) and data_rate_hz > 0):
        if override_hz is not None:
            return Clock(
                override_hz, data_rate_hz, 0.0, (f"{path}: DataRate is {data_rate_hz:g}: frame_rate_override counts",)
            )
        raise StageError(
            Reason.FRAME_RATE,
            f"{path}: DataRate is {data_rate_hz:g}, must be positive",
            remedy="correct DataRate in the header, or set frame_rate_override for this sequence",
        )
    header_hz = data_rate_hz / frame_step
    clock = _compared(path, data_rate_hz, frame_step, time, strict=override_hz is None)
    if override_hz is None:
        return clock
    ticks = time is not None and time.rows > 1 and clock.time_unit_s == 1
    time_hz = 1 / time.interval_s if time is not None and ticks else clock.stated_hz
    warnings = clock.warnings
    if any(difference(override_hz, each) > CONTRADICTION for each in (clock.stated_hz, time_hz)):
        said = f" and the Time column {time_hz:.6g} Hz" if ticks else ""
        warnings = (
            *warnings,
            f"{path}: frame_rate_override is {override_hz:g} Hz, DataRate and Frame# say "
            f"{header_hz:.6g} Hz{said}: the override counts",
        )
    return Clock(override_hz, clock.stated_hz, clock.time_unit_s, warnings)


def _compared(
    path: str | Path, data_rate_hz: float, frame_step: int, time: TimeColumn | None, *, strict: bool
) -> Clock:
    header_hz = data_rate_hz / frame_step
    stepped = f", Frame# goes on by {frame_step} per row" if frame_step > 1 else ""
    counts = f"DataRate and Frame# count, {header_hz:g} Hz"
    if time is None:
        return Clock(header_hz, header_hz, 0.0, (f"{path}: the Time column is no clock, it is not filled: {counts}",))
    if time.rows < 2:
        return Clock(header_hz, header_hz, 1.0)
    if (time.interval_s == 0 and time.second_s == time.first_s) or time.counts_rows(frame_step):
        held = "frame numbers" if time.interval_s else f"{time.first_s:g} in every row"
        return Clock(
            header_hz,
            header_hz,
            0.0,
            (f"{path}: the Time column is no clock, it holds {held}: {counts}",),
        )
    if time.interval_s < 0:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: Time runs backwards, from {time.first_s:g} s in the first row to {time.last_s:g} s in the last",
            remedy="put the rows into their order in time",
        )
    if time.interval_s == 0:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: Time is {time.first_s:g} s in the first row and in the last, and "
            f"{time.second_s:g} s in the second",
            remedy="export the .trc again",
        )
    time_hz = 1 / time.interval_s
    # Rounding of the first and the last time shows in the mean interval.
    rounding = time.resolution_s / (time.last_s - time.first_s)
    for rate_hz, unit_s, note in (
        (header_hz, 1.0, ""),
        (data_rate_hz, 1.0, "the rows follow each other at DataRate, as the Time column says"),
        (header_hz, 1 / _MILLISECONDS, "the Time column seems to be in milliseconds"),
    ):
        off = difference(rate_hz, time_hz / unit_s)
        if off <= CONTRADICTION + rounding:
            warnings = (
                [f"{path}: DataRate is {data_rate_hz:g} Hz{stepped}: {note}"]
                if note and (rate_hz, unit_s) != (header_hz, 1.0)
                else []
            )
            if off > AGREEMENT + rounding:
                warnings.append(
                    f"{path}: DataRate is {data_rate_hz:g} Hz{stepped}, but rows are {time.interval_s:.6g} s apart in "
                    f"the Time column, {time_hz / unit_s:.6g} Hz: DataRate counts"
                )
            return Clock(rate_hz, rate_hz, unit_s, tuple(warnings))
    if strict:
        raise StageError(
            Reason.FRAME_RATE,
            f"{path}: DataRate is {data_rate_hz:g} Hz{stepped}, but rows are {time.interval_s:.6g} s apart in the Time "
            f"column, {time_hz:.6g} Hz",
            remedy=f"set frame_rate_override for this sequence to the true one, {header_hz:.6g} or {time_hz:.6g}, or "
            "correct the file",
        )
    return Clock(header_hz, header_hz, 1.0)
