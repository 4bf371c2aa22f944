"""A trained refiner as a folder: weights of every fold, configuration, folds, metrics, digests of its data, a card."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

import mint
from mint.config.refine import RefineConfig
from mint.core.atomic import replaced, write_text
from mint.core.environment import package_versions
from mint.core.status import Reason, StageError
from mint.core.tables import mint_columns, table
from mint.dataset.schema import TableSchema
from mint.learning.files import write_json
from mint.learning.refine.controls import MeanEmg, Simulation
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.evaluate import Judged, better
from mint.learning.refine.method import Method
from mint.learning.refine.registry import METHODS, method
from mint.learning.refine.tables import IMPROVEMENT
from mint.learning.weights import load_weights, write_weights

WEIGHTS, CONFIG, FOLDS, METRICS, CARD = "weights.safetensors", "config.json", "folds.json", "metrics.json", "README.md"
_VERSION = 1


@dataclass(frozen=True)
class Refiner:
    """One method, learned once without each person. `folds` by the person who was left out, `here` those of them who
    are people of this project."""

    config: RefineConfig
    muscles: tuple[str, ...]
    channels: tuple[str, ...]
    folds: Mapping[str, Method]
    here: frozenset[str] = frozenset()

    def refined(self, cycles: Cycles) -> tuple[Floats, Floats]:
        """Refined activity (N, S, C) of cycles of its muscles and channels, and the standard error of what was learned:
        the jackknife's over folds (Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans).

        Activity of a person here who was left out of a fold is that fold's; of others the mean over folds.
        """
        values = {person: learned.refined(cycles) for person, learned in self.folds.items()}
        stacked = np.stack(list(values.values()))
        out, error = stacked.mean(axis=0), np.sqrt(len(stacked) - 1) * stacked.std(axis=0)
        for i, person in enumerate(cycles.persons):
            if person in self.here:
                out[i] = values[person][i]
        return out, error


def write_model(
    folder: Path,
    found: Judged,
    networks: Mapping[str, Path],
    rows: Mapping[TableSchema, Sequence[Mapping[str, Any]]],
    config: RefineConfig,
    pairs: bool,
) -> None:
    """Write the folder whole or not at all. `networks` has the weights of the delivered method by person."""
    weights = {
        f"{i:03d}.{name}": value
        for i, path in enumerate(networks.values())
        for name, value in load_weights(path).items()
        if not name.startswith("loss.")
    }
    digest = found.cycles.bundle().hashed_arrays().hexdigest()
    improvement = [dict(row) for row in rows[IMPROVEMENT] if row["method"] == config.method]
    with replaced(folder) as out:
        write_weights(out / WEIGHTS, weights, digest)
        write_json(
            out / CONFIG,
            {
                "version": _VERSION,
                "refine": config.model_dump(mode="json", exclude={"model", "pairs"}),
                "muscles": found.cycles.muscles,
                "channels": found.cycles.channels,
                "packages": {"mint": mint.__version__, **package_versions(("numpy", "scipy", "torch", "safetensors"))},
            },
        )
        write_json(
            out / FOLDS,
            [{"left_out": person, "learned_from": sorted(set(found.folds) - {person})} for person in networks],
        )
        write_json(out / METRICS, {"cycles": len(found.cycles), "cycles_sha256": digest, "improvement": improvement})
        write_text(out / CARD, _card(found, improvement, config, digest, pairs))


def _card(found: Judged, rows: Sequence[Mapping[str, Any]], config: RefineConfig, digest: str, pairs: bool) -> str:
    kind = METHODS[config.method]
    over = {(row["channel"], row["over"]): row for row in rows}
    lines = ["| channel | RMSE | correlation | over the simulation | over the mean EMG |", "|---|---|---|---|---|"]
    for channel in found.cycles.channels:
        first, second = over.get((channel, Simulation.name)), over.get((channel, MeanEmg.name))
        if first and second:
            r = "" if first["r"] is None else f"{first['r']:.2f}"
            lines.append(f"| {channel} | {first['rmse']:.3f} | {r} | {_told(first)} | {_told(second)} |")
    simulation, mean = (better(rows, config.method, name) for name in (Simulation.name, MeanEmg.name))
    source = "a table of pairs" if pairs else "the dataset of the project that it was trained in"
    return "\n".join(
        [
            "# Refiner of simulated muscle activity",
            "",
            f"From simulated activations of a gait cycle to the envelope of surface EMG, 1 at the person's largest "
            f"value: {kind.title} ({kind.source}), learned once without each of {len(found.folds)} people.",
            "",
            f"Data: {len(found.cycles)} gait cycles of {len(found.cycles.people)} people, {source}; SHA-256 of the "
            f"cycles {digest}. Activations: {len(found.cycles.muscles)} strands. "
            f"Preset: {config.preset}; seed {config.seed}.",
            "",
            "Judged on people who were left out. Change of the error with 95 % confidence interval over people; "
            "negative is better:",
            "",
            *lines,
            "",
            f"Better than the simulation, its interval below zero: {len(simulation)} of {len(found.cycles.channels)} "
            f"channels; than the mean EMG of other people: {len(mean)}.",
            "",
            "It says when, and how much of their own largest value, people like these activate these muscles in "
            "motions like these. It says nothing of other motions, of patients, of muscles without electrodes, nor of "
            "the share of a maximal contraction.",
            "",
        ]
    )


def _told(row: Mapping[str, Any]) -> str:
    if row["ci_low"] is None:
        return f"{100 * row['improvement']:+.0f} %"
    return f"{100 * row['improvement']:+.0f} % [{100 * row['ci_low']:+.0f}, {100 * row['ci_high']:+.0f}]"


def read_model(folder: str | Path, here: Collection[str] = ()) -> Refiner:
    """A refiner of a folder; `here` are those of its people who are people of this project. Raises `StageError` for one
    that is not complete, whose parts do not fit, or of another version."""
    path = Path(folder)
    try:
        told = json.loads((path / CONFIG).read_text(encoding="utf-8"))
        folds = json.loads((path / FOLDS).read_text(encoding="utf-8"))
        if told["version"] != _VERSION:
            raise ValueError(f"version {told['version']}, must be {_VERSION}")
        config = RefineConfig(**told["refine"])
        muscles, channels = tuple(map(str, told["muscles"])), tuple(map(str, told["channels"]))
        people = [str(each["left_out"]) for each in folds]
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise StageError(
            Reason.FILE_CORRUPT,
            f"{path} is no refiner: {error}",
            remedy="the folder results/refine/model of a project that has trained one",
        ) from error
    known, heard = set(mint_columns()), set(table("emg_channels")["channel"])
    if strange := [name for name in muscles if name not in known] + [name for name in channels if name not in heard]:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path / CONFIG}: {', '.join(strange[:5])} ({len(strange)} in all) are "
            "no columns of a dataset, or no channels of resources/emg_channels.csv",
            remedy="a refiner that was trained on a dataset, not on files with other names",
        )
    weights = load_weights(path / WEIGHTS)
    if broken := [name for name, value in weights.items() if not np.isfinite(value).all()]:
        raise StageError(
            Reason.NOT_FINITE,
            f"{path / WEIGHTS}: {broken[0]} ({len(broken)} arrays in all) is no number",
            remedy="train the refiner again",
        )
    probe = _probe(config.samples, muscles, channels)
    learned: dict[str, Method] = {}
    for i, person in enumerate(people):
        own = {name.partition(".")[2]: value for name, value in weights.items() if name.startswith(f"{i:03d}.")}
        try:
            learned[person] = method(config.method, config)
            learned[person].restore(own)
            if learned[person].refined(probe).shape != probe.own.shape:
                raise ValueError("their output has another shape")
        except (KeyError, RuntimeError, ValueError, IndexError, TypeError) as error:
            raise StageError(
                Reason.FIELD_SHAPE,
                f"{path / WEIGHTS}: weights of fold {i} do not fit {config.method}: {error}",
                remedy="copy the folder again",
            ) from error
    if not learned:
        raise StageError(Reason.FIELD_MISSING, f"{path / FOLDS} has no fold", remedy="copy the folder again")
    return Refiner(config, muscles, channels, learned, frozenset(here) & frozenset(learned))


def _probe(samples: int, muscles: tuple[str, ...], channels: tuple[str, ...]) -> Cycles:
    """A cycle to try weights on."""
    own = np.full((1, samples, len(channels)), 0.1)
    return Cycles(np.full((1, samples, len(muscles)), 0.1), own, own, np.ones(1), ("",), ("",), muscles, channels)
