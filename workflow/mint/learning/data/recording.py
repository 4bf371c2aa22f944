"""One recording of a dataset, and what every source of recordings can be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mint.core.status import Reason, StageError
from mint.core.tables import table

Floats = NDArray[np.float32]
Times = NDArray[np.float64]

# No motion of AMASS is nearly as long [s]; the grid of a file that claims more would fill the memory.
_LONGEST_S = 7200.0
# Splines overshoot [0, 1] a little; percentages and newtons lie far outside.
_LEAST, _MOST = -1.0, 2.0


@dataclass(frozen=True)
class Recording:
    """A sequence that has activations.

    `name` is its id, safe as a part of a path, `person` is unique over datasets ("dataset/subject"); mass and height
    are NaN where they are not told. `split` is train, val or test, "" where the dataset tells none; `activities` are
    groups of resources/activity_groups.csv, `actions` categories of BABEL, of all labels of the sequence.
    """

    name: str
    data_path: str
    dataset: str
    person: str
    gender: str
    mass_kg: float
    height_m: float
    split: str
    activities: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """What is done in an interval [`start_s`, `stop_s`) of a recording: categories of BABEL and their groups."""

    start_s: float
    stop_s: float
    actions: tuple[str, ...]
    groups: tuple[str, ...]


class Source(Protocol):
    """A dataset to learn from."""

    @property
    def muscles(self) -> tuple[str, ...]:
        """Names of the 402 muscles in the order of the columns."""

    def recordings(self) -> list[Recording]:
        """All sequences that have activations, in the order of their data paths."""

    def activations(self, name: str) -> tuple[Times, Floats]:
        """Times (m,) s, increasing, gaps are missing rows, and activations (m, 402) of a recording; a muscle that the
        model lacks is NaN. Raises StageError for a file that is missing, damaged or no activation."""

    def labels(self, name: str) -> tuple[Label, ...]:
        """Intervals with labels of a recording, in order of time; none where the dataset has no labels."""


def checked(where: str, times_s: Times, values: Floats) -> tuple[Times, Floats]:
    """Times (m,) s and activations (m, 402) of a file as they are.

    Raises StageError naming file and row for times that do not increase from 0 on, and for what is no activation.
    """
    remedy = "copy the file again and compare it with its source"
    bad = ~(np.isfinite(times_s) & (times_s >= 0) & (times_s <= _LONGEST_S))
    bad[1:] |= ~(np.diff(times_s) > 0)
    if bad.any():
        row = int(bad.argmax())
        raise StageError(
            Reason.FIELD_VALUE,
            f"{where}, time, row {row}: {times_s[row]} s; times increase and lie within 0 and {_LONGEST_S:g} s",
            remedy=remedy,
        )
    with np.errstate(invalid="ignore"):
        odd = (values < _LEAST) | (values > _MOST)
    if odd.any():
        row, column = (int(found[0]) for found in np.nonzero(odd))
        raise StageError(
            Reason.FIELD_VALUE,
            f"{where}, column {column}, row {row}: {values[row, column]}; activations lie in [0, 1]",
            remedy=remedy,
        )
    return times_s, values


@cache
def _groups() -> dict[str, str]:
    rows = table("activity_groups")
    return {_spelled(str(action)): str(group) for action, group in zip(rows["act_cat"], rows["group"], strict=True)}


def _spelled(action: str) -> str:
    return re.sub(r"\s*/\s*", "/", " ".join(action.casefold().split()))


def groups_of(actions: Iterable[str]) -> tuple[str, ...]:
    """Sorted groups (resources/activity_groups.csv) of categories of BABEL; of one that is in no group: other."""
    return tuple(sorted({_groups().get(_spelled(action), "other") for action in actions}))
