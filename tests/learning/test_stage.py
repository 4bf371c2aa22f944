"""From a dataset to tables, figures, page, model folder and refined activations."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mint.config.refine import RefineConfig
from mint.core.bundle import Bundle
from mint.core.methods import METHOD_VERSION
from mint.core.status import Reason, StageError
from mint.learning.refine import build, collect, folds
from mint.learning.refine.cycles import Cycles
from mint.learning.refine.figures import FIGURES
from mint.learning.refine.model import read_model
from mint.learning.refine.registry import METHODS
from mint.learning.refine.tables import TABLES
from tests.learning.conftest import dataset_of

CONFIG = RefineConfig(preset="test", shortcut_inputs=4)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    project = dataset_of(tmp_path_factory.mktemp("refine"))
    results = project.results
    before = digests(results / "dataset")
    subjects = {name: record["subject_id"] for name, record in project.plan["sequences"].items()}
    cycles = results / "refine" / "cycles.npz"
    collect.run(results / "dataset", None, cycles, results / "refine" / "cycles.parquet", CONFIG, subjects)
    paths = []
    for person in (*Cycles.read(cycles).people, "KIT-s3"):
        path = results / "refine" / "folds" / person / "fold.npz"
        folds.run(cycles, person, path, path.parent / "networks", CONFIG)
        paths.append(path)
    build.run(cycles, paths, results, CONFIG, subjects)
    return SimpleNamespace(
        results=results,
        before=before,
        subjects=subjects,
        paths=paths,
        cycles=cycles,
        folder=results / "refine",
        told=json.loads((results / "refine" / "refine.json").read_text()),
    )


def test_what_was_learned_is_told(made: SimpleNamespace) -> None:
    assert made.told["why"] == "" and made.told["people"] == ["KIT-s0", "KIT-s1", "KIT-s2"]
    assert made.told["counts"] == {"whole": made.told["cycles"]}
    assert set(made.told["parameters"]) == set(METHODS)
    # Somebody without electrodes is a fold that says so.
    assert "KIT-s3 has no gait cycle with EMG" in Bundle.read(made.paths[-1]).status.detail


def test_tables_have_every_method_channel_and_person(made: SimpleNamespace) -> None:
    read = {schema.name: pd.read_parquet(made.folder / f"{schema.name}.parquet") for schema in TABLES}
    assert len(read["scores"]) == len(METHODS) * 2 * 3 and len(read["improvement"]) == len(METHODS) * 2 * 2
    assert len(read["conditions"]) == 3 * 2 and len(read["shortcut"]) == len(METHODS) * 2
    assert set(read["learning_curve"]["people"]) == {1, 2} and set(read["learning_curve"]["method"]) == set(folds.CURVE)
    own = read["scores"]
    assert (
        own.loc[own["method"] == "gain_delay", "rmse"].to_numpy()
        < own.loc[own["method"] == "simulation", "rmse"].to_numpy()
    ).all()


def test_every_figure_is_drawn_and_the_page_holds_them(made: SimpleNamespace) -> None:
    for name in FIGURES:
        entry = json.loads((made.folder / "figures" / f"{name}.json").read_text())
        assert entry["title"] and entry["caption"] and entry["figure"]["data"], name
    page = (made.folder / "index.html").read_text()
    assert all(f'id="figure-{name}"' in page for name in FIGURES) and "default-src 'none'" in page
    assert "Tukey" in page and all(kind.title in page for kind in METHODS.values())


def test_refined_activations_lie_beside_the_dataset_which_stays_as_it_was(made: SimpleNamespace) -> None:
    assert digests(made.results / "dataset") == made.before
    told = json.loads((made.results / "refined" / "refined.json").read_text())
    assert set(told["refined"]) == {"walk0", "walk1", "walk2", "walk3"} and told["left_out"] == {}
    for name in ("walk0", "walk3"):
        table = pd.read_parquet(made.results / "refined" / told["refined"][name])
        assert {"frame", "time_s", "soleus_r", "soleus_r_se", "soleus_l", "tibialis_anterior_l_se"} <= set(table)
        values = table[["soleus_r", "soleus_l"]].to_numpy()
        assert np.isfinite(values).any(axis=0).all() and (values[np.isfinite(values)] >= 0).all()
        assert (table["soleus_r_se"].isna() == table["soleus_r"].isna()).all()


def test_a_person_with_emg_is_refined_by_the_fold_that_did_not_see_him(made: SimpleNamespace) -> None:
    refiner = read_model(made.folder / "model", ["KIT-s0", "KIT-s1", "KIT-s2"])
    cycles = Cycles.read(made.cycles)
    refined, spread = refiner.refined(cycles.of(["KIT-s0"]))
    assert np.array_equal(refined, Bundle.read(made.paths[0])[f"refined_{CONFIG.method}"])
    assert spread.max() > 0
    stranger = cycles.of(["KIT-s0"])
    stranger = Cycles(
        stranger.simulated,
        stranger.own,
        stranger.measured,
        stranger.duration_s,
        ("x",) * len(stranger),
        stranger.trials,
        stranger.muscles,
        stranger.channels,
    )
    # A stranger of the same name, in another project, is refined by all folds.
    alone = read_model(made.folder / "model")
    assert np.allclose(alone.refined(cycles.of(["KIT-s0"]))[0], alone.refined(stranger)[0])
    everybody = [learned.refined(stranger) for learned in refiner.folds.values()]
    assert np.allclose(refiner.refined(stranger)[0], np.mean(everybody, axis=0))


def test_what_is_written_is_what_the_fold_said_at_the_frames_of_the_cycle(made: SimpleNamespace) -> None:
    """The left leg of the third person was scored, the right one of the others."""
    told = json.loads((made.results / "refined" / "refined.json").read_text())
    cycles = Cycles.read(made.cycles)
    rows = pd.read_parquet(made.folder / "cycles.parquet")
    for person, name, side in (("KIT-s0", "walk0", "r"), ("KIT-s2", "walk2", "l")):
        table = pd.read_parquet(made.results / "refined" / told["refined"][name])
        first = rows[rows["person"] == person].iloc[0]
        i = list(cycles.persons).index(person)
        fold = Bundle.read(next(path for path in made.paths if path.parent.name == person))[f"refined_{CONFIG.method}"][
            0
        ]
        inside = table[
            (table["time_s"] >= first["start_s"]) & (table["time_s"] <= first["start_s"] + first["duration_s"])
        ]
        phase = (inside["time_s"] - first["start_s"]) / first["duration_s"]
        for c, channel in enumerate(cycles.channels):
            expected = np.interp(phase, cycles.phase, fold[:, c])
            assert inside[f"{channel}_{side}"].to_numpy() == pytest.approx(expected, abs=1e-5), (person, channel)
        assert cycles.trials[i] == name


def test_the_model_folder_says_what_it_is(made: SimpleNamespace) -> None:
    card = (made.folder / "model" / "README.md").read_text()
    metrics = json.loads((made.folder / "model" / "metrics.json").read_text())
    assert "3 people" in card and metrics["cycles_sha256"] in card
    assert json.loads((made.folder / "model" / "folds.json").read_text())[0] == {
        "left_out": "KIT-s0",
        "learned_from": ["KIT-s1", "KIT-s2"],
    }


def test_a_refiner_from_elsewhere_is_applied_without_training(made: SimpleNamespace, tmp_path: Path) -> None:
    other = tmp_path / "results"
    other.mkdir()
    (other / "dataset").symlink_to(made.results / "dataset")
    build.run(None, [], other, CONFIG.model_copy(update={"model": str(made.folder / "model")}), made.subjects)
    told = json.loads((other / "refine" / "refine.json").read_text())
    assert told["why"] == "" and told["refined"] == 4 and not (other / "refine" / "model").exists()
    assert "trained elsewhere" in (other / "refine" / "index.html").read_text()


@pytest.mark.parametrize(
    "file, content",
    [("config.json", b"{}"), ("folds.json", b"[]"), ("weights.safetensors", b"\x80\x04"), ("config.json", None)],
)
def test_a_damaged_refiner_is_told(made: SimpleNamespace, tmp_path: Path, file: str, content: bytes | None) -> None:
    for path in (made.folder / "model").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(StageError):
        read_model(tmp_path)
    results = tmp_path / "results"
    build.run(None, [], results, CONFIG.model_copy(update={"model": str(tmp_path)}), {})
    assert json.loads((results / "refine" / "refine.json").read_text())["why"]


def test_a_killed_fold_goes_on_with_what_it_had_learned(
    made: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    networks, before = made.paths[0].parent / "networks", Bundle.read(made.paths[0])
    kept = sorted(networks.iterdir())
    assert len(kept) == len(METHODS)
    (networks / "ridge.safetensors").unlink()
    (networks / "mean_emg.safetensors").write_bytes(b"cut off")
    again = folds.run(made.cycles, "KIT-s0", tmp_path / "fold.npz", networks, CONFIG)
    learned = [line.split(":")[0] for line in capsys.readouterr().out.splitlines() if line.endswith("numbers learned")]
    assert learned == ["mean_emg", "ridge"]
    assert again.hashed_arrays().hexdigest() == before.hashed_arrays().hexdigest()
    # Other settings learn anew.
    folds.run(made.cycles, "KIT-s0", tmp_path / "fold.npz", networks, CONFIG.model_copy(update={"seed": 1}))
    assert len([line for line in capsys.readouterr().out.splitlines() if line.endswith("numbers learned")]) == len(
        METHODS
    )


def test_code_of_another_version_learns_anew(
    made: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(METHOD_VERSION, "refine_fold", METHOD_VERSION["refine_fold"] + 1)
    folds.run(made.cycles, "KIT-s1", tmp_path / "fold.npz", tmp_path / "networks", CONFIG)
    for path in made.paths[1].parent.joinpath("networks").iterdir():
        (tmp_path / "networks" / path.name).write_bytes(path.read_bytes())
    capsys.readouterr()
    folds.run(made.cycles, "KIT-s1", tmp_path / "fold.npz", tmp_path / "networks", CONFIG)
    assert len([line for line in capsys.readouterr().out.splitlines() if line.endswith("numbers learned")]) == len(
        METHODS
    )


def test_a_refiner_with_other_samples_than_the_project_is_applied_with_its_own(
    made: SimpleNamespace, tmp_path: Path
) -> None:
    other = tmp_path / "results"
    other.mkdir()
    (other / "dataset").symlink_to(made.results / "dataset")
    build.run(
        None, [], other, CONFIG.model_copy(update={"model": str(made.folder / "model"), "samples": 40}), made.subjects
    )
    assert json.loads((other / "refine" / "refine.json").read_text())["refined"] == 4


@pytest.mark.parametrize(
    "key, value",
    [("muscles", ["m0"]), ("channels", ["nonsense"]), ("channels", ["soleus", "tibialis_anterior", "rectus_femoris"])],
)
def test_a_refiner_of_other_muscles_or_channels_is_told(
    made: SimpleNamespace, tmp_path: Path, key: str, value: list[str]
) -> None:
    for path in (made.folder / "model").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    told = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(told | {key: value}))
    with pytest.raises(StageError):
        read_model(tmp_path)


def test_what_an_earlier_run_left_goes_when_nothing_is_learned(made: SimpleNamespace, tmp_path: Path) -> None:
    results = tmp_path / "results"
    shutil.copytree(made.results, results)
    Bundle(StageError(Reason.FIELD_MISSING, "no sequence has EMG").as_status("refine_cycles")).write(
        results / "refine" / "cycles.npz"
    )
    build.run(results / "refine" / "cycles.npz", [], results, CONFIG, made.subjects)
    assert "no sequence has EMG" in json.loads((results / "refine" / "refine.json").read_text())["why"]
    assert not any(
        (results / name).exists() for name in ("refined", "refine/model", "refine/scores.parquet", "refine/figures")
    )


def test_without_a_dataset_nothing_is_said_to_be_applied(made: SimpleNamespace, tmp_path: Path) -> None:
    build.run(None, [], tmp_path, CONFIG.model_copy(update={"model": str(made.folder / "model")}), {})
    assert "is no dataset" in json.loads((tmp_path / "refine" / "refine.json").read_text())["why"]


def test_without_emg_everything_says_why(tmp_path: Path) -> None:
    project = dataset_of(tmp_path, people=0)
    cycles = project.results / "refine" / "cycles.npz"
    collect.run(project.results / "dataset", None, cycles, project.results / "refine" / "cycles.parquet", CONFIG)
    fold = project.results / "refine" / "folds" / "a" / "fold.npz"
    folds.run(cycles, "a", fold, fold.parent / "networks", CONFIG)
    build.run(cycles, [fold], project.results, CONFIG, {})
    told = json.loads((project.results / "refine" / "refine.json").read_text())
    assert "no sequence has EMG" in told["why"] and "emg_path" in told["why"]
    assert "no sequence has EMG" in (project.results / "refine" / "index.html").read_text()


def test_too_few_people_say_so(made: SimpleNamespace, tmp_path: Path) -> None:
    few = tmp_path / "cycles.npz"
    Cycles.read(made.cycles).of(["KIT-s0", "KIT-s1"]).bundle().write(few)
    bundle = folds.run(few, "KIT-s0", tmp_path / "fold.npz", tmp_path / "networks", CONFIG)
    assert not bundle.ok and "2 people" in bundle.status.detail
