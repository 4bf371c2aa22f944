"""All folds together: tables of errors, improvements, conditions, shortcuts and learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mint.config.refine import RefineConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.dataset.schema import TableSchema
from mint.learning.refine.controls import MeanEmg, Simulation
from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.folds import CURVE
from mint.learning.refine.registry import CONDITIONS, METHODS
from mint.learning.refine.scores import against_zero, errors, improvements, interval, rmse, tukey
from mint.learning.refine.tables import IMPROVEMENT, LEARNING, SCORES, SHORTCUT, TUKEY


@dataclass(frozen=True)
class Judged:
    """Cycles of the people who were left out, what each method made of them, and the folds by person."""

    cycles: Cycles
    refined: Mapping[str, Floats]
    folds: Mapping[str, Bundle]


def judged(cycles: Cycles, folds: Sequence[Bundle]) -> Judged:
    """The folds that are ok, together. Raises `StageError`, with why, where none is."""
    good = {str(each.meta["person"]): each for each in folds if each.ok}
    if not good:
        told = "; ".join(sorted({each.status.detail for each in folds})) or "no person has EMG"
        raise StageError(
            Reason.FIELD_MISSING, f"nothing was learned: {told}", remedy="people with EMG (docs/learning/refinement.md)"
        )
    people = [person for person in cycles.people if person in good]
    whole = cycles.of(people)
    order = [i for person in people for i, name in enumerate(whole.persons) if name == person]
    refined = {}
    for name in METHODS:
        values = np.empty_like(whole.own)
        values[order] = np.concatenate([good[person][f"refined_{name}"] for person in people])
        refined[name] = values
    return Judged(whole, refined, {person: good[person] for person in people})


def tables(found: Judged) -> dict[TableSchema, list[dict[str, Any]]]:
    """Rows of every table."""
    scores = [{"method": name, **row} for name, values in found.refined.items() for row in errors(found.cycles, values)]
    return {
        SCORES: scores,
        IMPROVEMENT: improvement_rows(scores),
        TUKEY: _tukey_rows(scores),
        SHORTCUT: _shortcut_rows(found),
        LEARNING: _learning_rows(found),
    }


def improvement_rows(scores: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `IMPROVEMENT` of the rows of `SCORES`: every method over the simulation and over the mean EMG."""
    out = []
    for over in (Simulation.name, MeanEmg.name):
        for method in METHODS:
            for channel, values in improvements(scores, method, over).items():
                own = [row for row in scores if (row["method"], row["channel"]) == (method, channel)]
                mean, low, high = interval(values)
                correlations = [row["r"] for row in own if np.isfinite(row["r"])]
                out.append(
                    {
                        "method": method,
                        "channel": channel,
                        "over": over,
                        "people": len(values),
                        "rmse": float(np.mean([row["rmse"] for row in own])),
                        "r": float(np.mean(correlations)) if correlations else None,
                        "peak_ms": float(np.mean([row["peak_ms"] for row in own])),
                        "improvement": mean,
                        **{
                            name: end if np.isfinite(end) else None
                            for name, end in (("ci_low", low), ("ci_high", high))
                        },
                    }
                )
    return out


def better(rows: Sequence[Mapping[str, Any]], method: str, over: str) -> list[str]:
    """Channels in which a method is better than another: its confidence interval lies below zero."""
    return [
        str(row["channel"])
        for row in rows
        if row["method"] == method and row["over"] == over and row["ci_high"] is not None and row["ci_high"] < 0
    ]


def _tukey_rows(scores: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    by_condition = {name: improvements(scores, name, Simulation.name) for name in CONDITIONS}
    channels = by_condition[CONDITIONS[0]]
    return [
        {"channel": channel, **row}
        for channel in channels
        for row in tukey({name: values[channel] for name, values in by_condition.items()})
    ]


def _shortcut_rows(found: Judged) -> list[dict[str, Any]]:
    out = []
    cycles, owners = found.cycles, np.array(found.cycles.persons)
    before = rmse(cycles.own, cycles.measured)
    for name in METHODS:
        unchanged = rmse(found.refined[name], cycles.measured) / np.maximum(before, 1e-9) - 1
        for c, channel in enumerate(cycles.channels):
            changes, own, inputs = [], [], 0
            for person, fold in found.folds.items():
                values = fold[f"shortcut_{name}"][:, c]
                if not np.isfinite(values).any():
                    continue
                changes.append(float(np.nanmean(values)))
                own.append((1 + changes[-1]) / (1 + float(np.nanmean(unchanged[owners == person, c]))) - 1)
                inputs += int(np.isfinite(values).sum())
            if changes:
                (mean, p), (own_mean, own_p) = (against_zero(np.array(each)) for each in (changes, own))
                out.append(
                    {
                        "method": name,
                        "channel": channel,
                        "inputs": inputs,
                        "change": mean,
                        "p": p if np.isfinite(p) else None,
                        "own_change": own_mean,
                        "own_p": own_p if np.isfinite(own_p) else None,
                    }
                )
    return out


def _learning_rows(found: Judged) -> list[dict[str, Any]]:
    seen: dict[tuple[str, str, int], list[float]] = {}
    for each in found.folds.values():
        for people, by_method in zip(each["curve_people"], each["curve"], strict=True):
            for name, values in zip(CURVE, by_method, strict=True):
                for channel, value in zip(found.cycles.channels, values, strict=True):
                    if np.isfinite(value):
                        seen.setdefault((name, channel, int(people)), []).append(float(value))
    return [
        {"method": name, "channel": channel, "people": people, "rmse": float(np.mean(values))}
        for (name, channel, people), values in seen.items()
    ]


def summary(rows: Mapping[TableSchema, Sequence[Mapping[str, Any]]], config: RefineConfig) -> dict[str, Any]:
    """Counts that answer the first questions: in which channels the method is better than the simulation, and than the
    mean EMG of other people."""
    improvement = rows[IMPROVEMENT]
    return {
        "method": config.method,
        "channels": sorted({str(row["channel"]) for row in improvement}),
        "better_than_simulation": better(improvement, config.method, Simulation.name),
        "better_than_mean_emg": better(improvement, config.method, MeanEmg.name),
    }
