"""The CSV tables of MinT as published: which sequences there are, and of whom."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mint.core.names import digest, sanitized
from mint.core.status import Reason, StageError
from mint.reader.files import is_below

METADATA = "mint_metadata.csv"
_NEEDED = ("data_path", "dataset", "subject")
# Many times what a hundred thousand sequences take.
_MOST_BYTES = 200_000_000
_AGAIN = "download the table again from the dataset's publisher"


@dataclass(frozen=True)
class Entry:
    """A row: folder below the dataset, sub-dataset, subject, gender, mass kg, height m (NaN if unknown), BABEL's
    number (-1 if unknown)."""

    data_path: str
    dataset: str
    subject: str
    gender: str
    mass_kg: float
    height_m: float
    babel_sid: int


def read_metadata(root: Path) -> list[Entry]:
    """Sequences of `mint_metadata.csv`, else of every CSV below the root (as `musint` joins them), by data path.

    Raises StageError naming file, row and field for a table that is missing, lacks a column, leads out of the dataset
    or tells two things of one sequence.
    """
    whole = root / METADATA
    files = [whole] if whole.is_file() else sorted(path for path in root.rglob("*.csv") if path.is_file())
    if not files:
        raise StageError(
            Reason.FILE_MISSING,
            f"{root} has no {METADATA} and no other CSV below it",
            remedy="name the folder into which MinT was unpacked, or the folder `dataset` of results",
        )
    found: dict[str, Entry] = {}
    for path in files:
        for where, entry in _entries(path):
            if found.setdefault(entry.data_path, entry) != entry:
                raise StageError(
                    Reason.CONTRADICTION,
                    f"{where}, data_path {entry.data_path}: another row tells other things of this sequence",
                    remedy=_AGAIN,
                )
    return [found[path] for path in sorted(found)]


def safe_names(data_paths: Iterable[str]) -> dict[str, str]:
    """A name of each data path that is safe as one part of a path, also where case does not count."""
    names = {path: sanitized("-".join(path.removesuffix("_poses").split("/"))) for path in data_paths}
    count = Counter(name.casefold() for name in names.values())
    return {path: name if count[name.casefold()] == 1 else f"{name}-{digest(path)}" for path, name in names.items()}


def _entries(path: Path) -> Iterator[tuple[str, Entry]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"it has more than {_MOST_BYTES / 1e6:.0f} MB")
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = csv.DictReader(handle)
            if missing := [name for name in _NEEDED if name not in (rows.fieldnames or ())]:
                raise StageError(
                    Reason.FIELD_MISSING,
                    f"{path} has no column {', '.join(missing)}; expected the columns of {METADATA}",
                    remedy="keep no other CSV below the dataset",
                )
            for number, row in enumerate(rows, start=2):
                where = f"{path}, row {number}"
                yield where, _entry(where, {key: value for key, value in row.items() if isinstance(value, str)})
    except (OSError, ValueError, csv.Error) as error:
        raise StageError(Reason.FILE_CORRUPT, f"{path}: {error}", remedy=_AGAIN) from error


def _entry(where: str, row: dict[str, str]) -> Entry:
    data_path, dataset, subject = (row.get(name, "").strip() for name in _NEEDED)
    parts = data_path.split("/")
    if not (
        is_below(data_path)
        and data_path.isprintable()
        and any(map(str.isalnum, data_path))
        and "\\" not in data_path
        and not {"", "."} & set(parts)
    ):
        raise StageError(
            Reason.FIELD_VALUE,
            f"{where}, data_path: {data_path[:200]!r}; expected folders below the dataset, as KIT/KIT/3/walk_poses",
            remedy=_AGAIN,
        )
    if not dataset or not subject:
        raise StageError(
            Reason.FIELD_VALUE,
            f"{where}: dataset {dataset[:50]!r}, subject {subject[:50]!r}; both are needed to keep people apart",
            remedy=_AGAIN,
        )
    mass_kg, height_cm, babel_sid = (
        _number(where, name, row.get(name, "")) for name in ("weight_kg", "height_cm", "babel_sid")
    )
    return Entry(
        data_path,
        dataset,
        subject,
        row.get("gender", "").strip() or "neutral",
        mass_kg if mass_kg > 0 else math.nan,
        height_cm / 100 if height_cm > 0 else math.nan,
        int(babel_sid) if babel_sid >= 0 else -1,
    )


def _number(where: str, name: str, text: str) -> float:
    """A number; NaN where none is told."""
    try:
        value = float(text or "nan")
    except ValueError:
        value = math.inf
    if math.isinf(value):
        raise StageError(Reason.FIELD_VALUE, f"{where}, {name}: {text[:50]!r} is no number", remedy=_AGAIN)
    return value
