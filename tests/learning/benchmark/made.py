"""Examples whose activations are known functions of their features, as rule features writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mint.core.bundle import Bundle
from mint.core.tables import mint_columns
from mint.learning.benchmark.index import write_index
from mint.learning.motion.sets import FEATURE_SETS

SAMPLES = 120
SIGNALS = 5
# Columns of the dataset whose model has them: legs of both sides and some of the trunk.
MUSCLES = mint_columns()
THERE = np.array(
    [i for i, name in enumerate(MUSCLES) if name.startswith("LU_")][:40]
    + [i for i, name in enumerate(MUSCLES) if name.startswith("TL_")][:12]
)


def activations_of(features: np.ndarray) -> np.ndarray:
    """Activations (n, 402): those of `THERE` a linear function of the first features, squashed; the others missing."""
    weights = np.random.default_rng(5).normal(0, 0.5, (20, len(THERE)))
    out = np.full((len(features), len(MUSCLES)), np.nan, np.float32)
    out[:, THERE] = 1 / (1 + np.exp(2 - features[:, :20] @ weights))
    return out


def smooth(generator: np.random.Generator, count: int, columns: int) -> np.ndarray:
    """Slow signals (count, columns) of about unit spread, all mixed from a few: so few sequences are enough."""
    at = np.arange(count) / 20
    rates = generator.uniform(0.3, 1.2, SIGNALS)
    signals = np.sqrt(2) * np.sin(2 * np.pi * (rates * at[:, None] + generator.random(SIGNALS)))
    mixing = np.random.default_rng(columns).normal(0, SIGNALS**-0.5, (SIGNALS, columns))
    return (signals @ mixing).astype(np.float32)


def write_examples(folder: Path, people: int = 6, each: int = 2, gap: bool = True) -> Path:
    """Bundles and index of `each` sequences of so many people; two people are for validation, two for the test."""
    rows = []
    for person in range(people):
        for number in range(each):
            name = f"p{person}_s{number}"
            generator = np.random.default_rng([person, number])
            arrays = {key: smooth(generator, SAMPLES, layout.count) for key, layout in FEATURE_SETS.items()}
            arrays["activations"] = activations_of(arrays["gravity"])
            stretch = np.zeros(SAMPLES, np.int64)
            if gap:
                stretch[60:62], stretch[62:] = -1, 1
                arrays["activations"][60:62] = np.nan
            action = ("walk", "jump")[number % 2]
            bundle = Bundle.of(
                "features",
                {**arrays, "stretch": stretch, "muscles": list(MUSCLES)},
                {"labels": [[0.0, 2.9, [action], [action]]]},
            )
            bundle.write(folder / "examples" / f"{name}.npz")
            rows.append(
                {
                    "sequence_id": name,
                    "data_path": f"A/A/p{person}/{name}_poses",
                    "dataset": "A",
                    "person": f"A/p{person}",
                    "split": ("val", "test")[person] if person < 2 else ("val", "test", "train")[min(person - 2, 2)],
                    "split_by": "people",
                    "activities": ["other"],
                    "actions": ["stand"],
                    "samples": SAMPLES,
                    "windows": 4,
                    "digest": bundle.hashed_arrays().hexdigest(),
                    "labels_digest": "x",
                    "left_out": "",
                }
            )
    rows.append({**rows[0], "sequence_id": "lost", "split": "", "digest": "", "left_out": "no motion file"})
    write_index(rows, folder / "examples.parquet")
    return folder / "examples.parquet"
