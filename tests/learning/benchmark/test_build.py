"""From examples to tables, page and model folders: scores are those of the predictions, models answer as they were."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
import pytest
import torch

from mint.config.benchmark import BenchmarkConfig
from mint.core.bundle import Bundle
from mint.core.status import StageError
from mint.learning.benchmark import build, evaluation, training
from mint.learning.benchmark.examples import Examples
from mint.learning.benchmark.index import write_index
from mint.learning.benchmark.markdown import markdown
from mint.learning.benchmark.model import CONFIG, WEIGHTS, Model, read_model
from mint.learning.benchmark.names import OURS, entrants
from mint.learning.scores import pcc, rmse

TEST = BenchmarkConfig(preset="test", models=("transformer", "ours"), seeds=2, ablations=False)


@pytest.fixture(scope="module")
def folder(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole benchmark."""
    out = tmp_path_factory.mktemp("results") / "learning"
    trained, judged = [], []
    for entry, number in entrants(TEST):
        own = None
        if entry in ("transformer", OURS):
            own = out / "trained" / entry / str(number) / "trained.npz"
            training.run(index, entry, number, own, TEST)
            trained.append(own)
        judged.append(out / "scores" / entry / f"{number}.npz")
        evaluation.run(index, own, entry, number, judged[-1], TEST)
    build.run(index, trained, judged, out, TEST)
    return out


def test_scores_are_those_of_the_predictions(folder: Path, index: Path, examples: Examples) -> None:
    bundle = Bundle.read(folder / "scores" / OURS / "0.npz")
    model = read_model(folder / "models" / OURS)
    every = examples.every("test")
    inputs, target = examples.batch("test", every)
    with torch.no_grad():
        predicted = model.network(inputs)
    overall = bundle.meta["scores"]["overall"]["all"]
    assert overall["windows"] == len(every)
    assert overall["rmse"] == pytest.approx(rmse(predicted, target), rel=1e-6)
    assert overall["pcc"] == pytest.approx(np.nanmean(np.nanmean(pcc(predicted, target), axis=0)), rel=1e-5)
    place = [
        list(zip(bundle.names("shown_sequence"), bundle["shown_k"], strict=True)).index(each)
        for each in zip(bundle.names("shown_sequence"), bundle["shown_k"], strict=True)
    ]
    assert place == list(range(len(place))) and bundle["predicted"].shape == bundle["simulated"].shape


def test_the_table_has_mean_and_spread_over_seeds(folder: Path) -> None:
    results = pd.read_parquet(folder / "results.parquet").set_index(["entry", "muscles", "action"])
    row = results.loc[("transformer", "all", "")]
    values = [
        Bundle.read(folder / "scores" / "transformer" / f"{i}.npz").meta["scores"]["overall"]["all"]["rmse"]
        for i in (0, 1)
    ]
    assert row["rmse"] == pytest.approx(np.mean(values)) and row["rmse_sd"] == pytest.approx(np.std(values, ddof=1))
    assert row["seeds"] == 2 and results.loc[("mean", "all", "")]["seeds"] == 1
    assert {"walk", "jump"} <= {action for _, _, action in results.index}
    assert pd.isna(results.loc[("mean", "all", "")]["pcc"]) and results.loc[("mean", "all", "")]["flat"] > 0.9


def test_a_floor_that_wins_is_said() -> None:
    def row(entry: str, error: float, correlation: float | None) -> dict[str, object]:
        return {"entry": entry, "muscles": "all", "action": "", "rmse": error, "pcc": correlation}

    words = build.verdict(
        [
            row("ridge", 0.02, 0.6),
            row("mean", 0.05, None),
            row("lstm", 0.03, 0.5),
            row("transformer", 0.04, 0.5),
            row("ours", 0.01, 0.7),
        ]
    )
    assert "RMSE: Ours better than the best floor (ridge regression, 0.020)" in words
    assert "correlation: Ours better" in words and "RMSE -75 %, correlation +0.20" in words
    assert "no network better" in build.verdict([row("ridge", 0.02, 0.6), row("lstm", 0.03, 0.5)])


