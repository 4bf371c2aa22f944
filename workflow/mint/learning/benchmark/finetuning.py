"""Rule finetune: a trained network goes in; what it learns of measured EMG, and what it would without training, comes
out (Muscles in Time, Schneider et al. 2024, section A.5 and table 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mint.config.benchmark import BenchmarkConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.learning.benchmark.budget import BUDGETS, FINETUNING
from mint.learning.benchmark.emg import Emg, of_dataset, of_mia
from mint.learning.benchmark.entries import ENTRIES
from mint.learning.benchmark.examples import Examples, Floats32, batches
from mint.learning.benchmark.index import read_index
from mint.learning.benchmark.names import MEAN_EMG
from mint.learning.benchmark.training import examples_of, network_of, restored
from mint.learning.mia.finetune import Which, exercise_scores, finetuned, with_head
from mint.learning.networks.network import Network
from mint.learning.networks.ours import Ours
from mint.learning.scores import OVERALL, Score
from mint.learning.training import reproducible, seed_of

Floats = NDArray[np.float64]

STAGE = "finetune"


def run(
    index: str | Path,
    trained: str | Path,
    entry: str,
    output: str | Path,
    config: BenchmarkConfig,
    dataset: str | Path,
    model_dir: str,
    density_kg_m3: float,
) -> Bundle:
    """Fine-tune the trained network of an entry on measured EMG, judge it, and write its bundle.

    EMG is that of MIA where `config.mia` names its folder (bodies by `model_dir` and `density_kg_m3`), else that of
    the people of `dataset`. The bundle has `channels (C,)` and of each way of training `loss_<how> (k,)` after each
    epoch: `outer` and `all` from the trained weights, `scratch` from none. Meta: `scores` how -> exercise -> scores,
    with the floor `mean`, mean EMG of each channel and exercise; `trained` how -> number of values changed; `windows`
    and `people` of both parts; `refused`. Where there is no EMG, the bundle says so.
    """
    try:
        bundle = _finetuned(index, trained, entry, config, dataset, model_dir, density_kg_m3)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def _finetuned(
    index: str | Path,
    trained: str | Path,
    entry: str,
    config: BenchmarkConfig,
    dataset: str | Path,
    model_dir: str,
    density_kg_m3: float,
) -> Bundle:
    before = Bundle.read(trained)
    if not before.ok:
        return Bundle(before.status)
    kind, budget = ENTRIES[entry], FINETUNING[config.preset]
    examples = examples_of(index, kind.features)
    if config.mia:
        emg = of_mia(config.mia, examples, budget.windows, model_dir, density_kg_m3)
    else:
        people = {str(row["sequence_id"]): str(row["person"]) for row in read_index(index)}
        emg = of_dataset(dataset, people, examples, budget.windows)
    sizes, seed = BUDGETS[config.preset].sizes, seed_of(config.seed, entry, STAGE)
    with reproducible(seed):
        untrained = network_of(kind, examples, sizes)
        ready = restored(Path(trained).parent, kind, examples, sizes, str(before.meta["given"]))
    starts: dict[str, tuple[Network, Which]] = {
        "outer": (ready, "outer"),
        "all": (ready, "all"),
        "scratch": (untrained, "all"),
    }
    schedule = budget.schedule(kind.optimizer.rate)
    inputs, targets, mask = (torch.from_numpy(each) for each in (emg.train.inputs, emg.train.targets, emg.train.mask))
    arrays: dict[str, Any] = {"channels": list(emg.channels)}
    predicted, changed = {MEAN_EMG: mean_floor(emg)}, {MEAN_EMG: 0}
    for how, (start, which) in starts.items():
        network = for_channels(start, emg.mean, seed).to("cuda" if torch.cuda.is_available() else "cpu")
        arrays[f"loss_{how}"] = finetuned(network, inputs, targets, mask, schedule, which, seed)["loss"]
        predicted[how] = predictions(network, emg.test.inputs)
        changed[how] = trained_values(network, which)
        print(f"{entry}, {how}: {changed[how]} values trained, loss {arrays[f'loss_{how}'][-1]:.4f}")
    scores = {
        how: {exercise: asdict(score) for exercise, score in judged(values, emg).items()}
        for how, values in predicted.items()
    }
    return Bundle.of(
        STAGE,
        arrays,
        {
            "entry": entry,
            "source": emg.source,
            "scores": scores,
            "trained": changed,
            "epochs": len(arrays["loss_all"]),
            "refused": list(emg.refused),
            **_counts(emg, examples),
        },
    )


def for_channels(network: Network, mean: Floats, seed: int) -> Network:
    """A copy of a network with a new last layer for channels of EMG whose mean in training is `mean (C,)`.

    EMG goes beyond 1, which is a percentile or another day's largest: the last layer of ours is left unbounded, and
    begins at the mean.
    """
    out = with_head(network, len(mean), seed)
    assert isinstance(out, Network)
    if isinstance(out, Ours):
        out.bounded = False
        out.set_mean(torch.from_numpy(mean).float())
    return out


def trained_values(network: Network, which: Which) -> int:
    """How many values of a network `finetuned` changes."""
    outer = set(network.outer_parameters())
    return sum(value.numel() for name, value in network.named_parameters() if which == "all" or name in outer)


def predictions(network: Network, inputs: Floats32) -> Floats32:
    """EMG `(B, 28, C)` of windows `(B, 28, D)`."""
    device = next(network.parameters()).device
    with reproducible(0), torch.no_grad():
        found = [
            network(torch.from_numpy(inputs[some]).to(device)).cpu().numpy() for some in batches(np.arange(len(inputs)))
        ]
    return np.concatenate(found)


def mean_floor(emg: Emg) -> Floats32:
    """The mean of each channel over the training windows in which the same is done `(B, 28, C)`; over all of them where
    there are none, or the channel was not measured in them."""
    overall, out = emg.mean, np.empty(emg.test.targets.shape, np.float32)
    for labels in set(emg.test.labels):
        same = emg.train.targets[_which(emg.train.labels, labels)]
        there = np.isfinite(same)
        number = there.sum(axis=(0, 1))
        total = np.where(there, same, 0).sum(axis=(0, 1), dtype=np.float64)
        out[_which(emg.test.labels, labels)] = np.where(number > 0, total / np.maximum(number, 1), overall)
    return out


def judged(predicted: Floats32, emg: Emg) -> dict[str, Score]:
    """Scores of predictions `(B, 28, C)` of the judged windows by exercise, `overall` first; a window counts for every
    one of its labels."""
    measured, labels = emg.test.targets, emg.test.labels
    rows = [i for i, each in enumerate(labels) for _ in each]
    whole = exercise_scores(predicted, measured, ["any"] * len(labels), emg.unit)
    if not rows:
        return {OVERALL: whole[OVERALL]}
    named = exercise_scores(predicted[rows], measured[rows], [name for each in labels for name in each], emg.unit)
    return {**named, OVERALL: whole[OVERALL]}


def _which(labels: Sequence[tuple[str, ...]], wanted: tuple[str, ...]) -> list[int]:
    return [i for i, each in enumerate(labels) if each == wanted]


def _counts(emg: Emg, examples: Examples) -> dict[str, Any]:
    parts = {"train": emg.train, "test": emg.test}
    return {
        "windows": {name: len(part.labels) for name, part in parts.items()},
        "people": {name: list(part.people) for name, part in parts.items()},
        "examples_sha256": examples.digest,
    }
