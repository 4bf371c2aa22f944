"""What is doubtful about the measured forces and EMG of a sequence, for its row of the quality table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mint.batch.check import OUTPUT, SUBJECT_OUTPUT
from mint.core.bundle import Bundle
from mint.core.status import StageError


def measurement_warnings(name: str, record: Mapping[str, Any], results: Path) -> list[str]:
    """Measurements that stage measured has left out, what stage compare found of their clock, and doubts about the
    largest EMG of the person.

    `record` is the sequence's in the plan. A result that is not there says nothing, one that cannot be read says so.
    """
    if record.get("problem"):
        return []
    files = [results / "sequences" / name / OUTPUT[stage] for stage in ("measured", "compare")]
    if subject := record.get("subject_id"):
        files.append(results / "subjects" / str(subject) / SUBJECT_OUTPUT["emg_scale"])
    out: list[str] = []
    for path in files:
        if not path.exists():
            continue
        try:
            bundle = Bundle.read(path)
        except StageError as error:
            out.append(error.detail)
            continue
        # What failed upstream is in the ledger.
        out += bundle.status.warnings if bundle.ok else ()
    return out
