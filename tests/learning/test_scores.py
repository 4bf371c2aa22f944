"""Numbers of scores against those of a pocket calculator and of scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mint.learning.refine.evaluate import better, improvement_rows
from mint.learning.refine.scores import against_zero, errors, improvements, interval, tukey
from tests.learning.conftest import made_up


def test_errors_of_a_known_offset() -> None:
    cycles = made_up()
    measured = cycles.own.copy()
    measured[0, :, 1] = np.nan
    rows = errors(replace(cycles, measured=measured), cycles.own + 0.1)
    assert [row["rmse"] for row in rows] == pytest.approx([0.1] * len(rows)) and [
        row["r"] for row in rows
    ] == pytest.approx([1] * len(rows))
    assert all(row["peak_ms"] == 0 for row in rows)
    assert {(row["person"], row["channel"]): row["cycles"] for row in rows}["p0", "m1"] == 1


def test_a_late_peak_is_told_the_shorter_way_round() -> None:
    cycles = made_up(people=1, trials=1, samples=101)
    bump = np.exp(-(((cycles.phase - 0.95) / 0.02) ** 2))[None, :, None] * np.ones(3)
    late = np.exp(-(((cycles.phase - 0.05) / 0.02) ** 2))[None, :, None] * np.ones(3)
    [row, *_] = errors(replace(cycles, measured=bump), late)
    assert row["peak_ms"] == pytest.approx(100 * cycles.duration_s[0], rel=0.02)


def test_improvement_and_its_interval_are_those_of_student() -> None:
    rows = [
        {"method": method, "channel": "c", "person": f"p{i}", "rmse": value, "r": 0.5, "peak_ms": 1.0}
        for method, values in (
            ("simulation", [0.2, 0.4, 0.1]),
            ("mean_emg", [0.2, 0.2, 0.2]),
            ("ridge", [0.1, 0.3, 0.06]),
        )
        for i, value in enumerate(values)
    ]
    changes = improvements(rows, "ridge", "simulation")["c"]
    assert changes == pytest.approx([-0.5, -0.25, -0.4])
    mean, low, high = interval(changes)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 2, mean, stats.sem(changes)))
    table = improvement_rows(rows)
    found = next(row for row in table if row["method"] == "ridge" and row["over"] == "simulation")
    assert found["improvement"] == pytest.approx(mean) and found["people"] == 3
    assert (high < 0) == (better(table, "ridge", "simulation") == ["c"])
    assert interval(np.array([0.3]))[1:] == (-np.inf, np.inf)


def test_tukey_tells_groups_apart_and_says_nothing_of_one_person() -> None:
    random = np.random.default_rng(0)
    groups = {"a": random.normal(0, 0.1, 10), "b": random.normal(0, 0.1, 10), "c": random.normal(-0.5, 0.1, 10)}
    found = {(row["first"], row["second"]): row for row in tukey(groups)}
    assert found["a", "c"]["p"] < 0.001 < 0.05 < found["a", "b"]["p"]
    assert found["a", "c"]["ci_low"] < 0.5 < found["a", "c"]["ci_high"]
    assert tukey({"a": np.array([0.1]), "b": np.array([0.2])}) == []


def test_a_mean_against_zero() -> None:
    mean, p = against_zero(np.array([0.4, 0.5, 0.6]))
    assert mean == pytest.approx(0.5) and p == pytest.approx(stats.ttest_1samp([0.4, 0.5, 0.6], 0).pvalue)
    assert np.isnan(against_zero(np.array([0.4]))[1])
