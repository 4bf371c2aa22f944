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
from mint.learning.benchmark.examples import Examples, batches, load
from mint.learning.benchmark.index import read_index
from mint.learning.benchmark.loop import STATE, State, train
from mint.learning.networks.network import Network
from mint.learning.networks.ours import Ours
from mint.learning.networks.registry import Preset, build
from mint.learning.training import load_arrays, reproducible, seed_of
from mint.learning.weights import read_weights, write_weights

STAGE = "train"
WEIGHTS, CHECKPOINT = "weights.safetensors", "checkpoint.safetensors"
_BATCH = 256


def run(index: str | Path, entry: str, number: int, output: str | Path, config: BenchmarkConfig) -> Bundle:
    """Train the network of an entry and write its bundle; weights and the checkpoint lie beside it.

    The bundle has `iteration (k,)`, `loss (k,)` and `val_rmse (k,)` of the looks. A training that was killed goes on
    from its checkpoint. Where there is nothing to learn from, or a training diverges, the bundle says why; without
    the examples the job ends.
    """
    try:
        examples = examples_of(index, ENTRIES[entry].features)
        bundle = trained(examples, ENTRIES[entry], number, Path(output).parent, config)
    except StageError as error:
        bundle = Bundle(result_of(error).as_status(STAGE))
    bundle.write(output)
    # Only now is what it would go on from of no use.
    (Path(output).parent / CHECKPOINT).unlink(missing_ok=True)
    return bundle


def result_of(error: StageError) -> StageError:
    """A failure that is a result: nothing to learn from, or a training that diverged. A file that is missing or damaged
    is none: it ends the job, which runs again once the file is there."""
    if error.reason in (Reason.FILE_CORRUPT, Reason.FILE_MISSING):
        raise SystemExit(error.told)
    return error


def examples_of(index: str | Path, feature_set: str) -> Examples:
    """The examples that an index lists; it lies beside their folder. Raises StageError."""
    mirror = table("muscles_402").set_index("mint_column")["mirror"]
    return load(Path(index).parent / "examples", read_index(index), feature_set, dict(mirror))


def trained(examples: Examples, entry: Entry, number: int, folder: Path, config: BenchmarkConfig) -> Bundle:
    """Train, or take what an earlier run has trained from the same examples and settings. Raises StageError for a
    training that diverges at once."""
    given = digest_of(examples, entry, number, config)
    arrays = read_weights(folder / WEIGHTS, given)
    if arrays is not None:
        state = State.of(arrays.pop(STATE), arrays)
    else:
        state = _train(examples, entry, number, folder, config, given)
        write_weights(folder / WEIGHTS, state.kept | {STATE: state.told()}, given)
    print(
        f"{entry.name}, seed {number}: {state.parameters} parameters, best after {state.best_iteration} iterations: "
        f"{state.best:.4f}"
    )
    return _bundle(entry, number, state, given, examples)


def _train(examples: Examples, entry: Entry, number: int, folder: Path, config: BenchmarkConfig, given: str) -> State:
    budget = BUDGETS[config.preset]
    # What differs from ours in one choice begins as ours does.
    seed = seed_of(config.seed, entry.network, number)
    with reproducible(seed):
        network = network_of(entry, examples, budget.sizes)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network.to(device)
        spread = torch.from_numpy(examples.spread).to(device)
        count = len(examples.windows["train"])

        def drawn(generator: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
            inputs, target = examples.batch("train", generator.integers(0, count, budget.batch))
            if entry.mirrored and generator.random() < 0.5:
                return examples.mirrored(inputs, target)
            return inputs, target

        def look(now: Network) -> dict[str, float]:
            return {"val_rmse": validation_error(now, examples, budget.looked_at, device)}

        state = train(
            network, drawn, look, spread, entry.loss, entry.optimizer, budget, seed, folder / CHECKPOINT, given
        )
    if not state.kept:
        raise StageError(
            Reason.NOT_FINITE,
            f"{entry.name}, seed {number}: outputs are no numbers after {state.iteration} iterations",
            remedy="another seed, or a lower learning rate",
        )
    return state


def _bundle(entry: Entry, number: int, state: State, given: str, examples: Examples) -> Bundle:
    history = {name: np.array(values) for name, values in state.history.items()}
    return Bundle.of(
        STAGE,
        history,
        {
            "entry": entry.name,
            "number": number,
            "parameters": state.parameters,
            "given": given,
            "iterations": state.iteration,
            "best_iteration": state.best_iteration,
            "windows": len(examples.windows["train"]),
        },
    )


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
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{folder / WEIGHTS} are not the weights of this training",
            remedy=f"remove {folder}: rule train makes it again",
        )
    arrays.pop(STATE)
    load_arrays(network, arrays)
    return network.eval()


def validation_error(network: Network, examples: Examples, most: int, device: torch.device) -> float:
    """RMSE over validation windows, at most so many, evenly chosen."""
    which, total, count = examples.some("val", most), 0.0, 0
    with torch.no_grad():
        for some in batches(which, _BATCH):
            inputs, target = examples.batch("val", some)
            error = network(inputs.to(device)).cpu().double() - target
            known = torch.isfinite(target)
            total += float(error[known].square().sum())
            count += int(known.sum())
    error_seen = float(np.sqrt(total / max(count, 1)))
    return error_seen if np.isfinite(error_seen) else float("inf")


def digest_of(examples: Examples, entry: Entry, number: int, config: BenchmarkConfig) -> str:
    """What a training depends on."""
    told: Mapping[str, Any] = {
        "examples": examples.digest,
        "entry": repr(entry),
        "number": number,
        "budget": repr(BUDGETS[config.preset]),
        "seed": config.seed,
        "method": METHOD_VERSION[STAGE],
        "packages": package_versions(("numpy", "torch")),
    }
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