def test_page_tables_and_cards_hold_the_numbers(folder: Path) -> None:
    told = json.loads((folder / "benchmark.json").read_text())
    assert told["why"] == "" and told["left_out"] == {"lost": "no motion file"}
    assert set(told["people"]["train"]) & set(told["people"]["test"]) == set()
    results = pd.read_parquet(folder / "results.parquet")
    ours = results[(results["entry"] == OURS) & (results["muscles"] == "all") & (results["action"] == "")].iloc[0]
    for name in ("tables.md", "index.html", f"models/{OURS}/README.md"):
        assert f"{ours['rmse']:.4f}" in (folder / name).read_text(), name
    page = (folder / "index.html").read_text()
    assert "https:" not in page.partition("<script>")[0] and "Learning curves" in page


def test_published_numbers_of_tables_stand_in_the_text() -> None:
    assert markdown([], []).startswith("## Muscles")


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return read_model(folder / "models" / OURS)


def test_onnx_gives_the_same_activations(folder: Path, examples: Examples, model: Model) -> None:
    raw = np.random.default_rng(0).normal(size=(5, 28, len(model.scale.mean))).astype(np.float32)
    raw = raw * np.where(np.isfinite(model.scale.spread), model.scale.spread, 1.0).astype(np.float32) + model.scale.mean
    with torch.no_grad():
        expected = model.network(torch.from_numpy(model.scale(raw))).clamp(0, 1).numpy()
    for name, values in ((OURS, expected), ("transformer", None)):
        session = onnxruntime.InferenceSession(str(folder / "models" / name / "model.onnx"))
        for batch in (1, 5):
            (found,) = session.run(
                None,
                {
                    "features": np.zeros((batch, 28, session.get_inputs()[0].shape[2]), np.float32)
                    if values is None
                    else raw[:batch]
                },
            )
            assert found.shape[:2] == (batch, 28)
            assert values is None or np.abs(found - values[:batch]).max() < 1e-4


def test_a_motion_longer_than_a_window_is_faded_and_of_a_window_is_the_network(
    examples: Examples, model: Model
) -> None:
    raw = np.random.default_rng(1).normal(size=(75, len(model.scale.mean))).astype(np.float32)
    found, distances = model.predict(raw)
    assert found.shape == (75, len(model.muscles)) and len(distances) == 5  # starts 0, 14, 28, 42, 47
    alone, _ = model.predict(raw[:28])
    with torch.no_grad():
        assert np.allclose(
            alone, model.network(torch.from_numpy(model.scale(raw[None, :28])))[0].clamp(0, 1), atol=1e-6
        )
    assert np.array_equal(found[:14], alone[:14])  # no other window reaches there
    with pytest.raises(StageError, match=r"1\.35 s of motion"):
        model.predict(raw[:27])


def test_motion_of_the_training_is_familiar_and_another_is_not(examples: Examples, model: Model) -> None:
    training = examples.windows["train"].gather(examples.every("train"))[0]
    assert np.mean(model.familiar.distance(training) <= model.familiar.usual) == 1.0
    strange = 5 * np.random.default_rng(2).normal(size=training.shape).astype(np.float32)
    assert np.all(model.familiar.distance(strange) > model.familiar.usual)


def test_a_damaged_or_foreign_folder_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    source = folder / "models" / OURS
    for name, change, words in (
        (CONFIG, lambda data: data.replace(b'"version": 1', b'"version": 9'), "version 9"),
        (CONFIG, lambda data: data.replace(b"LU_addbrev_l", b"os.system"), "no muscle"),
        (CONFIG, lambda data: data.replace(b'"network": "ours"', b'"network": "lstm"'), "do not fit"),
        (WEIGHTS, lambda data: data[:100], "holds no weights"),
    ):
        target = tmp_path / words.replace(" ", "_")
        target.mkdir()
        for file in (CONFIG, WEIGHTS):
            data = (source / file).read_bytes()
            (target / file).write_bytes(change(data) if file == name else data)
        with pytest.raises(StageError, match=words):
            read_model(target)


def test_without_examples_the_page_says_why(tmp_path: Path) -> None:
    scores = tmp_path / "scores" / "mean" / "0.npz"
    write_index([], tmp_path / "examples.parquet")
    evaluation.run(tmp_path / "examples.parquet", None, "mean", 0, scores, TEST)
    build.run(tmp_path / "examples.parquet", [], [scores], tmp_path, TEST)
    assert "no window of 1.4 s" in json.loads((tmp_path / "benchmark.json").read_text())["why"]
    assert "Remedy" in (tmp_path / "index.html").read_text()
