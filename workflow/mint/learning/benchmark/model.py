"""A trained network as a folder: weights, configuration, scale of features, split, metrics, digests, a card."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import mint
from mint.core.atomic import replaced, write_text
from mint.core.environment import package_versions
from mint.core.status import Reason, StageError
from mint.core.tables import mint_columns
from mint.learning.benchmark.examples import Examples, Floats32, Scale, batches
from mint.learning.benchmark.floors import Projection, distances
from mint.learning.data.windows import LENGTH
from mint.learning.files import write_json
from mint.learning.motion.joints import RATE_HZ
from mint.learning.motion.sets import FEATURE_SETS
from mint.learning.networks.network import Network
from mint.learning.networks.registry import build
from mint.learning.training import arrays_of, load_arrays
from mint.learning.weights import below, load_weights, write_weights

Array = NDArray[Any]
WEIGHTS, CONFIG, SPLIT, METRICS, CARD = "weights.safetensors", "config.json", "split.json", "metrics.json", "README.md"
_VERSION = 1
# A motion is compared with so many windows of training, by so many principal components of mean and spread over each.
_COMPARED, _COMPONENTS = 2000, 32
# A window farther from training than this share of the validation windows is unlike it.
UNLIKE_QUANTILE = 0.99
_TIMED, _BATCH = 20, 256


@dataclass(frozen=True)
class Familiar:
    """How far a window is from training: `known (m, 32)` windows of it by principal components of the mean and spread
    of their features, `usual` the distance [1] that few validation windows exceed."""

    projection: Projection
    known: Array
    usual: float

    @classmethod
    def of(cls, examples: Examples) -> Familiar:
        """That of the training windows of examples."""
        rows = summary(examples.windows["train"].gather(examples.some("train", _COMPARED))[0])
        projection = Projection(rows, _COMPONENTS)
        familiar = cls(projection, projection(rows), np.inf)
        seen = familiar.distance(examples.windows["val"].gather(examples.every("val"))[0])
        return cls(projection, familiar.known, float(np.quantile(seen, UNLIKE_QUANTILE)))

    def distance(self, windows: Floats32) -> Array:
        """Distance (B,) of windows `(B, 28, D)`, features in standard deviations, to the nearest of training.

        What the components do not see counts too: a motion of another kind may look like none of them.
        """
        rows = summary(windows)
        places = self.projection(rows)
        return np.asarray(np.hypot(distances(places, self.known).min(axis=1), self.projection.unseen(rows, places)))

    def arrays(self) -> dict[str, Array]:
        """What is kept of it."""
        return {
            "mean": self.projection.mean,
            "directions": self.projection.directions,
            "known": self.known,
            "usual": np.array(self.usual),
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, Array]) -> Familiar:
        """From what was kept. Raises KeyError."""
        return cls(Projection.restored(arrays["mean"], arrays["directions"]), arrays["known"], float(arrays["usual"]))


def summary(windows: Floats32) -> Array:
    """Mean and spread over time `(B, 2 D)` of windows `(B, 28, D)`."""
    return np.concatenate([windows.mean(axis=1), windows.std(axis=1)], axis=1)


@dataclass(frozen=True)
class Model:
    """A network with what it needs to answer for a motion."""

    network: Network
    feature_set: str
    scale: Scale
    muscles: tuple[str, ...]
    familiar: Familiar
    config: Mapping[str, Any]

    def predict(self, features: Floats32) -> tuple[Floats32, Array]:
        """Activations (n, C) of features `(n, D)` at 20 frames/s, and how far each window is from training (w,).

        Windows of 28 samples start half a window apart and are faded into each other; n is at least 28.
        Raises StageError for a shorter motion.
        """
        if len(features) < LENGTH:
            raise StageError(
                Reason.TOO_SHORT,
                f"{len(features) / RATE_HZ:.2f} s of motion, a window has {LENGTH / RATE_HZ:g} s",
                remedy="a longer recording",
            )
        scaled = self.scale(features)
        starts = np.unique(np.r_[np.arange(0, len(features) - LENGTH + 1, LENGTH // 2), len(features) - LENGTH])
        fade = np.minimum(np.arange(1, LENGTH + 1), np.arange(LENGTH, 0, -1)).astype(np.float32)[:, None]
        total = np.zeros((len(features), len(self.muscles)), np.float32)
        weight = np.zeros((len(features), 1), np.float32)
        far = []
        for some in batches(starts, _BATCH):
            windows = scaled[some[:, None] + np.arange(LENGTH)]
            far.append(self.familiar.distance(windows))
            with torch.no_grad():
                out = self.network(torch.from_numpy(windows)).numpy()
            for start, values in zip(some, out, strict=True):
                total[start : start + LENGTH] += fade * values
                weight[start : start + LENGTH] += fade
        return np.clip(total / weight, 0.0, 1.0), np.concatenate(far)


def write_model(
    folder: Path,
    network: Network,
    examples: Examples,
    config: Mapping[str, Any],
    split: Mapping[str, Any],
    metrics: Mapping[str, Any],
    card: str,
) -> None:
    """Write the folder whole or not at all. `config` has network, sizes and settings."""
    arrays = {f"network.{name}": value for name, value in arrays_of(network).items()}
    arrays |= {"scale.mean": examples.scale.mean, "scale.spread": examples.scale.spread}
    arrays |= {f"familiar.{name}": value for name, value in Familiar.of(examples).arrays().items()}
    with replaced(folder) as out:
        write_weights(out / WEIGHTS, arrays, examples.digest)
        write_json(
            out / CONFIG,
            {
                "version": _VERSION,
                **config,
                "features": examples.feature_set,
                "feature_count": len(examples.scale.mean),
                "muscles": examples.muscles,
                "window": LENGTH,
                "rate_hz": RATE_HZ,
                "packages": {"mint": mint.__version__, **package_versions(("numpy", "torch"))},
            },
        )
        write_json(out / SPLIT, split)
        write_json(out / METRICS, {"examples_sha256": examples.digest, **metrics})
        write_text(out / CARD, card)


def read_model(folder: str | Path) -> Model:
    """A model of a folder. Raises StageError for one that is not complete, whose parts do not fit, or of another
    version."""
    path = Path(folder)
    try:
        told = json.loads((path / CONFIG).read_text(encoding="utf-8"))
        if told["version"] != _VERSION:
            raise ValueError(f"version {told['version']}, must be {_VERSION}")
        muscles, feature_set = tuple(map(str, told["muscles"])), str(told["features"])
        count = FEATURE_SETS[feature_set].count
        if strange := set(muscles) - set(mint_columns()):
            raise ValueError(f"{sorted(strange)[0]} is no muscle of resources/muscles_402.csv")
        if told["feature_count"] != count:
            raise ValueError(f"{told['feature_count']} features, {feature_set} has {count}")
        network = build(str(told["network"]), told["sizes"], count, len(muscles), **told["settings"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path} is no model of the benchmark: {error}",
            remedy="a folder results/learning/models/<entry> of a project that has run the benchmark",
        ) from error
    arrays = load_weights(path / WEIGHTS)
    if broken := [name for name, value in arrays.items() if np.isnan(value).any()]:
        raise StageError(
            Reason.NOT_FINITE,
            f"{path / WEIGHTS}: {broken[0]} ({len(broken)} arrays in all) is no number",
            remedy="train the model again",
        )
    try:
        load_arrays(network, below("network.", arrays))
        scale = Scale(arrays["scale.mean"], arrays["scale.spread"])
        familiar = Familiar.restored(below("familiar.", arrays))
    except (KeyError, RuntimeError, ValueError) as error:
        raise StageError(
            Reason.FIELD_SHAPE,
            f"{path / WEIGHTS}: weights do not fit {CONFIG}: {error}",
            remedy="copy the folder again",
        ) from error
    return Model(network.eval(), feature_set, scale, muscles, familiar, told)


def window_ms(model: Model) -> float:
    """Median time [ms] that the network takes for one window on one thread, features given."""
    values = np.zeros((LENGTH, len(model.scale.mean)), np.float32)
    times = []
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for _ in range(_TIMED):
            started = time.perf_counter()
            model.predict(values)
            times.append(time.perf_counter() - started)
    finally:
        torch.set_num_threads(threads)
    return 1e3 * float(np.median(times))
