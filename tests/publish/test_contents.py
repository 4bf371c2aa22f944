"""Data card, sheets and example say what the tables say."""

from __future__ import annotations

import ast
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mint.dataset import sequence_files
from mint.publish import build, numbers
from mint.publish.build import Release
from mint.publish.card import present
from mint.publish.markdown import cell, number
from mint.publish.sheets import write_sheet
from mint.publish.tables import private_sequences
from tests.conftest import ENVIRONMENT
from tests.publish import project
from tests.publish.project import CONFIG, DEMO, HOLES, WHOLE


@pytest.fixture(scope="module")
def card(release: Release) -> str:
    return (release.folder / "README.md").read_text()


def test_card_counts_what_is_in_the_release(card: str) -> None:
    assert "- sequences: 3 of 4 planned" in card and "- subjects: 3" in card
    # 286 of 300, 210 of 364 and 140 of 154 frames.
    assert (
        "- analysed: 12.7 s" in card
        and "- chunks accepted: 10 of 12" in card
        and "- sequences with a gap between values: 1" in card
    )
    assert "| KIT | 1 | 1 | 5.72 s | 95 % |" in card


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((), []),
        ((402, 402), ["The model has all 402 strands."]),
        ((278, 278), ["The model has 278 of the 402 strands; the columns of others hold NaN."]),
    ],
)
def test_card_tells_how_many_strands_the_model_has(counts: tuple[int, ...], text: list[str]) -> None:
    assert present([{"present": ["x"] * count} for count in counts], 402) == text


def test_card_says_what_was_lost_and_why(card: str) -> None:
    assert (
        "| chunk | discarded | pelvis_residual | 1 |" in card
        and "| chunk | excluded_contact | non_foot_support | 1 |" in card
    )
    assert "| sequence | failed | file_missing | 1 |" in card
    assert "| pelvis_residual | 1.4 s |" in card


def test_card_has_median_and_percentile_of_accepted_chunks(card: str, release: Release) -> None:
    table = pd.read_parquet(release.folder / "quality_chunks.parquet")
    values = table.loc[table["status"] == "accepted", "peak_vertical_force_bw"].astype(float)
    median, high = number(values.median()), number(values.quantile(0.95))
    assert f"| `peak_vertical_force_bw` | {median} | {high} | body weight |" in card
    assert "| `wall_s`" not in card and "| `t_start_s` | 0" not in card


def test_card_counts_faults_of_every_chunk(card: str, release: Release) -> None:
    table = pd.read_parquet(release.folder / "quality_chunks.parquet")
    faults = table["faults"].explode().dropna().value_counts()
    assert faults["missing_chunk"] >= 2
    for kind, count in faults.items():
        assert f"| {kind} | {count} |" in card
    assert "| saturated_muscle | `saturated_muscle_share` | above 0.5 |" in card


def test_card_names_versions_licences_and_citations(card: str) -> None:
    for name, version in sequence_files.versions().items():
        assert f"| {name} | {version} |" in card
    assert "non-commercial scientific research only" in card and "AMASS: Archive of motion capture" in card
    assert (
        "A. Person, A Group (2030): Simulated muscle activity of human motion, version 2.1.0. https://example.org/data"
        in card
    )
    assert "not measured on persons" in card and "neither belongs to measured persons" in card


def test_card_explains_every_column(card: str, release: Release) -> None:
    for path in release.folder.glob("*.parquet"):
        part = card.split(f"### {path.name}\n")[1].split("\n### ")[0]
        assert [name for name in pd.read_parquet(path).columns if f"| `{name}` |" not in part] == []


def test_labels_of_amass_stay_out_and_others_in(release: Release, card: str) -> None:
    labels = pd.read_parquet(release.folder / "labels.parquet")
    sequences = pd.read_parquet(release.folder / "sequences.parquet").set_index("sequence_id")
    assert labels["sequence_id"].tolist() == ["jump"]
    assert (
        list(sequences.loc["whole", "activities"]),
        sequences.loc["whole", "split"],
        sequences.loc["whole", "babel_sid"],
    ) == ([], "train", 77)
    assert len(sequences.loc["jump", "activities"]) == 1
    assert "Labels of motions of AMASS are not in it" in card


def test_licences_are_looked_up_once_a_dataset() -> None:
    asked: list[str] = []
    sequences = pa.table({"sequence_id": ["a", "b", "c"], "dataset": ["KIT", "MintDemo", "KIT"]})
    assert private_sequences(sequences, lambda name: not asked.append(name) and name == "KIT") == {"a", "c"}
    assert sorted(asked) == ["KIT", "MintDemo"]


