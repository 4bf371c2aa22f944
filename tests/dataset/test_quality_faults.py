"""A planted fault of each kind is found in its chunk, by its name, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mint.dataset.quality_limits import KINDS
from tests.dataset.planted import EXPECTED, FRAME, chunk_of
from tests.sequence.factory import Project


@pytest.fixture(scope="module")
def folder(planted_faults: Project) -> Path:
    return planted_faults.results / "dataset"


@pytest.fixture(scope="module")
def chunks(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "quality_chunks.parquet").set_index(["sequence_id", "chunk"])


def test_a_fault_of_every_kind_is_planted() -> None:
    assert {kind for kinds in EXPECTED.values() for kind in kinds} == set(KINDS)


@pytest.mark.parametrize("name", EXPECTED)
def test_planted_fault_is_the_only_one_of_its_sequence(chunks: pd.DataFrame, name: str) -> None:
    found = {chunk: list(chunks.loc[(name, chunk), "faults"]) for chunk in range(3)}
    assert found == {chunk: EXPECTED[name] if chunk == chunk_of(name) else [] for chunk in range(3)}


def test_numbers_name_marker_frame_foot_and_muscle(chunks: pd.DataFrame) -> None:
    jump, pose = chunks.loc[("marker_jump", 1)], chunks.loc[("pose_jump", 1)]
    assert (jump["marker_jump_name"], jump["marker_jump_frame"]) == ("RKNE", FRAME)
    assert jump["marker_jump_mm"] == pytest.approx(80, abs=3) and jump["marker_jump_share"] == pytest.approx(1 / 6)
    assert pose["marker_jump_share"] == 1 and pose["marker_jump_frame"] == FRAME
    assert chunks.loc[("error_jump", 1), "marker_error_jump_name"] == "RKNE"
    assert chunks.loc[("floating", 1), "hover_mm"] == pytest.approx(40)
    assert chunks.loc[("sinking", 1), "sink_mm"] == pytest.approx(50)
    assert chunks.loc[("lowered", 1), "pelvis_correction_mm"] == pytest.approx(-50)
    muscle = chunks.loc[("saturated", 1)]
    assert (muscle["saturated_muscle"], muscle["saturated_muscle_share"]) == ("soleus_r", 1.0)
    # 0.3 m/s over stances of both feet; the right one carries most from frame 77 on.
    assert chunks.loc[("slip", 1), "foot_slip_mm"] > chunks.loc[("slip", 1), "foot_slip_loaded_mm"] > 150
    assert chunks.loc[("slip", 1), "foot_slip_speed_mm_s"] == pytest.approx(300)
    assert chunks.loc[("impulse", 1), "impulse_error_percent"] == pytest.approx(10)
    assert chunks.loc[("blow", 1), "impulse_error_percent"] == pytest.approx(0, abs=0.1)
    assert chunks.loc[("missing", 1), "reason"] == "file_missing"


def test_sequences_have_the_faults_of_their_chunks(folder: Path) -> None:
    table = pd.read_parquet(folder / "quality_sequences.parquet").set_index("sequence_id")
    assert {name: list(faults) for name, faults in table["faults"].items()} == EXPECTED
    lost = [name for name in EXPECTED if "missing_chunk" in EXPECTED[name]]
    assert {name: list(found) for name, found in table["missing_s"].items() if len(found)} == {
        name: ["1.54-2.94"] for name in lost
    }
    assert table["analysed_s"].to_dict() == {name: 2.8 if name in lost else 4.2 for name in EXPECTED}
    assert table["faultless_s"].to_dict() == {name: 4.2 if name == "clean" else 2.8 for name in EXPECTED}
    assert table["faulty"].to_dict() == {name: int(name != "clean" and name not in lost) for name in EXPECTED}


def test_readme_recipe_selects_what_is_without_faults(folder: Path) -> None:
    dataset = folder
    # The lines of the README.
    chunks = pd.read_parquet(dataset / "quality_chunks.parquet")
    good = chunks[(chunks["status"] == "accepted") & (chunks["faults"].str.len() == 0)]
    strict = good[(good["foot_slip_loaded_mm"] < 30) & (good["marker_rms_mm"] < 20)]
    harmless = chunks["faults"].map(lambda kinds: set(kinds) <= {"pelvis_residual", "reserve"})
    usable = chunks[(chunks["status"] == "accepted") & harmless]
    sequences = pd.read_parquet(dataset / "quality_sequences.parquet")
    whole = sequences[(sequences["chunks"] > 0) & (sequences["faults"].str.len() == 0)]

    bad = {(name, chunk_of(name)) for name in EXPECTED if EXPECTED[name]}
    everything = {(name, chunk) for name in EXPECTED for chunk in range(3)}
    assert set(zip(good["sequence_id"], good["chunk"], strict=True)) == everything - bad
    assert len(strict) == len(good)
    assert set(zip(usable["sequence_id"], usable["chunk"], strict=True)) == everything - bad | {
        ("pelvis", 1),
        ("reserve", 1),
    }
    assert list(whole["sequence_id"]) == ["clean"]
