"""Numbers of the figures that are made from tables: subjects, prevalence, composition, run times."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from mint.config.figures import FiguresConfig
from mint.figures import composition, prevalence, run_times, subjects
from mint.figures.figure import NoData
from tests.figures.factory import Dataset, constant

CONFIG = FiguresConfig()


def by(rows: Any, key: str) -> dict[str, dict[str, Any]]:
    return {str(row[key]): dict(row) for row in rows}


def test_each_subject_is_one_entry_with_all_its_seconds(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(50, 0.1)}, weight_kg=80.0, height_cm=200.0)
    dataset.add("b", {7: constant(100, 0.1)}, weight_kg=80.0, height_cm=200.0)
    dataset.add(
        "c", {7: constant(25, 0.1)}, subject="s1", dataset="BMLmovi", weight_kg=50.0, height_cm=160.0, gender="male"
    )
    rows = subjects.make(dataset.read(), CONFIG).rows
    assert [(r["dataset"], r["sequences"], r["analysed_s"], round(r["bmi_kg_m2"], 2)) for r in rows] == [
        ("BMLmovi", 1, 0.5, 19.53),
        ("KIT", 2, 3.0, 20.0),
    ]


def test_histograms_count_subjects_or_add_up_their_seconds() -> None:
    values, seconds = pd.Series([161.0, 163.9, 164.0, 175.0]), pd.Series([1.0, 2.0, 4.0, 8.0])
    assert subjects.histogram(values, seconds, 4.0) == ([162, 166, 170, 174], [2, 1, 0, 1], [3, 4, 0, 8])


def test_buttons_switch_both_histograms_to_seconds(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(50, 0.1)}, weight_kg=61.0, height_cm=161.0)
    dataset.add("b", {7: constant(100, 0.1)}, subject="s2", weight_kg=62.0, height_cm=162.0)
    plot = subjects.make(dataset.read(), CONFIG).plot
    by_subjects, by_seconds = (button.args for button in plot.layout.updatemenus[0].buttons)
    heights, weights = by_seconds[2]
    assert plot.data[heights].y == (2,) and plot.data[weights].x == (2,)
    assert by_subjects[0]["y"][0] == [2] and by_seconds[0]["y"][0] == [3] and by_seconds[0]["x"][1] == [3]
    assert by_seconds[1]["yaxis.title.text"] == "time [s]"


def test_subjects_without_weight_are_left_out_and_told(dataset: Dataset) -> None:
    dataset.add("a")
    dataset.add("b", subject="s2", weight_kg=None)
    drawn = subjects.make(dataset.read(), CONFIG)
    assert [row["subject"] for row in drawn.rows] == [
        "s1"
    ] and "Without weight or height, left out: 1." in drawn.caption
    dataset.sequences = [row for row in dataset.sequences if row["subject"] == "s2"]
    with pytest.raises(NoData, match="weight and height"):
        subjects.make(dataset.read(), CONFIG)


def test_labels_count_once_of_the_first_annotator_and_of_intervals_first(dataset: Dataset) -> None:
    for name in ("a", "b", "c"):
        dataset.add(name)
    dataset.label("a", "walk", "forward movement")
    dataset.label("b", "kick")
    dataset.label("b", "stand", span=(0.0, 1.0), level="frame")
    dataset.label("b", "kick", span=(1.0, 2.5), level="frame")
    dataset.label("b", "kick", span=(3.0, 4.0), level="frame")
    dataset.label("b", "jump", span=(0.0, 4.0), level="frame", annotation=1)
    dataset.label("c")
    drawn = prevalence.make(dataset.read(), CONFIG)
    assert [(row["activity"], row["labels"], row["sequences"], row["labelled_s"]) for row in drawn.rows] == [
        ("kick", 2, 1, 2.5),
        ("forward movement", 1, 1, 4.0),
        ("stand", 1, 1, 1.0),
        ("walk", 1, 1, 4.0),
    ]
    assert "by 4 labels (BABEL, or its format) on 2 of 3 sequences" in drawn.caption and "left out: 1." in drawn.caption
    assert drawn.plot.layout.xaxis.type == "log"


def test_without_labels_prevalence_says_how_to_get_them(dataset: Dataset) -> None:
    dataset.add("walk")
    with pytest.raises(NoData, match=r"babel\.folder"):
        prevalence.make(dataset.read(), CONFIG)


def test_composition_is_the_share_of_analysed_seconds(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(150, 0.1)}, duration_s=4.0)
    dataset.add("b", {7: constant(50, 0.1)}, duration_s=2.0)
    dataset.add("c", {7: constant(50, 0.1)}, dataset="TotalCapture", duration_s=9.0)
    for category in ("walk", "run", "jump"):
        dataset.label("a", category, level="frame")
    rows = by(composition.make(dataset.read(), CONFIG).rows, "dataset")
    assert rows["KIT"] == {
        "dataset": "KIT",
        "sequences": 2,
        "analysed_s": 4.0,
        "share": pytest.approx(0.8),
        "mean_duration_s": 3.0,
        "mean_analysed_s": 2.0,
        "labelled_sequences": 1,
        "mean_labels": 3.0,
    }
    assert rows["TotalCapture"]["mean_labels"] is None and rows["TotalCapture"]["share"] == pytest.approx(0.2)


def test_composition_is_drawn_without_labels_and_says_so(dataset: Dataset) -> None:
    dataset.add("a")
    plot = composition.make(dataset.read(), CONFIG).plot
    assert "no labels" in [note.text for note in plot.layout.annotations]
    with pytest.raises(NoData, match="no sequence"):
        composition.make(Dataset(dataset.results / "empty").read(), CONFIG)


def test_chunks_are_told_apart_by_what_became_of_the_trajectory(dataset: Dataset) -> None:
    def run(chunk: int, seconds: float | None, iterations: int | None, *outcome: str) -> None:
        dataset.chunk("a", chunk, *outcome, trajectory_wall_s=seconds, iterations=iterations)

    run(0, 10.0, 100)
    run(1, 20.0, 200, "discarded", "verify", "tracking")
    run(2, 30.0, 300, "discarded", "trajectory", "not_converged")
    run(3, 40.0, None, "failed", "trajectory", "work_limit")
    run(4, 50.0, 500, "failed", "trajectory", "crash")
    run(5, None, None, "excluded_contact", "support", "non_foot_support")
    drawn = run_times.make(dataset.read(), CONFIG)
    rows = [(row["chunk"], row["outcome"], row["wall_s"]) for row in drawn.rows]
    assert rows == [
        (0, "converged, accepted", 10),
        (1, "converged, discarded later", 20),
        (2, "not converged", 30),
        (3, "work limit", 40),
        (4, "failed otherwise", 50),
    ]
    assert "10 s (converged, accepted)" in drawn.caption and "40 s (work limit)" in drawn.caption
    seconds = {trace.name: trace.x for trace in drawn.plot.data if trace.xaxis == "x"}
    iterations = {trace.name: trace.x for trace in drawn.plot.data if trace.xaxis == "x2"}
    assert (
        seconds["work limit"] == (40,) and iterations["work limit"] == (None,) and iterations["not converged"] == (300,)
    )


def test_many_chunks_are_thinned_evenly_in_the_drawing_only(dataset: Dataset) -> None:
    for chunk in range(101):
        dataset.chunk("a", chunk, trajectory_wall_s=float(chunk), iterations=chunk)
    drawn = run_times.make(dataset.read(), FiguresConfig(max_runs=11))
    assert len(drawn.rows) == 101 and "101 chunks" in drawn.caption and "11 of them drawn" in drawn.caption
    assert drawn.plot.data[0].x == tuple(range(0, 101, 10)) and drawn.plot.data[0].y[0].endswith("n = 101")


def test_no_violin_is_made_of_a_handful_of_values(dataset: Dataset) -> None:
    for chunk in range(6):
        dataset.chunk("a", chunk, trajectory_wall_s=float(chunk), iterations=chunk)
    dataset.chunk("a", 6, "discarded", "trajectory", "not_converged", trajectory_wall_s=9.0, iterations=9)
    traces = {trace.name: trace for trace in run_times.make(dataset.read(), CONFIG).plot.data}
    assert traces["not converged"].line.width == 0 and not traces["not converged"].box.visible
    assert traces["converged, accepted"].line.width > 0


def test_run_times_need_a_chunk_that_was_solved(dataset: Dataset) -> None:
    dataset.chunk("a", 0, "excluded_contact", "support", "non_foot_support")
    with pytest.raises(NoData, match="No chunk"):
        run_times.make(dataset.read(), CONFIG)