def test_labels_of_amass_can_be_handed_on_with_a_warning(tmp_path: Path) -> None:
    results = project.make(tmp_path, datasets=("KIT",)).results
    release = build.run(results, CONFIG.model_copy(update={"labels": True}), "pose2sim")
    assert pd.read_parquet(release.folder / "labels.parquet")["sequence_id"].tolist() == ["whole"]
    assert any("labels of BABEL are inside" in text for text in release.warnings)


def test_sheets_have_the_values_of_the_tables(release: Release) -> None:
    assert release.sheets is not None
    for table in ("sequences", "intervals", "ledger", "muscles"):
        sheet, truth = (
            pd.read_csv(release.sheets / f"{table}.csv", keep_default_na=False),
            pd.read_parquet(release.folder / f"{table}.parquet"),
        )
        assert sheet.columns.tolist() == truth.columns.tolist() and len(sheet) == len(truth) > 0
        assert sheet["sequence_id" if table != "muscles" else "mint_column"].tolist() == truth.iloc[:, 0].tolist()
    for data_path in (WHOLE, HOLES, DEMO):
        for table in ("muscle_activations", "muscle_forces", "grf", "mask", "extra_muscles"):
            sheet = pd.read_csv(release.sheets / data_path / f"{table}.csv")
            truth = pd.read_parquet(release.folder / data_path / f"{table}.parquet")
            numeric = [name for name in truth.columns if truth[name].dtype.kind == "f"]
            assert (
                sheet.columns.tolist() == truth.columns.tolist()
                and sheet["time_s"].tolist() == truth["time_s"].tolist()
            )
            assert np.array_equal(
                sheet[numeric].to_numpy(np.float32), truth[numeric].to_numpy(np.float32), equal_nan=True
            ), table


def test_sheets_explain_every_column(release: Release) -> None:
    assert release.sheets is not None
    columns = pd.read_csv(release.sheets / "columns.csv").set_index(["file", "column"])
    assert columns.loc[("sequences.csv", "height_cm"), "unit"] == "cm"
    assert columns.loc[("<data_path>/grf.csv", "ground_torque_left_y"), "unit"] == "N m"


def test_a_missing_number_is_an_empty_cell_and_a_list_one_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "a": pa.array([1.5, float("nan"), None]),
            "b": pa.array([["x", "y"], [], None], pa.list_(pa.string())),
            "c": pa.array(['say "hi"', "", None]),
        }
    )
    write_sheet(table, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines() == ['"a","b","c"', '1.5,"x;y","say ""hi"""', ',"",""', ",,"]


def test_example_runs_in_a_copied_folder_and_imports_pandas_only(release: Release, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(release.folder, tmp_path / "downloaded"))
    tree = ast.parse((copy / "load_example.py").read_text())
    imports = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imports |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imports == {"__future__", "sys", "pathlib", "pandas"}
    environment = {key: value for key, value in ENVIRONMENT.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-I", str(copy / "load_example.py"), "holes"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    lines = done.stdout.splitlines()
    assert lines[0].startswith("3 sequences") and lines[1] == "holes: 3 windows of 1 s without a gap"
    # Two feet carry the weight of 70 kg at every instant.
    assert lines[3] == "mean vertical ground force 686 N"


def test_windows_of_the_example_never_cross_a_gap(release: Release) -> None:
    spec = importlib.util.spec_from_file_location("load_example", release.folder / "load_example.py")
    assert spec is not None and spec.loader is not None
    example = importlib.util.module_from_spec(spec)
    # No byte code beside the released file.
    spec.loader.exec_module(example)
    found = example.windows("holes", 0.5)
    assert found[:3] == [(0.14, 0.64), (0.64, 1.14), (2.94, 3.44)] and len(found) == 6
    assert [len(example.load(HOLES, "grf", *window)) for window in found] == [25] * 6


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (1234.5, "1234"),
        (0.0012345, "0.00123"),
        (-2.5, "-2.5"),
        (float("nan"), "-"),
        (99.96, "100"),
    ],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_a_cell_cannot_break_its_table() -> None:
    assert cell("a|b\nc") == "a\\|b c" and cell(None) == "-"


@pytest.mark.parametrize(("seconds", "text"), [(8.0, "8 s"), (90.0, "1.5 min"), (36000.0, "10 h")])
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text
