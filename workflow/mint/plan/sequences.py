"""The table of sequences: one typed row each, names made safe, defaults filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from mint.core.names import sanitized

_OPTIONAL = ("mass_kg", "height_m", "frame_rate_override", "static_path", "marker_set", "belt_velocity_m_s",
             "babel_sid", "gender")


class SequenceRow(BaseModel):
    """One row of `config/sequences.tsv`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sequence_id: str = Field(description="unique name; becomes a folder name after sanitising")
    source: Literal["amass", "trc"] = Field(description="amass: SMPL-H pose file; trc: optical markers")
    path: str = Field(description="file, absolute or relative to the repository root")
    dataset: str = Field(description="name of the AMASS sub-dataset or of the lab")
    subject: str = Field(description="name of the subject within the dataset")
    gender: Literal["male", "female", "neutral"] | None = Field(None, description="overrides the file's gender")
    mass_kg: float | None = Field(None, gt=5, lt=300, description="measured body mass [kg]; else from the mesh")
    height_m: float | None = Field(None, gt=0.5, lt=2.6, description="stature [m]; compared with mesh or markers")
    frame_rate_override: float | None = Field(None, gt=5, lt=2000, description="true frame rate [Hz]")
    static_path: str | None = Field(None, description="static trial (.trc) that scales the subject")
    marker_set: str | None = Field(None, description="folder under resources/marker_sets; needed for trc")
    belt_velocity_m_s: float | None = Field(None, description="velocity of the belt along x [m/s]; empty: none")
    babel_sid: int = Field(-1, description="BABEL sequence id; -1 unknown")

    @field_validator("sequence_id", "dataset", "subject")
    @classmethod
    def _usable_as_path(cls, value: str) -> str:
        return sanitized(value)

    @property
    def subject_id(self) -> str:
        """Subjects are unique within a dataset only."""
        return sanitized(f"{self.dataset}-{self.subject}")


def read_sequences(path: str | Path) -> list[SequenceRow]:
    """Read and check the table. Raises ValueError naming file, line and field; the run must not start then."""
    try:
        frame = pd.read_csv(path, sep="\t", dtype=str, comment="#", keep_default_na=False)
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise ValueError(f"{path}: cannot be read as a tab-separated table: {error}") from error
    rows: list[SequenceRow] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line, record in enumerate(frame.to_dict("records"), start=2):
        given = {str(k).strip(): str(v).strip() for k, v in record.items() if str(v).strip()}
        try:
            row = SequenceRow.model_validate(given)
        except ValidationError as error:
            problems += [f"{path}, row {line}, {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            continue
        if row.source == "trc" and not row.marker_set:
            problems.append(f"{path}, row {line}, marker_set: needed for source trc")
        if row.sequence_id in seen:
            problems.append(f"{path}, row {line}, sequence_id: {row.sequence_id} is also row {seen[row.sequence_id]}")
        seen[row.sequence_id] = line
        rows.append(row)
    if problems:
        raise ValueError("\n".join(problems))
    return rows


ADJUSTMENT_COLUMNS = ("subject", "marker", "dx_mm", "dy_mm", "dz_mm", "note")


def read_adjustments(path: str | Path) -> dict[str, list[dict[str, str | float]]]:
    """Marker adjustments by subject id: rows `marker, dx_mm, dy_mm, dz_mm` (x forward, y up, z right; mm).

    The note is left out, so that a comment never makes a result out of date. Raises ValueError.
    """
    frame = pd.read_csv(path, sep="\t", comment="#", dtype=str, keep_default_na=False)
    if missing := [name for name in ADJUSTMENT_COLUMNS if name not in frame.columns]:
        raise ValueError(f"{path}: missing columns {', '.join(missing)}")
    out: dict[str, list[dict[str, str | float]]] = {}
    for line, record in enumerate(frame.to_dict("records"), start=2):
        row: dict[str, str | float] = {"marker": str(record["marker"]).strip()}
        for axis in ("dx_mm", "dy_mm", "dz_mm"):
            try:
                row[axis] = float(record[axis] or 0)
            except ValueError as error:
                raise ValueError(f"{path}, row {line}, {axis}: {record[axis]!r} is not in mm") from error
            if abs(float(row[axis])) > 200:
                raise ValueError(f"{path}, row {line}, {axis}: {row[axis]} mm is no adjustment (limit 200 mm)")
        out.setdefault(sanitized(str(record["subject"])), []).append(row)
    return out
