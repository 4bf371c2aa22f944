"""The public reader of MinT, the real package, opens what we write."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from musint.datasets.mint_dataset import MintDataset

from mint.core.tables import mint_columns
from mint.dataset.metadata import write_metadata
from mint.sequence.ground import GRF_COLUMNS
from tests.sequence import factory

WHOLE = "KIT/KIT/3/walk_straight_v2_poses"
HOLES = "BMLrub/BioMotionLab_NTroje/rub001/holes_poses"


@pytest.fixture(scope="session")
def reader(built: SimpleNamespace) -> MintDataset:
    return MintDataset(str(built.dataset))


def test_reader_is_the_public_package() -> None:
    assert version("musint") == "0.3.0"


def test_reader_finds_sequences_with_rows_and_no_others(reader: MintDataset) -> None:
    assert sorted(reader.metadata["data_path"]) == [HOLES, WHOLE]
    assert len(reader) == 2


def test_sample_by_path_has_the_metadata_of_the_sequence(reader: MintDataset) -> None:
    sample = reader.by_path(WHOLE)
    assert (sample.path_id, sample.subject, sample.dataset) == ("3/walk_straight_v2", "3", "KIT")
    assert (sample.weight, sample.height, sample.gender) == (70.0, 172.0, "female")
    assert (sample.amass_dur, sample.analysed_dur, sample.has_gap) == (6.0, 5.72, False)
    assert reader.by_path_id("3/walk_straight_v2").data_path == WHOLE
    assert reader.by_babel_sid(77).data_path == WHOLE
    assert reader.by_subject_and_sequence("3", "walk_straight_v2_poses").data_path == WHOLE
    assert [s.data_path for s in (reader[0], reader[1])] == list(reader.metadata["data_path"])


def test_window_of_the_papers_listing_has_14_rows_and_402_columns(reader: MintDataset) -> None:
    window = reader.by_path(WHOLE).get_muscle_activations(time_window=(0.3, 1.0), target_frame_count=14)
    assert window.shape == (14, 402)
    assert list(window.columns) == mint_columns()
    assert window.index[0] == 0.3 and window.index[-1] == 1.0
    frames = np.rint(50 * window.index.to_numpy()).astype(int)
    truth = factory.activation_truth(frames, 80)[:, factory.leg_muscles().index("soleus_r")]
    assert np.allclose(window["LU_soleus_r"], truth, atol=1e-6)


def test_rows_are_50_per_second_from_140_ms(reader: MintDataset) -> None:
    sample = reader.by_path(WHOLE)
    index = sample.muscle_activations.index
    assert index[0] == 0.14 and index[-1] == 5.84
    assert list(index) == [round(k / 50, 2) for k in range(7, 293)]
    for table in (sample.grf, sample.forces):
        assert table.index.equals(index)
    assert list(sample.grf.columns) == list(GRF_COLUMNS)


def test_gaps_are_missing_rows_and_the_reader_names_them(reader: MintDataset) -> None:
    sample = reader.by_path(HOLES)
    assert sample.has_gap is True
    assert sample.get_gaps() == [(1.52, 2.94), (4.32, 5.74)]
    assert sample.get_gaps(as_frame=True, target_fps=50) == [(76, 147), (216, 287)]


def test_valid_indices_leave_out_the_gaps(reader: MintDataset) -> None:
    sample = reader.by_path(HOLES)
    frames = sample.get_valid_indices(target_fps=50.0, as_time=False)
    assert set(frames) == set(range(7, 77)) | set(range(147, 217)) | set(range(287, 357))
    assert sample.get_valid_indices((1.4, 3.0)).max() <= 3.0


def test_ground_forces_and_muscle_forces_resample_within_a_window(reader: MintDataset) -> None:
    sample = reader.by_path(WHOLE)
    assert sample.get_grf((0.3, 1.0)).shape[1] == 18
    assert sample.get_forces((0.3, 1.0)).shape[1] == 402
    with pytest.raises(ValueError, match="gap"):
        reader.by_path(HOLES).get_grf((1.4, 3.0))


def test_values_are_finite_where_the_model_has_the_strand(reader: MintDataset) -> None:
    sample = reader.by_path(HOLES)
    activations = sample.muscle_activations
    present = activations.columns[activations.notna().all()]
    assert len(present) == 402 - 124 and activations[present].to_numpy().min() >= 0
    assert activations[present].to_numpy().max() <= 1
    assert np.isfinite(sample.grf.to_numpy()).all(), "the pickles hold the last valid centre of pressure"


def test_contact_flags_lie_beside_the_pickles(built: SimpleNamespace, reader: MintDataset) -> None:
    contact = pd.read_pickle(built.dataset / WHOLE / "contact.pkl")
    vertical = reader.by_path(WHOLE).grf["ground_force_right_vy"]
    assert contact.index.equals(vertical.index)
    assert ((vertical >= 20) == contact["contact_right"]).all() and not contact["contact_right"].all()


def test_only_metadata_is_csv_one_table_of_all_and_one_per_sub_dataset(
    built: SimpleNamespace, reader: MintDataset
) -> None:
    assert sorted(p.relative_to(built.dataset).as_posix() for p in built.dataset.rglob("*.csv")) == [
        "BMLrub/BioMotionLab_NTroje/BioMotionLab_NTroje.csv",
        "KIT/KIT/KIT.csv",
        "mint_metadata.csv",
    ]


def test_reader_rebuilds_its_table_from_those_of_the_sub_datasets(
    built: SimpleNamespace, reader: MintDataset, tmp_path: Path
) -> None:
    copied = shutil.copytree(built.dataset, tmp_path / "dataset")
    (copied / "mint_metadata.csv").unlink()
    rebuilt = MintDataset(str(copied), use_cache=False)
    pd.testing.assert_frame_equal(
        rebuilt.metadata.sort_values("data_path"), reader.metadata.sort_values("data_path"), check_index_type=False
    )
    assert rebuilt.by_path(WHOLE).path_id == "3/walk_straight_v2"
    again = MintDataset(str(copied))
    pd.testing.assert_frame_equal(again.metadata, rebuilt.metadata, check_index_type=False)


def test_reader_rebuilds_its_table_where_no_stature_is_known(tmp_path: Path) -> None:
    facts = {
        "weight_kg": None,
        "height_cm": None,
        "gender": "neutral",
        "duration_s": 3.0,
        "analysed_s": 1.4,
        "analysed_share": 0.47,
        "babel_sid": -1,
        "gap": False,
    }
    write_metadata(
        [
            {
                "data_path": f"Lab/Lab/{s}/walk_poses",
                "dataset": "Lab",
                "subject": s,
                "sequence": "walk_poses",
                "path_id": f"{s}/walk",
                **facts,
            }
            for s in "ab"
        ],
        tmp_path,
    )
    rebuilt = MintDataset(str(tmp_path), use_cache=False)
    assert list(rebuilt.metadata.index) == ["a/walk", "b/walk"] and rebuilt.metadata["height_cm"].isna().all()
