"""The text of a BVH file: a tree of joints with offsets and channels, then one row of numbers per frame.

Packages that read BVH were looked at: each opens files by name, refuses position channels of other joints than the root
or waits forever for the end of a truncated file. This reader knows bounds: bytes, joints, depth, frames; it evaluates
nothing, and it reads a hierarchy without recursion.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.untrusted import open_regular, told

Floats = NDArray[np.float64]

MAX_BYTES = 2**29  # 20 minutes of 60 joints at 120 frames/s take 300 MB
_MAX_JOINTS, _MAX_DEPTH, _MAX_NAME = 1000, 200, 200
_MAX_HIERARCHY = 2**20
_ROWS_AT_A_TIME = 4096
_REMEDY = "export the BVH file again"
END = "end site"


@dataclass(frozen=True)
class Joint:
    """One joint: its name (`END` for an end site), parent (-1: none), offset m in the file's unit, and its channels
    such as `Xposition`, in order."""

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[str, ...]


@dataclass(frozen=True)
class BvhText:
    """A file whose numbers are not read yet: joints, parents first; the frames that it states; frame time and its
    decimals; rows."""

    path: Path
    joints: tuple[Joint, ...]
    stated_frames: int
    frame_time_s: float
    decimals: int
    rows: tuple[bytes, ...]
    first_line: int

    @property
    def width(self) -> int:
        """Numbers of a row."""
        return sum(len(joint.channels) for joint in self.joints)


def read_bvh_text(path: str | Path) -> BvhText:
    """The file, its rows as text. Raises StageError naming the line."""
    path = Path(path)
    with open_regular(path) as file:
        try:
            content = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise StageError(Reason.FILE_UNREADABLE, f"{path} cannot be read: {told(error)}") from error
    if len(content) > MAX_BYTES:
        raise StageError(Reason.TOO_LONG, f"{path} has more than {MAX_BYTES} bytes", remedy="split the motion")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        content = content.decode("utf-16", errors="replace").encode()
    lines = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    motion = next((i for i, line in enumerate(lines) if line.strip().upper() == b"MOTION"), None)
    if motion is None:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: there is no line MOTION: the file ends early", remedy=_REMEDY)
    if sum(map(len, lines[:motion])) > _MAX_HIERARCHY:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: its hierarchy has more than {_MAX_HIERARCHY} bytes")
    joints = _Hierarchy(path).read(lines[:motion])
    frames, time, decimals, first = _clock(path, lines, motion + 1)
    rows = tuple(line for line in lines[first:] if line.strip())
    return BvhText(path, joints, frames, time, decimals, rows, first + 1)


class _Hierarchy:
    """Reads the lines of the tree; the open joints are a stack."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self.joints: list[Joint] = []
        self.open: list[int] = []
        self.named: tuple[str, bool] | None = None
        self.unfinished: set[int] = set()

    def read(self, lines: list[bytes]) -> tuple[Joint, ...]:
        """The joints, parents first."""
        for number, raw in enumerate(lines, start=1):
            self.line = number
            text = raw.decode("utf-8", errors="replace").strip()
            # An opening brace may stand on the line of the name.
            opened = text.endswith("{") and len(text) > 1
            for part in [text[:-1].strip(), "{"] if opened else [text]:
                self._line(part)
        if self.open or self.named is not None:
            raise self._error("the hierarchy ends before its braces are closed")
        if not self.joints:
            raise self._error("there is no ROOT")
        if self.unfinished:
            raise self._error(f"joint {self.joints[min(self.unfinished)].name} has no OFFSET")
        return tuple(self.joints)

    def _line(self, text: str) -> None:
        words = text.split()
        key = words[0].upper() if words else ""
        if key in ("", "HIERARCHY"):
            return
        if key in ("ROOT", "JOINT") or (key == "END" and len(words) > 1 and words[1].upper() == "SITE"):
            self._begin(key, " ".join(words[1:]))
        elif text == "{":
            self._enter()
        elif text == "}":
            if not self.open:
                raise self._error("a brace is closed that was not opened")
            self.open.pop()
        elif key == "OFFSET":
            self._offset(words[1:])
        elif key == "CHANNELS":
            self._channels(words[1:])
        else:
            raise self._error(f"{text[:60]!r} is not expected in a hierarchy")

    def _begin(self, key: str, name: str) -> None:
        if self.named is not None:
            raise self._error("a joint without braces")
        if key == "ROOT" and self.joints:
            raise self._error(
                f"a second ROOT, {name[:60]}: several people or props are in the file",
                remedy="export one person per file",
            )
        if key != "ROOT" and not self.open:
            raise self._error("a joint outside the ROOT")
        if not name or len(name) > _MAX_NAME:
            raise self._error("a joint without a name, or with an endless one")
        self.named = (END if key == "END" else name, key == "END")

    def _enter(self) -> None:
        if self.named is None:
            raise self._error("a brace without a joint")
        if len(self.joints) >= _MAX_JOINTS or len(self.open) >= _MAX_DEPTH:
            raise self._error(f"more than {_MAX_JOINTS} joints, or {_MAX_DEPTH} in a chain: no person's skeleton")
        if not self.named[1] and any(joint.name == self.named[0] for joint in self.joints):
            raise self._error(f"joint {self.named[0]} is there twice")
        self.joints.append(Joint(self.named[0], self.open[-1] if self.open else -1, (0.0, 0.0, 0.0), ()))
        self.open.append(len(self.joints) - 1)
        self.unfinished.add(self.open[-1])
        self.named = None

    def _offset(self, words: list[str]) -> None:
        values = [_number(word) for word in words]
        if not self.open or len(values) != 3 or not all(math.isfinite(value) for value in values):
            raise self._error(f"OFFSET {' '.join(words)[:60]} is not three numbers of a joint")
        now = self.joints[self.open[-1]]
        self.joints[self.open[-1]] = Joint(now.name, now.parent, (values[0], values[1], values[2]), now.channels)
        self.unfinished.discard(self.open[-1])

    def _channels(self, words: list[str]) -> None:
        names = [word[:1].upper() + word[1:].lower() for word in words[1:]]
        known = {f"{axis}{kind}" for axis in "XYZ" for kind in ("position", "rotation")}
        if not self.open or not words or words[0] != str(len(names)) or len(set(names)) < len(names):
            raise self._error(f"CHANNELS {' '.join(words)[:80]}: count and names differ")
        if strange := [name for name in names if name not in known]:
            raise self._error(f"channel {strange[0][:40]!r} is unknown")
        now = self.joints[self.open[-1]]
        if now.name == END or now.channels:
            raise self._error(f"CHANNELS of {now.name} are not expected here")
        self.joints[self.open[-1]] = Joint(now.name, now.parent, now.offset, tuple(names))

    def _error(self, text: str, remedy: str = _REMEDY) -> StageError:
        return StageError(Reason.FILE_CORRUPT, f"{self.path}, line {self.line}: {text}", remedy=remedy)


