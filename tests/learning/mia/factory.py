"""Folders of MIA that were made up: the real files are not public in a repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def write_sample(root: Path, path: str = "train/Subject3/HighKick/848", seed: int = 0, **changed: np.ndarray) -> Path:
    """A sample in the real layout and types; `changed` are arrays by the name of their file."""
    random = np.random.default_rng(seed)
    arrays = {
        "emgvalues": random.integers(1, 200, (30, 8)).astype(np.float64),
        "pose": random.normal(0, 0.2, (30, 72)).astype(np.float32),
        "betas": random.normal(0, 1, (30, 10)).astype(np.float32),
    } | changed
    folder = root / path
    folder.mkdir(parents=True, exist_ok=True)
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)
    return folder
