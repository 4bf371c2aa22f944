"""Writes C3D files of every kind that laboratories have, byte by byte, and odd ones: the format's user guide, chapters 3 to 5."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

BLOCK = 512
Param = tuple[tuple[int, ...], int, Any]
INTEL, DEC, MIPS = 84, 85, 86


def text(values: list[str], width: int | None = None) -> Param:
    """A parameter of texts, padded with blanks."""
    width = max([1, *(len(value.encode()) for value in values)]) if width is None else width
    return (width, len(values)), -1, b"".join(value.encode().ljust(width)[:width] for value in values)


def integers(values: Any, dimensions: tuple[int, ...] | None = None) -> Param:
    """A parameter of 16-bit integers; the first dimension runs fastest."""
    values = np.atleast_1d(np.asarray(values, dtype=np.int64))
    return dimensions or (values.size,), 2, values.reshape(-1)


def reals(values: Any, dimensions: tuple[int, ...] | None = None) -> Param:
    """A parameter of floating point numbers."""
    values = np.atleast_1d(np.asarray(values, dtype=float))
    return dimensions if dimensions is not None else (values.size,), 4, values.reshape(-1)


@dataclass
class C3d:
    """`points (n, m, 3)` in `unit`, NaN where lost; `analog (channels, n * samples)` in what `analog_units` say."""

    points: np.ndarray
    labels: list[str]
    rate_hz: float = 100.0
    unit: str = "mm"
    residuals: np.ndarray | None = None
    analog: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    samples: int = 1
    analog_labels: list[str] = field(default_factory=list)
    analog_units: list[str] = field(default_factory=list)
    analog_scale: float = 1.0
    analog_offset: int = 0
    unsigned: bool = False
    real: bool = True
    scale: float = 0.1
    first: int = 1
    processor: int = INTEL
    further: dict[str, dict[str, Param]] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """Write the file."""
        path.write_bytes(self.content())
        return path

    def content(self) -> bytes:
        """The file's bytes. `header` replaces words of the first block after the parameters were made."""
        frames, points = self.points.shape[:2]
        channels = len(self.analog)
        last = self.first + frames - 1
        groups = self._groups(frames, points, channels, last)
        section = self._section(groups, 0)
        blocks = -(-len(section) // BLOCK)
        start = 2 + blocks
        section = self._section(groups, start)
        words = {
            "points": points,
            "analog": channels * self.samples,
            "first": min(self.first, 65535),
            "last": min(last, 65535),
            "scale": -self.scale if self.real else self.scale,
            "start": start,
            "samples": self.samples,
            "rate": self.rate_hz,
            **self.header,
        }
        order = ">" if self.processor == MIPS else "<"
        head = bytes([2, 0x50]) + struct.pack(
            f"{order}5H", words["points"], words["analog"], words["first"], words["last"], 10
        )
        head += self._floats([words["scale"]]) + struct.pack(f"{order}2H", words["start"], words["samples"])
        head += self._floats([words["rate"]])
        return head.ljust(BLOCK, b"\0") + section.ljust(blocks * BLOCK, b"\0") + self._data()

    def _groups(self, frames: int, points: int, channels: int, last: int) -> dict[str, dict[str, Param]]:
        groups: dict[str, dict[str, Param]] = {
            "POINT": {
                "USED": integers(points),
                "SCALE": reals([-self.scale if self.real else self.scale], ()),
                "RATE": reals([self.rate_hz], ()),
                "FRAMES": integers(min(frames, 65535)),
                "UNITS": text([self.unit]),
                "LABELS": text(self.labels[:255]),
            },
            "ANALOG": {
                "USED": integers(channels),
                "LABELS": text(self.analog_labels),
                "UNITS": text(self.analog_units),
                "GEN_SCALE": reals([1.0], ()),
                "SCALE": reals([self.analog_scale] * channels),
                "OFFSET": integers([self.analog_offset] * channels),
                "RATE": reals([self.rate_hz * self.samples], ()),
                "FORMAT": text(["UNSIGNED" if self.unsigned else "SIGNED"]),
            },
        }
        if len(self.labels) > 255:
            groups["POINT"]["LABELS2"] = text(self.labels[255:])
        if last >= 65535:
            groups["TRIAL"] = {
                "ACTUAL_START_FIELD": integers([self.first % 65536, self.first // 65536]),
                "ACTUAL_END_FIELD": integers([last % 65536, last // 65536]),
            }
        for group, parameters in self.further.items():
            groups[group] = {**groups.get(group, {}), **parameters}
        return groups

    def _section(self, groups: dict[str, dict[str, Param]], start: int) -> bytes:
        out = b""
        for number, (group, parameters) in enumerate(groups.items(), 1):
            out += self._item(group, -number, b"\0")
            shown = (
                {**parameters, "DATA_START": integers(start)}
                if group == "POINT" and "DATA_START" not in parameters
                else parameters
            )
            for name, (dimensions, kind, values) in shown.items():
                raw = values if kind == -1 else self._ints(values) if kind == 2 else self._floats(values)
                out += self._item(
                    name, number, struct.pack("<b", kind) + bytes([len(dimensions), *dimensions]) + raw + b"\0"
                )
        out += b"\0\0"
        blocks = -(-(len(out) + 4) // BLOCK)
        return bytes([1, 0x50, min(blocks, 255), self.processor]) + out

    def _item(self, name: str, number: int, content: bytes) -> bytes:
        return struct.pack("<bb", len(name), number) + name.encode() + self._ints([len(content) + 2]) + content

    def _ints(self, values: Any) -> bytes:
        values = (np.asarray(values, dtype=np.int64) % 65536).astype(np.uint16)
        return values.astype(">u2" if self.processor == MIPS else "<u2").tobytes()

    def _floats(self, values: Any) -> bytes:
        values = np.asarray(values, dtype=np.float32)
        if self.processor == DEC:
            return (4 * values).astype("<f4").view("<u2").reshape(-1, 2)[:, ::-1].astype("<u2").tobytes()
        return values.astype(">f4" if self.processor == MIPS else "<f4").tobytes()

    def _data(self) -> bytes:
        frames = len(self.points)
        lost = ~np.isfinite(self.points).all(axis=2)
        residuals = np.where(lost, -1.0, 0.0) if self.residuals is None else self.residuals
        points = np.where(lost[..., None], 0.0, self.points)
        raw = np.zeros((0, frames * self.samples))
        if len(self.analog):
            raw = self.analog / self.analog_scale + self.analog_offset
        per_frame = raw.reshape(len(raw), frames, self.samples).transpose(1, 2, 0).reshape(frames, -1)
        if self.real:
            four = np.concatenate([points, residuals[..., None]], axis=2).reshape(frames, -1)
            return self._floats(np.concatenate([four, per_frame], axis=1).reshape(-1))
        four = np.concatenate([np.round(points / self.scale), np.where(residuals < 0, -1, 0)[..., None]], axis=2)
        return self._ints(
            np.round(np.concatenate([four.reshape(frames, -1), per_frame], axis=1)).astype(np.int64).reshape(-1)
        )


def plates(
    kinds: list[int],
    corners: np.ndarray,
    origins: np.ndarray,
    channels: np.ndarray,
    calibration: np.ndarray | None = None,
) -> dict[str, Param]:
    """The group FORCE_PLATFORM: `corners (p, 4, 3)`, `origins (p, 3)`, `channels (p, c)` from 1, `calibration (p, 6, 6)`."""
    count = len(kinds)
    out = {
        "USED": integers(count),
        "TYPE": integers(kinds),
        "ZERO": integers([0, 0]),
        "CORNERS": reals(corners, (3, 4, count)),
        "ORIGIN": reals(origins, (3, count)),
        "CHANNEL": integers(channels, (channels.shape[1], count)),
    }
    if calibration is not None:
        out["CAL_MATRIX"] = reals(calibration.transpose(0, 2, 1), (6, 6, count))
    return out