def _number(word: str) -> float:
    try:
        return float(word) if "_" not in word else math.nan
    except ValueError:
        return math.nan


def _clock(path: Path, lines: list[bytes], start: int) -> tuple[int, float, int, int]:
    """Frames, frame time [s] and its decimals as the file states them, and the line after them, from 0."""
    found: dict[str, str] = {}
    for number in range(start, min(start + 10, len(lines))):
        key, _, value = lines[number].decode("utf-8", errors="replace").partition(":")
        name = " ".join(key.lower().split())
        if name in ("frames", "frame time"):
            found[name] = value.strip()
        if len(found) == 2:
            frames, time = found["frames"], _number(found["frame time"])
            if not frames.isascii() or not frames.isdigit() or len(frames) > 9:
                raise StageError(
                    Reason.FILE_CORRUPT, f"{path}: Frames is {frames[:40]!r}, no whole number", remedy=_REMEDY
                )
            if not math.isfinite(time) or time < 0:
                raise StageError(
                    Reason.FRAME_RATE, f"{path}: Frame Time is {found['frame time'][:40]!r}, no time in seconds"
                )
            digits = re.fullmatch(r"[0-9]*\.([0-9]+)", found["frame time"])
            return int(frames), time, len(digits[1]) if digits else 17, number + 1
    missing = " and ".join(name for name in ("Frames", "Frame Time") if name.lower() not in found)
    raise StageError(Reason.FILE_CORRUPT, f"{path}: {missing} is missing below MOTION", remedy=_REMEDY)


def read_rows(text: BvhText) -> Floats:
    """The numbers of all rows `(frames, width)`. Raises StageError naming the row."""
    out = np.empty((len(text.rows), text.width))
    for start in range(0, len(text.rows), _ROWS_AT_A_TIME):
        rows = text.rows[start : start + _ROWS_AT_A_TIME]
        words = b" ".join(rows).split()
        try:
            if len(words) != len(rows) * text.width or any(b"_" in row for row in rows):
                raise ValueError
            out[start : start + len(rows)] = np.array(words, dtype=np.float64).reshape(len(rows), -1)
        except ValueError as error:
            raise _bad_row(text, start, rows) from error
    bad = ~np.isfinite(out).all(axis=1)
    if bad.any():
        raise StageError(
            Reason.NOT_FINITE,
            f"{text.path}: frame {int(np.argmax(bad))} holds a value that is not finite ({int(bad.sum())} such frames)",
        )
    return out


def _bad_row(text: BvhText, start: int, rows: tuple[bytes, ...]) -> StageError:
    for number, row in enumerate(rows, start=start):
        words = row.decode("utf-8", errors="replace").split()
        if len(words) != text.width:
            return StageError(
                Reason.FIELD_SHAPE,
                f"{text.path}: frame {number} has {len(words)} values, the hierarchy has {text.width} channels",
                remedy=_REMEDY,
            )
        if strange := [word for word in words if math.isnan(_number(word)) and word.lower() != "nan"]:
            return StageError(
                Reason.FIELD_VALUE, f"{text.path}: frame {number}: {strange[0][:40]!r} is no number", remedy=_REMEDY
            )
    return StageError(Reason.FILE_CORRUPT, f"{text.path}: its rows cannot be read", remedy=_REMEDY)
