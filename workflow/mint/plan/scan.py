"""How long is a sequence? Read from the headers alone, cached by path, size and modification time."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from mint.config.validate import ValidateConfig
from mint.core.atomic import write_text
from mint.core.status import StageError
from mint.formats.header import motion_header
from mint.formats.limits import MotionHeader, check_length, check_rate
from mint.formats.markers import in_view
from mint.formats.registry import FORMATS, MarkerFormat, format_of
from mint.formats.trials import Given

# Raise when a header is read otherwise: what the former version found is then read again.
_READER = 2


class HeaderCache:
    """Remembers headers across runs, so that planning eleven thousand files reads only the new ones.

    A file on disk that is no cache, or not of this version, is an empty one. `config` holds the limits of validation.
    """

    def __init__(self, path: str | Path, config: ValidateConfig | None = None) -> None:
        self.path = Path(path)
        self.config = config or ValidateConfig()
        self.changed = False
        try:
            entries = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            entries = {}
        self.entries: dict[str, Any] = entries if isinstance(entries, dict) else {}

    def header(self, path: str | Path, source: str, frame_rate_override: float | None = None) -> MotionHeader:
        """Header of a file. Raises StageError with the words of validation; a problem is never remembered."""
        stamp = self._stamp(path, source, frame_rate_override)
        known = self._known(str(path), stamp)
        if known is not None:
            return known
        header = motion_header(path, source, self.config, frame_rate_override)
        if stamp is not None:
            self.entries[str(path)] = {
                **self._told(str(path), stamp),
                "stamp": stamp,
                "frames": header.frames,
                "rate_hz": header.rate_hz,
                "stated_hz": header.stated_hz,
                "elapsed_s": header.elapsed_s,
                "warnings": list(header.warnings),
            }
            self.changed = True
        return header

    def in_view(self, path: str | Path, source: str, given: Given, share: float) -> tuple[int, int] | None:
        """First and last frame of a marker file in which a `share` of the markers of its person is seen, as
        `mint.formats.markers.in_view`; None of other files, and where that cannot be told.

        A file that cannot be read is a matter of validation. What was read is remembered.
        """
        form = FORMATS[source]
        if not isinstance(form, MarkerFormat):
            return None
        stamp = self._stamp(path, source, given.frame_rate_hz)
        asked = [stamp, given.subject, share]
        entry = self.entries.get(str(path))
        told = entry.get("in_view") if isinstance(entry, dict) else None
        if stamp is not None and isinstance(told, dict) and told.get("asked") == asked:
            ends = told.get("ends")
            if isinstance(ends, list) and len(ends) == 2 and all(type(end) is int for end in ends):
                return int(ends[0]), int(ends[1])
        try:
            found = in_view(form.read(Path(path), self.config, given).table.positions, share)
        except StageError:
            return None
        if stamp is not None and isinstance(entry, dict):
            entry["in_view"] = {"asked": asked, "ends": list(found)}
            self.changed = True
        return found

    def format_of(self, path: str | Path) -> str:
        """Name of the format that a file has by its content. Raises StageError; a problem is never remembered."""
        stamp = self._stamp(path, None, None)
        known = self._told(str(path), stamp).get("format")
        if known in FORMATS:
            return str(known)
        name = format_of(path).name
        if stamp is not None:
            self.entries[str(path)] = {"stamp": stamp, "format": name}
            self.changed = True
        return name

    def save(self) -> None:
        """Write the cache if anything is new."""
        if self.changed:
            write_text(self.path, json.dumps(self.entries))

    def _told(self, path: str, stamp: list[Any] | None) -> dict[str, Any]:
        """The format of a file as it was told of the very same content; nothing if it was not."""
        entry = self.entries.get(path)
        if stamp is None or not isinstance(entry, dict) or not isinstance(entry.get("stamp"), list):
            return {}
        return {"format": entry["format"]} if entry["stamp"][:3] == stamp[:3] and "format" in entry else {}

    def _stamp(self, path: str | Path, source: str | None, override: float | None) -> list[Any] | None:
        """What a header depends on; None for a file that cannot be asked."""
        try:
            stat = Path(path).stat()
        except (OSError, ValueError):
            return None
        limits = self.config
        return [
            _READER,
            stat.st_size,
            stat.st_mtime_ns,
            source,
            override,
            limits.min_frame_rate_hz,
            limits.max_frame_rate_hz,
            limits.max_duration_s,
        ]

    def _known(self, path: str, stamp: list[Any] | None) -> MotionHeader | None:
        entry = self.entries.get(path)
        if stamp is None or not isinstance(entry, dict) or entry.get("stamp") != stamp:
            return None
        frames, rate, stated, elapsed, warnings = (
            entry.get(key) for key in ("frames", "rate_hz", "stated_hz", "elapsed_s", "warnings")
        )
        if (
            type(frames) is not int
            or not _number(rate)
            or not all(each is None or _number(each) for each in (stated, elapsed))
        ):
            return None
        if not isinstance(warnings, list) or not all(isinstance(each, str) for each in warnings):
            return None
        assert rate is not None
        try:
            check_rate(path, "of the cache", rate, self.config)
            check_length(path, frames, rate, self.config)
        except (StageError, OverflowError):
            return None
        return MotionHeader(frames, float(rate), stated, elapsed, tuple(warnings))


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
