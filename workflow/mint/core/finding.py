"""What a check found, in fields: failures of thousands of chunks are counted by them, where words are for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """The constraint that does not hold, what it is about, and where; empty and None where that says nothing.

    `part` is a marker or a contact sphere; `node` counts the chunk's nodes at 50/s from 0.
    """

    constraint: str = ""
    coordinate: str = ""
    muscle: str = ""
    part: str = ""
    node: int | None = None

    def __bool__(self) -> bool:
        return self != NO_FINDING

    def to_json(self) -> dict[str, Any]:
        """Plain values, those that say something."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        """The inverse of `to_json`. Raises TypeError or ValueError for what no stage writes."""
        found = cls(**data)
        if not all(isinstance(text, str) for text in (found.constraint, found.coordinate, found.muscle, found.part)):
            raise ValueError(f"a name of a finding is no text: {dict(data)!r}")
        if found.node is not None and not (type(found.node) is int and 0 <= found.node < 2**31):
            raise ValueError(f"node {found.node!r}")
        return found


NO_FINDING = Finding()
