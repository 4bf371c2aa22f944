"""The header of a C3D file: 512 bytes and the parameters; what they claim is compared with the length of the file."""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mint.core.claims import AGREEMENT, CONTRADICTION, difference
from mint.core.status import Reason, StageError
from mint.core.untrusted import open_regular, told
from mint.formats.c3d_parameters import BLOCK, DEC, INTEL, MIPS, Parameters, floats, read_parameters
from mint.formats.glimpse import Glimpse

KEY = 0x50
# 20 minutes of 60 markers at 100 frames/s and 30 channels at 1000 samples/s take 260 MB.
MAX_BYTES = 300 * 2**20
# 16-bit counts stop here: what has more frames says so elsewhere.
_FULL = 65535
_EXPORT = "export the trial again"


@dataclass(frozen=True)
class C3dHeader:
    """What the file claims of itself, by its 512 bytes and its parameters.

    `frames` of `points` points, in each `samples` of `channels` analog channels; `rates` of the frames [Hz] by what
    states them, not checked; `first_frame` counts from 1. `real`: floating point numbers, not integers.
    """

    frames: int
    points: int
    channels: int
    samples: int
    first_frame: int
    rates: Mapping[str, float]
    real: bool
    parameters: Parameters
    warnings: tuple[str, ...]


def recognizes(seen: Glimpse) -> bool:
    """The second byte is the format's key, the first names a block of parameters, and the rest is no text."""
    head = seen.head
    return len(head) >= BLOCK and head[1] == KEY and head[0] >= 2 and 0 in head[:BLOCK] and seen.npz is None


def read_c3d_header(path: Path) -> C3dHeader:
    """Header and parameters, the data unread. Raises StageError."""
    with open_regular(path) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            head = file.read(BLOCK)
            if len(head) < BLOCK or head[1] != KEY or head[0] < 2:
                raise StageError(Reason.FILE_CORRUPT, f"{path}: it does not begin like a C3D file")
            file.seek((head[0] - 1) * BLOCK)
            section = file.read(256 * BLOCK)
        except OSError as error:
            raise StageError(Reason.FILE_UNREADABLE, f"{path} cannot be read: {told(error)}") from error
    if size > MAX_BYTES:
        raise StageError(
            Reason.TOO_LONG, f"{path} has {size / 1e6:.0f} MB, limit {MAX_BYTES / 1e6:.0f} MB", remedy="split the trial"
        )
    if len(section) < BLOCK:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: it ends before its parameters, which block {head[0]} begins")
    processor = section[3]
    if processor == MIPS:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: its numbers are those of a MIPS processor, which ezc3d does not read",
            remedy="save the file for Intel processors with the program that wrote it",
        )
    if processor not in (INTEL, DEC):
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path}: parameter section of the C3D: processor {processor}, must be {INTEL} or {DEC}",
        )
    first = _Words(head, processor)
    end = (first.start - head[0]) * BLOCK
    if not 0 < end <= len(section):
        raise StageError(
            Reason.FILE_CORRUPT, f"{path}: its data begin with block {first.start}, its parameters with {head[0]}"
        )
    return _compared(path, first, read_parameters(path, section[:end], processor), size)


class _Words:
    """The words of the first 512 bytes that count."""

    def __init__(self, head: bytes, processor: int) -> None:
        words = struct.unpack("<256H", head)
        self.points, self.analog, self.first, self.last = words[1:5]
        self.start, self.samples = words[8:10]
        self.scale = float(floats(head[12:16], processor)[0])
        self.rate_hz = float(floats(head[20:24], processor)[0])


