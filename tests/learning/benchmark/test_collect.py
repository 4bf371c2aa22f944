"""Rule features: rows of motion and of activity are those of the same instant; a bad motion costs its own sequence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from mint.cli.commands import predict as command
from mint.cli.main import application
from mint.config.benchmark import BenchmarkConfig
from mint.core.bundle import Bundle
from mint.learning.benchmark import collect
from mint.learning.benchmark.collect import Job, Motion, Reading
from mint.learning.benchmark.entries import ENTRIES
from mint.learning.benchmark.index import read_index
from mint.learning.benchmark.model import read_model, write_model
from mint.learning.benchmark.predict import predict
from mint.learning.benchmark.training import examples_of, network_of
from mint.learning.data.grid import on_grid
from mint.learning.motion.of_file import sequence_features
from tests.body import synthetic
from tests.learning.benchmark.made import write_examples
from tests.learning.data.made import Sequenced, chunk, table, write_own, write_published
from tests.learning.motion.test_of_file import motion

PLACES = {name: f"KIT/KIT/{name}/walk_0{i}_poses" for i, name in enumerate(("a", "b", "c", "d", "e"))}


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return Reading(str(synthetic.write_models(tmp_path_factory.mktemp("bodies"))), 1005.0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A dataset in the published layout and the motions behind it, as AMASS unpacks: one is missing, one is damaged."""
    dataset = write_published(
        tmp_path_factory.mktemp("mint"),
        [
            Sequenced(place, np.concatenate([chunk(0), chunk(2)]) if name == "a" else chunk(0))
            for name, place in PLACES.items()
        ],
    )
    amass = tmp_path_factory.mktemp("amass")
    for name, place in PLACES.items():
        if name == "d":
            continue
        path = (amass / Path(*Path(place).parts[1:])).with_suffix(".npz")
        path.parent.mkdir(parents=True)
        if name == "c":
            path.write_bytes(b"no motion")
        else:
            np.savez(path, **motion(frames=300, rate_hz=60.0))
    return dataset, amass


