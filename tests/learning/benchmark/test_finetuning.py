"""Fine-tuning on measured EMG: it begins with what was trained, its controls are what they say, no EMG is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mint.config.benchmark import BenchmarkConfig
from mint.core.bundle import Bundle
from mint.core.status import Reason, StageError
from mint.learning.benchmark import build, emg, evaluation, finetuning, training
from mint.learning.benchmark.budget import FINETUNING
from mint.learning.benchmark.emg import Emg, Measured, of_dataset, of_mia
from mint.learning.benchmark.examples import Examples
from mint.learning.benchmark.finetuned import finetuned_facts, finetuned_rows, read_finetuned
from mint.learning.benchmark.index import read_index, write_index
from mint.learning.benchmark.markdown import emg_markdown
from mint.learning.benchmark.names import FINETUNED_ENTRIES, HOW_TITLES, OURS, TRANSFORMER, finetuned_entries
from mint.learning.benchmark.tables import FINETUNED
from mint.learning.benchmark.training import examples_of
from mint.learning.mia.channels import percentiles
from mint.learning.mia.envelopes import own_targets
from mint.learning.mia.features import targets
from mint.learning.mia.reader import SampleName, read_sample
from mint.learning.networks.registry import build as network
from mint.learning.scores import pcc, rmse, smape
from mint.learning.weights import load_weights
from mint.reader import MintReader
from tests.body import synthetic
from tests.learning.benchmark.made import write_examples
from tests.learning.conftest import dataset_of
from tests.learning.mia.factory import write_sample

DENSITY = 1005.0
TRAIN = ("train/Subject1/Squat/1", "train/Subject1/Running/2", "train/Subject2/Squat/3", "train/Subject2/Running/4")
VAL = ("val/Subject2/Squat/5", "val/Subject3/HighKick/6")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(synthetic.write_models(tmp_path_factory.mktemp("bodies"), ("neutral",)))


@pytest.fixture(scope="module")
def mia(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mia")
    for seed, path in enumerate((*TRAIN, *VAL)):
        write_sample(root, path, seed)
    return root


@pytest.fixture(scope="module")
def trained(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    for entry in FINETUNED_ENTRIES:
        training.run(index, entry, 0, folder / entry / "0" / "trained.npz", BenchmarkConfig(preset="test"))
    return folder


def tuned(
    index: Path, trained: Path, entry: str, output: Path, models: str, mia: Path | str, dataset: Path | str = ""
) -> Bundle:
    config = BenchmarkConfig(preset="test", mia=str(mia))
    return finetuning.run(index, trained / entry / "0" / "trained.npz", entry, output, config, dataset, models, DENSITY)


@pytest.fixture(scope="module")
def found(
    index: Path, trained: Path, models: str, mia: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("finetuned")
    for entry in FINETUNED_ENTRIES:
        tuned(index, trained, entry, folder / f"{entry}.npz", models, mia)
    return {entry: folder / f"{entry}.npz" for entry in FINETUNED_ENTRIES}


@pytest.mark.parametrize("entry", FINETUNED_ENTRIES)
def test_it_begins_with_the_trained_weights_and_outer_leaves_the_middle_alone(
    entry: str, index: Path, trained: Path, models: str, mia: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[dict[str, np.ndarray], dict[str, np.ndarray], str]] = []
    original = finetuning.finetuned

    def watched(tuned_network: Any, *given: Any) -> Any:
        before = {name: value.clone().numpy() for name, value in tuned_network.state_dict().items()}
        out = original(tuned_network, *given)
        seen.append(
            (before, {name: value.clone().numpy() for name, value in tuned_network.state_dict().items()}, given[4])
        )
        return out

    monkeypatch.setattr(finetuning, "finetuned", watched)
    bundle = tuned(index, trained, entry, tmp_path / "a.npz", models, mia)
    weights = load_weights(trained / entry / "0" / training.WEIGHTS)
    assert [which for *_, which in seen] == ["outer", "all", "all"]
    body = [name for name in weights if not name.startswith("head.") and name != "state"]
    for before, _, _ in seen[:2]:
        assert all(np.array_equal(before[name], weights[name]) for name in body)
    scratch = seen[2][0]
    assert sum(not np.array_equal(scratch[name], weights[name]) for name in body) > len(body) / 2
    first, second = (tuple(f"{blocks}.{i}." for blocks in ("blocks", "encoder.layers")) for i in (0, 1))
    for how, (before, after, _) in zip(("outer", "all", "scratch"), seen, strict=True):
        moved = {name for name in before if not np.array_equal(before[name], after[name])}
        for part in (("stem.",), first, ("head.",)):
            assert any(name.startswith(part) for name in moved)
        outer = {name for name in before if name.startswith(("stem.", *first, "head."))}
        assert moved <= outer if how == "outer" else any(name.startswith(second) for name in moved)
        changed = sum(before[name].size for name in (outer if how == "outer" else before))
        assert bundle.meta["trained"][how] == changed
    assert bundle.meta["trained"]["outer"] < bundle.meta["trained"]["all"] == bundle.meta["trained"]["scratch"]


def test_scratch_differs_and_two_runs_give_the_same_numbers(
    found: dict[str, Path], index: Path, trained: Path, models: str, mia: Path, tmp_path: Path
) -> None:
    first = Bundle.read(found[OURS])
    again = tuned(index, trained, OURS, tmp_path / "again.npz", models, mia)
    assert first.ok and json.dumps(first.meta) == json.dumps(Bundle.read(tmp_path / "again.npz").meta)
    assert first.hashed_arrays().digest() == again.hashed_arrays().digest()
    overall = {how: scores["overall"]["rmse"] for how, scores in first.meta["scores"].items()}
    assert len(set(overall.values())) == 4 and set(overall) == set(HOW_TITLES)


def test_the_outer_layers_of_the_full_transformer_are_some_eight_percent() -> None:
    full = finetuning.for_channels(network(TRANSFORMER, "paper", 263, 402), np.zeros(8), 0)
    share = finetuning.trained_values(full, "outer") / finetuning.trained_values(full, "all")
    assert 0.07 < share < 0.1


def test_emg_above_one_can_be_reached() -> None:
    ours = network(OURS, "small", 412, 402)
    changed = finetuning.for_channels(ours, np.array([0.3, 2.5]), 0)
    assert ours.bounded and not changed.bounded
    with torch.no_grad():
        changed.head.weight.zero_()
        assert changed(torch.zeros(1, 28, 412))[0, 0].tolist() == pytest.approx([0.3, 2.5])


def test_windows_of_mia_are_its_samples_at_the_times_of_their_features(
    examples: Examples, mia: Path, models: str
) -> None:
    data = of_mia(mia, examples, 0, models, DENSITY)
    assert len(data.train.labels) == 3 * len(TRAIN) and len(data.test.labels) == 2 * len(VAL) and not data.refused
    assert set(data.train.labels) == {("Squat",), ("Running",)}
    assert data.train.people == ("Subject1", "Subject2") and data.test.people == ("Subject2", "Subject3")
    at = {path: rows for path, rows in zip(sorted(VAL), (slice(0, 2), slice(2, 4)), strict=True)}
    for path, rows in at.items():
        expected = targets(read_sample(mia, SampleName.parse(path)).emg, 58)
        assert data.test.targets[rows].reshape(56, 8) == pytest.approx(expected[:56], rel=1e-6)
    first = targets(read_sample(mia, SampleName.parse(sorted(TRAIN)[0])).emg, 58)
    for window, start in zip(data.train.targets[:3], (0, 14, 28), strict=True):
        assert window == pytest.approx(first[start : start + 28], rel=1e-6)
    # The middle of three windows shares its halves with the others.
    assert np.array_equal(data.train.inputs[0, 14:], data.train.inputs[1, :14])
    assert np.isfinite(data.train.inputs).all() and data.train.inputs.shape[1:] == (28, len(examples.scale.mean))
    assert np.array_equal(data.unit, percentiles())


def test_windows_that_are_learned_from_are_limited_and_lists_say_which(
    examples: Examples, mia: Path, models: str, tmp_path: Path
) -> None:
    assert len(of_mia(mia, examples, 6, models, DENSITY).train.labels) == 6
    listed = tmp_path / "listed"
    shutil.copytree(mia, listed)
    (listed / "train.txt").write_text(f"MIADatasetOfficial/{TRAIN[0]}\nnonsense\n")
    (listed / "val.txt").write_text(f"{VAL[1]}\n")
    data = of_mia(listed, examples, 0, models, DENSITY)
    assert (data.train.people, data.test.people) == (("Subject1",), ("Subject3",))
    assert len(data.refused) == 1 and "nonsense" in data.refused[0]


def test_damaged_samples_cost_only_themselves(examples: Examples, mia: Path, models: str, tmp_path: Path) -> None:
    whole = of_mia(mia, examples, 0, models, DENSITY)
    worse = tmp_path / "mia"
    shutil.copytree(mia, worse)
    write_sample(worse, "train/Subject4/Squat/7", emgvalues=np.full((30, 8), 1e30))
    write_sample(worse, "train/Subject4/Squat/8", betas=np.full((30, 10), 1e5))
    write_sample(worse, "train/Subject4/overall/9")
    (write_sample(worse, "train/Subject4/Squat/10") / "pose.npy").write_bytes(b"no array")
    (write_sample(worse, "val/Subject4/Squat/11") / "betas.npy").unlink()
    data = of_mia(worse, examples, 0, models, DENSITY)
    assert len(data.refused) == 5 and all("Subject4" in each for each in data.refused)
    for ours, theirs in ((data.train, whole.train), (data.test, whole.test)):
        assert np.array_equal(ours.inputs, theirs.inputs) and np.array_equal(ours.targets, theirs.targets)


def test_without_a_sample_that_can_be_read_it_is_said(
    examples: Examples, mia: Path, models: str, tmp_path: Path
) -> None:
    shutil.copytree(mia / "train", tmp_path / "train")
    with pytest.raises(StageError, match="no sample of val can be read"):
        of_mia(tmp_path, examples, 0, models, DENSITY)
    with pytest.raises(StageError, match="does not exist"):
        of_mia(mia, examples, 0, str(tmp_path / "absent"), DENSITY)


def made_up(labels: list[tuple[str, ...]], values: np.ndarray) -> Measured:
    return Measured(np.zeros((len(labels), 28, 4), np.float32), values.astype(np.float32), tuple(labels), ("a",))


def test_the_floor_is_the_mean_of_channel_and_exercise() -> None:
    random = np.random.default_rng(0)
    values = random.random((5, 28, 3))
    values[0, :20, 1] = np.nan
    values[[1, 3], :, 2] = np.nan  # never measured in a squat
    train = [("run",), ("squat",), ("run",), ("squat",), ("run", "turn")]
    test = [("squat",), ("run",), ("dance",), ()]
    data = Emg(emg.DATASET, ("a", "b", "c"), None, made_up(train, values), made_up(test, random.random((4, 28, 3))))
    floor = finetuning.mean_floor(data)
    for i, labels in enumerate(test):
        for channel in range(3):
            same = [
                value
                for k, each in enumerate(train)
                if each == labels
                for value in values[k, :, channel]
                if np.isfinite(value)
            ]
            everything = [value for value in values[:, :, channel].ravel() if np.isfinite(value)]
            assert floor[i, :, channel] == pytest.approx(np.full(28, np.mean(same or everything)), rel=1e-5)


def test_scores_count_a_window_for_each_label_and_once_overall() -> None:
    random = np.random.default_rng(1)
    measured = random.random((4, 28, 2))
    labels = [("run", "turn"), ("run",), (), ("turn",)]
    data = Emg(emg.MIA, ("a", "b"), np.array([10.0, 100.0]), made_up(labels, measured), made_up(labels, measured))
    predicted = random.random((4, 28, 2)).astype(np.float32)
    scores, known = finetuning.judged(predicted, data), data.test.targets
    assert {name: score.windows for name, score in scores.items()} == {"overall": 4, "run": 2, "turn": 2}
    for name, rows in (("overall", [0, 1, 2, 3]), ("run", [0, 1]), ("turn", [0, 3])):
        assert scores[name].rmse == pytest.approx(rmse(predicted[rows] * data.unit, known[rows] * data.unit))
        assert scores[name].pcc == pytest.approx(pcc(predicted[rows], known[rows]).mean())
        assert scores[name].smape == pytest.approx(smape(predicted[rows], known[rows]).mean())


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A dataset of which walk0 and walk1 have EMG of the right leg, walk2 of the left one, walk3 none, and examples of
    it: walk1 is the test."""
    folder = tmp_path_factory.mktemp("own")
    dataset = dataset_of(folder / "project").results / "dataset"
    index = write_examples(folder / "learning")
    renamed = {"p4_s0": "walk0", "p1_s0": "walk1", "p5_s0": "walk2", "p0_s0": "walk3"}
    rows = [
        {**row, "sequence_id": renamed[row["sequence_id"]]}
        for row in read_index(index)
        if row["sequence_id"] in renamed
    ]
    for old, new in renamed.items():
        shutil.copy(index.parent / "examples" / f"{old}.npz", index.parent / "examples" / f"{new}.npz")
    write_index(rows, index)
    return dataset, index


