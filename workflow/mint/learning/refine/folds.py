"""A fold: everything that is learned from all people but one, and what it says of that one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mint.config.refine import RefineConfig
from mint.core.bundle import Bundle
from mint.core.environment import package_versions
from mint.core.methods import METHOD_VERSION
from mint.core.status import Reason, StageError
from mint.learning.refine.controls import MeanEmg, PacedEmg, Ridge
from mint.learning.refine.convolution import Convolution
from mint.learning.refine.cycles import Cycles, Floats, sampled
from mint.learning.refine.method import Method, known
from mint.learning.refine.registry import METHODS, method
from mint.learning.refine.scores import rmse
from mint.learning.refine.stdr import AllEntire, OneEntire, Stdr
from mint.learning.training import seed_of
from mint.learning.weights import load_weights, read_weights, write_weights

STAGE = "refine_fold"
# Methods whose error over the number of people is shown: those that take seconds.
CURVE = (MeanEmg.name, PacedEmg.name, Ridge.name, Convolution.name)
ATTENTION = (OneEntire.name, AllEntire.name)


def run(cycles: str | Path, person: str, output: str | Path, networks: str | Path, config: RefineConfig) -> Bundle:
    """Leave `person` out, learn from the others, and write the fold's bundle.

    What each method has learned is kept below `networks` as soon as it is known: a fold that was killed goes on there,
    if cycles and settings are the same. Without the person's cycles, or with too few others, the bundle says why.
    """
    try:
        bundle = fold(Cycles.read(cycles), person, Path(networks), config)
    except StageError as error:
        bundle = Bundle(error.as_status(STAGE))
    bundle.write(output)
    return bundle


def fold(cycles: Cycles, person: str, networks: Path, config: RefineConfig) -> Bundle:
    """The fold of an ok set of cycles. Raises `StageError` where there is nothing to learn or to judge."""
    held, train = cycles.of([person]), cycles.without(person)
    if not len(held):
        raise StageError(
            Reason.FIELD_MISSING,
            f"{person} has no gait cycle with EMG",
            remedy="results/refine/cycles.parquet says why each was left out",
        )
    if len(cycles.people) < config.least_people:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{len(cycles.people)} people have gait cycles with EMG: "
            f"{', '.join(cycles.people)}; at least {config.least_people} are needed to leave one out",
            remedy="refine.least_people, more people, or refine.model: a refiner trained elsewhere",
        )
    print(f"{person}: learning from {len(train)} cycles of {len(train.people)} people")
    arrays: dict[str, Any] = {"trials": np.array(held.trials)}
    meta: dict[str, Any] = {"person": person, "channels": list(cycles.channels), "parameters": {}}
    given = _digest(cycles, person, config)
    for name in METHODS:
        learned, history = _learned(name, train, held, networks, given, config)
        arrays[f"refined_{name}"] = learned.refined(held)
        arrays |= {f"loss_{name}_{key}": values for key, values in history.items()}
        meta["parameters"][name] = learned.parameters()
        arrays[f"shortcut_{name}"] = shortcut(learned, held, config)
        if name in ATTENTION and isinstance(learned, Stdr):
            arrays[f"attention_{name}"] = learned.attended(held)[1].astype(np.float32)
    arrays["curve_people"], arrays["curve"] = learning_curve(train, held, config)
    return Bundle.of(STAGE, arrays, meta)


def _digest(cycles: Cycles, person: str, config: RefineConfig) -> str:
    """What the networks of a fold depend on."""
    digest = cycles.bundle().hashed_arrays()
    settings = config.model_dump(mode="json", exclude={"model", "method", "shortcut_inputs"})
    made_with = package_versions(("numpy", "scipy", "torch"))
    digest.update(json.dumps([person, settings, METHOD_VERSION[STAGE], made_with], sort_keys=True).encode())
    return digest.hexdigest()


def _learned(
    name: str, train: Cycles, held: Cycles, networks: Path, given: str, config: RefineConfig
) -> tuple[Method, dict[str, Floats]]:
    """A method that has learned, now or before, and how its error went."""
    path = networks / f"{name}.safetensors"
    learned = method(name, config)
    found = read_weights(path, given)
    if found is None or not _restored(learned, found):
        history = learned.fit(train, seed_of(config.seed, given, name), held).loss
        found = learned.state() | {f"{_LOSS}{key}": value for key, value in history.items()}
        write_weights(path, found, given)
        print(f"{name}: {learned.parameters()} numbers learned")
        # What was read gives the same numbers as what was just learned, to the last bit.
        found = load_weights(path)
        _restored(learned, found)
    return learned, {key.removeprefix(_LOSS): value for key, value in found.items() if key.startswith(_LOSS)}


_LOSS = "loss."


def _restored(learned: Method, found: Mapping[str, Any]) -> bool:
    """Whether a method is now what was kept of it; what does not fit is learned anew."""
    try:
        learned.restore({key: value for key, value in found.items() if not key.startswith(_LOSS)})
    except (KeyError, RuntimeError, ValueError):
        return False
    return True


def shortcut(learned: Method, held: Cycles, config: RefineConfig) -> Floats:
    """Relative change of the error (K, C) over that of the simulation, where the network sees a cycle of another
    frequency and phase: K changed inputs, spread over the person's cycles.

    A network that has learned a curve of time alone is as good as before; one that refines its input is worse.
    """
    random = np.random.default_rng(seed_of(config.seed, "shortcut", *held.trials))
    rows = np.arange(config.shortcut_inputs) % len(held)
    cycles = Cycles(
        **{name: getattr(held, name)[rows] for name in ("simulated", "own", "measured", "duration_s")},
        persons=tuple(held.persons[i] for i in rows),
        trials=tuple(held.trials[i] for i in rows),
        muscles=held.muscles,
        channels=held.channels,
    )
    at = random.uniform(0.5, 2.0, (len(rows), 1)) * cycles.phase + random.uniform(0, 1, (len(rows), 1))
    changed = Cycles(
        sampled(cycles.simulated, at),
        sampled(cycles.own, at),
        cycles.measured,
        cycles.duration_s,
        cycles.persons,
        cycles.trials,
        cycles.muscles,
        cycles.channels,
    )
    before = rmse(cycles.own, cycles.measured)
    return np.asarray((rmse(learned.refined(changed), cycles.measured) - before) / np.maximum(before, 1e-9))


def learning_curve(train: Cycles, held: Cycles, config: RefineConfig) -> tuple[Floats, Floats]:
    """Numbers of people (k,) and the mean error (k, methods, C) on the person left out, with as many people in a seeded
    order."""
    random = np.random.default_rng(seed_of(config.seed, "curve", *held.people))
    order = random.permutation(train.people)
    counts = sorted({n for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64) if n < len(order)} | {len(order)})
    out = np.full((len(counts), len(CURVE), len(held.channels)), np.nan)
    for k, count in enumerate(counts):
        some = train.of(list(order[:count]))
        for j, name in enumerate(CURVE):
            learned = method(name, config)
            learned.fit(some, seed_of(config.seed, "curve", name, count))
            seen = known(some.measured).any(axis=0)
            out[k, j] = np.where(seen, rmse(learned.refined(held), held.measured).mean(axis=0), np.nan)
    return np.array(counts, dtype=float), out
