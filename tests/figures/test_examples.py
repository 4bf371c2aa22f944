"""Which stretch is shown of an activity, and that its curves are the dataset's values."""

from __future__ import annotations

import numpy as np
import pytest

from mint.config.figures import FiguresConfig
from mint.core.tables import mint_columns
from mint.figures.examples import NUMBERS, examples, make
from mint.figures.figure import NoData
from tests.figures.factory import Dataset, constant

KICK = FiguresConfig(examples=("kick",))


def ramp(frames: int) -> np.ndarray:
    """Each frame and strand has a value of its own."""
    return (np.arange(frames)[:, None] / 1000 + np.arange(402) / 1000).astype(np.float32)


def test_complete_stretch_wins_over_small_error_and_small_error_over_name(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(40, 0.1)}, error_mm=1.0)
    dataset.add("b", error_mm=12.0)
    dataset.add("c", error_mm=11.0)
    for name in "abc":
        dataset.label(name, "kick", span=(0.4, 1.6), level="frame")
    (example,) = examples(dataset.read(), KICK)
    assert (example.sequence_id, example.start, example.stop, example.missing) == ("c", 20, 81, 0)


def test_example_never_crosses_a_gap(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(30, 0.1), 100: constant(80, 0.1)})
    dataset.label("a", "kick", span=(0.0, 4.0))
    (example,) = examples(dataset.read(), KICK)
    assert (example.start, example.stop) == (100, 180) and example.missing > 0
    assert "Part of kick has no values" in make(dataset.read(), KICK).caption


def test_long_stretch_is_cut_and_buffers_are_no_loss(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(186, 0.1)})
    dataset.label("a", "kick", span=(0.0, 4.0))
    (example,) = examples(dataset.read(), FiguresConfig(examples=("kick",), example_s=1.0))
    assert (example.start, example.stop, example.missing) == (7, 57, 0)


def test_activity_that_does_not_occur_gives_way_to_the_most_frequent(dataset: Dataset) -> None:
    for name, category in (("a", "walk"), ("b", "run"), ("c", "run"), ("d", "jump")):
        dataset.add(name)
        dataset.label(name, category)
    assert [example.activity for example in examples(dataset.read(), FiguresConfig())] == ["jump", "run"]


def test_curves_are_the_values_of_the_muscles_of_both_legs(dataset: Dataset) -> None:
    dataset.add("a", {7: ramp(100)})
    dataset.label("a", "kick", span=(0.2, 1.0), level="frame")
    drawn = make(dataset.read(), KICK)
    table = NUMBERS.frame(drawn.rows)
    assert len(table) == 8 * 41 and set(table["frame"]) == set(range(10, 51))
    columns = mint_columns()
    expected = [
        (frame - 7) / 1000 + columns.index(name) / 1000
        for frame, name in zip(table["frame"], table["mint_column"], strict=True)
    ]
    assert np.allclose(table["activation"].astype(float), expected, atol=1e-6)
    curve = next(trace for trace in drawn.plot.data if "LU_recfem_l" in trace.hovertemplate)
    assert (
        curve.name == "left"
        and curve.x[0] == 0.2
        and curve.y[0] == pytest.approx(0.003 + columns.index("LU_recfem_l") / 1000, rel=1e-3)
    )
    assert [note.text for note in drawn.plot.layout.annotations] == [
        "<b>kick</b>, a",
        "gluteus medius 1",
        "gluteus maximus 2",
        "rectus femoris",
        "biceps femoris long head",
    ]


def test_without_labels_the_name_of_the_recording_tells(dataset: Dataset) -> None:
    dataset.add("side_kick_3", error_mm=5.0)
    dataset.add("waltz")
    (example,) = examples(dataset.read(), KICK)
    assert (example.activity, example.sequence_id) == ("kick", "side_kick_3")
    assert "names of recordings" in make(dataset.read(), KICK).caption


def test_nothing_to_show_is_said(dataset: Dataset) -> None:
    with pytest.raises(NoData, match="No stretch"):
        make(dataset.read(), KICK)
    dataset.add("kick")
    (dataset.folder / dataset.sequences[0]["data_path"] / "muscle_activations.parquet").write_bytes(b"no")
    with pytest.raises(NoData, match="cannot be read"):
        make(dataset.read(), KICK)
