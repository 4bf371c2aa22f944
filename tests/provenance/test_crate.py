"""The crate: valid for the official validator, the same wherever it lies, and naming what every value came from."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mint.core.bundle import Bundle
from mint.provenance import crate, table
from tests.provenance.traced import ADJUSTMENTS, MODEL, PACKAGES, trace
from tests.provenance.validator import issues

PROFILE = "provenance-run-crate"


def write(results: Path, workflow_dir: Path, **options: Any) -> dict[str, dict[str, Any]]:
    table.run(results)
    content = json.loads(crate.run(results, workflow_dir, **options).read_text(encoding="utf-8"))
    entities = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(entities) == len(content["@graph"])
    return entities


def ids(value: Any) -> list[str]:
    return [item["@id"] for item in (value if isinstance(value, list) else [value])]


def test_validator_finds_nothing_required_missing_also_where_results_were_moved(
    results: Path, workflow_dir: Path, tmp_path: Path
) -> None:
    write(results, workflow_dir, agent="A. Runner")
    moved = Path(shutil.move(results, tmp_path / "archive" / "of_results"))
    assert issues(moved, tmp_path / "cache", PROFILE) == []


def test_validator_knows_every_term_and_misses_only_what_is_not_known(
    results: Path, workflow_dir: Path, tmp_path: Path
) -> None:
    """Recommended and unknown to the workflow: a homepage of its own, a readme, author and publisher."""
    write(results, workflow_dir, agent="A. Runner")
    found = issues(results, tmp_path / "cache", PROFILE, "RECOMMENDED")
    known = (
        "SHOULD have a url (./workflow/Snakefile)",
        "SHOULD have a url (./#software-mint",
        "id SHOULD be an absolute URI (http",
        "README.md",
        "`author`",
        "`publisher`",
    )
    assert [issue for issue in found if not any(text in issue for text in known)] == []


def test_validator_finds_what_is_wrong(results: Path, workflow_dir: Path, tmp_path: Path) -> None:
    write(results, workflow_dir)
    shutil.rmtree(results / "dataset" / "KIT")
    (results / crate.FILE).write_text((results / crate.FILE).read_text().replace('"instrument"', '"notInstrument"'))
    found = "\n".join(issues(results, tmp_path / "cache", PROFILE))
    assert "MUST have an instrument" in found and "notInstrument" in found and "walk_poses" in found


def test_sequence_names_motion_file_model_adjustments_and_dataset_files(results: Path, workflow_dir: Path) -> None:
    entities = write(results, workflow_dir)
    action = entities["#sequence-walk"]
    motion, model, adjustments = (entities[name] for name in ids(action["object"]))
    assert motion["sha256"] == hashlib.sha256((results / motion["@id"]).read_bytes()).hexdigest()
    assert model["@id"] == "subjects/KIT-s1/scaled.osim" and json.loads(adjustments["value"]) == ADJUSTMENTS
    folder = entities[ids(action["result"])[0]]
    files = [entities[name] for name in ids(folder["hasPart"])]
    assert {file["name"] for file in files} >= {"muscle_activations.parquet", "muscle_forces.pkl", "grf.parquet"}
    assert all(file["sha256"] == hashlib.sha256((results / file["@id"]).read_bytes()).hexdigest() for file in files)
    tool = entities[ids(action["instrument"])[0]]
    assert tool["softwareVersion"] == "0.1.0 at commit abc123"
    needs = [entities[name] for name in ids(tool["softwareRequirements"])]
    assert {need["name"]: need["softwareVersion"] for need in needs} == {
        k: v for k, v in PACKAGES.items() if k != "mint-workflow"
    }
    assert ids(entities["#subject-KIT-s1"]["object"]) == [MODEL, "#adjustments-KIT-s1"]


def test_motion_from_outside_is_named_without_its_place(results: Path, workflow_dir: Path) -> None:
    entities = write(results, workflow_dir)
    motion = entities[ids(entities["#sequence-run"]["object"])[0]]
    assert (
        motion["@type"] == "CreativeWork" and motion["name"] == "KIT/s1/run_poses.npz" and len(motion["sha256"]) == 64
    )
    text = (results / crate.FILE).read_text()
    assert str(results.parent) not in text and '"@id":"/' not in text and "pytest" not in text


def test_lost_sequence_is_a_failed_action_with_its_reason(results: Path, workflow_dir: Path) -> None:
    action = write(results, workflow_dir)["#sequence-lost"]
    assert action["actionStatus"].endswith("FailedActionStatus") and action["error"] == "no accepted frame"
    assert action["result"] == {"@id": "sequences/lost/sequence.npz"}


def test_same_results_give_the_same_bytes_wherever_they_lie(results: Path, workflow_dir: Path, tmp_path: Path) -> None:
    write(results, workflow_dir)
    first = (results / crate.FILE).read_bytes()
    moved = Path(shutil.move(results, tmp_path / "elsewhere"))
    write(moved, workflow_dir)
    assert (moved / crate.FILE).read_bytes() == first


def test_broken_link_is_said_in_the_action(results: Path, workflow_dir: Path) -> None:
    Bundle.of("ik", {"q": [1.0]}).write(results / "sequences/walk/chunks/000/ik.npz")
    trace(results, "ik", "sequences/walk/chunks/000/ik.npz", {})
    entities = write(results, workflow_dir)
    assert "see its column stale" in entities["#sequence-walk"]["description"]
    assert "stale" not in entities["#sequence-run"]["description"]


@pytest.mark.parametrize("missing", ["subjects/*/*.made.json", "sequences/*/*.made.json", "**/*.made.json"])
def test_missing_traces_leave_a_valid_crate(results: Path, workflow_dir: Path, missing: str, tmp_path: Path) -> None:
    for path in results.glob(missing):
        path.unlink()
    entities = write(results, workflow_dir)
    assert "dataset/" in entities
    if missing == "**/*.made.json":
        assert not [name for name in entities if name.startswith("#sequence-")]
    assert issues(results, tmp_path / "cache", PROFILE if missing != "**/*.made.json" else "workflow-run-crate") == []


def test_workflow_is_part_of_the_crate(results: Path, workflow_dir: Path) -> None:
    entities = write(results, workflow_dir)
    assert (results / "workflow/workflow/rules/ik.smk").read_text() == "# workflow/rules/ik.smk\n"
    assert {"workflow/Snakefile", "workflow/workflow/scripts/ik.py"} <= set(ids(entities["./"]["hasPart"]))
    write(results, workflow_dir)
    assert sorted(path.name for path in results.iterdir() if path.name.startswith(".")) == []
