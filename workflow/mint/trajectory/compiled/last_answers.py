"""Answers at the last point: cost, constraints and derivatives ask for the same point one after the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

Array = np.ndarray[Any, Any]
Answer = TypeVar("Answer", Array, tuple[Array, ...])


class LastAnswers:
    """One answer per function name, read-only, kept until the function is asked for another point."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[bytes, ...], Any]] = {}

    def get(self, name: str, point: tuple[Array, ...], compute: Callable[[], Answer]) -> Answer:
        """The answer of `compute` at `point`, computed only if the point is new to `name`."""
        key = tuple(part.tobytes() for part in point)
        if name not in self._known or self._known[name][0] != key:
            answer = compute()
            for part in answer if isinstance(answer, tuple) else (answer,):
                part.flags.writeable = False
            self._known[name] = key, answer
        found: Answer = self._known[name][1]
        return found