def _compared(path: Path, head: _Words, parameters: Parameters, size: int) -> C3dHeader:
    warnings: list[str] = []
    points = _count(path, "POINT:USED", parameters.number("POINT", "USED"), "number of points", head.points)
    # Where no channels are used, programs write any number of samples of them.
    samples = head.samples if head.analog else 0
    if head.analog and (not samples or head.analog % samples):
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: header: {head.analog} analog values per frame are no whole number of {samples} samples",
            remedy=_EXPORT,
        )
    channels = head.analog // samples if samples else 0
    _count(path, "ANALOG:USED", parameters.number("ANALOG", "USED"), "number of analog channels", channels)
    scale = parameters.number("POINT", "SCALE")
    scale = head.scale if scale is None else scale
    if not math.isfinite(scale) or scale == 0 or (scale < 0) != (head.scale < 0):
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: POINT:SCALE is {scale:g}, in the header {head.scale:g}: negative tells floating point numbers, "
            "positive integers times this scale",
            remedy=_EXPORT,
        )
    if scale > 0 and difference(scale, head.scale) > AGREEMENT:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: POINT:SCALE is {scale:g}, in the header {head.scale:g}: all positions depend on it",
            remedy=_EXPORT,
        )
    start = parameters.number("POINT", "DATA_START")
    if start is not None and start % 65536 != head.start:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: POINT:DATA_START is {start:g}, in the header {head.start}: nobody knows where the data begin",
            remedy=_EXPORT,
        )
    bytes_per_frame = (4 * points + channels * samples) * (4 if scale < 0 else 2)
    there = size - (head.start - 1) * BLOCK
    frames = _frames(path, head, parameters, bytes_per_frame, there, warnings)
    rates = _rates(head, parameters, samples)
    first = max(head.first, 1)
    return C3dHeader(frames, points, channels, samples, first, rates, scale < 0, parameters, tuple(warnings))


def _count(path: Path, field: str, declared: float | None, what: str, counted: int) -> int:
    """The number by which the data are laid out. Raises StageError where the parameter contradicts it."""
    if declared is not None and declared % 65536 != counted:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: {field} is {declared:g}, but the {what} in the header is {counted}",
            remedy=_EXPORT,
        )
    return counted


def _frames(
    path: Path, head: _Words, parameters: Parameters, bytes_per_frame: int, there: int, warnings: list[str]
) -> int:
    """Frames by header and parameters; the length of the file decides between them. Raises StageError."""
    claims = _claims(head, parameters)
    if not claims or bytes_per_frame == 0:
        return 0
    whole = max(there, 0) // bytes_per_frame
    fitting = [name for name, count in claims.items() if there - BLOCK < count * bytes_per_frame <= there]
    exact = [name for name in fitting if claims[name] * bytes_per_frame == there]
    best = (exact or fitting or list(claims))[0]
    frames, others = claims[best], {name: count for name, count in claims.items() if count != claims[best]}
    if frames > whole:
        raise StageError(
            Reason.FILE_CORRUPT, f"{path} is truncated: {best} counts {frames} frames, the file has room for {whole}"
        )
    for name, count in others.items():
        text = f"{path}: {name} counts {count} frames, {best} {frames}"
        if not fitting and difference(count, frames) > CONTRADICTION:
            raise StageError(Reason.FIELD_VALUE, f"{text}, and the file has room for {whole}", remedy=_EXPORT)
        warnings.append(f"{text}: those that fit the length of the file count")
    return frames


def _claims(head: _Words, parameters: Parameters) -> dict[str, int]:
    """Numbers of frames, first the one that counts; counts that are full of bits say nothing."""
    claims: dict[str, int] = {}
    fields = [parameters.numbers("TRIAL", f"ACTUAL_{end}_FIELD") for end in ("START", "END")]
    if all(field and all(map(math.isfinite, field)) for field in fields):
        # Two halves of a number of 32 bits, or one number where it was written as a floating point number.
        start, end = (int(field[0] % 65536) + 65536 * int(field[1] % 65536) if len(field) > 1 else int(field[0])
                      for field in fields)  # fmt: skip
        if end >= start > 0:
            claims["TRIAL:ACTUAL_END_FIELD"] = end - start + 1
    if head.last < _FULL and head.last >= head.first:
        claims["header"] = head.last - head.first + 1
    declared = parameters.number("POINT", "FRAMES")
    if declared is not None and math.isfinite(declared) and abs(declared) < 2**31:
        count = int(declared) if declared >= 0 else int(declared) + 65536
        claims |= {"POINT:FRAMES": count} if 0 <= count != _FULL else {}
    return claims


def _rates(head: _Words, parameters: Parameters, samples: int) -> dict[str, float]:
    """Rates of the frames [Hz] by what states them, the one that counts first."""
    header = head.rate_hz if math.isfinite(head.rate_hz) and head.rate_hz > 0 else None
    stated = {"POINT:RATE": parameters.number("POINT", "RATE"), "the header": header}
    analog = parameters.number("ANALOG", "RATE")
    if samples and analog:
        stated[f"ANALOG:RATE over {samples} samples per frame"] = analog / samples
    return {name: rate for name, rate in stated.items() if rate is not None}
