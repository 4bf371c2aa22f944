"""The licence of a release never allows more than its sources, and what nobody has stated counts as strict."""

from __future__ import annotations

from pathlib import Path

import pytest

from mint.config.publish import PublishConfig
from mint.core.tables import table
from mint.publish import build
from mint.publish.build import Release
from mint.publish.folder import files_below
from mint.publish.licences import licences_text, require_fitting, sources, warnings
from tests.publish import project
from tests.publish.project import CONFIG

AMASS = ["BMLmovi", "BMLrub", "BioMotionLab_NTroje", "Eyes_Japan_Dataset", "KIT", "TotalCapture"]


@pytest.mark.parametrize("dataset", AMASS)
def test_a_dataset_of_amass_brings_amass_and_its_body_model(dataset: str) -> None:
    found = {source.name: source for source in sources([dataset], "pose2sim")}
    assert {dataset, "AMASS", "SMPL-H", "pose2sim", "mint-workflow", "MinT"} == set(found)
    assert [found[name].commercial for name in (dataset, "AMASS", "SMPL-H")] == [False] * 3
    assert found[dataset].citation and found[dataset].address.startswith("http")


@pytest.mark.parametrize("licence", ["CC-BY-4.0", "CC0-1.0", "MIT", "cc-by-sa-4.0", "Apache-2.0"])
def test_a_licence_that_allows_more_than_a_source_is_refused_by_name(licence: str) -> None:
    with pytest.raises(ValueError, match=rf"publish\.licence: {licence} allows commercial use.*AMASS.*CC-BY-NC-4\.0"):
        require_fitting(licence, sources(["KIT", "MintDemo"], "full402"))


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "cc-by-nc-nd-4.0", "LicenseRef-our-terms"])
def test_a_licence_for_non_commercial_use_fits(licence: str) -> None:
    require_fitting(licence, sources(["KIT"], "pose2sim"))


def test_embedded_motions_alone_may_be_licensed_freely() -> None:
    found = sources(["MintDemo"], "pose2sim")
    require_fitting("CC-BY-4.0", found)
    assert {"pybullet", "anny"} <= {source.name for source in found} and warnings(found) == []


def test_an_unknown_dataset_gets_the_strictest_statement_and_a_warning_with_the_remedy() -> None:
    found = sources(["My_Lab"], "pose2sim")
    assert {"AMASS", "SMPL-H"} <= {source.name for source in found}
    (warning,) = warnings(found)
    assert "My_Lab" in warning and "add a row to resources/licences.csv" in warning
    with pytest.raises(ValueError, match="My_Lab"):
        require_fitting("CC-BY-4.0", found)
    assert warning in licences_text("CC-BY-NC-4.0", found)


def test_every_source_says_where_its_licence_is_stated_and_names_known_terms() -> None:
    rows, terms = table("licences").fillna(""), set(table("licence_terms")["licence"])
    assert (rows["source"] != "").all() and not rows.duplicated(["kind", "name"]).any()
    assert set(rows["licence"]) - {""} <= terms
    models, wheels = table("models"), table("data_wheels")
    assert {licence.split(" ")[0] for licence in [*models["licence"], *wheels["licence"]]} <= terms
    for needed in {name for needs in rows["needs"] for name in needs.split(";") if name}:
        assert needed in {*rows["name"], *models["model"], *wheels["name"]}


@pytest.mark.parametrize("model", sorted(table("models")["model"]))
def test_every_model_has_its_licence_and_credits(model: str) -> None:
    (found,) = [source for source in sources(["MintDemo"], model) if source.kind == "model"]
    assert (
        found.commercial
        and found.citation
        and found.licence == table("models").set_index("model").loc[model, "licence"]
    )


def test_a_model_without_a_licence_is_an_error() -> None:
    with pytest.raises(ValueError, match="'homemade': add a row"):
        sources(["MintDemo"], "homemade")


def test_a_refused_licence_writes_nothing(tmp_path: Path) -> None:
    results = project.make(tmp_path, datasets=("KIT",)).results
    with pytest.raises(ValueError, match="allows commercial use"):
        build.run(results, CONFIG.model_copy(update={"licence": "CC-BY-4.0"}), "pose2sim")
    assert not (results / "release").exists()


def test_the_build_passes_warnings_on(tmp_path: Path) -> None:
    made = project.make(tmp_path, datasets=("MintDemo",))
    made.plan["sequences"]["jump"]["dataset"] = "My Lab"
    project.dataset_of(made)
    release = build.run(made.results, CONFIG.model_copy(update={"creators": []}), "pose2sim")
    assert any("My_Lab" in text for text in release.warnings) and any(
        "publish.creators" in text for text in release.warnings
    )
    for name in ("README.md", "LICENCES.md"):
        assert "the licence of dataset 'My_Lab' is not known" in (release.folder / name).read_text()


def test_a_release_lists_every_source_with_what_it_asks_for(release: Release) -> None:
    text = (release.folder / "LICENCES.md").read_text()
    for title in (
        "KIT Whole-Body Human Motion Database",
        "BMLrub",
        "AMASS",
        "SMPL-H body model",
        "BABEL labels and splits",
        "model pose2sim",
        "pybullet 3.2.7: motion capture clips of a simplified humanoid",
    ):
        assert f"## {title}\n" in text
    assert "**non-commercial use only**" in text and text.startswith("# Licences")


@pytest.mark.parametrize(
    ("name", "folder"), [("../../etc", "etc"), ("a b/c", "a_b_c"), ("mint-dataset", "mint-dataset")]
)
def test_a_name_never_becomes_a_path_elsewhere(name: str, folder: str) -> None:
    assert PublishConfig(name=name).folder == folder


@pytest.mark.parametrize(
    "values",
    [
        {"name": "/.."},
        {"version": "1.0"},
        {"version": "v1.0.0"},
        {"licence": "CC BY"},
        {"date": "today"},
        {"title": "a\nb"},
    ],
)
def test_settings_that_cannot_be_published_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        PublishConfig(**values)


def test_the_default_settings_publish(tmp_path: Path) -> None:
    results = project.make(tmp_path, datasets=("KIT",)).results
    release = build.run(results, PublishConfig(), "pose2sim")
    assert release.folder.name == "mint-dataset" and "README.md" in files_below(release.folder)