@pytest.fixture(scope="module")
def index(data: tuple[Path, Path], reading: Reading, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "examples.parquet"
    collect.run(Job(data[0], None, out, BenchmarkConfig(split="people", motion=str(data[1])), reading))
    return out


def test_rows_are_the_activity_and_the_motion_of_one_instant(
    index: Path, data: tuple[Path, Path], reading: Reading
) -> None:
    row = read_index(index)[0]
    bundle = Bundle.read(index.parent / "examples" / f"{row['sequence_id']}.npz")
    path = (data[1] / Path(*Path(PLACES["a"]).parts[1:])).with_suffix(".npz")
    features = sequence_features(path, model_dir=reading.model_dir, mass_kg=62.5, height_m=1.68, density_kg_m3=1005.0)
    assert np.array_equal(bundle["humanml3d"], features.humanml3d) and np.array_equal(
        bundle["gravity"], features.gravity
    )
    frames = table(Sequenced(PLACES["a"], np.concatenate([chunk(0), chunk(2)])))
    first, values, runs = on_grid(np.asarray(frames.index, float), frames.to_numpy())
    stop = min(first + len(values), len(features.humanml3d))
    assert np.array_equal(bundle["activations"][first:stop], values[: stop - first], equal_nan=True)
    assert np.array_equal(bundle["stretch"][first:stop], runs[: stop - first])
    assert np.isnan(bundle["activations"][:first]).all() and set(bundle["stretch"][:first]) == {-1}
    assert row["windows"] == 2 and bundle.names("muscles")[0] == frames.columns[0]


def test_a_missing_and_a_damaged_motion_cost_their_own_sequence(index: Path) -> None:
    rows = {row["person"]: row for row in read_index(index)}
    assert {row["split"] for person, row in rows.items() if person[-1] in "abe"} == {"train", "val", "test"}
    assert {row["split_by"] for row in rows.values()} == {"people"}
    assert "no motion file" in rows["KIT/d"]["left_out"] and "benchmark.motion" in rows["KIT/d"]["left_out"]
    assert "walk_02_poses.npz" in rows["KIT/c"]["left_out"]
    assert all(rows[f"KIT/{name}"]["split"] == rows[f"KIT/{name}"]["digest"] == "" for name in "cd")


def test_what_was_made_from_the_same_is_kept_and_what_is_stale_goes(
    index: Path, data: tuple[Path, Path], reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, stale = index.read_bytes(), index.parent / "examples" / "old.npz"
    stale.write_bytes(b"")
    made: list[str] = []
    compute = collect._computed
    monkeypatch.setattr(collect, "_computed", lambda *given: made.append(given[0].recording.person) or compute(*given))
    config = BenchmarkConfig(split="people", motion=str(data[1]))
    collect.run(Job(data[0], None, index, config, reading))
    assert made == ["KIT/c"] and index.read_bytes() == before and not stale.exists()
    collect.run(Job(data[0], None, index, config, Reading(reading.model_dir, 990.0)))
    assert set(made) == {"KIT/a", "KIT/b", "KIT/c", "KIT/e"}


def test_a_split_that_cannot_be_is_said_of_every_sequence(
    data: tuple[Path, Path], reading: Reading, tmp_path: Path
) -> None:
    config = BenchmarkConfig(split="babel", motion=str(data[1]))
    collect.run(Job(data[0], None, tmp_path / "examples.parquet", config, reading))
    rows = read_index(tmp_path / "examples.parquet")
    assert all("split babel" in row["left_out"] for row in rows if row["person"][-1] in "abe")


def test_processes_give_the_same_index(
    data: tuple[Path, Path], reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = BenchmarkConfig(split="people", motion=str(data[1]))
    collect.run(Job(data[0], None, tmp_path / "one" / "examples.parquet", config, reading))
    made: list[str] = []
    compute = collect._computed
    monkeypatch.setattr(collect, "_computed", lambda *given: made.append(given[0].recording.person) or compute(*given))
    collect.run(Job(data[0], None, tmp_path / "two" / "examples.parquet", config, reading), processes=2)
    assert made == ["KIT/c"]  # the others were made by the processes
    assert read_index(tmp_path / "one" / "examples.parquet") == read_index(tmp_path / "two" / "examples.parquet")


def test_chunks_that_the_question_leaves_out_are_not_learned_from(
    reading: Reading, data: tuple[Path, Path], tmp_path: Path
) -> None:
    walk = Sequenced("KIT/KIT/a/walk_poses", np.concatenate([chunk(0), chunk(2)]))
    dataset = write_own(tmp_path / "own", [walk])
    pd.DataFrame(
        {
            "sequence_id": ["id_a_walk_poses"] * 2,
            "frame_start": [7, 147],
            "frame_stop": [77, 217],
            "faults": [["slides"], []],
        }
    ).to_parquet(dataset / "quality_chunks.parquet")
    motions = {"id_a_walk_poses": Motion(str(data[1] / "KIT/a/walk_00_poses.npz"), source="amass")}
    frames = {}
    for question in ("", "faults.str.len() == 0"):
        out = tmp_path / f"index{len(question)}" / "examples.parquet"
        collect.run(Job(dataset, motions, out, BenchmarkConfig(chunk_quality=question), reading))
        stretch = Bundle.read(out.parent / "examples" / "id_a_walk_poses.npz")["stretch"]
        frames[question] = np.flatnonzero(stretch >= 0)
        assert read_index(out)[0]["windows"] == (1 if question else 2)
    every, good = frames.values()
    assert good.tolist() == [k for k in every if k / 20 >= 147 / 50]


def test_a_folder_that_is_no_dataset_ends_the_job_with_a_remedy(tmp_path: Path, reading: Reading) -> None:
    with pytest.raises(SystemExit, match="Remedy"):
        collect.run(Job(tmp_path, None, tmp_path / "examples.parquet", BenchmarkConfig(), reading))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model that has learned nothing."""
    examples = examples_of(write_examples(tmp_path / "made"), "gravity")
    network = network_of(ENTRIES["ours"], examples, "small").eval()
    write_model(
        tmp_path / "model", network, examples, {"network": "ours", "sizes": "small", "settings": {}}, {}, {}, "card"
    )
    return tmp_path / "model"


def test_predict_answers_for_a_motion_and_says_that_it_is_unlike_the_training(
    model: Path, reading: Reading, data: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = (data[1] / Path(*Path(PLACES["a"]).parts[1:])).with_suffix(".npz")
    found = predict(Motion(str(path)), model, reading)
    features = sequence_features(path, model_dir=reading.model_dir, density_kg_m3=1005.0)
    expected, _ = read_model(model).predict(features.gravity)
    assert np.array_equal(found.activations, expected) and found.unlike > 0
    monkeypatch.setattr(command, "settings", lambda given: {"body": {"model_dir": reading.model_dir}})
    target = tmp_path / "walk.csv"
    done = CliRunner().invoke(application(), ["predict", str(path), "--model", str(model), "--output", str(target)])
    assert done.exit_code == 0 and "ms a window" in done.stdout and "do not trust these" in done.stderr
    written = pd.read_csv(target, index_col="time_s")
    assert list(written.columns) == list(found.muscles) and np.allclose(written, expected, atol=1e-5)
    assert written.index[1] == 0.05


def test_predict_refuses_in_words(
    model: Path, reading: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "settings", lambda given: {"body": {"model_dir": reading.model_dir}})
    (tmp_path / "broken.npz").write_bytes(b"no motion")
    done = CliRunner().invoke(application(), ["predict", str(tmp_path / "broken.npz"), "--model", str(model)])
    assert done.exit_code == 1 and "broken.npz" in done.stderr and "Remedy" in done.stderr
    done = CliRunner().invoke(application(), ["predict", str(tmp_path / "broken.npz"), "--model", str(tmp_path)])
    assert done.exit_code == 1 and "no model of the benchmark" in done.stderr
