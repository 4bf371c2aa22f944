"""What the stages write, dataset and release, is what the reader opens."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from mint.core.tables import mint_columns
from mint.dataset.mask import mask_table
from mint.reader import MintReader

HOLES = "KIT/KIT/s1/holes_poses"


@pytest.fixture(scope="module", params=["dataset", "release"])
def reader(request: pytest.FixtureRequest, built: SimpleNamespace) -> MintReader:
    return MintReader(getattr(built, request.param))


def test_sequences_and_tables_are_listed(reader: MintReader) -> None:
    assert list(reader.sequences.index) == ["whole", "holes"] and reader.sequences.loc["holes", "gap"]
    assert reader.tables(HOLES) == [
        "extra_muscles",
        "grf",
        "joint_loads",
        "joint_moments",
        "joint_powers",
        "mask",
        "muscle_activations",
        "muscle_forces",
    ]
    assert list(reader.muscles()["mint_column"]) == mint_columns()
    assert len(reader.labels()) == 0 and len(reader.quality("chunks")) == 5 + 5


def test_windows_hold_what_was_merged(reader: MintReader, built: SimpleNamespace) -> None:
    windows = reader.windows(1.4, 50, tables=("muscle_activations", "grf"), columns={"grf": ["ground_force_left_vy"]})
    assert [(w.sequence_id, w.start_s) for w in windows] == [
        ("whole", 0.14),
        ("whole", 1.54),
        ("whole", 2.94),
        ("whole", 4.34),
        ("holes", 0.14),
        ("holes", 2.94),
        ("holes", 4.34),
        ("holes", 5.74),
    ]
    for window in windows:
        bundle = built.merged[window.sequence_id]
        rows = np.searchsorted(bundle["frames"], np.rint(50 * window.times).astype(int))
        assert np.array_equal(window.arrays["muscle_activations"], bundle["activation"][rows], equal_nan=True)
        assert window.columns["muscle_activations"] == tuple(mint_columns())


def test_a_table_is_read_over_time_with_gaps_as_missing_rows(reader: MintReader) -> None:
    table = reader.read(HOLES, "grf", ["contact_right", "ground_force_right_vy"], time_window=(1.5, 3.0))
    assert table.index.name == "time_s" and list(table.columns) == ["contact_right", "ground_force_right_vy"]
    assert list(table.index) == [1.5, 1.52, 2.94, 2.96, 2.98, 3.0]
    assert table.dtypes.tolist() == [np.dtype(bool), np.dtype("float32")]


def test_the_mask_has_every_frame_and_what_became_of_its_chunk(reader: MintReader) -> None:
    mask = reader.mask("holes")
    assert list(mask.columns) == ["present", "chunk", "status"]
    assert list(mask.index) == [round(k / 50, 2) for k in range(7, 357)]
    assert list(mask.index[mask["present"]]) == list(reader.read("holes", "grf").index)
    assert list(mask["chunk"]) == [k // 70 for k in range(350)]
    assert (mask["present"] == (mask["status"] == "accepted")).all()
    assert set(mask.loc[~mask["present"], "status"]) == {"discarded"}


def test_gaps_are_named_with_their_reason(reader: MintReader) -> None:
    gaps = reader.intervals("holes").query("not present")
    assert gaps[["frame_start", "frame_stop", "reasons"]].to_numpy().tolist() == [[77, 147, "pelvis_residual"]]


def test_chunks_of_low_quality_are_left_out_of_windows(reader: MintReader) -> None:
    windows = reader.windows(1.4, 50, sequences="holes", chunk_quality="marker_rms_mm < 20")
    assert [window.start_s for window in windows] == [0.14, 4.34, 5.74]
    long = reader.windows(7.0, 50, sequences="holes", chunk_quality="marker_rms_mm < 20", min_coverage=0.5)
    assert [window.present.tolist() for window in long] == [[True] * 70 + [False] * 140 + [True] * 140]
    assert np.isnan(long[0].arrays["muscle_activations"][70:210]).all()


def test_sequences_are_chosen_by_their_quality(reader: MintReader) -> None:
    assert list(reader.select(quality="marker_rms_mm_worst < 20").index) == ["whole"]
    assert list(reader.select(quality="discarded > 0 and analysed_share > 0.5").index) == ["holes"]


def test_frames_of_no_chunk_have_neither_chunk_nor_status(built: SimpleNamespace) -> None:
    bundle = built.merged["holes"]
    bundle.meta["chunks"] = bundle.meta["chunks"][1:]
    table = mask_table(bundle, {}).to_pandas()
    assert table.loc[:69, ["chunk", "status"]].isna().all().all() and table.loc[70:, "chunk"].notna().all()


def test_files_are_small_plain_parquet_with_units(built: SimpleNamespace) -> None:
    path = built.dataset / HOLES / "muscle_activations.parquet"
    column = pq.read_metadata(path).row_group(0).column(2)
    assert column.compression == "LZ4" and set(column.encodings) == {"PLAIN", "RLE"} and not column.is_stats_set
    assert pd.read_parquet(path).shape == (280, 404)
    units = {field.name: field.metadata[b"unit"] for field in pq.read_schema(path.with_name("mask.parquet"))}
    assert units == {"frame": b"1 (50 frames/s)", "time_s": b"s", "present": b"1", "chunk": b"1", "status": b"1"}
