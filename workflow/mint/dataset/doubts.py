"""What one sequence of a person proves about its clock, the others with the same stated rate are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mint.core.status import Reason

REMEDY = "look at this sequence beside the refused one: set frame_rate_override for both, or for neither"


def doubts(records: Mapping[str, Mapping[str, Any]], ledger: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Sequence id -> why its stated frame rate is doubtful.

    A recording session has one clock: where the ledger refuses a sequence of a subject because its motion or its file
    contradicts the stated rate (reason `frame_rate`), every other sequence of that subject with the very same stated
    rate [Hz] is suspect, although nothing in it alone shows it: squats look human at any speed. Sequences whose rate is
    given by the table (`frame_rate_override`) neither prove nor are suspected.
    """
    refused: dict[str, str] = {}
    for row in ledger:
        if row["reason"] == Reason.FRAME_RATE.value:
            refused.setdefault(str(row["sequence_id"]), str(row["detail"]))
    proofs: dict[tuple[str, float], list[str]] = defaultdict(list)
    for name in sorted(refused):
        if session := _session(records.get(name, {})):
            proofs[session].append(name)
    out = {}
    for name, record in records.items():
        session = _session(record)
        if session and name not in refused and proofs.get(session):
            first = proofs[session][0]
            out[name] = (
                f"its stated frame rate of {session[1]:.10g} Hz is doubtful: sequence {first} of the same person with "
                f"the same stated rate was refused: {refused[first]}"
            )
    return out


def _session(record: Mapping[str, Any]) -> tuple[str, float] | None:
    rate = float(record.get("rate_hz") or 0.0)
    if record.get("frame_rate_override") is not None or rate <= 0:
        return None
    return str(record.get("subject_id")), rate
