"""What a server makes before it forks, so that its children need not: each finds it in its memory, and takes it.

Objects of a solver library, as the state of a model, are changed by who computes with them. So what was made ahead
serves one call in a process: a result cannot depend on what ran before it, in a child of a server or without one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from stat import S_ISDIR
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Ahead(Generic[P, T]):
    """A function of files, and of other values that can be keys, whose answer can be made ahead of its call."""

    def __init__(self, make: Callable[P, T]) -> None:
        self._make = make
        self._made: dict[Any, T] = {}
        update_wrapper(self, make)

    def ahead(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Make the answer of the next call with these arguments. Raises what the call would raise."""
        made = self._make(*args, **kwargs)
        self._made[_key(args, kwargs)] = made

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """The answer: what was made ahead if files are still the same, once; otherwise a new one."""
        key = _key(args, kwargs)
        return self._made.pop(key) if key in self._made else self._make(*args, **kwargs)


def _key(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    named = tuple((name, _stamped(value)) for name, value in sorted(kwargs.items()))
    return tuple(map(_stamped, args)), named


def _stamped(value: Any) -> Any:
    return stamp(value) if isinstance(value, str | Path) else value


def stamp(path: str | Path) -> tuple[str, tuple[int, int] | None]:
    """A path with size and time of its file, which change with its content; None of a folder, or where nothing is."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return str(path), None
    return str(Path(path).resolve()), None if S_ISDIR(found.st_mode) else (found.st_size, found.st_mtime_ns)
