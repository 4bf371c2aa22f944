"""Areas under activation curves: their values, the order of strands, what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from mint.config.figures import FiguresConfig
from mint.core.tables import mint_columns
from mint.figures.areas import histograms, make, window_areas
from mint.figures.figure import NoData
from tests.figures.factory import Dataset, constant

CONFIG = FiguresConfig(area_bins=20)


def levels(frames: int, seed: int) -> np.ndarray:
    """Constant activations: strand i has the i-th value of a permutation of 0.01 to 0.99, the last 40 have none."""
    out = constant(frames, 0.0)
    out[:] = 0.01 + 0.98 * np.random.default_rng(seed).permutation(402) / 401
    out[:, -40:] = np.nan
    return out


def test_area_is_the_integral_over_the_window_and_ends_are_left_out(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(140, 0.5), 200: constant(69, 0.5)})
    dataset.add("b", {7: constant(75, 0.25)})
    areas = window_areas(dataset.read(), 1.4)
    assert areas.shape == (3, 402)
    assert np.allclose(areas[:2], 0.7) and np.allclose(areas[2], 0.35)


def test_strands_are_sorted_by_median_and_absent_ones_left_out(dataset: Dataset) -> None:
    for seed in range(5):
        dataset.add(f"m{seed}", {7: levels(70, seed)})
    truth = np.median([levels(1, seed)[0].astype(float) for seed in range(5)], axis=0) * 1.4
    drawn = make(dataset.read(), CONFIG)
    order = [row["mint_column"] for row in drawn.rows]
    assert len(order) == 362 and order == [mint_columns()[i] for i in np.argsort(truth[:362], kind="stable")]
    medians = [row["median_s"] for row in drawn.rows]
    assert medians == sorted(medians) and np.allclose(medians, np.sort(truth[:362]))
    image = next(trace for trace in drawn.plot.data if trace.type == "heatmap")
    assert list(image.x) == order and np.array(image.customdata).sum(axis=0).tolist() == [5] * 362
    assert "40 strands are not in the model" in drawn.caption and "362 medians" in drawn.caption


def test_colour_is_the_logarithm_of_the_count_and_empty_bins_have_none(dataset: Dataset) -> None:
    for seed in range(5):
        dataset.add(f"m{seed}", {7: levels(70, seed)})
    image = next(trace for trace in make(dataset.read(), CONFIG).plot.data if trace.type == "heatmap")
    for shown, counted in zip(image.z, image.customdata, strict=True):
        assert [None if n == 0 else pytest.approx(np.log10(n), abs=1e-3) for n in counted] == list(shown)


def test_values_beyond_the_edges_count_in_the_outer_bins() -> None:
    areas = np.full((4, 402), np.nan)
    areas[:, 0] = [0.001, 0.5, 9.0, np.nan]
    assert histograms(areas, [mint_columns()[0]], np.array([0.1, 0.4, 0.6, 1.0])).ravel().tolist() == [1, 1, 1]


def test_idle_strands_of_zero_activation_can_be_drawn(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(70, 0.0)})
    drawn = make(dataset.read(), CONFIG)
    assert all(row["maximum_s"] == 0 for row in drawn.rows) and len(drawn.rows) == 402


def test_windows_shorter_than_asked_for_are_said(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(40, 0.5)})
    with pytest.raises(NoData, match=r"1\.4 s"):
        make(dataset.read(), CONFIG)
