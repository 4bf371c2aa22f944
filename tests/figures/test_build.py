"""All figures of a dataset: what is written, and what is said where something is missing."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pyarrow.parquet as pq
import pytest

from mint.config.figures import FIGURES, FiguresConfig
from mint.figures import build, look
from tests.figures.factory import Dataset
from tests.figures.test_clusters import planted


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dataset = Dataset(tmp_path_factory.mktemp("figures") / "results")
    planted(dataset, each=2)
    dataset.chunk("kick0", 1, trajectory_wall_s=12.0, iterations=90)
    dataset.compare("kick0", 0.05, 12.0, 0.8, 9.0)
    dataset.read()
    return build.run(dataset.results, FiguresConfig())


def test_every_figure_is_written_with_caption_drawing_and_numbers(made: Path) -> None:
    assert {path.name for path in made.iterdir()} == {
        f"{name}.{kind}" for name in FIGURES for kind in ("json", "parquet")
    }
    for entry in build.read(made.parent):
        assert not entry["why"] and entry["title"] and re.search(r"Source: .+\.parquet", entry["caption"]), entry[
            "name"
        ]
        assert go.Figure(entry["figure"]).layout.height >= 200
        assert len(pd.read_parquet(made / f"{entry['name']}.parquet")) > 0


def test_numbers_have_units(made: Path) -> None:
    schema = pq.read_schema(made / "subjects.parquet")
    assert schema.field("height_cm").metadata[b"unit"] == b"cm"


def test_figures_carry_plain_numbers_that_any_program_reads(made: Path) -> None:
    for name in FIGURES:
        text = (made / f"{name}.json").read_text()
        assert "bdata" not in text and "NaN" not in text, name
        assert json.loads(text)["figure"]["layout"]["template"] == {}, "no look of plotly's own"


def test_two_builds_are_the_same(made: Path, tmp_path: Path) -> None:
    (tmp_path / "dataset").symlink_to(made.parent / "dataset")
    build.run(tmp_path, FiguresConfig())
    for name in FIGURES:
        assert (made / f"{name}.json").read_bytes() == (tmp_path / "figures" / f"{name}.json").read_bytes()


@pytest.mark.parametrize("damage", [False, True])
def test_without_a_dataset_every_figure_says_why_it_is_not_there(tmp_path: Path, damage: bool) -> None:
    if damage:
        (tmp_path / "dataset").mkdir()
        for name in (
            "sequences",
            "intervals",
            "labels",
            "quality_chunks",
            "comparison_forces",
            "comparison_emg",
            "comparison_moments",
        ):
            (tmp_path / "dataset" / f"{name}.parquet").write_bytes(b"no table")
    folder = build.run(tmp_path, FiguresConfig())
    for entry in build.read(tmp_path):
        assert entry["figure"] is None and len(entry["why"].split()) > 3 and entry["why"].endswith("."), entry["name"]
        assert len(pd.read_parquet(folder / f"{entry['name']}.parquet")) == 0


def test_tables_of_another_version_count_as_missing(tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    pd.DataFrame({"sequence_id": ["a"]}).to_parquet(tmp_path / "dataset" / "sequences.parquet")
    build.run(tmp_path, FiguresConfig())
    assert all(entry["figure"] is None for entry in build.read(tmp_path))


def test_figure_that_was_not_made_or_is_damaged_is_said(made: Path, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "areas.json").write_text("{")
    entries = build.read(tmp_path)
    assert [entry["name"] for entry in entries] == list(FIGURES)
    assert all(entry["figure"] is None and f"{entry['name']}.json" in entry["why"] for entry in entries)


def test_unreadable_activations_leave_their_figures_empty_only(made: Path, tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    dataset.add("a")
    dataset.read()
    (dataset.folder / dataset.sequences[0]["data_path"] / "muscle_activations.parquet").write_bytes(b"no")
    build.run(tmp_path, FiguresConfig())
    drawn = {entry["name"] for entry in build.read(tmp_path) if entry["figure"]}
    assert drawn == {"subjects", "composition"}


def test_unknown_muscle_subset_is_named(made: Path, tmp_path: Path) -> None:
    (tmp_path / "dataset").symlink_to(made.parent / "dataset")
    with pytest.raises(ValueError, match="LAI_ARNOLD_LOWER_BODY_8"):
        build.run(tmp_path, FiguresConfig(muscle_subset="none", max_windows=0))


def test_colours_are_those_of_the_page() -> None:
    script = files("mint.report").joinpath("template", "decode.js").read_text(encoding="utf-8")
    colours = re.search(r"const COLOURS = (\{.*?\});", script)
    assert colours and json.loads(re.sub(r"(\w+):", r'"\1":', colours[1])) == look.STATUS


def test_names_for_rules_are_those_of_the_figures() -> None:
    assert tuple(kind.name for kind in build.KINDS) == FIGURES
