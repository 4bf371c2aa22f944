"""`model: full402` is the same workflow with every strand present."""

from __future__ import annotations

import numpy as np

from tests.end_to_end.conftest import Run


def test_full402_fills_all_402_columns(full402: Run) -> None:
    assert full402.ledger().set_index("sequence_id").loc["walk", "status"] == "accepted", full402.ledger().to_dict("records")
    sequence = full402.sequence("walk")
    assert sequence["activation"].shape[1] == 402
    assert np.isfinite(sequence["activation"]).all()
    assert np.isfinite(sequence["muscle_force_N"]).all()
    # Walking needs most strands at some time: a filled column is not a column of floor values.
    assert np.mean(sequence["activation"].max(axis=0) > 0.011) > 0.5
