"""What every way of refining does: learn from cycles, refine others, be kept in a file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mint.config.refine import Preset, RefineConfig
from mint.learning.refine.cycles import Cycles, Floats

Array = NDArray[Any]


@dataclass
class History:
    """What is seen while a network learns: mean squared error of each epoch, `{name: (epochs, C)}`."""

    loss: dict[str, Floats] = field(default_factory=dict)


class Method(ABC):
    """A way of refining. `fit` sees the cycles of some people; `refined` gives the activity (N, S, C), not negative, of
    others; `state` is all that it has learned, as named arrays, with which `restored` makes it again."""

    name: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str]

    def __init__(self, config: RefineConfig) -> None:
        self.config = config

    @property
    def preset(self) -> Preset:
        """How networks are trained."""
        return self.config.preset

    @abstractmethod
    def fit(self, train: Cycles, seed: int, watched: Cycles | None = None) -> History:
        """Learn. The error on `watched` cycles is recorded and changes nothing."""

    @abstractmethod
    def refined(self, cycles: Cycles) -> Floats:
        """Refined activity (N, S, C)."""

    @abstractmethod
    def state(self) -> dict[str, Array]:
        """All that was learned."""

    @abstractmethod
    def restore(self, state: Mapping[str, Array]) -> None:
        """Be as the method whose `state` this is."""

    def parameters(self) -> int:
        """How many numbers were learned."""
        return int(sum(np.asarray(value).size for value in self.state().values()))


def left_out_in_turn(people: Sequence[str], most: int = 10) -> list[list[str]]:
    """Groups of people who are left out one after the other to choose what a method cannot learn: one person each, of
    many people at most so many groups. None where nobody would be left."""
    if len(people) < 2:
        return []
    groups = min(len(people), most)
    return [list(people[i::groups]) for i in range(groups)]


def known(measured: Floats) -> NDArray[np.bool_]:
    """Which channels of which cycles were measured, (N, C)."""
    return np.asarray(np.isfinite(measured).all(axis=1))


def by_person(train: Cycles) -> Floats:
    """Weights (N, C), zero where a channel was not measured, that give each person with a channel the same total; of
    each channel they sum to 1."""
    present = known(train.measured)
    out = np.zeros(present.shape)
    for channel in range(present.shape[1]):
        rows = train.rows(present[:, channel])
        if len(rows):
            out[present[:, channel], channel] = rows.weights() / len(rows)
    return out


def mean_curve(values: Floats, weights: Floats) -> Floats:
    """Weighted mean (S, C) of cycles (N, S, C) by `by_person`; zero for a channel that nobody has."""
    return np.asarray(np.einsum("nc,nsc->sc", weights, np.nan_to_num(values)))
