"""What a file looks like at its beginning: enough to tell its format, whatever its name is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mint.core.status import Reason, StageError
from mint.core.untrusted import open_regular, told
from mint.formats.npz import NpzFile

_BYTES = 4096
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Glimpse:
    """The first bytes of a file, and its archive if it is an `.npz`, open for headers and small fields."""

    path: Path
    head: bytes
    npz: NpzFile | None = None

    @cached_property
    def lines(self) -> list[str]:
        """The first lines as text in small letters; none of a file that is not text."""
        if self.head[:2] in _UTF16:
            text = self.head[: len(self.head) // 2 * 2].decode("utf-16", errors="replace")
        elif b"\0" in self.head:
            return []
        else:
            text = self.head.decode("utf-8-sig", errors="replace")
        return text.lower().splitlines()

    @property
    def fields(self) -> set[str]:
        """Names of the arrays of an `.npz`; none of another file."""
        return self.npz.fields if self.npz is not None else set()

    def shape(self, field: str) -> tuple[int, ...]:
        """Shape of an array of an `.npz`; () if it is not there or cannot be read."""
        if self.npz is None or field not in self.fields:
            return ()
        try:
            return self.npz.header(field).shape
        except StageError:
            return ()


@contextmanager
def glimpse(path: str | Path) -> Iterator[Glimpse]:
    """Look at a file. Raises StageError for one that cannot be opened, and for a damaged archive."""
    path = Path(path)
    with open_regular(path) as file:
        try:
            head = file.read(_BYTES)
        except OSError as error:
            raise StageError(Reason.FILE_UNREADABLE, f"{path} cannot be read: {told(error)}") from error
    if not head.startswith(_ARCHIVES):
        yield Glimpse(path, head)
        return
    with NpzFile(path) as npz:
        yield Glimpse(path, head, npz)
