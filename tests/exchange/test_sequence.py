"""What the record of an export says where there is nothing to export."""

from __future__ import annotations

import json
from pathlib import Path

from mint.config.opensim import OpensimConfig
from mint.core.bundle import Bundle
from mint.core.chunks import windows
from mint.core.status import Reason, StageError
from mint.exchange import models, sequence


def record_of(folder: Path, merged: Bundle, status: str = "ok") -> dict[str, object]:
    merged.write(folder / "sequence.npz")
    (folder / "models.json").write_text(json.dumps({"status": status}))
    sequence.run(
        "walk", folder / "sequence.npz", [], folder / "models.json", folder / "walk.json", "m", 7, OpensimConfig()
    )
    return dict(json.loads((folder / "walk.json").read_text()))


def test_a_sequence_that_failed_is_recorded_with_reason_and_remedy(tmp_path: Path) -> None:
    failed = Bundle(StageError(Reason.FILE_MISSING, "walk.npz").as_status("validate"))
    record = record_of(tmp_path, failed)
    assert record["trials"] == [] and "file_missing: walk.npz" in str(record["status"])


def test_a_sequence_without_accepted_chunk_is_recorded(tmp_path: Path) -> None:
    assert "no accepted chunk" in str(record_of(tmp_path, Bundle.of("merge", {}, {"chunks": []}))["status"])


def test_models_that_cannot_be_read_are_a_record(tmp_path: Path) -> None:
    solved = {
        "activation_time_s": 0.015,
        "deactivation_time_s": 0.06,
        "tendon_strain": 0.049,
        "achilles_strain": 0.1,
        "muscle_damping": 0.01,
        "mtp_pattern": "mtp_angle_*",
        "mtp_stiffness": 25.0,
        "mtp_damping": 2.0,
        "trunk_passive_forces": False,
    }
    (tmp_path / "leg.osim").write_text("no model")
    models.run(tmp_path / "leg.osim", tmp_path / "gone.osim", None, tmp_path / "models.json", "m", solved)
    assert "file_corrupt" in json.loads((tmp_path / "models.json").read_text())["status"]


def test_chunks_of_a_faded_sequence_are_trials_as_well() -> None:
    planned = windows(500)
    joined, alone = planned[:2], planned[3]
    assert sequence.planned_trials("walk", [*joined, alone], "both") == {
        "walk_1": [0, 1],
        "walk_2": [2],
        "walk_c000": [0],
        "walk_c001": [1],
    }
    assert sequence.planned_trials("walk", joined, "whole") == {"walk": [0, 1]}
    assert sequence.planned_trials("walk", [*joined, alone], "chunks") == {
        "walk_c000": [0],
        "walk_c001": [1],
        "walk_c003": [2],
    }
    assert sequence.planned_trials("walk", planned[:1], "both") == {"walk": [0]}
