"""What a row of the tables says: how the file is made, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mint.core.status import Reason


@dataclass(frozen=True)
class Right:
    """The motion comes out as it was; warnings and facts that are told hold these words, and there are no others."""

    warned: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """The reason, and words of its one message: file, field, what was found and expected, remedy."""

    reason: Reason
    words: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A kind of file: `make` writes it into a folder from a good one. `issue`: where people met it, if it is public."""

    kind: str
    make: Callable[[Path], Path]
    expected: Right | Refused
    issue: str = ""
