"""Names of the markers of a .trc, each by the column above which it stands; all that counts markers is compared."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from mint.core.status import Reason, StageError

MAX_MARKERS = 10_000
LABEL = re.compile(r"([XYZ])(\d{1,9})", re.IGNORECASE)
_EXPORT = "export the .trc again"


def read_names(
    path: str | Path,
    names_at: int,
    lines: list[str],
    labels: list[str] | None,
    first_row: int,
    declared_text: str | None,
    warnings: list[str],
) -> tuple[tuple[str, ...], bool]:
    """One name for each three columns of the table, and whether tabs separate its columns.

    A name stands at the first of its three columns. Some exporters put one or two tabs between names instead: then the
    names count in their order, but only if all other counts agree with theirs.
    """
    line = lines[names_at]
    by_tabs = "\t" in line
    if by_tabs:
        # Some write a blank between the first two names, whatever separates the others.
        line = re.sub(r"^(\s*frame\S*) +(?=time\b)", r"\1\t", line, flags=re.IGNORECASE)
    cells = [cell.strip() for cell in line.split("\t")] if by_tabs else line.split()
    named = [cell for cell in cells[2:] if cell]
    if not named and declared_text == "0":
        return (), by_tabs
    if not named:
        raise StageError(
            Reason.MARKER_MISSING,
            f"{path}: no marker names in line {names_at + 1}",
            remedy="export the .trc again with marker names",
        )
    if len(named) > MAX_MARKERS:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: {len(named)} marker names in line {names_at + 1}, limit {MAX_MARKERS}",
            remedy=_EXPORT,
        )
    if len(set(named)) < len(named):
        repeated = Counter(named).most_common(1)[0][0]
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: marker name {repeated} occurs more than once",
            remedy="give every marker its own name",
        )
    declared = whole_number(path, "NumMarkers", declared_text) if declared_text else None
    labelled = _labelled(path, labels, names_at + 2)
    width = _width(lines, first_row)
    names = _by_column(cells, labelled, declared, width) if by_tabs else None
    for words in (named, line.split()[2:]):
        if names is None and len(set(words)) == len(words) and _all_agree(len(words), labelled, declared, width):
            names = words
    counts = (
        f"line {names_at + 1} names {len(named)} markers, NumMarkers is {declared_text or 'missing'}, "
        f"line {names_at + 2} "
        f"labels the columns of {labelled if labelled is not None else 'none'}, the first row has cells for "
        f"{((width or 2) - 2) / 3:.3g}"
    )
    if names is None:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: {counts}: which name belongs to which columns cannot be told",
            remedy="write each name above the first of its three columns, and their number into NumMarkers",
        )
    if declared not in (None, len(names), len(named)):
        if len(named) < len(names):
            raise StageError(
                Reason.FIELD_VALUE, f"{path}: {counts}", remedy="name every marker, and correct NumMarkers"
            )
        warnings.append(
            f"{path}: NumMarkers is {declared}, but {len(names)} markers are named and have columns: all are read"
        )
    unnamed = [3 * i + 3 for i, name in enumerate(names) if not name]
    if unnamed:
        warnings.append(
            f"{path}: column {', '.join(map(str, unnamed))} has no marker name in line {names_at + 1}: "
            f"left out with the two that follow"
        )
    return tuple(names), by_tabs


def _by_column(cells: list[str], labelled: int | None, declared: int | None, width: int | None) -> list[str] | None:
    """Names in every third cell from the third on, empty ones included; None if names do not stand there or if there
    are other columns than theirs: a name missing at the end can have stood anywhere, with the others moved up."""
    if any(cells[3::3]) or any(cells[4::3]):
        return None
    names = [cells[i] for i in range(2, len(cells), 3)]
    while not names[-1]:
        names.pop()
    markers = labelled if labelled is not None else max(len(names), declared if "" in names and declared else 0)
    return names if len(names) == markers and (width is None or width <= 2 + 3 * markers) else None


def _all_agree(count: int, labelled: int | None, declared: int | None, width: int | None) -> bool:
    """Whether whatever else counts markers counts as many as there are names."""
    if width is not None and width > 2 + 3 * count:
        return False
    complete = width is None or width == 2 + 3 * count
    return declared in (None, count) and (labelled == count if labelled is not None else complete)


def _labelled(path: str | Path, labels: list[str] | None, number: int) -> int | None:
    """Markers that the line `X1 Y1 Z1 X2 ...` counts. Raises StageError where it says that columns are exchanged."""
    if labels is None:
        return None
    expected = _labels(int(labels[0][1:]), len(labels))
    if labels != expected:
        for label, wanted in zip(labels, expected, strict=True):
            if label.upper() != wanted:
                raise StageError(
                    Reason.FIELD_VALUE,
                    f"{path}: line {number} labels a column {label[:20]} where {wanted} is expected",
                    remedy="columns must be X, Y, Z of the first marker, then those of the second, and so on",
                )
    if len(labels) % 3:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{path}: line {number} labels {len(labels)} columns, not three for each marker",
            remedy=_EXPORT,
        )
    return len(labels) // 3


@lru_cache(maxsize=64)
def _labels(first: int, count: int) -> list[str]:
    return [f"{axis}{first + i // 3}" for i, axis in zip(range(count), "XYZ" * (count // 3 + 1), strict=False)]


def _width(lines: list[str], first_row: int) -> int | None:
    """Columns of the first row up to its last cell that is not empty."""
    row = next((line for line in lines[first_row:] if line.strip()), None)
    if row is None:
        return None
    cells = row.rstrip().split("\t")
    mixed = len(cells) == 1 or any(len(cell.split()) > 1 for cell in cells)
    return len(row.split()) if mixed else len(cells)


def whole_number(path: str | Path, key: str, text: str) -> int:
    """A whole number of the header. Raises StageError naming its key."""
    try:
        value = float(text)
        if value == int(value):
            return int(value)
    except (ValueError, OverflowError):
        pass
    raise StageError(Reason.FIELD_VALUE, f"{path}: {key} is {text[:40]!r}, must be a whole number", remedy=_EXPORT)
