"""What follows from other settings."""

from __future__ import annotations

from mint.config.project import ProjectConfig, load_project


def test_the_embedded_body_lies_below_the_results_wherever_they_are() -> None:
    body = load_project({"results": "/data/run", "body": {"model_dir": "results/inputs/body"}}).body
    assert (body.model_dir, body.marker_map) == ("/data/run/inputs/body", "/data/run/inputs/body/markers.csv")
    assert load_project({}) == ProjectConfig()
    assert ProjectConfig().body.model_dir == "results/inputs/body"


def test_a_licensed_body_stays_where_it_is() -> None:
    own = {"model_dir": "/licensed/smplh", "marker_map": "resources/marker_sets/smplh67/vertices.csv"}
    body = load_project({"results": "elsewhere", "body": own}).body
    assert (body.model_dir, body.marker_map) == (own["model_dir"], own["marker_map"])
