"""A finding survives its record, and says nothing where nothing was found."""

from __future__ import annotations

import pytest

from mint.core.finding import Finding
from mint.core.status import Reason, StageError, StageStatus

FOUND = Finding("tracking", coordinate="hip_flexion_r", node=0)


def test_a_finding_comes_back_from_the_record_of_a_status() -> None:
    status = StageError(Reason.TRACKING, "hip", finding=FOUND).as_status("verify")
    record = status.to_json()
    assert record["finding"] == {"constraint": "tracking", "coordinate": "hip_flexion_r", "node": 0}
    assert StageStatus.from_json(record) == status


def test_a_status_without_a_finding_has_the_record_that_it_had_before_there_were_any() -> None:
    record = StageStatus("ik").to_json()
    assert "finding" not in record and StageStatus.from_json(record).finding == Finding()


@pytest.mark.parametrize("values", [{"node": 1.5}, {"node": -1}, {"node": True}, {"muscle": 3}, {"unknown": ""}])
def test_a_record_that_no_stage_writes_is_refused(values: dict[str, object]) -> None:
    record = StageStatus("ik").to_json() | {"finding": values}
    with pytest.raises((TypeError, ValueError)):
        StageStatus.from_json(record)
