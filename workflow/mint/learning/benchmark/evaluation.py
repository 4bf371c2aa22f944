"""Rule evaluate: a trained network, or a floor, goes in; its scores in the test windows come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.config.benchmark import BenchmarkConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.learning.benchmark.budget import BUDGETS
from mint.learning.benchmark.entries import ENTRIES
from mint.learning.benchmark.examples import Examples, Integers, batches
from mint.learning.benchmark.floors import FLOORS
from mint.learning.benchmark.training import examples_of, restored, result_of
from mint.learning.scores import Scores
from mint.learning.training import reproducible, seed_of

STAGE = "evaluate"
# Windows whose predicted curves are shown, the same of every entry.
SHOWN = 12
Predict = Callable[[str, Integers], NDArray[Any]]


def run(
    index: str | Path, trained: str | Path | None, entry: str, number: int, output: str | Path, config: BenchmarkConfig
) -> Bundle:
    """Judge an entry on the test windows and write its bundle; `trained` is that of its training, None of a floor.

    The bundle has of seeded random windows `shown_sequence` and `shown_k (12,)`, the first sample, `predicted` and
    `simulated (12, 28, C)`, and of each muscle `rmse, pcc, pcc_paper, smape (C,)`; meta `scores`: action -> group of
    muscles -> scores.
    """
    try:
        bundle = evaluated(index, trained, entry, number, config)
    except StageError as error:
        bundle = Bundle(result_of(error).as_status(STAGE))
    bundle.write(output)
    return bundle


def evaluated(
    index: str | Path, trained: str | Path | None, entry: str, number: int, config: BenchmarkConfig
) -> Bundle:
    """The bundle of an entry. Raises StageError."""
    meta: dict[str, Any] = {"entry": entry, "number": number, "parameters": 0, "iterations": 0}
    if trained is None:
        examples = examples_of(index, FLOORS[entry][1])
        with reproducible(0):
            predict: Predict = FLOORS[entry][0](examples).predict
    else:
        before = Bundle.read(trained)
        if not before.ok:
            return Bundle(before.status)
        examples = examples_of(index, ENTRIES[entry].features)
        network = restored(
            Path(trained).parent, ENTRIES[entry], examples, BUDGETS[config.preset].sizes, str(before.meta["given"])
        )
        meta |= {key: before.meta[key] for key in ("parameters", "iterations")}

        def predict(split: str, which: Integers) -> NDArray[Any]:
            # As a model answers: an activation is between 0 and 1.
            with torch.no_grad():
                return np.asarray(network(examples.batch(split, which)[0]).clamp(0.0, 1.0))

    with reproducible(0):
        return _judged(examples, predict, config, meta)


def _judged(examples: Examples, predict: Predict, config: BenchmarkConfig, meta: dict[str, Any]) -> Bundle:
    windows, labels = examples.windows["test"], examples.labels["test"]
    scores = Scores(examples.muscles)
    for some in batches(examples.every("test")):
        scores.update(predict("test", some), windows.gather(some)[1], [labels[i] for i in some])
    random = np.random.default_rng(seed_of(config.seed, "shown"))
    shown = np.sort(random.permutation(len(windows))[:SHOWN])
    arrays = {
        "shown_k": windows.k[shown],
        "shown_sequence": [windows.names[windows.sequence[i]] for i in shown],
        "predicted": predict("test", shown),
        "simulated": windows.gather(shown)[1],
        "muscles": list(examples.muscles),
        **scores.of_muscles(),
    }
    told = {
        action: {group: asdict(score) for group, score in groups.items()} for action, groups in scores.result().items()
    }
    counts = {group: len(columns) for group, columns in scores.groups.items()}
    return Bundle.of(STAGE, arrays, {**meta, "scores": told, "muscle_counts": counts})
