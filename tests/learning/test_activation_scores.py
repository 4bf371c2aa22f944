"""Scores of activations against numpy, torchmetrics, naive loops and numbers of a pocket calculator."""

from __future__ import annotations

import warnings
from dataclasses import astuple

import numpy as np
import pytest
import torch
from torchmetrics import MeanSquaredError
from torchmetrics.functional import symmetric_mean_absolute_percentage_error

from mint.core.status import Reason, StageError
from mint.core.tables import mint_columns
from mint.learning.scores import OVERALL, Scores, muscle_groups, muscle_rmse, pcc, pcc_paper, rmse, smape


def windows(count: int = 12, samples: int = 28, muscles: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Activations, and noisy ones that are like them."""
    random = np.random.default_rng(seed)
    target = random.uniform(0.05, 0.9, (count, samples, muscles))
    return np.clip(target + random.normal(0, 0.3, target.shape), 0, 1), target


def test_correlation_is_that_of_numpy_for_each_window_and_muscle() -> None:
    predicted, target = windows()
    naive = [[np.corrcoef(predicted[b, :, c], target[b, :, c])[0, 1] for c in range(5)] for b in range(12)]
    assert pcc(predicted, target) == pytest.approx(np.array(naive), abs=1e-12)


def test_the_papers_correlation_of_a_perfect_prediction_is_28_of_27() -> None:
    _, target = windows()
    assert pcc(target, target) == pytest.approx(1.0)
    assert pcc_paper(target, target) == pytest.approx(28 / 27, abs=1e-6)
    predicted, _ = windows()
    assert pcc_paper(predicted, target) == pytest.approx(28 / 27 * pcc(predicted, target), abs=1e-6)


def test_a_muscle_that_does_not_move_has_no_correlation_and_counts_as_zero_in_the_paper() -> None:
    predicted, target = windows(count=2, muscles=3)
    target[0, :, 1] = 0.1  # the mean of 28 of them is not quite 0.1
    predicted[1, :, 2] = 0.3 + 1e-8 * np.arange(28)  # what float32 leaves of a constant
    found = pcc(predicted, target)
    assert np.isnan(found[0, 1]) and np.isnan(found[1, 2]) and np.isfinite(found).sum() == 4
    assert pcc_paper(predicted, target)[0, 1] == pytest.approx(0, abs=1e-6)
    scores = Scores(["a", "b", "c"], {"all": np.arange(3)})
    scores.update(predicted, target)
    score = scores.result()[OVERALL]["all"]
    assert score.left_out == pytest.approx(2 / 6) and score.flat == pytest.approx(1 / 6)
    assert score.pcc == pytest.approx(np.mean([np.nanmean(found[:, c]) for c in range(3)]))


def test_a_constant_prediction_has_no_correlation_at_all_and_nothing_warns() -> None:
    _, target = windows()
    scores = Scores([str(c) for c in range(5)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores.update(np.full_like(target, 0.1), target)
        score = scores.result()[OVERALL]["all"]
    assert (
        np.isnan(score.pcc)
        and score.left_out == 1
        and score.flat == 1
        and score.pcc_paper == pytest.approx(0, abs=1e-6)
    )


def test_rmse_and_smape_of_hand_made_numbers() -> None:
    predicted = np.array([[[0.0, 3.0], [1.0, 0.0]]])
    target = np.array([[[0.0, 1.0], [1.0, 2.0]]])
    assert muscle_rmse(predicted, target) == pytest.approx([0, 2]) and rmse(predicted, target) == pytest.approx(2**0.5)
    # 0 and 0 agree; 3 and 1: 2 / 2; 0 and 2: 2 / 1.
    assert smape(predicted, target) == pytest.approx(np.array([[0, 150]]))


def test_rmse_and_smape_are_those_of_torchmetrics() -> None:
    predicted, target = (torch.as_tensor(values) for values in windows())
    flat = [values.reshape(-1, 5).contiguous() for values in (predicted, target)]
    known = MeanSquaredError(squared=False, num_outputs=5).set_dtype(torch.float64)
    assert muscle_rmse(predicted, target) == pytest.approx(known(*flat).numpy(), rel=1e-12)
    assert rmse(predicted, target) == pytest.approx(float((predicted - target).square().mean().sqrt()), rel=1e-12)
    assert smape(predicted, target).mean() == pytest.approx(
        100 * float(symmetric_mean_absolute_percentage_error(*[each.reshape(-1) for each in flat])), rel=1e-9
    )


@pytest.mark.parametrize("batch", [1, 5, 12])
def test_any_split_into_batches_gives_the_scores_of_the_whole(batch: int) -> None:
    predicted, target = windows()
    actions = [("walk",) if b % 3 else ("walk", "jump") for b in range(12)]
    scores = Scores([str(c) for c in range(5)])
    for first in range(0, 12, batch):
        rows = slice(first, first + batch)
        scores.update(torch.as_tensor(predicted[rows], dtype=torch.float64), target[rows], actions[rows])
    overall, jump = scores.result()[OVERALL]["all"], scores.result()["jump"]["all"]
    expected = (
        12,
        rmse(predicted, target),
        pcc(predicted, target).mean(),
        pcc_paper(predicted, target).mean(),
        smape(predicted, target).mean(),
        0.0,
        0.0,
    )
    assert astuple(overall) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert jump.windows == 4 and jump.rmse == pytest.approx(rmse(predicted[::3], target[::3]), rel=1e-12)
    assert jump.pcc == pytest.approx(pcc(predicted[::3], target[::3]).mean(), rel=1e-12)
    assert astuple(scores.result()["walk"]["all"]) == astuple(overall)
    assert scores.of_muscles()["rmse"] == pytest.approx(muscle_rmse(predicted, target), rel=1e-12)


def test_every_muscle_counts_the_same_however_often_it_moves() -> None:
    time = np.linspace(0, 1, 10)
    target = np.zeros((4, 10, 2))
    target[..., 0], target[0, :, 1] = time, time
    predicted = np.stack([np.tile(time, (4, 1)), np.tile(-time, (4, 1))], axis=2)
    scores = Scores(["a", "b"])
    scores.update(predicted, target)
    score = scores.result()[OVERALL]["all"]
    assert score.pcc == pytest.approx(0) and score.left_out == pytest.approx(3 / 8)


def test_what_was_not_measured_is_left_out() -> None:
    predicted, target = windows(count=3, muscles=2)
    gap = target.copy()
    gap[1, 4, 0] = np.nan
    gap[:, :, 1] = np.nan
    scores = Scores(["a", "b"])
    scores.update(predicted, gap)
    each, score = scores.of_muscles(), scores.result()[OVERALL]["all"]
    known = np.isfinite(gap[..., 0])
    difference = (predicted - target)[..., 0][known]
    assert score.rmse == each["rmse"][0] == pytest.approx(np.sqrt(np.mean(difference**2)))
    assert score.pcc == pytest.approx(pcc(predicted, target)[[0, 2], 0].mean()) and score.left_out == 0
    share = np.abs(difference) / ((predicted + target)[..., 0][known] / 2)
    assert score.smape == pytest.approx(100 * share.mean()) and all(np.isnan(each[name][1]) for name in each)


def test_groups_are_the_papers() -> None:
    groups = muscle_groups(mint_columns())
    assert {name: len(columns) for name, columns in groups.items()} == {
        "all": 402,
        "lower_body": 80,
        "trunk": 322,
        "subset_16": 16,
        "subset_8": 8,
    }
    columns = np.array(mint_columns())
    assert set(columns[groups["subset_8"]]) < set(columns[groups["subset_16"]]) < set(columns[groups["lower_body"]])
    assert {"LU_tibant_r", "LU_addmagIsch_l", "LU_gasmed_r", "LU_iliacus_l"} < set(columns[groups["subset_16"]])
    assert set(muscle_groups(columns[groups["subset_8"]])) == {"all", "lower_body", "subset_8"}


def test_groups_are_scored_by_their_own_columns() -> None:
    predicted, target = windows(count=3, muscles=402)
    scores = Scores(mint_columns())
    scores.update(predicted, target)
    legs = [c for c, name in enumerate(mint_columns()) if name.startswith("LU_")]
    found = scores.result()[OVERALL]["lower_body"]
    assert found.rmse == pytest.approx(rmse(predicted[..., legs], target[..., legs]))
    assert found.smape == pytest.approx(smape(predicted[..., legs], target[..., legs]).mean())


def test_a_prediction_that_is_no_number_is_refused() -> None:
    predicted, target = windows()
    predicted[0, 0, 0] = np.nan
    with pytest.raises(StageError, match="1 of 1680") as caught:
        Scores([str(c) for c in range(5)]).update(predicted, target)
    assert caught.value.reason is Reason.NOT_FINITE and caught.value.remedy


def test_shapes_and_names_that_do_not_fit_are_refused() -> None:
    predicted, target = windows()
    scores = Scores([str(c) for c in range(5)])
    for call in (
        lambda: scores.update(predicted[..., :4], target[..., :4]),
        lambda: scores.update(predicted, target[:3]),
        lambda: rmse(predicted[:, :1], target[:, :1]),
        lambda: scores.update(predicted, target, ["walk"]),
        lambda: scores.update(predicted, target, [OVERALL] * 12),
    ):
        with pytest.raises(ValueError):
            call()
    assert scores.result()[OVERALL]["all"].windows == 0
