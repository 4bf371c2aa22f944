"""The sequence table of an AMASS folder (`mint add`)."""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from mint.body.smplh import POSE_VALUES
from mint.core.atomic import write_text
from mint.core.names import MAX_LENGTH, digest, sanitized
from mint.core.status import StageError
from mint.formats.kinds import known_formats
from mint.formats.npz import NpzFile
from mint.formats.registry import FORMATS, recognized
from mint.formats.trials import GENDERS

COLUMNS = (
    "sequence_id",
    "source",
    "path",
    "dataset",
    "subject",
    "gender",
    "mass_kg",
    "height_m",
    "frame_rate_override",
    "static_path",
    "marker_set",
    "belt_velocity_m_s",
    "babel_sid",
    "forces_path",
    "forces_offset_s",
    "emg_path",
    "emg_offset_s",
    "emg_side",
    "emg_maximum",
)
# Files of poses in the releases of AMASS; shape.npz and *_stagei.npz hold no motion.
SUFFIXES = ("_poses.npz", "_stageii.npz")


def find_sequences(folder: Path) -> Iterator[Path]:
    """Pose files `<dataset>/<subject>/<name>` below `folder`, in the order of their names.

    Links are followed and keep their names, as AMASS's sets often lie elsewhere; a folder that is linked into itself is
    entered once.
    """
    found: list[Path] = []
    entered: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        found += [Path(place) / name for name in files if name.endswith(SUFFIXES)]
    yield from sorted(found)


def table_row(path: Path, folder: Path, taken: set[str]) -> tuple[dict[str, str], str]:
    """The row of one file, and what is wrong with it (or nothing). Reads headers and the gender only."""
    parts = path.relative_to(folder).parts
    whole = folder.absolute().name
    dataset = parts[0] if len(parts) > 2 else whole
    subject = parts[-2] if len(parts) > 1 else whole
    stem = next((path.name[: -len(suffix)] for suffix in SUFFIXES if path.name.endswith(suffix)), path.stem)
    source, gender, problem = _told(path)
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "sequence_id": _unique(_named(f"{dataset}_{subject}_{stem}"), taken),
        "source": source,
        "path": str(path),
        "dataset": _named(dataset),
        "subject": _named(subject),
        "gender": gender,
        "babel_sid": "-1",
    }
    return row, problem


def table_text(rows: list[dict[str, str]], columns: Sequence[str] = COLUMNS) -> str:
    """The table; cells with tabs, line breaks or quotes are quoted, so that they are read back as they are."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, dialect="excel-tab", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _named(name: str) -> str:
    try:
        return sanitized(name)
    except ValueError:
        return f"unnamed-{digest(name)}"


def _unique(name: str, taken: set[str]) -> str:
    number, candidate = 2, name
    while candidate in taken:
        tail = f"_{number}"
        candidate = name[: MAX_LENGTH - len(tail)] + tail
        number += 1
    taken.add(candidate)
    return candidate


def _is_text(path: Path) -> bool:
    """Whether a table in UTF-8 can hold the path: names that are not UTF-8 come with halves of surrogate pairs."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _told(path: Path) -> tuple[str, str, str]:
    """Format and gender of a file, and what is wrong with it."""
    try:
        found = recognized(path)
        with NpzFile(path) as data:
            value = data.read("gender").reshape(-1) if "gender" in data.fields else None
            problem = _shape_problem(path, data) if found is FORMATS["amass"] else ""
    except StageError as error:
        return "", "", error.detail
    text = "" if value is None or value.size != 1 else value[0]
    gender = (text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)).strip().lower()
    gender = gender if gender in GENDERS else ""
    if found is None or found.kind != "poses":
        return "", gender, f"{path}: its content is not that of body poses; known are {known_formats()}"
    return found.name, gender, problem


def _shape_problem(path: Path, data: NpzFile) -> str:
    try:
        shape = data.header("poses").shape
    except StageError as error:
        return error.detail
    return "" if len(shape) == 2 and shape[1] == POSE_VALUES else f"{path}: field poses is {shape}, not SMPL-H"


def write_list(folder: Path, table: Path, force: bool = False) -> int:
    """Write the table of a folder, say what it has, and return an exit code. Files with a problem are listed too, for
    the ledger to name. A table that exists is replaced only by `force`."""
    if not folder.is_dir():
        print(f"{folder} is not a folder", file=sys.stderr)
        return 1
    if table.exists() and not force:
        print(f"{table} exists: choose another name, or --force to replace it", file=sys.stderr)
        return 1
    taken: set[str] = set()
    rows, problems = [], 0
    for path in find_sequences(folder):
        if not _is_text(path):
            problems += 1
            print(f"{os.fsencode(path)!r}: not listed, the name is not UTF-8: rename it", file=sys.stderr)
            continue
        row, problem = table_row(path, folder, taken)
        rows.append(row)
        if problem:
            problems += 1
            print(problem, file=sys.stderr)
    if not rows:
        print(f"no *{' or *'.join(SUFFIXES)} below {folder}", file=sys.stderr)
        return 1
    write_text(table, table_text(rows))
    print(f"{table}: {len(rows)} sequences, {problems} with a problem")
    return 0
