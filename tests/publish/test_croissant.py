"""The Croissant file is valid to its own library, offline, and yields the rows of the tables."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlcroissant as mlc
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mint.config.publish import PublishConfig
from mint.publish import build
from mint.publish.build import Release
from mint.publish.croissant import validate
from tests.conftest import ENVIRONMENT
from tests.publish import project
from tests.publish.project import WHOLE


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a look into the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def _plain(value: Any) -> Any:
    if isinstance(value, list | np.ndarray):
        return [_plain(each) for each in value]
    return value.decode() if isinstance(value, bytes) else value


def test_the_file_is_valid_without_errors_or_warnings(release: Release) -> None:
    dataset = mlc.Dataset(jsonld=str(release.folder / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    assert not issues.errors and not issues.warnings
    assert validate(release.folder / "croissant.json") == []
    metadata = dataset.metadata
    assert (metadata.name, metadata.version, metadata.url) == ("test_release", "2.1.0", "https://example.org/data")
    assert metadata.license == ["https://spdx.org/licenses/CC-BY-NC-4.0.html"]
    assert [person.name for person in metadata.creators] == ["A. Person", "A Group"]
    assert metadata.date_published is not None and metadata.date_published.isoformat() == "2030-05-06T00:00:00"
    assert "Muscles in Time" in str(metadata.cite_as)


def test_without_a_date_the_only_warning_is_about_the_date(tmp_path: Path) -> None:
    results = project.make(tmp_path, datasets=("MintDemo",)).results
    release = build.run(results, PublishConfig(creators=["A"]), "pose2sim")
    assert [text for text in release.warnings if "datePublished" not in text] == [] and len(release.warnings) == 1
    assert "datePublished" not in (release.folder / "croissant.json").read_text()


@pytest.mark.parametrize(
    "table",
    [
        "sequences",
        "quality_chunks",
        "quality_sequences",
        "quality_coordinates",
        "intervals",
        "labels",
        "ledger",
        "muscles",
        "notes",
    ],
)
def test_records_are_the_rows_of_the_table(release: Release, table: str) -> None:
    records = list(mlc.Dataset(jsonld=str(release.folder / "croissant.json")).records(table))
    rows = pq.read_table(release.folder / f"{table}.parquet").to_pylist()
    assert len(records) == len(rows) and len(rows) > 0
    names = pq.read_schema(release.folder / f"{table}.parquet").names
    for record, row in zip(records, rows, strict=True):
        found = {name: _plain(record[f"{table}/{name}"]) for name in names}
        assert found == row


def test_tables_of_each_sequence_are_sets_of_files_with_their_path(release: Release) -> None:
    dataset = mlc.Dataset(jsonld=str(release.folder / "croissant.json"))
    sets = {node.id: node.includes for node in dataset.metadata.file_sets}
    assert {"muscle_activations-files", "muscle_forces-files", "grf-files", "mask-files"} <= set(sets)
    records = [record for record in dataset.records("grf") if _plain(record["grf/path"]) == f"{WHOLE}/grf.parquet"]
    truth = pd.read_parquet(release.folder / WHOLE / "grf.parquet")
    assert len(records) == len(truth)
    assert [record["grf/ground_force_right_vy"] for record in records] == pytest.approx(
        truth["ground_force_right_vy"].to_list()
    )


def test_fields_have_the_units_of_the_columns(release: Release) -> None:
    dataset = mlc.Dataset(jsonld=str(release.folder / "croissant.json"))
    fields = {field.id: field for record_set in dataset.metadata.record_sets for field in record_set.fields}
    assert str(fields["sequences/weight_kg"].description).endswith("[kg]")
    assert str(fields["quality_chunks/marker_rms_mm"].description).endswith("[mm]")
    assert str(fields["sequences/analysed_share"].description).endswith("[1]")
    assert str(fields["sequences/subject"].description) == "name of the subject within the dataset", (
        "a name has no unit"
    )
    assert str(fields["grf/ground_force_right_vy"].description) == "[N]"
    assert fields["labels/act_cat"].repeated and fields["sequences/gap"].data_type is bool


def test_a_table_that_is_not_the_described_one_is_found_out(release: Release, tmp_path: Path) -> None:
    (tmp_path / "croissant.json").write_bytes((release.folder / "croissant.json").read_bytes())
    content = (release.folder / "sequences.parquet").read_bytes()
    (tmp_path / "sequences.parquet").write_bytes(content + b"x")
    with pytest.raises(mlc.GenerationError) as caught:
        list(mlc.Dataset(jsonld=str(tmp_path / "croissant.json")).records("sequences"))
    assert "is not identical with the reference" in str(caught.value.__cause__)


def test_an_invalid_file_is_an_error_in_the_words_of_the_library(release: Release, tmp_path: Path) -> None:
    content = json.loads((release.folder / "croissant.json").read_text())
    content["recordSet"][0]["field"][0].pop("dataType")
    (tmp_path / "croissant.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"(?s)croissant\.json is not valid Croissant.*sequence_id.*dataType"):
        validate(tmp_path / "croissant.json")


def test_the_library_writes_nothing_at_home(release: Release, tmp_path: Path) -> None:
    code = f"import mlcroissant as m; print(len(list(m.Dataset(jsonld={str(release.folder / 'croissant.json')!r}).records('sequences'))))"
    environment = {**ENVIRONMENT, "HOME": str(tmp_path)}
    environment.pop("CROISSANT_CACHE", None)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "3" and list(tmp_path.rglob("*")) == []
