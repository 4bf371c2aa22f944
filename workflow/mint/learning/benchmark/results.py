"""Rows of the benchmark's tables, from the bundles of all trainings and judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mint.core.bundle import Bundle
from mint.dataset.schema import TableSchema
from mint.learning.benchmark.names import FLOOR_TITLES
from mint.learning.benchmark.tables import LEARNING, MUSCLE_SCORES, RESULTS, TRAININGS
from mint.learning.scores import OVERALL

NUMBERS = ("rmse", "pcc", "pcc_paper", "smape")
Rows = list[dict[str, Any]]


def rows_of(
    trained: Mapping[tuple[str, int], Bundle], judged: Mapping[tuple[str, int], Bundle]
) -> dict[TableSchema, Rows]:
    """Rows of every table; bundles by (entry, number of the seed)."""
    return {
        RESULTS: _results(judged),
        MUSCLE_SCORES: _muscles(judged),
        TRAININGS: _trainings(trained, judged),
        LEARNING: _learning(trained),
    }


def seeds_of(judged: Mapping[tuple[str, int], Bundle]) -> dict[str, list[Bundle]]:
    """Good judgements of each entry, a list over seeds."""
    out: dict[str, list[Bundle]] = {}
    for (entry, _), bundle in judged.items():
        if bundle.ok:
            out.setdefault(entry, []).append(bundle)
    return out


def _results(judged: Mapping[tuple[str, int], Bundle]) -> Rows:
    out = []
    for entry, seeds in seeds_of(judged).items():
        first = seeds[0].meta["scores"]
        for action in first:
            for group, score in first[action].items():
                every = [each.meta["scores"][action][group] for each in seeds]
                if not np.isfinite([each["rmse"] for each in every]).any():
                    continue  # muscles that nothing was simulated of in these windows
                row = {
                    "entry": entry,
                    "muscles": group,
                    "action": "" if action == OVERALL else action,
                    "muscle_count": seeds[0].meta["muscle_counts"][group],
                    "windows": score["windows"],
                    "seeds": len(seeds),
                    "flat": _mean([each["flat"] for each in every]),
                }
                for name in NUMBERS:
                    values = [each[name] for each in every]
                    row[name] = _mean(values)
                    known = _known(values)
                    row[f"{name}_sd"] = float(np.std(known, ddof=1)) if len(known) > 1 else None
                out.append(row)
    return out


def _muscles(judged: Mapping[tuple[str, int], Bundle]) -> Rows:
    out = []
    for entry, seeds in seeds_of(judged).items():
        means = {name: np.mean([each[name] for each in seeds], axis=0) for name in (*NUMBERS, "flat")}
        for i, muscle in enumerate(seeds[0].names("muscles")):
            out.append(
                {
                    "entry": entry,
                    "muscle": muscle,
                    "seeds": len(seeds),
                    **{name: _mean([values[i]]) for name, values in means.items()},
                }
            )
    return out


def _trainings(trained: Mapping[tuple[str, int], Bundle], judged: Mapping[tuple[str, int], Bundle]) -> Rows:
    out = []
    for (entry, number), bundle in judged.items():
        before = trained.get((entry, number))
        row: dict[str, Any] = {
            "entry": entry,
            "number": number,
            "parameters": 0,
            "iterations": 0,
            "best_iteration": 0,
            "left_out": "" if bundle.ok else bundle.status.message,
        }
        if before is not None and before.ok:
            row |= {key: before.meta[key] for key in ("parameters", "iterations", "best_iteration")}
            row["val_rmse"] = float(before["val_rmse"].min())
        if bundle.ok:
            overall = bundle.meta["scores"][OVERALL]["all"]
            row |= {name: _mean([overall[name]]) for name in ("rmse", "pcc")}
        out.append(row)
    return out


def _learning(trained: Mapping[tuple[str, int], Bundle]) -> Rows:
    return [
        {
            "entry": entry,
            "number": number,
            "iteration": int(iteration),
            "loss": _mean([loss]),
            "val_rmse": _mean([error]),
        }
        for (entry, number), bundle in trained.items()
        if bundle.ok
        for iteration, loss, error in zip(bundle["iteration"], bundle["loss"], bundle["val_rmse"], strict=True)
    ]


def best_floor(results: Sequence[Mapping[str, Any]], number: str) -> Mapping[str, Any] | None:
    """The floor that is best over all muscles and windows: least RMSE or SMAPE, largest correlation."""
    floors = [
        row
        for row in results
        if row["entry"] in FLOOR_TITLES and row["muscles"] == "all" and not row["action"] and row[number] is not None
    ]
    sign = -1 if number.startswith("pcc") else 1
    return min(floors, key=lambda row: sign * row[number], default=None)


def _known(values: Sequence[float]) -> list[float]:
    return [float(value) for value in values if np.isfinite(value)]


def _mean(values: Sequence[float]) -> float | None:
    """Mean of the numbers among them; None without one."""
    known = _known(values)
    return float(np.mean(known)) if known else None
