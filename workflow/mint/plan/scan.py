"""How long is a sequence? Read from the headers alone, cached by path, size and modification time."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from mint.core.atomic import write_text
from mint.core.motionfiles import trc_header

FRAME_RATE_KEYS = ("mocap_framerate", "mocap_frame_rate")


@dataclass(frozen=True)
class Header:
    """Native frames and rate of a motion file; `problem` is empty or says why they are unknown."""

    frames: int
    rate_hz: float
    problem: str = ""


def read_header(path: str | Path, source: str) -> Header:
    """Frames and rate without reading the poses. Never raises: a problem becomes text.

    The validate stage repeats the reading in full and gives the person the exact message; here it only
    decides how many chunks there are.
    """
    try:
        return _amass_header(path) if source == "amass" else _trc_header(path)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        return Header(0, 0.0, f"{type(error).__name__}: {error}")


def _amass_header(path: str | Path) -> Header:
    with zipfile.ZipFile(path) as archive:
        members = set(archive.namelist())
        with archive.open("poses.npy") as handle:
            shape = _npy_shape(handle)
        key = next((name for name in FRAME_RATE_KEYS if f"{name}.npy" in members), None)
        if key is None:
            return Header(int(shape[0]), 0.0, "no frame rate")
        with archive.open(f"{key}.npy") as handle:
            rate = float(np.lib.format.read_array(handle, allow_pickle=False))
    return Header(int(shape[0]), rate)


def _npy_shape(handle: IO[bytes]) -> tuple[int, ...]:
    version = np.lib.format.read_magic(handle)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return tuple(read(handle)[0])


def _trc_header(path: str | Path) -> Header:
    with Path(path).open(encoding="utf-8", errors="replace") as handle:
        lines = [next(handle) for _ in range(3)]
    header = trc_header(lines)
    return Header(int(header["NumFrames"]), float(header["DataRate"]))


class HeaderCache:
    """Remembers headers across runs, so that planning eleven thousand files reads only the new ones."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.changed = False
        try:
            self.entries: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.entries = {}

    def header(self, path: str | Path, source: str) -> Header:
        """Header of a file that exists; raises FileNotFoundError otherwise."""
        stat = Path(path).stat()
        stamp = [stat.st_size, stat.st_mtime_ns, source]
        entry = self.entries.get(str(path))
        # A problem is never remembered: the next version may read the file.
        if entry and entry["stamp"] == stamp and not entry["header"]["problem"]:
            return Header(**entry["header"])
        header = read_header(path, source)
        self.entries[str(path)] = {"stamp": stamp, "header": asdict(header)}
        self.changed = True
        return header

    def save(self) -> None:
        """Write the cache if anything is new."""
        if self.changed:
            write_text(self.path, json.dumps(self.entries))
