"""`python -m mint.body.list_amass AMASS_FOLDER TABLE.tsv`: the sequence table of an AMASS folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from mint.body.smplh import GENDERS, POSE_VALUES
from mint.core.atomic import write_text
from mint.core.names import MAX_LENGTH, sanitized
from mint.core.status import StageError
from mint.formats.npz import NpzFile

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
)
# Files of poses in the releases of AMASS; shape.npz and *_stagei.npz hold no motion.
SUFFIXES = ("_poses.npz", "_stageii.npz")


def find_sequences(folder: Path) -> Iterator[Path]:
    """Pose files `<dataset>/<subject>/<name>` below `folder`, in the order of their names."""
    for path in sorted(folder.rglob("*.npz")):
        if path.name.endswith(SUFFIXES):
            yield path


def table_row(path: Path, folder: Path, taken: set[str]) -> tuple[dict[str, str], str]:
    """The row of one file, and what is wrong with it (or nothing). Reads headers and the gender only."""
    parts = path.relative_to(folder).parts
    dataset = parts[0] if len(parts) > 2 else folder.name
    subject = parts[-2] if len(parts) > 1 else folder.name
    stem = next((path.name[: -len(suffix)] for suffix in SUFFIXES if path.name.endswith(suffix)), path.stem)
    name = _unique(_clean(f"{dataset}_{subject}_{stem}"), taken)
    gender, problem = _gender(path)
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "sequence_id": name,
        "source": "amass",
        "path": _shown(path),
        "dataset": _clean(dataset),
        "subject": _clean(subject),
        "gender": gender,
        "babel_sid": "-1",
    }
    return row, problem


def _clean(name: str) -> str:
    try:
        return sanitized(name)
    except ValueError:
        return "unnamed"


def _unique(name: str, taken: set[str]) -> str:
    number, candidate = 2, name
    while candidate in taken:
        tail = f"_{number}"
        candidate = name[: MAX_LENGTH - len(tail)] + tail
        number += 1
    taken.add(candidate)
    return candidate


def _shown(path: Path) -> str:
    """Relative to the current folder where it lies below, absolute elsewhere."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _gender(path: Path) -> tuple[str, str]:
    try:
        with NpzFile(path) as data:
            shape = data.header("poses").shape
            value = data.read("gender").reshape(-1) if "gender" in data.fields else None
    except StageError as error:
        return "", error.detail
    problem = (
        "" if len(shape) == 2 and shape[1] == POSE_VALUES else f"{path}: field poses is {shape}, not SMPL-H"
    )
    text = "" if value is None or value.size != 1 else value[0]
    gender = (text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)).strip().lower()
    return (gender if gender in GENDERS else ""), problem


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit code. Files with a problem are listed too, for the ledger to name."""
    parser = argparse.ArgumentParser(prog="python -m mint.body.list_amass", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with <dataset>/<subject>/<name>_poses.npz")
    parser.add_argument("table", type=Path, help="table to write")
    parser.add_argument("--force", action="store_true", help="replace an existing table")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        print(f"{given.folder} is not a folder", file=sys.stderr)
        return 1
    if given.table.exists() and not given.force:
        print(f"{given.table} exists: choose another name, or --force to replace it", file=sys.stderr)
        return 1
    taken: set[str] = set()
    lines, problems = ["\t".join(COLUMNS)], 0
    for path in find_sequences(given.folder):
        row, problem = table_row(path, given.folder, taken)
        lines.append("\t".join(row[column] for column in COLUMNS))
        if problem:
            problems += 1
            print(problem, file=sys.stderr)
    if len(lines) == 1:
        print(f"no *{' or *'.join(SUFFIXES)} below {given.folder}", file=sys.stderr)
        return 1
    write_text(given.table, "\n".join(lines) + "\n")
    print(f"{given.table}: {len(lines) - 1} sequences, {problems} with a problem")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
