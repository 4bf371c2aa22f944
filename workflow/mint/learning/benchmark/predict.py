"""A trained model asked about a motion file: activations, how long it took, whether it knows such motion."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mint.core.atomic import atomic_path
from mint.core.status import Reason, StageError
from mint.learning.benchmark.collect import Motion, Reading
from mint.learning.benchmark.examples import Floats32
from mint.learning.benchmark.model import read_model
from mint.learning.motion.joints import RATE_HZ
from mint.learning.motion.of_file import sequence_features
from mint.learning.training import reproducible


@dataclass(frozen=True)
class Prediction:
    """Activations `(n, C)` of `muscles` at k / 20 s; distance of each window to training, and the distance that one in
    a hundred validation windows exceeds; what features and network took [s]."""

    activations: Floats32
    muscles: tuple[str, ...]
    distances: NDArray[np.float64]
    usual: float
    features_s: float
    network_s: float

    @property
    def unlike(self) -> float:
        """Share of the windows that are farther from training than is usual."""
        return float(np.mean(self.distances > self.usual))

    def table(self) -> pd.DataFrame:
        """Activations over time, indexed by time in seconds."""
        times = pd.Index(np.round(np.arange(len(self.activations)) / RATE_HZ, 2), name="time_s")
        return pd.DataFrame(self.activations, index=times, columns=list(self.muscles))


def predict(motion: Motion, folder: str | Path, reading: Reading) -> Prediction:
    """Ask the model of a folder about a motion file. Raises StageError for either."""
    model = read_model(folder)
    told = {key: value for key, value in asdict(motion).items() if key != "path"}
    started = time.perf_counter()
    how = {each.name: getattr(reading, each.name) for each in fields(reading)}
    features = sequence_features(motion.path, **how, **told)
    values = np.asarray(getattr(features, model.feature_set), dtype=np.float32)
    between = time.perf_counter()
    with reproducible(0):
        activations, distances = model.predict(values)
    ended = time.perf_counter()
    return Prediction(activations, model.muscles, distances, model.familiar.usual, between - started, ended - between)


def write_prediction(prediction: Prediction, path: Path) -> None:
    """Write the activations as `.csv` or `.parquet`. Raises StageError for another kind of file."""
    frame = prediction.table()
    if path.suffix not in (".csv", ".parquet"):
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: {path.suffix or 'no suffix'}, must be .csv or .parquet",
            remedy="name another file",
        )
    with atomic_path(path) as temporary:
        if path.suffix == ".csv":
            frame.to_csv(temporary, float_format="%.5f")
        else:
            frame.to_parquet(temporary)
