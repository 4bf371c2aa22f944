"""How good refined activity is: errors per person, improvement with its confidence interval, comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from mint.learning.refine.cycles import Cycles, Floats
from mint.learning.refine.method import known

_LEVEL = 0.95


def rmse(a: Floats, b: Floats) -> Floats:
    """Root mean square difference (N, C) of cycles (N, S, C) over their samples."""
    return np.asarray(np.sqrt(((a - b) ** 2).mean(axis=1)))


def errors(cycles: Cycles, refined: Floats) -> list[dict[str, Any]]:
    """A row for each measured channel of each person: `person, channel, rmse, r, peak_ms, cycles`, means over the
    person's cycles.

    `rmse` over the samples of a cycle; `r` Pearson's correlation (NaN where one does not vary); `peak_ms` the time of
    the refined peak after the measured one, the shorter way round, its size.
    """
    present = known(cycles.measured)
    out = []
    differences = rmse(refined, cycles.measured)
    for person in cycles.people:
        for c, channel in enumerate(cycles.channels):
            rows = [i for i, name in enumerate(cycles.persons) if name == person and present[i, c]]
            if not rows:
                continue
            pairs = [(refined[i, :, c], cycles.measured[i, :, c], cycles.duration_s[i]) for i in rows]
            correlations = [correlation(a, b) for a, b, _ in pairs]
            out.append(
                {
                    "person": person,
                    "channel": channel,
                    "cycles": len(rows),
                    "rmse": float(differences[rows, c].mean()),
                    "r": float(np.mean(correlations)) if np.isfinite(correlations).all() else float("nan"),
                    "peak_ms": float(np.mean([1000 * t * abs(_around(a, b)) for a, b, t in pairs])),
                }
            )
    return out


def correlation(a: Floats, b: Floats) -> float:
    """Pearson's correlation, NaN where one does not vary."""
    if min(np.ptp(a), np.ptp(b)) < 1e-9:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _around(a: Floats, b: Floats) -> float:
    """Phase from the peak of b to that of a, -0.5 to 0.5."""
    ahead = (int(a.argmax()) - int(b.argmax())) / (len(a) - 1)
    return (ahead + 0.5) % 1.0 - 0.5


def improvements(rows: Sequence[Mapping[str, Any]], of: str, over: str) -> dict[str, Floats]:
    """Relative change of the error of a method over that of another, a value a person, by channel; negative is better.

    `rows` are those of `errors` with a column `method`.
    """
    error = {(row["method"], row["channel"], row["person"]): row["rmse"] for row in rows}
    out: dict[str, list[float]] = {}
    for (method, channel, person), value in error.items():
        before = error.get((over, channel, person))
        if method == of and before:
            out.setdefault(channel, []).append((value - before) / before)
    return {channel: np.array(values) for channel, values in out.items()}


def interval(values: Floats) -> tuple[float, float, float]:
    """Mean and 95 % confidence interval of Student's t over people; infinite for a single person."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, -np.inf, np.inf
    half = float(stats.t.ppf(0.5 + _LEVEL / 2, len(values) - 1) * stats.sem(values))
    return mean, mean - half, mean + half


def tukey(groups: Mapping[str, Floats]) -> list[dict[str, Any]]:
    """Tukey's honestly significant differences between groups of people: rows `first, second, difference, ci_low,
    ci_high, p`. None where a group has fewer than two people."""
    names = list(groups)
    if len(names) < 2 or min(len(values) for values in groups.values()) < 2:
        return []
    found = stats.tukey_hsd(*groups.values())
    between = found.confidence_interval(_LEVEL)
    return [
        {
            "first": names[i],
            "second": names[j],
            "difference": float(found.statistic[i, j]),
            "ci_low": float(between.low[i, j]),
            "ci_high": float(between.high[i, j]),
            "p": float(found.pvalue[i, j]),
        }
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]


def against_zero(values: Floats) -> tuple[float, float]:
    """Mean and p of a t-test of a single sample against zero; NaN for fewer than two values."""
    if len(values) < 2:
        return float(np.mean(values)), float("nan")
    return float(np.mean(values)), float(stats.ttest_1samp(values, 0.0).pvalue)
