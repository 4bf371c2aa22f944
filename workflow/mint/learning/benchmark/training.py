"""Rule train: examples go in; one network, trained from one seed, comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mint.config.benchmark import BenchmarkConfig
from mint.core.bundle import Bundle
from mint.core.environment import package_versions
from mint.core.methods import METHOD_VERSION
from mint.core.status import Reason, StageError
from mint.core.tables import table
from mint.learning.benchmark.budget import BUDGETS
from mint.learning.benchmark.entries import ENTRIES, Entry
from mint.learning.benchmark.examples import Examples, load
from mint.learning.benchmark.index import read_index
from mint.learning.benchmark.loop import State, train
from mint.learning.networks.network import Network
from mint.learning.networks.ours import Ours
from mint.learning.networks.registry import Preset, build
from mint.learning.training import arrays_of, load_arrays, reproducible, seed_of
from mint.learning.weights import read_weights, write_weights

STAGE = "train"
WEIGHTS = "weights.safetensors"
_BATCH = 256


def run(index: str | Path, entry: str, number: int, output: str | Path, config: BenchmarkConfig) -> Bundle:
    """Train the network of an entry and write its bundle; weights and the checkpoint lie beside it.

    The bundle has `iteration (k,)`, `loss (k,)` and `val_rmse (k,)` of the looks. A training that was killed goes on
    from its checkpoint. Where there is nothing to learn from, the bundle says why.
    """
    try:
        examples = examples_of(index, ENTRIES[entry].features)
        bundle = trained(examples, ENTRIES[entry], number, Path(output).parent, config)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def examples_of(index: str | Path, feature_set: str) -> Examples:
    """The examples that an index lists; it lies beside their folder. Raises StageError."""
    mirror = table("muscles_402").set_index("mint_column")["mirror"]
    return load(Path(index).parent / "examples", read_index(index), feature_set, dict(mirror))


def trained(examples: Examples, entry: Entry, number: int, folder: Path, config: BenchmarkConfig) -> Bundle:
    """Train, or take what an earlier run has trained from the same examples and settings."""
    budget = BUDGETS[config.preset]
    given = digest_of(examples, entry, number, config)
    seed = seed_of(config.seed, entry.name, number)
    with reproducible(seed):
        network = network_of(entry, examples, budget.sizes)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network.to(device)
        spread = torch.from_numpy(examples.spread).to(device)
        count = len(examples.windows["train"])

        def batches(generator: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
            inputs, target = examples.batch("train", generator.integers(0, count, budget.batch))
            if entry.mirrored and generator.random() < 0.5:
                return examples.mirrored(inputs, target)
            return inputs, target

        def look(now: Network) -> dict[str, float]:
            return {"val_rmse": validation_error(now, examples, budget.looked_at, device)}

        state = train(network, batches, look, spread, entry.loss, entry.optimizer, budget, seed,
                      folder / "checkpoint.safetensors", given)
    write_weights(folder / WEIGHTS, arrays_of(network), given)
    (folder / "checkpoint.safetensors").unlink(missing_ok=True)
    parameters = sum(each.numel() for each in network.parameters())
    print(f"{entry.name}, seed {number}: {parameters} parameters, best after {state.best_iteration} iterations: "
          f"{state.best:.4f}")
    return _bundle(entry, number, state, parameters, given, examples)


def _bundle(entry: Entry, number: int, state: State, parameters: int, given: str, examples: Examples) -> Bundle:
    history = {name: np.array(values) for name, values in state.history.items()}
    return Bundle.of(STAGE, history, {
        "entry": entry.name, "number": number, "parameters": parameters, "given": given,
        "iterations": state.iteration, "best_iteration": state.best_iteration,
        "windows": len(examples.windows["train"])})


def network_of(entry: Entry, examples: Examples, sizes: Preset) -> Network:
    """An untrained network of the entry's kind for these examples."""
    network = build(entry.network, sizes, len(examples.scale.mean), len(examples.muscles), **entry.settings)
    if isinstance(network, Ours):
        network.set_mean(torch.from_numpy(examples.mean))
    return network


def restored(folder: Path, entry: Entry, examples: Examples, sizes: Preset, given: str) -> Network:
    """The trained network of a folder. Raises StageError where its weights are of something else."""
    network = network_of(entry, examples, sizes)
    arrays = read_weights(folder / WEIGHTS, given)
    if arrays is None:
        raise StageError(Reason.FILE_CORRUPT, f"{folder / WEIGHTS} are not the weights of this training",
                         remedy=f"remove {folder}: rule train makes it again")
    load_arrays(network, arrays)
    return network.eval()


def validation_error(network: Network, examples: Examples, most: int, device: torch.device) -> float:
    """RMSE over validation windows, at most so many, evenly chosen."""
    which, total, count = examples.some("val", most), 0.0, 0
    with torch.no_grad():
        for first in range(0, len(which), _BATCH):
            inputs, target = examples.batch("val", which[first:first + _BATCH])
            error = network(inputs.to(device)).cpu().double() - target
            known = torch.isfinite(error)
            total += float(error[known].square().sum())
            count += int(known.sum())
    return float(np.sqrt(total / max(count, 1)))


def digest_of(examples: Examples, entry: Entry, number: int, config: BenchmarkConfig) -> str:
    """What a training depends on."""
    told: Mapping[str, Any] = {"examples": examples.digest, "entry": repr(entry), "number": number,
                               "budget": repr(BUDGETS[config.preset]), "seed": config.seed,
                               "method": METHOD_VERSION[STAGE], "packages": package_versions(("numpy", "torch"))}
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
