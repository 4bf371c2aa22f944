"""Floors: what is reached without a network. A network that does not beat them has learned nothing."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mint.learning.benchmark.examples import Examples, Integers, batches
from mint.learning.data.windows import LENGTH

Array = NDArray[Any]

# Ridge sees so many samples before and after, every second one: the window, from where the sample stands in it.
_CONTEXT = np.arange(-6, 7, 2)
_PENALTIES = 10.0 ** np.arange(0, 9)
# Windows are compared by so many principal components; so many of training are kept.
_COMPONENTS, _MOST_WINDOWS = 64, 20_000


class Floor(Protocol):
    """What is known after looking at training (and validation, for a choice)."""

    def predict(self, split: str, which: Integers) -> Array:
        """Activations (B, 28, C) of windows `which (B,)` of a split."""


class Mean:
    """Each muscle at its mean activation in training."""

    def __init__(self, examples: Examples) -> None:
        self.mean = examples.mean

    def predict(self, split: str, which: Integers) -> Array:
        """See `Floor.predict`."""
        return np.tile(self.mean, (len(which), LENGTH, 1))


class Activity:
    """Each muscle on the mean curve of the window's first action in training; the mean curve of all where it is new."""

    def __init__(self, examples: Examples) -> None:
        self.labels = examples.labels
        first = np.array([_first(actions) for actions in examples.labels["train"]])
        every = examples.every("train")
        self.all = _mean_curve(examples, every)
        self.curves = {action: _mean_curve(examples, every[first == action]) for action in sorted(set(first))}

    def predict(self, split: str, which: Integers) -> Array:
        """See `Floor.predict`."""
        return np.stack([self.curves.get(_first(self.labels[split][i]), self.all) for i in which])


class Ridge:
    """Each sample as a linear function of the samples around it in the window; the penalty by validation.

    The mean over training takes no part in the penalty. A muscle that is missing in a window counts as at its mean.
    """

    def __init__(self, examples: Examples) -> None:
        self.examples = examples
        self._centre: Array = np.zeros(0)
        self._mean: Array = examples.mean
        gram, cross = self._moments()
        values, vectors = np.linalg.eigh(gram)
        turned = vectors.T @ cross
        best = np.inf
        for penalty in _PENALTIES:
            weights = vectors @ (turned / (np.maximum(values, 0.0) + penalty)[:, None])
            error = self._error(weights)
            if error < best:
                best, self.penalty, self.weights = error, float(penalty), weights

    def predict(self, split: str, which: Integers) -> Array:
        """See `Floor.predict`."""
        return self._of(split, which, self.weights)

    def _moments(self) -> tuple[Array, Array]:
        """Second moments, about the means, of inputs, and of inputs with activations, over training."""
        count = 0
        total: Any = 0.0
        over: Any = 0.0
        gram: Any = 0.0
        cross: Any = 0.0
        for some in batches(self.examples.every("train")):
            inputs, target = self._inputs("train", some)
            flat = inputs.reshape(-1, inputs.shape[-1]).astype(np.float64)
            rest = np.nan_to_num(target.reshape(len(flat), -1) - self.examples.mean).astype(np.float64)
            count, total = count + len(flat), total + flat.sum(axis=0)
            gram, cross, over = gram + flat.T @ flat, cross + flat.T @ rest, over + rest.sum(axis=0)
        # Windows overlap, so that their mean is not quite that of the rows.
        self._centre, self._mean = np.asarray(total / count), self.examples.mean + over / count
        return (
            np.asarray(gram - count * np.outer(self._centre, self._centre)),
            np.asarray(cross - np.outer(self._centre, over)),
        )

    def _inputs(self, split: str, which: Integers) -> tuple[Array, Array]:
        """The samples around each (B, 28, k D); activations (B, 28, C)."""
        windows, target = self.examples.windows[split].gather(which)
        around = np.clip(np.arange(LENGTH)[:, None] + _CONTEXT, 0, LENGTH - 1)
        return windows[:, around].reshape(len(windows), LENGTH, -1), target

    def _of(self, split: str, which: Integers, weights: Array) -> Array:
        rest = self._mean - self._centre @ weights
        return np.concatenate(
            [np.clip(self._inputs(split, some)[0] @ weights + rest, 0.0, 1.0) for some in batches(which)]
        ).astype(np.float32)

    def _error(self, weights: Array) -> float:
        every = self.examples.every("val")
        target = self.examples.windows["val"].gather(every)[1]
        return float(np.nanmean((self._of("val", every, weights) - target) ** 2))


class Nearest:
    """The activations of the training window whose motion is nearest, by principal components of whole windows."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples
        self.known = examples.some("train", _MOST_WINDOWS)
        rows = self._flat("train", self.known)
        self.projection = Projection(rows)
        self.places = self.projection(rows)

    def predict(self, split: str, which: Integers) -> Array:
        """See `Floor.predict`."""
        out = []
        for some in batches(which):
            nearest = distances(self.projection(self._flat(split, some)), self.places).argmin(axis=1)
            found = self.examples.windows["train"].gather(self.known[nearest])[1]
            out.append(np.where(np.isfinite(found), found, self.examples.mean))
        return np.concatenate(out)

    def _flat(self, split: str, which: Integers) -> Array:
        return self.examples.windows[split].gather(which)[0].reshape(len(which), -1)


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

    def unseen(self, rows: Array, places: Array) -> Array:
        """Length (n,) of what the components `places (n, components)` of rows `(n, D)` leave out."""
        square = ((rows - self.mean) ** 2).sum(axis=1) - (places**2).sum(axis=1)
        return np.sqrt(np.maximum(square, 0.0))


def distances(first: Array, second: Array) -> Array:
    """Euclidean distances (n, m) of rows `(n, k)` and `(m, k)`."""
    square = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2 * first @ second.T
    return np.sqrt(np.maximum(square, 0.0))


def _first(actions: tuple[str, ...]) -> str:
    return actions[0] if actions else ""


def _mean_curve(examples: Examples, which: Integers) -> Array:
    total, count = np.zeros((LENGTH, len(examples.muscles))), np.zeros((LENGTH, len(examples.muscles)))
    for some in batches(which):
        values = examples.windows["train"].gather(some)[1]
        total += np.nan_to_num(values).sum(axis=0, dtype=np.float64)
        count += np.isfinite(values).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), examples.mean).astype(np.float32)


# Name -> (class, feature set).
FLOORS: dict[str, tuple[type[Any], str]] = {
    "mean": (Mean, "humanml3d"),
    "activity": (Activity, "humanml3d"),
    "ridge": (Ridge, "humanml3d"),
    "ridge-gravity": (Ridge, "gravity"),
    "nearest": (Nearest, "humanml3d"),
    "nearest-gravity": (Nearest, "gravity"),
}
