"""What the rows of one subject say about the person together, and where they contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from mint.core.status import Reason, StageError, StageStatus
from mint.plan.sequences import STAGE, SequenceRow

# Results in proportion to a number change by as much as the number does: what differs by more is a contradiction.
TOLERATED_SHARE = 0.05
SMPLH_MARKERS = "smplh67"
_MEASURED = ("mass_kg", "height_m")


@dataclass(frozen=True)
class SubjectFacts:
    """What holds for all sequences of a subject; `problem` is why none of them can be run."""

    kind: str
    marker_set: str
    static_path: str | None
    mass_kg: float | None
    height_m: float | None
    problem: StageStatus | None = None


def subject_facts(rows: Sequence[SequenceRow]) -> dict[str, SubjectFacts]:
    """Facts of every subject that has a usable row: each is taken from whichever of these rows states it.

    A subject is scaled once, with one mass, marker set and static trial. Rows that state different ones contradict each
    other, and nobody knows which is right: then no sequence of that subject is run. Masses and heights may differ by
    5 %; the first counts.
    """
    by_subject: dict[str, list[SequenceRow]] = defaultdict(list)
    for row in rows:
        if row.problem is None:
            by_subject[row.subject_id].append(row)
    return {name: _facts(name, mine) for name, mine in by_subject.items()}


def _facts(name: str, rows: list[SequenceRow]) -> SubjectFacts:
    contradictions = [
        text for column in ("marker_set", "static_path", "gender", *_MEASURED) if (text := _contradiction(column, rows))
    ]
    problem = None
    if contradictions:
        detail = f"rows of subject {name} of the sequence table contradict each other: {'; '.join(contradictions)}"
        problem = StageError(
            Reason.CONTRADICTION,
            detail,
            remedy="correct the row that is wrong, or give another "
            "person, session or marker set another name in column subject",
        ).as_status(STAGE)
    marker_set = next((name for row in rows if (name := _marker_set(row))), "")
    static_path = next((row.static_path for row in rows if row.static_path), None)
    mass_kg = next((row.mass_kg for row in rows if row.mass_kg is not None), None)
    height_m = next((row.height_m for row in rows if row.height_m is not None), None)
    kind = next((row.kind for row in rows if row.kind), "")
    return SubjectFacts(kind, marker_set, static_path, mass_kg, height_m, problem)


def _marker_set(row: SequenceRow) -> str:
    """Rows of body poses follow the virtual markers; markers without a set are registered."""
    return row.marker_set or (SMPLH_MARKERS if row.kind == "poses" else "")


def _contradiction(column: str, rows: list[SequenceRow]) -> str:
    """Two rows that state different values, or nothing."""
    first: tuple[SequenceRow, object] | None = None
    for row in rows:
        value = _marker_set(row) if column == "marker_set" else getattr(row, column)
        if value in (None, ""):
            continue
        if first is None:
            first = row, value
        elif not _same(column, first[1], value):
            return f"{column} is {first[1]} in line {first[0].line} and {value} in line {row.line}"
    return ""


def _same(column: str, one: object, other: object) -> bool:
    if column in _MEASURED and isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= TOLERATED_SHARE * min(one, other)
    return one == other
