"""What is wrong with one row of the sequence table, seen beside its files and the model: it costs nobody else."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from mint.core.status import Reason, StageError, StageStatus
from mint.core.tables import RESOURCES
from mint.plan.sequences import STAGE, SequenceRow
from mint.plan.subjects import SMPLH_MARKERS, SubjectFacts

_SET_FILES = ("markers", "measurements")


def row_problem(
    row: SequenceRow,
    facts: SubjectFacts | None,
    root: Path,
    model: str,
    known: Mapping[str, object],
    unrecognized: StageError | None = None,
) -> StageStatus | None:
    """Why a row cannot be run, or None. `known` are files that a rule will make; `unrecognized` is why the format of
    the file could not be told."""
    if row.problem is not None:
        return row.problem
    try:
        _check_cells(row)
        if facts is not None and facts.problem is not None:
            return facts.problem
        _check_marker_set(row, model)
        if row.path not in known:
            _check_file(row, "path", row.path, root)
        if unrecognized is not None:
            raise unrecognized
        if row.kind == "markers" and facts is not None and facts.static_path:
            _check_file(row, "static_path", facts.static_path, root)
    except StageError as error:
        return error.as_status(STAGE)
    return None


def _where(row: SequenceRow, column: str) -> str:
    return f"sequence {row.sequence_id} (line {row.line} of the sequence table), column {column}"


def _check_cells(row: SequenceRow) -> None:
    for column in ("path", "static_path", "forces_path", "emg_path"):
        if set("{}") & set(getattr(row, column) or ""):
            raise StageError(
                Reason.TABLE,
                f"{_where(row, column)}: {getattr(row, column)!r} holds braces, which the workflow "
                "reads as placeholders",
                remedy="rename the file or folder, or name a link to it",
            )
    if row.kind == "poses" and row.static_path:
        raise StageError(
            Reason.TABLE,
            f"{_where(row, 'static_path')}: is {row.static_path!r}, but body poses carry "
            "their own shape and are not scaled from a static trial",
            remedy="leave the cell empty",
        )


def _check_marker_set(row: SequenceRow, model: str) -> None:
    """The row's set exists and has tables for the model. Raises StageError(MARKER_MISSING)."""
    if not row.marker_set and row.kind == "markers":
        return  # registered
    name = row.marker_set or SMPLH_MARKERS
    fitting = marker_sets(model)
    if name in fitting:
        return
    there = _folders()
    if name in there.split(", "):
        raise StageError(
            Reason.MARKER_MISSING,
            f"{_where(row, 'marker_set')}: set {name} has no tables for model {model}; "
            f"sets that have: {', '.join(fitting)}",
            remedy=f"add markers_{model}.csv and measurements_{model}.csv to resources/marker_sets/{name}, "
            "or choose another `model` in config/config.yaml",
        )
    near = difflib.get_close_matches(name, fitting, n=1)
    raise StageError(
        Reason.MARKER_MISSING,
        f"{_where(row, 'marker_set')}: set {name!r} is unknown; for model {model} there are {', '.join(fitting)}",
        remedy=f"write {near[0]}"
        if near
        else "leave the cell empty, so that the markers are registered, name one of these, or add a folder to "
        "resources/marker_sets (docs/motion/markers.md)",
    )


@cache
def marker_sets(model: str) -> tuple[str, ...]:
    """Names of the marker sets with tables for a model."""
    return tuple(
        folder.name
        for folder in sorted((RESOURCES / "marker_sets").iterdir())
        if all((folder / f"{part}_{model}.csv").is_file() for part in _SET_FILES)
    )


@cache
def _folders() -> str:
    """Names of the marker sets with tables for any model."""
    return ", ".join(
        folder.name for folder in sorted((RESOURCES / "marker_sets").iterdir()) if any(folder.glob("markers_*.csv"))
    )


def _check_file(row: SequenceRow, column: str, path: str, root: Path) -> None:
    """A regular file stands there. Raises StageError(FILE_MISSING)."""
    try:
        mode = (root / path).stat().st_mode
    except (OSError, ValueError) as error:
        # A link whose target is gone is there itself.
        dangling = _is_link(root / path)
        what = "is a link whose target does not exist" if dangling else f"cannot be found: {_reason(error)}"
        raise StageError(
            Reason.FILE_MISSING,
            f"{_where(row, column)}: {path!r} {what}",
            remedy=f"correct the cell, or put the file there (paths count from {root.resolve()})",
        ) from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise StageError(
            Reason.FILE_MISSING, f"{_where(row, column)}: {path!r} is {kind}", remedy="name the motion file itself"
        )


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except (OSError, ValueError):
        return False


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
