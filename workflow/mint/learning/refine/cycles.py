"""Gait cycles: simulated activations and measured envelopes at the same phases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mint.core.bundle import Bundle
from mint.core.status import StageError

STAGE = "refine_cycles"
Floats = NDArray[np.float64]
_ARRAYS = ("simulated", "own", "measured", "duration_s")
_NAMES = ("muscles", "channels", "persons", "trials")


@dataclass(frozen=True)
class Cycles:
    """N cycles of S samples, from a strike (0) to the next of the same foot (1, last sample).

    `simulated (N, S, M)` activations of `muscles` (sides swapped for a cycle of the left foot, so that `_r` is the side
    of the foot), `own (N, S, C)` those of the strands under each of the `channels`, `measured (N, S, C)` envelopes, NaN
    where nothing good was measured, `duration_s (N,)`, `persons` and `trials` (N).
    """

    simulated: Floats
    own: Floats
    measured: Floats
    duration_s: Floats
    persons: tuple[str, ...]
    trials: tuple[str, ...]
    muscles: tuple[str, ...]
    channels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.duration_s)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody, by name."""
        return tuple(sorted(set(self.persons)))

    @property
    def phase(self) -> Floats:
        """Phases (S,) of the samples, 0 to 1."""
        return np.linspace(0.0, 1.0, self.own.shape[1])

    def rows(self, wanted: Sequence[bool] | NDArray[Any]) -> Cycles:
        """The cycles where `wanted (N,)` is true."""
        chosen = np.flatnonzero(np.asarray(wanted, dtype=bool))
        return replace(
            self,
            **{name: getattr(self, name)[chosen] for name in _ARRAYS},
            persons=tuple(self.persons[i] for i in chosen),
            trials=tuple(self.trials[i] for i in chosen),
        )

    def of(self, people: Sequence[str]) -> Cycles:
        """The cycles of some people."""
        return self.rows([person in people for person in self.persons])

    def without(self, person: str) -> Cycles:
        """The cycles of everybody else."""
        return self.rows([each != person for each in self.persons])

    def common(self, least_people: int) -> Cycles:
        """Channels that so many people have, and the cycles that have one of them."""
        there: NDArray[Any] = np.asarray(np.isfinite(self.measured).all(axis=1))
        kept = [
            c
            for c in range(len(self.channels))
            if len({self.persons[i] for i in np.flatnonzero(there[:, c])}) >= least_people
        ]
        some = replace(
            self,
            own=self.own[..., kept],
            measured=self.measured[..., kept],
            channels=tuple(self.channels[c] for c in kept),
        )
        return some.rows(np.asarray(there[:, kept].any(axis=1)))

    def weights(self) -> Floats:
        """Weight (N,) that gives every person the same total, their mean being 1: trials of a person are no new
        people."""
        counts = {person: self.persons.count(person) for person in self.people}
        return np.array([len(self) / (len(counts) * counts[person]) for person in self.persons])

    def pace(self) -> Floats:
        """Logarithm (N,) of the shortest cycle of the same person over this one, not positive. Envelopes are relative
        to the person's largest value, so that it is the person's range of effort that counts."""
        shortest = {person: float("inf") for person in self.people}
        for person, duration in zip(self.persons, self.duration_s, strict=True):
            shortest[person] = min(shortest[person], float(duration))
        return np.log(np.array([shortest[person] for person in self.persons]) / self.duration_s)

    def bundle(self, meta: dict[str, Any] | None = None) -> Bundle:
        """All of it as the bundle of stage refine_cycles."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        return Bundle.of(STAGE, arrays | {name: np.array(getattr(self, name), dtype=str) for name in _NAMES}, meta)

    @classmethod
    def from_bundle(cls, bundle: Bundle) -> Cycles:
        """Cycles of an ok bundle."""
        simulated, own, measured, duration_s = (np.asarray(bundle[name], dtype=float) for name in _ARRAYS)
        muscles, channels, persons, trials = (tuple(bundle.names(name)) for name in _NAMES)
        return cls(simulated, own, measured, duration_s, persons, trials, muscles, channels)

    @classmethod
    def read(cls, path: str | Path) -> Cycles:
        """Cycles of a file. Raises `StageError` for one that is damaged or says that there are none."""
        bundle = Bundle.read(path)
        if not bundle.ok:
            raise StageError(bundle.status.reason, bundle.status.detail, remedy=bundle.status.remedy)
        return cls.from_bundle(bundle)


def shifted(values: Floats, phase: Floats | float) -> Floats:
    """Values `(N, S, ...)` of cycles a share of a cycle later: value at p - `phase` (N,) or a number.

    Linear between samples; what comes before a cycle is its own end, for steps repeat.
    """
    n, samples = values.shape[:2]
    at = np.linspace(0.0, 1.0, samples)[None] - np.broadcast_to(np.asarray(phase, dtype=float), (n,))[:, None]
    return sampled(values, at)


def sampled(values: Floats, at: Floats) -> Floats:
    """Values `(N, S, ...)` of cycles at phases `at (N, T)` of any size, linear between samples, cycles repeated.

    First and last sample are the same phase of two strides: a phase of 1 is the last one, beyond it the first follow.
    """
    samples = values.shape[1]
    place = np.where((at >= 0) & (at <= 1), at, at % 1.0) * (samples - 1)
    low = np.clip(np.floor(place).astype(int), 0, samples - 2)
    part = (place - low).reshape(*place.shape, *([1] * (values.ndim - 2)))
    rows = np.arange(len(values))[:, None]
    return np.asarray((1 - part) * values[rows, low] + part * values[rows, low + 1])
