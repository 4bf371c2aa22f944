"""The tables of sequences and of marker adjustments: one typed row each, names made safe, defaults filled in."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator

from mint.core.names import digest, sanitized
from mint.core.status import Reason, StageError, StageStatus
from mint.formats.kinds import KINDS, kind_of
from mint.plan.tsv import TableRow, read_tsv

STAGE = "plan"
REQUIRED = ("sequence_id", "path", "dataset", "subject")
_CELL_REMEDY = "correct this cell of the sequence table"


class SequenceRow(BaseModel):
    """One row of `config/sequences.tsv`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sequence_id: str = Field(description="unique name; becomes a folder name after sanitising")
    source: str | None = Field(None, description="format of the file; empty: told by its content")
    path: str = Field(description="file, absolute or relative to the repository root")
    dataset: str = Field(description="name of the AMASS sub-dataset or of the lab")
    subject: str = Field(description="name of the subject within the dataset")
    gender: Literal["male", "female", "neutral"] | None = Field(None, description="overrides the file's gender")
    mass_kg: float | None = Field(None, gt=5, lt=300, description="measured body mass [kg]; else from the mesh")
    height_m: float | None = Field(None, gt=0.5, lt=2.6, description="measured stature [m]; compared with the body")
    frame_rate_override: float | None = Field(None, gt=5, lt=2000, description="true frame rate [Hz]")
    static_path: str | None = Field(None, description="static trial (markers) that scales the subject")
    marker_set: str | None = Field(
        None, description="folder under resources/marker_sets; empty: markers are registered"
    )
    belt_velocity_m_s: float | None = Field(
        None, gt=-15, lt=15, description="velocity of the belt along x [m/s]; empty: none"
    )
    forces_path: str | None = Field(None, description="measured ground forces (.mot, .sto, .csv); else the file's own")
    forces_offset_s: float = Field(0.0, ge=-3600, le=3600, description="added to the time of measured forces [s]")
    emg_path: str | None = Field(None, description="measured EMG (.mot, .sto, .csv); else the file's own")
    emg_offset_s: float = Field(0.0, ge=-3600, le=3600, description="added to the time of EMG [s]")
    emg_side: Literal["r", "l"] | None = Field(None, description="side of EMG channels whose names state none")
    emg_maximum: dict[str, float] | None = Field(
        None, description="largest EMG of channels, soleus_r=0.0008 and a comma before the next; else of all trials"
    )
    babel_sid: int = Field(-1, ge=-1, description="BABEL sequence id; -1 unknown")

    _line: int = PrivateAttr(0)
    _problem: StageStatus | None = PrivateAttr(None)

    @field_validator("sequence_id", "dataset", "subject")
    @classmethod
    def _usable_as_path(cls, value: str) -> str:
        return sanitized(value)

    @field_validator("emg_maximum", mode="before")
    @classmethod
    def _by_channel(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        out = {}
        for part in value.split(","):
            name, _, number = part.partition("=")
            try:
                out[name.strip()] = float(number)
            except ValueError:
                raise ValueError(f"{part.strip()!r} is no channel with its maximum: write soleus_r=0.0008") from None
        return out

    @field_validator("emg_maximum")
    @classmethod
    def _above_zero(cls, value: dict[str, float] | None) -> dict[str, float] | None:
        for name, number in (value or {}).items():
            if not (name and math.isfinite(number) and number > 0):
                raise ValueError(f"{name}={number:g} is no maximum: write a channel and a number above 0")
        return value

    @field_validator("source", "gender", "emg_side", mode="before")
    @classmethod
    def _in_any_case(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("source")
    @classmethod
    def _known_format(cls, value: str | None) -> str | None:
        if value is not None and value not in KINDS:
            raise ValueError(f"no known format; write {', '.join(KINDS)}, or leave the cell empty")
        return value

    @property
    def kind(self) -> str:
        """`poses` or `markers`; empty as long as the format is not known."""
        return kind_of(self.source)

    @property
    def subject_id(self) -> str:
        """Subjects are unique within a dataset only; pairs that differ have names that differ."""
        return subject_name(self.dataset, self.subject)

    @property
    def line(self) -> int:
        """Line of the table that the row stands in."""
        return self._line

    @property
    def problem(self) -> StageStatus | None:
        """What is wrong with the row itself; such a sequence is not run."""
        return self._problem


def subject_name(dataset: str, subject: str) -> str:
    """Name of a subject of a dataset, both sanitized.

    A dataset with a dash in its name gets a digest of the pair: `A-B` and `C` are someone else than `A` and `B-C`.
    """
    pair = f"{dataset}-{subject}"
    return sanitized(f"{pair}-{digest(f'{dataset}/{subject}')}" if "-" in dataset else pair)


def read_sequences(path: str | Path) -> list[SequenceRow]:
    """Read the table of sequences.

    What is wrong with one row is that row's `problem`, a status; the others go on. Raises ValueError with file, line,
    column and remedy for what concerns all: a table that cannot be read, columns that are unknown, repeated or missing,
    a name that two rows have. The run must not start then.
    """
    rows = [_sequence(path, row) for row in read_tsv(path, list(SequenceRow.model_fields), REQUIRED)]
    seen: dict[str, SequenceRow] = {}
    problems = []
    for row in rows:
        if other := seen.get(row.sequence_id):
            problems.append(
                f"{path}, line {row.line}, column sequence_id: {row.sequence_id} is also in line "
                f"{other.line}; give every sequence a name of its own"
            )
        seen[row.sequence_id] = row
    if problems:
        raise ValueError("\n".join(problems))
    return rows


def _sequence(path: str | Path, given: TableRow) -> SequenceRow:
    """A typed row. What cannot be understood in it is left at its default and becomes its problem."""
    cells = {
        name: _path_as_given(cell) if name.endswith("path") else cell.strip() for name, cell in given.cells.items()
    }
    problems: dict[str, str] = {}
    try:
        row = SequenceRow.model_validate(cells)
    except ValidationError as error:
        for each in error.errors():
            column = str(each["loc"][0])
            what = each["msg"].removeprefix("Value error, ")
            problems.setdefault(
                column,
                "is empty, but needed"
                if each["type"] == "missing"
                else f"{cells.get(column)!r}: {what[:1].lower()}{what[1:]}",
            )
        usable = {
            "sequence_id": f"line_{given.line}",
            "path": "",
            "dataset": "unknown",
            "subject": "unknown",
        } | {name: cell for name, cell in cells.items() if name not in problems}
        row = SequenceRow.model_validate(usable)
    if given.surplus:
        problems["path"] = (
            f"the row has {len(given.surplus)} more cells than the table has columns ({given.surplus[0]!r}); "
            "put a cell with a tab in it into double quotes"
        )
    row._line = given.line
    if problems:
        detail = "; ".join(f"{path}, line {given.line}, column {column}: {what}" for column, what in problems.items())
        row._problem = StageError(Reason.TABLE, detail, remedy=_CELL_REMEDY).as_status(STAGE)
    return row


def _path_as_given(cell: str) -> str:
    """White space around a path is a slip of the pen, unless there is a file of that very name."""
    trimmed = cell.strip()
    try:
        return cell if cell != trimmed and Path(cell).exists() else trimmed
    except (OSError, ValueError):
        return trimmed


ADJUSTMENT_COLUMNS = ("subject", "marker", "dx_mm", "dy_mm", "dz_mm", "note")


def read_adjustments(path: str | Path) -> dict[str, list[dict[str, str | float]]]:
    """Marker adjustments by subject id: rows `marker, dx_mm, dy_mm, dz_mm` (x forward, y up, z right; mm).

    The note is left out, so that a comment never makes a result out of date. Raises ValueError.
    """
    out: dict[str, list[dict[str, str | float]]] = {}
    for given in read_tsv(path, ADJUSTMENT_COLUMNS, ADJUSTMENT_COLUMNS):
        where = f"{path}, line {given.line}, column"
        for column in ("subject", "marker"):
            if column not in given.cells:
                raise ValueError(f"{where} {column}: is empty; name the {column}")
        row: dict[str, str | float] = {"marker": given.cells["marker"].strip()}
        for axis in ("dx_mm", "dy_mm", "dz_mm"):
            text = given.cells.get(axis, "0").strip()
            try:
                row[axis] = float(text)
            except ValueError as error:
                raise ValueError(f"{where} {axis}: {text!r} is no number of mm; write it like -2.5") from error
            if not math.isfinite(float(row[axis])) or abs(float(row[axis])) > 200:
                raise ValueError(
                    f"{where} {axis}: {row[axis]} mm is no adjustment (limit 200 mm); correct the marker's "
                    "place in the marker set instead"
                )
        for name in _subjects_meant(given.cells["subject"].strip(), where):
            out.setdefault(name, []).append(row)
    return out


def _subjects_meant(text: str, where: str) -> list[str]:
    """Subject ids that `dataset-subject` may mean: each dash may be the one between dataset and subject."""
    splits = [(text[:i], text[i + 1 :]) for i, character in enumerate(text) if character == "-"]
    names = []
    for dataset, subject in splits:
        try:
            names.append(subject_name(sanitized(dataset), sanitized(subject)))
        except ValueError:
            continue
    try:
        names.append(sanitized(text))
    except ValueError as error:
        raise ValueError(f"{where} subject: {error}") from error
    return list(dict.fromkeys(names))
