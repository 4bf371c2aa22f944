"""Clusters of windows: features, grouping that finds planted activities, the same answer every time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mint.config.figures import FiguresConfig
from mint.figures import clusters
from mint.figures.features import FEATURES, normalized, sample, window_features
from mint.figures.figure import Drawn, NoData
from mint.figures.grouping import agreement, clustered, placed
from mint.figures.labels import OTHERS, UNLABELLED, limited, of_windows
from tests.figures.factory import Dataset, constant

CONFIG = FiguresConfig()
STRANDS = 12


def motion(frames: int, kind: int, seed: int) -> np.ndarray:
    """Activations of two kinds that differ in which strands work and how fast; all but the first strands have no value."""
    random, t = np.random.default_rng(seed), np.arange(frames)[:, None] / 50
    out = constant(frames, np.nan)
    works = (np.arange(STRANDS) % 2) == kind
    wave = 0.3 + 0.25 * np.sin(2 * np.pi * (1.5 if kind else 4.0) * t + random.uniform(0, 6, STRANDS))
    out[:, :STRANDS] = np.where(works, wave, 0.05) + random.uniform(0, 0.02, (frames, STRANDS))
    return out


def planted(dataset: Dataset, each: int = 4) -> None:
    for kind, category in enumerate(("kick", "walk")):
        for number in range(each):
            name = f"{category}{number}"
            dataset.add(name, {7: motion(140, kind, 10 * kind + number)})
            dataset.label(name, category)


def test_two_different_activities_fall_into_different_clusters(dataset: Dataset) -> None:
    planted(dataset)
    drawn = clusters.make(dataset.read(), CONFIG)
    assert len(drawn.rows) == 16
    found = {
        activity: {row["cluster"] for row in drawn.rows if row["activity"] == activity} for activity in ("kick", "walk")
    }
    assert found["kick"] and found["walk"] and not found["kick"] & found["walk"]
    middle = {
        activity: np.mean([(row["x"], row["y"]) for row in drawn.rows if row["activity"] == activity], axis=0)
        for activity in found
    }
    spread = max(
        np.hypot(row["x"] - middle[row["activity"]][0], row["y"] - middle[row["activity"]][1]) for row in drawn.rows
    )
    assert np.linalg.norm(middle["kick"] - middle["walk"]) > spread, "they are drawn apart"


def test_agreement_of_what_is_drawn_is_told(dataset: Dataset) -> None:
    planted(dataset)
    drawn = clusters.make(dataset.read(), CONFIG)
    expected = agreement([row["activity"] for row in drawn.rows], np.array([row["cluster"] for row in drawn.rows]))
    assert expected is not None and expected > 0.5
    assert f"0 chance, 1 the same): {expected:.2f}" in drawn.caption and "h-NNE" in drawn.caption


def test_partition_nearest_in_number_to_the_activities_is_drawn() -> None:
    random = np.random.default_rng(3)
    points = 10 * np.eye(6)[np.arange(80) % 4] + random.normal(size=(80, 6))
    sizes = {size for size, _ in clustered(points, ["a"] * 80).partitions}
    assert len(sizes) >= 3
    for count in (2, 4, 15):
        found = clustered(points, [f"activity {i % count}" for i in range(80)])
        assert len(set(found.clusters.tolist())) == min(sizes, key=lambda size: abs(np.log(size / count)))
    found = clustered(points, [f"activity {i % 4}" for i in range(80)])
    assert found.agreement is not None and found.agreement > 0.9
    assert found.agreement == max(value for _, value in found.partitions if value is not None)


def same(first: Drawn, second: Drawn) -> bool:
    return (
        first.rows == second.rows and first.plot.to_json() == second.plot.to_json() and first.caption == second.caption
    )


def test_two_runs_give_the_same_figure(dataset: Dataset) -> None:
    planted(dataset)
    data = dataset.read()
    assert same(clusters.make(data, CONFIG), clusters.make(data, CONFIG))


def test_a_sample_does_not_depend_on_order_and_stays_when_it_grows() -> None:
    windows = pd.DataFrame({"sequence_id": [f"m{i % 7}" for i in range(50)], "start_frame": range(0, 500, 10)})
    few = sample(windows, 20)
    assert few.equals(sample(windows.iloc[::-1], 20)) and len(few) == 20
    more = sample(windows, 30)
    assert set(map(tuple, few.to_numpy())) < set(map(tuple, more.to_numpy()))
    assert len(sample(windows, 100)) == 50


def test_number_of_windows_is_limited(dataset: Dataset) -> None:
    planted(dataset)
    assert len(clusters.make(dataset.read(), FiguresConfig(max_windows=7)).rows) == 7


@pytest.mark.parametrize("count", [3, 4, 5])
def test_a_handful_of_windows_is_placed_by_principal_components(count: int) -> None:
    points = np.random.default_rng(0).normal(size=(count, 6))
    places, method = placed(points)
    assert places.shape == (count, 2) and np.isfinite(places).all() and "principal components" in method
    assert clustered(points, ["a"] * count).clusters.shape == (count,)


def test_windows_that_are_too_few_or_all_the_same_are_said(dataset: Dataset) -> None:
    dataset.add("a", {7: constant(140, 0.2)})
    with pytest.raises(NoData, match="2 windows"):
        clusters.make(dataset.read(), CONFIG)
    dataset.add("b", {7: constant(140, 0.2)})
    with pytest.raises(NoData, match="same activations"):
        clusters.make(dataset.read(), CONFIG)


def test_a_single_feature_that_varies_is_enough() -> None:
    points = np.array([[-1.0], [-0.9], [0.9], [1.0]])
    places, _ = placed(points)
    assert places.shape == (4, 2) and len(set(places[:, 0])) == 4


def test_features_have_their_textbook_values() -> None:
    t = np.arange(70) / 70
    curves = np.column_stack(
        [0.5 + 0.2 * np.sin(2 * np.pi * t), np.full(70, 0.3), np.where(t < 0.9, 0.0, 1.0), np.full(70, np.nan)]
    )
    sine, flat, step, absent = (dict(zip(FEATURES, row, strict=True)) for row in window_features(curves))
    assert sine["mean"] == pytest.approx(0.5) and sine["standard_deviation"] == pytest.approx(0.2 / np.sqrt(2))
    assert sine["maximum"] == pytest.approx(0.7, abs=1e-3) and sine["skewness"] == pytest.approx(0, abs=1e-9)
    # A sine's kurtosis is 1.5 - 3; its change per frame is that of four amplitudes in a period.
    assert sine["kurtosis"] == pytest.approx(-1.5, abs=0.05) and sine["mean_abs_change"] == pytest.approx(
        0.8 / 70, rel=0.03
    )
    assert step["skewness"] > 2
    assert flat == {**dict.fromkeys(FEATURES, 0.0), "mean": pytest.approx(0.3), "maximum": pytest.approx(0.3)}
    assert np.isnan(list(absent.values())).all()


def test_autocorrelation_is_that_of_a_fifth_of_a_second() -> None:
    frame = np.arange(70)[:, None]
    # Periods of 10 and 20 frames: the same and the opposite after 10.
    values = window_features(0.5 + 0.2 * np.sin(2 * np.pi * frame / np.array([10, 20])))[
        :, FEATURES.index("autocorrelation")
    ]
    assert values == pytest.approx([1, -1], abs=0.05)


def test_noise_of_the_solver_has_no_shape() -> None:
    noise = 0.01 + 1e-4 * np.random.default_rng(0).normal(size=(70, 1))
    row = dict(zip(FEATURES, window_features(noise)[0], strict=True))
    assert row["skewness"] == row["cid_ce"] == 0 and row["mean"] == pytest.approx(0.01, abs=1e-4)


def test_normalized_features_weigh_the_same_and_constants_nothing() -> None:
    features = np.array([[1.0, 1000.0, 0.1 + 0.2], [2.0, 3000.0, 0.3], [3.0, 5000.0, 0.3]])
    points = normalized(features)
    assert points.shape == (3, 2) and np.allclose(points.mean(axis=0), 0) and np.allclose(points.std(axis=0), 1)


def test_window_shows_what_overlaps_it_longest(dataset: Dataset) -> None:
    dataset.add("a")
    dataset.add("b")
    dataset.label("a", "stand", span=(0.0, 0.8), level="frame")
    dataset.label("a", "kick", span=(0.8, 2.0), level="frame")
    dataset.label("a", "stand", span=(2.0, 2.4), level="frame")
    dataset.label("a", "walk", span=(2.4, 4.0), level="frame")
    windows = pd.DataFrame({"sequence_id": ["a", "a", "b"], "start_frame": [7, 77, 7]})
    # 0.14 to 1.54: stand 0.66, kick 0.74. 1.54 to 2.94: kick 0.46, stand 0.4, walk 0.54.
    assert of_windows(dataset.read(), windows, 1.4)[0] == ["kick", "walk", UNLABELLED]


def test_without_labels_windows_are_named_by_their_recording(dataset: Dataset) -> None:
    dataset.add("dance_a")
    names, whence = of_windows(dataset.read(), pd.DataFrame({"sequence_id": ["dance_a"], "start_frame": [7]}), 1.4)
    assert names == ["dance_a"] and "names of recordings" in whence


def test_windows_without_label_do_not_count_for_agreement() -> None:
    names = ["a", "a", "b", "b", UNLABELLED, UNLABELLED]
    assert agreement(names, np.array([0, 0, 1, 1, 0, 1])) == pytest.approx(1)
    assert agreement(["a", "a", UNLABELLED], np.array([0, 1, 1])) is None


def test_rare_activities_share_a_colour() -> None:
    assert limited(["a", "a", "a", "b", "b", "c", UNLABELLED], 2) == ["a", "a", "a", "b", "b", OTHERS, UNLABELLED]