def test_emg_of_the_datasets_people_is_what_both_parts_have(own: tuple[Path, Path]) -> None:
    dataset, index = own
    examples = examples_of(index, "gravity")
    people = {row["sequence_id"]: row["person"] for row in read_index(index)}
    data = of_dataset(dataset, people, examples, 0)
    assert data.source == emg.DATASET and data.unit is None
    assert set(data.channels) == {"soleus_r", "tibialis_anterior_r"}  # the left leg was measured in training alone
    assert (data.train.people, data.test.people) == (("A/p4",), ("A/p1",))  # and walk2 has nothing else
    windows = examples.windows["test"]
    reader = MintReader(dataset)
    expected = np.stack([own_targets(reader, "walk1", data.channels, int(k), 28) for k in windows.k])
    kept = np.isfinite(expected).any(axis=(1, 2))
    assert kept.any() and np.array_equal(data.test.targets, expected[kept].astype(np.float32), equal_nan=True)
    assert np.array_equal(data.test.inputs, windows.gather(np.flatnonzero(kept))[0])
    assert data.test.labels == tuple(label for label, there in zip(examples.labels["test"], kept, strict=True) if there)


def test_a_channel_of_no_chosen_window_is_left_out(own: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, index = own
    examples = examples_of(index, "gravity")
    people = {row["sequence_id"]: row["person"] for row in read_index(index)}

    def envelopes(
        reader: MintReader, given: Examples, split: str, recorded: set[str], channels: list[str]
    ) -> np.ndarray:
        out = np.full((len(given.windows[split]), 28, len(channels)), np.nan, np.float32)
        out[:, :, 0] = 0.5
        out[slice(None) if split == "test" else [1], :, 1] = 0.5
        return out

    monkeypatch.setattr(emg, "_envelopes", envelopes)
    assert len(of_dataset(dataset, people, examples, 0).channels) == 2
    # Of two training windows that are evenly chosen, the first and the last, none is the second.
    fewer = of_dataset(dataset, people, examples, 2)
    assert len(fewer.channels) == 1 and len(fewer.train.labels) == 2 and np.isfinite(fewer.mean).all()


def test_own_emg_is_fine_tuned_on(own: tuple[Path, Path], models: str, tmp_path: Path) -> None:
    dataset, index = own
    training.run(index, OURS, 0, tmp_path / OURS / "0" / "trained.npz", BenchmarkConfig(preset="test"))
    bundle = tuned(index, tmp_path, OURS, tmp_path / "own.npz", models, "", dataset)
    assert bundle.ok and bundle.meta["source"] == emg.DATASET
    assert bundle.meta["windows"]["train"] <= FINETUNING["test"].windows
    assert all(np.isfinite(bundle.meta["scores"][how]["overall"]["rmse"]) for how in HOW_TITLES)
    rows = finetuned_rows({OURS: bundle})
    assert not any("paper" in line for line in emg_markdown(rows, finetuned_facts({OURS: bundle})).splitlines())


def test_without_emg_bundle_and_page_say_so(index: Path, trained: Path, models: str, tmp_path: Path) -> None:
    bundle = tuned(index, trained, OURS, tmp_path / f"{OURS}.npz", models, "", tmp_path)
    assert not bundle.ok and "no measured EMG" in bundle.status.detail and "benchmark.mia" in bundle.status.remedy
    judged = tmp_path / "scores" / "mean" / "0.npz"
    Bundle(bundle.status).write(judged)
    build.run(index, [], [judged], tmp_path / "page", BenchmarkConfig(preset="test"), [tmp_path / f"{OURS}.npz"])
    page = (tmp_path / "page" / "index.html").read_text()
    assert 'id="emg"' in page and bundle.status.detail in page
    assert "no measured EMG" in emg_markdown([], finetuned_facts({OURS: bundle}))


def test_a_network_that_was_not_trained_passes_its_reason_on(
    index: Path, models: str, mia: Path, tmp_path: Path
) -> None:
    failed = StageError(Reason.FIELD_VALUE, "nothing to learn from").as_status("train")
    Bundle(failed).write(tmp_path / OURS / "0" / "trained.npz")
    bundle = tuned(index, tmp_path, OURS, tmp_path / "a.npz", models, mia)
    assert not bundle.ok and bundle.status.detail == "nothing to learn from"


def test_table_text_and_page_show_networks_beside_floor_and_paper(
    found: dict[str, Path], index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_write_models", lambda *given: None)
    monkeypatch.setattr(build, "write_figures", lambda *given: [])
    judged = tmp_path / "scores" / "mean" / "0.npz"
    evaluation.run(index, None, "mean", 0, judged, BenchmarkConfig(preset="test"))
    build.run(index, [], [judged], tmp_path, BenchmarkConfig(preset="test"), list(found.values()))
    table = FINETUNED.read(tmp_path)
    assert len(table) == 2 * 4 * 3 and set(table["exercise"]) == {"", "Squat", "HighKick"}
    meta = Bundle.read(found[TRANSFORMER]).meta
    row = table[(table["entry"] == TRANSFORMER) & (table["how"] == "all") & (table["exercise"] == "Squat")].iloc[0]
    assert row["rmse"] == meta["scores"]["all"]["Squat"]["rmse"] and row["windows"] == 2
    text, page = (tmp_path / "tables.md").read_text(), (tmp_path / "index.html").read_text()
    told = json.loads((tmp_path / "benchmark.json").read_text())["finetuning"]
    assert told["in_both"] == ["Subject2"] and told["source"] == emg.MIA
    for content in (text, page):
        assert "15.15" in content and "41.6" in content and "HighKick" in content and "Ours, all fine-tuned" in content
        assert "people in both parts: 1" in content and f"{row['rmse']:.2f}" in content
    assert text.count(HOW_TITLES["mean"]) == 2  # once in each table: it is the same for all networks


def test_both_networks_see_the_same_windows(found: dict[str, Path]) -> None:
    means = [Bundle.read(path).meta["scores"]["mean"]["overall"]["rmse"] for path in found.values()]
    assert means[0] == means[1]
    assert list(read_finetuned(list(found.values()))) == list(FINETUNED_ENTRIES)


def test_networks_that_do_not_take_part_are_not_fine_tuned() -> None:
    assert finetuned_entries(BenchmarkConfig()) == [TRANSFORMER, OURS]
    assert finetuned_entries(BenchmarkConfig(models=("lstm", "ours"))) == [OURS]
