"""Floors: what is reached without a network. A network that does not beat them has learned nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mint.learning.benchmark.examples import WINDOW, Examples, Integers

Array = NDArray[Any]

_BATCH = 512
# Ridge sees so many samples before and after, every second one: the window, from where the sample stands in it.
_CONTEXT = np.arange(-6, 7, 2)
_PENALTIES = 10.0 ** np.arange(0, 7)
# Windows are compared by so many principal components; so many of training are kept.
_COMPONENTS, _MOST_WINDOWS = 64, 20_000


class Floor(Protocol):
    """What is known after looking at training (and validation, for a choice)."""

    def predict(self, starts: Integers, labels: list[tuple[str, ...]]) -> Array:
        """Activations (B, 28, C) of windows at rows `starts` whose actions are `labels`."""


def batches(starts: Integers, size: int = _BATCH) -> Iterator[slice]:
    """Slices of the windows, a batch after the other."""
    return (slice(first, first + size) for first in range(0, len(starts), size))


class Mean:
    """Each muscle at its mean activation in training."""

    def __init__(self, examples: Examples) -> None:
        self.mean = examples.mean

    def predict(self, starts: Integers, labels: list[tuple[str, ...]]) -> Array:
        return np.broadcast_to(self.mean, (len(starts), WINDOW, len(self.mean)))


class Activity:
    """Each muscle on the mean curve of the window's first action in training; the mean curve of all where it is new."""

    def __init__(self, examples: Examples) -> None:
        starts = examples.starts["train"]
        first = [actions[0] if actions else "" for actions in examples.labels["train"]]
        self.all = _mean_curve(examples, starts)
        self.curves = {action: _mean_curve(examples, starts[[each == action for each in first]])
                       for action in sorted(set(first))}

    def predict(self, starts: Integers, labels: list[tuple[str, ...]]) -> Array:
        return np.stack([self.curves.get(actions[0] if actions else "", self.all) for actions in labels])


class Ridge:
    """Each sample as a linear function of the samples around it in the window; the penalty by validation."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples
        gram, cross = self._moments(examples.starts["train"])
        values, vectors = np.linalg.eigh(gram)
        turned = vectors.T @ cross
        best = np.inf
        for penalty in _PENALTIES:
            weights = vectors @ (turned / (np.maximum(values, 0.0) + penalty)[:, None])
            error = self._error(weights)
            if error < best:
                best, self.penalty, self.weights = error, float(penalty), weights

    def predict(self, starts: Integers, labels: list[tuple[str, ...]]) -> Array:
        return self._of(starts, self.weights)

    def _moments(self, starts: Integers) -> tuple[Array, Array]:
        """Second moments of inputs, and of inputs with activations."""
        gram: Any = 0.0
        cross: Any = 0.0
        for some in batches(starts):
            inputs, target = self._inputs(starts[some]), self.examples.windows(starts[some])[1].numpy()
            flat = inputs.reshape(-1, inputs.shape[-1])
            gram = gram + (flat.T @ flat).astype(np.float64)
            cross = cross + (flat.T @ np.nan_to_num(target.reshape(len(flat), -1))).astype(np.float64)
        return gram, cross

    def _inputs(self, starts: Integers) -> Array:
        windows = self.examples.windows(starts)[0].numpy()
        around = np.clip(np.arange(WINDOW)[:, None] + _CONTEXT, 0, WINDOW - 1)
        flat = windows[:, around].reshape(len(windows), WINDOW, -1)
        return np.concatenate([flat, np.ones((*flat.shape[:2], 1), flat.dtype)], axis=-1)

    def _of(self, starts: Integers, weights: Array) -> Array:
        out = [np.clip(self._inputs(starts[some]) @ weights.astype(np.float32), 0.0, 1.0) for some in batches(starts)]
        return np.concatenate(out)

    def _error(self, weights: Array) -> float:
        starts = self.examples.starts["val"]
        target = self.examples.windows(starts)[1].numpy()
        return float(np.nanmean((self._of(starts, weights) - target) ** 2))


class Nearest:
    """The activations of the training window whose motion is nearest, by principal components of whole windows."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples
        starts = examples.starts["train"]
        if len(starts) > _MOST_WINDOWS:
            starts = starts[np.linspace(0, len(starts) - 1, _MOST_WINDOWS).astype(int)]
        self.starts = starts
        self.projection = Projection(self._flat(starts))
        self.known = self.projection(self._flat(starts))

    def predict(self, starts: Integers, labels: list[tuple[str, ...]]) -> Array:
        out = []
        for some in batches(starts):
            nearest = distances(self.projection(self._flat(starts[some])), self.known).argmin(axis=1)
            out.append(self.examples.windows(self.starts[nearest])[1].numpy())
        return np.concatenate(out)

    def _flat(self, starts: Integers) -> Array:
        return self.examples.windows(starts)[0].numpy().reshape(len(starts), -1)


class Projection:
    """Principal components of rows `(n, D)`: a few numbers per row that keep distances as well as they can."""

    def __init__(self, rows: Array, components: int = _COMPONENTS) -> None:
        # Every so manieth row is enough to find the directions of thousands.
        some = rows[:: max(1, len(rows) // 2000)].astype(np.float64)
        self.mean = some.mean(axis=0)
        _, _, directions = np.linalg.svd(some - self.mean, full_matrices=False)
        self.directions = directions[:components]

    @classmethod
    def restored(cls, mean: Array, directions: Array) -> Projection:
        """One whose mean (D,) and directions (components, D) are known."""
        made = cls.__new__(cls)
        made.mean, made.directions = mean, directions
        return made

    def __call__(self, rows: Array) -> Array:
        """Rows `(n, D)` as `(n, components)`."""
        return np.asarray((rows - self.mean) @ self.directions.T)


def distances(first: Array, second: Array) -> Array:
    """Euclidean distances (n, m) of rows `(n, k)` and `(m, k)`."""
    square = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2 * first @ second.T
    return np.sqrt(np.maximum(square, 0.0))


def _mean_curve(examples: Examples, starts: Integers) -> Array:
    total, count = np.zeros((WINDOW, len(examples.muscles))), 0
    for some in batches(starts):
        total += np.nan_to_num(examples.windows(starts[some])[1].numpy()).sum(axis=0, dtype=np.float64)
        count += len(starts[some])
    return (total / max(count, 1)).astype(np.float32)


# Name -> (class, feature set).
FLOORS: dict[str, tuple[type[Any], str]] = {
    "mean": (Mean, "humanml3d"), "activity": (Activity, "humanml3d"), "ridge": (Ridge, "humanml3d"),
    "ridge-gravity": (Ridge, "gravity"), "nearest": (Nearest, "humanml3d"), "nearest-gravity": (Nearest, "gravity")}
