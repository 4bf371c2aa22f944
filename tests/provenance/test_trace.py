"""The ancestry of a sequence: whole, with broken links and missing traces marked, and never an exception."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from mint.batch.digest import digest_of
from mint.batch.made import trace_path
from mint.core.bundle import Bundle
from mint.provenance.trace import Kind, ancestry, dataset_folders
from tests.provenance.traced import ADJUSTMENTS, MODEL, PACKAGES, add_merge, trace

CHUNK = "sequences/walk/chunks/001"


def test_ancestry_reaches_motion_file_model_and_adjustments(results: Path) -> None:
    found = ancestry(results, "walk")
    assert not found.stale and not found.unknown
    assert (
        found.motion is not None
        and found.motion.path == "inputs/amass/KIT/s1/walk_poses.npz"
        and len(found.motion.digest) == 64
    )
    assert [node.path for node in found.models] == [MODEL]
    assert found.adjustments == ADJUSTMENTS
    chunks = {(node.chunk, node.stage) for node in found.nodes.values() if node.chunk is not None}
    assert chunks == {(c, s) for c in (0, 1) for s in ("markers", "ik", "support", "trajectory", "verify", "trunk")}


def test_results_carry_all_facts_of_their_trace(results: Path) -> None:
    made = ancestry(results, "walk").nodes[f"{CHUNK}/ik.npz"].made
    assert made is not None and made.values == {"window": [70, 154]} and made.packages == PACKAGES
    assert (made.host, made.job, made.commit, made.attempt) == ("node7", "4711", "abc123", 1)


def test_files_beside_a_result_are_generated_by_its_stage(results: Path) -> None:
    found = ancestry(results, "walk")
    made = [(edge.source, edge.target) for edge in found.edges if edge.kind == "generated"]
    assert ("subjects/KIT-s1/scale.npz", "subjects/KIT-s1/leg.osim") in made
    assert found.nodes["subjects/KIT-s1/leg.osim"].kind is Kind.BYPRODUCT


def test_dataset_folder_is_the_last_node(results: Path) -> None:
    folder = dataset_folders(results)["walk"]
    found = ancestry(results, "walk", folder=folder)
    assert "muscle_activations.parquet" in found.nodes[folder].files and not found.stale


def test_changed_model_breaks_the_links_to_what_used_it(results: Path) -> None:
    (results / "subjects/KIT-s1/leg.osim").write_text("another model")
    found = ancestry(results, "walk")
    assert {edge.source for edge in found.stale} == {"subjects/KIT-s1/leg.osim"}
    assert {edge.target.rpartition("/")[2] for edge in found.stale} == {"ik.npz", "verify.npz", "muscle_paths.npz"}


def test_bundle_with_other_content_breaks_the_link(results: Path) -> None:
    Bundle.of("ik", {"q": [1.0]}).write(results / CHUNK / "ik.npz")
    trace(results, "ik", f"{CHUNK}/ik.npz", {})
    stale = ancestry(results, "walk").stale
    assert {edge.source for edge in stale} == {f"{CHUNK}/ik.npz"}
    assert sorted(edge.target.rpartition("/")[2] for edge in stale) == [
        "sequence.npz",
        "support.npz",
        "trajectory.npz",
        "trunk.npz",
        "verify.npz",
    ]


def test_dataset_older_than_its_sequence_is_a_broken_link(results: Path) -> None:
    folder = dataset_folders(results)["walk"]
    merged = Bundle.read(results / "sequences/walk/sequence.npz")
    merged.arrays["activation"] = merged.arrays["activation"] + 0.01
    merged.write(results / "sequences/walk/sequence.npz")
    add_merge(results, "walk", 2)
    assert [edge.target for edge in ancestry(results, "walk", folder=folder).stale] == [folder]


def test_file_from_outside_is_what_it_was_when_it_was_used_last(results: Path) -> None:
    model = "inputs/body/model.npz"
    (results / "inputs/body").mkdir()
    (results / model).write_bytes(b"one")
    trace(results, "body", "sequences/walk/body.npz", {"watched": model}, ended="2026-03-01T10:00:00+00:00")
    (results / model).write_bytes(b"two")
    trace(results, "markers", f"{CHUNK}/markers.trc", {"watched": model}, ended="2026-03-02T10:00:00+00:00")
    found = ancestry(results, "walk")
    assert [edge.target for edge in found.stale] == ["sequences/walk/body.npz"]
    assert found.nodes[model].kind is Kind.INPUT and found.nodes[model].digest == digest_of(results / model)


@pytest.mark.parametrize("text", [None, "", "no json", "{}", '{"stage": 3}'])
def test_missing_or_damaged_trace_is_unknown_and_the_rest_is_there(results: Path, text: str | None) -> None:
    file = trace_path(results / CHUNK / "trajectory.npz")
    file.unlink() if text is None else file.write_text(text)
    found = ancestry(results, "walk")
    assert [node.path for node in found.unknown] == [f"{CHUNK}/trajectory.npz"]
    assert found.unknown[0].stage == "trajectory" and found.unknown[0].chunk == 1 and found.unknown[0].digest
    assert found.motion is not None and not found.stale


def test_trace_with_fields_of_another_type_is_unknown(results: Path) -> None:
    file = trace_path(results / CHUNK / "ik.npz")
    file.write_text(re.sub(r'"method": \d+', '"method": "four"', file.read_text()))
    assert [node.path for node in ancestry(results, "walk").unknown] == [f"{CHUNK}/ik.npz"]


def test_sequence_without_any_trace_is_one_unknown_node(results: Path) -> None:
    for file in results.rglob("*.made.json"):
        file.unlink()
    found = ancestry(results, "walk")
    assert [node.kind for node in found.nodes.values()] == [Kind.UNKNOWN]
    assert [node.kind for node in ancestry(results / "nothing", "walk").nodes.values()] == [Kind.UNKNOWN]


def test_moved_results_have_the_same_ancestry(results: Path, tmp_path: Path) -> None:
    before = ancestry(results, "walk", folder=dataset_folders(results)["walk"])
    moved = Path(shutil.move(results, tmp_path / "elsewhere"))
    assert ancestry(moved, "walk", folder=dataset_folders(moved)["walk"]) == before
