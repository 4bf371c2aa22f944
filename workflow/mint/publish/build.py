"""The publish stage: dataset and ledger become `results/release/<name>/`, and its tables as CSV a sibling folder.

Nothing in a release depends on when, where or how fast it was made: two builds from the same results are the same, byte
for byte.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from mint.config.publish import PublishConfig
from mint.core.atomic import replaced, write_text
from mint.dataset.metadata import metadata_places
from mint.dataset.parquet import write_table
from mint.publish import licences
from mint.publish.card import card
from mint.publish.croissant import write_croissant
from mint.publish.folder import SUMS, link_or_copy, write_sums
from mint.publish.opensim import add_projects
from mint.publish.sheets import SEPARATOR, write_sheets
from mint.publish.tables import private_sequences, release_tables

EXAMPLE = "load_example.py"


@dataclass(frozen=True)
class Release:
    """A release: its folders, the SHA-256 of its checksums by folder, and what whoever publishes should know."""

    folder: Path
    sheets: Path | None
    digests: Mapping[str, str]
    warnings: tuple[str, ...]


def run(results_dir: str | Path, config: PublishConfig, model: str) -> Release:
    """Write the release of `results_dir/dataset` and `results_dir/ledger.parquet`, whole or not at all.

    `model` is the musculoskeletal model of the project. A file `<name>.sha256` beside the release holds the checksums
    of its `SHA256SUMS`: one line names the whole release. Raises ValueError if the licence allows more than a source,
    or if the dataset lacks a table; a former release then stays as it is.
    """
    results = Path(results_dir)
    dataset, target = results / "dataset", results / "release" / config.folder
    sheets_target = target.with_name(f"{config.folder}-csv")
    hides = _nothing_hidden if config.labels else licences.of_amass
    tables = release_tables(dataset, results / "ledger.parquet", hides)
    found = _sources(tables, model)
    licences.require_fitting(config.licence, found)
    paths = tables["sequences"]["data_path"].to_pylist()
    hidden = bool(private_sequences(tables["sequences"], hides))
    digests = {}
    # The sheets' folder is replaced first, the release last.
    with replaced(target) as folder, replaced(sheets_target) if config.csv else nullcontext() as sheets:
        _fill(folder, dataset, paths, tables)
        names = tables["sequences"]["sequence_id"].to_pylist()
        subjects = add_projects(results, folder, names) if config.opensim else []
        terms = licences.licences_text(config.licence, found)
        (folder / "LICENCES.md").write_text(terms, encoding="utf-8")
        (folder / "README.md").write_text(card(config, tables, folder, found, hidden, subjects), encoding="utf-8")
        warnings = [*_open_points(config, found), *write_croissant(folder, config, tables, found, bool(subjects))]
        digests[target.name] = write_sums(folder)
        if sheets is not None:
            write_sheets(sheets, tables, dataset, paths)
            (sheets / "LICENCES.md").write_text(terms, encoding="utf-8")
            (sheets / "README.md").write_text(_note(config, digests[target.name]), encoding="utf-8")
            digests[sheets_target.name] = write_sums(sheets)
    if not config.csv:
        shutil.rmtree(sheets_target, ignore_errors=True)
    write_text(
        target.with_name(f"{target.name}.sha256"),
        "".join(f"{digest}  {name}/{SUMS}\n" for name, digest in digests.items()),
    )
    return Release(target, sheets_target if config.csv else None, digests, tuple(warnings))


def _open_points(config: PublishConfig, found: Sequence[licences.Source]) -> list[str]:
    """What whoever publishes has to look at, each with its remedy."""
    points = licences.warnings(found)
    if not config.creators:
        points.append("publish.creators is empty: catalogues ask for one name at least")
    if config.labels and any(source.kind == "annotations" for source in found):
        points.append("labels of BABEL are inside: its terms ask for permission, or set publish.labels: false")
    return points


def _nothing_hidden(_: str) -> bool:
    return False


def _fill(folder: Path, dataset: Path, data_paths: list[str], tables: Mapping[str, pa.Table]) -> None:
    """The files of every sequence as links, the tables anew."""
    for data_path in data_paths:
        for path in sorted((dataset / data_path).iterdir()):
            link_or_copy(path, folder / data_path / path.name)
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet", "zstd")
    for name in metadata_places(data_paths):  # copies: musint writes one of them anew when it is asked to
        shutil.copyfile(dataset / name, folder / name)
    (folder / EXAMPLE).write_bytes((files("mint.publish") / "template" / EXAMPLE).read_bytes())


def _sources(tables: Mapping[str, pa.Table], model: str) -> list[licences.Source]:
    sequences = tables["sequences"].to_pandas()
    labelled = set(tables["labels"]["sequence_id"].to_pylist()) if "labels" in tables else set()
    known = sequences[(sequences["babel_sid"] >= 0) | sequences["sequence_id"].isin(labelled)]
    annotated = any(licences.of_amass(name) for name in set(known["dataset"]))
    return licences.sources(set(sequences["dataset"]), model, annotated)


def _note(config: PublishConfig, digest: str) -> str:
    return (
        f"# {config.title}: tables as CSV\n\nThe tables of release {config.folder}, version {config.version}, "
        f"whose {SUMS} has the SHA-256\n`{digest}`.\nIts data card says what they are; `columns.csv` has unit and "
        "meaning of every column. Keep this folder out of\nthe release: the reader `musint` takes every .csv below "
        "its root for metadata.\n\nEmpty cells are missing values. Texts of a list are separated by "
        f"`{SEPARATOR}`.\n"
    )
