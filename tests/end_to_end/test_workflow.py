"""From poses and markers to dataset, ledger and report: the real rules, the real solvers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mint.core.bundle import Bundle
from mint.core.motionfiles import read_storage
from tests.conftest import shared_file
from tests.end_to_end.conftest import MASS_KG, Run


def test_good_chunks_are_accepted(run: Run) -> None:
    ledger = run.ledger().set_index("sequence_id")
    for name in ("walk", "walk_mirrored", "walk_turned", "walk_raised"):
        assert ledger.loc[name, "status"] == "accepted", ledger.loc[name].to_dict()


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("nan", "failed", "not_finite"),
        ("truncated", "failed", "file_corrupt"),
        ("missing", "failed", "file_missing"),
        ("crawl", "excluded_contact", "non_foot_support"),
    ],
)
def test_a_bad_sequence_is_a_row_with_reason_and_remedy(run: Run, name: str, status: str, reason: str) -> None:
    row = run.ledger().set_index("sequence_id").loc[name]
    assert (row["status"], row["reason"]) == (status, reason)
    assert row["remedy"]


def test_a_second_run_does_nothing(run: Run) -> None:
    assert "Nothing to be done" in run.snakemake("--dry-run")


def test_verification_is_by_opensim_and_far_within_its_limits(run: Run) -> None:
    metrics = Bundle.read(run.results / "sequences/walk/chunks/000/verify.npz").meta["metrics"]
    assert metrics["residual_force_percent"] < 1.0
    assert metrics["own_contact_difference_max_N"] < 1.0


def test_musint_loads_the_dataset(run: Run) -> None:
    from musint.datasets.mint_dataset import MintDataset

    dataset = MintDataset(str(run.results / "dataset"))
    metadata = pd.read_csv(run.results / "dataset" / "mint_metadata.csv")
    path = next(p for p in metadata["data_path"] if p.endswith("/walk_poses"))
    assert not dataset.by_path(path).has_gap
    activations = dataset.by_path(path).get_muscle_activations(time_window=(0.2, 0.6), target_frame_count=8)
    assert activations.shape == (8, 402)
    assert np.nanmin(activations.to_numpy()) >= 0 and np.nanmax(activations.to_numpy()) <= 1


def test_ground_forces_of_walking_match_the_force_plates(run: Run) -> None:
    bundle = run.sequence("walking1")
    assert len(bundle["frames"]), bundle.status.message
    time_s = bundle["frames"] / 50
    columns = bundle.meta["grf_columns"]
    simulated = sum(bundle["grf"][:, columns.index(f"ground_force_{side}_vy")] for side in ("right", "left"))
    time, names, values, _ = read_storage(shared_file("motion/opencap_subject4/walking1_grf.mot"))
    plates = sum(np.interp(time_s, time, values[:, names.index(f"ground_force_{i}_vy")]) for i in (1, 2))
    assert np.sqrt(np.mean((simulated - plates) ** 2)) < 0.12 * MASS_KG * 9.80665


def test_walking_is_compared_with_its_force_plates_and_its_emg(run: Run) -> None:
    bundle = Bundle.read(run.results / "sequences/walking1/comparison.npz")
    assert bundle.ok, bundle.status.message
    assert bundle.names("channel_channel") == ["soleus_r"] and bundle.names("channel_left_out") == [""]
    assert bundle["channel_compared_s"][0] > 0.9 and "" in bundle.names("stance_left_out")


def test_the_report_is_one_offline_page(run: Run) -> None:
    html = (run.results / "report/index.html").read_text(encoding="utf-8")
    assert "<html" in html and "walk_mirrored" in html
