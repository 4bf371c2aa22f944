"""Windows of activations as rows of numbers: features of each strand's curve by tsfresh."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mint.config.figures import FiguresConfig
from mint.figures.data import Data

FEATURES = (
    "mean",
    "standard_deviation",
    "maximum",
    "skewness",
    "kurtosis",
    "mean_abs_change",
    "autocorrelation",
    "cid_ce",
)
AUTOCORRELATION_LAG = 10  # frames, 0.2 s: a seventh of a window
# A curve that varies by less is flat: its shape is noise of the solver, whose tolerance is of this size.
FLAT = 1e-3


def calculators() -> dict[str, Callable[[NDArray[np.float64]], float]]:
    """Functions of a curve by their names in `FEATURES`: its size, spread, shape and how fast and often it changes."""
    # Takes four seconds to import, which only a run that makes figures should wait for.
    from tsfresh.feature_extraction import feature_calculators as by

    return {
        "mean": by.mean,
        "standard_deviation": by.standard_deviation,
        "maximum": by.maximum,
        "skewness": by.skewness,
        "kurtosis": by.kurtosis,
        "mean_abs_change": by.mean_abs_change,
        "autocorrelation": lambda x: by.autocorrelation(x, AUTOCORRELATION_LAG),
        "cid_ce": lambda x: by.cid_ce(x, True),
    }


def window_features(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Features (m, len(FEATURES)) of curves (frames, m); of a flat one mean and maximum, the rest is 0; NaN of NaN."""
    functions = calculators()
    out = np.full((values.shape[1], len(FEATURES)), np.nan)
    for curve, row in zip(values.T.astype(np.float64), out, strict=True):
        if np.isfinite(curve).all():
            flat = curve.std() < FLAT
            row[:] = [
                0.0 if flat and name not in ("mean", "maximum") else function(curve)
                for name, function in functions.items()
            ]
    return out


def sample(windows: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many windows, the same ones whatever their order, chosen without regard to what they show."""
    names = zip(windows["sequence_id"], windows["start_frame"], strict=True)
    keys = [hashlib.sha256(f"{name} {start}".encode()).hexdigest() for name, start in names]
    chosen = windows.assign(key=keys).sort_values("key").head(most)
    return chosen.sort_values(["sequence_id", "start_frame"]).drop(columns="key").reset_index(drop=True)


def featured(data: Data, config: FiguresConfig) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """The sampled windows that can be read, and their features (n, f): those that all of them have."""
    windows = sample(data.windows(config.window_s), config.max_windows)
    numbers, rows = [], []
    for number, values in data.activations(windows, config.window_s):
        numbers.append(number)
        rows.append(window_features(values).ravel())
    features = np.array(rows) if rows else np.zeros((0, 0))
    return windows.iloc[numbers].reset_index(drop=True), features[:, np.isfinite(features).all(axis=0)]


def normalized(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns with mean 0 and standard deviation 1 over the windows (n, f); columns that do not vary are left out."""
    spread = features.std(axis=0)
    varied = spread > 1e-9 * np.maximum(1.0, np.abs(features).max(axis=0, initial=0.0))
    return np.asarray((features[:, varied] - features[:, varied].mean(axis=0)) / spread[varied])
