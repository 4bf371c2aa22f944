"""`model: full402` is the same workflow with every strand present."""

from __future__ import annotations

import json

import numpy as np

from mint.core.motionfiles import read_storage
from tests.end_to_end.conftest import Run


def test_full402_fills_all_402_columns(full402: Run) -> None:
    assert full402.ledger().set_index("sequence_id").loc["walk", "status"] == "accepted", full402.ledger().to_dict(
        "records"
    )
    sequence = full402.sequence("walk")
    assert sequence["activation"].shape[1] == 402
    assert np.isfinite(sequence["activation"]).all()
    assert np.isfinite(sequence["muscle_force_N"]).all()
    # Walking needs most strands at some time: a filled column is not a column of floor values.
    assert np.mean(sequence["activation"].max(axis=0) > 0.011) > 0.5


def test_full402_is_exported_with_its_cartilage_and_spine(full402: Run) -> None:
    record = json.loads((full402.results / "opensim/exported/walk.json").read_text(encoding="utf-8"))
    assert record["status"] == "ok" and [trial["trial"] for trial in record["trials"]] == ["walk"], record
    assert record["trials"][0]["legs_pelvis_residual_N"] < 5.0
    [forces] = full402.results.glob("opensim/*/OpenSimData/Dynamics/walk/forces_whole_walk.mot")
    _, columns, values, _ = read_storage(forces)
    struts = full402.chunk("walk", "trunk").names("struts")
    assert struts and set(struts) <= set(columns) and np.isfinite(values).all()
    loads = full402.sequence("walk")["l5s1_compression_N"]
    assert loads.min() > 200.0 and loads.max() < 3500.0
